//! What a command works on: one page, among all that is open.

use egui::{Context, Rect};
use node_core::Page;

use crate::state::State;
use crate::state::tab::Tab;

/// One page, among all that is open.
pub(crate) struct Work<'s> {
    /// All that is open.
    pub state: &'s mut State,
    /// Where the page stands among the tabs.
    pub index: usize,
    /// The screen, the clipboard, the theme.
    pub ctx: &'s Context,
}

impl Work<'_> {
    /// The page.
    pub fn tab(&self) -> &Tab {
        &self.state.tabs[self.index]
    }

    /// The page.
    pub fn tab_mut(&mut self) -> &mut Tab {
        &mut self.state.tabs[self.index]
    }

    /// Says something in the status bar.
    pub fn say(&mut self, notice: impl Into<String>) {
        self.state.notice = Some(notice.into());
    }

    /// Where the page's canvas is on the screen.
    pub fn canvas(&self) -> Rect {
        self.tab().view.canvas.unwrap_or_else(|| self.ctx.content_rect())
    }

    /// Opens an empty page beside the others.
    pub fn new_page(&mut self) {
        let name = self.state.fresh_page_name();
        self.state.open_page(Page::default(), &name, None);
    }

    /// Runs the page.
    pub fn run(&mut self) {
        self.state.run_now(self.ctx, self.index);
    }
}
