//! What a block type is, as data: the one description from which palette, attribute editor, documentation, command
//! line and checker all work.

use crate::attr::AttrSpec;
use crate::port::{Direction, PortSpec};

/// A part that a block plays beyond computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// An operation: inputs to outputs.
    Operation,
    /// Its value is known before any run.
    Constant,
    /// Its value can be given from outside.
    Feed,
    /// A set of attributes of any names.
    AttributeSet,
    /// What is wired to it is what a run fetches.
    Fetch,
}

/// The description of a block type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockSpec {
    /// TensorFlow's name of the operation.
    pub name: &'static str,
    /// The palette's heading.
    pub category: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Documentation in Markdown.
    pub docs: &'static str,
    /// The part that it plays.
    pub role: Role,
    /// All ports, in the order in which a block shows them.
    pub ports: &'static [PortSpec],
    /// All attributes.
    pub attrs: &'static [AttrSpec],
}

impl BlockSpec {
    /// The tensor inputs, in order.
    pub fn inputs(&self) -> impl Iterator<Item = &'static PortSpec> + Clone + use<> {
        self.ports.iter().filter(|p| p.is_tensor(Direction::In))
    }

    /// The tensor outputs, in order: one tensor of `result_output` each.
    pub fn outputs(&self) -> impl Iterator<Item = &'static PortSpec> + Clone + use<> {
        self.ports.iter().filter(|p| p.is_tensor(Direction::Out))
    }

    /// The port in `direction` that answers to `name`.
    pub fn port(&self, direction: Direction, name: &str) -> Option<&'static PortSpec> {
        self.ports.iter().find(|p| p.direction == direction && p.answers_to(name))
    }

    /// The attribute called `name`.
    pub fn attr(&self, name: &str) -> Option<&'static AttrSpec> {
        self.attrs.iter().find(|a| a.name == name)
    }

    /// Position of the tensor input called `name` among the tensor inputs.
    pub fn input_index(&self, name: &str) -> Option<usize> {
        self.inputs().position(|p| p.answers_to(name))
    }

    /// Position of the tensor output called `name` among the tensor outputs.
    pub fn output_index(&self, name: &str) -> Option<usize> {
        self.outputs().position(|p| p.answers_to(name))
    }
}
