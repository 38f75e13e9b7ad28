//! The window.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::{CreationContext, Frame, NativeOptions};
use egui::{Ui, ViewportBuilder, ViewportCommand};
use node_core::Registry;
use node_editor::Editor;
use node_io::memory;

use crate::folders::Folders;
use crate::host::FileHost;
use crate::places;
use crate::settings::Settings;

/// Settings are written at most so often, in seconds.
const SETTLED: f64 = 1.0;

/// The program's window: the editor, its title, its settings and its end.
pub struct App {
    editor: Editor,
    title: String,
    folders: Option<Folders>,
    settings: Settings,
    /// Since when the settings are others than those in the file.
    changed: Option<f64>,
}

impl App {
    /// An app with pages open; `paths` are pages, or folders of pages. It remembers nothing.
    pub fn new(ctx: &egui::Context, registry: Arc<Registry>, paths: &[PathBuf]) -> App {
        App::remembering(ctx, registry, paths, None)
    }

    /// The same, which remembers settings and what is not saved in these folders.
    pub fn remembering(
        ctx: &egui::Context,
        registry: Arc<Registry>,
        paths: &[PathBuf],
        folders: Option<Folders>,
    ) -> App {
        node_editor::widgets::theme::install(ctx);
        let mut host = FileHost::new(registry.clone());
        let mut settings = Settings::default();
        let mut wrong = Vec::new();
        if let Some(folders) = &folders {
            host = host.keeping(folders.data.clone());
            settings = Settings::load(&folders.settings).unwrap_or_else(|why| {
                wrong.push(format!("{why}; until it is mended, nothing is remembered"));
                Settings::default()
            });
        }
        host.allow(settings.allowed.iter().map(PathBuf::from));
        let mut pages = host.pages(paths);
        let reopened: Vec<PathBuf> = settings.open.iter().map(PathBuf::from).filter(|path| path.is_file()).collect();
        if paths.is_empty() && settings.reopen && !reopened.is_empty() {
            pages = reopened;
        }
        let mut editor = Editor::new(registry, Box::new(host), memory::default_limit());
        editor.run_on(places::starting(memory::default_limit()));
        editor.set_appearance(ctx, settings.look.clone());
        editor.set_reopens(settings.reopen);
        let (keys, no_texts) = settings.keys();
        let in_keys = no_texts.into_iter().chain(editor.set_keys(&keys));
        wrong.extend(in_keys.map(|why| format!("shortcuts in the settings: {why}")));
        if let Some(folder) = paths.iter().find(|path| path.is_dir()) {
            editor.begin_in(&std::path::absolute(folder).unwrap_or_else(|_| folder.clone()));
        }
        let recent: Vec<PathBuf> = settings.recent.iter().map(PathBuf::from).collect();
        editor.set_recent(recent.clone());
        for page in &pages {
            editor.open_path(page);
        }
        if paths.is_empty() {
            // Nobody has chosen what was opened just now.
            editor.set_recent(recent);
        }
        editor.show_first_page();
        editor.offer_recovered();
        wrong.iter().for_each(|why| note(format_args!("{why}")));
        if let Some(first) = wrong.into_iter().next() {
            editor.say(first);
        }
        App { editor, title: String::new(), folders, settings, changed: None }
    }

    /// The editor.
    pub fn editor(&self) -> &Editor {
        &self.editor
    }

    /// The editor, to have it run pages elsewhere, say.
    pub fn editor_mut(&mut self) -> &mut Editor {
        &mut self.editor
    }

    /// Writes the settings once they have not changed for a while.
    fn remember(&mut self, ui: &Ui) {
        let size = ui.input(|i| i.viewport().inner_rect.filter(|_| i.viewport().maximized != Some(true)));
        let window = size.map(|rect| [rect.width().round(), rect.height().round()]).or(self.settings.window);
        let look = self.editor.appearance(ui.ctx());
        let editor = &self.editor;
        // A name that is no text cannot be written down.
        let texts = |paths: &[PathBuf]| paths.iter().filter_map(|path| path.to_str().map(str::to_owned)).collect();
        let (recent, reopen) = (texts(editor.recent()), editor.reopens());
        let open = if reopen { texts(&editor.open_files()) } else { Vec::new() };
        let allowed = texts(&editor.allowed_data());
        let now = Settings { window, look, recent, reopen, open, allowed, ..self.settings.clone() };
        let time = ui.input(|i| i.time);
        if now != self.settings {
            self.settings = now;
            self.changed = Some(time);
        }
        match self.changed {
            Some(since) if time >= since + SETTLED => self.save_settings(),
            Some(_) => ui.ctx().request_repaint_after_secs(SETTLED as f32),
            None => {}
        }
    }

    fn save_settings(&mut self) {
        self.changed = None;
        if let Some(folders) = &self.folders
            && let Err(why) = self.settings.save(&folders.settings)
        {
            note(format_args!("the settings are not written: {why}"));
        }
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        if ui.input(|i| i.viewport().close_requested()) && !self.editor.close_requested() {
            ui.send_viewport_cmd(ViewportCommand::CancelClose);
        }
        let could_quit = self.editor.may_quit();
        self.editor.ui(ui);
        if self.editor.may_quit() && !could_quit {
            ui.send_viewport_cmd(ViewportCommand::Close);
        }
        let title = self.editor.title();
        if title != self.title {
            ui.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        if self.folders.is_some() {
            self.remember(ui);
        }
    }
}

impl Drop for App {
    /// However the program ends, what is not saved is kept, unless the person has given it up.
    fn drop(&mut self) {
        let kept = catch_unwind(AssertUnwindSafe(|| self.editor.break_off())).unwrap_or_default();
        for path in kept {
            note(format_args!("what was not saved is kept in {}; the next start offers it", path.display()));
        }
        if self.changed.is_some() {
            self.save_settings();
        }
    }
}

/// Says something on stderr, whether anybody listens or not.
fn note(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "note: {what}");
}

/// Opens the window and stays until it is closed.
pub fn run(registry: Registry, paths: Vec<PathBuf>) -> ExitCode {
    let folders = Folders::of_user();
    let size = folders.as_ref().and_then(|folders| Settings::load(&folders.settings).ok()?.window);
    let viewport = ViewportBuilder::default()
        .with_title("Nudge")
        .with_app_id("nudge")
        .with_inner_size(size.unwrap_or([1500.0, 940.0]))
        .with_min_inner_size([760.0, 480.0])
        .with_clamp_size_to_monitor_size(true);
    let options = NativeOptions { viewport, ..NativeOptions::default() };
    let registry = Arc::new(registry);
    let opened = Arc::new(AtomicBool::new(false));
    let is_open = opened.clone();
    let create = move |cc: &CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        is_open.store(true, Ordering::Relaxed);
        Ok(Box::new(App::remembering(&cc.egui_ctx, registry, &paths, folders)))
    };
    match until_closed(&opened, || eframe::run_native("nudge", options, Box::new(create))) {
        Ended::Closed => ExitCode::SUCCESS,
        Ended::NeverOpened(why) => {
            crate::fail(&format!("no window can be opened ({why}); without a display, use `nudge run PAGE`"))
        }
        Ended::BrokeOff(why) => crate::fail(&format!("the window broke off by a mistake of the program: {why}")),
    }
}

/// How a window ended.
enum Ended {
    Closed,
    NeverOpened(String),
    BrokeOff(String),
}

/// Opening a window can fail with a panic where a system library is missing: that too becomes one line. A panic later
/// is told with its trace, as any other.
fn until_closed(opened: &Arc<AtomicBool>, run: impl FnOnce() -> eframe::Result) -> Ended {
    let earlier = Arc::new(std::panic::take_hook());
    let text = Arc::new(std::sync::Mutex::new(String::new()));
    let (heard, later, is_open) = (text.clone(), earlier.clone(), opened.clone());
    std::panic::set_hook(Box::new(move |info| {
        if let Ok(mut text) = heard.lock() {
            *text = info.to_string();
        }
        if is_open.load(Ordering::Relaxed) {
            later(info);
        }
    }));
    let outcome = catch_unwind(AssertUnwindSafe(run));
    std::panic::set_hook(Box::new(move |info| earlier(info)));
    let why = match outcome {
        Ok(Ok(())) => return Ended::Closed,
        Ok(Err(error)) => error.to_string(),
        Err(_) => text.lock().map(|text| text.clone()).unwrap_or_default(),
    };
    if opened.load(Ordering::Relaxed) {
        Ended::BrokeOff(why.replace('\n', " "))
    } else {
        Ended::NeverOpened(gist(&why))
    }
}

/// What a long error of the window system comes down to: its last part, on one line.
fn gist(text: &str) -> String {
    let line = text.replace('\n', " ");
    line.rsplit(": ").next().unwrap_or(&line).trim_end_matches(['.', ' ']).to_owned()
}
