//! The ports that a block really has: those of its type, lists of outputs counted out.

use crate::attr::{Attr, Attrs};
use crate::name::{Name, of_item, split_item};
use crate::port::{Count, Direction, PortSpec};
use crate::problem::suggestion;
use crate::spec::BlockSpec;

/// A tensor output of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name: `output`, or `output[1]` in a list.
    pub name: Name,
    /// Which port of its type it belongs to.
    port: usize,
    /// Which part of a list it is.
    pub item: Option<usize>,
}

impl Output {
    /// The description of the port that it belongs to.
    pub fn spec<'s>(&self, spec: &'s BlockSpec) -> &'s PortSpec {
        &spec.ports[self.port]
    }
}

/// The tensor outputs of a block; everything after check counts them by their place here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    outputs: Vec<Output>,
    /// Lists of which it is not known how many there are: what says so is wrong.
    uncounted: Vec<usize>,
}

impl Ports {
    /// Those of a block of the type `spec`. `wires` tells how many wires end at an input.
    pub fn of(spec: &BlockSpec, attrs: &Attrs, wires: impl Fn(&str) -> usize) -> Ports {
        let mut ports = Ports::default();
        for (port, described) in spec.ports.iter().enumerate().filter(|(_, p)| p.is_tensor(Direction::Out)) {
            let count = match &described.count {
                Count::One | Count::Wires { .. } => {
                    ports.outputs.push(Output { name: described.name.clone(), port, item: None });
                    continue;
                }
                Count::AsMany(input) => Some(wires(input)),
                Count::Attr(attr) => attrs.get(attr).and_then(|attr| match attr {
                    Attr::Int(count) => usize::try_from(*count).ok(),
                    Attr::List(items) => Some(items.len()),
                    _ => None,
                }),
            };
            match count {
                Some(count) => {
                    let one = |item| Output { name: of_item(&described.name, item).into(), port, item: Some(item) };
                    ports.outputs.extend((0..count.min(MOST)).map(one));
                }
                None => ports.uncounted.push(port),
            }
        }
        ports
    }

    /// The tensor outputs, in order: one tensor of `result_output` each.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The name of output number `index`.
    pub fn output_name(&self, index: usize) -> Option<&Name> {
        self.outputs.get(index).map(|output| &output.name)
    }

    /// The place of the output called `name`: by its own name, or by another that its port answers to.
    pub fn output_index(&self, spec: &BlockSpec, name: &str) -> Option<usize> {
        let (port, item) = split_item(name);
        let is_first = |output: &Output| output.item.is_some() == item.is_some() && output.spec(spec).answers_to(port);
        let first = self.outputs.iter().position(is_first)?;
        let index = first.checked_add(item.unwrap_or(0))?;
        self.outputs.get(index).filter(|o| o.item == item && o.port == self.outputs[first].port).map(|_| index)
    }

    /// The places of all outputs that `name` stands for: a list's name without a number stands for the whole list.
    pub fn output_indices(&self, spec: &BlockSpec, name: &str) -> Vec<usize> {
        match self.output_index(spec, name) {
            Some(index) => vec![index],
            None => {
                let is_of =
                    |(_, output): &(usize, &Output)| output.item.is_some() && output.spec(spec).answers_to(name);
                self.outputs.iter().enumerate().filter(is_of).map(|(index, _)| index).collect()
            }
        }
    }

    /// Whether the attributes and wires say how many tensors each list has.
    pub fn are_counted(&self) -> bool {
        self.uncounted.is_empty()
    }

    /// Whether `name` may be an output: it is not known how many there are.
    pub fn may_have(&self, spec: &BlockSpec, name: &str) -> bool {
        let (port, item) = split_item(name);
        item.is_some() && self.uncounted.iter().any(|at| spec.ports[*at].answers_to(port))
    }

    /// Why there is no output called `name`, and what there is.
    pub fn no_output(&self, spec: &BlockSpec, name: &str) -> String {
        let (port, item) = name.split_once('[').map_or((name, None), |(port, item)| (port, Some(item)));
        let named = spec.outputs().find(|described| described.answers_to(port));
        match named.map(|described| (described, self.count(spec, described))) {
            Some((described, count)) if described.is_list() && item.is_none() => {
                let list = &described.name;
                let which = if count == 1 {
                    format!("{list}[0]")
                } else {
                    format!("{list}[0] to {list}[{}]", count.max(1) - 1)
                };
                match count {
                    0 => format!("{} has no tensors in its list '{list}'", spec.name),
                    _ => format!("'{name}' of {} is a list: name {which}", spec.name),
                }
            }
            Some((described, count)) if described.is_list() => {
                let why = match &described.count {
                    Count::Attr(attr) => format!(" ({attr} says how many)"),
                    Count::AsMany(input) => format!(" (as many as are wired to {input})"),
                    Count::One | Count::Wires { .. } => String::new(),
                };
                let has = match count {
                    0 => "none".to_owned(),
                    1 => format!("only {}[0]", described.name),
                    _ => format!("{}[0] to {0}[{}]", described.name, count - 1),
                };
                format!("{} has no output '{name}'; it has {has}{why}", spec.name)
            }
            Some((described, _)) => {
                format!("{} has no output '{name}'; '{}' is one tensor, no list", spec.name, described.name)
            }
            None => {
                let names = || spec.ports.iter().filter(|p| p.direction == Direction::Out).map(|p| &*p.name);
                format!("{} has no output '{name}'{}", spec.name, suggestion(name, names()))
            }
        }
    }

    fn count(&self, spec: &BlockSpec, described: &PortSpec) -> usize {
        self.outputs.iter().filter(|output| std::ptr::eq(output.spec(spec), described)).count()
    }
}

/// The most outputs of one list.
pub const MOST: usize = 65_536;
