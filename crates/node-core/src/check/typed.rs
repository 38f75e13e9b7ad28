//! What a person types for an attribute of a block, on a page as it is.

use super::CheckedPage;
use crate::attr_text;
use crate::page::BlockId;
use crate::spec::Role;
use crate::value::{Value, Wanted};

impl CheckedPage {
    /// What `text` means as the attribute `name` of the block `id`: a value that fits, or nothing for the default. A set
    /// has any attributes; what the blocks that it feeds cannot take is refused with their reason.
    pub fn parse_typed_attr(&self, id: &BlockId, name: &str, text: &str) -> Result<Option<Value>, String> {
        let block = self.blocks.get(id);
        let spec = block.and_then(|block| block.block).map(|block| block.spec());
        match spec.filter(|spec| spec.role != Role::AttributeSet).and_then(|spec| spec.attr(name)) {
            Some(attr) => attr.parse_typed(text, block.and_then(|block| block.fixed_dtype(attr))),
            None => self.parse_typed_of_set(id, name, text).map(Some),
        }
    }

    fn parse_typed_of_set(&self, id: &BlockId, name: &str, text: &str) -> Result<Value, String> {
        if text.trim().is_empty() {
            return Err(format!("{name} needs a value; remove it instead"));
        }
        let fed = self.page.wires.iter().filter(|wire| wire.from.block == *id).map(|wire| &wire.to.block);
        let mut given = None;
        for to in fed {
            let block = self.blocks.get(to);
            let attr = block.and_then(|block| block.block?.spec().attr(name));
            if let (Some(block), Some(attr)) = (block, attr)
                && let Some(value) =
                    attr.parse_typed(text, block.fixed_dtype(attr)).map_err(|why| format!("{to}: {why}"))?
            {
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
