//! A page that is open: the document, its history, and what follows from it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use imbl::OrdMap;
use node_core::check::{Changes, CheckedPage, Feeds, Surroundings};
use node_core::edit::EditError;
use node_core::page::scope_of;
use node_core::{BlockId, BlockNode, Direction, Edit, History, Page, Placement, Registry};
use node_core::{PortRef, Tensor};

use node_engine::steps::Progress;

use crate::host::DataFiles;
use crate::state::placement::places;
use crate::state::shapes;
use crate::state::view::PortEnd;

/// A page that is open.
pub struct Document {
    /// The page now.
    pub page: Arc<Page>,
    /// The page, checked.
    pub checked: Arc<CheckedPage>,
    /// Where every block stands.
    pub places: OrdMap<BlockId, Placement>,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
    /// The files that its blocks read.
    pub files: DataFiles,
    /// Folders that its blocks want to read and may not.
    pub outside: BTreeSet<PathBuf>,
    /// What is given from outside as long as the page is open, and what that is called.
    feeds: Feeds,
    fed_names: BTreeMap<PortRef, String>,
    /// Where its steps have come to: what variables are, as long as the page is open.
    progress: Progress,
    /// Blocks that have got other ids, in their order.
    renames: Vec<(BlockId, BlockId)>,
    /// Its name if it has none of its own.
    pub fallback_name: String,
    /// Where blocks stand that have no place of their own, and where those stood that have one now: undo takes them back.
    given: BTreeMap<BlockId, Placement>,
    history: History,
    saved: Arc<Page>,
    used_ids: BTreeSet<BlockId>,
    revision: u64,
    content: u64,
}

impl Document {
    /// A document on `page`.
    pub fn new(
        page: Page,
        fallback_name: String,
        path: Option<PathBuf>,
        files: DataFiles,
        registry: &Registry,
    ) -> Document {
        let fallback_name = scope_of(&fallback_name);
        let page = Arc::new(page);
        let (feeds, fed_names) = (Feeds::new(), BTreeMap::new());
        let checked = Arc::new(checked(&CheckedPage::default(), &page, (&files, &feeds), registry));
        let used_ids = named_ids(&page);
        let outside = folders_outside(&files, &checked);
        let (saved, history) = (page.clone(), History::default());
        let (places, given) = (OrdMap::new(), BTreeMap::new());
        let mut document = Document {
            page,
            checked,
            places,
            path,
            outside,
            files,
            feeds,
            fed_names,
            progress: Progress::default(),
            renames: Vec::new(),
            fallback_name,
            given,
            history,
            saved,
            used_ids,
            revision: 0,
            content: 0,
        };
        document.place_all();
        document
    }

    /// It stands for a page that was checked elsewhere, fed and with files of its own.
    pub(crate) fn stand_for(&mut self, checked: Arc<CheckedPage>) {
        self.checked = checked;
    }

    /// The page's name, which is its scope.
    pub fn name(&self) -> &str {
        self.page.name.as_deref().unwrap_or(&self.fallback_name)
    }

    /// Its name where it has none of its own: after a file, as a scope.
    pub fn name_after(&mut self, stem: &str) {
        self.fallback_name = scope_of(stem);
    }

    /// Counts up with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Counts up with every change that a run could see: not with moves.
    pub fn content(&self) -> u64 {
        self.content
    }

    /// Whether there is something to save. A page that is again what the file holds is the very same.
    pub fn is_changed(&self) -> bool {
        !Arc::ptr_eq(&self.page, &self.saved)
    }

    /// The page as it is now is what the file holds.
    pub fn mark_saved(&mut self) {
        self.saved = self.page.clone();
    }

    /// The file holds this page, and not what is here.
    pub(crate) fn is_saved_as(&mut self, there: Page) {
        self.saved = match is_same(&there, &self.page) {
            true => self.page.clone(),
            false => Arc::new(there),
        };
    }

    /// Changes the page; one step of undo, unless the page is the same afterwards.
    pub fn edit(&mut self, label: &str, edit: Edit, registry: &Registry) -> Result<(), EditError> {
        let before = self.page.clone();
        let done = self.history.apply(Arc::make_mut(&mut self.page), label, edit);
        if done.is_ok() && is_same(&self.page, &before) {
            self.history.forget_last();
        } else if done.is_ok() {
            self.refresh(&before, registry);
            return done;
        }
        // The very same page, not a copy.
        self.page = before;
        done
    }

    /// Shows another page, which is to be saved: the file holds the one from before.
    pub fn take_over(&mut self, page: Page, registry: &Registry) {
        let before = std::mem::replace(&mut self.page, Arc::new(page));
        self.history = History::default();
        self.refresh(&before, registry);
    }

    /// Where the block `id` is on the canvas, without a message from a run.
    pub fn block_rect(&self, id: &BlockId) -> Option<egui::Rect> {
        let place = self.places.get(id)?;
        Some(shapes::block_rect(&self.checked, id, *place))
    }

    /// The names under which a block has a literal for an input: one, whichever of the port's names it is.
    pub(crate) fn literal_names(&self, end: &PortEnd) -> impl Iterator<Item = String> + use<> {
        let block = &end.port.block;
        let spec = self.checked.blocks.get(block).and_then(|checked| checked.spec());
        let port = spec.and_then(|spec| spec.port(Direction::In, &end.port.port));
        let node = self.page.block(block.as_str());
        let names = node.into_iter().flat_map(|node| node.inputs.names());
        let own = names.filter(|name| port.map_or(*name == &*end.port.port, |port| port.answers_to(name)));
        own.map(str::to_owned).collect::<Vec<_>>().into_iter()
    }

    /// Another page as it would be checked in this one's place.
    pub(crate) fn checked_instead(&self, page: &Arc<Page>, registry: &Registry) -> CheckedPage {
        checked(&self.checked, page, (&self.files, &self.given_to(page, registry)), registry)
    }

    /// Whether a block is muted.
    pub fn is_muted(&self, id: &BlockId) -> bool {
        self.page.block(id.as_str()).is_some_and(|node| node.mute)
    }

    /// What is given to it from outside, and by the steps that it has made.
    pub(crate) fn feeds(&self, registry: &Registry) -> Feeds {
        self.given_to(&self.page, registry).into_owned()
    }

    /// The same for another state of the page.
    fn given_to(&self, page: &Page, registry: &Registry) -> Cow<'_, Feeds> {
        match self.progress.is_begin() {
            true => Cow::Borrowed(&self.feeds),
            false => Cow::Owned(self.progress.feeds(page, registry, &self.feeds)),
        }
    }

    /// Where its steps have come to.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// How many blocks have got other ids.
    pub(crate) fn renamed(&self) -> usize {
        self.renames.len()
    }

    /// It stands where steps have come to that began when so many blocks had been renamed.
    pub(crate) fn stands_after_steps(&mut self, mut progress: Progress, renamed: usize, registry: &Registry) {
        for (from, to) in &self.renames[renamed.min(self.renames.len())..] {
            follow(&mut progress, from, to);
        }
        self.stands_at(progress, registry);
    }

    /// It stands elsewhere from now on. That is no change of the page.
    pub(crate) fn stands_at(&mut self, progress: Progress, registry: &Registry) {
        self.progress = progress;
        self.look_again(registry);
    }

    /// Its blocks read other files from now on: the page is saved elsewhere, or more is allowed.
    pub(crate) fn reads(&mut self, files: DataFiles, registry: &Registry) {
        self.files = files;
        self.look_again(registry);
    }

    /// Looks again at the files that its blocks read; whether any of them has changed. That is no change of the page.
    pub(crate) fn look_again(&mut self, registry: &Registry) -> bool {
        let now = checked(&self.checked, &self.page, (&self.files, &self.given_to(&self.page, registry)), registry);
        let is_other = !now.blocks.ptr_eq(&self.checked.blocks);
        if is_other {
            self.checked = Arc::new(now);
            self.content += 1;
        }
        self.outside = folders_outside(&self.files, &self.checked);
        is_other
    }

    /// Gives an output a tensor from outside, called so, or none any more. That is no change of the page.
    pub(crate) fn feed(&mut self, port: PortRef, fed: Option<(String, Tensor)>, registry: &Registry) {
        match fed {
            Some((name, tensor)) => {
                self.feeds.insert(port.clone(), tensor);
                self.fed_names.insert(port, name);
            }
            None => {
                self.feeds.remove(&port);
                self.fed_names.remove(&port);
            }
        }
        self.look_again(registry);
    }

    /// What a block is given from outside is called.
    pub fn fed_with(&self, id: &BlockId) -> Option<&str> {
        self.checked.blocks.get(id)?.fed.as_ref()?;
        self.fed_names.iter().find(|(port, _)| port.block == *id).map(|(_, name)| name.as_str())
    }

    /// Takes back the last change. `false` if there is none.
    pub fn undo(&mut self, registry: &Registry) -> Result<bool, EditError> {
        let before = self.page.clone();
        let done = self.history.undo(Arc::make_mut(&mut self.page));
        self.travelled(before, done, registry)
    }

    /// Takes back the last change as if it had never been.
    pub(crate) fn take_back(&mut self, registry: &Registry) -> Result<bool, EditError> {
        let before = self.page.clone();
        let done = self.history.take_back_last(Arc::make_mut(&mut self.page));
        self.travelled(before, done, registry)
    }

    /// Does the last undone change again. `false` if there is none.
    pub fn redo(&mut self, registry: &Registry) -> Result<bool, EditError> {
        let before = self.page.clone();
        let done = self.history.redo(Arc::make_mut(&mut self.page));
        self.travelled(before, done, registry)
    }

    fn travelled(
        &mut self,
        before: Arc<Page>,
        done: Result<bool, EditError>,
        registry: &Registry,
    ) -> Result<bool, EditError> {
        match done {
            Ok(true) => self.refresh(&before, registry),
            // The very same page, not a copy.
            Ok(false) | Err(_) => self.page = before,
        }
        done
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.history.undo_label()
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.history.redo_label()
    }

    fn refresh(&mut self, before: &Page, registry: &Registry) {
        if is_same(&self.page, &self.saved) {
            self.page = self.saved.clone();
        }
        let page = self.page.clone();
        let changes = Changes::between(before, &page);
        self.used_ids.extend(changes.added.iter().chain(&changes.places).map(|id| (*id).clone()));
        let ends = changes.on.iter().flat_map(|wire| [&wire.from.block, &wire.to.block]);
        self.used_ids.extend(ends.cloned());
        let gone = gone(before, &page, &changes);
        self.feeds_follow(&gone);
        let checked = checked(&self.checked, &page, (&self.files, &self.given_to(&page, registry)), registry);
        let is_seen = !checked.blocks.ptr_eq(&self.checked.blocks) || before.name != page.name;
        self.checked = Arc::new(checked);
        self.outside = folders_outside(&self.files, &self.checked);
        self.places_follow(&gone);
        self.place(&changes);
        self.revision += 1;
        self.content += u64::from(is_seen);
    }

    /// Places what has changed; all blocks anew where one has no place yet, for it stands beside others.
    fn place(&mut self, changes: &Changes<'_>) {
        for id in &changes.removed {
            self.places.remove(*id);
        }
        for id in changes.added.iter().chain(&changes.places) {
            if !self.page.blocks.contains_key(*id) {
                continue;
            }
            let own = self.page.layout.get(*id).filter(|place| place.is_within());
            match own.or_else(|| self.given.get(*id)) {
                Some(place) => {
                    self.places.insert((*id).clone(), *place);
                }
                None => return self.place_all(),
            }
        }
    }

    fn place_all(&mut self) {
        let placed = places(&self.checked, &self.given, |id| {
            let size = shapes::block_rect(&self.checked, id, Placement::at(0.0, 0.0)).size();
            (f64::from(size.x), f64::from(size.y))
        });
        self.places = placed.into_iter().collect();
        let layout = &self.page.layout;
        let unplaced = self.places.iter().filter(|(id, place)| layout.get(*id) != Some(*place));
        self.given.extend(unplaced.map(|(id, place)| (id.clone(), *place)));
    }

    /// What is given to a block stays its own, also with another id. Of one that is gone it is kept: undo may bring it back.
    fn feeds_follow(&mut self, gone: &[(BlockId, Option<BlockId>)]) {
        for (from, to) in gone.iter().filter_map(|(from, to)| Some((from, to.as_ref()?))) {
            follow(&mut self.progress, from, to);
            self.renames.push((from.clone(), to.clone()));
        }
        for (from, to) in gone.iter().filter(|(_, to)| to.is_some()) {
            let port = self.feeds.keys().find(|port| port.block == *from).cloned();
            let Some(port) = port else { continue };
            let (tensor, name) = (self.feeds.remove(&port), self.fed_names.remove(&port));
            if let (Some(to), Some(tensor), Some(name)) = (to, tensor, name) {
                let port = PortRef::new(to, &port.port);
                self.feeds.insert(port.clone(), tensor);
                self.fed_names.insert(port, name);
            }
        }
    }

    /// A block that has another id stands where it stood.
    fn places_follow(&mut self, gone: &[(BlockId, Option<BlockId>)]) {
        for (from, to) in gone {
            if let (Some(place), Some(to)) = (self.given.get(from).copied(), to) {
                self.given.insert(to.clone(), place);
            }
        }
    }

    /// An id that no block has or has had in this session, made from a block type's name.
    pub fn fresh_id(&mut self, type_name: &str) -> Option<BlockId> {
        self.fresh_id_from(&id_stem(type_name))
    }

    /// An id that no block has or has had in this session: `stem`, else with a number.
    pub fn fresh_id_from(&mut self, stem: &str) -> Option<BlockId> {
        let candidates = std::iter::once(stem.to_owned()).chain((2u64..).map(|n| format!("{stem}_{n}")));
        let id = candidates.filter_map(|text| BlockId::new(&text)).find(|id| !self.used_ids.contains(id))?;
        self.used_ids.insert(id.clone());
        Some(id)
    }
}

/// A page as checked, of which `before` was an earlier state.
fn checked(
    before: &CheckedPage,
    page: &Arc<Page>,
    (files, feeds): (&DataFiles, &Feeds),
    registry: &Registry,
) -> CheckedPage {
    before.recheck(page, &Surroundings { files: &*files.check, ..Surroundings::new(registry, feeds) })
}

/// Folders that blocks want to read and may not.
fn folders_outside(files: &DataFiles, checked: &CheckedPage) -> BTreeSet<PathBuf> {
    let blocks = checked.readers.iter().filter_map(|id| checked.blocks.get(id));
    let unread = blocks.flat_map(|block| &block.files).filter(|used| used.stamp.is_none());
    unread.filter_map(|used| files.check.outside(&used.path)).collect()
}

/// Whether two pages are one. Most that are compared share most of what they hold.
fn is_same(a: &Page, b: &Page) -> bool {
    let wires = Arc::ptr_eq(&a.wires, &b.wires) || a.wires == b.wires;
    let rest =
        |page: &Page| Page { blocks: OrdMap::new(), layout: OrdMap::new(), wires: Arc::default(), ..page.clone() };
    let maps = a.blocks.diff(&b.blocks).next().is_none() && a.layout.diff(&b.layout).next().is_none();
    maps && wires && rest(a) == rest(b)
}

/// The ids that blocks have no more, and the new ones of those blocks that are still there.
pub fn gone(before: &Page, now: &Page, changes: &Changes<'_>) -> Vec<(BlockId, Option<BlockId>)> {
    let is_it = |id: &BlockId, block: &Arc<BlockNode>| now.blocks.get(id).is_some_and(|now| Arc::ptr_eq(now, block));
    let to = |block: &Arc<BlockNode>| changes.added.iter().find(|id| is_it(id, block)).map(|id| (*id).clone());
    let gone = changes.removed.iter().filter_map(|id| Some(((*id).clone(), to(before.blocks.get(*id)?))));
    gone.collect()
}

/// The ids that blocks have, and those that wires, places and frames name without a block.
fn named_ids(page: &Page) -> BTreeSet<BlockId> {
    let ends = page.wires.iter().flat_map(|wire| [&wire.from.block, &wire.to.block]);
    let framed = page.decor.frames.values().flat_map(|frame| &frame.blocks);
    let bent = page.decor.routes.keys().flat_map(|wire| [&wire.from.block, &wire.to.block]);
    page.blocks.keys().chain(page.layout.keys()).chain(ends).chain(framed).chain(bent).cloned().collect()
}

/// `FakeQuantWithMinMaxArgsGradient` → `fake_quant_grad`: at most two words, and `grad` for a gradient.
fn id_stem(type_name: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in type_name.chars().filter(char::is_ascii_alphanumeric) {
        match words.last_mut() {
            Some(word) if !c.is_ascii_uppercase() => word.push(c),
            _ => words.push(c.to_ascii_lowercase().to_string()),
        }
    }
    let is_gradient = matches!(words.last().map(String::as_str), Some("gradient" | "grad"));
    let mut stem = words[..words.len().min(2)].join("_");
    if is_gradient && words.len() > 2 {
        stem.push_str("_grad");
    }
    if stem.is_empty() { "block".to_owned() } else { stem }
}

/// What a variable has become goes with its block.
fn follow(progress: &mut Progress, from: &BlockId, to: &BlockId) {
    let port = progress.variables.keys().find(|port| port.block == *from).cloned();
    if let Some((port, tensor)) = port.and_then(|port| progress.variables.remove_entry(&port)) {
        progress.variables.insert(PortRef::new(to, &port.port), tensor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        for (type_name, stem) in [
            ("FakeQuantWithMinMaxArgsGradient", "fake_quant_grad"),
            ("FakeQuantWithMinMaxVars", "fake_quant"),
            ("Relu6Grad", "relu6_grad"),
            ("AddV2", "add_v2"),
            ("Const", "const"),
            ("ClientSession", "client_session"),
            ("???", "block"),
        ] {
            assert_eq!(id_stem(type_name), stem, "{type_name}");
        }
    }

    #[test]
    fn ids_are_never_used_again() {
        let registry = Registry::new();
        let mut document = Document::new(Page::default(), "page".into(), None, DataFiles::default(), &registry);
        let first = document.fresh_id("Const").unwrap();
        let block = Arc::new(BlockNode::new("Const"));
        document.edit("add", Edit::AddBlock { id: first.clone(), block, place: None }, &registry).unwrap();
        document.edit("remove", Edit::RemoveBlock(first.clone()), &registry).unwrap();
        assert_ne!(document.fresh_id("Const").unwrap(), first);
    }

    #[test]
    fn what_is_refused_or_changes_nothing_leaves_nothing_to_save() {
        let registry = Registry::new();
        let mut document = Document::new(Page::default(), "page".into(), None, DataFiles::default(), &registry);
        let nobody = BlockId::new("nobody").unwrap();
        document.edit("remove", Edit::RemoveBlock(nobody), &registry).unwrap_err();
        assert!(!document.is_changed());
        document.edit("name", Edit::SetName(None), &registry).unwrap();
        assert!(!document.is_changed());
        assert!(!document.undo(&registry).unwrap() && !document.redo(&registry).unwrap());
        assert!(!document.is_changed());
        // Nor where there is something to save already: it is what it was.
        document.edit("name", Edit::SetName(Some("a".into())), &registry).unwrap();
        let (page, revision) = (document.page.clone(), document.revision());
        document.edit("name", Edit::SetName(Some("a".into())), &registry).unwrap();
        assert!(Arc::ptr_eq(&page, &document.page) && revision == document.revision());
    }

    #[test]
    fn a_change_that_is_taken_back_leaves_nothing_to_save() {
        let registry = Registry::new();
        let mut document = Document::new(Page::default(), "page".into(), None, DataFiles::default(), &registry);
        document.edit("name", Edit::SetName(Some("a".into())), &registry).unwrap();
        assert!(document.is_changed());
        document.undo(&registry).unwrap();
        assert!(!document.is_changed());
    }
}
