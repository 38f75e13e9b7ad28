//! The window.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use eframe::{CreationContext, Frame, NativeOptions};
use egui::{Ui, ViewportBuilder, ViewportCommand};
use node_core::Registry;
use node_editor::Editor;
use node_io::memory;

use crate::host::FileHost;

/// The program's window: the editor, its title and its end.
pub struct App {
    editor: Editor,
    title: String,
}

impl App {
    /// An app with pages open; `paths` are pages, or folders of pages.
    pub fn new(ctx: &egui::Context, registry: Arc<Registry>, paths: &[PathBuf]) -> App {
        node_editor::theme::install(ctx);
        let host = FileHost::new(registry.clone());
        let pages = host.pages(paths);
        let mut editor = Editor::new(registry, Box::new(host), memory::default_limit());
        for page in &pages {
            editor.open_path(page);
        }
        editor.show_first_page();
        App { editor, title: String::new() }
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
    }
}

/// Opens the window and stays until it is closed.
pub fn run(registry: Registry, paths: Vec<PathBuf>) -> ExitCode {
    let viewport = ViewportBuilder::default()
        .with_title("Nudge")
        .with_app_id("nudge")
        .with_inner_size([1500.0, 940.0])
        .with_min_inner_size([760.0, 480.0])
        .with_clamp_size_to_monitor_size(true);
    let options = NativeOptions { viewport, ..NativeOptions::default() };
    let registry = Arc::new(registry);
    let create = move |cc: &CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        Ok(Box::new(App::new(&cc.egui_ctx, registry, &paths)))
    };
    match quietly(|| eframe::run_native("nudge", options, Box::new(create))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => crate::fail(&format!("no window can be opened ({why}); without a display, use `nudge run PAGE`")),
    }
}

/// Opening a window can fail with a panic where a system library is missing: that too becomes one line.
fn quietly(open: impl FnOnce() -> eframe::Result) -> Result<(), String> {
    let earlier = std::panic::take_hook();
    let text = Arc::new(std::sync::Mutex::new(String::new()));
    let heard = text.clone();
    std::panic::set_hook(Box::new(move |info| {
        if let Ok(mut text) = heard.lock() {
            *text = info.to_string();
        }
    }));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(open));
    std::panic::set_hook(earlier);
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(gist(&error.to_string())),
        Err(_) => Err(gist(&text.lock().map(|t| t.clone()).unwrap_or_default())),
    }
}

/// What a long error of the window system comes down to: its last part, on one line.
fn gist(text: &str) -> String {
    let line = text.replace('\n', " ");
    line.rsplit(": ").next().unwrap_or(&line).trim_end_matches(['.', ' ']).to_owned()
}
