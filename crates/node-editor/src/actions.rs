//! Everything that has a name: what stands in menus, has keys, is found in the list of commands and told of in the help.
//! One table; menus, keys, the list, the help and the README's table are read from it.

mod keymap;
mod row;
mod table;

pub use keymap::Keymap;
pub use row::{Kind, Menu, Row};
pub use table::Action;

use crate::state::State;

impl Action {
    /// Whether it can be taken now, on the page at `index`.
    pub fn is_enabled(self, state: &State, index: usize) -> bool {
        (self.row().enabled)(state, index)
    }

    /// The action that settings call so.
    pub fn called(id: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.row().id == id)
    }
}

/// All actions as a table in Markdown, with their keys as they come.
pub fn markdown() -> String {
    let keymap = Keymap::default();
    let mut text = String::from("| action | keys | what it does | in settings |\n|---|---|---|---|\n");
    for action in Action::ALL {
        let row = action.row();
        let keys: Vec<String> = keymap.keys(*action).map(|keys| format!("`{keys}`")).collect();
        text.push_str(&format!("| {} | {} | {} | `{}` |\n", row.name, keys.join(" "), row.help, row.id));
    }
    text
}
