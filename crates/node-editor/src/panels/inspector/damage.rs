//! What a quantizer does to its elements: where they lie, how far they move, which gradients are stopped; channel by channel.

use std::sync::Arc;

use egui::{Rect, RichText, Ui, pos2};
use node_core::number::f32_text;
use node_core::{PortRef, QuantRange};
use node_engine::Studies;
use node_engine::analysis::Stop;
use node_engine::analysis::quantized::{Around, Damage, damage};
use node_engine::studies::{Key, Reply};

use super::inspecting::Inspecting;
use super::result::subject::Subject;
use super::rows::Rows;
use super::section::link_row;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::results::{Shown, View};
use crate::widgets::figures::{figure, percent};
use crate::widgets::names::{Told, tell};
use crate::widgets::tokens::Tokens;

/// The RMSE of rounding alone, in steps, where the elements lie evenly between them.
const IDEAL: f64 = 0.288_675_134_594_812_9;

/// So many channels are listed without scrolling.
const CHANNELS: f32 = 6.0;

/// What a quantizer does.
pub struct Measured {
    /// Range by range.
    channels: Vec<Damage>,
    /// To all elements.
    all: Damage,
    /// The channels, the worst first: by the signal over the error where there is one, else by what lies outside.
    worst_first: Vec<usize>,
}

impl Measured {
    fn of(channels: Vec<Damage>) -> Measured {
        let outside = |damage: &Damage| (damage.shares.below + damage.shares.above + damage.shares.nan) as f64;
        let badness = channels.iter().map(|damage| match damage {
            damage if damage.errors > 0 => -damage.sqnr_db(),
            damage => outside(damage) / damage.shares.total().max(1) as f64,
        });
        let badness: Vec<f64> = badness.collect();
        let mut worst_first: Vec<usize> = (0..channels.len()).collect();
        worst_first.sort_by(|a, b| badness[*b].total_cmp(&badness[*a]));
        Measured { all: Damage::all(&channels), channels, worst_first }
    }
}

/// What the quantizer of a subject does, range by range.
pub fn ask(studies: &mut Studies, subject: &Subject) -> Reply<Arc<Measured>> {
    let Some((around, quantization)) = subject.around().zip(subject.quantization.clone()) else {
        return Reply::Nothing;
    };
    let Around { input, output, gradients } = around;
    let question = format!("damage {} {} {}", subject.ranges_key, output.is_some(), gradients.is_some());
    let key = Key::new(question, [Some(input), output, gradients].into_iter().flatten());
    studies.ask(key, input.len(), || {
        let (input, output, gradients) = (input.clone(), output.cloned(), gradients.cloned());
        move |stop: &Stop| {
            let around = Around { input: &input, output: output.as_ref(), gradients: gradients.as_ref() };
            damage(&around, &quantization.ranges, stop).map(Measured::of)
        }
    })
}

/// Draws all that there is to tell, in the view of distributions.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject) {
    let tokens = Tokens::of(ui);
    let told = match ask(inspecting.studies, subject) {
        Reply::Answer(told) => told,
        Reply::Soon => {
            ui.label(RichText::new("Measuring what the quantizer does …").color(tokens.muted));
            return;
        }
        Reply::Nothing => return,
    };
    let Some(quantization) = &subject.quantization else { return };
    ui.add_space(6.0);
    let all = &told.all;
    let scale = if let [range] = quantization.ranges.as_slice() { Some(range.scale) } else { None };
    let mut lines = vec![shares(all)];
    lines.extend(gradients(all));
    lines.extend(errors(all, scale));
    lines.extend(causes(all));
    lines.extend(levels(all));
    for line in lines {
        let label = egui::Label::new(RichText::new(line).monospace().size(size::CAPTION).color(tokens.text));
        ui.add(label.wrap());
    }
    if let Some(worst) = all.worst {
        worst_element(ui, inspecting, subject, all, worst);
    }
    if told.channels.len() > 1 {
        channels(ui, inspecting, subject, &told, &quantization.ranges);
    }
}

/// Where the elements lie, in words.
pub fn shares(damage: &Damage) -> String {
    let shares = &damage.shares;
    let part = |count: u64| format!("{} ({count})", percent(count, shares.total()));
    let nan = if shares.nan > 0 { format!(" · NaN {}", part(shares.nan)) } else { String::new() };
    format!("below {} · inside {} · above {}{nan}", part(shares.below), part(shares.inside), part(shares.above))
}

/// Which part of the gradients' norm lies where, in words.
pub fn gradients(damage: &Damage) -> Option<String> {
    let [below, inside, above, at_nan] = damage.gradient_parts()?.map(|part| format!("{:.1} %", part.sqrt() * 100.0));
    let nan = if damage.shares.nan > 0 { format!(" · at NaN {at_nan}") } else { String::new() };
    Some(format!("gradient norm: below {below} · inside {inside} · above {above}{nan} of the whole"))
}

/// How far elements move, in words.
pub fn errors(damage: &Damage, scale: Option<f32>) -> Option<String> {
    if damage.errors == 0 {
        return None;
    }
    let ratio = scale.filter(|scale| *scale > 0.0).map_or_else(String::new, |scale| {
        let steps = damage.mse().sqrt() / f64::from(scale);
        let steps = if steps < 1e6 { format!("{steps:.3}") } else { format!("{steps:.3e}") };
        format!(" · RMSE {steps} steps (even rounding: {IDEAL:.3})")
    });
    let decibels = damage.sqnr_db();
    let sqnr = if decibels.is_finite() { format!("{decibels:.2} dB") } else { "infinite".to_owned() };
    let total = damage.shares.total();
    let left_out = match damage.errors {
        errors if errors < total => format!(" · of {errors} of {total} elements, which are finite"),
        _ => String::new(),
    };
    let (mse, largest) = (figure(damage.mse()), figure(damage.largest));
    Some(format!("SQNR {sqnr} · MSE {mse} · largest error {largest}{ratio}{left_out}"))
}

/// Where the error comes from, in words: a wider range would help, or more bits.
fn causes(damage: &Damage) -> Option<String> {
    let clipping = damage.clipping / damage.noise * 100.0;
    clipping
        .is_finite()
        .then(|| format!("of the squared error {clipping:.1} % by clipping, {:.1} % by rounding", 100.0 - clipping))
}

fn levels(damage: &Damage) -> Option<String> {
    let [used, of] = damage.levels?;
    Some(format!("{used} of {of} levels are used"))
}

/// The way to the element with the largest error.
fn worst_element(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, all: &Damage, worst: usize) {
    let position = subject.output.shape().position(worst);
    let index = super::rows::index_of(&position);
    let text = format!("worst: [{index}], off by {}", figure(all.largest));
    if link_row(ui, &text, format!("worst element of {}", subject.port)) {
        let order = Some(("error".to_owned(), node_engine::analysis::order::By::Magnitude));
        let shown = Shown {
            order,
            to: Some(worst),
            find: None,
            only: false,
            ..inspecting.tab.view.results.shown(inspecting.number, &subject.port)
        };
        inspecting.show(&subject.port, shown);
        inspecting.commands.push(Command::Look(Glance::View(inspecting.number, View::Table)));
    }
}

/// The channels, the worst first: by the signal over the error where there is one, else by what lies outside.
fn channels(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, told: &Measured, ranges: &[QuantRange]) {
    const LINE: f32 = 52.0;
    let tokens = Tokens::of(ui);
    ui.add_space(4.0);
    ui.label(RichText::new("Channels, the worst first; RMSE in steps").size(size::CAPTION).color(tokens.muted));
    let rows = Rows::tall(ui, ("channels", &subject.port), told.worst_first.len(), LINE, LINE * CHANNELS);
    rows.show(ui, &format!("channels of {}", subject.port), |ui, rect, row| {
        let Some(channel) = told.worst_first.get(row).copied().filter(|channel| *channel < ranges.len()) else {
            return;
        };
        channel_row(ui, rect, &subject.port, channel, &told.channels[channel], &ranges[channel]);
        let id = egui::Id::unique(("channel", ui.scope_id(), &subject.port, channel));
        let response = ui.interact(rect, id, egui::Sense::click());
        let response = response.accessible_name(format!("show channel {channel} of {}", subject.port));
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 0.0, Tokens::of(ui).selected.gamma_multiply(0.4));
        }
        if response.clicked() {
            let now = inspecting.tab.view.results.shown(inspecting.number, &subject.port);
            inspecting.show(&subject.port, Shown { channel, one_channel: true, ..now });
        }
    });
}

fn channel_row(ui: &mut Ui, rect: Rect, port: &PortRef, channel: usize, damage: &Damage, range: &QuantRange) {
    let tokens = Tokens::of(ui);
    let [min, max, nudged_min, nudged_max] = [range.min, range.max, range.nudged_min, range.nudged_max].map(f32_text);
    let font = egui::FontId::monospace(size::CAPTION);
    let clipped = percent(damage.shares.below + damage.shares.above, damage.shares.total());
    let mut first = format!("{channel}  clipped {clipped}");
    if damage.errors > 0 {
        let steps = damage.mse().sqrt() / f64::from(range.scale);
        first.push_str(&format!(" · {:.1} dB · RMSE {steps:.2}", damage.sqnr_db()));
    }
    if let Some(stopped) = damage.stopped() {
        first.push_str(&format!(" · norm stopped {:.1} %", stopped * 100.0));
    }
    let (given, nudged) = (format!("given {min} to {max}"), format!("nudged {nudged_min} to {nudged_max}"));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.hline(rect.x_range(), rect.bottom(), egui::Stroke::new(1.0, tokens.line.gamma_multiply(0.6)));
    let lines = [(&first, tokens.text), (&given, tokens.muted), (&nudged, tokens.muted)];
    for (nth, (text, color)) in lines.into_iter().enumerate() {
        let at = pos2(rect.left(), rect.top() + 9.0 + nth as f32 * 16.0);
        painter.text(at, egui::Align2::LEFT_CENTER, text, font.clone(), color);
    }
    let told = Told {
        role: egui::Role::Row,
        name: format!("channel {channel} of {port}"),
        value: Some(first),
        description: Some(format!("{given}, {nudged}")),
        selected: None,
        rect,
        key: &("damage", port, channel),
    };
    tell(ui, told);
}

/// What is seen at one glance, in the section of the range in force.
pub fn glance(ui: &mut Ui, studies: &mut Studies, subject: &Subject) {
    let Reply::Answer(told) = ask(studies, subject) else { return };
    let Some(quantization) = &subject.quantization else { return };
    let scale = if let [range] = quantization.ranges.as_slice() { Some(range.scale) } else { None };
    let tokens = Tokens::of(ui);
    for line in [errors(&told.all, scale), gradients(&told.all)].into_iter().flatten() {
        let text = RichText::new(line).monospace().size(size::CAPTION).color(tokens.muted);
        ui.add(egui::Label::new(text).wrap());
    }
    ui.add_space(2.0);
}
