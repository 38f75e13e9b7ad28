//! What hears the pointer on the canvas: where it is, and what it is over.

use egui::{Pos2, Rect, Response, Ui};

use super::hits::{Target, target};
use super::scene::Scene;
use crate::command::{Command, Glance};
use crate::state::tab::Tab;
use crate::state::view::{Camera, PortEnd, Search};

/// What hears the pointer in one frame.
pub struct Hand<'a> {
    /// The screen.
    pub ui: &'a Ui,
    /// The canvas as a widget.
    pub response: &'a Response,
    /// Where the canvas is.
    pub canvas: Rect,
    /// What it shows: moved by the pointer.
    pub camera: Camera,
    /// The page.
    pub tab: &'a Tab,
    /// What is on it.
    pub scene: &'a Scene,
    /// What is asked for.
    pub commands: &'a mut Vec<Command>,
}

impl<'a> Hand<'a> {
    /// Where the pointer is, on the page.
    pub fn at(&self) -> Option<Pos2> {
        self.ui.pointer_latest_pos().map(|at| self.camera.to_world(self.canvas, at))
    }

    /// What is under a point of the page.
    pub fn target(&self, at: Pos2) -> Target<'a> {
        target(self.scene, self.tab, at, self.camera.zoom)
    }

    /// Whether what is selected is added to.
    pub fn extends(&self) -> bool {
        self.ui.input(|i| i.modifiers.shift || i.modifiers.command)
    }

    /// Asks for something.
    pub fn ask(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Looks at something otherwise.
    pub fn look(&mut self, glance: Glance) {
        self.commands.push(Command::Look(glance));
    }

    /// Closes what is open on the canvas.
    pub fn close(&mut self) {
        if self.tab.view.search.is_some() {
            self.look(Glance::Search(None));
        }
        if self.tab.view.attrs_open.is_some() {
            self.look(Glance::AttrsOf(None));
        }
    }

    /// What is pressed next is meant for the canvas.
    pub fn leave_fields(&self) {
        self.ui.memory_mut(|memory| memory.focused().into_iter().for_each(|id| memory.surrender_focus(id)));
    }

    /// Opens the search for a block that goes to `at`, and is wired to a port if there is one.
    pub fn search(&mut self, at: Pos2, connect: Option<PortEnd>) {
        if let Some(screen) = self.ui.pointer_latest_pos() {
            let search = Search { at, screen, text: String::new(), marked: 0, connect, opened: false };
            self.ask(Command::Search(search));
        }
    }
}
