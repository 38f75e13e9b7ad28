//! Going from one block that was searched for to the next.

use node_core::BlockId;

use super::work::Work;
use crate::state::find::{Find, blocks_with};
use crate::state::tab::TabId;

impl Work<'_> {
    /// Opens the search for blocks, or gives its field the keys again.
    pub(crate) fn open_find(&mut self) {
        let text = self.state.find.take().map(|find| find.text).unwrap_or_default();
        self.state.find = Some(Find { text, ..Find::default() });
    }

    /// Goes to the next match after the block that is shown, or back to the one before; round and round, page by page.
    pub(super) fn find_next(&mut self, back: bool) {
        let Some(find) = self.state.find.clone() else { return };
        let words: Vec<String> = find.text.split_whitespace().map(str::to_lowercase).collect();
        let pages = self.state.tabs.iter().filter(|_| !words.is_empty());
        let found = pages.flat_map(|tab| blocks_with(tab, &words).map(|id| (tab.id, id.clone())));
        let mut found: Vec<(TabId, BlockId)> = found.collect();
        if found.is_empty() {
            self.state.find = Some(Find { at: Some((0, 0)), ..find });
            return;
        }
        let shown = (self.tab().id, self.tab().view.selected_block().cloned());
        let here = found.iter().position(|(page, id)| *page == shown.0 && Some(id) == shown.1.as_ref());
        let first_here = found.iter().position(|(page, _)| *page == shown.0).unwrap_or(0);
        let count = found.len();
        let next = match (here, back) {
            (Some(here), false) => (here + 1) % count,
            (Some(here), true) => (here + count - 1) % count,
            (None, false) => first_here,
            (None, true) => (first_here + count - 1) % count,
        };
        let (page, id) = found.swap_remove(next);
        self.state.show_page(page);
        self.index = self.state.active;
        self.reveal(id);
        self.state.find = Some(Find { at: Some((next, count)), ..find });
    }
}
