//! What a person types for an attribute or a literal of a block, on a page as it is.

use std::sync::Arc;

use super::{CheckedPage, Effective, Origin, Source};
use crate::attr::AttrSpec;
use crate::attr_text;
use crate::dtype::DType;
use crate::edit::Edit;
use crate::page::{BlockId, PortRef, Written};
use crate::port::Direction;
use crate::problem::suggestion;
use crate::spec::Role;
use crate::value::{Value, Wanted};

impl CheckedPage {
    /// The edit that gives an attribute of a block or a set, or the literal of an input that no wire leads to, the value
    /// that a person types; of an attribute nothing typed is the default. What a wire gives is refused by its name.
    pub fn assign(&self, target: &PortRef, text: &str) -> Result<Edit, String> {
        let PortRef { block: id, port: name } = target;
        let Some(block) = self.blocks.get(id) else {
            let hint = suggestion(id.as_str(), self.page.blocks.iter().map(|(id, _)| id.as_str()));
            return Err(format!("there is no block '{id}'{hint}"));
        };
        let Some(spec) = block.spec() else {
            return Err(format!("the type of block '{id}' is unknown, so its attributes are too"));
        };
        let entry = block.effective.iter().find(|entry| entry.spec.answers_to(name));
        match entry {
            Some(Effective { origin: Origin::Wired(set), .. }) => {
                Err(format!("{target} is wired; set {set}.{name} instead"))
            }
            None if spec.role != Role::AttributeSet => self.assign_input(target, text),
            _ => {
                let value = self.parse_typed_attr(id, name, text)?;
                Ok(Edit::set_attr(id, self.written_as(id, name), value.map(Written::from)))
            }
        }
    }

    fn assign_input(&self, target: &PortRef, text: &str) -> Result<Edit, String> {
        let (id, block) = (&target.block, self.blocks.get(&target.block));
        let Some((block, spec)) = block.and_then(|block| Some((block, block.spec()?))) else {
            return Err(format!("there is no block '{id}'"));
        };
        let Some(port) = spec.port(Direction::In, &target.port) else {
            let hint = suggestion(&target.port, spec.attrs.iter().map(|attr| &*attr.name));
            return Err(format!("{} has no attribute '{}'{hint}", spec.name, target.port));
        };
        let nth = spec.input_index(&port.name);
        if nth.is_none_or(|nth| block.literals.get(nth).is_none_or(Option::is_none)) {
            let given = nth.and_then(|nth| block.inputs.get(nth)?.first());
            return Err(match given {
                Some(Source::Output { block, .. }) => {
                    format!("{target} is wired, so '{block}' gives its value; set that block's attributes instead")
                }
                _ => format!("{target} takes no literal"),
            });
        }
        match port.parse_typed(text, block.bound_dtype(&port.name))? {
            Some(value) => Ok(Edit::set_input(id, &port.name, Some(Written::from(value)))),
            None => Err(format!("{target} needs a value")),
        }
    }

    /// Where a block's attribute or input of that name is set: in the set that is wired to it, or at the block.
    pub fn set_at(&self, id: &BlockId, name: &str) -> PortRef {
        let block = self.blocks.get(id);
        let entry = block.and_then(|block| block.effective.iter().find(|entry| entry.spec.answers_to(name)));
        match entry {
            Some(Effective { origin: Origin::Wired(set), written, .. }) => PortRef::new(set, written),
            Some(Effective { written, .. }) => PortRef::new(id, written),
            None => PortRef::new(id, name),
        }
    }

    /// The name under which a block has an attribute, or would have it: `name`, or another that it answers to.
    pub fn written_as<'n>(&'n self, id: &BlockId, name: &'n str) -> &'n str {
        let entry = self.blocks.get(id).and_then(|block| block.effective.iter().find(|e| e.spec.answers_to(name)));
        entry.map_or(name, |entry| &entry.written)
    }

    /// What `text` means as the attribute `name` of the block `id`: a value that fits, or nothing for the default. A set
    /// has any attributes; what the blocks that it feeds cannot take is refused with their reason.
    pub fn parse_typed_attr(&self, id: &BlockId, name: &str, text: &str) -> Result<Option<Value>, String> {
        let block = self.blocks.get(id);
        let spec = block.and_then(|block| block.spec()).filter(|spec| spec.role != Role::AttributeSet);
        match spec.and_then(|spec| spec.attr(name)) {
            Some(attr) => attr.parse_typed(text, block.and_then(|block| block.fixed_dtype(attr))),
            None => self.parse_typed_of_set(id, name, text).map(Some),
        }
    }

    /// Why a block that the set `id` feeds cannot take `value` for its attribute `name`.
    pub fn why_unfit(&self, id: &BlockId, name: &str, value: &Value) -> Option<String> {
        self.fed_attrs(id, name)
            .find_map(|(to, attr, dtype)| attr.resolve(value, dtype).err().map(|why| format!("{to}: {why}")))
    }

    /// The attribute `name` of the blocks that a set feeds, and what their literals are fixed to.
    fn fed_attrs<'c>(
        &'c self,
        id: &'c BlockId,
        name: &'c str,
    ) -> impl Iterator<Item = (&'c BlockId, &'c Arc<AttrSpec>, Option<DType>)> {
        let fed = self.links(id).into_iter().flat_map(|links| &links.outgoing).map(|wire| &wire.to.block);
        fed.filter_map(move |to| {
            let block = self.blocks.get(to)?;
            let attr = block.spec()?.attr(name)?;
            Some((to, attr, block.fixed_dtype(attr)))
        })
    }

    fn parse_typed_of_set(&self, id: &BlockId, name: &str, text: &str) -> Result<Value, String> {
        if text.trim().is_empty() {
            return Err(format!("{name} needs a value; remove it instead"));
        }
        let mut given = None;
        for (to, attr, dtype) in self.fed_attrs(id, name) {
            if let Some(value) = attr.parse_typed(text, dtype).map_err(|why| format!("{to}: {why}"))? {
                given.get_or_insert(value);
            }
        }
        if let Some(value) = given {
            return Ok(value);
        }
        let read = attr_text::parse(&format!("{name}={}", text.trim())).unwrap_or_default();
        match <[_; 1]>::try_from(read) {
            Ok([(_, value)]) if !matches!(value, Value::String(_)) => Ok(value),
            _ => Value::parse_typed(text, Wanted::Numbers),
        }
    }
}
