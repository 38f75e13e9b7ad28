//! What is asked of a page as a whole.

use std::sync::Arc;

use super::work::Work;
use crate::state::State;
use crate::state::analysis::{Marks, Swept, Topic};
use crate::state::dock::Pane;
use crate::state::tab::TabId;
use node_core::{Edit, PortRef};

impl State {
    /// Blocks of a page are marked so from now on, and those of no other.
    pub(crate) fn mark(&mut self, page: TabId, marks: Marks) {
        for tab in self.tabs.iter_mut().filter(|tab| tab.id != page && !tab.view.marks.0.is_empty()) {
            tab.view.marks = Arc::default();
        }
        let tab = self.tabs.iter_mut().find(|tab| tab.id == page);
        if let Some(tab) = tab.filter(|tab| *tab.view.marks != marks) {
            tab.view.marks = marks.into();
        }
    }

    /// A sweep whose work has ended goes on no more.
    pub(crate) fn end_sweep(&mut self, number: u64) {
        let swept = self.tabs.iter_mut().filter_map(|tab| tab.view.analysis.swept.as_mut());
        swept.filter(|swept| swept.number == number).for_each(|swept| swept.stopped = true);
    }
}

impl Work<'_> {
    /// Opens the panel of analyses.
    pub(crate) fn analyse(&mut self, topic: Topic) {
        self.tab_mut().view.analysis.topic = topic;
        self.state.dock.open(Pane::Analysis);
    }

    /// Begins the sweep that is typed, in place of another.
    pub(super) fn begin_sweep(&mut self) {
        self.state.last_begun += 1;
        let number = self.state.last_begun;
        let tab = self.tab_mut();
        let (checked, analysis) = (tab.document.checked.clone(), &mut tab.view.analysis);
        match analysis.form.read(&checked) {
            Ok(sweep) => {
                analysis.form.wrong = None;
                analysis.swept = Some(Swept::new(number, sweep, checked));
            }
            Err(why) => analysis.form.wrong = Some(why),
        }
    }

    /// Stops it; what it has given stays.
    pub(super) fn stop_sweep(&mut self) {
        self.tab_mut().view.analysis.swept.iter_mut().for_each(|swept| swept.stopped = true);
    }

    /// Sets attributes and literals to what is typed for them, in one step of undo.
    pub(super) fn assign(&mut self, label: &str, values: &[(PortRef, String)]) {
        let checked = &self.tab().document.checked;
        let edits: Result<Vec<Edit>, String> =
            values.iter().map(|(target, text)| checked.assign(target, text)).collect();
        match edits {
            Ok(edits) => drop(self.edit(label, Edit::Batch(edits))),
            Err(why) => self.say(format!("This cannot be set: {why}.")),
        }
    }
}
