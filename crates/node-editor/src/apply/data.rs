//! Files that hold arrays: dropped or chosen, read by blocks, changed by others.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Context, Pos2, Vec2};
use node_core::page::Written;
use node_core::{BlockNode, Edit, Placement, PortRef, Role, Value};
use node_engine::executor::Wake;

use super::blocks::clear_spot;
use super::work::Work;
use crate::state::State;
use crate::state::dialog::{ArrayChoice, Dialog, FileDialog};

/// How far below each other new blocks stand.
const APART: f32 = 150.0;

/// The attribute that names the file that a block reads.
const PATH: &str = "path";

impl State {
    /// Looks again at files that blocks read, if any of them may have changed.
    pub(crate) fn look_at_data(&mut self, ctx: &Context) {
        if !self.host.data_changed(&waking(ctx)) {
            return;
        }
        for tab in &mut self.tabs {
            if tab.document.look_again(&self.registry) {
                let name = tab.document.name();
                self.notice = Some(format!("A file that {name} reads has changed; what depends on it runs again."));
            }
        }
    }

    /// All pages may read the files of a folder from now on.
    pub(crate) fn allow_data(&mut self, folder: &Path) {
        self.host.allow_data(folder);
        for tab in &mut self.tabs {
            let files = self.host.data_files(tab.document.path.as_deref());
            tab.document.reads(files, &self.registry);
        }
    }
}

impl State {
    /// A page that is to be saved names the files that it reads from there: those in its folder by their names alone, so
    /// that the folder can be moved and given away; others still as the files that they are.
    pub(crate) fn data_named_from(&self, index: usize, page: &Path) -> Option<Edit> {
        let document = &self.tabs[index].document;
        let (old, new) = (document.path.as_deref().and_then(folder_of), folder_of(page)?);
        if old.as_ref() == Some(&new) {
            return None;
        }
        let mut edits = Vec::new();
        for (id, block) in &document.checked.blocks {
            let node = document.page.block(id.as_str()).filter(|_| block.role() == Some(Role::File));
            let Some(Value::String(named)) = node.and_then(|node| node.attrs.get(PATH)) else { continue };
            let file = old.as_ref().map_or_else(|| PathBuf::from(named), |old| old.join(named));
            let Some(file) = Some(file).filter(|file| file.is_absolute()).and_then(|f| f.canonicalize().ok()) else {
                continue;
            };
            let now = file.strip_prefix(&new).unwrap_or(&file);
            if let Some(now) = now.to_str().filter(|now| now != named) {
                edits.push(Edit::set_attr(id, PATH, Some(Value::String(now.to_owned()).into())));
            }
        }
        (!edits.is_empty()).then_some(Edit::Batch(edits))
    }
}

/// The folder of a file, without links.
fn folder_of(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Some(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
}

impl Work<'_> {
    /// Asks for a file that holds arrays, to make blocks of them or to give one to an output.
    pub(crate) fn ask_for_data(&mut self, feeds: Option<PortRef>) {
        let files = FileDialog::new(self.state.folder_for(&self.tab().document), String::new());
        self.state.dialog = Some(Dialog::Data { tab: self.tab().id, files, feeds });
    }

    /// Whether a file is opened as a page, where it is dropped.
    fn is_opened(&self, path: &Path) -> bool {
        is_page(path) || self.state.host.is_graph(path)
    }

    /// Takes in files: pages are opened, of arrays blocks are made. Who drops a file lets it be read.
    pub(crate) fn drop_files(&mut self, paths: Vec<PathBuf>, at: Option<Pos2>) {
        if let ([path], Some(port)) = (paths.as_slice(), at.and_then(|at| self.fed_at(at)))
            && !self.is_opened(path)
        {
            return self.feed_file(path, port);
        }
        let (pages, data): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| self.is_opened(path));
        let mut made = Vec::new();
        let mut choices = Vec::new();
        let mut wrong = Vec::new();
        for path in data {
            match self.arrays_of(&path) {
                Ok((path, parts)) if parts.len() == 1 => made.push((path, String::new())),
                Ok((path, parts)) => choices.extend(parts.into_iter().map(|part| ArrayChoice {
                    path: path.clone(),
                    part,
                    is_chosen: false,
                })),
                Err(why) => wrong.push(why),
            }
        }
        self.add_files(&made, at);
        // Who has to choose is not kept from it by what is wrong with other files.
        if !choices.is_empty() {
            self.state.dialog = Some(Dialog::Arrays { tab: self.tab().id, choices, at, feeds: None, wrong });
        } else if !wrong.is_empty() {
            self.state.dialog = Some(Dialog::Message { title: "This cannot be read".to_owned(), lines: wrong });
        }
        pages.iter().for_each(|path| self.state.open_path(path));
    }

    /// How the page names a file, and the arrays that it holds.
    pub(super) fn arrays_of(&mut self, path: &Path) -> Result<(String, Vec<String>), String> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let own = self.tab().document.path.as_deref().and_then(folder_of);
        let inside = own.as_deref().and_then(|own| path.strip_prefix(own).ok());
        let named = inside.unwrap_or(&path).to_str();
        let named = named.ok_or_else(|| format!("{}: the name is no text, so no page can hold it", path.display()))?;
        if let Some(folder) = self.tab().document.files.check.outside(named) {
            self.state.allow_data(&folder);
        }
        let files = &self.tab().document.files.check;
        let parts = files.parts(named);
        match files.describe(named, "") {
            Err(why) if parts.is_empty() => Err(why),
            _ => Ok((named.to_owned(), parts)),
        }
    }

    /// Makes a block for each array, below each other.
    pub(crate) fn add_files(&mut self, arrays: &[(String, String)], at: Option<Pos2>) {
        let reads = self.state.registry.iter().find(|ty| ty.spec.role == Role::File).map(|ty| ty.spec.name.to_string());
        let (Some(type_name), false) = (reads, arrays.is_empty()) else { return };
        let canvas = self.canvas();
        let tab = self.tab_mut();
        let middle = tab.view.camera.to_world(canvas, canvas.center()) - Vec2::new(109.0, 60.0);
        let begin = at.unwrap_or(middle);
        let mut places = tab.document.places.clone();
        let mut edits = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        for (number, (path, part)) in arrays.iter().enumerate() {
            let at = clear_spot(begin + Vec2::new(0.0, APART * number as f32), &places);
            let Some(id) = tab.document.fresh_id_from(&stem(path, part)) else { continue };
            let mut node = BlockNode::new(&type_name);
            let text = |value: &str| Written::from(Value::String(value.to_owned()));
            node.attrs = [(PATH, path)]
                .into_iter()
                .chain((!part.is_empty()).then_some(("part", part)))
                .map(|(name, value)| (node_core::Name::from(name.to_owned()), text(value).value))
                .collect();
            let place = Placement::at(f64::from(at.x.round()), f64::from(at.y.round())).kept_within();
            places.insert(id.clone(), place);
            edits.push(Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) });
            ids.insert(id);
        }
        let label = match ids.len() {
            1 => format!("add {}", ids.iter().next().map(ToString::to_string).unwrap_or_default()),
            many => format!("add {many} files"),
        };
        if self.edit(&label, Edit::Batch(edits)) {
            self.select(ids);
            self.bring_into_view();
        }
    }
}

/// What has the editor look again.
pub(crate) fn waking(ctx: &Context) -> Wake {
    let ctx = ctx.clone();
    Arc::new(move || ctx.request_repaint())
}

/// Whether a file is a page rather than data.
pub(super) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// What a block is called that reads an array: after it, else after its file.
fn stem(path: &str, part: &str) -> String {
    let name =
        if part.is_empty() { Path::new(path).file_stem().unwrap_or_default().to_string_lossy() } else { part.into() };
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let plain = plain.trim_matches('_');
    if plain.is_empty() { "file".to_owned() } else { plain.to_owned() }
}
