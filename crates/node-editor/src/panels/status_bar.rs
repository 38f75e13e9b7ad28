//! The bar at the bottom: problems and warnings, the size of the page, the last run, and what was just said.

use egui::{Align, Layout, RichText, Ui};

use crate::actions::{Action, Keymap};
use crate::command::Command;
use crate::size;
use crate::state::State;
use crate::state::tab::Tab;
use crate::widgets::remarks::{Remarks, Severity};
use crate::widgets::tokens::Tokens;

/// Draws the bar.
pub fn show(ui: &mut Ui, state: &State, keymap: &Keymap, remarks: &Remarks, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let tab = state.tab();
    let muted = |text: String| RichText::new(text).size(size::CAPTION + 0.5).color(tokens.muted);
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 18.0;
        let of = |severity| remarks.count(severity);
        let [problems, open, warnings] = [Severity::Problem, Severity::Open, Severity::Warning].map(of);
        for (n, text, color) in [
            (problems, format!("● {}", count(problems, "problem")), tokens.error),
            (open, format!("○ {open} to connect or set"), tokens.muted),
            (warnings, format!("▲ {}", count(warnings, "warning")), tokens.warning),
        ] {
            let text = RichText::new(text).size(size::CAPTION + 0.5).color(color);
            if n > 0 && ui.link(text).on_hover_text("Lists them all").clicked() {
                commands.push(Command::ShowRemarks);
            }
        }
        let page = &tab.document.page;
        ui.label(muted(format!("{} · {}", count(page.blocks.len(), "block"), count(page.wires.len(), "wire"))));
        if let Some(target) = &tab.target {
            let link = ui.link(muted(format!("on {target}"))).on_hover_text(Action::RunOn.row().name);
            if link.accessible_name("where the page runs").clicked() {
                commands.push(Command::Do(Action::RunOn));
            }
        }
        if let Some(run) = run_text(tab, state.run_as_you_edit, &keymap.text(Action::Run)) {
            let label = ui.label(muted(excerpt(&run)));
            if run.chars().count() > MOST {
                label.on_hover_text(&run);
            }
        }
        if tab.run.progress.is_some() && ui.link(muted(Action::Stop.row().name.to_owned())).clicked() {
            commands.push(Command::Do(Action::Stop));
        }
        if let Some(title) = state.clusters.comparing() {
            ui.label(muted(format!("comparing {title} …")));
            if ui.link(muted("Stop comparing".to_owned())).clicked() {
                commands.push(Command::StopComparing);
            }
        }
        let writing = state.host.writing();
        for (path, done) in &writing {
            ui.label(muted(format!("writing {}, {:.0} %", path.display(), done * 100.0)));
        }
        if !writing.is_empty() && ui.link(muted("Stop writing".to_owned())).clicked() {
            commands.push(Command::StopWriting);
        }
        let importing = state.host.importing();
        for (path, done) in &importing {
            ui.label(muted(format!("reading {}, {:.0} %", path.display(), done * 100.0)));
        }
        if !importing.is_empty() && ui.link(muted("Stop reading".to_owned())).clicked() {
            commands.push(Command::StopImporting);
        }
        for feeding in &state.feeding {
            ui.label(muted(format!("reading {}…", feeding.name)));
        }
        if let Some(notice) = state.notice.as_ref().filter(|_| writing.is_empty()) {
            ui.label(RichText::new(notice).size(size::CAPTION + 0.5).color(tokens.text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let zoom = format!("{:.0} %", tab.view.camera.zoom * 100.0);
            let link = ui.link(muted(zoom)).on_hover_text(Action::ZoomReset.row().name).accessible_name("zoom");
            if link.clicked() {
                commands.push(Command::Do(Action::ZoomReset));
            }
            let adds = match keymap.text(Action::AddBlock) {
                keys if keys.is_empty() => Action::AddBlock.row().name.to_owned(),
                keys => format!("{keys} adds a block"),
            };
            if ui.link(muted(adds)).clicked() {
                commands.push(Command::Do(Action::AddBlock));
            }
            let help = ui.link(muted("?".to_owned())).on_hover_text(Action::Help.row().name);
            if help.accessible_name("help").clicked() {
                commands.push(Command::Do(Action::Help));
            }
        });
    });
}

/// So many letters of what there is to say of a run are shown; the rest to who points at them.
const MOST: usize = 90;

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn run_text(tab: &Tab, run_as_you_edit: bool, keys: &str) -> Option<String> {
    let keys = if keys.is_empty() { Action::Run.row().name } else { keys };
    if let Some(progress) = &tab.run.progress {
        let others = match progress.blocks {
            0 | 1 => String::new(),
            more => format!(" and {} more", more - 1),
        };
        return Some(format!("running {}{others}, {:.0} %", progress.block, progress.done * 100.0));
    }
    if tab.run.is_running() {
        return Some("running…".to_owned());
    }
    if let Some(why) = &tab.run.broke_off {
        return Some(format!("the run broke off: {why}; {keys} runs again"));
    }
    if tab.run.stopped {
        return Some(format!("stopped before its end ({keys} runs)"));
    }
    let stale = tab.submitted != Some(tab.document.content());
    if stale && !run_as_you_edit {
        return Some(format!("changed since the last run ({keys} runs)"));
    }
    let micros = tab.run.elapsed?.as_micros();
    Some(match micros {
        0..1_000 => format!("ran in {micros} µs"),
        1_000..1_000_000 => format!("ran in {:.1} ms", micros as f64 / 1e3),
        _ => format!("ran in {:.2} s", micros as f64 / 1e6),
    })
}
