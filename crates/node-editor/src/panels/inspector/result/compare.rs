//! A result beside another: another port's, or its own of a run that was kept.

use std::sync::Arc;

use egui::{Button, ComboBox, RichText, Ui, vec2};
use egui_plot::{Line, PlotPoints, Points};
use node_core::{PortRef, Tensor};
use node_engine::Studies;
use node_engine::analysis::Stop;
use node_engine::analysis::compare::{Comparison, Misfit, compare};
use node_engine::studies::{Key, Reply};

use super::plots::{self, FARTHEST, short};
use super::subject::{Cells, Column, Subject};
use crate::command::{Command, Glance};
use crate::panels::inspector::inspecting::Inspecting;
use crate::panels::inspector::rows::index_of;
use crate::panels::inspector::section::link_row;
use crate::size;
use crate::state::results::{Against, Find, Shown, View};
use crate::widgets::figures::figure;
use crate::widgets::names::{Told, tell};
use crate::widgets::tokens::Tokens;

/// So many ports are offered.
const OFFERED: usize = 300;
/// So many elements are drawn.
const POINTS: usize = 1_500;

/// Draws it. Returns how high it is.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, shown: &Shown, _: f32) -> f32 {
    let begun = ui.cursor().top();
    let mut now = shown.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 3.0);
        choose(ui, inspecting, subject, &mut now);
        keep(ui, inspecting, subject, &mut now);
    });
    match (&subject.reference, &shown.against) {
        (Some((name, reference)), Some(_)) => figures(ui, inspecting, subject, name, reference, &mut now),
        (None, Some(Against::Port(port))) => {
            ui.label(RichText::new(format!("{port} has no result yet.")).color(Tokens::of(ui).muted));
        }
        _ => {
            let text = "Choose another port of this page, or keep what this run gives to see what a change makes of it. \
                        A file is compared by a block that reads it: drop it on the canvas.";
            ui.add(egui::Label::new(RichText::new(text).size(size::CAPTION).color(Tokens::of(ui).muted)).wrap());
        }
    }
    if now != *shown {
        inspecting.show(&subject.port, now);
    }
    ui.cursor().top() - begun
}

fn choose(ui: &mut Ui, inspecting: &Inspecting<'_>, subject: &Subject, now: &mut Shown) {
    let said = match &now.against {
        None => "with …".to_owned(),
        Some(Against::Kept) => "the run that was kept".to_owned(),
        Some(Against::Port(port)) => port.to_string(),
    };
    let combo = ComboBox::from_id_salt(("against", &subject.port)).width(150.0);
    let response = combo.selected_text(RichText::new(said).size(size::CAPTION)).show_ui(ui, |ui| {
        ui.selectable_value(&mut now.against, None, "nothing");
        if inspecting.tab.view.results.kept(&subject.port).is_some() {
            ui.selectable_value(&mut now.against, Some(Against::Kept), "the run that was kept");
        }
        for port in others(inspecting, subject) {
            let text = port.to_string();
            ui.selectable_value(&mut now.against, Some(Against::Port(port)), text);
        }
    });
    response.response.accessible_name(format!("compare {} with", subject.port));
}

/// The other outputs of the page that may have the same type.
fn others(inspecting: &Inspecting<'_>, subject: &Subject) -> Vec<PortRef> {
    let checked = &inspecting.tab.document.checked;
    let mut others = Vec::new();
    for (id, block) in &checked.blocks {
        let Some(setup) = &block.setup else { continue };
        for (port, ty) in setup.ports.outputs().iter().zip(block.outputs.iter()) {
            let port = PortRef::new(id, &port.name);
            if port != subject.port && ty.dtype == subject.output.dtype() && ty.shape.admits(subject.output.shape()) {
                others.push(port);
            }
            if others.len() >= OFFERED {
                return others;
            }
        }
    }
    others
}

fn keep(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, now: &mut Shown) {
    let text = RichText::new("Keep this run").size(size::CAPTION);
    let button = ui.add(Button::new(text)).accessible_name(format!("keep {}", subject.port));
    if button.on_hover_text("Keeps the result as it is now, to compare later ones with").clicked() {
        let keep = Glance::Keep(subject.port.clone(), Some(subject.output.clone()));
        inspecting.commands.push(Command::Look(keep));
        now.against = Some(Against::Kept);
    }
    if inspecting.tab.view.results.kept(&subject.port).is_some() {
        let text = RichText::new("Drop it").size(size::CAPTION);
        let link = ui.link(text).accessible_name(format!("drop what was kept of {}", subject.port));
        if link.on_hover_text("Forgets the run that was kept").clicked() {
            inspecting.commands.push(Command::Look(Glance::Keep(subject.port.clone(), None)));
            now.against = now.against.take().filter(|against| *against != Against::Kept);
        }
    }
}

/// How far the two are apart.
fn compared(studies: &mut Studies, output: &Tensor, reference: &Tensor) -> Reply<Arc<Result<Comparison, Misfit>>> {
    let key = Key::new("compare".to_owned(), [output, reference]);
    studies.ask(key, output.len(), || {
        let (output, reference) = (output.clone(), reference.clone());
        move |stop: &Stop| match compare(&output, &reference, 0.0, stop) {
            Err(Misfit::Stopped) => None,
            other => Some(other),
        }
    })
}

fn figures(
    ui: &mut Ui,
    inspecting: &mut Inspecting<'_>,
    subject: &Subject,
    name: &str,
    reference: &Tensor,
    now: &mut Shown,
) {
    let tokens = Tokens::of(ui);
    let told = match compared(inspecting.studies, &subject.output, reference) {
        Reply::Answer(told) => told,
        Reply::Soon => {
            ui.label(RichText::new("Comparing …").color(tokens.muted));
            return;
        }
        Reply::Nothing => return,
    };
    let comparison = match &*told {
        Ok(comparison) => comparison,
        Err(why) => {
            ui.label(RichText::new(format!("● They cannot be compared: {why}.")).color(tokens.error));
            return;
        }
    };
    let lines = lines(comparison);
    for line in &lines {
        ui.label(RichText::new(line).monospace().size(size::CAPTION));
    }
    let rect = ui.min_rect();
    let said = Told {
        role: egui::Role::Group,
        name: format!("{} beside {name}", subject.port),
        value: Some(lines.join("; ")),
        description: None,
        selected: None,
        rect,
        key: &("compare", &subject.port),
    };
    tell(ui, said);
    ways_on(ui, inspecting, subject, comparison, now);
    scatter(ui, subject, name, reference, now);
}

/// The figures, in words: those that `nudge compare` prints.
fn lines(comparison: &Comparison) -> Vec<String> {
    let Comparison { count, differing, max_abs, max_rel, mse, sqnr_db, max_ulp, .. } = comparison;
    if *differing == 0 {
        return vec![format!("identical: 0 of {count} differ")];
    }
    let number = figure;
    let sqnr = if sqnr_db.is_finite() { format!("{sqnr_db:.2} dB") } else { number(*sqnr_db) };
    let mut lines = vec![
        format!("{differing} of {count} differ"),
        format!("largest difference {} · relative {}", number(*max_abs), number(*max_rel)),
        format!("MSE {} · SQNR {sqnr}", number(*mse)),
    ];
    lines.extend(max_ulp.map(|ulps| format!("at most {ulps} ULP apart")));
    lines
}

/// To the first that differs, and to the other views of the difference.
fn ways_on(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, comparison: &Comparison, now: &mut Shown) {
    let number = inspecting.number;
    if let Some(first) = &comparison.first_difference {
        let text = format!("first differing: [{}]", index_of(first));
        if link_row(ui, &text, format!("first difference of {}", subject.port)) {
            (now.find, now.only, now.order) = (Some(Find::Unequal), true, None);
            inspecting.commands.push(Command::Look(Glance::View(number, View::Table)));
        }
    }
    if subject.column("difference").is_none() {
        return;
    }
    ui.horizontal(|ui| {
        ui.label(RichText::new("the difference as").size(size::CAPTION).color(Tokens::of(ui).muted));
        for view in [View::Table, View::Picture, View::Distribution] {
            let link = ui.link(RichText::new(view.name().to_lowercase()).size(size::CAPTION));
            let name = format!("difference of {} as {}", subject.port, view.name().to_lowercase());
            if link.accessible_name(name).clicked() {
                now.column = Some("difference".to_owned());
                inspecting.commands.push(Command::Look(Glance::View(number, view)));
            }
        }
    });
}

/// One over the other, some of the elements evenly chosen.
fn scatter(ui: &mut Ui, subject: &Subject, name: &str, reference: &Tensor, now: &mut Shown) {
    let tokens = Tokens::of(ui);
    let column = Column { title: name.to_owned(), cells: Cells::Elements(reference.clone()), quantized: false };
    let Some((x, y)) = column.reader().zip(subject.own().and_then(Column::reader)) else { return };
    let step = subject.output.len().div_ceil(POINTS).max(1);
    let points = (0..subject.output.len()).step_by(step).map(|flat| [x.at(flat), y.at(flat)]);
    let points: Vec<[f64; 2]> = points.filter(|point| point.iter().all(|value| value.abs() < FARTHEST)).collect();
    let ends = points
        .iter()
        .map(|point| point[0])
        .fold(None, |ends: Option<[f64; 2]>, x| Some(ends.map_or([x, x], |[low, high]| [low.min(x), high.max(x)])));
    let Some([low, high]) = ends else { return };
    let text = RichText::new("joined").size(size::CAPTION);
    let check = ui.checkbox(&mut now.joined, text).accessible_name(format!("joined points of {}", subject.port));
    check.on_hover_text("A line from element to element, in the tensor's order");
    let joined = now.joined;
    let plot = plots::plot(tokens, ("scatter", &subject.port), 170.0, short);
    let response = plot.show(ui, |plot| {
        let equal = PlotPoints::from_iter([[low, low], [high, high]]);
        plot.line(Line::new("", equal).color(tokens.muted).width(1.0).allow_hover(false));
        if joined {
            let line = PlotPoints::from_iter(points.iter().copied());
            plot.line(Line::new("", line).color(tokens.attrs).width(1.0).allow_hover(false));
        }
        plot.points(Points::new("", PlotPoints::from_iter(points)).color(tokens.accent).radius(1.6));
    });
    response.response.accessible_name(format!("{} over {name}", subject.port));
    let text = format!("{} over {name}; on the line they are equal", subject.port);
    ui.add(egui::Label::new(RichText::new(text).size(size::CAPTION).color(tokens.muted)).wrap());
}
