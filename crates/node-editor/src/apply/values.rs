//! The larger editor of a value.

use crate::dialog::{Dialog, ValueDialog};
use crate::editor::Editor;
use crate::view_state::Field;

impl Editor {
    pub(super) fn edit_value(&mut self, field: Field) {
        // A wired value is another block's.
        if let Some(notice) = self.tab().why_fixed(&field) {
            self.notice = Some(notice);
            return;
        }
        self.dialog = ValueDialog::new(self.tab(), field).map(Dialog::Value);
    }
}
