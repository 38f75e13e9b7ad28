//! Which outputs feed a block's inputs, and every wire that does not fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CheckedBlock, Source, State, can_be_muted};
use crate::cx::Setup;
use crate::name::Name;
use crate::number;
use crate::page::{BlockId, BlockNode, FARTHEST, Page, Placement, PortRef, Wire};
use crate::port::{Direction, PortKind, PortSpec};
use crate::problem::{Problem, suggestion};
use crate::registry::Registry;
use crate::spec::BlockSpec;

/// What follows for a block from its wires and literals, and from where it stands.
pub struct Wired {
    /// For each tensor input in order, its sources.
    pub inputs: Vec<Vec<Source>>,
    /// Whether it can run as far as these go.
    pub state: State,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Matches the wires at a block to ports; both ends of a wire are looked at.
pub fn of_block(
    page: &Page,
    id: &BlockId,
    node: &BlockNode,
    checked: &CheckedBlock,
    registry: &Registry,
    find: impl Fn(&BlockId) -> Option<CheckedSetup>,
) -> Wired {
    let mut wired = Wired { inputs: Vec::new(), state: State::Ready, problems: Vec::new() };
    if let Some(place) = page.layout.get(id).filter(|place| !place.is_within()) {
        wired.problems.push(Problem::block(id, stands_beyond(place)));
    }
    for wire in checked.links.outgoing.iter().filter(|wire| !page.blocks.contains_key(&wire.to.block)) {
        wired.problems.push(Problem::port(id, &*wire.from.port, no_block(&wire.to)));
    }
    let spec = checked.spec();
    let mut found = Incoming::default();
    for wire in &checked.links.incoming {
        found.take(id, spec, wire, find(&wire.from.block), &mut wired.problems);
    }
    match spec {
        None => {
            wired.problems.push(Problem::block(id, registry.unknown(&node.type_name)));
            found.faulty = true;
        }
        Some(spec) => {
            let before = wired.problems.len();
            if node.mute && !can_be_muted(spec) {
                let message = format!("is muted, but nothing could pass through a {}; unmute it", spec.name);
                wired.problems.push(Problem::block(id, message));
            }
            wired.inputs = sources(id, node, spec, &mut found, &mut wired.problems);
            found.faulty |= wired.problems.len() > before;
        }
    }
    wired.state = match found.from_unknown {
        _ if found.faulty => State::Faulty,
        Some(unknown) => State::Waiting(unknown),
        None => State::Ready,
    };
    wired
}

/// The type and ports of the block where a wire begins; the inner is missing if its type is unknown.
pub type CheckedSetup = Option<Arc<Setup>>;

fn stands_beyond(place: &Placement) -> String {
    let (x, y) = (number::f64_text(place.x), number::f64_text(place.y));
    format!("stands at [{x}, {y}], beyond ±{FARTHEST}; it is shown beside the others, move it from there")
}

/// What there is to say of a wire to a port of a block that is not there.
pub fn no_block(port: &PortRef) -> String {
    format!("is wired to '{port}', but there is no block '{}'", port.block)
}

/// What is wired to one block.
#[derive(Default)]
struct Incoming {
    /// For each tensor input that has a wire, be it one that does not fit or comes from a block of an unknown type, its
    /// sources in order.
    tensors: BTreeMap<Name, Vec<Source>>,
    /// Whether a wire does not fit.
    faulty: bool,
    /// A block of an unknown type that is wired to it.
    from_unknown: Option<BlockId>,
}

impl Incoming {
    fn take(
        &mut self,
        id: &BlockId,
        spec: Option<&BlockSpec>,
        wire: &Wire,
        from: Option<CheckedSetup>,
        problems: &mut Vec<Problem>,
    ) {
        let from = output(from, wire);
        let to = spec.map(|spec| input(spec, wire));
        let port: &str = match &to {
            Some(Ok(port)) => &port.name,
            _ => &wire.to.port,
        };
        let mut found = |message: String| problems.push(Problem::port(id, port, message));
        if let Some(Ok(port)) = &to {
            self.tensors.entry(port.name.clone()).or_default();
        }
        let fits = match (to, from) {
            (Some(Ok(to)), Ok(Begin::Port(kind, index))) => {
                self.attach(to, wire, kind, index).map_err(&mut found).is_ok()
            }
            (Some(Ok(_)), Ok(Begin::Unknown)) => {
                self.from_unknown.get_or_insert_with(|| wire.from.block.clone());
                true
            }
            (None, Ok(_)) => true,
            (to, from) => {
                [to.and_then(Result::err), from.err()].into_iter().flatten().for_each(&mut found);
                false
            }
        };
        self.faulty |= !fits;
    }

    fn attach(&mut self, to: &PortSpec, wire: &Wire, kind: PortKind, index: Option<usize>) -> Result<(), String> {
        if kind != to.kind {
            return Err(format!("takes {}, but '{}' is {}", article(to.kind), wire.from, article(kind)));
        }
        if kind == PortKind::Attrs {
            return Ok(());
        }
        let Some(index) = index else {
            return Err(format!("is wired to '{}', which is no tensor output", wire.from));
        };
        let sources = self.tensors.entry(to.name.clone()).or_default();
        sources.reserve_exact(usize::from(!to.is_list()));
        sources.push(Source::Output { block: wire.from.block.clone(), index });
        if sources.len() > 1 && !to.is_list() {
            return Err(format!("takes one wire, but '{}' is one too many; remove all but one", wire.from));
        }
        Ok(())
    }
}

fn names(spec: &BlockSpec, direction: Direction) -> impl Iterator<Item = &str> + Clone {
    spec.ports.iter().filter(move |p| p.direction == direction && p.kind != PortKind::Scope).map(|p| &*p.name)
}

fn input<'s>(spec: &'s BlockSpec, wire: &Wire) -> Result<&'s PortSpec, String> {
    let name = &*wire.to.port;
    match spec.port(Direction::In, name) {
        Some(port) if port.kind == PortKind::Scope => {
            Err("the scope is made for the page and is never connected; remove the wire".to_owned())
        }
        Some(port) => Ok(port),
        None => {
            let (list, item) = crate::name::split_item(name);
            let is_list = spec.port(Direction::In, list).is_some_and(|port| port.is_list());
            match item.filter(|_| is_list) {
                Some(_) => {
                    Err(format!("wires to the list '{list}' are written without a number, in order: \"{list}\""))
                }
                None => {
                    Err(format!("{} has no input '{name}'{}", spec.name, suggestion(name, names(spec, Direction::In))))
                }
            }
        }
    }
}

/// Where a wire begins.
pub enum Begin {
    /// At a port of this kind; the place of a tensor output.
    Port(PortKind, Option<usize>),
    /// At a block of which the outputs are not known.
    Unknown,
}

/// The output where a wire begins; nothing is known of a block of an unknown type.
pub fn output(from: Option<CheckedSetup>, wire: &Wire) -> Result<Begin, String> {
    let Some(setup) = from else { return Err(no_block(&wire.from)) };
    let Some(setup) = setup else { return Ok(Begin::Unknown) };
    let (spec, name) = (setup.spec(), &*wire.from.port);
    if let Some(index) = setup.ports.output_index(spec, name) {
        return Ok(Begin::Port(PortKind::Tensor, Some(index)));
    }
    match spec.port(Direction::Out, name).filter(|port| port.kind != PortKind::Tensor) {
        Some(port) => Ok(Begin::Port(port.kind, None)),
        None if setup.ports.may_have(spec, name) => Ok(Begin::Unknown),
        None => Err(format!("is wired to '{}', but {}", wire.from, setup.ports.no_output(spec, name))),
    }
}

fn article(kind: PortKind) -> &'static str {
    match kind {
        PortKind::Tensor => "a tensor",
        PortKind::Scope => "the scope",
        PortKind::Attrs => "a set of attributes",
    }
}

/// The literal that a block has for an input, by whichever of its names.
pub fn literal_of<'n>(node: &'n BlockNode, port: &PortSpec) -> Option<&'n crate::value::Value> {
    std::iter::once(&port.name).chain(&port.aliases).find_map(|name| node.inputs.get(name))
}

/// For each tensor input of a block its sources: wires, else the literal.
fn sources(
    id: &BlockId,
    node: &BlockNode,
    spec: &BlockSpec,
    incoming: &mut Incoming,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<Source>> {
    let tensor_names = || spec.inputs().map(|p| &*p.name);
    for (name, _) in node.inputs.iter() {
        let message = match spec.port(Direction::In, name) {
            None => format!("{} has no input '{name}' for the literal{}", spec.name, suggestion(name, tensor_names())),
            Some(port) if port.kind != PortKind::Tensor => format!("{name} takes no literal; only tensor inputs do"),
            Some(port) if port.is_list() => format!("{name} takes wires only, no literal"),
            Some(port) => {
                let mut names = node.inputs.names().filter(|other| port.answers_to(other));
                match (names.next(), names.next()) {
                    (Some(first), Some(second)) if second == name => {
                        format!("{} is given twice, as '{first}' and as '{second}'; remove one", port.name)
                    }
                    _ => continue,
                }
            }
        };
        problems.push(Problem::port(id, name, message));
    }
    let source = |port: &Arc<PortSpec>| {
        if let Some(wired) = incoming.tensors.remove(&port.name) {
            return wired;
        }
        if !port.is_list() && literal_of(node, port).is_some() {
            return vec![Source::Literal];
        }
        if !port.optional {
            let message = match port.is_list() {
                true => "is not connected; wire one tensor or more to it",
                false => "is not connected; wire it or give it a literal",
            };
            problems.push(Problem::port(id, port.name.clone(), message).still_open());
        }
        Vec::new()
    };
    spec.inputs().map(source).collect()
}
