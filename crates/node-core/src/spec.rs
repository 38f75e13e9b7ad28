//! What a block type is, as data: the one description from which palette, attribute editor, documentation, command
//! line and checker all work; and, where the program has it, the code.

use std::sync::Arc;

use crate::attr::AttrSpec;
use crate::block::Block;
use crate::name::Name;
use crate::port::{Count, Direction, PortSpec};

/// A part that a block plays beyond computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// An operation: inputs to outputs.
    Operation,
    /// Its value is known before any run.
    Constant,
    /// Its value can be given from outside.
    Feed,
    /// Its value stays from one step of a run to the next, until an update changes it.
    Variable,
    /// Output number k is what the variable is after the step that is wired to tensor input number k.
    Update,
    /// What it gives follows from the number of the step, and from its own name: see [`counted`](crate::check::counted).
    Counted,
    /// It reads a file: its attribute `path` says which, `part` which array of it.
    File,
    /// A set of attributes of any names.
    AttributeSet,
    /// What is wired to it is what a run fetches.
    Fetch,
}

/// The description of a block type.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockSpec {
    /// TensorFlow's name of the operation.
    pub name: Name,
    /// Other names by which people look for it: the older editor's, and those of TensorFlow's Python functions.
    pub aliases: Vec<Name>,
    /// The palette's heading.
    pub category: Name,
    /// One line.
    pub summary: Name,
    /// Documentation in Markdown.
    pub docs: Name,
    /// The part that it plays.
    pub role: Role,
    /// All ports, in the order in which a block shows them.
    pub ports: Vec<Arc<PortSpec>>,
    /// All attributes.
    pub attrs: Vec<Arc<AttrSpec>>,
    /// The block types that compute its gradients; none where they are made of others.
    pub gradients: Vec<Name>,
}

impl BlockSpec {
    /// A block type without ports but the scope.
    pub fn new(
        name: impl Into<Name>,
        category: impl Into<Name>,
        summary: impl Into<Name>,
        docs: impl Into<Name>,
    ) -> BlockSpec {
        BlockSpec {
            name: name.into(),
            aliases: Vec::new(),
            category: category.into(),
            summary: summary.into(),
            docs: docs.into(),
            role: Role::Operation,
            ports: vec![Arc::new(PortSpec::scope())],
            attrs: Vec::new(),
            gradients: Vec::new(),
        }
    }

    /// The same block type, for which people look by these names too.
    pub fn aliases(mut self, names: impl IntoIterator<Item = &'static str>) -> BlockSpec {
        self.aliases = names.into_iter().map(Name::Borrowed).collect();
        self
    }

    /// The same block type, whose gradients blocks of these types compute.
    pub fn gradients(mut self, types: impl IntoIterator<Item = &'static str>) -> BlockSpec {
        self.gradients = types.into_iter().map(Name::Borrowed).collect();
        self
    }

    /// The same block type with another part to play. A set of attributes has no scope.
    pub fn role(mut self, role: Role) -> BlockSpec {
        self.role = role;
        if role == Role::AttributeSet {
            self.ports = vec![Arc::new(PortSpec::attrs_out())];
        }
        self
    }

    /// The same block type with these ports too.
    pub fn ports(mut self, ports: impl IntoIterator<Item = PortSpec>) -> BlockSpec {
        self.ports.extend(ports.into_iter().map(Arc::new));
        self
    }

    /// The same block type with these attributes, and a port that takes sets of them.
    pub fn attrs(mut self, attrs: impl IntoIterator<Item = AttrSpec>) -> BlockSpec {
        self.attrs = attrs.into_iter().map(Arc::new).collect();
        self.ports.push(Arc::new(PortSpec::attrs()));
        self
    }

    /// The block type, computed by `code`.
    pub fn code(self, code: impl Block) -> BlockType {
        BlockType { spec: self, code: Some(Arc::new(code)) }
    }

    /// The block type, which nobody here can compute: its blocks can be wired, edited and kept.
    pub fn opaque(self) -> BlockType {
        BlockType { spec: self, code: None }
    }

    /// The tensor inputs, in order.
    pub fn inputs(&self) -> impl Iterator<Item = &Arc<PortSpec>> + Clone {
        self.ports.iter().filter(|p| p.is_tensor(Direction::In))
    }

    /// The tensor outputs as described, in order; how many of each a block has, its [`Ports`](crate::Ports) tell.
    pub fn outputs(&self) -> impl Iterator<Item = &Arc<PortSpec>> + Clone {
        self.ports.iter().filter(|p| p.is_tensor(Direction::Out))
    }

    /// The port in `direction` that answers to `name`, without the number of a list's part.
    pub fn port(&self, direction: Direction, name: &str) -> Option<&Arc<PortSpec>> {
        self.ports.iter().find(|p| p.direction == direction && p.answers_to(name))
    }

    /// The attribute that answers to `name`.
    pub fn attr(&self, name: &str) -> Option<&Arc<AttrSpec>> {
        self.attrs.iter().find(|a| a.answers_to(name))
    }

    /// Position of the tensor input called `name` among the tensor inputs.
    pub fn input_index(&self, name: &str) -> Option<usize> {
        self.inputs().position(|p| p.answers_to(name))
    }

    /// Whether `name` is an attribute of TensorFlow's that only restates what is wired: a type variable, or how many
    /// wires a list has. Such are understood, held against what is wired, and not written.
    pub fn restates(&self, name: &str) -> bool {
        let variable = |port: &Arc<PortSpec>| port.types.variable().is_some_and(|variable| variable.name == name);
        let count = |port: &Arc<PortSpec>| matches!(&port.count, Count::Wires { attr: Some(attr) } if attr == name);
        self.attr(name).is_none() && self.ports.iter().any(|port| variable(port) || count(port))
    }
}

/// A block type: its description and, where the program has it, its code.
#[derive(Clone)]
pub struct BlockType {
    /// The description.
    pub spec: BlockSpec,
    /// What it computes; nothing for a type that is only known by its description.
    pub code: Option<Arc<dyn Block>>,
}

impl std::fmt::Debug for BlockType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.spec.name)
    }
}
