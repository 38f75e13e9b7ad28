//! What typed text means for the page: one place for every field, so that what is typed can be kept whenever the page
//! is left, wherever its field stands.

use node_core::check::{CheckedBlock, CheckedPage, Origin};
use node_core::page::Written;
use node_core::{BlockId, Direction, Role, Value, attr_text};

use crate::command::Command;
use crate::value_text::{parse_attr, parse_literal};
use crate::view_state::Field;

/// What the text of a field asks for, nothing if it says what is there already; or why it cannot be.
pub fn meaning(checked: &CheckedPage, field: &Field, text: &str) -> Result<Option<Command>, String> {
    match field {
        Field::Attr(id, name) => attribute(checked, id, name, text),
        Field::Literal(id, name) => literal(checked, id, name, text),
        Field::Id(id) => rename(checked, id, text),
        Field::PageName => {
            let name = text.trim();
            let is_there = checked.page.name.as_deref().unwrap_or_default() == name;
            Ok((!is_there).then(|| Command::NamePage(name.to_owned())))
        }
        Field::AttrText(id) => attributes(checked, id, text),
        Field::NewAttr(id) if text.trim().is_empty() => Ok(set_attrs(id, Vec::new())),
        Field::NewAttr(id) => Ok(set_attrs(id, attr_text::parse(text)?)),
    }
}

/// A set has any attributes; other blocks those of their type.
fn attribute(checked: &CheckedPage, id: &BlockId, name: &str, text: &str) -> Result<Option<Command>, String> {
    let block = checked.blocks.get(id).map(|block| &**block);
    let spec = block.and_then(|block| block.block).map(|block| block.spec());
    let value = match spec.filter(|spec| spec.role != Role::AttributeSet).and_then(|spec| spec.attr(name)) {
        Some(attr) => parse_attr(attr, block, text)?,
        None => Some(of_set(checked, id, name, text)?),
    };
    let own = checked.page.block(id.as_str()).and_then(|node| node.attrs.get(name));
    let is_there = own == value.as_ref().map(|written| &written.value);
    Ok((!is_there).then(|| Command::SetAttr { block: id.clone(), name: name.to_owned(), value }))
}

/// A value of a set. What the blocks that it feeds cannot take is refused with their reason.
fn of_set(checked: &CheckedPage, id: &BlockId, name: &str, text: &str) -> Result<Written, String> {
    if text.trim().is_empty() {
        return Err(format!("{name} needs a value; remove it instead"));
    }
    let fed = checked.page.wires.iter().filter(|wire| wire.from.block == *id).map(|wire| &wire.to.block);
    for (to, spec) in fed.filter_map(|to| Some((to, checked.blocks.get(to)?.block?.spec().attr(name)?))) {
        if let Some(written) = parse_attr(spec, None, text).map_err(|e| format!("{to}: {e}"))? {
            return Ok(written);
        }
    }
    let value = attr_text::parse(&format!("{name}={}", text.trim())).ok().and_then(|v| v.into_iter().next());
    Ok(Written::from(value.map_or_else(|| Value::from_typed(text.trim()), |(_, value)| value)))
}

fn literal(checked: &CheckedPage, id: &BlockId, name: &str, text: &str) -> Result<Option<Command>, String> {
    let spec = checked.blocks.get(id).and_then(|block| block.block).map(|block| block.spec());
    let Some(port) = spec.and_then(|spec| spec.port(Direction::In, name)) else {
        return Err(format!("{id} has no input '{name}'"));
    };
    let value = parse_literal(port, text)?;
    let own = checked.page.block(id.as_str()).and_then(|node| node.inputs.get(name));
    let is_there = own == value.as_ref().map(|written| &written.value);
    Ok((!is_there).then(|| Command::SetInput { block: id.clone(), name: name.to_owned(), value }))
}

fn rename(checked: &CheckedPage, id: &BlockId, text: &str) -> Result<Option<Command>, String> {
    match BlockId::new(text.trim()) {
        Some(to) if to == *id => Ok(None),
        Some(to) if checked.page.blocks.contains_key(&to) => Err(format!("There is a block {to} already.")),
        Some(to) if checked.page.is_named(&to) => {
            Err(format!("Wires or places of the page name {to}, although there is no such block."))
        }
        Some(to) => Ok(Some(Command::Rename { from: id.clone(), to })),
        None => Err("Ids are letters, digits and _.".to_owned()),
    }
}

/// All attributes as text; those that are wired, and those that are there already, stay.
fn attributes(checked: &CheckedPage, id: &BlockId, text: &str) -> Result<Option<Command>, String> {
    let values = attr_text::parse(text)?;
    let Some(block) = checked.blocks.get(id) else { return Ok(None) };
    let spec = block.block.map(|block| block.spec()).filter(|spec| spec.role != Role::AttributeSet);
    let entry = |name: &str| block.effective.iter().find(|entry| entry.spec.name == name);
    if let Some(spec) = spec {
        for (name, value) in &values {
            let entry = entry(name).ok_or_else(|| format!("{} has no attribute '{name}'", spec.name))?;
            entry.spec.resolve(value, None)?;
        }
    }
    let own = |name: &str| checked.page.block(id.as_str()).and_then(|node| node.attrs.get(name));
    let stays = |block: &CheckedBlock, name: &str, value: &Value| {
        let entry = block.effective.iter().find(|entry| entry.spec.name == name);
        own(name) == Some(value)
            || entry.is_some_and(|e| matches!(e.origin, Origin::Wired(_)) || e.value.as_ref() == Some(value))
    };
    Ok(set_attrs(id, values.into_iter().filter(|(name, value)| !stays(block, name, value)).collect()))
}

fn set_attrs(id: &BlockId, values: Vec<(String, Value)>) -> Option<Command> {
    let values: Vec<_> = values.into_iter().map(|(name, value)| (name, Written::from(value))).collect();
    (!values.is_empty()).then(|| Command::SetAttrs { block: id.clone(), values })
}
