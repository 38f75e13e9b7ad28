//! The distribution: a histogram with the range on it, figures, and what a quantizer does, channel by channel.

use std::sync::Arc;

use egui::{Align2, Color32, DragValue, RichText, Ui, vec2};
use egui_plot::{Bar, BarChart, LineStyle, PlotPoint, PlotPoints, Points, Text, VLine};
use node_core::number::{f32_text, f64_text};
use node_core::{DType, QuantRange, Tensor};
use node_engine::Studies;
use node_engine::analysis::Stop;
use node_engine::analysis::distribution::{BARS, Distribution};
use node_engine::analysis::numbers::{Numbers, STRETCH};
use node_engine::analysis::percentiles::TOLD;
use node_engine::studies::{Key, Reply};

use super::planes;
use super::plots::{self, FARTHEST, short};
use super::subject::{Cells, Column, Subject};
use crate::panels::inspector::damage;
use crate::panels::inspector::inspecting::Inspecting;
use crate::size;
use crate::state::results::Shown;
use crate::widgets::names::{self, Told, tell};
use crate::widgets::tokens::Tokens;

/// The histogram is so high.
const PLOT: f32 = 150.0;

/// Of so many whole numbers the least and the greatest are looked for anew in every frame.
const MOST_WHOLE: usize = 65_536;

/// Draws it. Returns how high it is.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, shown: &Shown, _: f32) -> f32 {
    let begun = ui.cursor().top();
    let mut now = shown.clone();
    let input = subject.quantization.as_ref().map(|quantization| quantization.input.to_string());
    let Some(column) = planes::column(subject, shown, input.as_deref()) else { return 0.0 };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 3.0);
        planes::choose_column(ui, subject, column, &mut now);
        let text = RichText::new("logarithm of counts").size(size::CAPTION);
        ui.checkbox(&mut now.log, text).accessible_name(format!("logarithm of counts of {}", subject.port));
        choose_channel(ui, subject, &mut now);
    });
    let channel = channel_of(subject, shown);
    match distribution_of(inspecting.studies, subject, column, channel) {
        Reply::Answer(told) => {
            histogram(ui, subject, column, &told, (now.log, channel));
            figures(ui, subject, column, &told);
        }
        Reply::Soon => {
            ui.label(RichText::new("Counting …").color(Tokens::of(ui).muted));
        }
        Reply::Nothing => {
            ui.label(RichText::new("There is no memory for it.").color(Tokens::of(ui).muted));
        }
    }
    if subject.quantized().is_some() {
        damage::show(ui, inspecting, subject);
    }
    if now != *shown {
        inspecting.show(&subject.port, now);
    }
    ui.cursor().top() - begun
}

/// Chooses one channel, where each has a range of its own.
fn choose_channel(ui: &mut Ui, subject: &Subject, now: &mut Shown) {
    let channels = subject.quantization.as_ref().map_or(1, |quantization| quantization.ranges.len());
    if channels < 2 {
        return;
    }
    let text = RichText::new("one channel").size(size::CAPTION);
    ui.checkbox(&mut now.one_channel, text).accessible_name(format!("one channel of {}", subject.port));
    if now.one_channel {
        now.channel = now.channel.min(channels - 1);
        let field =
            DragValue::new(&mut now.channel).range(0..=channels - 1).speed(0.1).suffix(format!(" of {channels}"));
        ui.add(field).accessible_name(format!("channel of {}", subject.port));
    }
}

/// The channel that is shown alone, and how many there are.
fn channel_of(subject: &Subject, shown: &Shown) -> Option<[usize; 2]> {
    let channels = subject.quantization.as_ref().map_or(1, |quantization| quantization.ranges.len());
    (channels > 1 && shown.one_channel).then(|| [shown.channel.min(channels - 1), channels])
}

/// How a column's elements are distributed.
pub fn distribution(studies: &mut Studies, subject: &Subject, column: &Column) -> Reply<Arc<Distribution>> {
    distribution_of(studies, subject, column, None)
}

/// How a column's elements are distributed, or those of one channel of the last dimension.
fn distribution_of(
    studies: &mut Studies,
    subject: &Subject,
    column: &Column,
    channel: Option<[usize; 2]>,
) -> Reply<Arc<Distribution>> {
    let tensor = match planes::tensor(subject, column, studies) {
        Reply::Answer(tensor) => tensor,
        Reply::Soon => return Reply::Soon,
        Reply::Nothing => return Reply::Nothing,
    };
    let ends = range(subject, column, channel).map(|range| [range.nudged_min, range.nudged_max].map(f64::from));
    let question = format!("distribution of {channel:?} around {ends:?}");
    studies.ask(Key::new(question, [&*tensor]), tensor.len(), || {
        let tensor = tensor.clone();
        move |stop: &Stop| match channel {
            None => Distribution::of(&tensor, ends, stop),
            Some([channel, channels]) => {
                let numbers = Numbers::of(&tensor)?;
                let count = tensor.len() / channels;
                let (mut elements, mut stretch) = (Vec::new(), Vec::new());
                elements.try_reserve_exact(count).ok()?;
                for from in (0..count).step_by(STRETCH) {
                    if stop.is_set() {
                        return None;
                    }
                    let some = STRETCH.min(count - from);
                    numbers.read_spaced(channel + from * channels, channels, some, &mut stretch);
                    elements.append(&mut stretch);
                }
                Distribution::of(&Tensor::vector(elements), ends, stop)
            }
        }
    })
}

/// The range that is drawn over a column: the quantizer's, where it has one, over its input and its output.
fn range<'s>(subject: &'s Subject, column: &Column, channel: Option<[usize; 2]>) -> Option<&'s QuantRange> {
    let quantization = subject.quantization.as_ref()?;
    let is_output = quantization.output.as_deref() == Some(column.title.as_str());
    match quantization.ranges.as_slice() {
        [one] if column.quantized || is_output => Some(one),
        many if column.quantized || is_output => many.get(channel?[0]),
        _ => None,
    }
}

fn histogram(
    ui: &mut Ui,
    subject: &Subject,
    column: &Column,
    told: &Distribution,
    (log, channel): (bool, Option<[usize; 2]>),
) {
    if !told.min.is_finite() {
        return;
    }
    if told.min < -FARTHEST || told.max > FARTHEST {
        ui.label(RichText::new("The elements lie too far apart to be drawn.").color(Tokens::of(ui).muted));
        return;
    }
    let tokens = Tokens::of(ui);
    let range = range(subject, column, channel);
    let height = |count: u64| if log { (count as f64 + 1.0).log10() } else { count as f64 };
    // Of equal elements one thin bar.
    let one = told.max.abs().max(1.0) * 0.02;
    let wide = if told.max > told.min { (told.max - told.min) / BARS as f64 } else { one };
    let ends_of = range.map_or([f64::NEG_INFINITY, f64::INFINITY], |r| [r.nudged_min, r.nudged_max].map(f64::from));
    let bars = (0..told.bars.len()).filter(|bar| told.bars[*bar] > 0).flat_map(|bar| {
        let middle = if told.max > told.min { told.edge(bar) + wide / 2.0 } else { told.min };
        let [below, inside, above] = told.parts(bar, ends_of);
        // A bar that an end cuts stands in parts, one upon the other.
        let parts = [(inside, tokens.inside), (below, tokens.below), (above, tokens.above)];
        let mut so_far = 0;
        parts.into_iter().filter(|(count, _)| *count > 0).map(move |(count, color)| {
            let from = if so_far > 0 { height(so_far) } else { 0.0 };
            so_far += count;
            let part = Bar::new(middle, height(so_far) - from).base_offset(from).width(wide);
            part.fill(color).stroke((0.0, Color32::TRANSPARENT))
        })
    });
    let chart = BarChart::new("elements", bars.collect()).color(tokens.inside).allow_hover(false);
    let most = height(told.bars.iter().copied().max().unwrap_or(0));
    let (min, max, counts) = (told.min, told.max, told.bars.clone());
    let hover = move |x: f64| {
        let part = (x - min) / (max - min);
        let bar = (part * BARS as f64).floor().clamp(0.0, BARS as f64 - 1.0) as usize;
        let [from, to] = [bar, bar + 1].map(|bar| min + (max - min) / BARS as f64 * bar as f64);
        ((0.0..=1.0).contains(&part)).then(|| format!("{} in {} … {}", counts[bar], short(from), short(to)))
    };
    let plot = plots::plot(
        tokens,
        ("histogram", &subject.port, channel),
        PLOT,
        move |y| if log { power(y) } else { short(y) },
    )
    .include_y(0.0)
    .include_y(most * 1.15)
    .show_grid([false, true])
    .set_margin_fraction(vec2(0.02, 0.0))
    .label_formatter(move |at| hover(plots::position(at).x));
    let response = plot.show(ui, |plot| {
        plot.bar_chart(chart);
        for (value, is_typed) in range.into_iter().flat_map(ends) {
            let color = if is_typed { tokens.warning } else { tokens.text };
            let style = if is_typed { LineStyle::dashed_loose() } else { LineStyle::Solid };
            plot.vline(VLine::new("", value).color(color).width(1.2).style(style).allow_hover(false));
        }
        if let Some(range) = range {
            let text = |value: f32, align, drop: f64| {
                let at = PlotPoint::new(f64::from(value), most * (1.14 - drop));
                let text = RichText::new(f32_text(value)).size(size::CAPTION).color(tokens.text);
                Text::new("", at, text).anchor(align).allow_hover(false)
            };
            let (left, right, drop) = sides([f64::from(range.nudged_min), f64::from(range.nudged_max)], [min, max]);
            plot.text(text(range.nudged_min, left, drop));
            plot.text(text(range.nudged_max, right, 0.0));
        }
        // So that all ends are seen, also of a range without elements.
        let all = range.into_iter().flat_map(ends).map(|(value, _)| [value, 0.0]);
        let corners = PlotPoints::from_iter(all.chain([[told.min, 0.0], [told.max, 0.0]]));
        plot.points(Points::new("", corners).radius(0.0).color(Color32::TRANSPARENT).allow_hover(false));
    });
    let name = format!("histogram of {}", names::column(&subject.port, &column.title));
    response.response.accessible_name(name);
    if range.is_some() {
        let text = "solid: the nudged range, in force · dashed: the range as typed";
        ui.label(RichText::new(text).size(size::CAPTION).color(tokens.faint));
    }
}

/// At which side of its line each end's number stands, and how much lower that of the least: between the lines where these
/// are far apart, else outside, but never beyond the plot.
fn sides([low, high]: [f64; 2], [min, max]: [f64; 2]) -> (Align2, Align2, f64) {
    const ROOM: f64 = 0.25;
    let (from, to) = (min.min(low), max.max(high));
    let part = |length: f64| length / (to - from);
    if part(high - low) > 0.5 {
        return (Align2::LEFT_TOP, Align2::RIGHT_TOP, 0.0);
    }
    let right = if part(to - high) > ROOM { Align2::LEFT_TOP } else { Align2::RIGHT_TOP };
    match part(low - from) > ROOM {
        true => (Align2::RIGHT_TOP, right, if right == Align2::RIGHT_TOP { 0.14 } else { 0.0 }),
        false => (Align2::LEFT_TOP, right, 0.14),
    }
}

/// The ends of a range in force, and those as typed where they are others.
fn ends(range: &QuantRange) -> Vec<(f64, bool)> {
    let mut ends = Vec::new();
    for (typed, nudged) in [(range.min, range.nudged_min), (range.max, range.nudged_max)] {
        if typed != nudged {
            ends.push((f64::from(typed), true));
        }
        ends.push((f64::from(nudged), false));
    }
    ends.retain(|(value, _)| value.is_finite());
    ends
}

/// The count whose logarithm is drawn at a height.
fn power(height: f64) -> String {
    let count = 10f64.powf(height) - 1.0;
    if height.fract() == 0.0 { short(count.round().max(0.0)) } else { String::new() }
}

/// The least and the greatest of whole numbers of few elements, which float64 may not hold.
fn ends_of_whole(column: &Column) -> Option<[String; 2]> {
    let Cells::Elements(tensor) = &column.cells else { return None };
    let whole: Vec<i128> = match tensor.dtype() {
        DType::Int64 => tensor.slice::<i64>()?.iter().take(MOST_WHOLE + 1).map(|v| i128::from(*v)).collect(),
        DType::UInt64 => tensor.slice::<u64>()?.iter().take(MOST_WHOLE + 1).map(|v| i128::from(*v)).collect(),
        _ => return None,
    };
    let (least, greatest) = whole.iter().min().zip(whole.iter().max()).filter(|_| whole.len() <= MOST_WHOLE)?;
    Some([least.to_string(), greatest.to_string()])
}

fn figures(ui: &mut Ui, subject: &Subject, column: &Column, told: &Distribution) {
    let tokens = Tokens::of(ui);
    let is_narrow = column.dtype() == DType::Float32;
    // Elements as they are; what is worked out of them as far as anybody reads it.
    let is_none = told.nan + told.infinite == told.count;
    let or_none = |text: String| if is_none { "–".to_owned() } else { text };
    let exact = |value: f64| or_none(if is_narrow { f32_text(value as f32) } else { f64_text(value) });
    let about = |value: f64| or_none(if is_narrow { f32_text(value as f32) } else { f64_text(value) });
    let [least, greatest] = ends_of_whole(column).unwrap_or_else(|| [exact(told.min), exact(told.max)]);
    let odd = |count: u64| if count > 0 { tokens.error } else { tokens.text };
    let is_wide = !is_narrow;
    let rows = [
        ("count", told.count.to_string(), tokens.text),
        ("NaN", told.nan.to_string(), odd(told.nan)),
        ("infinite", told.infinite.to_string(), odd(told.infinite)),
        ("zero", told.zeros.to_string(), tokens.text),
        ("min", least, tokens.text),
        ("max", greatest, tokens.text),
        ("mean", about(told.mean), tokens.text),
        ("std", about(told.std), tokens.text),
    ];
    let percentiles = TOLD.iter().zip(&told.percentiles);
    let percentiles = percentiles.map(|(percent, value)| (format!("{percent} %"), about(*value), tokens.text));
    let rows = rows.map(|(name, text, color)| (name.to_owned(), text, color)).into_iter().chain(percentiles);
    egui::Grid::new(("figures", &subject.port))
        .num_columns(if is_wide { 2 } else { 4 })
        .spacing(vec2(10.0, 2.0))
        .min_row_height(15.0)
        .show(ui, |ui| {
            let mut said = String::new();
            for (nth, (name, text, color)) in rows.enumerate() {
                ui.label(RichText::new(&name).size(size::CAPTION).color(tokens.muted));
                ui.label(RichText::new(&text).monospace().size(size::CAPTION).color(color));
                said.push_str(&format!("{name} {text}; "));
                if nth % 2 == 1 {
                    ui.end_row();
                }
            }
            let rect = ui.min_rect();
            let told = Told {
                role: egui::Role::Group,
                name: format!("figures of {}", names::column(&subject.port, &column.title)),
                value: Some(said.trim_end_matches("; ").to_owned()),
                description: None,
                selected: None,
                rect,
                key: &("figures", &subject.port),
            };
            tell(ui, told);
        });
}
