//! Where a block's parts are, in the page's own coordinates.

use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use node_core::check::CheckedPage;
use node_core::name::{of_item, split_item};
use node_core::{BlockId, BlockSpec, Direction, Placement, PortKind, PortRef, PortSpec, Role};

use super::view::PortEnd;
use crate::size;

const HEADER: f32 = 50.0;
const MESSAGE: f32 = 34.0;
const FIELD: f32 = 30.0;
const VALUE: f32 = 32.0;
const BAR: f32 = 13.0;
const BOTTOM: f32 = 6.0;
const INSET: f32 = 12.0;
const PILL: Vec2 = vec2(22.0, 5.0);
/// A block is no wider than this by itself.
const MOST_WIDTH: f32 = 420.0;

/// A port of a block on the canvas.
#[derive(Clone, Debug)]
pub struct PortShape {
    /// What it is.
    pub end: PortEnd,
    /// Its description, if the block's type is known.
    pub spec: Option<Arc<PortSpec>>,
    /// Which part of a list it is.
    pub item: Option<usize>,
    /// The pin's centre.
    pub pin: Pos2,
    /// The row that shows its name.
    pub row: Rect,
    /// Where it is shown how an output is.
    pub pill: Option<Rect>,
    /// Whether another port shares the row.
    pub shared: bool,
    /// Whether a wire ends here.
    pub wired: bool,
}

/// A block on the canvas.
#[derive(Clone, Debug)]
pub struct BlockShape {
    /// The block.
    pub id: BlockId,
    /// All of it.
    pub rect: Rect,
    /// The part with id and type.
    pub header: Rect,
    /// Where a message about what is wrong stands.
    pub message: Option<Rect>,
    /// The ports, inputs first.
    pub ports: Vec<PortShape>,
    /// A row for each attribute of a set.
    pub fields: Vec<(String, Rect)>,
    /// The box with the value as it is now.
    pub value: Option<Rect>,
    /// The bar that tells where elements lie.
    pub bar: Option<Rect>,
}

impl BlockShape {
    /// The block `id`, standing at `place`; `has_message` makes room for what is wrong.
    pub fn new(checked: &CheckedPage, id: &BlockId, place: Placement, has_message: bool) -> BlockShape {
        let spec = checked.blocks.get(id).and_then(|b| b.spec());
        let (inputs, outputs) = ends(checked, id, spec);
        let width = place.size.map_or_else(|| own_width(&inputs, &outputs), |(w, _)| (w as f32).clamp(120.0, 1200.0));
        let top_left = pos2(place.x as f32, place.y as f32);
        let line = |y: f32, height: f32| Rect::from_min_size(top_left + vec2(0.0, y), vec2(width, height));
        let mut y = HEADER;
        let message = has_message.then(|| line(y, MESSAGE).shrink2(vec2(INSET, 2.0)));
        y += if has_message { MESSAGE } else { 0.0 };

        let rows = inputs.len().max(outputs.len());
        let (shares_out, shares_in) = (outputs.len(), inputs.len());
        let place_port = |(row, Port { end, spec, item }): (usize, Port), x: f32, shared: bool| {
            let rect = line(y + row as f32 * size::ROW, size::ROW);
            let pin = pos2(x, rect.center().y);
            let center = pin - vec2(INSET + PILL.x / 2.0, 0.0);
            let pill = has_pill(&end).then(|| Rect::from_center_size(center, PILL));
            PortShape { end, spec, item, pin, row: rect, pill, shared, wired: false }
        };
        let left = inputs.into_iter().enumerate().map(|port| {
            let shared = port.0 < shares_out;
            place_port(port, top_left.x, shared)
        });
        let mut ports: Vec<PortShape> = left.collect();
        ports.extend(outputs.into_iter().enumerate().map(|port| {
            let shared = port.0 < shares_in;
            place_port(port, top_left.x + width, shared)
        }));
        y += rows as f32 * size::ROW;

        let names = field_names(checked, id, spec);
        let fields = names.into_iter().map(|name| {
            let rect = line(y, FIELD).shrink2(vec2(INSET, 2.5));
            y += FIELD;
            (name, rect)
        });
        let fields: Vec<(String, Rect)> = fields.collect();
        let shows_value = spec.is_some_and(|s| s.outputs().next().is_some());
        let value = shows_value.then(|| line(y, VALUE).shrink2(vec2(INSET, 3.5)));
        y += if shows_value { VALUE } else { 0.0 };
        let bar =
            shows_value.then(|| Rect::from_min_size(top_left + vec2(INSET, y + 1.0), vec2(width - 2.0 * INSET, 4.0)));
        y += if shows_value { BAR } else { BOTTOM };
        BlockShape { id: id.clone(), rect: line(0.0, y), header: line(0.0, HEADER), message, ports, fields, value, bar }
    }

    /// Moves it.
    pub fn translate(&mut self, by: Vec2) {
        let parts = [&mut self.rect, &mut self.header];
        let rows = self.ports.iter_mut().flat_map(|port| [Some(&mut port.row), port.pill.as_mut()]).flatten();
        let fields = self.fields.iter_mut().map(|(_, rect)| rect);
        let rest = [&mut self.message, &mut self.value, &mut self.bar].into_iter().flatten();
        for rect in parts.into_iter().chain(rows).chain(fields).chain(rest) {
            *rect = rect.translate(by);
        }
        self.ports.iter_mut().for_each(|port| port.pin += by);
    }

    /// The port that answers to `name` in `direction`.
    pub fn port(&self, direction: Direction, name: &str) -> Option<&PortShape> {
        let (list, item) = split_item(name);
        let answers = |p: &&PortShape| p.item == item && p.spec.as_ref().is_some_and(|spec| spec.answers_to(list));
        let mut ports = self.ports.iter().filter(|p| p.end.direction == direction);
        ports.clone().find(|p| &*p.end.port.port == name).or_else(|| ports.find(answers))
    }

    /// Where wire number `nth` to an input ends: in a list each has a row of its own.
    pub fn end_of_wire(&self, name: &str, nth: usize) -> Option<&PortShape> {
        let port = self.port(Direction::In, name)?;
        match &port.spec {
            Some(spec) if spec.is_list() => self.port(Direction::In, &of_item(&spec.name, nth)),
            _ => Some(port),
        }
    }
}

/// Where the block `id` is when it stands at `place`, without a message from a run.
pub fn block_rect(checked: &CheckedPage, id: &BlockId, place: Placement) -> Rect {
    let has_message = checked.problems_of(id).any(|problem| !problem.open);
    BlockShape::new(checked, id, place, has_message).rect
}

/// Wide enough for the names of the ports of each row.
fn own_width(inputs: &[Port], outputs: &[Port]) -> f32 {
    const CHARACTER: f32 = 6.6;
    const BETWEEN: f32 = 16.0;
    let name = |ports: &[Port], row: usize| {
        let pill = |port: &Port| if has_pill(&port.end) { PILL.x + 4.0 } else { 0.0 };
        ports
            .get(row)
            .map_or(0.0, |port| port.end.port.port.chars().count() as f32 * CHARACTER + INSET + 2.0 + pill(port))
    };
    let rows = 0..inputs.len().max(outputs.len());
    let widest = rows.map(|row| name(inputs, row) + name(outputs, row) + BETWEEN).fold(size::BLOCK_WIDTH, f32::max);
    widest.min(MOST_WIDTH)
}

/// Whether it is shown how what leaves here is.
fn has_pill(end: &PortEnd) -> bool {
    end.direction == Direction::Out && end.kind == PortKind::Tensor
}

/// A port that a block shows, before it has a place.
struct Port {
    end: PortEnd,
    spec: Option<Arc<PortSpec>>,
    item: Option<usize>,
}

/// Inputs and outputs of a block: those that it has, and those that wires and literals name although it has none such.
/// A list of inputs has a row for each of its wires, and one that is free.
fn ends(checked: &CheckedPage, id: &BlockId, spec: Option<&BlockSpec>) -> (Vec<Port>, Vec<Port>) {
    let (mut inputs, mut outputs): (Vec<Port>, Vec<Port>) = (Vec::new(), Vec::new());
    let links = checked.links(id);
    let incoming = || links.into_iter().flat_map(|links| &links.incoming);
    for port in spec.into_iter().flat_map(|spec| &spec.ports) {
        let shown = |item: Option<usize>| {
            let name = item.map_or_else(|| port.name.to_string(), |item| of_item(&port.name, item));
            let end = PortEnd { port: PortRef::new(id, &name), direction: port.direction, kind: port.kind };
            Port { end, spec: Some(port.clone()), item }
        };
        match port.direction {
            Direction::In if port.is_list() => {
                let wires = incoming().filter(|wire| port.answers_to(&wire.to.port)).count();
                inputs.extend((0..wires).map(Some).chain([None]).map(shown));
            }
            Direction::In => inputs.push(shown(None)),
            Direction::Out if port.kind != PortKind::Tensor => outputs.push(shown(None)),
            Direction::Out => {
                let setup = checked.blocks.get(id).and_then(|block| block.setup.as_ref());
                let all = setup.into_iter().flat_map(|setup| setup.ports.outputs().iter().map(|o| (setup.spec(), o)));
                let own = all.filter(|(spec, output)| output.spec(spec).name == port.name);
                outputs.extend(own.map(|(_, output)| shown(output.item)));
            }
        }
    }
    let add = |list: &mut Vec<Port>, direction: Direction, name: &str| {
        let (plain, item) = split_item(name);
        let has = |port: &Port| {
            let answers = port.spec.as_ref().is_some_and(|spec| {
                spec.answers_to(plain) && (port.item == item || direction == Direction::In && spec.is_list())
            });
            &*port.end.port.port == name || answers
        };
        if !list.iter().any(has) {
            let kind = if name == node_core::port::ATTRS_PORT { PortKind::Attrs } else { PortKind::Tensor };
            list.push(Port { end: PortEnd { port: PortRef::new(id, name), direction, kind }, spec: None, item: None });
        }
    };
    incoming().for_each(|wire| add(&mut inputs, Direction::In, &wire.to.port));
    let outgoing = links.into_iter().flat_map(|links| &links.outgoing);
    outgoing.for_each(|wire| add(&mut outputs, Direction::Out, &wire.from.port));
    if spec.is_none()
        && let Some(node) = checked.page.block(id.as_str())
    {
        node.inputs.names().for_each(|name| add(&mut inputs, Direction::In, name));
    }
    (inputs, outputs)
}

/// Attributes that a block shows on the canvas: those of a set, and what a block of an unknown type holds.
fn field_names(checked: &CheckedPage, id: &BlockId, spec: Option<&BlockSpec>) -> Vec<String> {
    if spec.is_some_and(|s| s.role != Role::AttributeSet) {
        return Vec::new();
    }
    let node = checked.page.block(id.as_str());
    node.into_iter().flat_map(|n| n.attrs.names()).map(str::to_owned).collect()
}
