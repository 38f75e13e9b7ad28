//! `result_output`: every output as a table of values beside the inputs that it came from.

use egui::{Align2, FontId, Rect, RichText, Sense, Stroke, TextEdit, Ui, UiBuilder, pos2, vec2};
use node_core::check::Source;
use node_core::{BlockId, Direction, PortKind, PortRef, QuantRange, Quantization, Scalar, Tensor};
use node_engine::BlockResult;

use super::rows::{ROW, Rows, row_of};
use crate::command::Command;
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::PortEnd;
use crate::widgets::elide;
use crate::widgets::names::{self, Told, tell};
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;
use crate::widgets::values;
use crate::wiring::at::wire_at;

/// A table is at least so high, if it has so many rows.
const LEAST_ROWS: usize = 6;

/// A column of the table.
struct Column<'t> {
    title: &'t str,
    cells: Cells<'t>,
    /// Whether it is the input that the block quantizes.
    quantized: bool,
}

/// What stands in a column.
enum Cells<'t> {
    /// The elements of a tensor.
    Elements(&'t Tensor),
    /// The integers that stand for quantized values.
    Codes(&'t Tensor, &'t Quantization),
    /// How far the second is from the first.
    Errors(&'t Tensor, &'t Tensor),
}

impl Column<'_> {
    fn len(&self) -> usize {
        match &self.cells {
            Cells::Elements(tensor) | Cells::Codes(tensor, _) | Cells::Errors(tensor, _) => tensor.len(),
        }
    }

    fn element(&self, row: usize) -> Option<Scalar> {
        match &self.cells {
            Cells::Elements(tensor) => tensor.element(row),
            Cells::Codes(tensor, quantization) => {
                let value = *tensor.slice::<f32>()?.get(row)?;
                range_of(quantization, row)?.code(value).map(Scalar::Int)
            }
            Cells::Errors(from, to) => {
                let (from, to) = (from.slice::<f32>()?.get(row)?, to.slice::<f32>()?.get(row)?);
                Some(Scalar::Float32(to - from))
            }
        }
    }
}

/// Draws a section for each output, whose tables share `room`. Returns how high the tables' rows are together.
pub fn section(ui: &mut Ui, tab: &Tab, id: &BlockId, room: f32) -> f32 {
    some(ui, tab, id, room, |_| true)
}

/// Draws one port alone: what it gives, or what comes to it.
pub fn port(ui: &mut Ui, tab: &Tab, port: &PortRef, room: f32, commands: &mut Vec<Command>) {
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
        commands.push(Command::Reveal(output.block.clone()));
    }
    values::show(ui, tab, &output);
    let index = tab.document.checked.blocks.get(&output.block).and_then(|block| block.output_index(&output.port));
    some(ui, tab, &output.block, (room - 120.0).max(ROW * LEAST_ROWS as f32), |nth| Some(nth) == index);
}

fn some(ui: &mut Ui, tab: &Tab, id: &BlockId, room: f32, is_shown: impl Fn(usize) -> bool) -> f32 {
    let Some(result) = tab.result(id) else { return 0.0 };
    let checked = &tab.document.checked;
    let Some(setup) = checked.blocks.get(id).and_then(|b| b.setup.as_ref()) else { return 0.0 };
    let inputs = inputs(tab, id);
    let all = setup.ports.outputs().iter().enumerate().filter(|(index, _)| is_shown(*index));
    let outputs: Vec<_> = all.filter_map(|(i, port)| Some((i, port, result.tensor(i)?))).collect();
    let rows: Vec<usize> = outputs.iter().map(|(.., tensor)| tensor.len()).collect();
    let mut drawn = 0.0;
    for ((index, port, tensor), height) in outputs.into_iter().zip(heights(&rows, room)) {
        let ty = |ui: &mut Ui| {
            ui.label(RichText::new(tensor.tensor_type().to_string()).monospace().size(size::CAPTION).weak());
            if tab.is_stale() {
                let color = Tokens::of(ui).warning;
                ui.label(RichText::new("before the last edit").size(size::CAPTION).color(color));
            }
        };
        super::section::section(ui, &format!("result_output[{index}] {}", port.name), ty, |ui| {
            let fits = |input: &&(&str, &Tensor)| input.1.shape() == tensor.shape();
            let columns = columns(inputs.iter().filter(fits), (&port.name, tensor), result.quantization.as_ref());
            table(ui, &PortRef::new(id, &port.name), tensor, &columns, result, height);
            drawn += height;
        });
    }
    drawn
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

/// The tensors at the block's inputs, as far as they are at hand.
fn inputs<'t>(tab: &'t Tab, id: &BlockId) -> Vec<(&'t str, &'t Tensor)> {
    let Some(block) = tab.document.checked.blocks.get(id) else { return Vec::new() };
    let Some(spec) = block.spec() else { return Vec::new() };
    let tensor = |nth: usize, source: &'t Source| match source {
        Source::Literal => Some(&block.literals.get(nth)?.as_ref()?.tensor),
        Source::Output { block, index } => tab.result(block)?.tensor(*index),
    };
    let ports = spec.inputs().zip(block.inputs.iter()).enumerate().filter(|(_, (port, _))| !port.is_list());
    ports.filter_map(|(nth, (port, sources))| Some((&*port.name, tensor(nth, sources.first()?)?))).collect()
}

/// The inputs, the output, and at a quantizer between and behind them the integers and the errors.
fn columns<'t>(
    inputs: impl Iterator<Item = &'t (&'t str, &'t Tensor)>,
    (title, output): (&'t str, &'t Tensor),
    quantization: Option<&'t Quantization>,
) -> Vec<Column<'t>> {
    let plain = |title, tensor| Column { title, cells: Cells::Elements(tensor), quantized: false };
    let mut columns = Vec::new();
    let mut read = None;
    for (name, tensor) in inputs {
        let quantized = quantization.is_some_and(|q| q.input == *name);
        read = read.or(Some(*tensor).filter(|_| quantized));
        columns.push(Column { quantized, ..plain(name, tensor) });
    }
    let forward = quantization.filter(|q| q.output.as_deref() == Some(title)).zip(read);
    if let Some((quantization, _)) = forward {
        columns.push(Column { title: "q", cells: Cells::Codes(output, quantization), quantized: false });
    }
    columns.push(plain(title, output));
    if let Some((_, read)) = forward {
        columns.push(Column { title: "error", cells: Cells::Errors(read, output), quantized: false });
    }
    columns
}

fn table(ui: &mut Ui, port: &PortRef, output: &Tensor, columns: &[Column<'_>], result: &BlockResult, height: f32) {
    let tokens = Tokens::of(ui);
    let mut rows = Rows::of(ui, port, output.len(), height);
    let width = rows.width(ui);
    let rank = output.shape().rank();
    let index_width = (28.0 + 22.0 * rank as f32).min(width * 0.3);
    let ends = column_ends(columns, width - index_width);
    let right = |i: usize| index_width + ends.get(i).copied().unwrap_or(0.0) - 8.0;

    let (head, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    let font = FontId::proportional(size::CAPTION);
    if rows.are_many() {
        let field = Rect::from_min_size(head.min, vec2(index_width, ROW)).shrink2(vec2(2.0, 1.0));
        if let Some(row) = go_to(ui, field, port, output.shape().dims()) {
            rows.go_to(row);
        }
    } else {
        let at = head.left_center() + vec2(6.0, 0.0);
        ui.painter().text(at, Align2::LEFT_CENTER, "index", font.clone(), tokens.muted);
    }
    for (i, column) in columns.iter().enumerate() {
        let at = pos2(head.left() + right(i), head.center().y);
        let begin = if i == 0 { index_width } else { right(i - 1) + 8.0 };
        let painter = ui.painter();
        let width = |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), tokens.muted).size().x;
        let title = elide::middle(column.title, |text| width(text) <= right(i) - begin);
        painter.text(at, Align2::RIGHT_CENTER, title, font.clone(), tokens.muted);
    }
    ui.painter().hline(head.x_range(), head.bottom(), Stroke::new(1.0, tokens.line));
    let told = Told {
        role: egui::Role::Table,
        name: names::result(port),
        value: Some(output.preview(8)),
        description: Some(output.tensor_type().to_string()),
        selected: None,
        rect: head,
        key: &("table", port),
    };
    tell(ui, told);
    if output.is_empty() {
        ui.label(RichText::new("no elements").color(tokens.muted));
        return;
    }
    rows.show(ui, &names::rows(port), |ui, rect, row| {
        draw_row(ui, rect, row, port, (output, columns), result, &right, index_width);
    });
}

/// Where an index is typed to go to it. The row, once it is entered.
fn go_to(ui: &mut Ui, field: Rect, port: &PortRef, dims: &[usize]) -> Option<usize> {
    let id = egui::Id::unique(("go to", ui.scope_id(), port));
    let mut text: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let is_wrong = !text.trim().is_empty() && row_of(&text, dims).is_none();
    let color = if is_wrong { Tokens::of(ui).error } else { Tokens::of(ui).text };
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(FontId::monospace(size::CAPTION))
        .text_color(color)
        .hint_text("go to")
        .margin(egui::Margin::symmetric(4, 1));
    // Beside the layout: it is no higher than the line that it stands in.
    let mut inside = ui.new_child(UiBuilder::new().max_rect(field));
    inside.spacing_mut().interact_size.y = field.height();
    let response = inside.add(edit.desired_width(field.width())).accessible_name(names::go_to(port));
    let response = response.on_hover_text("An index, such as [2, -1]; Enter shows it.");
    let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    let row = row_of(&text, dims).filter(|_| is_entered);
    ui.data_mut(|data| data.insert_temp(id, text));
    row
}

/// Where each column ends: as wide as its first values need, and what is left over shared out.
fn column_ends(columns: &[Column<'_>], room: f32) -> Vec<f32> {
    const LOOK_AT: usize = 64;
    const CHARACTER: f32 = 7.3;
    let needed = columns.iter().map(|column| {
        let values = (0..column.len().min(LOOK_AT)).filter_map(|i| column.element(i));
        let longest = values.map(|v| v.to_string().chars().count().min(24)).max().unwrap_or(0);
        let mark = if column.quantized { 2 } else { 0 };
        (longest + mark).max(column.title.len()) as f32 * CHARACTER + 18.0
    });
    let needed: Vec<f32> = needed.collect();
    let spare = ((room - needed.iter().sum::<f32>()) / columns.len() as f32).max(0.0);
    // Narrow columns are whole, the others share what is left.
    let mut by_need: Vec<usize> = (0..needed.len()).collect();
    by_need.sort_by(|a, b| needed[*a].total_cmp(&needed[*b]));
    let mut widths = vec![0.0; needed.len()];
    let mut left = room;
    for (nth, column) in by_need.into_iter().enumerate() {
        widths[column] = needed[column].min(left / (needed.len() - nth) as f32);
        left -= widths[column];
    }
    let ends = widths.iter().scan(0.0, |end, width| {
        *end += width + spare;
        Some(*end)
    });
    ends.collect()
}

#[expect(clippy::too_many_arguments, reason = "a row, where it is and what it shows")]
fn draw_row(
    ui: &mut Ui,
    rect: Rect,
    row: usize,
    port: &PortRef,
    (output, columns): (&Tensor, &[Column<'_>]),
    result: &BlockResult,
    right: &dyn Fn(usize) -> f32,
    index_width: f32,
) {
    let tokens = Tokens::of(ui);
    let mono = FontId::monospace(size::TEXT - 1.0);
    let character = ui.fonts_mut(|fonts| fonts.glyph_width(&mono, '0'));
    let painter = ui.painter();
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.line.gamma_multiply(0.6)));
    let position = output.shape().position(row);
    let index = position.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let clip = Rect::from_x_y_ranges(rect.left()..=rect.left() + index_width, rect.y_range());
    painter.with_clip_rect(clip.intersect(ui.clip_rect())).text(
        rect.left_center() + vec2(6.0, 0.0),
        Align2::LEFT_CENTER,
        index,
        mono.clone(),
        tokens.muted,
    );
    for (i, column) in columns.iter().enumerate() {
        let Some(value) = column.element(row) else { continue };
        let mut text = value.to_string();
        let range = result.quantization.as_ref().filter(|_| column.quantized).and_then(|q| range_of(q, row));
        let mut said = text.clone();
        let mut color = if value.as_f64().is_some_and(|v| !v.is_finite()) { tokens.error } else { tokens.text };
        if let (Some(range), Some(v)) = (range, value.as_f64()) {
            if v < f64::from(range.nudged_min) {
                color = tokens.below;
                text = format!("↓ {text}");
                said.push_str(", below the range");
            } else if v > f64::from(range.nudged_max) {
                color = tokens.above;
                text = format!("↑ {text}");
                said.push_str(", above the range");
            }
        }
        let at = pos2(rect.left() + right(i), rect.center().y);
        let left = if i == 0 { rect.left() + index_width } else { rect.left() + right(i - 1) + 8.0 };
        let cell = Rect::from_x_y_ranges(left..=at.x + 8.0, rect.y_range());
        let shown = elide::number(&text, ((at.x - left) / character).floor() as usize);
        if shown != text {
            let id = egui::Id::unique(("whole", ui.scope_id(), port, i, row));
            ui.interact(cell, id, Sense::hover()).on_hover_text(&said);
        }
        ui.painter().with_clip_rect(cell.intersect(ui.clip_rect())).text(
            at,
            Align2::RIGHT_CENTER,
            shown,
            mono.clone(),
            color,
        );
        let told = Told {
            role: egui::Role::Cell,
            name: names::cell(&PortRef::new(&port.block, column.title), &position),
            value: Some(said),
            description: None,
            selected: None,
            rect: cell,
            key: &("cell", port, i, row),
        };
        tell(ui, told);
    }
}

/// The range of element number `flat`: with several ranges, that of its channel.
fn range_of(quantization: &Quantization, flat: usize) -> Option<&QuantRange> {
    let ranges = &quantization.ranges;
    ranges.get(flat.checked_rem(ranges.len())?)
}
