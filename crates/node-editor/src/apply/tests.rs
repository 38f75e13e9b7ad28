//! Commands go to the page that they name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Context;
use node_core::{BlockId, Edit, Page, Problem, Registry};

use crate::actions::Action;
use crate::command::{Asked, Command, Glance};
use crate::host::{Entry, Host, Over, Recovered, SaveRefusal, Unsaved};
use crate::state::State;
use crate::state::tab::TabId;

/// A program without files.
struct NoFiles;

impl Host for NoFiles {
    fn load(&mut self, _: &Path) -> Result<Page, Vec<Problem>> {
        Err(Vec::new())
    }
    fn save(&mut self, _: &Path, _: &Page, _: Over) -> Result<(), SaveRefusal> {
        Err(SaveRefusal::Exists)
    }
    fn recovered(&mut self) -> Vec<Recovered> {
        Vec::new()
    }
    fn discard(&mut self, _: &[Recovered]) {}
    fn keep(&mut self, _: Vec<Unsaved>, _: &[Recovered]) {}
    fn unsee(&mut self, _: &Path) {}
    fn finish(&mut self) -> Vec<PathBuf> {
        Vec::new()
    }
    fn identity(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
    fn entries(&self, _: &Path) -> Result<Vec<Entry>, String> {
        Ok(Vec::new())
    }
    fn folder(&self) -> PathBuf {
        PathBuf::new()
    }
    fn to_text(&self, _: &Page) -> String {
        String::new()
    }
    fn parse(&self, _: &str) -> Option<Page> {
        None
    }
}

/// Two pages with a block each; the second is shown.
fn two_pages() -> (State, [TabId; 2]) {
    let start = node_engine::Runner::starting(1 << 20);
    let mut state = State::new(Arc::new(Registry::new()), Box::new(NoFiles), start);
    for name in ["one", "two"] {
        let mut page = Page::default();
        let (id, block) = (BlockId::new("x").unwrap(), Arc::new(node_core::BlockNode::new("Const")));
        Edit::AddBlock { id, block, place: None }.apply(&mut page).unwrap();
        state.open_page(page, name, None);
    }
    let pages = [state.tabs()[0].id, state.tabs()[1].id];
    (state, pages)
}

fn attrs(state: &State, page: TabId) -> usize {
    state.page(page).unwrap().document.page.block("x").unwrap().attrs.names().count()
}

#[test]
fn a_command_changes_the_page_that_it_names_whichever_is_shown() {
    let (mut state, [one, two]) = two_pages();
    let ctx = Context::default();
    assert_eq!(state.tab().id, two);
    let value = Some(node_core::Value::Int(1).into());
    let set = Command::SetAttr { block: BlockId::new("x").unwrap(), name: "value".to_owned(), value };
    state.apply(&ctx, Asked { page: one, canvas: None, command: set.clone() });
    assert_eq!((attrs(&state, one), attrs(&state, two)), (1, 0));
    state.apply(&ctx, Asked { page: one, canvas: None, command: Command::Do(Action::SelectAll) });
    state.glance(one, Glance::Documentation(true));
    let (first, second) = (&state.page(one).unwrap().view, &state.page(two).unwrap().view);
    assert_eq!((first.selection.len(), second.selection.len()), (1, 0));
    assert_eq!((first.docs_open, second.docs_open), (true, false));
    state.apply(&ctx, Asked { page: one, canvas: None, command: Command::Do(Action::Undo) });
    assert_eq!((attrs(&state, one), state.tab().id), (0, two), "undone there, and not shown for that");
}

#[test]
fn what_is_asked_of_a_page_that_has_closed_comes_to_nothing() {
    let (mut state, [one, two]) = two_pages();
    let ctx = Context::default();
    state.apply(&ctx, Asked { page: two, canvas: None, command: Command::ClosePage(one) });
    state.apply(&ctx, Asked { page: one, canvas: None, command: Command::Do(Action::SelectAll) });
    state.glance(one, Glance::Documentation(true));
    let view = &state.tab().view;
    assert_eq!((state.tabs().len(), view.selection.len(), view.docs_open), (1, 0, false));
    state.apply(&ctx, Asked { page: one, canvas: None, command: Command::ShowPage(two) });
    assert_eq!(state.tab().id, two);
}
