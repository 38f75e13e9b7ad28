//! Steps of a page: begun, stopped, taken back, kept.

use node_core::check::CheckedPage;
use node_core::{Edit, PortRef, Role, Value, Wire, literal};
use node_engine::steps::{Progress, updates};

use super::work::Work;
use crate::state::State;
use crate::state::analysis::Topic;
use crate::state::training::UnderWay;

/// A variable with more elements is not written into a page.
const MOST_KEPT: usize = 100_000;

impl State {
    /// Steps that have ended hand over what they have come to.
    pub(crate) fn end_steps(&mut self, number: u64) {
        let registry = self.registry.clone();
        let is_it = |under_way: &UnderWay| under_way.number == number;
        let Some(tab) = self.tabs.iter_mut().find(|tab| tab.training.under_way.as_ref().is_some_and(is_it)) else {
            return;
        };
        let Some(under_way) = tab.training.under_way.clone() else { return };
        // A thread that is gone without a word has come nowhere.
        let (progress, wrong) = under_way.ended().unwrap_or_else(|| {
            (under_way.from.clone(), Some("the steps broke off by a mistake of the program".to_owned()))
        });
        tab.training.kept = under_way.courses();
        (tab.training.under_way, tab.training.wrong) = (None, wrong);
        // Where no step was made, nothing has begun.
        let progress = if progress.step == under_way.from.step { under_way.from.clone() } else { progress };
        tab.document.stands_after_steps(progress, under_way.renamed, &registry);
    }
}

impl Work<'_> {
    /// Opens the panel of steps.
    pub(crate) fn show_training(&mut self) {
        self.analyse(Topic::Training);
    }

    /// Begins so many steps, or as many as come until they are stopped.
    pub(crate) fn train(&mut self, steps: Option<u64>) {
        if self.tab().training.under_way.is_some() {
            return;
        }
        self.state.last_begun += 1;
        let number = self.state.last_begun;
        let tab = self.tab_mut();
        if let Some(target) = &tab.target {
            tab.training.wrong = Some(format!(
                "The window makes steps on this machine alone (Run › Run on…); `nudge run --steps N --target {target}` makes \
                 them there."
            ));
            return self.show_training();
        }
        let (checked, from) = (tab.document.checked.clone(), tab.document.progress().clone());
        let renamed = tab.document.renamed();
        if updates(&checked, &all(&checked)).is_empty() && !counts(&checked) {
            tab.training.wrong = Some(
                "Nothing changes from step to step: a Variable is changed by an Assign or Apply block that can run."
                    .to_owned(),
            );
            return self.show_training();
        }
        tab.training.wrong = None;
        tab.training.under_way =
            Some(UnderWay::new(number, checked, (from, tab.training.kept.clone()), steps, renamed));
        self.show_training();
    }

    /// Ends the steps after the one that is being made.
    pub(crate) fn stop_training(&mut self) {
        self.tab().training.under_way.iter().for_each(UnderWay::stop);
    }

    /// Variables are again what they were before the first step.
    pub(crate) fn reset_training(&mut self) {
        let registry = self.state.registry.clone();
        let tab = self.tab_mut();
        if tab.training.under_way.is_some() {
            return;
        }
        tab.training.kept = std::sync::Arc::default();
        tab.training.wrong = None;
        tab.document.stands_at(Progress::default(), &registry);
    }

    /// Writes what variables have become into the page, as their initial values; one step of undo.
    pub(crate) fn keep_values(&mut self) {
        let document = &self.tab().document;
        let (mut edits, mut too_large) = (Vec::new(), Vec::new());
        for (port, tensor) in &document.progress().variables {
            let Some(block) = document.checked.blocks.get(&port.block).filter(|b| b.role() == Some(Role::Variable))
            else {
                continue;
            };
            if tensor.len() > MOST_KEPT {
                too_large.push(format!("{} has {} elements", port.block, tensor.len()));
                continue;
            }
            let Some(input) = block.spec().and_then(|spec| spec.inputs().next()) else { continue };
            let incoming = block.links.incoming.iter().filter(|wire| input.answers_to(&wire.to.port));
            edits.extend(incoming.map(|wire: &Wire| Edit::Disconnect(wire.clone())));
            // Under whichever of its names it was written.
            let node = document.page.block(port.block.as_str());
            let written = node.and_then(|node| node.inputs.names().find(|name| input.answers_to(name)));
            let name = written.unwrap_or(&input.name).to_owned();
            let value: Value = literal::of_tensor(tensor);
            edits.push(Edit::set_input(&port.block, &name, Some(value.into())));
        }
        let count = edits.iter().filter(|edit| matches!(edit, Edit::SetInput { .. })).count();
        if count == 0 && too_large.is_empty() {
            return self.say("No step has been made: variables are what the page says.");
        }
        if count > 0 && !self.edit("keep values", Edit::Batch(edits)) {
            return;
        }
        let beyond = match too_large.is_empty() {
            true => String::new(),
            false => {
                format!(" {}: too many for a page; save the result of such a block as .npy.", too_large.join(", "))
            }
        };
        self.say(format!("{count} variables begin with these values from now on.{beyond}"));
    }
}

/// All outputs of the blocks of a page.
pub(crate) fn all(checked: &CheckedPage) -> Vec<PortRef> {
    checked.blocks.keys().map(|id| PortRef::new(id, "")).collect()
}

/// Whether a block follows the number of the step.
fn counts(checked: &CheckedPage) -> bool {
    checked.blocks.values().any(|block| block.role() == Some(Role::Counted))
}
