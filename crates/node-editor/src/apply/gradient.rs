//! The blocks of the backward pass, put on a page.

use std::sync::Arc;

use egui::Rect;
use node_core::Edit;
use node_core::gradient::add_gradient;

use super::work::Work;
use crate::layout;
use crate::state::dialog::{Dialog, GradientDialog};

impl Work<'_> {
    /// Asks which gradient the page is to have.
    pub(crate) fn ask_for_gradient(&mut self) {
        match GradientDialog::new(self.tab()) {
            Some(dialog) => self.state.dialog = Some(Dialog::Gradient(dialog)),
            None => self.say("There is no output that has a gradient."),
        }
    }

    /// Adds it in one step of undo; what stands in the way is told where it is asked for.
    pub(super) fn add_gradient(&mut self, mut dialog: GradientDialog) {
        let document = &self.tab().document;
        let (checked, asked) = (document.checked.clone(), dialog.asked());
        let added = match add_gradient(&checked, &self.state.registry, &asked) {
            Ok(added) => added,
            Err(problems) => {
                dialog.errors = problems.iter().map(ToString::to_string).collect();
                self.state.dialog = Some(Dialog::Gradient(dialog));
                return;
            }
        };
        let mut page = (*document.page).clone();
        let mut edits = vec![added.edit.clone()];
        if added.edit.apply(&mut page).is_ok() {
            let new = document.checked_instead(&Arc::new(page), &self.state.registry);
            let standing = layout::taken(&checked, document.places.iter()).unwrap_or(Rect::ZERO);
            edits.extend(layout::below(standing, &new, &added.blocks));
        }
        if self.edit("add gradient", Edit::Batch(edits)) {
            let count = added.blocks.len();
            self.tab_mut().view.selection = Arc::new(added.blocks.into_iter().collect());
            // Both passes, with what leads from one to the other.
            self.tab_mut().view.camera_set = false;
            let names: Vec<String> = added.gradients.iter().map(ToString::to_string).collect();
            let stops: Vec<String> = added.stops.iter().map(|stop| format!("; {stop}")).collect();
            self.say(format!("{count} blocks added: {}{}", names.join(", "), stops.concat()));
        }
    }
}
