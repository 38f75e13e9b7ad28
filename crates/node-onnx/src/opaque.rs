//! What no block stands for is kept: a block that is known by its description alone, with the node itself in a key of its
//! own.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use node_core::page::{Entries, Unknown};
use node_core::port::Count;
use node_core::type_rule::TypeVar;
use node_core::value::quoted;
use node_core::{
    AttrSpec, AttrType, BlockNode, BlockSpec, BlockType, DType, Direction, PortKind, PortSpec, TypeRule, Value,
};
use prost::Message as _;

use crate::proto::NodeProto;

/// The type of all such blocks.
pub const NAME: &str = "OnnxOperation";

/// The key that holds the node, as a `NodeProto` in base64.
const NODE: &str = "onnx_node";

/// The type of a block that keeps an operation of ONNX's, by that name.
pub fn block_type(name: &str) -> Option<&'static Arc<BlockType>> {
    static TYPE: LazyLock<Arc<BlockType>> = LazyLock::new(|| Arc::new(described()));
    (name == NAME).then(|| &*TYPE)
}

fn described() -> BlockType {
    let any = || TypeRule::Each(TypeVar { name: "".into(), allowed: DType::ALL.to_vec(), default: None });
    let port = |name: &'static str, direction, docs: &'static str, count| {
        let mut port = PortSpec::new(name, PortKind::Tensor, direction, any(), docs);
        (port.count, port.optional) = (count, true);
        port
    };
    let attr = |name: &'static str, ty, docs: &'static str| AttrSpec {
        name: name.into(),
        aliases: Vec::new(),
        ty,
        default: node_core::attr::AttrDefault::Required,
        range: None,
        docs: docs.into(),
    };
    let docs = "An operation of ONNX's that no block computes. It is kept as the model had it, and can be wired.";
    BlockSpec::new(NAME, "ONNX", "An operation of ONNX's that no block computes.", docs)
        .ports([
            port("inputs", Direction::In, "What comes to it, in order.", Count::Wires { attr: None }),
            port("outputs", Direction::Out, "What it gives, in order.", Count::Attr("num_outputs".into())),
        ])
        .attrs([
            attr("op_type", AttrType::String, "Which operation."),
            attr("num_outputs", AttrType::Int, "How many tensors it gives."),
        ])
        .opaque()
}

/// A block that keeps a node.
pub fn kept(node: &NodeProto) -> BlockNode {
    let attrs: [(&str, Value); 2] =
        [("op_type", Value::String(node.op_type.clone())), ("num_outputs", Value::Int(node.output.len() as i64))];
    let json = quoted(&STANDARD.encode(node.encode_to_vec())).into();
    let unknown = vec![Unknown { key: NODE.to_owned(), json }];
    BlockNode { attrs: attrs.into_iter().collect::<Entries>(), unknown, ..BlockNode::new(NAME) }
}
