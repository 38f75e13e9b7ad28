//! The curve: an element-wise output over its input, with the data on it.

use std::sync::Arc;

use egui::{DragValue, RichText, Ui};
use egui_plot::{Line, LineStyle, PlotPoints, Points, VLine};
use node_core::check::Source;
use node_core::number::f32_text;
use node_core::{DType, InputType, Tensor, TensorType};
use node_engine::Studies;
use node_engine::analysis::Stop;
use node_engine::analysis::curve::{Curve, Varied, curve};
use node_engine::studies::{Key, Reply};

use super::distribution::distribution;
use super::plots::{self, FARTHEST, short};
use super::subject::{Cells, Column, Subject};
use crate::panels::inspector::inspecting::Inspecting;
use crate::size;
use crate::state::results::Shown;
use crate::state::tab::Tab;
use crate::widgets::tokens::Tokens;

/// The curve is computed at so many places.
const PLACES: usize = 1_500;
/// So many elements are drawn on it.
const POINTS: usize = 1_500;
/// Places at which an output jumps are looked for where there are at most so many.
const STEPS: i64 = 700;

/// The input over which the output is drawn: the one that is quantized, else the first of its shape.
pub fn varied_column(subject: &Subject) -> Option<&Column> {
    let is_input = |column: &&Column| {
        let is_float = matches!(column.dtype(), DType::Float32 | DType::Float64);
        matches!(column.cells, Cells::Elements(_)) && column.title != *subject.port.port && is_float
    };
    let inputs = || subject.columns.iter().take_while(|column| column.title != *subject.port.port).filter(is_input);
    inputs().find(|column| column.quantized).or_else(|| inputs().next())
}

/// Draws it in `height`. Returns how high it is.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, shown: &Shown, height: f32) -> f32 {
    let begun = ui.cursor().top();
    let tokens = Tokens::of(ui);
    let Some(column) = varied_column(subject) else { return 0.0 };
    let mut now = shown.clone();
    let channels = subject.quantization.as_ref().map_or(1, |quantization| quantization.ranges.len());
    let channel = (channels > 1).then(|| [shown.channel.min(channels - 1), channels]);
    if let Some([mut at, of]) = channel {
        ui.horizontal(|ui| {
            ui.label(RichText::new("channel").size(size::CAPTION).color(tokens.muted));
            let field = DragValue::new(&mut at).range(0..=of - 1).speed(0.1).suffix(format!(" of {of}"));
            ui.add(field).accessible_name(format!("channel of {}", subject.port));
        });
        now.channel = at;
    }
    let data = points(subject, column, channel);
    let ends = ends(inspecting.studies, subject, column, channel, &data);
    let found = ends.map(|ends| (ends, ask(inspecting.studies, inspecting.tab, subject, column, channel, ends)));
    match found {
        None => {
            ui.label(RichText::new("Working it out …").color(tokens.muted));
        }
        Some((ends, told)) => {
            let left = (height - (ui.cursor().top() - begun) - 40.0).clamp(120.0, 260.0);
            draw(ui, subject, column, channel, (ends, told.clone().answer().as_deref(), data), left);
            said(ui, column, subject, &told);
        }
    }
    if now != *shown {
        inspecting.show(&subject.port, now);
    }
    ui.cursor().top() - begun
}

/// From where to where it is drawn: over the data, and a little farther than the range.
fn ends(
    studies: &mut Studies,
    subject: &Subject,
    column: &Column,
    channel: Option<[usize; 2]>,
    data: &[[f64; 2]],
) -> Option<[f64; 2]> {
    let (mut low, mut high) = match channel {
        // Of one channel those elements that are drawn: the others' may lie far away.
        Some(_) => {
            let inputs = || data.iter().map(|point| point[0]);
            (inputs().fold(f64::INFINITY, f64::min), inputs().fold(f64::NEG_INFINITY, f64::max))
        }
        None => {
            let told = distribution(studies, subject, column).answer()?;
            (told.min, told.max)
        }
    };
    if !(low.is_finite() && high.is_finite()) {
        (low, high) = (-1.0, 1.0);
    }
    let at = channel.map_or(0, |[at, _]| at);
    if let Some(range) = subject.quantization.as_ref().and_then(|quantization| quantization.ranges.get(at)) {
        let ends = [range.nudged_min, range.nudged_max, range.min, range.max].map(f64::from);
        for end in ends.into_iter().filter(|end| end.is_finite()) {
            (low, high) = (low.min(end), high.max(end));
        }
    }
    // Farther than this no plot can go.
    let (low, high) = (low.max(-FARTHEST), high.min(FARTHEST));
    let beside = if high > low { (high - low) * 0.06 } else { low.abs().max(1.0) };
    Some([low - beside, high + beside])
}

/// The curve itself.
fn ask(
    studies: &mut Studies,
    tab: &Tab,
    subject: &Subject,
    column: &Column,
    channel: Option<[usize; 2]>,
    ends: [f64; 2],
) -> Reply<Arc<Curve>> {
    let Some(varied) = varied(tab, subject, column, channel) else { return Reply::Nothing };
    let range = subject.quantization.as_ref().and_then(|q| q.ranges.get(channel.map_or(0, |[at, _]| at)));
    let levels = range.and_then(|range| range.code(range.nudged_max)?.checked_sub(range.code(range.nudged_min)?));
    let is_gate = subject.quantization.as_ref().is_some_and(|quantization| quantization.gradients.is_some());
    let is_stepped = is_gate || levels.is_some_and(|levels| levels <= STEPS);
    // What decides beside tensors: the block's attributes.
    let attrs = format!("{:?}", varied.setup.attrs);
    let ty = &varied.setup.spec().name;
    let question = format!("curve {} {ty} {channel:?} {ends:?} {attrs} {}", subject.port, subject.ranges_key);
    let tensors: Vec<Tensor> = varied.inputs.iter().flatten().filter_map(|input| input.value.clone()).collect();
    // However narrow the range is beside the data, it is met.
    let met = range.map_or_else(Vec::new, |range| vec![range.nudged_min.into(), range.nudged_max.into()]);
    let prepare = || move |stop: &Stop| curve(&varied, ends, (PLACES, &met), is_stepped, stop);
    studies.ask(Key::new(question, &tensors), PLACES, prepare)
}

/// The block and its inputs, with the values of the run.
fn varied(tab: &Tab, subject: &Subject, column: &Column, channel: Option<[usize; 2]>) -> Option<Varied> {
    let block = tab.document.checked.blocks.get(&subject.port.block)?;
    if block.passes.is_some() {
        return None;
    }
    let setup = (**block.setup.as_ref()?).clone();
    let mut inputs = Vec::new();
    for (nth, sources) in block.inputs.iter().enumerate() {
        let known = sources.iter().map(|source| {
            let value = match source {
                Source::Literal => block.literals.get(nth)?.as_ref().map(|literal| literal.tensor.clone()),
                Source::Output { block, index } => tab.result(block)?.tensor(*index).cloned(),
            }?;
            Some(InputType { ty: TensorType::new(value.dtype(), value.shape().into()), value: Some(value) })
        });
        inputs.push(known.collect::<Option<Vec<_>>>()?);
    }
    let input = setup.spec().input_index(&column.title)?;
    let output = block.output_index(&subject.port.port)?;
    Some(Varied { setup, inputs, input, output, channel })
}

/// Some of the elements, evenly chosen, with what came of them.
fn points(subject: &Subject, column: &Column, channel: Option<[usize; 2]>) -> Vec<[f64; 2]> {
    let Some((input, output)) = column.reader().zip(subject.own().and_then(Column::reader)) else { return Vec::new() };
    let [first, every] = channel.unwrap_or([0, 1]);
    let count = subject.output.len() / every;
    let step = count.div_ceil(POINTS).max(1);
    let places = (0..count).step_by(step).map(|nth| first + nth * every);
    let points = places.map(|flat| [input.at(flat), output.at(flat)]);
    points.filter(|point| point.iter().all(|value| value.abs() < FARTHEST)).collect()
}

fn draw(
    ui: &mut Ui,
    subject: &Subject,
    column: &Column,
    channel: Option<[usize; 2]>,
    ([from, to], curve, data): ([f64; 2], Option<&Curve>, Vec<[f64; 2]>),
    height: f32,
) {
    let tokens = Tokens::of(ui);
    let at = channel.map_or(0, |[at, _]| at);
    let range = subject.quantization.as_ref().and_then(|quantization| quantization.ranges.get(at)).copied();
    let line = curve.map(|curve| {
        let points = PlotPoints::from_iter(curve.points.iter().copied().filter(|point| point[1].abs() < FARTHEST));
        Line::new("", points).color(tokens.accent).width(1.4).allow_hover(false)
    });
    let (input, output) = (column.title.clone(), subject.port.port.to_string());
    let plot = plots::plot(tokens, ("curve", &subject.port, at), height, short)
        .include_x(from)
        .include_x(to)
        .label_formatter(move |at| {
            let at = plots::position(at);
            Some(format!("{input} {}\n{output} {}", f32_text(at.x as f32), f32_text(at.y as f32)))
        });
    let response = plot.show(ui, |plot| {
        if let Some(range) = range {
            for (end, is_typed) in
                [(range.min, true), (range.max, true), (range.nudged_min, false), (range.nudged_max, false)]
            {
                let is_same = end == range.nudged_min || end == range.nudged_max;
                if !end.is_finite() || (is_typed && is_same) {
                    continue;
                }
                let (color, style) = match is_typed {
                    true => (tokens.warning, LineStyle::dashed_loose()),
                    false => (tokens.muted, LineStyle::Solid),
                };
                plot.vline(VLine::new("", f64::from(end)).color(color).style(style).width(1.0).allow_hover(false));
            }
        }
        line.into_iter().for_each(|line| plot.line(line));
        let points = Points::new("data", PlotPoints::from_iter(data)).color(tokens.attrs).radius(1.6);
        plot.points(points);
    });
    response.response.accessible_name(format!("curve of {}", subject.port));
}

/// What the curve is of.
fn said(ui: &mut Ui, column: &Column, subject: &Subject, told: &Reply<Arc<Curve>>) {
    let tokens = Tokens::of(ui);
    let (input, output) = (&column.title, &subject.port.port);
    let text = match told {
        Reply::Soon => "Working it out …".to_owned(),
        Reply::Nothing => format!("{output} over {input}: the elements alone, for more than {input} decides."),
        Reply::Answer(curve) => {
            let held = curve.held.iter().map(|name| format!(", with {name} = 1")).collect::<String>();
            format!("line: {output} over {input}{held} · dots: the elements")
        }
    };
    ui.add(egui::Label::new(RichText::new(text).size(size::CAPTION).color(tokens.muted)).wrap());
}
