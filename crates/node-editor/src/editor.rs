//! The editor: open pages, the worker that runs them, and the panels around the canvas.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{CentralPanel, Context, Frame, Margin, Panel, Stroke, Ui, UiBuilder};
use egui_commonmark::CommonMarkCache;
use node_core::{BlockId, Page, Registry, Wire};
use node_engine::Runner;
use node_engine::executor::{Executor, Start};

use crate::command::{Action, Command};
use crate::dialog::{self, Dialog};
use crate::host::{Host, Recovered};
use crate::kept::Kept;
use crate::look::Look;
pub use crate::tab::{Tab, TabId};
use crate::tokens::{Tokens, size};
use crate::typed::meaning;
use crate::view_state::{Field, Gesture};
use crate::{canvas, inspector, palette, shortcuts, status_bar, top_bar};

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
    /// How what runs pages is started, …
    pub(crate) start: Start,
    /// … and it, once it was needed.
    pub(crate) executor: Option<Box<dyn Executor>>,
    pub(crate) next_run: u64,
    pub(crate) last_tab: u64,
}

impl Editor {
    /// An editor without pages, which runs them on this machine; `memory_limit` is for each run's tensors, in bytes.
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
            start: Runner::starting(memory_limit),
            executor: None,
            next_run: 1,
            last_tab: 0,
        };
        editor.open_page(Page::default(), "untitled", None);
        editor
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
