//! What typed text means for the page: one place for every field, so that what is typed can be kept whenever the page
//! is left, wherever its field stands.

pub mod data_type;
pub mod elements;
pub mod fixed;

use node_core::attr::{Attr, AttrDefault};
use node_core::check::{CheckedBlock, CheckedPage, Origin, no_scope};
use node_core::page::{Written, is_scope};
use node_core::{AttrSpec, AttrType, BlockId, DType, Direction, Role, Value, attr_text};

use crate::command::Command;
use crate::state::dialog::ValueDialog;
use crate::state::view::Field;

/// What the text of a field asks for, nothing if it says what is there already; or why it cannot be.
pub fn meaning(checked: &CheckedPage, field: &Field, text: &str) -> Result<Option<Command>, String> {
    match field {
        Field::Attr(id, name) => attribute(checked, id, name, text),
        Field::Literal(id, name) => literal(checked, id, name, text),
        Field::Id(id) => rename(checked, id, text),
        Field::PageName => {
            let name = text.trim();
            if !name.is_empty() && !is_scope(name) {
                return Err(no_scope(name));
            }
            let is_there = checked.page.name.as_deref().unwrap_or_default() == name;
            Ok((!is_there).then(|| Command::NamePage(name.to_owned())))
        }
        Field::Title(name) => {
            let title = text.trim();
            let is_there = checked.page.decor.frames.get(name).is_none_or(|frame| frame.title == title);
            Ok((!is_there).then(|| Command::TitleFrame(name.clone(), title.to_owned())))
        }
        Field::Note(name) => {
            let is_there = checked.page.decor.notes.get(name).is_none_or(|note| note.text == text);
            Ok((!is_there).then(|| Command::WriteNote(name.clone(), text.to_owned())))
        }
        Field::Element(id, flat) => elements::meaning(checked, id, *flat, text, true),
        Field::Shape(id) => elements::shape(checked, id, text),
        Field::AttrText(id) => attributes(checked, id, text),
        Field::NewAttr(id) if text.trim().is_empty() => Ok(set_attrs(id, Vec::new())),
        Field::NewAttr(id) => {
            let new = attr_text::parse(text)?;
            fit_set(checked, id, &new)?;
            Ok(set_attrs(id, new.into_iter().map(|(name, value)| (name, Some(value))).collect()))
        }
    }
}

/// What keeping a dialog's value asks for, or why it cannot be kept.
pub fn of_dialog(checked: &CheckedPage, value: &ValueDialog) -> Result<Option<Command>, String> {
    if value.keeps_what_is_left_out() { Ok(None) } else { meaning(checked, &value.field, &value.text) }
}

fn attribute(checked: &CheckedPage, id: &BlockId, name: &str, text: &str) -> Result<Option<Command>, String> {
    let value = checked.parse_typed_attr(id, name, text)?.map(Written::from);
    let own = checked.page.block(id.as_str()).and_then(|node| node.attrs.get(name));
    let entry = checked.blocks.get(id).and_then(|block| block.effective.iter().find(|entry| entry.spec.name == name));
    let default = entry.filter(|entry| entry.origin == Origin::Default).and_then(|entry| entry.value.as_ref());
    let typed = value.as_ref().map(|written| &written.value);
    let is_there = own == typed || (typed.is_some() && default == typed);
    Ok((!is_there).then(|| Command::SetAttr { block: id.clone(), name: name.to_owned(), value }))
}

fn literal(checked: &CheckedPage, id: &BlockId, name: &str, text: &str) -> Result<Option<Command>, String> {
    let spec = checked.blocks.get(id).and_then(|block| block.spec());
    let Some(port) = spec.and_then(|spec| spec.port(Direction::In, name)) else {
        return Err(format!("{id} has no input '{name}'"));
    };
    let value =
        port.parse_typed(text, checked.blocks.get(id).and_then(|block| block.bound_dtype(name)))?.map(Written::from);
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

/// All attributes as text: what the text leaves out goes back to its default, or away. Those that are wired, and those
/// that are there already, stay.
fn attributes(checked: &CheckedPage, id: &BlockId, text: &str) -> Result<Option<Command>, String> {
    let values = attr_text::parse(text)?;
    let Some(block) = checked.blocks.get(id) else { return Ok(None) };
    let spec = block.spec().filter(|spec| spec.role != Role::AttributeSet);
    let entry = |name: &str| block.effective.iter().find(|entry| entry.spec.name == name);
    let is_wired = |name: &str| entry(name).is_some_and(|e| matches!(e.origin, Origin::Wired(_)));
    if let Some(spec) = spec {
        for (name, value) in &values {
            let entry = entry(name).ok_or_else(|| format!("{} has no attribute '{name}'", spec.name))?;
            entry.spec.resolve(value, dtype_beside(&entry.spec, &values, block)?)?;
        }
        let is_left_out = |name: &str| !is_wired(name) && !values.iter().any(|(given, _)| given == name);
        let mut required = spec.attrs.iter().filter(|attr| attr.default == AttrDefault::Required);
        if let Some(attr) = required.find(|attr| is_left_out(&attr.name)) {
            return Err(format!("{} must be set", attr.name));
        }
    }
    if spec.is_none() {
        fit_set(checked, id, &values)?;
    }
    let own = |name: &str| checked.page.block(id.as_str()).and_then(|node| node.attrs.get(name));
    let stays = |name: &str, value: &Value| {
        own(name) == Some(value) || is_wired(name) || entry(name).is_some_and(|e| e.value.as_ref() == Some(value))
    };
    let node = checked.page.block(id.as_str());
    let left_out = node.into_iter().flat_map(|node| node.attrs.names()).filter(|name| !is_wired(name));
    let left_out = left_out.filter(|name| !values.iter().any(|(given, _)| given == name));
    let mut changes: Vec<(String, Option<Value>)> = left_out.map(|name| (name.to_owned(), None)).collect();
    let new = values.into_iter().filter(|(name, value)| !stays(name, value));
    changes.extend(new.map(|(name, value)| (name, Some(value))));
    Ok(set_attrs(id, changes))
}

/// The data type that a literal is fixed to by the text itself, else as it is now.
fn dtype_beside(attr: &AttrSpec, values: &[(String, Value)], block: &CheckedBlock) -> Result<Option<DType>, String> {
    let AttrType::Tensor { dtype_attr } = &attr.ty else { return Ok(None) };
    let entry = block.effective.iter().find(|entry| entry.spec.name == *dtype_attr);
    let given = values.iter().find(|(name, _)| *name == **dtype_attr);
    match (given, entry) {
        (Some((_, value)), Some(entry)) if !matches!(entry.origin, Origin::Wired(_)) => {
            match entry.spec.resolve(value, None)? {
                Attr::DType(dtype) => Ok(Some(dtype)),
                _ => Ok(None),
            }
        }
        (None, Some(entry)) if entry.origin == Origin::Own => Ok(None),
        _ => Ok(block.fixed_dtype(attr)),
    }
}

/// Whether the blocks that a set feeds can take what it would hold.
fn fit_set(checked: &CheckedPage, id: &BlockId, values: &[(String, Value)]) -> Result<(), String> {
    match values.iter().find_map(|(name, value)| checked.why_unfit(id, name, value)) {
        Some(why) => Err(why),
        None => Ok(()),
    }
}

fn set_attrs(id: &BlockId, changes: Vec<(String, Option<Value>)>) -> Option<Command> {
    let values: Vec<_> = changes.into_iter().map(|(name, value)| (name, value.map(Written::from))).collect();
    (!values.is_empty()).then(|| Command::SetAttrs { block: id.clone(), values })
}
