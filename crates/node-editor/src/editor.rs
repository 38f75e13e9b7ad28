//! The editor: open pages, the worker that runs them, and the panels around the canvas.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{CentralPanel, Context, Frame, Margin, Panel, Stroke, Ui, UiBuilder};
use egui_commonmark::CommonMarkCache;
use node_core::check::{Origin, Source, State};
use node_core::{BlockId, Direction, Page, Problem, Registry, Warning, Wire};
use node_engine::{BlockResult, Job, Runner};

use crate::command::{Action, Command};
use crate::dialog::{self, Dialog};
use crate::document::Document;
use crate::host::{Host, Recovered};
use crate::kept::Kept;
use crate::look::Look;
use crate::run_state::RunState;
use crate::tokens::{Tokens, size};
use crate::typed::meaning;
use crate::view_state::{Field, Gesture, ViewState};
use crate::{canvas, inspector, palette, shortcuts, status_bar, top_bar};

/// Which open page: its number, which no other has in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabId(u64);

impl TabId {
    /// Its number.
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

/// An open page: the document, how it is looked at, and what its runs gave; the three never mix.
pub struct Tab {
    /// Which it is.
    pub id: TabId,
    /// The page.
    pub document: Document,
    /// How it is looked at.
    pub view: ViewState,
    /// What its runs gave.
    pub run: RunState,
    /// The revision that was last sent to the worker.
    pub submitted: Option<u64>,
    /// What was sent: the page as checked, and the blocks whose tensors were asked for.
    pub sent: Option<Job>,
    /// Whether its changes are to be lost when the program ends: the person has said so.
    pub given_up: bool,
}

impl Tab {
    /// A tab on a document.
    fn new(id: TabId, document: Document) -> Tab {
        let (view, run) = (ViewState::default(), RunState::default());
        Tab { id, document, view, run, submitted: None, sent: None, given_up: false }
    }

    /// Whether there is something to save: a change, or text that was typed and is not good yet.
    pub fn is_changed(&self) -> bool {
        self.document.is_changed() || !self.view.typing.is_empty()
    }

    /// What the last run gave for a block, unless it belongs to a page that was another: a block with a problem has no
    /// result, whatever it had before.
    pub fn result(&self, id: &BlockId) -> Option<&BlockResult> {
        let ready = self.document.checked.blocks.get(id).is_some_and(|b| b.state == State::Ready);
        self.run.results.get(id).filter(|result| ready || result.tensors().is_none())
    }

    /// The blocks whose tensors are looked at: the one that is selected, and those at its inputs.
    fn looked_at(&self) -> BTreeSet<BlockId> {
        let Some(id) = self.view.selected_block() else { return BTreeSet::new() };
        let checked = self.document.checked.blocks.get(id);
        let sources = checked.into_iter().flat_map(|block| block.inputs.iter().flatten());
        let sources = sources.filter_map(|source| match source {
            Source::Output { block, .. } => Some(block.clone()),
            Source::Literal(_) => None,
        });
        sources.chain([id.clone()]).collect()
    }

    /// A run to be made so that what is looked at is there: of what was sent last, where the page has changed since.
    fn closer_look(&self) -> Option<Job> {
        let sent = self.sent.as_ref()?;
        let looked_at = self.looked_at();
        let known = looked_at.iter().all(|id| sent.checked.blocks.contains_key(id));
        (known && !looked_at.is_subset(&sent.looked_at)).then(|| Job { checked: sent.checked.clone(), looked_at })
    }

    /// Whether the results are those of the page before an edit, and no run is on its way.
    pub fn is_stale(&self) -> bool {
        self.submitted != Some(self.document.revision()) && !self.run.is_running()
    }

    /// What a person should know of a block although nothing is wrong: with the values of the run, once there are any.
    pub fn warnings(&self, id: &BlockId) -> &[Warning] {
        let has_run = self.submitted == Some(self.document.revision());
        match self.run.results.get(id).filter(|_| has_run) {
            Some(result) => &result.warnings,
            None => self.document.checked.blocks.get(id).map_or(&[], |block| &block.warnings),
        }
    }
}

impl Tab {
    /// Why a value cannot be edited where it stands, if it cannot: a wire gives it.
    pub fn why_fixed(&self, field: &Field) -> Option<String> {
        match field {
            Field::Attr(id, name) => {
                let entry = self.document.checked.blocks.get(id)?.effective.iter().find(|e| e.spec.name == name)?;
                let Origin::Wired(set) = &entry.origin else { return None };
                Some(format!("{id}.{name} is given by the set {set}; change it there."))
            }
            Field::Literal(id, name) => {
                let spec = self.document.checked.blocks.get(id)?.block?.spec();
                let port = spec.port(Direction::In, name)?;
                let mut wires = self.document.page.wires.iter();
                let wire = wires.find(|wire| wire.to.block == *id && port.answers_to(&wire.to.port))?;
                Some(format!("{id}.{name} comes from {}; change it there, or take off the wire.", wire.from))
            }
            _ => None,
        }
    }
}

/// The editor.
pub struct Editor {
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
    /// What the status bar says.
    pub(crate) notice: Option<String>,
    /// Whether the page runs with every edit.
    pub(crate) run_as_you_edit: bool,
    /// Whether the palette is shown.
    pub(crate) palette_open: bool,
    /// Whether the inspector is shown.
    pub(crate) inspector_open: bool,
    /// What is typed into the palette's search.
    pub(crate) palette_search: String,
    /// Whether the person wants to leave.
    pub(crate) quitting: bool,
    /// Whether the program may end.
    pub(crate) may_quit: bool,
    /// Whether a text field had the focus at the end of the last frame.
    pub(crate) was_typing: bool,
    pub(crate) markdown: CommonMarkCache,
    /// How it looked when it began.
    pub(crate) look: Look,
    /// What an earlier session did not come to save, to be asked about.
    pub(crate) recovered: Vec<Recovered>,
    /// Whether a page was closed since the worker was last told to let go of what it keeps.
    pub(crate) has_closed: bool,
    /// What was kept last for a next session.
    pub(crate) kept: Kept,
    /// The folder in which a page was opened or saved last.
    pub(crate) folder: Option<PathBuf>,
    memory_limit: u64,
    runner: Option<Runner>,
    next_run: u64,
    last_tab: u64,
}

impl Editor {
    /// An editor without pages; `memory_limit` is for each run's tensors, in bytes.
    pub fn new(registry: Arc<Registry>, host: Box<dyn Host>, memory_limit: u64) -> Editor {
        let mut editor = Editor {
            registry,
            host,
            tabs: Vec::new(),
            active: 0,
            dialog: None,
            notice: None,
            run_as_you_edit: true,
            palette_open: true,
            inspector_open: true,
            palette_search: String::new(),
            quitting: false,
            may_quit: false,
            was_typing: false,
            markdown: CommonMarkCache::default(),
            look: Look::default(),
            recovered: Vec::new(),
            has_closed: false,
            kept: Kept::default(),
            folder: None,
            memory_limit,
            runner: None,
            next_run: 1,
            last_tab: 0,
        };
        editor.open_page(Page::default(), "untitled", None);
        editor
    }

    /// Opens a page that is in memory.
    pub fn open_page(&mut self, page: Page, fallback_name: &str, path: Option<PathBuf>) {
        let document = Document::new(page, fallback_name.to_owned(), path, &self.registry);
        self.open_document(document);
    }

    /// Opens a document beside the others, in the place of an empty one that nobody has touched.
    pub(crate) fn open_document(&mut self, document: Document) {
        self.last_tab += 1;
        let tab = Tab::new(TabId(self.last_tab), document);
        match self.tabs.as_slice() {
            [only] if only.document.path.is_none() && only.document.page.blocks.is_empty() && !only.is_changed() => {
                self.tabs = vec![tab];
            }
            _ => self.tabs.push(tab),
        }
        self.active = self.tabs.len() - 1;
    }

    /// Puts another document into an open tab.
    pub(crate) fn put_document(&mut self, index: usize, document: Document) {
        self.last_tab += 1;
        self.has_closed = true;
        self.tabs[index] = Tab::new(TabId(self.last_tab), document);
    }

    /// Opens the page file at `path`, or shows what is wrong with it.
    pub fn open_path(&mut self, path: &Path) {
        if let Some(open) = self.tab_of_file(path) {
            self.active = open;
            return;
        }
        match self.host.load(path) {
            Ok(page) => {
                let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
                self.open_page(page, &name, Some(path.to_owned()));
                self.was_in_folder_of(path);
            }
            Err(problems) => self.could_not_open(path, &problems),
        }
    }

    pub(crate) fn could_not_open(&mut self, path: &Path, problems: &[Problem]) {
        let found = problems.iter().map(|p| p.in_file(path.display()));
        let lines = match self.dialog.take() {
            Some(Dialog::Message { lines, .. }) => lines.into_iter().chain(found).collect(),
            _ => found.collect(),
        };
        self.dialog = Some(Dialog::Message { title: "This page cannot be opened".to_owned(), lines });
    }

    /// Which open page is the file at `path`, however that is spelled.
    pub(crate) fn tab_of_file(&self, path: &Path) -> Option<usize> {
        let file = self.host.identity(path);
        let is_it = |tab: &Tab| tab.document.path.as_deref().is_some_and(|own| self.host.identity(own) == file);
        self.tabs.iter().position(is_it)
    }

    /// Dialogs begin in this folder, until a file is opened or saved in another.
    pub fn begin_in(&mut self, folder: &Path) {
        self.folder = Some(folder.to_owned());
    }

    /// Dialogs begin where a file was opened or saved last.
    pub(crate) fn was_in_folder_of(&mut self, path: &Path) {
        self.folder = path.parent().map(Path::to_owned).filter(|folder| !folder.as_os_str().is_empty());
    }

    /// The folder in which a dialog about a page begins: that of its own file, of the one that is shown, of the last.
    pub(crate) fn folder_for(&self, document: &Document) -> PathBuf {
        let parent = |document: &Document| document.path.as_deref().and_then(Path::parent).map(Path::to_owned);
        let folder = parent(document).or_else(|| parent(&self.tab().document)).or_else(|| self.folder.clone());
        folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or_else(|| self.host.folder())
    }

    /// Where a page stands among the open ones, if it is still open.
    pub(crate) fn index_of(&self, id: TabId) -> Option<usize> {
        self.tabs.iter().position(|tab| tab.id == id)
    }

    /// Shows the page at `index`.
    pub fn show_tab(&mut self, index: usize) {
        self.active = index.min(self.tabs.len().saturating_sub(1));
    }

    /// Shows the page that was opened first.
    pub fn show_first_page(&mut self) {
        self.active = 0;
    }

    /// The open pages.
    pub fn tabs(&self) -> &[Tab] {
        &self.tabs
    }

    /// Whether a dialog is open.
    pub fn has_dialog(&self) -> bool {
        self.dialog.is_some()
    }

    /// The page that is shown.
    pub fn tab(&self) -> &Tab {
        &self.tabs[self.active]
    }

    /// The page that is shown.
    pub fn tab_mut(&mut self) -> &mut Tab {
        &mut self.tabs[self.active]
    }

    /// The window's title.
    pub fn title(&self) -> String {
        let mark = if self.tab().is_changed() { "● " } else { "" };
        format!("{mark}{} – Nudge", self.tab().document.name())
    }

    /// The person closes the window: asks about what is not saved. Returns whether the program may end now.
    pub fn close_requested(&mut self) -> bool {
        if !self.may_quit {
            self.quitting = true;
        }
        self.may_quit
    }

    /// Whether the program may end: everything is saved or given up.
    pub fn may_quit(&self) -> bool {
        self.may_quit
    }

    /// Draws the editor and does what the person wants.
    pub fn ui(&mut self, ui: &mut Ui) {
        self.take_reports();
        let mut commands = Vec::new();
        let looked_at = self.looked_at();
        let keys = if self.dialog.is_none() { shortcuts::collect(ui, self) } else { shortcuts::Pressed::default() };
        commands.extend(keys.before);
        self.panels(ui, &mut commands);
        let (pointed, here): (Vec<_>, Vec<_>) = commands.into_iter().partition(Command::goes_elsewhere);
        let mut all = here.iter().chain(&keys.after).chain(&pointed);
        if self.quitting || all.any(Command::leaves_fields) || looked_at != self.looked_at() {
            self.keep_typed(ui.ctx());
        }
        let mut answered = Vec::new();
        dialog::show(ui, self, &mut answered);
        here.into_iter().for_each(|command| self.apply(ui.ctx(), command));
        for command in keys.after {
            if self.dialog.is_some() {
                break;
            }
            self.apply(ui.ctx(), command);
            // What is pressed next is meant for what has opened.
            if self.takes_keys() {
                break;
            }
        }
        pointed.into_iter().chain(answered).for_each(|command| self.apply(ui.ctx(), command));
        self.was_typing = ui.ctx().text_edit_focused();
        self.step_quit();
        self.ask_about_recovered();
        self.keep_unsaved(ui.ctx());
        self.run_if_needed(ui.ctx());
    }

    /// Whether something is open that keys are for, rather than the canvas.
    fn takes_keys(&self) -> bool {
        let view = &self.tab().view;
        self.dialog.is_some() || view.search.is_some() || view.in_place.is_some()
    }

    /// Gives up the gesture, else closes what is open on the canvas; else there is nothing left but the selection.
    pub(crate) fn escape(&mut self) -> Option<Command> {
        let view = &mut self.tab_mut().view;
        if view.gesture != Gesture::None {
            view.gesture = Gesture::None;
            return None;
        }
        let closed = view.attrs_open.take().is_some() || view.search.take().is_some();
        (!closed).then(|| Command::Select(BTreeSet::new()))
    }

    /// Which page is shown, and which fields of it: those of what is selected, as fields or as text, and of a popup.
    fn looked_at(&self) -> (TabId, BTreeSet<BlockId>, Option<Wire>, bool, Option<BlockId>) {
        let Tab { id, view, .. } = self.tab();
        (*id, view.selection.clone(), view.wire.clone(), view.text_open, view.attrs_open.clone())
    }

    /// Keeps what is typed in fields of the page that is shown, as far as it is good; the rest stays to be mended.
    fn keep_typed(&mut self, ctx: &Context) {
        let mut typed: Vec<(Field, String)> = self.tab().view.typing.clone().into_iter().collect();
        // An id comes last: what else is typed is under the old one.
        typed.sort_by_key(|(field, _)| matches!(field, Field::Id(_)));
        for (field, text) in typed {
            if let Ok(command) = meaning(&self.tab().document.checked, &field, &text) {
                self.tab_mut().view.typing.remove(&field);
                command.into_iter().for_each(|command| self.apply(ctx, command));
            }
        }
    }

    fn panels(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let tokens = Tokens::of(ui);
        let bar = Frame::new().fill(tokens.background).inner_margin(Margin::symmetric(12, 0));
        Panel::top("top bar").frame(bar).exact_size(38.0).show(ui, |ui| top_bar::show(ui, self, commands));
        let bar = Frame::new().fill(tokens.background).inner_margin(Margin::symmetric(14, 3));
        Panel::bottom("status bar").frame(bar).exact_size(26.0).show(ui, |ui| status_bar::show(ui, self, commands));
        let side = Frame::new().fill(tokens.panel).inner_margin(Margin::same(0));
        // Each panel gives way, so that something is left of the canvas.
        let most = |ui: &Ui, wanted: f32, left: f32| (ui.available_width() - left).clamp(160.0, wanted);
        let palette_most = most(ui, 420.0, 520.0);
        let mut open = self.palette_open;
        let shown = Panel::left("palette")
            .frame(side)
            .default_size(self.look.palette.unwrap_or(size::PALETTE))
            .size_range(160.0..=palette_most)
            .show_collapsible(ui, &mut open, |ui| contained(ui, |ui| palette::show(ui, self, commands)));
        self.palette_open = open;
        self.look.palette = shown.map(|panel| panel.response.rect.width()).filter(|_| open).or(self.look.palette);
        let inspector_most = most(ui, 900.0, 300.0);
        let mut open = self.inspector_open;
        let shown = Panel::right("inspector")
            .frame(side)
            .default_size(self.look.inspector.unwrap_or(size::INSPECTOR))
            .size_range(150.0..=inspector_most)
            .show_collapsible(ui, &mut open, |ui| contained(ui, |ui| inspector::show(ui, self, commands)));
        self.inspector_open = open;
        self.look.inspector = shown.map(|panel| panel.response.rect.width()).filter(|_| open).or(self.look.inspector);
        let canvas = Frame::new().fill(tokens.canvas).stroke(Stroke::NONE);
        CentralPanel::default().frame(canvas).show(ui, |ui| {
            let registry = self.registry.clone();
            canvas::show(ui, self.tab_mut(), &registry, commands);
        });
    }

    fn take_reports(&mut self) {
        let Some(runner) = &self.runner else { return };
        let reports: Vec<_> = runner.reports().collect();
        for report in reports {
            for tab in &mut self.tabs {
                tab.run.take(report.clone());
            }
        }
    }

    /// Sends the page to the worker if it is not the one that was sent last, or if more of it is looked at.
    fn run_if_needed(&mut self, ctx: &Context) {
        let tab = self.tab();
        if self.run_as_you_edit && tab.submitted != Some(tab.document.revision()) {
            self.run_now(ctx);
        } else if let Some(job) = tab.closer_look().filter(|_| self.may_look_closer()) {
            self.send(ctx, job);
        } else if self.has_closed && !self.tabs.iter().any(|tab| tab.run.is_running()) {
            self.has_closed = false;
            if let Some(runner) = &self.runner {
                runner.forget(self.next_run);
                self.next_run += 1;
            }
        }
    }

    /// A closer look does not break off a run: not this page's, and no other's that would not begin again by itself.
    fn may_look_closer(&self) -> bool {
        let others = || self.tabs.iter().any(|tab| tab.run.is_running());
        !self.tab().run.is_running() && (self.run_as_you_edit || !others())
    }

    /// Sends the page to the worker.
    pub(crate) fn run_now(&mut self, ctx: &Context) {
        let tab = self.tab_mut();
        tab.submitted = Some(tab.document.revision());
        let job = Job { checked: tab.document.checked.clone(), looked_at: tab.looked_at() };
        self.send(ctx, job);
    }

    fn send(&mut self, ctx: &Context, job: Job) {
        if self.runner.is_none() {
            let ctx = ctx.clone();
            match Runner::start(self.memory_limit, move || ctx.request_repaint()) {
                Ok(runner) => self.runner = Some(runner),
                Err(error) => self.notice = Some(format!("The worker thread cannot be started: {error}")),
            }
        }
        let run = self.next_run;
        self.next_run += 1;
        // The worker has one run: another page's is asked for again when that page is shown.
        let active = self.active;
        let others = self.tabs.iter_mut().enumerate().filter(|(index, tab)| *index != active && tab.run.is_running());
        for (_, other) in others {
            other.run.give_way();
            (other.submitted, other.sent) = (None, None);
        }
        let tab = &mut self.tabs[self.active];
        tab.run.expect(run);
        tab.sent = Some(job.clone());
        if let Some(runner) = &self.runner {
            runner.submit(run, job);
        }
    }

    /// Stops the worker and says so; the results that are there stay with their blocks.
    pub(crate) fn break_off_run(&mut self) {
        if let Some(runner) = &self.runner {
            runner.forget(self.next_run);
            self.next_run += 1;
        }
        self.tab_mut().run.stopped = true;
    }

    /// Stops the run under way; what it has given so far stays.
    pub(crate) fn stop_run(&mut self) {
        if let (Some(runner), Some(run)) = (&self.runner, self.tab().run.number()) {
            runner.cancel(run);
        }
        self.tab_mut().run.stop();
        self.tab_mut().sent = None;
    }

    fn step_quit(&mut self) {
        if !self.quitting || self.dialog.is_some() {
            return;
        }
        match self.tabs.iter().position(|tab| tab.is_changed() && !tab.given_up) {
            Some(index) => {
                self.active = index;
                self.dialog = Some(Dialog::Unsaved { tab: self.tab().id });
            }
            None => {
                self.quitting = false;
                self.may_quit = true;
            }
        }
    }

    /// Whether an action can be taken now.
    pub fn is_enabled(&self, action: Action) -> bool {
        let tab = self.tab();
        let selected = !tab.view.selection.is_empty();
        match action {
            Action::Undo => tab.document.undo_label().is_some(),
            Action::Redo => tab.document.redo_label().is_some(),
            Action::Cut | Action::Copy | Action::Duplicate => selected,
            Action::Delete => selected || tab.view.wire.is_some(),
            Action::SelectAll | Action::Fit => !tab.document.page.blocks.is_empty(),
            Action::NextPage | Action::PreviousPage => self.tabs.len() > 1,
            Action::Stop => tab.run.is_running(),
            Action::Rename => tab.view.selected_block().is_some(),
            _ => true,
        }
    }
}

/// Draws a panel's content without letting it widen the panel: its width is the person's.
fn contained(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let rect = ui.available_rect_before_wrap();
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.shrink_clip_rect(rect);
    content(&mut child);
    ui.advance_cursor_after_rect(rect);
}
