//! The editor: the shell that draws panels and does what they ask for.

mod analysing;
mod panes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{CentralPanel, Context, Event, Frame, Margin, Panel, Stroke, Ui};
use egui_commonmark::CommonMarkCache;
use node_core::{Page, Registry};
use node_engine::executor::Start;
use node_engine::{Runner, Studies};

use analysing::Analysing;

use crate::actions::Keymap;
use crate::apply::waking;
use crate::command::{Asked, Command};
use crate::host::Host;
use crate::panels::canvas::Canvas;
use crate::panels::keys::{self, Pressed};
use crate::panels::{dialog, status_bar, top_bar};
use crate::state::State;
use crate::state::appearance::Appearance;
use crate::state::tab::{Tab, TabId};
use crate::widgets::remarks::Remarks;
use crate::widgets::tokens::Tokens;

/// The editor.
pub struct Editor {
    state: State,
    /// Whether a text field had the focus at the end of the last frame.
    was_typing: bool,
    keymap: Keymap,
    /// What canvases have made and painted, by their number and page.
    canvases: BTreeMap<(u32, TabId), Canvas>,
    /// What there is to say of the page that is shown.
    remarks: Remarks,
    markdown: CommonMarkCache,
    /// What inspectors have worked out beside the frames.
    studies: Studies,
    /// What runs beside the page's own runs.
    analysing: Analysing,
    /// The canvas that is being drawn.
    drawn: Option<u32>,
}

impl Editor {
    /// An editor with an empty page, which runs pages on this machine; `memory_limit` is for each run's tensors, in bytes.
    pub fn new(registry: Arc<Registry>, host: Box<dyn Host>, memory_limit: u64) -> Editor {
        let mut state = State::new(registry, host, Runner::starting(memory_limit));
        state.open_page(Page::default(), "untitled", None);
        Editor {
            state,
            was_typing: false,
            keymap: Keymap::default(),
            canvases: BTreeMap::new(),
            remarks: Remarks::default(),
            markdown: CommonMarkCache::default(),
            studies: Studies::default(),
            analysing: Analysing::new(memory_limit / 2),
            drawn: None,
        }
    }

    /// The open pages.
    pub fn tabs(&self) -> &[Tab] {
        self.state.tabs()
    }

    /// The page that is shown.
    pub fn tab(&self) -> &Tab {
        self.state.tab()
    }

    /// Whether something that is looked at is still being worked out.
    pub fn is_studying(&self) -> bool {
        self.studies.are_at_work() || self.analysing.is_at_work()
    }

    /// Whether a dialog is open.
    pub fn has_dialog(&self) -> bool {
        self.state.dialog.is_some()
    }

    /// The window's title.
    pub fn title(&self) -> String {
        let mark = if self.tab().is_changed() { "● " } else { "" };
        format!("{mark}{} – Nudge", self.tab().document.name())
    }

    /// Opens the page file at `path`, or shows what is wrong with it.
    pub fn open_path(&mut self, path: &Path) {
        self.state.open_path(path);
    }

    /// Dialogs begin in this folder, until a file is opened or saved in another.
    pub fn begin_in(&mut self, folder: &Path) {
        self.state.begin_in(folder);
    }

    /// Shows the page that was opened first.
    pub fn show_first_page(&mut self) {
        self.state.show_tab(0);
    }

    /// Offers what an earlier session did not come to save.
    pub fn offer_recovered(&mut self) {
        self.state.offer_recovered();
    }

    /// Has pages run by another executor from now on; the page that is shown is run anew.
    pub fn run_on(&mut self, start: Start) {
        self.state.run_on(start);
    }

    /// Panels and theme as they are now.
    pub fn appearance(&self, ctx: &Context) -> Appearance {
        self.state.appearance(ctx)
    }

    /// Panels and theme as they are to be. Call it before the first frame.
    pub fn set_appearance(&mut self, ctx: &Context, appearance: Appearance) {
        self.state.set_appearance(ctx, appearance);
    }

    /// Other keys than the table's, by the names that settings have for actions. Returns what is wrong with them; the rest
    /// counts.
    pub fn set_keys(&mut self, settings: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let (keymap, wrong) = Keymap::with(settings);
        self.keymap = keymap;
        wrong
    }

    /// The files that were opened or saved last, the newest first.
    pub fn recent(&self) -> &[PathBuf] {
        &self.state.recent
    }

    /// What an earlier session opened or saved.
    pub fn set_recent(&mut self, recent: Vec<PathBuf>) {
        self.state.recent = recent;
    }

    /// Whether the next session is to begin with the pages of this one.
    pub fn reopens(&self) -> bool {
        self.state.reopens
    }

    /// Whether the next session is to begin with the pages of this one.
    pub fn set_reopens(&mut self, reopens: bool) {
        self.state.reopens = reopens;
    }

    /// Folders whose files pages may read, wherever they are: the person has said so.
    pub fn allowed_data(&self) -> Vec<PathBuf> {
        self.state.host.allowed_data()
    }

    /// The files of the open pages, the one that is shown first.
    pub fn open_files(&self) -> Vec<PathBuf> {
        let (shown, others) = (self.tab(), self.tabs().iter().filter(|tab| tab.id != self.tab().id));
        let paths = std::iter::once(shown).chain(others).filter_map(|tab| tab.document.path.as_deref());
        paths.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned())).collect()
    }

    /// Says something in the status bar.
    pub fn say(&mut self, notice: String) {
        self.state.notice = Some(notice);
    }

    /// The person closes the window: asks about what is not saved. Returns whether the program may end now.
    pub fn close_requested(&mut self) -> bool {
        if !self.state.may_quit {
            self.state.quitting = true;
        }
        self.state.may_quit
    }

    /// Whether the program may end: everything is saved or given up.
    pub fn may_quit(&self) -> bool {
        self.state.may_quit
    }

    /// The program ends, and has not asked what is to be saved: where it is kept.
    pub fn break_off(&mut self) -> Vec<PathBuf> {
        self.state.break_off()
    }

    /// Draws the editor and does what the person wants.
    pub fn ui(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        self.state.take_reports();
        self.studies.begin_frame(waking(&ctx));
        if ui.input(|i| i.events.iter().any(|event| matches!(event, Event::WindowFocused(true)))) {
            self.state.look_at_disk();
        }
        self.state.look_at_data(&ctx);
        self.state.take_feeds();
        self.state.tell_of_written();
        self.state.follow_imports(&ctx);
        self.state.hear_clusters();
        self.focus_canvas(ui);
        self.remarks.follow(self.state.tab(), self.state.appearance.warn_clipped);
        self.analysing.analyse(&mut self.state, &ctx);
        let (looked_at, took_keys) = (self.state.looked_at(), self.state.takes_keys());
        let pressed = if self.has_dialog() {
            Pressed::default()
        } else {
            keys::collect(ui, &self.state, &self.keymap, self.was_typing)
        };
        let mut asked = Vec::new();
        let shown = self.tab().id;
        self.hear_drops(ui, &mut asked, shown);
        self.draw(&mut asked, shown, |_, commands| commands.extend(pressed.before));
        self.panels(ui, &mut asked);
        self.draw(&mut asked, shown, |editor, commands| dialog::show(ui, &editor.state, &editor.keymap, commands));
        let (elsewhere, here): (Vec<_>, Vec<_>) = asked.into_iter().partition(|asked| asked.command.goes_elsewhere());
        self.keep_typed(&ctx, &here, &pressed.after, &elsewhere, looked_at != self.state.looked_at());
        here.into_iter().for_each(|asked| self.state.apply(&ctx, asked));
        self.press(&ctx, pressed.after);
        elsewhere.into_iter().for_each(|asked| self.state.apply(&ctx, asked));
        if took_keys && !self.state.takes_keys() {
            give_up_focus(&ctx);
        }
        self.was_typing = ctx.text_edit_focused();
        self.state.settle_dock();
        let (state, canvases) = (&self.state, self.state.dock.canvases());
        self.canvases.retain(|(number, page), _| canvases.contains(number) && state.page(*page).is_some());
        self.state.step_quit();
        self.state.ask_about_recovered();
        self.state.keep_unsaved(&ctx);
        self.state.run_if_needed(&ctx);
        if self.studies.are_left_over() {
            ctx.request_repaint();
        }
    }

    /// Files that are dropped onto the window.
    fn hear_drops(&mut self, ui: &Ui, asked: &mut Vec<Asked>, page: TabId) {
        let dropped = ui.input(|i| i.raw.dropped_files.clone());
        let paths: Vec<PathBuf> = dropped.into_iter().map(|file| file.path().to_owned()).collect();
        if paths.is_empty() || self.has_dialog() {
            return;
        }
        let view = &self.tab().view;
        let over = view.canvas.zip(ui.pointer_latest_pos()).filter(|(canvas, at)| canvas.contains(*at));
        let at = over.map(|(canvas, at)| view.camera.to_world(canvas, at));
        asked.push(Asked { page, canvas: None, command: Command::Drop { paths, at } });
    }

    /// Has something drawn that is about a page. How things are looked at changes at once; the rest is collected.
    fn draw<R>(
        &mut self,
        asked: &mut Vec<Asked>,
        page: TabId,
        draw: impl FnOnce(&mut Editor, &mut Vec<Command>) -> R,
    ) -> R {
        let mut commands = Vec::new();
        let drawn = draw(self, &mut commands);
        for command in commands {
            match command {
                Command::Look(glance) => self.state.glance(page, glance),
                command => asked.push(Asked { page, canvas: self.drawn, command }),
            }
        }
        drawn
    }

    /// Keeps what is typed in fields, on the pages where they are about to be left.
    fn keep_typed(
        &mut self,
        ctx: &Context,
        here: &[Asked],
        pressed: &[Command],
        elsewhere: &[Asked],
        looks_away: bool,
    ) {
        let shown = self.tab().id;
        let leaving = here.iter().chain(elsewhere).filter(|asked| asked.command.leaves_fields());
        let mut pages: BTreeSet<TabId> = leaving.map(|asked| asked.page).collect();
        if self.state.quitting || looks_away || pressed.iter().any(Command::leaves_fields) {
            pages.insert(shown);
        }
        pages.into_iter().for_each(|page| self.state.keep_typed(ctx, page));
    }

    /// Does what keys ask for, each to the page that is shown by then.
    fn press(&mut self, ctx: &Context, commands: Vec<Command>) {
        for command in commands {
            if self.has_dialog() {
                break;
            }
            self.state.apply(ctx, Asked { page: self.tab().id, canvas: None, command });
            // What is pressed next is meant for what has opened.
            if self.state.takes_keys() {
                break;
            }
        }
    }

    fn panels(&mut self, ui: &mut Ui, asked: &mut Vec<Asked>) {
        let tokens = Tokens::of(ui);
        let page = self.tab().id;
        let bar = Frame::new().fill(tokens.background).inner_margin(Margin::symmetric(12, 0));
        Panel::top("top bar").frame(bar).exact_size(38.0).show(ui, |ui| {
            self.draw(asked, page, |editor, commands| top_bar::show(ui, &editor.state, &editor.keymap, commands));
        });
        let bar = Frame::new().fill(tokens.background).inner_margin(Margin::symmetric(14, 3));
        Panel::bottom("status bar").frame(bar).exact_size(26.0).show(ui, |ui| {
            self.draw(asked, page, |editor, commands| {
                status_bar::show(ui, &editor.state, &editor.keymap, &editor.remarks, commands)
            });
        });
        let frame = Frame::new().fill(tokens.line).stroke(Stroke::NONE);
        CentralPanel::default().frame(frame).show(ui, |ui| self.docked(ui, asked));
    }
}

/// What had the keys has closed: the next one is the page's, however soon it comes.
fn give_up_focus(ctx: &Context) {
    ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
}
