//! A block, read from the top: id, type, what is wrong, ports, fields, the value as it is now, and where its elements
//! lie.

use egui::epaint::CubicBezierShape;
use egui::{Color32, CornerRadius, Rect, Shadow, Shape, Stroke, StrokeKind, pos2, vec2};
use node_core::check::Origin;
use node_core::value::Wanted;
use node_core::{AttrType, Direction, PortKind, Value};
use node_engine::Outcome;

use super::brush::Brush;
use super::pills;
use super::text::{self, Style};
use crate::panels::canvas::scene::Item;
use crate::size;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;
use crate::widgets::remarks::message;

const INSET: f32 = 12.0;

/// Paints a block.
pub fn paint(brush: &Brush<'_>, item: &Item) {
    let block = &item.block;
    body(brush, item);
    head(brush, block);
    if let (Some(rect), Some(text)) = (block.message, message(brush.tab, &block.id)) {
        let rect = brush.rect(rect);
        let style = Style::plain(size::CAPTION, brush.tokens.error);
        if let Some(galley) = text::lay_out(&brush.ink, &text, &style, brush.camera.zoom, rect.width(), 2) {
            brush.ink.galley(rect.min, galley, style.color);
        }
    }
    for port in &block.ports {
        port_row(brush, port);
    }
    for (name, rect) in &block.fields {
        field(brush, block, name, *rect);
    }
    if let Some(rect) = block.value {
        value(brush, block, rect);
    }
    if let Some(rect) = block.bar {
        pills::bar(brush, block, rect);
    }
    if brush.tab.document.is_muted(&block.id) {
        veil(brush, block);
    }
}

/// A muted block is veiled, and shows what passes through it.
fn veil(brush: &Brush<'_>, block: &BlockShape) {
    let rect = brush.rect(block.rect);
    let radius = CornerRadius::same(brush.px(size::BLOCK_RADIUS).clamp(2.0, 24.0) as u8);
    brush.ink.rect_filled(rect, radius, brush.tokens.canvas.gamma_multiply(0.5));
    let Some(checked) = brush.tab.document.checked.blocks.get(&block.id) else { return };
    let (Some(passes), Some(setup)) = (&checked.passes, &checked.setup) else { return };
    for (index, passed) in passes.iter().enumerate() {
        let Some(passed) = passed else { continue };
        let input = setup.spec().inputs().nth(passed.input).and_then(|input| {
            let is_it = |port: &&PortShape| {
                let is_input = port.spec.as_ref().is_some_and(|spec| spec.name == input.name);
                port.end.direction == Direction::In && is_input && port.item.unwrap_or(0) == passed.item
            };
            block.ports.iter().find(is_it)
        });
        let output = block.port(Direction::Out, setup.output_name(index));
        if let (Some(input), Some(output)) = (input, output) {
            let (from, to) = (brush.at(input.pin), brush.at(output.pin));
            let color = brush.tokens.port(PortKind::Tensor, checked.outputs.get(index).map(|ty| ty.dtype));
            let stroke = Stroke::new(size::WIRE * brush.camera.zoom.clamp(0.3, 1.4), color);
            let reach = vec2((to.x - from.x) * 0.4, 0.0);
            let points = [from, from + reach, to - reach, to];
            brush.ink.add(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke));
        }
    }
}

/// The id alone, as large as the block has room for.
pub fn name(brush: &Brush<'_>, item: &Item) {
    let block = &item.block;
    let rect = brush.rect(block.rect).shrink(3.0);
    let size = (rect.height() * 0.45).clamp(0.0, size::BLOCK_TEXT);
    let color = if block.message.is_some() { brush.tokens.error } else { brush.tokens.text };
    text::middle(&brush.ink, rect, block.id.as_str(), &Style::semibold(size, color));
}

fn body(brush: &Brush<'_>, item: &Item) {
    let block = &item.block;
    let tokens = brush.tokens;
    let rect = brush.rect(block.rect);
    let radius = CornerRadius::same(brush.px(size::BLOCK_RADIUS).clamp(2.0, 24.0) as u8);
    let selected = item.selected;
    let failing = block.message.is_some();
    let shadow = Shadow { offset: [0, 3], blur: 10, spread: 0, color: tokens.shadow };
    brush.ink.add(shadow.as_shape(rect, radius));
    let edge = brush.category(item);
    brush.ink.rect_filled(rect, radius, edge);
    let inner = Rect::from_min_max(pos2(rect.left(), rect.top() + brush.px(3.0).max(2.0)), rect.max);
    let top = (f32::from(radius.nw) * 0.75) as u8;
    brush.ink.rect_filled(inner, CornerRadius { nw: top, ne: top, ..radius }, tokens.raised);
    let (width, color) = match (selected, failing) {
        (_, true) if !selected => (1.5, tokens.error),
        (true, _) => (2.0, tokens.accent),
        _ => (1.0, tokens.line),
    };
    brush.ink.rect_stroke(rect, radius, Stroke::new(width, color), StrokeKind::Inside);
    if failing && selected {
        brush.ink.rect_stroke(rect.expand(2.5), radius, Stroke::new(1.0, tokens.error), StrokeKind::Inside);
    }
}

fn head(brush: &Brush<'_>, block: &BlockShape) {
    let tokens = brush.tokens;
    let zoom = brush.camera.zoom;
    let rect = block.header;
    let width = brush.px(rect.width() - 2.0 * INSET);
    let type_name = brush.tab.document.page.block(block.id.as_str()).map(|b| b.type_name.as_str()).unwrap_or_default();
    let at = |y: f32| brush.at(rect.min + vec2(INSET, y));
    let badge = badge(brush, block);
    let id_style = Style::semibold(size::BLOCK_TEXT, tokens.text);
    text::left(&brush.ink, at(18.0), block.id.as_str(), &id_style, zoom, width - brush.px(34.0));
    let muted = brush.tab.document.is_muted(&block.id);
    let type_name = if muted { format!("{type_name} · muted") } else { type_name.to_owned() };
    let device = brush.tab.document.page.device_of(&block.id);
    let type_name =
        device.map_or(type_name.clone(), |device| format!("{} · {type_name}", device.trim_start_matches("/job:")));
    text::left(&brush.ink, at(36.0), &type_name, &Style::plain(size::CAPTION, tokens.muted), zoom, width);
    if let Some((sign, color)) = badge {
        let right = brush.at(pos2(rect.right() - INSET, rect.top() + 18.0));
        text::right(&brush.ink, right, &sign, &Style::plain(size::CAPTION, color), zoom, brush.px(40.0));
    }
    let y = brush.at(pos2(0.0, rect.bottom() - 2.0)).y;
    brush.ink.hline(brush.rect(rect).x_range().shrink(1.0), y, Stroke::new(1.0, tokens.line));
}

/// Warnings and problems, at the right end of the title.
fn badge(brush: &Brush<'_>, block: &BlockShape) -> Option<(String, Color32)> {
    let checked = &brush.tab.document.checked;
    let (open, problems): (Vec<_>, Vec<_>) = checked.problems_of(&block.id).partition(|problem| problem.open);
    if !problems.is_empty() || block.message.is_some() {
        return Some((format!("● {}", problems.len().max(1)), brush.tokens.error));
    }
    let unfed = match brush.tab.result(&block.id).map(|result| &result.outcome) {
        Some(Outcome::Failed(problem)) => usize::from(problem.open),
        _ => 0,
    };
    if !open.is_empty() || unfed > 0 {
        return Some((format!("○ {}", open.len() + unfed), brush.tokens.muted));
    }
    let warnings = brush.tab.warnings(&block.id).count();
    (warnings > 0).then(|| (format!("▲ {warnings}"), brush.tokens.warning))
}

fn port_row(brush: &Brush<'_>, port: &PortShape) {
    let tokens = brush.tokens;
    let zoom = brush.camera.zoom;
    let fits = brush.fits(&port.end);
    let scope = port.end.kind == PortKind::Scope;
    let mut color = if scope { tokens.muted } else { tokens.text };
    if !fits {
        color = color.gamma_multiply(0.3);
    }
    let style = Style::plain(size::BLOCK_TEXT, color);
    // The row is as wide as both names need; a name that has it alone leaves room for a note.
    let width = brush.px(port.row.width() - 2.0 * INSET) * if port.shared { 0.9 } else { 0.62 };
    let y = port.row.center().y;
    if port.end.direction == Direction::In {
        let at = brush.at(pos2(port.row.left() + INSET + 2.0, y));
        let used = text::left(&brush.ink, at, &port.end.port.port, &style, zoom, width);
        if !port.shared
            && let Some(note) = note(brush.tab, port)
        {
            let right = brush.at(pos2(port.row.right() - INSET, y));
            let room = (right.x - at.x - used - brush.px(10.0)).max(0.0);
            let note_color = if fits { tokens.muted } else { tokens.muted.gamma_multiply(0.3) };
            text::right(&brush.ink, right, &note, &Style::mono(size::CAPTION, note_color), zoom, room);
        }
    } else {
        let right = port.pill.map_or(port.row.right() - INSET - 2.0, |pill| pill.left() - 6.0);
        let width = width - port.pill.map_or(0.0, |pill| brush.px(pill.width() + 4.0));
        text::right(&brush.ink, brush.at(pos2(right, y)), &port.end.port.port, &style, zoom, width);
        if let Some(rect) = port.pill {
            pills::pill(brush, port, rect);
        }
    }
    pin(brush, port, fits);
}

/// A value as it stands in its field, cut short.
pub fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    if value.leaves(LONGEST) >= LONGEST {
        return value.excerpt();
    }
    value.typed_text(Wanted::Numbers).chars().take(LONGEST).collect()
}

/// What an input row says at its right end: its literal, or the sets that are wired to it.
pub fn note(tab: &Tab, port: &PortShape) -> Option<String> {
    if port.end.direction == Direction::Out {
        return None;
    }
    let document = &tab.document;
    let end = &port.end;
    let checked = document.checked.blocks.get(&end.port.block)?;
    match end.kind {
        PortKind::Scope => None,
        PortKind::Tensor if port.wired => None,
        PortKind::Tensor => {
            let node = document.page.block(end.port.block.as_str())?;
            let literal = port.spec.as_ref().and_then(|spec| node.literal(spec)).map(|(_, value)| shown(value));
            literal.or_else(|| port.spec.as_ref().map(|spec| empty_note(spec, port).to_owned()))
        }
        PortKind::Attrs if document.fed_with(&end.port.block).is_some() => {
            document.fed_with(&end.port.block).map(|name| format!("fed: {name}"))
        }
        PortKind::Attrs => {
            let own = checked.effective.iter().filter(|e| e.origin == Origin::Own);
            let shown = own.filter_map(|e| match (&e.spec.ty, e.value.as_ref()?) {
                (AttrType::Float | AttrType::Int | AttrType::Bool, value) => {
                    Some(format!("{} {}", e.spec.name, shown(value)))
                }
                // Of a path its end says which.
                (AttrType::String, Value::String(text)) if e.spec.name == "path" => {
                    text.rsplit('/').next().map(str::to_owned)
                }
                (AttrType::String, Value::String(text)) => Some(text.clone()),
                _ => None,
            });
            let mut parts: Vec<String> = shown.collect();
            parts.extend(checked.sets.iter().map(|set| format!("◆ {set}")));
            Some(parts.join(" · "))
        }
    }
}

/// What stands at an input that has neither wire nor literal.
fn empty_note(spec: &node_core::PortSpec, port: &PortShape) -> &'static str {
    match (spec.is_list(), spec.optional, port.item) {
        (true, ..) => "one more",
        (_, true, _) => "optional",
        _ => "not connected",
    }
}

fn pin(brush: &Brush<'_>, port: &PortShape, fits: bool) {
    let tokens = brush.tokens;
    let center = brush.at(port.pin);
    let radius = (brush.px(size::PIN) / 2.0).clamp(2.0, 9.0);
    let mut color = tokens.port(port.end.kind, dtype(brush, port));
    if !fits {
        color = color.gamma_multiply(0.25);
    }
    let stroke = Stroke::new((1.6 * brush.camera.zoom).clamp(1.0, 2.2), color);
    let typed = port.end.kind == PortKind::Tensor
        && brush
            .tab
            .document
            .page
            .block(port.end.port.block.as_str())
            .is_some_and(|b| port.spec.as_ref().is_some_and(|spec| b.literal(spec).is_some()));
    let filled = port.wired || (typed && port.end.direction == Direction::In);
    match port.end.kind {
        PortKind::Attrs => {
            let diamond =
                |r: f32| [vec2(0.0, -r), vec2(r, 0.0), vec2(0.0, r), vec2(-r, 0.0)].map(|d| center + d).to_vec();
            brush.ink.add(Shape::convex_polygon(diamond(radius + 1.0), tokens.canvas, stroke));
            if filled {
                brush.ink.add(Shape::convex_polygon(diamond(radius * 0.55), color, Stroke::NONE));
            }
        }
        _ => {
            brush.ink.circle(center, radius, tokens.canvas, stroke);
            if filled {
                brush.ink.circle_filled(center, radius * 0.52, color);
            }
        }
    }
}

fn dtype(brush: &Brush<'_>, port: &PortShape) -> Option<node_core::DType> {
    let block = brush.tab.document.checked.blocks.get(&port.end.port.block)?;
    if port.end.direction == Direction::Out {
        let index = block.output_index(&port.end.port.port)?;
        return block.outputs.get(index).map(|ty| ty.dtype);
    }
    port.spec.as_ref().and_then(|s| s.types.fixed()).or_else(|| block.bound_dtype(&port.end.port.port))
}

fn field(brush: &Brush<'_>, block: &BlockShape, name: &str, rect: Rect) {
    let tokens = brush.tokens;
    let zoom = brush.camera.zoom;
    let rect = brush.rect(rect);
    brush.ink.rect_filled(rect, brush.px(4.0), tokens.sunken);
    let value = brush.tab.document.page.block(block.id.as_str()).and_then(|b| b.attrs.get(name)).map(shown);
    let pad = brush.px(8.0);
    let half = rect.width() / 2.0 - pad;
    let left = pos2(rect.left() + pad, rect.center().y);
    let right = pos2(rect.right() - pad, rect.center().y);
    text::left(&brush.ink, left, name, &Style::plain(size::BLOCK_TEXT - 0.5, tokens.text), zoom, half);
    let style = Style::mono(size::CAPTION + 0.5, tokens.text);
    text::right(&brush.ink, right, &value.unwrap_or_default(), &style, zoom, half);
}

fn value(brush: &Brush<'_>, block: &BlockShape, rect: Rect) {
    let tokens = brush.tokens;
    let zoom = brush.camera.zoom;
    let rect = brush.rect(rect);
    brush.ink.rect_filled(rect, brush.px(4.0), tokens.sunken);
    let pad = brush.px(8.0);
    let left = pos2(rect.left() + pad, rect.center().y);
    let right = pos2(rect.right() - pad, rect.center().y);
    let room = rect.width() - 2.0 * pad;
    let checked = brush.tab.document.checked.blocks.get(&block.id);
    let result = brush.tab.result(&block.id);
    let preview = result.and_then(|r| r.preview(0));
    let ty = match preview {
        Some(preview) => Some(format!("{} {}", preview.ty.dtype.short(), preview.ty.shape)),
        None => checked
            .filter(|b| !b.is_absent(0))
            .and_then(|b| b.outputs.first())
            .map(|ty| format!("{} {}", ty.dtype.short(), ty.shape)),
    };
    let muted = Style::mono(size::CAPTION, tokens.muted);
    let used = text::right(&brush.ink, right, &ty.unwrap_or_default(), &muted, zoom, room * 0.6);
    let room = (room - used - pad).max(0.0);
    let (shown, style) = match (preview, result.map(|r| &r.outcome)) {
        // What the page as it was before an edit gave is not what it gives.
        (Some(preview), _) if brush.tab.is_stale() => {
            (format!("before: {}", preview.text(24)), Style::plain(size::CAPTION, tokens.muted))
        }
        (Some(preview), _) => (preview.text(24), Style::mono(size::CAPTION + 0.5, tokens.text)),
        (None, Some(Outcome::Waiting(source))) => {
            (format!("waits for {source}"), Style::plain(size::CAPTION, tokens.muted))
        }
        (None, _) => ("–".to_owned(), Style::plain(size::CAPTION, tokens.muted)),
    };
    text::left(&brush.ink, left, &shown, &style, zoom, room);
}
