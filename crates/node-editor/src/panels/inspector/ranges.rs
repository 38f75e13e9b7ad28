//! Ranges proposed for a quantizer: each drawn on the histogram of what reaches it, with what would come of it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use egui::{Button, Color32, Label, Pos2, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};
use node_core::number::f32_text;
use node_core::{BlockId, Fix, QuantRange, Quantization, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::audit::gradients_of;
use node_engine::analysis::distribution::{BARS, Distribution};
use node_engine::analysis::ranges::{Method, Proposal, Trial, propose};
use node_engine::results;
use node_engine::studies::{Key, Reply};

use super::inspecting::Inspecting;
use super::section::section;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::analysis::Analysis;
use crate::state::tab::Tab;
use crate::typed::fixed;
use crate::widgets::figures::figure;
use crate::widgets::names::{Told, tell};
use crate::widgets::tokens::Tokens;

/// The histogram is so high.
const HISTOGRAM: f32 = 64.0;

/// As many elements are looked at as a search for one range takes time.
const OF_A_RANGE: usize = 16_384;

/// What tells ranges apart.
fn ranges_key(ranges: &[QuantRange]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for range in ranges {
        for value in [range.min, range.max, range.scale] {
            value.to_bits().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// What is proposed, and the distribution of all that reached the quantizer.
struct Proposed {
    proposals: Vec<Proposal>,
    distribution: Distribution,
}

/// Draws the section of a block that quantizes, or the way to it.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, quantization: &Quantization) {
    let tab = inspecting.tab;
    let block = tab.document.checked.blocks.get(id);
    let Some(trial) = block.and_then(|block| Trial::of(block, quantization)) else { return };
    let analysis = &tab.view.analysis;
    if analysis.proposing.as_ref() != Some(id) {
        let link = ui.link("Propose ranges…").accessible_name(format!("propose ranges for {id}"));
        let link =
            link.on_hover_text("From the data that reach it: min-max, percentiles, entropy, least squared error");
        if link.clicked() {
            ask(inspecting, Analysis { proposing: Some(id.clone()), ..analysis.clone() });
        }
        return;
    }
    section(ui, "PROPOSED RANGES", |_| {}, |ui| content(ui, inspecting, id, quantization, trial));
}

fn ask(inspecting: &mut Inspecting<'_>, analysis: Analysis) {
    inspecting.commands.push(Command::Look(Glance::Analysis(Box::new(analysis))));
}

fn content(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, quantization: &Quantization, trial: Trial) {
    let tokens = Tokens::of(ui);
    let tab = inspecting.tab;
    let Some(input) = at_input(tab, id, &quantization.input) else {
        ui.label(RichText::new("What reaches it is not there yet.").color(tokens.muted));
        return;
    };
    batches(ui, inspecting, id, &input);
    let mut kept = tab.view.analysis.batches.get(id).cloned().unwrap_or_default();
    let all = kept.len();
    kept.retain(|batch| trial.takes(batch));
    if kept.len() < all {
        let text = format!("{} of them do not fit the ranges any more and are left out.", all - kept.len());
        ui.label(RichText::new(text).size(size::CAPTION).color(tokens.warning));
    }
    let data: Vec<Tensor> = std::iter::once(input).chain(kept).collect();
    let gradients = gradients_of(&tab.document.checked, &tab.run.results, id);
    let gradients = gradients.and_then(|(block, port)| at_input(tab, &block, &port));
    // Each range is searched for, however few elements it has.
    let elements = data.iter().map(Tensor::len).sum::<usize>().saturating_mul(40);
    let elements = elements.saturating_add(quantization.ranges.len().saturating_mul(OF_A_RANGE));
    let question = format!("ranges for {id} {} {}", ranges_key(&quantization.ranges), gradients.is_some());
    let key = Key::new(question, data.iter().chain(&gradients));
    let asked = trial.clone();
    let reply = inspecting.studies.ask(key, elements, || {
        move |stop: &Stop| {
            let proposals = propose(&asked, &data, gradients.as_ref(), stop)?;
            let joined = match data.as_slice() {
                [one] => one.clone(),
                many => Tensor::vector(
                    many.iter().flat_map(|t| t.slice::<f32>().unwrap_or_default()).copied().collect::<Vec<f32>>(),
                ),
            };
            Some(Proposed { proposals, distribution: Distribution::of(&joined, None, stop)? })
        }
    });
    match reply {
        Reply::Answer(proposed) => draw(ui, inspecting, id, &trial, &proposed),
        Reply::Soon => drop(ui.label(RichText::new("Trying ranges out …").color(tokens.muted))),
        Reply::Nothing => {
            ui.label(
                RichText::new("No finite value but 0 reaches it: there is nothing to propose from.")
                    .color(tokens.muted),
            );
        }
    }
}

/// What comes to an input of a block in the run.
fn at_input(tab: &Tab, id: &BlockId, input: &str) -> Option<Tensor> {
    results::at_input(&tab.document.checked, id, input, |block, index| tab.result(block)?.tensor(index).cloned())
}

/// The data of other runs, which were kept.
fn batches(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, input: &Tensor) {
    let tokens = Tokens::of(ui);
    let analysis = &inspecting.tab.view.analysis;
    let kept = analysis.batches.get(id).map_or(0, Vec::len);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
        let keep = ui.add(Button::new(RichText::new("Keep this run's data").size(size::CAPTION)));
        let keep = keep.accessible_name(format!("keep data of {id}"));
        if keep.on_hover_text("Then feed another file, or change the page: ranges are proposed from all").clicked() {
            let mut now = analysis.clone();
            now.batches.entry(id.clone()).or_default().push(input.clone());
            ask(inspecting, now);
        }
        if kept > 0 {
            let runs = if kept == 1 { "and of 1 run kept".to_owned() } else { format!("and of {kept} runs kept") };
            ui.label(RichText::new(runs).size(size::CAPTION).color(tokens.muted));
            let forget = ui.link(RichText::new("Forget").size(size::CAPTION));
            if forget.accessible_name(format!("forget data of {id}")).clicked() {
                let mut now = analysis.clone();
                now.batches.remove(id);
                ask(inspecting, now);
            }
        }
    });
}

fn draw(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, trial: &Trial, proposed: &Arc<Proposed>) {
    let tokens = Tokens::of(ui);
    let best = proposed.proposals.iter().map(|proposal| proposal.damage.mse()).fold(f64::INFINITY, f64::min);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HISTOGRAM), Sense::hover());
    let mut pointed = None;
    for (number, proposal) in proposed.proposals.iter().enumerate() {
        let begun = ui.cursor().min;
        row(ui, inspecting, id, trial, proposal, proposal.damage.mse() <= best);
        let row = Rect::from_min_max(begun, pos2(ui.max_rect().right(), ui.cursor().min.y));
        if ui.rect_contains_pointer(row) {
            pointed = Some(number);
            ui.painter().rect_filled(row, 2.0, tokens.selected.gamma_multiply(0.25));
        }
        ui.painter().hline(row.x_range(), row.bottom() - 1.0, Stroke::new(1.0, tokens.line.gamma_multiply(0.6)));
    }
    histogram(ui, rect, &proposed.distribution, &proposed.proposals, pointed);
}

fn row(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId, trial: &Trial, proposal: &Proposal, is_best: bool) {
    let tokens = Tokens::of(ui);
    let name = proposal.method.name();
    ui.horizontal(|ui| {
        let color = if is_best { tokens.inside } else { tokens.text };
        let title = ui.label(RichText::new(&name).size(size::CAPTION + 1.0).color(color));
        title.on_hover_text(proposal.method.reason());
        if is_best {
            ui.label(RichText::new("least error").size(size::CAPTION).color(tokens.inside));
        }
        if proposal.method == Method::Now {
            return;
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let fix = Fix::new(format!("range of {id}: {name}"), trial.typed(&proposal.ends));
            let can_be_set = fixed::edits(&inspecting.tab.document.checked, id, &fix).is_some();
            let button = ui.add_enabled(can_be_set, Button::new(RichText::new("Set").size(size::CAPTION)).small());
            let button = button.accessible_name(format!("set range of {id}: {name}"));
            let button = button.on_disabled_hover_text("A wire gives the ends of the range; take it off first");
            if button.on_hover_text("Sets it where it comes from; undo takes it back").clicked() {
                inspecting.commands.push(Command::Fix(id.clone(), fix));
            }
        });
    });
    let range = match proposal.ends.as_slice() {
        [[low, high]] => format!("{} to {}", f32_text(*low), f32_text(*high)),
        many => format!("{} ranges", many.len()),
    };
    let percent = |part: f64| format!("{:.2} %", part * 100.0);
    let stopped = proposal.stopped().map_or_else(String::new, |part| format!(" · gradient stopped {}", percent(part)));
    let decibels = proposal.damage.sqnr_db();
    let sqnr = match decibels {
        f64::INFINITY => "exact".to_owned(),
        decibels if decibels.is_nan() => "–".to_owned(),
        decibels => format!("{decibels:.2} dB"),
    };
    let figures = format!(
        "SQNR {sqnr} · MSE {} · clipped {}{stopped}",
        figure(proposal.damage.mse()),
        percent(proposal.clipped())
    );
    let begun = ui.cursor().min;
    for line in [&range, &figures] {
        ui.add(Label::new(RichText::new(line).monospace().size(size::CAPTION).color(tokens.muted)).wrap());
    }
    let told = Told {
        role: egui::Role::Row,
        name: format!("proposal {name} for {id}"),
        value: Some(range),
        description: Some(figures.clone()),
        selected: None,
        rect: Rect::from_min_max(begun, pos2(ui.max_rect().right(), ui.cursor().min.y)),
        key: &("proposal", id, &name),
    };
    tell(ui, told);
}

/// How the data are distributed, and the ends that are proposed; those of the row under the pointer stand out.
fn histogram(ui: &Ui, rect: Rect, told: &Distribution, proposals: &[Proposal], pointed: Option<usize>) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, 2.0, tokens.sunken);
    if !told.min.is_finite() || told.max - told.min > 1e300 {
        return;
    }
    let single = |proposal: &Proposal| {
        <[[f32; 2]; 1]>::try_from(proposal.ends.as_slice()).ok().map(|[ends]| ends.map(f64::from))
    };
    let ends: Vec<[f64; 2]> = proposals.iter().filter_map(single).collect();
    let (least, most) = ends.iter().fold((told.min, told.max), |(a, b), [low, high]| (a.min(*low), b.max(*high)));
    let width = if most > least { most - least } else { 1.0 };
    let x = |value: f64| rect.left() + 4.0 + ((value - least) / width) as f32 * (rect.width() - 8.0);
    let tallest = told.bars.iter().copied().max().unwrap_or(1).max(1) as f32;
    // Counts of tails are small beside those of the middle: their roots are drawn.
    let height = |count: u64| (count as f32 / tallest).sqrt() * (rect.height() - 6.0);
    for bar in (0..BARS).filter(|bar| told.bars[*bar] > 0) {
        let right = x(told.edge(bar + 1)).max(x(told.edge(bar)) + 1.0);
        let top = rect.bottom() - height(told.bars[bar]).max(1.0);
        painter.rect_filled(
            Rect::from_min_max(pos2(x(told.edge(bar)), top), pos2(right, rect.bottom())),
            0.0,
            tokens.inside.gamma_multiply(0.7),
        );
    }
    let line = |value: f64, stroke: Stroke| {
        painter.line_segment([Pos2::new(x(value), rect.top()), Pos2::new(x(value), rect.bottom())], stroke)
    };
    for (number, proposal) in proposals.iter().enumerate() {
        let Some(ends) = single(proposal) else { continue };
        let (color, thick): (Color32, f32) = match pointed {
            Some(pointed) if pointed == number => (tokens.accent, 2.0),
            Some(_) => (tokens.faint.gamma_multiply(0.4), 1.0),
            None if proposal.method == Method::Now => (tokens.text, 1.4),
            None => (tokens.faint, 1.0),
        };
        for end in ends {
            line(end, Stroke::new(thick, color));
        }
    }
}
