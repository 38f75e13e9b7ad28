//! What can be done about a warning by setting values: where each of them is set.

use node_core::check::CheckedPage;
use node_core::{BlockId, Edit, Fix};

/// The edits that set the values of a fix: of attributes where they come from, a set or the block itself, of inputs their
/// literals. `None` where one cannot be set, because a wire gives it.
pub fn edits(checked: &CheckedPage, id: &BlockId, fix: &Fix) -> Option<Vec<Edit>> {
    fix.values.iter().map(|(name, text)| checked.assign(&checked.set_at(id, name), text).ok()).collect()
}
