//! One value after the other: what is varied and asked, and a plot that grows; of two attributes a map in colours.

use std::sync::Arc;

use egui::{Button, Color32, ComboBox, PointerButton, ProgressBar, RichText, ScrollArea, TextEdit, Ui, UiBuilder};
use egui_plot::{Line, MarkerShape, PlotPoint, PlotPoints, Points, Polygon};
use node_core::PortRef;
use node_engine::sweep::Sweep;

use super::shared::{head, look};
use crate::command::Command;
use crate::panels::inspector::plots;
use crate::size;
use crate::state::analysis::{Analysis, Row, Swept, Varied, measures, targets};
use crate::state::tab::Tab;
use crate::widgets::figures::figure;
use crate::widgets::tokens::{Tokens, mixed};

/// How wide what is typed is, and the list of what came of it.
const FORM: f32 = 300.0;
/// In less room there is no plot.
const LEAST_PLOT: f32 = 120.0;
/// What lies beyond this is not drawn.
const FARTHEST: f64 = 1e300;

/// Draws it.
pub fn show(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    let swept = tab.view.analysis.swept.as_ref();
    let rows = swept.map(Swept::rows).unwrap_or_default();
    let room = ui.available_rect_before_wrap();
    let (left, right) = room.split_left_right_at_x(room.left() + FORM.min(room.width()));
    ui.scope_builder(UiBuilder::new().max_rect(left), |ui| {
        form(ui, tab, commands);
        swept.into_iter().for_each(|swept| list(ui, swept, &rows, commands));
    });
    let right = right.with_min_x(right.left() + 12.0);
    if let Some(swept) = swept.filter(|_| right.width() > LEAST_PLOT) {
        ui.scope_builder(UiBuilder::new().max_rect(right), |ui| match swept.sweep.axes.as_slice() {
            [_] => line(ui, swept, &rows, commands),
            _ => map(ui, swept, &rows, commands),
        });
    }
    ui.advance_cursor_after_rect(room);
}

fn form(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    let (tokens, analysis) = (Tokens::of(ui), &tab.view.analysis);
    let mut form = analysis.form.clone();
    ui.spacing_mut().item_spacing.y = 4.0;
    let found = targets(&tab.document.checked);
    varied(ui, "vary", &mut form.first, &found, tab);
    varied(ui, "and vary", &mut form.second, &found, tab);
    ui.horizontal(|ui| {
        head(ui, "measure");
        let text = TextEdit::singleline(&mut form.measure).hint_text("mse.output, sqnr(P,Q), clipped(BLOCK)");
        ui.add(text.desired_width(186.0)).accessible_name("sweep measure");
        let offered = || measures(&tab.document.checked, &quantizers(tab));
        choose(ui, "choose measure", offered, &mut form.measure);
    });
    if form != analysis.form {
        form.wrong = None;
        commands.push(look(Analysis { form: form.clone(), ..analysis.clone() }));
    }
    let at_work = analysis.swept.as_ref().filter(|swept| swept.is_at_work());
    ui.horizontal(|ui| match at_work {
        Some(swept) => {
            if ui.add(Button::new("Stop the sweep")).clicked() {
                commands.push(Command::StopSweep);
            }
            let (done, all) = (swept.done(), swept.sweep.points());
            let bar = ProgressBar::new(done as f32 / all as f32).text(format!("{done} of {all}")).desired_width(130.0);
            ui.add(bar).accessible_name("sweep progress");
        }
        None => {
            if ui.add(Button::new("Sweep")).accessible_name("begin the sweep").clicked() {
                commands.push(Command::BeginSweep);
            }
        }
    });
    if let Some(wrong) = &analysis.form.wrong {
        ui.add(egui::Label::new(RichText::new(format!("● {wrong}")).color(tokens.error)).wrap());
    } else if analysis.swept.is_none() {
        let text = "Values are FROM:TO:STEPS, as in 0.5:6:12, or a list, as in 2,4,8. A click at a point sets what it stands for.";
        ui.add(egui::Label::new(RichText::new(text).size(size::CAPTION).color(tokens.muted)).wrap());
    }
}

fn varied(ui: &mut Ui, what: &str, varied: &mut Varied, found: &[String], tab: &Tab) {
    ui.horizontal(|ui| {
        head(ui, what);
        let text = TextEdit::singleline(&mut varied.target).hint_text("BLOCK.ATTR").desired_width(96.0);
        ui.add(text).accessible_name(format!("{what} attribute"));
        let before = varied.target.clone();
        choose(ui, &format!("choose what to {what}"), || found.to_vec(), &mut varied.target);
        if varied.target != before && varied.values.is_empty() {
            varied.values = suggested(tab, &varied.target);
        }
        let text = TextEdit::singleline(&mut varied.values).hint_text("0.5:6:12").desired_width(76.0);
        ui.add(text).accessible_name(format!("{what} values"));
    });
}

/// Values for what was chosen: around what it is.
fn suggested(tab: &Tab, target: &str) -> String {
    let Ok(PortRef { block, port }) = PortRef::parse(target) else { return String::new() };
    let node = tab.document.page.blocks.get(&block);
    let written = node.and_then(|node| node.attrs.get(&port).or_else(|| node.inputs.get(&port)));
    let checked = tab.document.checked.blocks.get(&block);
    let effective = || checked?.effective.iter().find(|entry| *entry.spec.name == *port)?.value.clone();
    let value = written.cloned().or_else(effective);
    match value {
        Some(node_core::Value::Bool(_)) => "false,true".to_owned(),
        Some(node_core::Value::Int(n)) if (2..=16).contains(&n) => "2:16:15".to_owned(),
        Some(node_core::Value::Int(n)) if n != 0 && n.abs() < 1 << 40 => {
            let (from, to) = if n > 0 { (0, n * 2) } else { (n * 2, 0) };
            let step = ((to - from) / 20).max(1);
            format!("{from}:{}:{}", from + (to - from) / step * step, (to - from) / step + 1)
        }
        Some(node_core::Value::Float(x)) if x != 0.0 && x.is_finite() => format!("{}:{}:40", x / 4.0, x * 2.0),
        _ => String::new(),
    }
}

fn choose(ui: &mut Ui, name: &str, found: impl FnOnce() -> Vec<String>, text: &mut String) {
    let combo = ComboBox::from_id_salt(name).width(18.0).selected_text("");
    let response = combo.show_ui(ui, |ui| {
        for one in found() {
            ui.selectable_value(text, one.clone(), one);
        }
    });
    response.response.accessible_name(name);
}

/// Blocks that quantize, what they give, and what comes to them.
fn quantizers(tab: &Tab) -> Vec<(node_core::BlockId, String, PortRef)> {
    let checked = &tab.document.checked;
    let of = |(id, result): (&node_core::BlockId, &node_engine::BlockResult)| {
        let quantization = result.quantization.as_ref()?;
        let block = checked.blocks.get(id)?;
        let node_core::check::Source::Output { block: from, index } = block.source(&quantization.input)? else {
            return None;
        };
        let source = PortRef::new(from, checked.blocks.get(from)?.setup.as_ref()?.output_name(*index));
        Some((id.clone(), quantization.output.as_ref()?.to_string(), source))
    };
    tab.run.results.iter().filter_map(of).collect()
}

/// Sets what a combination stands for.
fn set(sweep: &Sweep, point: usize) -> Command {
    let values = sweep.values(point);
    let targets = sweep.axes.iter().zip(&values).map(|(axis, value)| (axis.target.clone(), (*value).to_owned()));
    let targets: Vec<(PortRef, String)> = targets.collect();
    let label = targets.iter().map(|(target, value)| format!("{target} = {value}")).collect::<Vec<_>>().join(", ");
    Command::Assign(format!("set {label}"), targets)
}

fn measure(swept: &Swept) -> String {
    swept.sweep.measures.first().map(ToString::to_string).unwrap_or_default()
}

/// The values of an axis as places on it: numbers where all are, else 0, 1, 2, ….
fn places(values: &[String]) -> Vec<f64> {
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.trim().parse().ok()).collect();
    let finite = numbers.filter(|numbers| numbers.iter().all(|number| number.abs() < FARTHEST));
    finite.unwrap_or_else(|| (0..values.len()).map(|at| at as f64).collect())
}

fn drawn(row: Option<&Row>) -> Option<f64> {
    row.and_then(|row| row.as_ref().ok()).copied().filter(|value| value.abs() < FARTHEST)
}

fn line(ui: &mut Ui, swept: &Swept, rows: &[Row], commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let [axis] = swept.sweep.axes.as_slice() else { return };
    let places = places(&axis.values);
    head(ui, &format!("{} over {}", measure(swept), axis.target));
    let points: Vec<[f64; 2]> =
        places.iter().enumerate().filter_map(|(at, x)| Some([*x, drawn(rows.get(at))?])).collect();
    let name = format!("plot of {}", measure(swept));
    let (xs, texts): (Vec<f64>, Arc<[String]>) = (places.clone(), axis.values.clone().into());
    let ys: Vec<Option<f64>> = (0..places.len()).map(|at| drawn(rows.get(at))).collect();
    let (near_xs, near_texts) = (xs.clone(), texts.clone());
    let plot = plots::plot(tokens, ("sweep", swept.number), ui.available_height() - 4.0, plots::short)
        .allow_drag(false)
        .include_x(xs.first().copied().unwrap_or_default())
        .include_x(xs.last().copied().unwrap_or_default())
        .show_grid([false, true])
        .label_formatter(move |at| {
            let near = nearest(&near_xs, plots::position(at).x)?;
            Some(format!("{} → {}", near_texts[near], ys[near].map_or("no figure".to_owned(), figure)))
        });
    let response = plot.show(ui, |plot| {
        plot.line(Line::new("", PlotPoints::from(points.clone())).color(tokens.accent).width(1.4).allow_hover(false));
        let marks = Points::new("", PlotPoints::from(points)).radius(3.0).shape(MarkerShape::Circle);
        plot.points(marks.color(tokens.accent).allow_hover(false));
        // So that the axis has its length before the figures are there.
        let ends = [xs.first(), xs.last()].into_iter().flatten().map(|x| [*x, f64::NAN]);
        plot.points(Points::new("", PlotPoints::from_iter(ends)).color(Color32::TRANSPARENT).allow_hover(false));
        plot.pointer_coordinate()
    });
    let clicked = response.response.clicked_by(PointerButton::Primary);
    if let Some(at) = response.inner.filter(|_| clicked).and_then(|at: PlotPoint| nearest(&places, at.x)) {
        commands.push(set(&swept.sweep, at));
    }
    response.response.accessible_name(name);
}

fn nearest(xs: &[f64], x: f64) -> Option<usize> {
    (0..xs.len()).min_by(|a, b| (xs[*a] - x).abs().total_cmp(&(xs[*b] - x).abs()))
}

/// The ends of each place's share of an axis: half of the way to its neighbours.
fn shares(places: &[f64]) -> Vec<[f64; 2]> {
    let middle = |a: usize, b: usize| (places[a] + places[b]) / 2.0;
    (0..places.len())
        .map(|at| {
            let last = places.len() - 1;
            let half = match at {
                _ if last == 0 => 0.5,
                0 => (places[1] - places[0]) / 2.0,
                at => (places[at] - places[at - 1]) / 2.0,
            };
            let low = if at > 0 { middle(at - 1, at) } else { places[at] - half };
            let high = if at < last { middle(at, at + 1) } else { places[at] + half };
            [low, high]
        })
        .collect()
}

fn map(ui: &mut Ui, swept: &Swept, rows: &[Row], commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let [down, across] = swept.sweep.axes.as_slice() else { return };
    let (ys, xs) = (places(&down.values), places(&across.values));
    let known: Vec<f64> = (0..rows.len()).filter_map(|at| drawn(rows.get(at))).collect();
    let (least, most) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let ends = if known.is_empty() {
        String::new()
    } else {
        format!(", from {} (faint) to {} (strong)", figure(least), figure(most))
    };
    head(ui, &format!("{} over {} (across) and {} (up){ends}", measure(swept), across.target, down.target));
    let name = format!("plot of {}", measure(swept));
    let count = xs.len();
    let (wide, high) = (shares(&xs), shares(&ys));
    let figures: Vec<Option<f64>> = (0..count * ys.len()).map(|at| drawn(rows.get(at))).collect();
    let (near_xs, near_ys, told) = (xs.clone(), ys.clone(), figures.clone());
    let (texts, down_texts) = (across.values.clone(), down.values.clone());
    let plot = plots::plot(tokens, ("sweep", swept.number), ui.available_height() - 4.0, plots::short)
        .allow_drag(false)
        .show_grid(false)
        .include_x(wide.first().map_or(0.0, |ends| ends[0]))
        .include_x(wide.last().map_or(0.0, |ends| ends[1]))
        .include_y(high.first().map_or(0.0, |ends| ends[0]))
        .include_y(high.last().map_or(0.0, |ends| ends[1]))
        .label_formatter(move |at| {
            let at = plots::position(at);
            let (x, y) = (nearest(&near_xs, at.x)?, nearest(&near_ys, at.y)?);
            let figure = told[y * near_xs.len() + x].map_or("no figure".to_owned(), figure);
            Some(format!("{}, {} → {figure}", texts[x], down_texts[y]))
        });
    let response = plot.show(ui, |plot| {
        for (at, value) in figures.iter().enumerate() {
            let Some(value) = value else { continue };
            let part = if most > least { (value - least) / (most - least) } else { 0.5 };
            let ([left, right], [low, top]) = (wide[at % count], high[at / count]);
            let corners = vec![[left, low], [right, low], [right, top], [left, top]];
            let color = mixed(tokens.sunken, tokens.accent, 0.12 + 0.88 * part as f32);
            let field = Polygon::new("", PlotPoints::from(corners)).fill_color(color).allow_hover(false);
            plot.polygon(field.stroke(egui::Stroke::new(1.0, color)));
        }
        plot.pointer_coordinate()
    });
    let clicked = response.response.clicked_by(PointerButton::Primary);
    let at = response.inner.filter(|_| clicked);
    if let Some((x, y)) = at.and_then(|at: PlotPoint| Some((nearest(&xs, at.x)?, nearest(&ys, at.y)?))) {
        commands.push(set(&swept.sweep, y * count + x));
    }
    response.response.accessible_name(name);
}

/// All combinations with their figures; each sets what it stands for.
fn list(ui: &mut Ui, swept: &Swept, rows: &[Row], commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let sweep = &swept.sweep;
    ScrollArea::vertical().id_salt("list").auto_shrink([false, false]).show_rows(
        ui,
        size::ROW,
        rows.len(),
        |ui, seen| {
            for (at, row) in rows.iter().enumerate().skip(seen.start).take(seen.len()) {
                let given = sweep.values(at).join(", ");
                let (said, color) = match row {
                    Ok(value) => (figure(*value), tokens.text),
                    Err(why) => (why.clone(), tokens.error),
                };
                ui.horizontal(|ui| {
                    ui.set_height(size::ROW);
                    let link = ui.link(RichText::new(&given).monospace().size(size::CAPTION));
                    let names: Vec<String> = sweep.axes.iter().map(|axis| axis.target.to_string()).collect();
                    let link = link.accessible_name(format!("set {} to {given}", names.join(", ")));
                    if link.on_hover_text("Sets this on the page; undo takes it back").clicked() {
                        commands.push(set(sweep, at));
                    }
                    let text = RichText::new(&said).monospace().size(size::CAPTION).color(color);
                    ui.add(egui::Label::new(text).truncate()).on_hover_text(&said);
                });
            }
        },
    );
}
