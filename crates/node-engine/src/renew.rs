//! A session goes on with the same page that has other attributes.

use std::sync::Arc;

use node_core::BlockId;
use node_core::check::CheckedPage;

use crate::run::Session;

/// Has a session that was planned for `before` run `after`, which has come from it. `false`, and nothing happens, where
/// more than attributes and what follows from them is different: then it takes a new plan.
pub fn renew(session: &mut Session, before: &CheckedPage, after: &CheckedPage) -> bool {
    changed_blocks(before, after)
        .is_some_and(|blocks| blocks.is_empty() || session.change(|plan| plan.renew(after, &blocks)))
}

/// The blocks that are not the same in two checks of which one has come from the other; `None` if more than their
/// attributes differs, or what follows from these.
fn changed_blocks(before: &CheckedPage, after: &CheckedPage) -> Option<Vec<BlockId>> {
    if !Arc::ptr_eq(&before.order, &after.order) || before.blocks.len() != after.blocks.len() {
        return None;
    }
    let mut changed = Vec::new();
    for ((was, a), (id, b)) in before.blocks.iter().zip(&after.blocks) {
        if Arc::ptr_eq(a, b) {
            continue;
        }
        let is_wired_alike = Arc::ptr_eq(&a.inputs, &b.inputs) && Arc::ptr_eq(&a.literals, &b.literals);
        if was != id || !is_wired_alike {
            return None;
        }
        changed.push(id.clone());
    }
    Some(changed)
}
