//! The documentation of block types as Markdown, made from their descriptions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use node_core::attr::AttrDefault;
use node_core::{AttrSpec, BlockSpec, DType, Direction, Name, PortKind, PortSpec};

/// The files of the documentation with their texts: an index, and one for each of the palette's headings.
pub fn files(specs: &[&BlockSpec]) -> Vec<(String, String)> {
    let mut by_category: BTreeMap<&str, Vec<&BlockSpec>> = BTreeMap::new();
    for spec in specs {
        by_category.entry(&spec.category).or_default().push(spec);
    }
    let mut files = vec![("README.md".to_owned(), index(&by_category, specs.len()))];
    for (category, specs) in &by_category {
        let mut text = format!("# {category}\n\n{MADE}");
        specs.iter().for_each(|spec| text.push_str(&section(spec)));
        files.push((file_of(category), text));
    }
    files
}

const MADE: &str = "Made by `nudge blocks --format markdown -o docs/blocks`; edit the blocks' sources instead.\n";

fn file_of(category: &str) -> String {
    format!("{}.md", category.to_lowercase().replace(' ', "-"))
}

fn index(by_category: &BTreeMap<&str, Vec<&BlockSpec>>, count: usize) -> String {
    let mut text = format!("# Blocks\n\n{MADE}\n{count} block types, by the palette's headings.\n");
    for (category, specs) in by_category {
        let _ = write!(text, "\n## [{category}]({})\n\n| block | |\n|---|---|\n", file_of(category));
        for spec in specs {
            let (name, anchor) = (&spec.name, spec.name.to_lowercase());
            let _ = writeln!(text, "| [`{name}`]({}#{anchor}) | {} |", file_of(category), cell(&spec.summary));
        }
    }
    text
}

/// The documentation of one block type.
pub fn section(spec: &BlockSpec) -> String {
    let mut text = format!("\n## {}\n\n{}\n\n{}\n", spec.name, spec.summary, spec.docs);
    for (what, names) in [("Also known as", &spec.aliases), ("Its gradient is computed by", &spec.gradients)] {
        if !names.is_empty() {
            let _ = writeln!(text, "\n{what} {}.", quoted(names));
        }
    }
    text.push_str("\n| port | | data types | |\n|---|---|---|---|\n");
    for port in spec.ports.iter().filter(|port| port.kind == PortKind::Tensor) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            named(&port.name, &port.aliases),
            way(port),
            types(port),
            cell(&port.docs)
        );
    }
    if !spec.attrs.is_empty() {
        text.push_str("\n| attribute | type | default | |\n|---|---|---|---|\n");
        for attr in &spec.attrs {
            let name = named(&attr.name, &attr.aliases);
            let _ = writeln!(text, "| {name} | {} | {} | {} |", kind(attr), default(attr), cell(&attr.docs));
        }
    }
    text
}

fn named(name: &str, aliases: &[Name]) -> String {
    if aliases.is_empty() { format!("`{name}`") } else { format!("`{name}`, also {}", quoted(aliases)) }
}

fn quoted(names: &[Name]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn way(port: &PortSpec) -> String {
    let way = match port.direction {
        Direction::In => "in",
        Direction::Out => "out",
    };
    let list = if port.is_list() { ", a list" } else { "" };
    let optional = if port.optional && !port.is_list() { ", optional" } else { "" };
    format!("{way}{list}{optional}")
}

/// The data types of a port, the large groups by their names.
fn types(port: &PortSpec) -> String {
    let own = port.types.dtypes();
    let is = |all: &[DType]| own.len() == all.len() && all.iter().all(|dtype| own.contains(dtype));
    if is(&DType::ALL) {
        return "any".to_owned();
    }
    if is(DType::NUMERIC) {
        return "numbers and bool".to_owned();
    }
    if is(DType::REAL) {
        return "numbers".to_owned();
    }
    if is(DType::FLOATING) {
        return "floats".to_owned();
    }
    own.iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(", ")
}

fn kind(attr: &AttrSpec) -> String {
    let choices = attr.ty.choices();
    if choices.is_empty() || choices.len() == DType::ALL.len() { attr.ty.name().to_string() } else { quoted(&choices) }
}

fn default(attr: &AttrSpec) -> String {
    match &attr.default {
        AttrDefault::Required => "must be set".to_owned(),
        AttrDefault::Absent => "–".to_owned(),
        AttrDefault::Is(value) => format!("`{value}`"),
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
