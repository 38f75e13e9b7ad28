//! What an inspector is drawn with.

use node_core::PortRef;
use node_engine::Studies;

use crate::command::{Command, Glance};
use crate::state::results::Shown;
use crate::state::tab::Tab;

/// What an inspector is drawn with: the page that it shows, and the way to what is asked for.
pub struct Inspecting<'a> {
    /// The page.
    pub tab: &'a Tab,
    /// The inspector's number.
    pub number: u32,
    /// What is worked out beside the frames.
    pub studies: &'a mut Studies,
    /// What is asked for.
    pub commands: &'a mut Vec<Command>,
}

impl Inspecting<'_> {
    /// Something else is looked at of a result.
    pub fn show(&mut self, port: &PortRef, shown: Shown) {
        self.commands.push(Command::Look(Glance::Shown(self.number, port.clone(), Box::new(shown))));
    }
}
