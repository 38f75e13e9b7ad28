//! One block: what it is, what is wrong, its results, range, attributes and inputs.

use egui::{RichText, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};
use node_core::BlockId;
use node_engine::Outcome;

use super::section::remark;
use super::{attributes, inputs, quantization, result};
use crate::actions::Action;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Field;
use crate::widgets::remarks::sentences;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;

/// Draws a block's inspector; the results' tables take what the other sections leave of `height`.
pub fn show(
    ui: &mut Ui,
    tab: &Tab,
    id: &BlockId,
    height: f32,
    markdown: &mut CommonMarkCache,
    commands: &mut Vec<Command>,
) {
    let top = ui.cursor().top();
    let others = ui.scope_id().with("height of the other sections");
    let room = height - ui.data(|data| data.get_temp::<f32>(others)).unwrap_or(0.0);
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return };
    let block = tab.document.checked.blocks.get(id).cloned();
    let spec = block.as_ref().and_then(|b| b.spec());
    name(ui, tab, id, commands);
    let tokens = Tokens::of(ui);
    ui.label(RichText::new(&node.type_name).color(tokens.muted));
    if let Some(spec) = spec {
        ui.add_space(4.0);
        let open = tab.view.docs_open;
        if open {
            CommonMarkViewer::new().show(ui, markdown, &spec.docs);
        } else {
            ui.add(egui::Label::new(&*spec.summary).wrap());
        }
        if ui.link(if open { "Less" } else { "More" }).clicked() {
            commands.push(Command::Look(Glance::Documentation(!open)));
        }
    }
    if node.mute {
        muted(ui, tab, id, commands);
    }
    problems(ui, tab, id);
    let tables = result::section(ui, tab, id, room);
    quantization::show(ui, tab, id);
    warnings(ui, tab, id);
    if spec.is_some_and(|s| !s.attrs.is_empty()) || spec.is_none_or(|s| s.role == node_core::Role::AttributeSet) {
        attributes::show(ui, tab, id, commands);
    }
    if spec.is_some_and(|s| s.inputs().next().is_some()) {
        inputs::show(ui, tab, id, commands);
    }
    let rest = ui.cursor().top() - top - tables;
    if (rest - (height - room)).abs() > 0.5 {
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
            let full = RichText::new(format!("{}/{id}", tab.document.name())).size(size::CAPTION).color(tokens.muted);
            ui.add(egui::Label::new(full).truncate()).on_hover_text("The block's full name: scope/id");
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

fn warnings(ui: &mut Ui, tab: &Tab, id: &BlockId) {
    let tokens = Tokens::of(ui);
    for warning in tab.warnings(id) {
        ui.add_space(4.0);
        let place = warning.port.as_ref().map(|port| format!("{port}: ")).unwrap_or_default();
        remark(ui, "▲", &format!("{place}{}", sentences(warning)), tokens.warning);
    }
}
