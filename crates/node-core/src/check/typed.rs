//! What a person types for an attribute or a literal of a block, on a page as it is.

use std::sync::Arc;

use super::CheckedPage;
use crate::attr::AttrSpec;
use crate::attr_text;
use crate::dtype::DType;
use crate::page::BlockId;
use crate::spec::Role;
use crate::value::{Value, Wanted};

impl CheckedPage {
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
