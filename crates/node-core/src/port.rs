//! Ports: the typed connection points of a block, and the handles by which a block reads its own.

use std::marker::PhantomData;

use crate::dtype::DType;
use crate::literal;
use crate::value::{Value, Wanted};

/// The name of the port that takes attribute sets.
pub const ATTRS_PORT: &str = "attrs";

/// What a port carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortKind {
    /// A tensor.
    Tensor,
    /// The page's scope: shown, never connected.
    Scope,
    /// A set of attributes.
    Attrs,
}

impl PortKind {
    /// The kind's name in documentation and messages.
    pub const fn name(self) -> &'static str {
        match self {
            PortKind::Tensor => "tensor",
            PortKind::Scope => "scope",
            PortKind::Attrs => "attrs",
        }
    }
}

/// Which way values go through a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into the block.
    In,
    /// Out of the block.
    Out,
}

/// Which data types a tensor port takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TypeRule {
    /// One type.
    Fixed(DType),
    /// TensorFlow's `T`: any of these, the same for every port of the block with this rule.
    Shared(&'static [DType]),
    /// Any of these, whatever the block's other ports have.
    Each(&'static [DType]),
}

impl TypeRule {
    /// The types allowed.
    pub fn dtypes(self) -> Vec<DType> {
        match self {
            TypeRule::Fixed(dtype) => vec![dtype],
            TypeRule::Shared(set) | TypeRule::Each(set) => set.to_vec(),
        }
    }

    /// Whether `dtype` is allowed.
    pub fn allows(self, dtype: DType) -> bool {
        match self {
            TypeRule::Fixed(fixed) => fixed == dtype,
            TypeRule::Shared(set) | TypeRule::Each(set) => set.contains(&dtype),
        }
    }

    /// The type that a literal takes here whatever it looks like.
    pub fn fixed(self) -> Option<DType> {
        match self {
            TypeRule::Fixed(dtype) => Some(dtype),
            _ => None,
        }
    }
}

/// The description of one port.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortSpec {
    /// The name that results and files use.
    pub name: &'static str,
    /// Other names by which it may be called: TensorFlow's.
    pub aliases: &'static [&'static str],
    /// What it carries.
    pub kind: PortKind,
    /// Which way.
    pub direction: Direction,
    /// The data types of a tensor port.
    pub types: TypeRule,
    /// Whether it takes many wires, in order.
    pub list: bool,
    /// Whether an input may be left without wire and literal.
    pub optional: bool,
    /// Whether an input's value must be known before the block's kernels can be made.
    pub parameter: bool,
    /// What it means, with shapes.
    pub docs: &'static str,
}

impl PortSpec {
    const fn new(
        name: &'static str,
        kind: PortKind,
        direction: Direction,
        types: TypeRule,
        docs: &'static str,
    ) -> Self {
        PortSpec { name, aliases: &[], kind, direction, types, list: false, optional: false, parameter: false, docs }
    }

    /// Whether `name` is this port's name or one of its aliases.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// What `text`, typed by a person, means as this input's literal: one that makes a tensor of its types, or nothing.
    pub fn parse_typed(&self, text: &str) -> Result<Option<Value>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let value = Value::parse_typed(text, self.wanted())?;
        let tensor = literal::tensor(&value, self.types.fixed())?;
        if !self.types.allows(tensor.dtype()) {
            let names: Vec<_> = self.types.dtypes().iter().map(|d| d.name()).collect();
            return Err(format!("{} takes {}, not {}", self.name, names.join(", "), tensor.dtype()));
        }
        Ok(Some(value))
    }

    /// What is wanted where a person types this input's literal.
    pub fn wanted(&self) -> Wanted {
        Wanted::of(self.types.fixed())
    }

    /// Whether this is a tensor port in `direction`.
    pub fn is_tensor(&self, direction: Direction) -> bool {
        self.kind == PortKind::Tensor && self.direction == direction
    }
}

/// The scope port that every operation has.
pub const SCOPE: PortSpec = PortSpec::new(
    "scope",
    PortKind::Scope,
    Direction::In,
    TypeRule::Each(&[]),
    "The page's scope. It is made for the page, prefixes the names of its blocks and is never connected.",
);

/// The attrs port of a block that has attributes.
pub const ATTRS: PortSpec = PortSpec::new(
    ATTRS_PORT,
    PortKind::Attrs,
    Direction::In,
    TypeRule::Each(&[]),
    "Attributes from Attrs blocks; a wired value wins over the block's own.",
);

/// The output of a block that is a set of attributes.
pub const ATTRS_OUT: PortSpec = PortSpec::new(
    ATTRS_PORT,
    PortKind::Attrs,
    Direction::Out,
    TypeRule::Each(&[]),
    "The set, for the attrs ports of any number of blocks.",
);

/// A Rust type that stands for a port's data types.
pub trait PortTypes: Copy + 'static {
    /// The rule.
    const RULE: TypeRule;
}

/// Numbers with an order: TensorFlow's `realnumbertype` as far as there are types here. All ports of a block with this
/// type share one data type.
#[derive(Clone, Copy, Debug)]
pub struct Real;

impl PortTypes for Real {
    const RULE: TypeRule = TypeRule::Shared(&[DType::Float32, DType::Float64, DType::Int32, DType::Int64]);
}

/// Any data type; all ports of a block with this type share one.
#[derive(Clone, Copy, Debug)]
pub struct Same;

impl PortTypes for Same {
    const RULE: TypeRule = TypeRule::Shared(&DType::ALL);
}

/// Any data type, whatever other ports have.
#[derive(Clone, Copy, Debug)]
pub struct Any;

impl PortTypes for Any {
    const RULE: TypeRule = TypeRule::Each(&DType::ALL);
}

/// `int32` or `int64`: TensorFlow's `Tidx`.
#[derive(Clone, Copy, Debug)]
pub struct Index;

impl PortTypes for Index {
    const RULE: TypeRule = TypeRule::Each(&[DType::Int32, DType::Int64]);
}

impl PortTypes for f32 {
    const RULE: TypeRule = TypeRule::Fixed(DType::Float32);
}

impl PortTypes for i32 {
    const RULE: TypeRule = TypeRule::Fixed(DType::Int32);
}

/// A handle to a tensor input: declared once, listed in the block's spec, read by it.
#[derive(Clone, Copy, Debug)]
pub struct In<T> {
    spec: PortSpec,
    types: PhantomData<fn() -> T>,
}

impl<T: PortTypes> In<T> {
    /// An input that must be wired or hold a literal.
    pub const fn new(name: &'static str, docs: &'static str) -> In<T> {
        In { spec: PortSpec::new(name, PortKind::Tensor, Direction::In, T::RULE, docs), types: PhantomData }
    }

    /// The same input, which may be left unconnected.
    pub const fn optional(mut self) -> In<T> {
        self.spec.optional = true;
        self
    }

    /// The same input, whose value shapes the block's kernels: it is read before they are made.
    pub const fn parameter(mut self) -> In<T> {
        self.spec.parameter = true;
        self
    }

    /// The same input, which takes any number of wires in order.
    pub const fn list(mut self) -> In<T> {
        self.spec.list = true;
        self.spec.optional = true;
        self
    }

    /// The description, for the block's spec.
    pub const fn port(&self) -> PortSpec {
        self.spec
    }

    /// The port's name.
    pub const fn name(&self) -> &'static str {
        self.spec.name
    }
}

/// A handle to a tensor output.
#[derive(Clone, Copy, Debug)]
pub struct Out<T> {
    spec: PortSpec,
    types: PhantomData<fn() -> T>,
}

impl<T: PortTypes> Out<T> {
    /// An output.
    pub const fn new(name: &'static str, docs: &'static str) -> Out<T> {
        Out { spec: PortSpec::new(name, PortKind::Tensor, Direction::Out, T::RULE, docs), types: PhantomData }
    }

    /// The same output, which also answers to these names.
    pub const fn aliases(mut self, names: &'static [&'static str]) -> Out<T> {
        self.spec.aliases = names;
        self
    }

    /// The description, for the block's spec.
    pub const fn port(&self) -> PortSpec {
        self.spec
    }
}
