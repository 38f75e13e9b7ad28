//! `nudge blocks`: the registry, as a list or as documentation.

use node_core::{AttrSpec, BlockSpec, Direction, Name, PortKind, PortSpec, Registry, Value};
use serde::Serialize;

use super::output::Output;
use super::{Format, Status};

#[derive(clap::Args)]
pub struct Arguments {
    /// The block type to document; all are listed without one.
    #[arg(value_name = "TYPE")]
    block: Option<String>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Serialize)]
struct Block<'s> {
    name: &'s str,
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
    match (arguments.format, &arguments.block) {
        (Format::Json, _) => {
            let blocks: Vec<Block> = specs.into_iter().map(Block::from).collect();
            output.line(serde_json::to_string(&blocks).unwrap_or_default());
        }
        (Format::Text, None) => list(&specs, output),
        (Format::Text, Some(_)) => specs.iter().for_each(|spec| document(spec, output)),
    }
    Status::Good
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
        output.line(format!("  {}: {}{default}{range}\n      {}", attr.name, attr.ty.name(), attr.docs));
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
    let aliases = if port.aliases.is_empty() { String::new() } else { format!(" (also {})", port.aliases.join(", ")) };
    format!("{}{aliases}: {types}{list}{optional}\n      {}", port.name, port.docs)
}
