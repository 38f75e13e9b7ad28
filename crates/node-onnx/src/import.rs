//! A model as a page.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use node_core::{BlockId, Page, PortRef, Problem, Registry, Tensor};
use prost::Message as _;

use crate::opaque;
use crate::operation::{Building, Operation, Value};
use crate::proto::{ModelProto, NodeProto, ValueInfoProto};
use crate::table;
use crate::tensor::{dtype, shape, tensor};

/// What a model has become.
pub struct Imported {
    /// The page; its blocks have no places.
    pub page: Page,
    /// Constants that are too large for a page, by the parts of the file that its blocks read.
    pub constants: Vec<(BlockId, Tensor)>,
    /// What has not become blocks that can run, and why, a line each.
    pub left_out: Vec<String>,
}

/// How a model becomes a page.
pub struct Import<'a> {
    /// The block types that there are.
    pub registry: &'a Registry,
    /// The file, from the page's folder on, that blocks read large constants from.
    pub constants: &'a str,
    /// Told how far it is, from 0 to 1; says whether to go on.
    pub go_on: &'a dyn Fn(f32) -> bool,
}

/// The model in a file's bytes.
///
/// # Errors
/// What is wrong with the file.
pub fn read(bytes: Vec<u8>) -> Result<ModelProto, Vec<Problem>> {
    let wrong = |why: String| vec![Problem::page(why)];
    let model = ModelProto::decode(Bytes::from(bytes))
        .map_err(|why| wrong(format!("the file is no model of ONNX, or is cut off ({why})")))?;
    match &model.graph {
        Some(graph) if !graph.node.is_empty() || !graph.output.is_empty() => Ok(model),
        _ => Err(wrong("the file holds a model without a graph; is it one of ONNX?".to_owned())),
    }
}

/// The page of a model; nothing if it was told to stop.
///
/// # Errors
/// What is wrong with the model itself: values that are not there, or there twice.
pub fn import(model: &ModelProto, how: &Import<'_>) -> Result<Option<Imported>, Vec<Problem>> {
    let none = crate::proto::GraphProto::default();
    let graph = model.graph.as_ref().unwrap_or(&none);
    let is_own = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let version = model.opset_import.iter().find(|set| is_own(&set.domain)).map_or(1, |set| set.version);
    let mut building = Building::new(how.registry, how.constants);
    for name in graph.input.iter().chain(&graph.output).map(|info| &info.name) {
        building.keep_name(name);
    }
    let mut values: HashMap<&str, Value> = HashMap::new();
    let mut left_out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for proto in &graph.initializer {
        let read =
            tensor(proto).map_err(|why| vec![Problem::page(format!("the initializer '{}' has {why}", proto.name))])?;
        values.insert(&proto.name, Value::constant(&proto.name, read));
    }
    for info in graph.input.iter().filter(|info| !graph.initializer.iter().any(|proto| proto.name == info.name)) {
        let fed =
            fed(&mut building, info).map_err(|why| vec![Problem::page(format!("the input '{}' {why}", info.name))])?;
        values.insert(&info.name, fed);
    }
    for (nth, node) in graph.node.iter().enumerate() {
        if !(how.go_on)(nth as f32 / graph.node.len() as f32) {
            return Ok(None);
        }
        let mut inputs = Vec::new();
        for name in &node.input {
            inputs.push(match (name.is_empty(), values.get(name.as_str())) {
                (true, _) => None,
                (false, Some(value)) => Some(value.clone()),
                (false, None) => {
                    let who = if node.name.is_empty() { &node.op_type } else { &node.name };
                    return Err(vec![Problem::page(format!("the node '{who}' reads '{name}', which is not there"))]);
                }
            });
        }
        let before = building.mark();
        let found = match is_own(&node.domain) {
            true => table::blocks(&mut Operation::new(node, version, &inputs, &mut building)),
            false => Err(format!("is of the domain {}", node.domain)),
        };
        let outputs = found.unwrap_or_else(|why| {
            building.back_to(before);
            left_out.entry(format!("{} ({why})", node.op_type)).or_default().push(called(node));
            kept(node, &inputs, &mut building)
        });
        for (name, value) in node.output.iter().zip(outputs).filter(|(name, _)| !name.is_empty()) {
            values.insert(name, value);
        }
    }
    for info in &graph.output {
        let Some(value) = values.get(info.name.as_str()).cloned() else {
            return Err(vec![Problem::page(format!("the output '{}' is not there", info.name))]);
        };
        building.output(&info.name, value);
    }
    let (page, constants) = building.done();
    let line = |(kind, who): (String, Vec<String>)| match who.as_slice() {
        [one] => format!("{kind}: {one} is kept as the model has it, and cannot run"),
        [first, rest @ ..] => {
            format!("{kind}: {first} and {} more are kept as the model has them, and cannot run", rest.len())
        }
        [] => kind,
    };
    Ok(Some(Imported { page, constants, left_out: left_out.into_iter().map(line).collect() }))
}

fn called(node: &NodeProto) -> String {
    let named = [&node.name].into_iter().chain(node.output.first()).find(|name| !name.is_empty());
    named.cloned().unwrap_or_else(|| node.op_type.clone())
}

/// The block that an input is fed to.
fn fed(building: &mut Building<'_>, info: &ValueInfoProto) -> Result<Value, String> {
    let ty = info.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref()).ok_or("is no tensor")?;
    let dtype = dtype(i64::from(ty.elem_type)).map_err(|why| format!("is of {why}"))?;
    building.placeholder(&info.name, dtype, &shape(ty))
}

/// A node as a block that keeps it.
fn kept(node: &NodeProto, inputs: &[Option<Value>], building: &mut Building<'_>) -> Vec<Value> {
    let id = building.fresh(&called(node));
    building.put(&id, opaque::kept(node));
    for value in inputs.iter().flatten() {
        let from = building.port_of(value);
        building.wire(from, &id, "inputs");
    }
    let port = |nth: usize| Value::unknown(PortRef::new(&id, &format!("outputs[{nth}]")));
    (0..node.output.len()).map(port).collect()
}
