//! A graph of TensorFlow's operations, in the order in which they can be carried out.

use std::collections::{BTreeMap, HashSet};

use node_core::BlockId;

use crate::attr;
use crate::definitions::{GRAPH_VERSION, op};
use crate::proto::attr_value::Value;
use crate::proto::op_def::ArgDef;
use crate::proto::{AttrValue, GraphDef, NodeDef, OpDef, VersionDef};

/// The place of a node in its graph.
pub type NodeIndex = usize;

/// An output of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The node.
    pub node: NodeIndex,
    /// Which of its outputs, lists counted out.
    pub output: usize,
    /// The number of its data type.
    pub dtype: i32,
}

/// An operation in a graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, unique in the graph.
    pub name: String,
    /// What TensorFlow says of its kind.
    pub op: &'static OpDef,
    /// For each of the operation's inputs in order, what comes to it.
    pub inputs: Vec<Vec<Edge>>,
    /// What has to be done before.
    pub control: Vec<NodeIndex>,
    /// Its attributes, those that follow from its inputs too.
    pub attrs: BTreeMap<String, AttrValue>,
    /// Where it is computed; anywhere if empty.
    pub device: String,
    /// The block that it is part of.
    pub block: Option<BlockId>,
}

impl Node {
    /// Where the outputs of an operation's output number `arg` begin, lists counted out.
    pub fn first_output(&self, arg: usize) -> usize {
        self.op.output_arg.iter().take(arg).map(|arg| self.count(arg)).sum()
    }

    /// How many tensors one of its outputs has.
    fn count(&self, arg: &ArgDef) -> usize {
        let list = |name: &str| match self.attrs.get(name)?.value.as_ref()? {
            Value::I(count) => usize::try_from(*count).ok(),
            Value::List(list) => Some(list.r#type.len()),
            _ => None,
        };
        match (arg.number_attr.as_str(), arg.type_list_attr.as_str()) {
            ("", "") => 1,
            ("", types) => list(types).unwrap_or(1),
            (number, _) => list(number).unwrap_or(1),
        }
    }
}

/// What a node is made of.
pub struct Parts<'p> {
    /// The name that it is to have.
    pub name: String,
    /// The operation's name.
    pub op: &'p str,
    /// What comes to the operation's inputs, by their names.
    pub inputs: Vec<(&'p str, Vec<Edge>)>,
    /// What has to be done before.
    pub control: Vec<NodeIndex>,
    /// Attributes that do not follow from inputs.
    pub attrs: Vec<(&'p str, AttrValue)>,
}

/// A graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Its operations; each comes after those that it needs.
    pub nodes: Vec<Node>,
    names: HashSet<String>,
}

impl Graph {
    /// Adds a node, or says what its operation does not have.
    pub fn add(&mut self, parts: Parts<'_>) -> Result<NodeIndex, String> {
        let Some(op) = op(parts.op) else { return Err(format!("TensorFlow has no operation {}", parts.op)) };
        let unknown = |name: &&str| !op.input_arg.iter().any(|arg| arg.name == **name);
        if let Some(name) = parts.inputs.iter().map(|(name, _)| *name).find(unknown) {
            return Err(format!("TensorFlow's {} has no input {name}", op.name));
        }
        let mut inputs = Vec::with_capacity(op.input_arg.len());
        for arg in &op.input_arg {
            match parts.inputs.iter().find(|(name, _)| *name == arg.name) {
                Some((_, edges)) => inputs.push(edges.clone()),
                None => return Err(format!("TensorFlow's {} needs its input {}", op.name, arg.name)),
            }
        }
        let mut attrs: BTreeMap<String, AttrValue> = inferred(op, &inputs);
        for (name, value) in parts.attrs {
            if !op.attr.iter().any(|attr| attr.name == name) {
                return Err(format!("TensorFlow's {} has no attribute {name}", op.name));
            }
            attrs.entry(name.to_owned()).or_insert(value);
        }
        let missing = op.attr.iter().find(|attr| attr.default_value.is_none() && !attrs.contains_key(&attr.name));
        if let Some(attr) = missing {
            return Err(format!("TensorFlow's {} needs its attribute {}", op.name, attr.name));
        }
        let (name, control) = (self.unique(parts.name), parts.control);
        let (device, block) = (String::new(), None);
        self.nodes.push(Node { name, op, inputs, control, attrs, device, block });
        Ok(self.nodes.len() - 1)
    }

    /// A name that no node has yet: `name`, or one that begins so.
    fn unique(&mut self, name: String) -> String {
        let taken = |name: &String| self.names.contains(name);
        let free = match taken(&name) {
            false => name,
            true => (1..).map(|nth| format!("{name}_{nth}")).find(|name| !taken(name)).unwrap_or(name),
        };
        self.names.insert(free.clone());
        free
    }

    /// The nodes from which these come, themselves included; with those that merely have to be done before, if `control`.
    pub fn behind(&self, nodes: impl IntoIterator<Item = NodeIndex>, control: bool) -> HashSet<NodeIndex> {
        let mut open: Vec<NodeIndex> = nodes.into_iter().collect();
        let mut behind = HashSet::new();
        while let Some(index) = open.pop() {
            if behind.insert(index) {
                let node = &self.nodes[index];
                open.extend(node.inputs.iter().flatten().map(|edge| edge.node));
                open.extend(node.control.iter().filter(|_| control).copied());
            }
        }
        behind
    }

    /// The name by which an output is fetched and fed: `scope/block:0`.
    pub fn tensor_name(&self, edge: Edge) -> String {
        format!("{}:{}", self.nodes[edge.node].name, edge.output)
    }

    /// As TensorFlow writes it.
    pub fn to_def(&self) -> GraphDef {
        let versions = VersionDef { producer: GRAPH_VERSION, ..VersionDef::default() };
        let node = self.nodes.iter().map(|node| self.node_def(node)).collect();
        GraphDef { node, versions: Some(versions), ..GraphDef::default() }
    }

    fn node_def(&self, node: &Node) -> NodeDef {
        let input = |edge: &Edge| match edge.output {
            0 => self.nodes[edge.node].name.clone(),
            output => format!("{}:{output}", self.nodes[edge.node].name),
        };
        let control = node.control.iter().map(|before| format!("^{}", self.nodes[*before].name));
        NodeDef {
            name: node.name.clone(),
            op: node.op.name.clone(),
            input: node.inputs.iter().flatten().map(input).chain(control).collect(),
            device: node.device.clone(),
            attr: node.attrs.clone(),
            ..NodeDef::default()
        }
    }
}

/// The attributes that follow from what comes to an operation.
fn inferred(op: &OpDef, inputs: &[Vec<Edge>]) -> BTreeMap<String, AttrValue> {
    let mut attrs = BTreeMap::new();
    for (arg, edges) in op.input_arg.iter().zip(inputs) {
        if !arg.number_attr.is_empty() {
            attrs.insert(arg.number_attr.clone(), attr::of_int(edges.len() as i64));
        }
        if !arg.type_list_attr.is_empty() {
            attrs.insert(arg.type_list_attr.clone(), attr::of_types(edges.iter().map(|edge| edge.dtype).collect()));
        } else if let (false, Some(edge)) = (arg.type_attr.is_empty(), edges.first()) {
            attrs.insert(arg.type_attr.clone(), attr::of_type(edge.dtype));
        }
    }
    attrs
}
