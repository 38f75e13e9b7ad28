//! Writing: the canonical form, made to be read in a diff and merged by lines.

use std::fmt::Write;
use std::sync::Arc;

use node_core::check::{Feeds, State, check};
use node_core::decor::Decor;
use node_core::page::{Entries, Unknown};
use node_core::value::quoted;
use node_core::{BlockId, BlockNode, BlockSpec, Page, Placement, Registry, Value};

use super::FORMAT;

/// The canonical text of `page`. The values of blocks whose type is not in `registry` are kept as their file spells them;
/// of the others attributes that only restate what is wired are left out, where they agree with it.
pub fn to_text(page: &Page, registry: &Registry) -> String {
    let mut sections = vec![format!("  \"nudge\": {FORMAT}")];
    if let Some(name) = &page.name {
        sections.push(format!("  \"name\": {}", quoted(name)));
    }
    let spec = |block: &BlockNode| registry.get(&block.type_name).map(|ty| &ty.spec);
    let restates = |block: &BlockNode| spec(block).is_some_and(|spec| block.attrs.names().any(|n| spec.restates(n)));
    let checked = page.blocks.values().any(|block| restates(block)).then(|| {
        let page = Arc::new(page.clone());
        check(&page, registry, &Feeds::new())
    });
    let agrees = |id: &BlockId| checked.as_ref().is_some_and(|checked| checked.blocks[id].state == State::Ready);
    let blocks = page
        .blocks
        .iter()
        .map(|(id, block)| format!("{}: {}", quoted(id.as_str()), block_text(block, spec(block), agrees(id))));
    sections.push(section("blocks", '{', blocks.collect(), '}'));
    if !page.wires.is_empty() {
        let mut wires: Vec<_> = page.wires.iter().collect();
        wires.sort_by_key(|wire| (&wire.to.block, &wire.to.port));
        let wires =
            wires.iter().map(|wire| format!("[{}, {}]", quoted(&wire.from.to_string()), quoted(&wire.to.to_string())));
        sections.push(section("wires", '[', wires.collect(), ']'));
    }
    if !page.layout.is_empty() {
        let layout = page.layout.iter().map(|(id, place)| format!("{}: {}", quoted(id.as_str()), placement(place)));
        sections.push(section("layout", '{', layout.collect(), '}'));
    }
    sections.extend(decor_sections(&page.decor));
    for Unknown { key, json } in &page.unknown {
        sections.push(format!("  {}: {json}", quoted(key)));
    }
    format!("{{\n{}\n}}\n", sections.join(",\n"))
}

/// Frames, notes, bends of wires, places to come back to; one entry a line.
fn decor_sections(decor: &Decor) -> Vec<String> {
    let named = |name: &str, parts: Vec<String>| format!("{}: {{{}}}", quoted(name), parts.join(", "));
    let frames = decor.frames.iter().map(|(name, frame)| {
        let mut parts = vec![format!("\"title\": {}", quoted(&frame.title))];
        parts.extend(frame.color.as_ref().map(|color| format!("\"color\": {}", quoted(color))));
        parts.push(format!("\"rect\": {}", numbers(&frame.rect)));
        let blocks: Vec<String> = frame.blocks.iter().map(|id| quoted(id.as_str())).collect();
        parts.push(format!("\"blocks\": [{}]", blocks.join(", ")));
        parts.extend(frame.device.as_ref().map(|device| format!("\"device\": {}", quoted(device))));
        parts.extend(unknown(&frame.unknown));
        named(name, parts)
    });
    let notes = decor.notes.iter().map(|(name, note)| {
        let mut parts = vec![format!("\"at\": {}", numbers(&[note.at.0, note.at.1]))];
        parts.push(format!("\"size\": {}", numbers(&[note.size.0, note.size.1])));
        parts.push(format!("\"text\": {}", quoted(&note.text)));
        parts.extend(unknown(&note.unknown));
        named(name, parts)
    });
    let mut routes: Vec<_> = decor.routes.iter().collect();
    routes.sort_by_key(|(wire, _)| (&wire.to, &wire.from));
    let routes = routes.into_iter().map(|(wire, points)| {
        let points: Vec<String> = points.iter().map(|(x, y)| numbers(&[*x, *y])).collect();
        let (from, to) = (quoted(&wire.from.to_string()), quoted(&wire.to.to_string()));
        format!("[{from}, {to}, [{}]]", points.join(", "))
    });
    let views = decor
        .views
        .iter()
        .map(|(name, view)| format!("{}: {}", quoted(name), numbers(&[view.center.0, view.center.1, view.zoom])));
    let all = [
        ("frames", '{', frames.collect::<Vec<_>>(), '}'),
        ("notes", '{', notes.collect(), '}'),
        ("routes", '[', routes.collect(), ']'),
        ("views", '{', views.collect(), '}'),
    ];
    let some = all.into_iter().filter(|(_, _, lines, _)| !lines.is_empty());
    some.map(|(key, open, lines, close)| section(key, open, lines, close)).collect()
}

fn numbers(numbers: &[f64]) -> String {
    Value::list(numbers.iter().map(|number| Value::number(*number)).collect()).to_string()
}

fn unknown(keys: &[Unknown]) -> impl Iterator<Item = String> {
    keys.iter().map(|Unknown { key, json }| format!("{}: {json}", quoted(key)))
}

fn section(key: &str, open: char, lines: Vec<String>, close: char) -> String {
    if lines.is_empty() {
        return format!("  \"{key}\": {open}{close}");
    }
    let mut text = format!("  \"{key}\": {open}\n");
    for (i, line) in lines.iter().enumerate() {
        let comma = if i + 1 < lines.len() { "," } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {line}{comma}");
    }
    text.push_str("  ");
    text.push(close);
    text
}

fn block_text(block: &BlockNode, spec: Option<&BlockSpec>, agrees: bool) -> String {
    let mut parts = vec![format!("\"type\": {}", quoted(&block.type_name))];
    let restated = |name: &str| agrees && spec.is_some_and(|spec| spec.restates(name));
    if block.attrs.names().any(|name| !restated(name)) {
        parts.push(format!("\"attrs\": {}", entries_text(&block.attrs, spec.is_some(), restated)));
    }
    if !block.inputs.is_empty() {
        parts.push(format!("\"inputs\": {}", entries_text(&block.inputs, spec.is_some(), |_| false)));
    }
    if block.mute {
        parts.push("\"mute\": true".to_owned());
    }
    parts.extend(block.device.as_ref().map(|device| format!("\"device\": {}", quoted(device))));
    parts.extend(block.tf_name.as_ref().map(|name| format!("\"tf_name\": {}", quoted(name))));
    if !block.control.is_empty() {
        let before: Vec<String> = block.control.iter().map(|id| quoted(id.as_str())).collect();
        parts.push(format!("\"control\": [{}]", before.join(", ")));
    }
    parts.extend(unknown(&block.unknown));
    format!("{{{}}}", parts.join(", "))
}

fn entries_text(entries: &Entries, known: bool, is_left_out: impl Fn(&str) -> bool) -> String {
    let parts = entries.iter().filter(|(name, _)| !is_left_out(name)).map(|(name, written)| match &written.spelling {
        Some(spelling) if !known => format!("{}: {spelling}", quoted(name)),
        _ => format!("{}: {}", quoted(name), written.value),
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
}

fn placement(place: &Placement) -> String {
    let size = place.size.into_iter().flat_map(|(width, height)| [width, height]);
    numbers(&[place.x, place.y].into_iter().chain(size).collect::<Vec<f64>>())
}
