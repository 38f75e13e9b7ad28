//! Panels that come, go, and have the keys.

use node_core::PortRef;

use super::work::Work;
use crate::state::State;
use crate::state::dock::{Pane, Pin};
use crate::state::tab::TabId;

impl State {
    /// The page that a canvas shows.
    pub(crate) fn page_on(&self, canvas: u32) -> TabId {
        let own = self.dock.page_of(canvas).filter(|page| canvas != self.dock.focus && self.page(*page).is_some());
        own.unwrap_or(self.tab().id)
    }

    /// A canvas gets the keys; its page is the one that is shown from now on.
    pub(crate) fn focus_canvas(&mut self, canvas: u32) {
        if canvas == self.dock.focus {
            return;
        }
        let page = self.page_on(canvas);
        self.dock.show(self.dock.focus, self.tab().id);
        self.dock.focus = canvas;
        self.active = self.index_of(page).unwrap_or(self.active);
        self.look_through_focus();
    }

    /// The page that is shown is looked at through the canvas that has the keys.
    pub(crate) fn look_through_focus(&mut self) {
        let (active, focus) = (self.active, self.dock.focus);
        self.tabs[active].look_through(focus);
    }

    /// What canvases show is there.
    pub(crate) fn settle_dock(&mut self) {
        self.dock.settle();
        self.dock.show(self.dock.focus, self.tab().id);
        self.look_through_focus();
    }

    /// Closes a panel; the palette and the first inspector are hidden, and keep their places.
    pub(crate) fn close_pane(&mut self, pane: Pane) {
        match pane {
            Pane::Palette => self.appearance.palette_open = false,
            Pane::Inspector(0) => self.appearance.inspector_open = false,
            Pane::Canvas(number) if number == self.dock.focus => {
                let other = self.dock.canvases().into_iter().find(|other| *other != number);
                other.into_iter().for_each(|other| self.focus_canvas(other));
                self.dock.close(pane);
            }
            _ => self.dock.close(pane),
        }
    }
}

impl Work<'_> {
    /// Another canvas beside the one that has the keys, of the same page.
    pub(crate) fn split_canvas(&mut self) {
        let page = self.tab().id;
        self.state.dock.show(self.state.dock.focus, page);
        // Each has half of the room: both show all of the page, to begin with.
        self.tab_mut().view.camera_set = false;
        self.state.dock.add_canvas(page);
        self.state.look_through_focus();
    }

    /// An inspector that stays with the selected block.
    pub(crate) fn pin_selected(&mut self) {
        let tab = self.tab();
        if let Some(block) = tab.view.selected_block() {
            let (page, port) = (tab.id, PortRef { block: block.clone(), port: "".into() });
            self.state.dock.add_inspector(Pin { page, port });
        }
    }

    /// All panels where they were first.
    pub(crate) fn reset_layout(&mut self) {
        self.state.dock.reset();
        (self.state.appearance.palette_open, self.state.appearance.inspector_open) = (true, true);
        self.state.settle_dock();
    }
}
