//! What is typed in fields is kept before they are left.

use egui::Context;

use crate::command::Asked;
use crate::state::State;
use crate::state::tab::TabId;
use crate::state::view::Field;
use crate::typed::meaning;

impl State {
    /// Keeps what is typed in fields of a page, as far as it is good; the rest stays to be mended.
    pub(crate) fn keep_typed(&mut self, ctx: &Context, page: TabId) {
        let Some(tab) = self.page(page) else { return };
        let mut typed: Vec<(Field, String)> = tab.view.typing.clone().into_iter().collect();
        // An id comes last: what else is typed is under the old one.
        typed.sort_by_key(|(field, _)| matches!(field, Field::Id(_)));
        for (field, text) in typed {
            let Some(index) = self.index_of(page) else { return };
            if let Ok(command) = meaning(&self.tabs[index].document.checked, &field, &text) {
                self.tabs[index].view.typing.remove(&field);
                command.into_iter().for_each(|command| self.apply(ctx, Asked { page, canvas: None, command }));
            }
        }
    }
}
