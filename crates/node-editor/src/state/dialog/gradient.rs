//! Asking which gradient a page is to have.

use node_core::PortRef;
use node_core::check::CheckedPage;
use node_core::gradient::{Asked, differentiable, wanted_of};

use crate::state::tab::{Tab, TabId};

/// Which gradient is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradientDialog {
    /// The page.
    pub tab: TabId,
    /// The output that is differentiated.
    pub of: PortRef,
    /// The outputs that it can be differentiated for, and whether it is to be.
    pub wanted: Vec<(PortRef, bool)>,
    /// The output that gives its gradient; 1 without one.
    pub given: Option<PortRef>,
    /// Why it could not be made.
    pub errors: Vec<String>,
}

impl GradientDialog {
    /// For the block that is selected, if it can be differentiated, else for the first scalar. `None` if nothing can be.
    pub fn new(tab: &Tab) -> Option<GradientDialog> {
        let checked = &tab.document.checked;
        let all = differentiable(checked);
        let selected = tab.view.selected_block();
        let of = all.iter().find(|port| selected == Some(&port.block)).or(all.first())?.clone();
        let mut dialog = GradientDialog { tab: tab.id, of, wanted: Vec::new(), given: None, errors: Vec::new() };
        dialog.look(checked);
        Some(dialog)
    }

    /// Finds what the output can be differentiated for.
    pub fn look(&mut self, checked: &CheckedPage) {
        let ports = wanted_of(checked, &self.of);
        let is_only = ports.len() == 1;
        self.wanted = ports.into_iter().map(|port| (port, is_only)).collect();
        self.errors.clear();
    }

    /// What is asked for.
    pub fn asked(&self) -> Asked {
        let wanted = self.wanted.iter().filter(|(_, is_wanted)| *is_wanted).map(|(port, _)| port.clone()).collect();
        Asked { of: self.of.clone(), wanted, given: self.given.clone() }
    }
}
