//! What can be done about a warning by setting values: where each of them is set.

use node_core::check::{CheckedPage, Origin};
use node_core::page::Written;
use node_core::{BlockId, Edit, Fix};

/// The edits that set the values of a fix: of attributes where they come from, a set or the block itself, of inputs their
/// literals. `None` where one cannot be set, because a wire gives it.
pub fn edits(checked: &CheckedPage, id: &BlockId, fix: &Fix) -> Option<Vec<Edit>> {
    fix.values.iter().map(|(name, text)| edit(checked, id, name, text)).collect()
}

fn edit(checked: &CheckedPage, id: &BlockId, name: &str, text: &str) -> Option<Edit> {
    let block = checked.blocks.get(id)?;
    let spec = block.spec()?;
    if spec.attr(name).is_some() {
        let wired = block.effective.iter().find(|entry| entry.spec.name == *name).map(|entry| &entry.origin);
        let target = match wired {
            Some(Origin::Wired(set)) => set,
            _ => id,
        };
        let value = checked.parse_typed_attr(target, name, text).ok()?;
        return Some(Edit::set_attr(target, name, value.map(Written::from)));
    }
    let nth = spec.input_index(name)?;
    block.literals.get(nth)?.as_ref()?;
    let port = spec.inputs().nth(nth)?;
    let value = port.parse_typed(text, block.bound_dtype(name)).ok()??;
    Some(Edit::set_input(id, &port.name, Some(Written::from(value))))
}
