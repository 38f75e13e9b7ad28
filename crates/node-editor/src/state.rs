//! What is open: pages and how they are looked at, a dialog, what the status bar says. It draws nothing, and nothing but
//! `apply` changes it.

pub mod analysis;
pub mod appearance;
pub mod clusters;
pub mod decor;
pub mod dialog;
pub mod differences;
pub mod dock;
pub mod document;
pub mod find;
pub mod health;
pub mod imports;
pub mod placement;
pub mod results;
pub mod run;
pub mod shapes;
pub mod tab;
pub mod training;
pub mod view;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use clusters::Clusters;
use node_core::{BlockId, PortRef, Registry, Tensor, Wire};
use node_engine::executor::{Executor, Start};

use crate::host::{Host, Recovered, Unsaved};
use appearance::Appearance;
use dialog::Dialog;
use dock::{Dock, Layout};
use document::Document;
use find::Find;
use imports::Imports;
use tab::{Tab, TabId};

/// What is open.
pub struct State {
    /// All block types.
    pub registry: Arc<Registry>,
    /// The program around it.
    pub(crate) host: Box<dyn Host>,
    /// The open pages; there is always one.
    pub(crate) tabs: Vec<Tab>,
    /// Which one is shown.
    pub(crate) active: usize,
    /// A dialog that is open.
    pub(crate) dialog: Option<Dialog>,
    /// The search for blocks, if it is open.
    pub(crate) find: Option<Find>,
    /// What the status bar says.
    pub(crate) notice: Option<String>,
    /// Whether the page runs with every edit.
    pub(crate) run_as_you_edit: bool,
    /// Panels and theme.
    pub(crate) appearance: Appearance,
    /// Where panels are, and what they show.
    pub(crate) dock: Dock,
    /// What is typed into the palette's search.
    pub(crate) palette_search: String,
    /// Whether the person wants to leave.
    pub(crate) quitting: bool,
    /// Whether the program may end.
    pub(crate) may_quit: bool,
    /// What an earlier session did not come to save, to be asked about.
    pub(crate) recovered: Vec<Recovered>,
    /// What was kept last for a next session.
    pub(crate) kept: Kept,
    /// The files that were opened or saved last, the newest first.
    pub(crate) recent: Vec<PathBuf>,
    /// Whether the next session begins with the pages of this one.
    pub(crate) reopens: bool,
    /// The folder in which a page was opened or saved last.
    pub(crate) folder: Option<PathBuf>,
    /// What runs pages.
    pub(crate) runs: Runs,
    /// What is known of clusters.
    pub clusters: Clusters,
    /// Arrays that are being read to be given to outputs.
    pub(crate) feeding: Vec<Feeding>,
    /// Graphs of other programs on their way to being pages.
    pub(crate) imports: Imports,
    pub(crate) last_tab: u64,
    /// The number of the sweep, or of the steps, that were begun last, on whatever page.
    pub(crate) last_begun: u64,
}

/// What runs pages.
pub(crate) struct Runs {
    /// How it is started, …
    pub start: Start,
    /// … and it, once it was needed.
    pub executor: Option<Box<dyn Executor>>,
    /// The number of the next run.
    pub next: u64,
    /// Whether a page was closed since it was last told to let go of what it keeps.
    pub has_closed: bool,
}

/// An array that is being read to be given to an output.
pub(crate) struct Feeding {
    /// The page, …
    pub page: TabId,
    /// … and the output.
    pub port: PortRef,
    /// What it is called.
    pub name: String,
    /// Where it comes, or why it does not.
    pub array: Receiver<Result<Tensor, String>>,
}

/// What was kept last, and when.
#[derive(Default)]
pub(crate) struct Kept {
    pub pages: Vec<(TabId, u64)>,
    pub at: f64,
}

/// Which page is shown, and which fields of it: those of what is selected, as fields or as text, and of a popup.
#[derive(Clone, PartialEq)]
pub(crate) struct LookedAt {
    page: TabId,
    selection: Arc<BTreeSet<BlockId>>,
    wire: Option<Wire>,
    as_text: bool,
    popup: Option<BlockId>,
}

impl State {
    /// Nothing but an empty list of pages: one is to be opened at once.
    pub(crate) fn new(registry: Arc<Registry>, host: Box<dyn Host>, start: Start) -> State {
        State {
            registry,
            host,
            tabs: Vec::new(),
            active: 0,
            dialog: None,
            find: None,
            notice: None,
            run_as_you_edit: true,
            appearance: Appearance::default(),
            dock: Dock::new(Layout::default()),
            palette_search: String::new(),
            quitting: false,
            may_quit: false,
            recovered: Vec::new(),
            kept: Kept::default(),
            recent: Vec::new(),
            reopens: false,
            folder: None,
            clusters: Clusters::default(),
            runs: Runs { start, executor: None, next: 1, has_closed: false },
            feeding: Vec::new(),
            imports: Imports::default(),
            last_tab: 0,
            last_begun: 0,
        }
    }

    /// The open pages.
    pub fn tabs(&self) -> &[Tab] {
        &self.tabs
    }

    /// The page that is shown.
    pub fn tab(&self) -> &Tab {
        &self.tabs[self.active]
    }

    /// A page, if it is still open.
    pub fn page(&self, id: TabId) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.id == id)
    }

    /// Where a page stands among the open ones, if it is still open.
    pub(crate) fn index_of(&self, id: TabId) -> Option<usize> {
        self.tabs.iter().position(|tab| tab.id == id)
    }

    /// Which open page is the file at `path`, however that is spelled.
    pub(crate) fn tab_of_file(&self, path: &Path) -> Option<usize> {
        let file = self.host.identity(path);
        let is_it = |tab: &Tab| tab.document.path.as_deref().is_some_and(|own| self.host.identity(own) == file);
        self.tabs.iter().position(is_it)
    }

    /// The folder in which a dialog about a page begins: that of its own file, of the one that is shown, of the last.
    pub(crate) fn folder_for(&self, document: &Document) -> PathBuf {
        let parent = |document: &Document| document.path.as_deref().and_then(Path::parent).map(Path::to_owned);
        let folder = parent(document).or_else(|| parent(&self.tab().document)).or_else(|| self.folder.clone());
        folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or_else(|| self.host.folder())
    }

    /// A name that no open page has.
    pub(crate) fn fresh_page_name(&self) -> String {
        let taken = |name: &str| self.tabs.iter().any(|t| t.document.name() == name);
        let names = std::iter::once("untitled".to_owned()).chain((2..).map(|n| format!("untitled_{n}")));
        names.into_iter().find(|name| !taken(name)).unwrap_or_default()
    }

    /// The pages with changes that are not saved and not given up.
    pub fn unsaved(&self) -> Vec<Unsaved> {
        let changed = self.tabs.iter().filter(|tab| tab.document.is_changed() && !tab.given_up);
        let unsaved = changed.map(|tab| Unsaved {
            key: tab.id.0,
            page: tab.document.page.clone(),
            name: tab.document.fallback_name.clone(),
            path: tab.document.path.clone(),
        });
        unsaved.collect()
    }

    /// Which fields are looked at.
    pub(crate) fn looked_at(&self) -> LookedAt {
        let Tab { id, view, .. } = self.tab();
        LookedAt {
            page: *id,
            selection: view.selection.clone(),
            wire: view.wire.clone(),
            as_text: view.text_open,
            popup: view.attrs_open.clone(),
        }
    }

    /// Whether something is open that keys are for, rather than the canvas.
    pub(crate) fn takes_keys(&self) -> bool {
        let view = &self.tab().view;
        self.dialog.is_some() || view.search.is_some() || view.in_place.is_some()
    }
}
