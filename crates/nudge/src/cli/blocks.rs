//! `nudge blocks`: the registry, as a list or as documentation.

use node_core::{AttrSpec, BlockSpec, Direction, PortKind, PortSpec, Registry, Value};
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
struct Block {
    name: &'static str,
    category: &'static str,
    summary: &'static str,
    docs: &'static str,
    ports: Vec<Port>,
    attrs: Vec<Attr>,
}

#[derive(Serialize)]
struct Port {
    name: &'static str,
    aliases: &'static [&'static str],
    kind: &'static str,
    direction: &'static str,
    dtypes: Vec<&'static str>,
    list: bool,
    docs: &'static str,
}

#[derive(Serialize)]
struct Attr {
    name: &'static str,
    #[serde(rename = "type")]
    ty: &'static str,
    default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    docs: &'static str,
}

impl From<&'static BlockSpec> for Block {
    fn from(spec: &'static BlockSpec) -> Block {
        Block {
            name: spec.name,
            category: spec.category,
            summary: spec.summary,
            docs: spec.docs,
            ports: spec.ports.iter().map(Port::from).collect(),
            attrs: spec.attrs.iter().map(Attr::from).collect(),
        }
    }
}

impl From<&PortSpec> for Port {
    fn from(port: &PortSpec) -> Port {
        let tensor = port.kind == PortKind::Tensor;
        Port {
            name: port.name,
            aliases: port.aliases,
            kind: port.kind.name(),
            direction: direction(port),
            dtypes: if tensor { port.types.dtypes().iter().map(|d| d.name()).collect() } else { Vec::new() },
            list: port.list,
            docs: port.docs,
        }
    }
}

impl From<&AttrSpec> for Attr {
    fn from(attr: &AttrSpec) -> Attr {
        Attr {
            name: attr.name,
            ty: attr.ty.name(),
            default: attr.default.value(),
            min: attr.range.map(|(min, _)| Value::number(min)),
            max: attr.range.map(|(_, max)| Value::number(max)),
            docs: attr.docs,
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
    let specs: Vec<&'static BlockSpec> = match &arguments.block {
        None => registry.iter().map(|b| b.spec()).collect(),
        Some(name) => match registry.get(name) {
            Some(block) => vec![block.spec()],
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
    let (name, category) = (width(|s| s.name), width(|s| s.category));
    for spec in specs {
        output.line(format!("{:name$}  {:category$}  {}", spec.name, spec.category, spec.summary));
    }
}

fn document(spec: &BlockSpec, output: &mut Output) {
    output.line(format!("{} ({})\n{}\n\n{}", spec.name, spec.category, spec.summary, spec.docs));
    output.line("\nPorts");
    for port in spec.ports {
        output.line(format!("  {:<3} {}", direction(port), port_line(port)));
    }
    if spec.attrs.is_empty() {
        return;
    }
    output.line("\nAttributes");
    for attr in spec.attrs {
        let default = attr.default.value().map(|v| format!(" = {v}")).unwrap_or_default();
        let range = attr.range.map(|(min, max)| format!(", {min} to {max}")).unwrap_or_default();
        output.line(format!("  {}: {}{default}{range}\n      {}", attr.name, attr.ty.name(), attr.docs));
    }
}

fn port_line(port: &PortSpec) -> String {
    let types = match port.kind {
        PortKind::Tensor => port.types.dtypes().iter().map(|d| d.name()).collect::<Vec<_>>().join("|"),
        kind => kind.name().to_owned(),
    };
    let list = if port.list { ", a list" } else { "" };
    let optional = if port.optional && !port.list { ", optional" } else { "" };
    let aliases = if port.aliases.is_empty() { String::new() } else { format!(" (also {})", port.aliases.join(", ")) };
    format!("{}{aliases}: {types}{list}{optional}\n      {}", port.name, port.docs)
}
