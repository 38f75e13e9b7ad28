//! Ports as a block type describes them, and the handles by which a block reads its own.

use std::marker::PhantomData;

use crate::dtype::DType;
use crate::literal;
use crate::name::Name;
use crate::type_rule::{PortTypes, TypeRule};
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

/// How many tensors go through a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// One.
    One,
    /// An input of any number of wires, in order.
    Wires {
        /// TensorFlow's attribute that restates the number, if it has one: `N`.
        attr: Option<Name>,
    },
    /// As many outputs as this attribute says: a number, or a list with something for each.
    Attr(Name),
    /// As many outputs as this input has wires.
    AsMany(Name),
}

/// The description of one port.
#[derive(Clone, Debug, PartialEq)]
pub struct PortSpec {
    /// The name that results and files use.
    pub name: Name,
    /// Other names by which it may be called: TensorFlow's.
    pub aliases: Vec<Name>,
    /// What it carries.
    pub kind: PortKind,
    /// Which way.
    pub direction: Direction,
    /// The data types of a tensor port.
    pub types: TypeRule,
    /// How many tensors.
    pub count: Count,
    /// Whether an input may be left without wire and literal.
    pub optional: bool,
    /// Whether an input's value must be known before the block's kernels can be made, or before it computes.
    pub parameter: bool,
    /// What it means, with shapes.
    pub docs: Name,
}

impl PortSpec {
    /// A port of one tensor, scope or set.
    pub fn new(
        name: impl Into<Name>,
        kind: PortKind,
        direction: Direction,
        types: TypeRule,
        docs: impl Into<Name>,
    ) -> PortSpec {
        PortSpec {
            name: name.into(),
            aliases: Vec::new(),
            kind,
            direction,
            types,
            count: Count::One,
            optional: false,
            parameter: false,
            docs: docs.into(),
        }
    }

    /// The scope port that every operation has.
    pub fn scope() -> PortSpec {
        let docs =
            "The page's scope. It is made for the page, prefixes the names of its blocks and is never connected.";
        PortSpec::new("scope", PortKind::Scope, Direction::In, TypeRule::none(), docs)
    }

    /// The attrs port of a block that has attributes.
    pub fn attrs() -> PortSpec {
        let docs = "Attributes from Attrs blocks; a wired value wins over the block's own.";
        PortSpec::new(ATTRS_PORT, PortKind::Attrs, Direction::In, TypeRule::none(), docs)
    }

    /// The output of a block that is a set of attributes.
    pub fn attrs_out() -> PortSpec {
        let docs = "The set, for the attrs ports of any number of blocks.";
        PortSpec::new(ATTRS_PORT, PortKind::Attrs, Direction::Out, TypeRule::none(), docs)
    }

    /// Whether any number of tensors goes through it.
    pub fn is_list(&self) -> bool {
        self.count != Count::One
    }

    /// Whether `name` is this port's name or one of its aliases; without the number of a list's part.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// What `text`, typed by a person, means as this input's literal: one that makes a tensor of its types, or nothing.
    /// `bound` is the type that the block's other inputs and attributes give it.
    pub fn parse_typed(&self, text: &str, bound: Option<DType>) -> Result<Option<Value>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let value = Value::parse_typed(text, self.wanted(bound))?;
        let dtype = literal::own_dtype(&value).or_else(|| self.types.fixed()).or(bound);
        let tensor = literal::tensor(&value, dtype)?;
        if !self.types.allows(tensor.dtype()) {
            return Err(format!("{} takes {}, not {}", self.name, self.types.names(), tensor.dtype()));
        }
        Ok(Some(value))
    }

    /// What is wanted where a person types this input's literal.
    pub fn wanted(&self, bound: Option<DType>) -> Wanted {
        Wanted::of(self.types.fixed().or(bound))
    }

    /// Whether this is a tensor port in `direction`.
    pub fn is_tensor(&self, direction: Direction) -> bool {
        self.kind == PortKind::Tensor && self.direction == direction
    }
}

/// A handle to a tensor input: declared once, listed in the block's spec, read by it.
#[derive(Clone, Copy, Debug)]
pub struct In<T> {
    name: &'static str,
    docs: &'static str,
    aliases: &'static [&'static str],
    among: Option<&'static [DType]>,
    variable: Option<&'static str>,
    wires: Option<Option<&'static str>>,
    optional: bool,
    parameter: bool,
    types: PhantomData<fn() -> T>,
}

impl<T: PortTypes> In<T> {
    /// An input that must be wired or hold a literal.
    pub const fn new(name: &'static str, docs: &'static str) -> In<T> {
        In {
            name,
            docs,
            aliases: &[],
            among: None,
            variable: None,
            wires: None,
            optional: false,
            parameter: false,
            types: PhantomData,
        }
    }

    /// The same input, which also answers to these names.
    pub const fn aliases(mut self, names: &'static [&'static str]) -> In<T> {
        self.aliases = names;
        self
    }

    /// The same input, which takes only these data types: those for which TensorFlow has a kernel.
    pub const fn among(mut self, dtypes: &'static [DType]) -> In<T> {
        self.among = Some(dtypes);
        self
    }

    /// The same input, whose data type is this variable of the block: TensorFlow's `SrcT`, `Tshape`, …
    pub const fn of(mut self, variable: &'static str) -> In<T> {
        self.variable = Some(variable);
        self
    }

    /// The same input, which may be left unconnected.
    pub const fn optional(mut self) -> In<T> {
        self.optional = true;
        self
    }

    /// The same input, whose value shapes the block's kernels or outputs: it is read before they are made.
    pub const fn parameter(mut self) -> In<T> {
        self.parameter = true;
        self
    }

    /// The same input, which takes one wire or more, in order; `attr` is TensorFlow's name for how many.
    pub const fn list(mut self, attr: Option<&'static str>) -> In<T> {
        self.wires = Some(attr);
        self
    }

    /// The description, for the block's spec.
    pub fn port(&self) -> PortSpec {
        let types = TypeRule::declared(T::TYPES, self.variable, self.wires == Some(None)).among(self.among);
        let count = match self.wires {
            None => Count::One,
            Some(attr) => Count::Wires { attr: attr.map(Name::Borrowed) },
        };
        PortSpec {
            count,
            aliases: names(self.aliases),
            optional: self.optional,
            parameter: self.parameter,
            ..PortSpec::new(self.name, PortKind::Tensor, Direction::In, types, self.docs)
        }
    }

    /// The port's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

fn names(texts: &[&'static str]) -> Vec<Name> {
    texts.iter().map(|text| Name::Borrowed(*text)).collect()
}

/// A handle to a tensor output.
#[derive(Clone, Copy, Debug)]
pub struct Out<T> {
    name: &'static str,
    docs: &'static str,
    aliases: &'static [&'static str],
    among: Option<&'static [DType]>,
    variable: Option<&'static str>,
    count: OutCount,
    types: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OutCount {
    One,
    Attr(&'static str),
    AsMany(&'static str),
}

impl<T: PortTypes> Out<T> {
    /// An output.
    pub const fn new(name: &'static str, docs: &'static str) -> Out<T> {
        Out { name, docs, aliases: &[], among: None, variable: None, count: OutCount::One, types: PhantomData }
    }

    /// The same output, which also answers to these names.
    pub const fn aliases(mut self, names: &'static [&'static str]) -> Out<T> {
        self.aliases = names;
        self
    }

    /// The same output, which has only these data types.
    pub const fn among(mut self, dtypes: &'static [DType]) -> Out<T> {
        self.among = Some(dtypes);
        self
    }

    /// The same output, whose data type is this variable of the block.
    pub const fn of(mut self, variable: &'static str) -> Out<T> {
        self.variable = Some(variable);
        self
    }

    /// As many of the same output as the attribute `attr` says.
    pub const fn as_attr(mut self, attr: &'static str) -> Out<T> {
        self.count = OutCount::Attr(attr);
        self
    }

    /// As many of the same output as the input `input` has wires.
    pub const fn as_many_as(mut self, input: &'static str) -> Out<T> {
        self.count = OutCount::AsMany(input);
        self
    }

    /// The description, for the block's spec.
    pub fn port(&self) -> PortSpec {
        let types = TypeRule::declared(T::TYPES, self.variable, false).among(self.among);
        let count = match self.count {
            OutCount::One => Count::One,
            OutCount::Attr(attr) => Count::Attr(attr.into()),
            OutCount::AsMany(input) => Count::AsMany(input.into()),
        };
        PortSpec {
            count,
            aliases: names(self.aliases),
            ..PortSpec::new(self.name, PortKind::Tensor, Direction::Out, types, self.docs)
        }
    }

    /// The port's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}
