//! Which outputs feed which inputs, and every wire that does not fit.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use crate::literal;
use crate::page::{BlockId, BlockNode, Page, Wire};
use crate::port::{Direction, PortKind, PortSpec};
use crate::problem::{Problem, suggestion};
use crate::registry::Registry;
use crate::spec::BlockSpec;

/// What is wired to one block.
#[derive(Default)]
pub struct Incoming {
    /// For each tensor input with wires, its sources in order.
    pub tensors: BTreeMap<&'static str, Vec<Source>>,
    /// The blocks whose attribute sets are wired, in order.
    pub sets: Vec<BlockId>,
    /// The inputs that have a wire, be it one that does not fit or comes from a block of an unknown type.
    pub wired: BTreeSet<&'static str>,
    /// Whether a wire does not fit.
    pub faulty: bool,
    /// A block of an unknown type that is wired to it.
    pub from_unknown: Option<BlockId>,
}

/// All wires of a page, by the block at which they end.
#[derive(Default)]
pub struct Wiring {
    /// What is wired to each block.
    pub incoming: BTreeMap<BlockId, Incoming>,
}

/// Matches the page's wires to ports; both ends of a wire are looked at.
pub fn resolve(page: &Page, registry: &Registry, problems: &mut Vec<Problem>) -> Wiring {
    let mut wiring = Wiring::default();
    for wire in page.wires.iter() {
        let spec_of = |id: &BlockId| page.block(id.as_str()).map(|b| registry.get(&b.type_name).map(|t| t.spec()));
        let from = output(spec_of(&wire.from.block), wire);
        let Some(to_spec) = spec_of(&wire.to.block) else {
            let message = format!("is wired to '{}', but there is no block '{}'", wire.to, wire.to.block);
            problems.push(Problem::port(&wire.from.block, &*wire.from.port, message));
            if let Err(message) = from {
                problems.push(Problem::port(&wire.to.block, &*wire.to.port, message));
            }
            continue;
        };
        let to = to_spec.map(|spec| input(spec, wire));
        let incoming = wiring.incoming.entry(wire.to.block.clone()).or_default();
        let port = match &to {
            Some(Ok(port)) => port.name,
            _ => &*wire.to.port,
        };
        let mut found = |message: String| problems.push(Problem::port(&wire.to.block, port, message));
        if let Some(Ok(port)) = &to {
            incoming.wired.insert(port.name);
        }
        let fits = match (to, from) {
            (Some(Ok(to)), Ok(Some(from))) => attach(incoming, to, wire, from).map_err(&mut found).is_ok(),
            (Some(Ok(_)), Ok(None)) => {
                incoming.from_unknown = Some(wire.from.block.clone());
                true
            }
            (None, Ok(_)) => true,
            (to, from) => {
                [to.and_then(Result::err), from.err()].into_iter().flatten().for_each(&mut found);
                false
            }
        };
        incoming.faulty |= !fits;
    }
    wiring
}

fn names(spec: &BlockSpec, direction: Direction) -> impl Iterator<Item = &'static str> + Clone + use<> {
    spec.ports.iter().filter(move |p| p.direction == direction && p.kind != PortKind::Scope).map(|p| p.name)
}

fn input(spec: &'static BlockSpec, wire: &Wire) -> Result<&'static PortSpec, String> {
    let name = &*wire.to.port;
    match spec.port(Direction::In, name) {
        Some(port) if port.kind == PortKind::Scope => {
            Err("the scope is made for the page and is never connected; remove the wire".to_owned())
        }
        Some(port) => Ok(port),
        None => Err(format!("{} has no input '{name}'{}", spec.name, suggestion(name, names(spec, Direction::In)))),
    }
}

/// An output and the type of its block.
type Output = (&'static BlockSpec, &'static PortSpec);

/// The output where a wire begins; nothing is known of a block of an unknown type.
fn output(spec: Option<Option<&'static BlockSpec>>, wire: &Wire) -> Result<Option<Output>, String> {
    let Some(spec) = spec else {
        return Err(format!("is wired to '{}', but there is no block '{}'", wire.from, wire.from.block));
    };
    let Some(spec) = spec else { return Ok(None) };
    match spec.port(Direction::Out, &wire.from.port) {
        Some(port) => Ok(Some((spec, port))),
        None => {
            let hint = suggestion(&wire.from.port, names(spec, Direction::Out));
            Err(format!("is wired to '{}', but {} has no output '{}'{hint}", wire.from, spec.name, wire.from.port))
        }
    }
}

fn attach(incoming: &mut Incoming, to: &'static PortSpec, wire: &Wire, from: Output) -> Result<(), String> {
    let (from_spec, port) = from;
    if port.kind != to.kind {
        return Err(format!("takes {}, but '{}' is {}", article(to.kind), wire.from, article(port.kind)));
    }
    if port.kind == PortKind::Attrs {
        incoming.sets.push(wire.from.block.clone());
        return Ok(());
    }
    let Some(index) = from_spec.output_index(port.name) else {
        return Err(format!("is wired to '{}', which is no tensor output", wire.from));
    };
    let sources = incoming.tensors.entry(to.name).or_default();
    sources.push(Source::Output { block: wire.from.block.clone(), index });
    if sources.len() > 1 && !to.list {
        return Err(format!("takes one wire, but '{}' is one too many; remove all but one", wire.from));
    }
    Ok(())
}

fn article(kind: PortKind) -> &'static str {
    match kind {
        PortKind::Tensor => "a tensor",
        PortKind::Scope => "the scope",
        PortKind::Attrs => "a set of attributes",
    }
}

/// For each tensor input of a block its sources: wires, else the literal.
pub fn sources(
    id: &BlockId,
    node: &BlockNode,
    spec: &'static BlockSpec,
    mut incoming: Incoming,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<Source>> {
    let tensor_names = || spec.inputs().map(|p| p.name);
    for (name, _) in node.inputs.iter() {
        let message = match spec.port(Direction::In, name) {
            None => format!("{} has no input '{name}' for the literal{}", spec.name, suggestion(name, tensor_names())),
            Some(port) if port.kind != PortKind::Tensor => format!("{name} takes no literal; only tensor inputs do"),
            Some(port) if port.list => format!("{name} takes wires only, no literal"),
            Some(_) => continue,
        };
        problems.push(Problem::port(id, name, message));
    }
    let literal_of = |port: &PortSpec| {
        std::iter::once(port.name).chain(port.aliases.iter().copied()).find_map(|name| node.inputs.get(name))
    };
    spec.inputs()
        .map(|port| {
            if incoming.wired.contains(port.name) {
                return incoming.tensors.remove(port.name).unwrap_or_default();
            }
            match literal_of(port).filter(|_| !port.list).map(|v| literal::tensor(v, port.types.fixed())) {
                Some(Ok(tensor)) => return vec![Source::Literal(tensor)],
                Some(Err(message)) => problems.push(Problem::port(id, port.name, message)),
                None if !port.optional => {
                    let message = "is not connected; wire it or give it a literal";
                    problems.push(Problem::port(id, port.name, message).still_open());
                }
                None => {}
            }
            Vec::new()
        })
        .collect()
}
