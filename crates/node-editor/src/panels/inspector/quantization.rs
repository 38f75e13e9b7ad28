//! The range in force: nudged range, scale and zero point, as numbers and as a picture.

use egui::{RichText, Sense, Stroke, Ui, pos2, vec2};
use node_core::number::f32_text;
use node_core::{BlockId, PortRef, QuantRange};
use node_engine::analysis::Shares;

use super::inspecting::Inspecting;
use super::range_picture::picture;
use super::result::subject::Subject;
use super::{damage, ranges, section};
use crate::size;
use crate::state::results::{Shown, View};
use crate::widgets::figures::percent;
use crate::widgets::names::{Told, tell};
use crate::widgets::tokens::Tokens;

const MAX_CHANNELS: usize = 64;

/// Draws the section, for blocks that quantize.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId) {
    let tab = inspecting.tab;
    let Some(result) = tab.result(id) else { return };
    let Some(quantization) = &result.quantization else { return };
    match quantization.ranges.as_slice() {
        [] => {}
        [range] => {
            section::section(
                ui,
                "RANGE IN FORCE",
                |_| {},
                |ui| {
                    one(ui, id, range);
                    shares(ui, result.shares, &quantization.input);
                    glance(ui, inspecting, id);
                },
            );
        }
        ranges => {
            let count = |ui: &mut Ui| {
                ui.label(RichText::new(format!("{} channels", ranges.len())).size(size::CAPTION).weak());
            };
            section::section(ui, "RANGES IN FORCE", count, |ui| {
                channels(ui, id, ranges);
                shares(ui, result.shares, &quantization.input);
                glance(ui, inspecting, id);
            });
        }
    }
    ranges::show(ui, inspecting, id, quantization);
}

/// How far elements move, and which gradients are stopped.
fn glance(ui: &mut Ui, inspecting: &mut Inspecting<'_>, id: &BlockId) {
    // The view of distributions says all that and more.
    if inspecting.tab.view.results.view(inspecting.number) == View::Distribution {
        return;
    }
    let checked = inspecting.tab.document.checked.blocks.get(id);
    let Some(setup) = checked.and_then(|block| block.setup.as_ref()) else { return };
    let outputs = setup.ports.outputs().iter().map(|port| PortRef::new(id, &port.name));
    let subjects = outputs.filter_map(|port| Subject::of(inspecting.tab, &port, &Shown::default()));
    if let Some(subject) = subjects.into_iter().find(|subject| subject.quantized().is_some()) {
        damage::glance(ui, inspecting.studies, &subject);
    }
}

fn one(ui: &mut Ui, id: &BlockId, range: &QuantRange) {
    let tokens = Tokens::of(ui);
    let numbers = format!("zero point {} · scale {}", range.zero_point, f32_text(range.scale));
    ui.label(RichText::new(numbers).monospace().size(size::CAPTION + 0.5).color(tokens.muted));
    if let Some(shift) = shift(range) {
        ui.add(egui::Label::new(RichText::new(shift).size(size::CAPTION + 0.5).color(tokens.muted)).wrap());
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 58.0), Sense::hover());
    picture(ui, rect, range);
    let text = format!("nudged range {} to {}", f32_text(range.nudged_min), f32_text(range.nudged_max));
    let name = format!("nudged range of {id}");
    let told = Told {
        role: egui::Role::Group,
        name,
        value: Some(text),
        description: None,
        selected: None,
        rect,
        key: &("range", id),
    };
    tell(ui, told);
}

/// That the range was moved, if it was: a range that does not hold 0 has no place for it.
fn shift(range: &QuantRange) -> Option<String> {
    let [min, max, nudged_min, nudged_max] = [range.min, range.max, range.nudged_min, range.nudged_max].map(f32_text);
    (range.min > 0.0 || range.max < 0.0)
        .then(|| format!("{min} to {max} does not hold 0, so the range was shifted to {nudged_min} to {nudged_max}."))
}

/// For each channel the range as given, and as it is in force: lines that wrap, however narrow the panel.
fn channels(ui: &mut Ui, id: &BlockId, ranges: &[QuantRange]) {
    let tokens = Tokens::of(ui);
    for (channel, range) in ranges.iter().take(MAX_CHANNELS).enumerate() {
        let [min, max, nudged_min, nudged_max, scale] =
            [range.min, range.max, range.nudged_min, range.nudged_max, range.scale].map(f32_text);
        let begun = ui.cursor().min;
        let mut line = |text: String, color| {
            ui.add(egui::Label::new(RichText::new(text).monospace().size(size::CAPTION).color(color)).wrap());
        };
        line(format!("{channel}  given {min} to {max}"), tokens.muted);
        line(format!("   nudged {nudged_min} to {nudged_max}"), tokens.text);
        line(format!("   scale {scale} · zero point {}", range.zero_point), tokens.muted);
        let rect = egui::Rect::from_min_max(begun, pos2(ui.max_rect().right(), ui.cursor().min.y));
        let told = Told {
            role: egui::Role::Row,
            name: format!("range of channel {channel} of {id}"),
            value: None,
            description: Some(format!("nudged {nudged_min} to {nudged_max}")),
            selected: None,
            rect,
            key: &("channel", id, channel),
        };
        tell(ui, told);
        ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.line.gamma_multiply(0.6)));
    }
    if ranges.len() > MAX_CHANNELS {
        ui.label(RichText::new(format!("… and {} more", ranges.len() - MAX_CHANNELS)).color(tokens.muted));
    }
}

fn shares(ui: &mut Ui, shares: Option<Shares>, input: &str) {
    let Some(shares) = shares else { return };
    let tokens = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{input}:")).size(size::CAPTION).color(tokens.muted));
        for (what, n, color) in [
            ("below", shares.below, tokens.below),
            ("inside", shares.inside, tokens.inside),
            ("above", shares.above, tokens.above),
            ("NaN", shares.nan, tokens.error),
        ] {
            if n > 0 || what == "inside" {
                let text = format!("{what} {}", percent(n, shares.total()));
                let label = ui.label(RichText::new(text).monospace().size(size::CAPTION).color(color));
                label.on_hover_text(format!("{n} of {}", shares.total()));
            }
        }
    });
}
