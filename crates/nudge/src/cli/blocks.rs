//! `nudge blocks`: the registry, as a list or as documentation.

use std::path::PathBuf;

use node_core::{AttrSpec, BlockSpec, Direction, Name, PortKind, PortSpec, Registry, Value};
use node_io::page_file::io_message;
use serde::Serialize;

use super::Status;
use super::output::Output;
use crate::reference;

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people; may change.
    Text,
    /// For programs; may only grow.
    Json,
    /// For people, to be read in a browser: an index, and a file for each of the palette's headings.
    Markdown,
}

#[derive(clap::Args)]
pub struct Arguments {
    /// The block type to document; all are listed without one.
    #[arg(value_name = "TYPE")]
    block: Option<String>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The folder to write the documentation to (with `--format markdown`); it is made if it is not there.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Block<'s> {
    name: &'s str,
    aliases: &'s [Name],
    gradients: &'s [Name],
    category: &'s str,
    summary: &'s str,
    docs: &'s str,
    ports: Vec<Port<'s>>,
    attrs: Vec<Attr<'s>>,
}

#[derive(Serialize)]
struct Port<'s> {
    name: &'s str,
    aliases: &'s [Name],
    kind: &'static str,
    direction: &'static str,
    dtypes: Vec<&'static str>,
    list: bool,
    docs: &'s str,
}

#[derive(Serialize)]
struct Attr<'s> {
    name: &'s str,
    #[serde(skip_serializing_if = "<[Name]>::is_empty")]
    aliases: &'s [Name],
    #[serde(rename = "type")]
    ty: Name,
    default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    docs: &'s str,
}

impl<'s> From<&'s BlockSpec> for Block<'s> {
    fn from(spec: &'s BlockSpec) -> Block<'s> {
        Block {
            name: &spec.name,
            aliases: &spec.aliases,
            gradients: &spec.gradients,
            category: &spec.category,
            summary: &spec.summary,
            docs: &spec.docs,
            ports: spec.ports.iter().map(|port| Port::from(&**port)).collect(),
            attrs: spec.attrs.iter().map(|attr| Attr::from(&**attr)).collect(),
        }
    }
}

impl<'s> From<&'s PortSpec> for Port<'s> {
    fn from(port: &'s PortSpec) -> Port<'s> {
        let tensor = port.kind == PortKind::Tensor;
        Port {
            name: &port.name,
            aliases: &port.aliases,
            kind: port.kind.name(),
            direction: direction(port),
            dtypes: if tensor { port.types.dtypes().iter().map(|d| d.name()).collect() } else { Vec::new() },
            list: port.is_list(),
            docs: &port.docs,
        }
    }
}

impl<'s> From<&'s AttrSpec> for Attr<'s> {
    fn from(attr: &'s AttrSpec) -> Attr<'s> {
        Attr {
            name: &attr.name,
            aliases: &attr.aliases,
            ty: attr.ty.name(),
            default: attr.default.value(),
            min: attr.range.map(|(min, _)| Value::number(min)),
            max: attr.range.filter(|(_, max)| max.is_finite()).map(|(_, max)| Value::number(max)),
            docs: &attr.docs,
        }
    }
}

fn direction(port: &PortSpec) -> &'static str {
    match port.direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}

/// Prints the registry or one entry of it.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    let specs: Vec<&BlockSpec> = match &arguments.block {
        None => registry.iter().map(|ty| &ty.spec).collect(),
        Some(name) => match registry.get(name) {
            Some(ty) => vec![&ty.spec],
            None => {
                output.error(registry.unknown(name));
                return Status::Usage;
            }
        },
    };
    if arguments.output.is_some() && arguments.format != Format::Markdown {
        output.error("-o writes documentation; give it with --format markdown");
        return Status::Usage;
    }
    if arguments.format == Format::Markdown {
        return markdown(arguments, &specs, output);
    }
    match (arguments.format, &arguments.block) {
        (Format::Json, _) => {
            let blocks: Vec<Block> = specs.into_iter().map(Block::from).collect();
            output.line(serde_json::to_string(&blocks).unwrap_or_default());
        }
        (_, None) => list(&specs, output),
        (_, Some(_)) => specs.iter().for_each(|spec| document(spec, output)),
    }
    Status::Good
}

/// The documentation: printed, or written to a folder.
fn markdown(arguments: &Arguments, specs: &[&BlockSpec], output: &mut Output) -> Status {
    let Some(folder) = &arguments.output else {
        specs.iter().for_each(|spec| output.line(reference::section(spec)));
        return Status::Good;
    };
    if arguments.block.is_some() {
        output.error("-o writes the documentation of all block types; leave TYPE out");
        return Status::Usage;
    }
    let made = std::fs::create_dir_all(folder).map_err(|error| (folder.clone(), io_message(&error)));
    let written = made.and_then(|()| {
        reference::files(specs).into_iter().try_for_each(|(name, text)| {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|error| (path, io_message(&error)))
        })
    });
    match written {
        Ok(()) => Status::Good,
        Err((path, why)) => {
            output.error(format!("{}: {why}", path.display()));
            Status::Wrong
        }
    }
}

fn list(specs: &[&BlockSpec], output: &mut Output) {
    let width = |f: fn(&BlockSpec) -> &str| specs.iter().map(|s| f(s).len()).max().unwrap_or(0);
    let (name, category) = (width(|s| &s.name), width(|s| &s.category));
    for spec in specs {
        output.line(format!("{:name$}  {:category$}  {}", spec.name, spec.category, spec.summary));
    }
}

fn document(spec: &BlockSpec, output: &mut Output) {
    output.line(format!("{} ({})\n{}\n\n{}", spec.name, spec.category, spec.summary, spec.docs));
    for (what, names) in [("Also known as", &spec.aliases), ("Its gradient is computed by", &spec.gradients)] {
        if !names.is_empty() {
            output.line(format!("\n{what} {}.", names.join(", ")));
        }
    }
    output.line("\nPorts");
    for port in &spec.ports {
        output.line(format!("  {:<3} {}", direction(port), port_line(port)));
    }
    if spec.attrs.is_empty() {
        return;
    }
    output.line("\nAttributes");
    for attr in &spec.attrs {
        let default = attr.default.value().map(|v| format!(" = {v}")).unwrap_or_default();
        let range = attr.range.map(range_text).unwrap_or_default();
        let aliases = also(&attr.aliases);
        output.line(format!("  {}{aliases}: {}{default}{range}\n      {}", attr.name, attr.ty.name(), attr.docs));
    }
}

fn range_text((min, max): (f64, f64)) -> String {
    if max.is_finite() { format!(", {min} to {max}") } else { format!(", at least {min}") }
}

fn port_line(port: &PortSpec) -> String {
    let types = match port.kind {
        PortKind::Tensor => port.types.dtypes().iter().map(|d| d.name()).collect::<Vec<_>>().join("|"),
        kind => kind.name().to_owned(),
    };
    let list = if port.is_list() { ", a list" } else { "" };
    let optional = if port.optional && !port.is_list() { ", optional" } else { "" };
    let aliases = also(&port.aliases);
    format!("{}{aliases}: {types}{list}{optional}\n      {}", port.name, port.docs)
}

fn also(aliases: &[Name]) -> String {
    if aliases.is_empty() { String::new() } else { format!(" (also {})", aliases.join(", ")) }
}
