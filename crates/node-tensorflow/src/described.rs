//! Block types by TensorFlow's own descriptions: what no block computes can be wired, edited, kept and written back.
//!
//! Such a type has the operation's name. An operation that a block is made for is `tf.NAME` where that block cannot stand
//! for it: with data types or attributes that the block does not have.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use node_core::attr::AttrDefault;
use node_core::port::Count;
use node_core::type_rule::TypeVar;
use node_core::{AttrSpec, AttrType, BlockSpec, BlockType, DType, Direction, PortKind, PortSpec, TypeRule};

use crate::attr::from_proto;
use crate::data_type;
use crate::definitions;
use crate::proto::OpDef;
use crate::proto::op_def::{ArgDef, AttrDef};

/// What the names of types begin with that are not a block's, although it has the operation's name.
pub const PREFIX: &str = "tf.";

/// The operation that a described type is.
pub fn op_of(type_name: &str) -> Option<&'static OpDef> {
    definitions::op(type_name.strip_prefix(PREFIX).unwrap_or(type_name))
}

/// The block type of TensorFlow's operation called `name` or `tf.NAME`, which nobody here can compute.
pub fn block_type(name: &str) -> Option<&'static Arc<BlockType>> {
    /// The type of an operation's own name, and the one of the other name; made when they are asked for.
    type Made = [OnceLock<Arc<BlockType>>; 2];
    static TYPES: LazyLock<HashMap<&'static str, Made>> =
        LazyLock::new(|| definitions::all().map(|op| (op.name.as_str(), Made::default())).collect());
    let bare = name.strip_prefix(PREFIX);
    let op = definitions::op(bare.unwrap_or(name))?;
    let made = &TYPES.get(op.name.as_str())?[usize::from(bare.is_some())];
    Some(made.get_or_init(|| Arc::new(described(name, op))))
}

fn described(name: &str, op: &OpDef) -> BlockType {
    let inputs = op.input_arg.iter().map(|arg| port(op, arg, Direction::In));
    let outputs = op.output_arg.iter().map(|arg| port(op, arg, Direction::Out));
    let docs = "An operation of TensorFlow's that is known by its description alone: it can be wired, edited and written \
                back, and runs on a cluster.";
    BlockSpec::new(name.to_owned(), "TensorFlow", "An operation of TensorFlow's.", docs)
        .ports(inputs.chain(outputs))
        .attrs(op.attr.iter().filter(|attr| !counts(op, &attr.name)).map(|attr| self::attr(op, attr)))
        .opaque()
}

/// Whether an attribute follows from what is wired.
pub fn follows(op: &OpDef, name: &str) -> bool {
    op.input_arg.iter().any(|arg| [&arg.type_attr, &arg.number_attr, &arg.type_list_attr].iter().any(|n| *n == name))
}

/// Whether an attribute counts what is wired.
fn counts(op: &OpDef, name: &str) -> bool {
    op.input_arg.iter().any(|arg| [&arg.number_attr, &arg.type_list_attr].iter().any(|n| *n == name))
}

fn port(op: &OpDef, arg: &ArgDef, direction: Direction) -> PortSpec {
    let mut port = PortSpec::new(arg.name.clone(), PortKind::Tensor, direction, rule(arg), "");
    let is_list = !arg.number_attr.is_empty() || !arg.type_list_attr.is_empty();
    if is_list {
        let count = if arg.number_attr.is_empty() { &arg.type_list_attr } else { &arg.number_attr };
        let input = op.input_arg.iter().find(|input| input.number_attr == *count || input.type_list_attr == *count);
        port.count = match (direction, input) {
            (Direction::In, _) => Count::Wires { attr: Some(count.clone().into()) },
            (Direction::Out, Some(input)) => Count::AsMany(input.name.clone().into()),
            (Direction::Out, None) => Count::Attr(count.clone().into()),
        };
        port.optional = true;
    }
    port
}

/// Any type: what resources, variants and types without tensors here are is told by TensorFlow.
fn rule(arg: &ArgDef) -> TypeRule {
    match data_type::of_number(arg.r#type) {
        Ok(dtype) if arg.type_attr.is_empty() && arg.type_list_attr.is_empty() => TypeRule::Fixed(dtype),
        _ => TypeRule::Each(TypeVar { name: "".into(), allowed: DType::ALL.to_vec(), default: None }),
    }
}

fn attr(op: &OpDef, attr: &AttrDef) -> AttrSpec {
    fn of(ty: &str) -> AttrType {
        match ty {
            "int" => AttrType::Int,
            "float" => AttrType::Float,
            "bool" => AttrType::Bool,
            "shape" => AttrType::Shape,
            "tensor" => AttrType::Tensor { dtype_attr: "".into() },
            _ => match ty.strip_prefix("list(").and_then(|inner| inner.strip_suffix(')')) {
                Some(inner) => AttrType::List(Box::new(of(inner))),
                // Data types too: there are some of which there are no tensors here.
                None => AttrType::String,
            },
        }
    }
    // What wires tell has no default.
    let default = attr.default_value.as_ref().filter(|_| !follows(op, &attr.name));
    let default = default.and_then(from_proto).map_or(AttrDefault::Absent, AttrDefault::Is);
    AttrSpec {
        name: attr.name.clone().into(),
        aliases: Vec::new(),
        ty: of(&attr.r#type),
        default,
        range: None,
        docs: "".into(),
    }
}
