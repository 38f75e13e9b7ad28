//! Writing: the canonical form, made to be read in a diff and merged by lines.

use std::fmt::Write;

use node_core::page::{Entries, Unknown};
use node_core::value::quoted;
use node_core::{BlockNode, Page, Placement, Value};

use super::FORMAT;

/// The canonical text of `page`. `knows` tells whether a block type is known: the values of other blocks are kept as
/// their file spells them.
pub fn to_text(page: &Page, knows: &dyn Fn(&str) -> bool) -> String {
    let mut sections = vec![format!("  \"nudge\": {FORMAT}")];
    if let Some(name) = &page.name {
        sections.push(format!("  \"name\": {}", quoted(name)));
    }
    let blocks = page
        .blocks
        .iter()
        .map(|(id, block)| format!("{}: {}", quoted(id.as_str()), block_text(block, knows(&block.type_name))));
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
    for Unknown { key, json } in &page.unknown {
        sections.push(format!("  {}: {json}", quoted(key)));
    }
    format!("{{\n{}\n}}\n", sections.join(",\n"))
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

fn block_text(block: &BlockNode, known: bool) -> String {
    let mut parts = vec![format!("\"type\": {}", quoted(&block.type_name))];
    for (key, entries) in [("attrs", &block.attrs), ("inputs", &block.inputs)] {
        if !entries.is_empty() {
            parts.push(format!("\"{key}\": {}", entries_text(entries, known)));
        }
    }
    parts.extend(block.unknown.iter().map(|u| format!("{}: {}", quoted(&u.key), u.json)));
    format!("{{{}}}", parts.join(", "))
}

fn entries_text(entries: &Entries, known: bool) -> String {
    let parts = entries.iter().map(|(name, written)| match &written.spelling {
        Some(spelling) if !known => format!("{}: {spelling}", quoted(name)),
        _ => format!("{}: {}", quoted(name), written.value),
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
}

fn placement(place: &Placement) -> String {
    let mut numbers = vec![place.x, place.y];
    if let Some((width, height)) = place.size {
        numbers.extend([width, height]);
    }
    Value::list(numbers.into_iter().map(Value::number).collect()).to_string()
}
