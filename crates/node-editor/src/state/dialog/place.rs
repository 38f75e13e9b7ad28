//! Asking where a page runs, and where a cluster computes blocks.

use std::collections::BTreeSet;

use node_core::check::CheckedPage;
use node_core::{Attr, BlockId, Role};

use crate::state::tab::{Tab, TabId};

/// Where a page is to run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceDialog {
    /// The page.
    pub tab: TabId,
    /// Whether on a cluster.
    pub on_cluster: bool,
    /// The cluster, as it is typed.
    pub target: String,
}

impl PlaceDialog {
    /// As it is for a page now: what it says itself stands ready.
    pub(crate) fn new(tab: &Tab) -> PlaceDialog {
        let said = || said_by(&tab.document.checked);
        let target = tab.target.as_deref().map(str::to_owned).or_else(said).unwrap_or_else(|| "grpc://".to_owned());
        PlaceDialog { tab: tab.id, on_cluster: tab.target.is_some(), target }
    }
}

/// The cluster that a page's fetching blocks name.
pub(crate) fn said_by(checked: &CheckedPage) -> Option<String> {
    let fetching = checked.blocks.values().filter(|block| block.role() == Some(Role::Fetch));
    let mut targets = fetching.filter_map(|block| match block.setup.as_ref()?.attrs.get("target") {
        Some(Attr::String(target)) if !target.is_empty() => Some(target.to_string()),
        _ => None,
    });
    targets.next()
}

/// Where a cluster is to compute blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceDialog {
    /// The page.
    pub tab: TabId,
    /// The blocks.
    pub blocks: BTreeSet<BlockId>,
    /// The device, as it is typed.
    pub device: String,
    /// What is wrong with it.
    pub wrong: Option<String>,
}
