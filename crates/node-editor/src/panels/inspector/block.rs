//! One block: what it is, what is wrong, its results, range, attributes and inputs.

use egui::{RichText, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};
use node_core::{BlockId, Fix, PortRef};
use node_engine::Outcome;

use super::inspecting::Inspecting;
use super::section::remark;
use super::{attributes, inputs, quantization, result};
use crate::actions::Action;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Field;
use crate::typed::fixed;
use crate::widgets::remarks::sentences;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;

/// The part of an inspector's height that results have at least.
const RESULT: f32 = 0.3;

/// Draws a block's inspector; the results' tables take what the other sections leave of `height`.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, height: f32, markdown: &mut CommonMarkCache) {
    let tab = inspecting.tab;
    let top = ui.cursor().top();
    let others = ui.scope_id().with("height of the other sections");
    // A result is seen first: what stands below it gives way, and is scrolled to.
    let room = (height * RESULT).max(height - ui.data(|data| data.get_temp::<f32>(others)).unwrap_or(0.0));
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return };
    let block = tab.document.checked.blocks.get(id).cloned();
    let spec = block.as_ref().and_then(|b| b.spec());
    name(ui, tab, id, inspecting.commands);
    let tokens = Tokens::of(ui);
    ui.label(RichText::new(&node.type_name).color(tokens.muted));
    if let Some(spec) = spec {
        ui.add_space(4.0);
        let open = tab.view.docs_open;
        if open {
            CommonMarkViewer::new().show(ui, markdown, &spec.docs);
        }
        ui.horizontal_wrapped(|ui| {
            if !open {
                ui.label(&*spec.summary);
            }
            if ui.link(if open { "Less" } else { "More" }).clicked() {
                inspecting.commands.push(Command::Look(Glance::Documentation(!open)));
            }
        });
    }
    if node.mute {
        muted(ui, tab, id, inspecting.commands);
    }
    if !node.control.is_empty() {
        let before: Vec<&str> = node.control.iter().map(BlockId::as_str).collect();
        ui.label(format!("On a cluster it waits until these are done: {}.", before.join(", ")));
    }
    if let Some(device) = tab.document.page.device_of(id) {
        ui.horizontal_wrapped(|ui| {
            ui.label(format!("On a cluster it is computed by {device}."));
            if ui.link("Device…").clicked() {
                inspecting.commands.push(Command::Do(Action::Device));
            }
        });
    }
    problems(ui, tab, id);
    if spec.is_some_and(|spec| spec.role == node_core::Role::Feed) {
        feed(ui, tab, id, inspecting.commands);
    }
    let tables = result::section(ui, inspecting, id, room);
    quantization::show(ui, inspecting, id);
    warnings(ui, tab, id, inspecting.commands);
    if spec.is_some_and(|s| !s.attrs.is_empty()) || spec.is_none_or(|s| s.role == node_core::Role::AttributeSet) {
        attributes::show(ui, tab, id, inspecting.commands);
    }
    if spec.is_some_and(|s| s.inputs().next().is_some()) {
        inputs::show(ui, tab, id, inspecting.commands);
    }
    let rest = ui.cursor().top() - top - tables;
    let known = ui.data(|data| data.get_temp::<f32>(others)).unwrap_or(0.0);
    if (rest - known).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(others, rest));
        ui.request_repaint();
    }
}

fn name(ui: &mut Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(id.as_str()).family(semibold()).size(size::HEADING));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let rename = RichText::new("Rename").size(size::CAPTION).color(tokens.muted);
            if ui.link(rename).accessible_name(format!("rename {id}")).clicked() {
                commands.push(Command::Look(Glance::InPlace(Some(Field::Id(id.clone())))));
            }
            let (full, what) = match tab.document.page.block(id.as_str()).and_then(|block| block.tf_name.as_deref()) {
                Some(name) => (name.to_owned(), "Its name in the graph that it came from"),
                None => (format!("{}/{id}", tab.document.name()), "The block's full name: scope/id"),
            };
            let full = RichText::new(full).size(size::CAPTION).color(tokens.muted);
            ui.add(egui::Label::new(full).truncate()).on_hover_text(what);
        });
    });
}

/// What passes through a muted block.
fn muted(ui: &mut Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let said = tab.document.checked.blocks.get(id).and_then(|checked| {
        let setup = checked.setup.as_ref()?;
        let outputs = checked.passes.as_ref()?.iter().enumerate().map(|(index, passed)| {
            let output = setup.output_name(index);
            match passed.and_then(|passed| setup.spec().inputs().nth(passed.input)) {
                Some(input) => format!("{} passes to {output}", input.name),
                None => format!("nothing passes to {output}"),
            }
        });
        Some(outputs.collect::<Vec<_>>().join("; "))
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(format!("Muted: {}.", said.as_deref().unwrap_or("nothing passes yet")));
        if ui.link("Unmute").clicked() {
            commands.push(Command::Do(Action::Mute));
        }
    });
}

/// What is given from outside, and the way to give something.
fn feed(ui: &mut Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let setup = tab.document.checked.blocks.get(id).and_then(|checked| checked.setup.as_ref());
    let Some(output) = setup.and_then(|setup| setup.ports.outputs().first()) else { return };
    let port = PortRef::new(id, &output.name);
    ui.horizontal_wrapped(|ui| match tab.document.fed_with(id) {
        Some(name) => {
            ui.label(format!("Fed with {name} as long as the page is open."));
            if ui.link("Another…").accessible_name(format!("feed {port}")).clicked() {
                commands.push(Command::AskForFeed(port.clone()));
            }
            if ui.link("Stop").accessible_name(format!("stop feeding {port}")).clicked() {
                commands.push(Command::StopFeeding(port));
            }
        }
        None => {
            let link = ui.link("Feed from a file…").accessible_name(format!("feed {port}"));
            if link.on_hover_text("Or drop a file onto the block").clicked() {
                commands.push(Command::AskForFeed(port));
            }
        }
    });
}

fn problems(ui: &mut Ui, tab: &Tab, id: &BlockId) {
    let tokens = Tokens::of(ui);
    for problem in tab.document.checked.problems_of(id) {
        let place = problem.port.as_ref().map(|p| format!("{p}: ")).unwrap_or_default();
        let (sign, color) = if problem.open { ("○", tokens.muted) } else { ("●", tokens.error) };
        remark(ui, sign, &format!("{place}{}", problem.message), color);
    }
    match tab.result(id).map(|r| &r.outcome) {
        Some(Outcome::Failed(problem)) => {
            let place = problem.port.as_ref().map(|p| format!("{p}: ")).unwrap_or_default();
            let (sign, color) = if problem.open { ("○", tokens.muted) } else { ("●", tokens.error) };
            remark(ui, sign, &format!("{place}{}", problem.message), color);
        }
        Some(Outcome::Waiting(source)) => {
            remark(ui, "○", &format!("Waits for {source}, which cannot run."), tokens.muted);
        }
        _ => {}
    }
}

fn warnings(ui: &mut Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    for warning in tab.warnings(id) {
        ui.add_space(4.0);
        let place = warning.port.as_ref().map(|port| format!("{port}: ")).unwrap_or_default();
        remark(ui, "▲", &format!("{place}{}", sentences(warning)), tokens.warning);
        fixes(ui, tab, id, &warning.fixes, commands);
    }
}

/// What can be done about a warning at once.
pub fn fixes(ui: &mut Ui, tab: &Tab, id: &BlockId, fixes: &[Fix], commands: &mut Vec<Command>) {
    let can_be_done = |fix: &&Fix| fix.share.is_some() || fixed::edits(&tab.document.checked, id, fix).is_some();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        for fix in fixes.iter().filter(can_be_done) {
            let button = ui.small_button(&fix.title).on_hover_text("Sets it where it comes from; undo takes it back");
            if button.clicked() {
                commands.push(Command::Fix(id.clone(), fix.clone()));
            }
        }
    });
}
