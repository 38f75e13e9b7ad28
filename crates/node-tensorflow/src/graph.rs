//! A graph of TensorFlow's operations, in the order in which they can be carried out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use node_core::BlockId;

use crate::attr;
use crate::definitions::{GRAPH_VERSION, op};
use crate::proto::attr_value::Value;
use crate::proto::op_def::ArgDef;
use crate::proto::{AttrValue, DataType, FunctionDefLibrary, GraphDef, NodeDef, OpDef, VersionDef};

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
    pub op: Cow<'static, OpDef>,
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
        self.op.output_arg.iter().take(arg).map(|arg| count(arg, &self.attrs)).sum()
    }

    /// The number of the data type of part number `item` of an operation's output number `arg`, as far as the node's own
    /// attributes tell.
    pub fn output_type(&self, arg: usize, item: usize) -> i32 {
        let found = self.op.output_arg.get(arg).and_then(|arg| type_of(arg, item, &self.attrs));
        found.unwrap_or(DataType::DtInvalid as i32)
    }
}

/// How many tensors an input or output has, by the attributes of its node.
pub fn count(arg: &ArgDef, attrs: &BTreeMap<String, AttrValue>) -> usize {
    let list = |name: &str| match attrs.get(name)?.value.as_ref()? {
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

/// The number of the data type of part number `item` of an input or output, by the attributes of its node.
pub fn type_of(arg: &ArgDef, item: usize, attrs: &BTreeMap<String, AttrValue>) -> Option<i32> {
    let value = |name: &str| attrs.get(name).and_then(|attr| attr.value.as_ref());
    match (arg.type_attr.as_str(), arg.type_list_attr.as_str()) {
        ("", "") => Some(arg.r#type),
        ("", types) => match value(types) {
            Some(Value::List(list)) => list.r#type.get(item).copied(),
            _ => None,
        },
        (one, _) => match value(one) {
            Some(Value::Type(number)) => Some(*number),
            _ => None,
        },
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
    /// Functions that nodes call.
    pub library: Option<FunctionDefLibrary>,
    /// The versions that it is of, if they are not those of what is written here.
    pub versions: Option<VersionDef>,
    names: HashSet<String>,
    promised: HashSet<String>,
}

impl Graph {
    /// Keeps names for those that have a right to them: no other node gets one of these.
    pub fn promise(&mut self, names: impl IntoIterator<Item = String>) {
        self.promised.extend(names);
    }

    /// Hands out a name that was kept: the next node gets it that asks.
    pub fn redeem(&mut self, name: &str) {
        self.promised.remove(name);
    }

    /// Adds a node, or says what its operation does not have.
    pub fn add(&mut self, parts: Parts<'_>) -> Result<NodeIndex, String> {
        match op(parts.op) {
            Some(op) => self.add_as(Cow::Borrowed(op), parts),
            None => Err(format!("TensorFlow has no operation {}", parts.op)),
        }
    }

    /// Adds a node of an operation that may be none of TensorFlow's own, or says what the operation does not have.
    pub fn add_as(&mut self, op: Cow<'static, OpDef>, parts: Parts<'_>) -> Result<NodeIndex, String> {
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
        let mut attrs: BTreeMap<String, AttrValue> = inferred(&op, &inputs);
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
        let taken = |name: &String| self.names.contains(name) || self.promised.contains(name);
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
        let own = || VersionDef { producer: GRAPH_VERSION, ..VersionDef::default() };
        let versions = self.versions.clone().unwrap_or_else(own);
        let node = self.nodes.iter().map(|node| self.node_def(node)).collect();
        GraphDef { node, versions: Some(versions), library: self.library.clone(), ..GraphDef::default() }
    }

    /// Puts the nodes in an order in which each comes after those that it needs or that have to be done before, as far as
    /// there is one: else as they are. Gives for each node where it is now.
    pub fn sort(&mut self) -> Vec<NodeIndex> {
        let befores = |node: &Node| -> BTreeSet<NodeIndex> {
            node.inputs.iter().flatten().map(|edge| edge.node).chain(node.control.iter().copied()).collect()
        };
        let mut missing: Vec<usize> = self.nodes.iter().map(|node| befores(node).len()).collect();
        let mut after: Vec<Vec<NodeIndex>> = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            befores(node).into_iter().for_each(|before| after[before].push(index));
        }
        let mut ready: BTreeSet<NodeIndex> = (0..missing.len()).filter(|index| missing[*index] == 0).collect();
        let mut order = Vec::with_capacity(missing.len());
        while let Some(next) = ready.pop_first() {
            order.push(next);
            for index in &after[next] {
                missing[*index] -= 1;
                if missing[*index] == 0 {
                    ready.insert(*index);
                }
            }
        }
        let mut places: Vec<NodeIndex> = (0..self.nodes.len()).collect();
        if order.len() < self.nodes.len() {
            return places;
        }
        order.iter().enumerate().for_each(|(place, index)| places[*index] = place);
        let mut nodes: Vec<Option<Node>> = std::mem::take(&mut self.nodes).into_iter().map(Some).collect();
        self.nodes = order.into_iter().filter_map(|index| nodes[index].take()).collect();
        for node in &mut self.nodes {
            node.inputs.iter_mut().flatten().for_each(|edge| edge.node = places[edge.node]);
            node.control.iter_mut().for_each(|before| *before = places[*before]);
        }
        places
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
