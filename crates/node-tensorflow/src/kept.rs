//! What pages hold of graphs that no block says, in keys of their own, so that it goes back as it came.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use node_core::page::Unknown;
use node_core::value::quoted;
use node_core::{BlockNode, Page, Value};
use prost::Message;

use crate::data_type;
use crate::proto::{AttrValue, FunctionDefLibrary, NodeDef, VersionDef};

/// A block's attributes that the page cannot say, as a `NodeDef` in base64.
const ATTRS: &str = "tf_attrs";
/// The operation that a block was, where a newer one computes the same.
const OP: &str = "tf_op";
/// The data types of what a block of an unknown operation gives.
const OUTPUTS: &str = "tf_outputs";
/// A page's functions, as a `FunctionDefLibrary` in base64.
const LIBRARY: &str = "tf_library";
/// The versions of a page's graph, as a `VersionDef` in base64.
const VERSIONS: &str = "tf_versions";

/// What ports of unknown operations are called: `input_0`, `output_1`.
pub const INPUT: &str = "input_";
/// See [`INPUT`].
pub const OUTPUT: &str = "output_";

/// The number of a port of an unknown operation.
pub fn number(port: &str, of: &str) -> Option<usize> {
    port.strip_prefix(of)?.parse().ok()
}

/// The attributes that a block keeps.
pub fn attrs(block: &BlockNode) -> Result<BTreeMap<String, AttrValue>, String> {
    message::<NodeDef>(&block.unknown, ATTRS).map(|node| node.map(|node| node.attr).unwrap_or_default())
}

/// Has a block keep attributes.
pub fn keep_attrs(block: &mut BlockNode, attr: BTreeMap<String, AttrValue>) {
    if !attr.is_empty() {
        block.unknown.push(written(ATTRS, &NodeDef { attr, ..NodeDef::default() }));
    }
}

/// The operation that a block goes back as, if it was another than the block's own.
pub fn op(block: &BlockNode) -> Option<String> {
    match value(&block.unknown, OP) {
        Some(Value::String(name)) => Some(name),
        _ => None,
    }
}

/// Has a block go back as an operation.
pub fn keep_op(block: &mut BlockNode, op: &str) {
    block.unknown.push(Unknown { key: OP.to_owned(), json: quoted(op).into() });
}

/// The numbers of the data types of what a block of an unknown operation gives.
pub fn output_types(block: &BlockNode) -> Vec<i32> {
    let named = |value: &Value| match value {
        Value::String(name) => data_type::named(name).unwrap_or_default(),
        _ => 0,
    };
    match value(&block.unknown, OUTPUTS) {
        Some(Value::List(types)) => types.iter().map(named).collect(),
        _ => Vec::new(),
    }
}

/// Has a block of an unknown operation keep the data types of what it gives.
pub fn keep_output_types(block: &mut BlockNode, types: &[i32]) {
    let names = types.iter().map(|number| Value::String(data_type::name(*number).unwrap_or_default())).collect();
    block.unknown.push(Unknown { key: OUTPUTS.to_owned(), json: Value::list(names).to_string().into() });
}

/// The functions that a page keeps.
pub fn library(page: &Page) -> Result<Option<FunctionDefLibrary>, String> {
    message(&page.unknown, LIBRARY)
}

/// The versions that a page keeps.
pub fn versions(page: &Page) -> Result<Option<VersionDef>, String> {
    message(&page.unknown, VERSIONS)
}

/// Has a page keep a graph's functions and versions.
pub fn keep_graph(page: &mut Page, library: Option<&FunctionDefLibrary>, versions: &VersionDef) {
    let has_some = |library: &&FunctionDefLibrary| **library != FunctionDefLibrary::default();
    page.unknown.push(written(VERSIONS, versions));
    page.unknown.extend(library.filter(has_some).map(|library| written(LIBRARY, library)));
}

fn written(key: &str, message: &impl Message) -> Unknown {
    Unknown { key: key.to_owned(), json: quoted(&STANDARD.encode(message.encode_to_vec())).into() }
}

fn value(keys: &[Unknown], key: &str) -> Option<Value> {
    Value::parse(&keys.iter().find(|unknown| unknown.key == key)?.json).ok()
}

fn message<M: Message + Default>(keys: &[Unknown], key: &str) -> Result<Option<M>, String> {
    let broken = |_| format!("its key {key} is broken; import the graph again");
    match value(keys, key) {
        None => Ok(None),
        Some(Value::String(text)) => {
            let bytes = STANDARD.decode(text).map_err(|_| broken(()))?;
            M::decode(&bytes[..]).map(Some).map_err(|_| broken(()))
        }
        Some(_) => Err(broken(())),
    }
}
