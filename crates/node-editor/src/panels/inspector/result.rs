//! `result_output`: every output, in the view that its inspector shows.

mod cell;
mod columns;
mod compare;
mod copy;
pub mod courses;
mod curve;
mod distribution;
mod edited;
mod grid;
mod listing;
mod picture;
mod planes;
pub mod plots;
pub mod subject;
mod table;
mod tools;
mod why;

use egui::{Button, RichText, Ui};
use node_core::{BlockId, DType, Direction, PortKind, PortRef};

use super::inspecting::Inspecting;
use super::rows::ROW;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::results::View;
use crate::state::tab::Tab;
use crate::state::view::PortEnd;
use crate::widgets::names;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;
use crate::widgets::values;
use crate::wiring::at::wire_at;
use subject::Subject;

/// A table is at least so high, if it has so many rows.
const LEAST_ROWS: usize = 6;
/// Other views are at least so high, and no higher.
const LEAST: f32 = 260.0;
/// The height of a scalar's course.
const COURSE: f32 = 130.0;
const MOST: f32 = 460.0;

/// Draws a section for each output, whose tables share `room`. Returns how high the views are together.
pub fn section(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, room: f32) -> f32 {
    some(ui, inspecting, id, room, |_| true)
}

/// Draws one port alone: what it gives, or what comes to it.
pub fn port(ui: &mut Ui, inspecting: &mut Inspecting<'_>, port: &PortRef, room: f32) {
    let tab = inspecting.tab;
    let checked = tab.document.checked.blocks.get(&port.block);
    let output = match checked.and_then(|block| block.output_index(&port.port)) {
        Some(_) => Some(port.clone()),
        None => {
            let end = PortEnd { port: port.clone(), direction: Direction::In, kind: PortKind::Tensor };
            wire_at(&tab.document.checked, &end).map(|wire| wire.from)
        }
    };
    ui.label(RichText::new(port.to_string()).family(semibold()).size(size::HEADING));
    let Some(output) = output else {
        ui.label(RichText::new("Nothing is wired to it.").color(Tokens::of(ui).muted));
        return;
    };
    if output != *port && ui.link(format!("from {output}")).clicked() {
        inspecting.commands.push(Command::Reveal(output.block.clone()));
    }
    values::show(ui, tab, &output);
    let index = tab.document.checked.blocks.get(&output.block).and_then(|block| block.output_index(&output.port));
    let room = (room - 150.0).max(ROW * LEAST_ROWS as f32);
    some(ui, inspecting, &output.block, room, |nth| Some(nth) == index);
}

fn some(
    ui: &mut Ui,
    inspecting: &mut Inspecting<'_>,
    id: &BlockId,
    room: f32,
    is_shown: impl Fn(usize) -> bool,
) -> f32 {
    let tab = inspecting.tab;
    let Some(result) = tab.result(id) else { return 0.0 };
    let Some(setup) = tab.document.checked.blocks.get(id).and_then(|b| b.setup.as_ref()) else { return 0.0 };
    let ports = setup.ports.outputs().iter().enumerate().filter(|(index, _)| is_shown(*index));
    let mut outputs = Vec::new();
    for (index, port) in ports.filter(|(index, _)| result.tensor(*index).is_some()) {
        let port = PortRef::new(id, &port.name);
        let shown = tab.view.results.shown(inspecting.number, &port);
        outputs.extend(Subject::of(tab, &port, &shown).map(|subject| (index, subject, shown)));
    }
    if outputs.is_empty() {
        return 0.0;
    }
    let view = tab.view.results.view(inspecting.number);
    tabs(ui, inspecting, view, &outputs.iter().map(|(_, subject, _)| subject).collect::<Vec<_>>());
    let rows: Vec<usize> = outputs.iter().map(|(_, subject, _)| subject.output.len()).collect();
    let mut drawn = 0.0;
    for ((index, subject, shown), height) in outputs.into_iter().zip(heights(&rows, room)) {
        let ty = |ui: &mut Ui| {
            ui.label(RichText::new(subject.output.tensor_type().to_string()).monospace().size(size::CAPTION).weak());
            if tab.is_stale() {
                let color = Tokens::of(ui).warning;
                ui.label(RichText::new("before the last edit").size(size::CAPTION).color(color));
            }
        };
        super::section::section(ui, &format!("result_output[{index}] {}", subject.port.port), ty, |ui| {
            let view = if is_offered(view, &subject) { view } else { View::Table };
            let wide = height.max(room).clamp(LEAST, MOST);
            drawn += match view {
                View::Table => table::show(ui, inspecting, &subject, &shown, height),
                View::Grid => grid::show(ui, inspecting, &subject, &shown, wide),
                View::Picture => picture::show(ui, inspecting, &subject, &shown, wide),
                View::Distribution => distribution::show(ui, inspecting, &subject, &shown, wide),
                View::Curve => curve::show(ui, inspecting, &subject, &shown, wide),
                View::Compare => compare::show(ui, inspecting, &subject, &shown, height),
            };
            drawn += course(ui, tab, &subject.port);
            drawn += why::show(ui, inspecting, &subject.port);
        });
    }
    drawn
}

/// The course of a scalar over the steps that were made; how high it is.
fn course(ui: &mut Ui, tab: &Tab, port: &PortRef) -> f32 {
    let courses = tab.training.courses();
    let Some(values) = courses.of(port).filter(|values| values.len() > 1) else { return 0.0 };
    let before = ui.cursor().top();
    let text = format!("over {} steps", courses.steps);
    ui.label(RichText::new(text).size(size::CAPTION).color(Tokens::of(ui).muted));
    let drawn = (&[(port, values)][..], courses.every);
    courses::plot(ui, ("course", tab.id, port), drawn, COURSE, &format!("course of {port}"));
    ui.cursor().top() - before
}

/// Whether a view has something to show of an output.
fn is_offered(view: View, subject: &Subject) -> bool {
    let output = &subject.output;
    let is_number = output.dtype() != DType::String;
    match view {
        View::Table | View::Compare => true,
        View::Grid => output.shape().rank() > 1 && !output.is_empty(),
        View::Picture => is_number && output.len() > 1,
        View::Distribution => is_number && !output.is_empty(),
        View::Curve => is_number && curve::varied_column(subject).is_some(),
    }
}

/// The tabs of the views.
fn tabs(ui: &mut Ui, inspecting: &mut Inspecting<'_>, view: View, subjects: &[&Subject]) {
    let tokens = Tokens::of(ui);
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 1.0;
        ui.spacing_mut().button_padding.x = 5.0;
        for offered in View::ALL.into_iter().filter(|view| subjects.iter().any(|subject| is_offered(*view, subject))) {
            let is_on = view == offered;
            let color = if is_on { tokens.accent } else { tokens.muted };
            let text = RichText::new(offered.name()).size(size::CAPTION + 0.5).color(color);
            let button = ui.add(Button::selectable(is_on, text)).accessible_name(names::view(offered.name()));
            if button.clicked() {
                inspecting.commands.push(Command::Look(Glance::View(inspecting.number, offered)));
            }
        }
    });
}

/// How high each table is: those with few rows as high as they need, the others share what is left.
fn heights(rows: &[usize], room: f32) -> Vec<f32> {
    let mut by_need: Vec<usize> = (0..rows.len()).collect();
    by_need.sort_by_key(|i| rows[*i]);
    let mut heights = vec![0.0; rows.len()];
    let (mut left, mut sharing) = (room, rows.len());
    for i in by_need {
        let share = (left / sharing as f32 / ROW).floor() * ROW;
        let least = rows[i].min(LEAST_ROWS) as f32 * ROW;
        heights[i] = (rows[i] as f32 * ROW).min(share).max(least);
        left -= heights[i];
        sharing -= 1;
    }
    heights
}
