//! Which block stands for a node, and the page of all of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use node_core::check::{CheckedPage, State};
use node_core::page::Entries;
use node_core::{BlockId, BlockNode, BlockSpec, DType, Direction, Page, PortRef, Role, Tensor, Value, Wire, literal};
use prost::Message as _;

use super::Import;
use super::graph::Incoming;
use crate::graph::{count, type_of};
use crate::proto::attr_value::Value as Proto;
use crate::proto::op_def::ArgDef;
use crate::proto::{AttrValue, GraphDef, NodeDef, OpDef, TensorProto};
use crate::{attr, data_type, definitions, described, kept, older, tensor};

/// A constant of more elements stands in a file.
const MOST_TYPED: usize = 64;

/// Constants that a graph writes as one number for all elements take at most so many bytes together.
const MOST_SPREAD: u64 = 1 << 31;

/// Graphs of older versions wrote the shape of a Placeholder that takes any as that of a scalar.
const SHAPES_SINCE: i32 = 24;

/// How the names of casts end that pages are written with.
const CAST: &str = "_bits";

/// Shapes that TensorFlow has inferred, and infers again.
const INFERRED_SHAPES: &str = "_output_shapes";

/// How a node is a block.
enum Stands {
    /// A block that can run.
    Block(BlockNode),
    /// The description of its operation, and why no block can stand for it, if there is one of that name.
    Described(Option<String>),
    /// A block of an unknown type.
    Unknown,
}

/// The blocks of a graph.
pub struct Blocks<'a> {
    def: &'a GraphDef,
    incoming: &'a Incoming,
    how: &'a Import<'a>,
    ids: Vec<BlockId>,
    stands: Vec<Stands>,
    /// Nodes that are wires on a page, and what comes to them.
    wires: HashMap<usize, (usize, usize)>,
    /// What the outputs of nodes are whose operations are unknown, by what reads them.
    read_as: HashMap<usize, BTreeMap<usize, i32>>,
    /// The bytes of constants that are more than the graph has written.
    spread: u64,
    /// Constants that stand in a file, in the order of their blocks.
    pub constants: Vec<(BlockId, Tensor)>,
}

impl<'a> Blocks<'a> {
    /// Finds for every node what stands for it; nothing if it was told to stop.
    pub fn of(def: &'a GraphDef, incoming: &'a Incoming, how: &'a Import<'a>) -> Option<Blocks<'a>> {
        let ids = ids(def);
        let mut blocks = Blocks {
            def,
            incoming,
            how,
            ids,
            stands: Vec::with_capacity(def.node.len()),
            wires: wires(def, incoming),
            read_as: HashMap::new(),
            spread: 0,
            constants: Vec::new(),
        };
        for index in 0..def.node.len() {
            if index % 256 == 0 && !(how.go_on)(0.5 * index as f32 / def.node.len() as f32) {
                return None;
            }
            let stands = blocks.stands_for(index);
            blocks.stands.push(stands);
        }
        blocks.constants.sort_by(|(a, _), (b, _)| a.cmp(b));
        blocks.read_as = blocks.read_as();
        Some(blocks)
    }

    /// The page, with the nodes of `opaque` as descriptions.
    pub fn page(&self, opaque: &BTreeMap<usize, String>) -> Page {
        let mut page = Page::default();
        let mut wires = Vec::new();
        for (index, node) in self.def.node.iter().enumerate().filter(|(index, _)| !self.wires.contains_key(index)) {
            let mut block = match &self.stands[index] {
                Stands::Block(block) if !opaque.contains_key(&index) => block.clone(),
                Stands::Unknown => self.unknown(index),
                Stands::Block(_) | Stands::Described(_) => self.described(node),
            };
            let comes = &self.incoming.0[index];
            block.tf_name = Some(node.name.as_str().into());
            block.device = (!node.device.is_empty()).then(|| node.device.as_str().into());
            block.control = comes.control.iter().map(|from| self.ids[*from].clone()).collect();
            let spec = self.spec(&block);
            for (to, (from, output)) in self.inputs(index, &block, spec).into_iter().zip(&comes.data) {
                let (from, output) = self.wires.get(from).copied().unwrap_or((*from, *output));
                let from = PortRef::new(&self.ids[from], &self.output(from, output, opaque));
                wires.extend(to.map(|to| Wire { from, to: PortRef::new(&self.ids[index], &to) }));
            }
            page.blocks.insert(self.ids[index].clone(), Arc::new(block));
        }
        page.wires = Arc::new(wires);
        page
    }

    /// The nodes whose blocks cannot stand for them after all, and why.
    pub fn unfit(&self, checked: &CheckedPage) -> Vec<(usize, String)> {
        let mut unfit = Vec::new();
        for (index, stands) in self.stands.iter().enumerate() {
            let (Stands::Block(_), Some(block)) = (stands, checked.blocks.get(&self.ids[index])) else { continue };
            if block.code().is_none() {
                continue;
            }
            if block.state == State::Faulty && !block.is_in_loop_alone() {
                let problem = checked.problems_of(&self.ids[index]).next();
                unfit.push((index, problem.map(|problem| problem.message.clone()).unwrap_or_default()));
            } else if let (State::Ready, Some((is, wanted))) = (&block.state, self.other_type(index, block)) {
                unfit.push((index, format!("gives {wanted}, not {is}")));
            }
        }
        unfit
    }

    /// Why a block is known by its description alone.
    pub fn why(&self, id: &BlockId, opaque: &BTreeMap<usize, String>) -> Option<String> {
        let index = self.ids.iter().position(|other| other == id)?;
        match &self.stands[index] {
            Stands::Block(_) => opaque.get(&index).cloned(),
            Stands::Described(why) => why.clone(),
            Stands::Unknown => Some("no operation of TensorFlow's own".to_owned()),
        }
    }

    /// A data type that a block gives and its node does not.
    fn other_type(&self, index: usize, block: &node_core::check::CheckedBlock) -> Option<(DType, String)> {
        let node = &self.def.node[index];
        let (op, setup) = (definitions::op(&node.op)?, block.setup.as_ref()?);
        for (output, ty) in setup.ports.outputs().iter().zip(&block.outputs) {
            let port = output.spec(setup.spec());
            let arg = op.output_arg.iter().find(|arg| port.answers_to(&arg.name))?;
            let number = type_of(arg, output.item.unwrap_or(0), &node.attr)?;
            let is = data_type::number(ty.dtype);
            let stands_for = data_type::plain(number) == Some(ty.dtype);
            if is != number && !stands_for {
                return Some((ty.dtype, data_type::name(number).unwrap_or_default()));
            }
        }
        None
    }

    fn spec(&self, block: &BlockNode) -> Option<&'a BlockSpec> {
        self.how.registry.get(&block.type_name).map(|ty| &ty.spec)
    }

    /// The block of an operation's name, or of the newer one that computes the same.
    fn type_of(&self, op: &str) -> Option<&'a BlockSpec> {
        let known = |name: &str| self.how.registry.get(name).filter(|ty| ty.code.is_some()).map(|ty| &ty.spec);
        known(op).or_else(|| known(older::newer_of(op)?))
    }

    fn stands_for(&mut self, index: usize) -> Stands {
        let (node, comes) = (&self.def.node[index], &self.incoming.0[index]);
        let Some(op) = definitions::op(&node.op).filter(|op| counts(op, node) == comes.data.len()) else {
            return Stands::Unknown;
        };
        let found = match node.op.as_str() {
            "Const" => self.constant(index),
            "Placeholder" => self.placeholder(node, None),
            // What is not fed passes on what comes to it.
            "PlaceholderWithDefault" => {
                self.placeholder(node, comes.data.first().copied()).or_else(|_| passes_on(op, node))
            }
            _ => match self.type_of(&node.op) {
                None => return Stands::Described(None),
                Some(spec) => same_name(spec, op, node),
            },
        };
        match found {
            Ok(mut block) => {
                let is_other = older::stands_for(&block.type_name, &node.op);
                let own = node.attr.iter().filter(|(name, value)| {
                    (node.op == "Const" && is_quantized(name, value)) || (is_other && is_needed(op, name))
                });
                let own = own.map(|(name, value)| (name.clone(), value.clone()));
                kept::keep_attrs(&mut block, hidden(node).chain(own).collect());
                if is_other {
                    kept::keep_op(&mut block, &node.op);
                }
                Stands::Block(block)
            }
            Err(why) => Stands::Described(Some(why)),
        }
    }

    /// A constant: typed on the page if it is small, else read from the file.
    fn constant(&mut self, index: usize) -> Result<BlockNode, String> {
        let node = &self.def.node[index];
        let Some(Proto::Tensor(proto)) = node.attr.get("value").and_then(|attr| attr.value.as_ref()) else {
            return Err("has no value".to_owned());
        };
        let plain = data_type::plain(proto.dtype);
        let plain = plain.map(|plain| TensorProto { dtype: data_type::number(plain), ..proto.clone() });
        let proto = plain.as_ref().unwrap_or(proto);
        let tensor = tensor::from_proto(proto).map_err(|why| format!("is {why}"))?;
        let dtype = tensor.dtype();
        self.spread += tensor.bytes().saturating_sub(proto.encoded_len() as u64);
        if self.spread > MOST_SPREAD {
            return Err("is one number for many elements, and there are too many of such".to_owned());
        }
        if tensor.len() <= MOST_TYPED || dtype == DType::String {
            let value = literal::of_tensor_as(&tensor, Some(dtype));
            if literal::tensor(&value, Some(dtype)).is_ok_and(|typed| is_same(&typed, &tensor)) {
                let is_plain = literal::tensor(&value, None).is_ok_and(|typed| is_same(&typed, &tensor));
                let mut attrs = vec![("value", value)];
                if !is_plain {
                    attrs.push(("dtype", Value::String(dtype.name().to_owned())));
                }
                return Ok(BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new("Const") });
            }
        }
        if dtype == DType::String {
            return Err("is text that a page cannot say".to_owned());
        }
        let id = &self.ids[index];
        let path = Value::String(self.how.constants.to_owned());
        let attrs = [("path", path), ("part", Value::String(id.as_str().to_owned()))];
        self.constants.push((id.clone(), tensor));
        Ok(BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new("File") })
    }

    /// What is fed, with what it is else where that is a small constant.
    fn placeholder(&self, node: &NodeDef, default: Option<(usize, usize)>) -> Result<BlockNode, String> {
        let number = match node.attr.get("dtype").and_then(|attr| attr.value.as_ref()) {
            Some(Proto::Type(number)) => *number,
            _ => 0,
        };
        let dtype = data_type::of_number(number)?;
        let mut attrs = vec![("dtype".to_owned(), Value::String(dtype.name().to_owned()))];
        let is_any = |shape: &Value| {
            let producer = self.def.versions.as_ref().map_or(0, |versions| versions.producer);
            producer < SHAPES_SINCE && *shape == Value::list(Vec::new())
        };
        let shape = node.attr.get("shape").and_then(attr::from_proto);
        attrs.extend(shape.filter(|shape| !is_any(shape)).map(|shape| ("shape".to_owned(), shape)));
        if let Some((from, _)) = default {
            let value = self.typed(from).ok_or("its default is no small constant")?;
            attrs.push(("default".to_owned(), value));
        }
        Ok(BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new("Placeholder") })
    }

    /// A small constant, as it is typed.
    fn typed(&self, index: usize) -> Option<Value> {
        let node = &self.def.node[index];
        let value = node.attr.get("value").filter(|_| node.op == "Const")?.value.as_ref()?;
        let Proto::Tensor(proto) = value else { return None };
        let tensor = tensor::from_proto(proto).ok().filter(|tensor| tensor.len() <= MOST_TYPED)?;
        Some(literal::of_tensor_as(&tensor, Some(tensor.dtype())))
    }

    /// A node by the description of its operation.
    fn described(&self, node: &NodeDef) -> BlockNode {
        let is_taken = self.how.registry.get(&node.op).is_some_and(|ty| ty.code.is_some());
        let name = if is_taken { format!("{}{}", described::PREFIX, node.op) } else { node.op.clone() };
        let mut block = BlockNode::new(&name);
        let (Some(op), Some(spec)) = (definitions::op(&node.op), self.spec(&block)) else { return block };
        let (mut attrs, mut rest) = (Vec::new(), BTreeMap::new());
        for (name, value) in node.attr.iter().filter(|(name, _)| *name != INFERRED_SHAPES) {
            if is_told_by_wires(op, name, value) || is_default(op, name, value) {
                continue;
            }
            let ty = op.attr.iter().find(|attr| attr.name == *name).map(|attr| attr.r#type.as_str());
            let said = attr::from_proto(value).filter(|said| {
                let resolved = spec.attr(name).and_then(|spec| spec.resolve(said, None).ok());
                resolved.is_some_and(|resolved| attr::to_proto_as(&resolved, ty.unwrap_or_default()) == *value)
            });
            match said {
                Some(said) => attrs.push((name.clone(), said)),
                None => drop(rest.insert(name.clone(), value.clone())),
            }
        }
        block.attrs = attrs.into_iter().collect::<Entries>();
        kept::keep_attrs(&mut block, rest);
        block
    }

    /// A node whose operation nobody describes.
    fn unknown(&self, index: usize) -> BlockNode {
        let node = &self.def.node[index];
        let mut block = BlockNode::new(&node.op);
        kept::keep_attrs(&mut block, node.attr.clone());
        let types = self.read_as.get(&index).cloned().unwrap_or_default();
        let count = types.keys().next_back().map_or(0, |last| last + 1);
        let types: Vec<i32> = (0..count).map(|output| types.get(&output).copied().unwrap_or_default()).collect();
        kept::keep_output_types(&mut block, &types);
        block
    }

    /// As what outputs of unknown operations are read.
    fn read_as(&self) -> HashMap<usize, BTreeMap<usize, i32>> {
        let mut read_as: HashMap<usize, BTreeMap<usize, i32>> = HashMap::new();
        for (node, comes) in self.def.node.iter().zip(&self.incoming.0) {
            let Some(op) = definitions::op(&node.op) else { continue };
            let args = counted_out(op.input_arg.iter(), node);
            for ((arg, item), (from, output)) in args.into_iter().zip(&comes.data) {
                let number = type_of(arg, item.unwrap_or(0), &node.attr);
                if let (Stands::Unknown, Some(number)) = (&self.stands[*from], number) {
                    read_as.entry(*from).or_default().insert(*output, number);
                }
            }
        }
        read_as
    }

    /// For each of a node's inputs the port that it comes to; nothing for what the block does not read.
    fn inputs(&self, index: usize, block: &BlockNode, spec: Option<&BlockSpec>) -> Vec<Option<String>> {
        let (node, comes) = (&self.def.node[index], &self.incoming.0[index]);
        let (Some(op), Some(spec)) = (definitions::op(&node.op), spec) else {
            return (0..comes.data.len()).map(|nth| Some(format!("{}{nth}", kept::INPUT))).collect();
        };
        let port = |name: &str| spec.port(Direction::In, name).map(|port| port.name.to_string());
        let is_fed = spec.role == Role::Feed && !block.attrs.is_empty();
        let ports = counted_out(op.input_arg.iter(), node).into_iter();
        ports.map(|(arg, _)| if is_fed { None } else { port(&arg.name) }).collect()
    }

    /// What an output of a node is called.
    fn output(&self, index: usize, output: usize, opaque: &BTreeMap<usize, String>) -> String {
        let node = &self.def.node[index];
        let spec = match &self.stands[index] {
            Stands::Unknown => None,
            Stands::Block(block) if !opaque.contains_key(&index) => self.spec(block),
            // Ports of descriptions have the names of the operation's.
            Stands::Block(_) | Stands::Described(_) => None,
        };
        let op = definitions::op(&node.op).filter(|_| !matches!(self.stands[index], Stands::Unknown));
        let arg = op.and_then(|op| output_of(op, node, output));
        let Some((arg, item)) = arg else { return format!("{}{output}", kept::OUTPUT) };
        let port = spec.and_then(|spec| spec.port(Direction::Out, &arg.name));
        let name = port.map_or(arg.name.as_str(), |port| &port.name);
        match item {
            Some(item) => format!("{name}[{item}]"),
            None => name.to_owned(),
        }
    }
}

/// Whether two tensors are the same, the bits of what is no number too.
fn is_same(a: &Tensor, b: &Tensor) -> bool {
    a.same_bits(b) && tensor::content(a) == tensor::content(b)
}

/// What pages are written with where an operation takes quantized types, which are whole numbers on a page: casts that
/// leave every bit, named after a port of what they stand at.
fn wires(def: &GraphDef, incoming: &Incoming) -> HashMap<usize, (usize, usize)> {
    let plain = |node: &NodeDef, name: &str| match node.attr.get(name).and_then(|attr| attr.value.as_ref()) {
        Some(Proto::Type(number)) => {
            data_type::name(*number).map(|name| (name.starts_with('q'), name.replace('q', "")))
        }
        _ => None,
    };
    let mut found = HashMap::new();
    for (index, (node, comes)) in def.node.iter().zip(&incoming.0).enumerate() {
        let (from, to) = (plain(node, "T"), plain(node, "type"));
        let is_cast = from.zip(to).is_some_and(|(from, to)| from.0 != to.0 && from.1 == to.1);
        let is_named = node.name.ends_with(CAST) && node.name.contains('/');
        if let (true, [from]) = (node.op == "Bitcast" && is_cast && is_named, comes.data.as_slice()) {
            found.insert(index, *from);
        }
    }
    // One may come of another.
    let ends: Vec<(usize, (usize, usize))> = found
        .iter()
        .map(|(index, from)| {
            let (mut from, mut turns) = (*from, 0);
            while let (Some(next), true) = (found.get(&from.0), turns < found.len()) {
                (from, turns) = (*next, turns + 1);
            }
            (*index, from)
        })
        .collect();
    // What goes round in a circle comes of nothing.
    ends.into_iter().filter(|(_, from)| !found.contains_key(&from.0)).collect()
}

/// Ids of blocks, made of the nodes' names.
fn ids(def: &GraphDef) -> Vec<BlockId> {
    let mut taken: HashSet<String> = HashSet::with_capacity(def.node.len());
    let mut nths: HashMap<String, usize> = HashMap::new();
    let id = |node: &NodeDef| {
        let stem: String = node.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let stem = if stem.is_empty() { "_".to_owned() } else { stem };
        let mut name = stem.clone();
        while !taken.insert(name.clone()) {
            let nth = nths.entry(stem.clone()).or_insert(0);
            *nth += 1;
            name = format!("{stem}_{nth}");
        }
        BlockId::new(&name)
    };
    def.node.iter().filter_map(id).collect()
}

/// Inputs or outputs with lists counted out: which they belong to, and which part of a list they are.
fn counted_out<'d>(args: impl Iterator<Item = &'d ArgDef>, node: &NodeDef) -> Vec<(&'d ArgDef, Option<usize>)> {
    let mut all = Vec::new();
    for arg in args {
        let is_list = !arg.number_attr.is_empty() || !arg.type_list_attr.is_empty();
        // No node has more inputs than it names, and of outputs only those are asked for that are read.
        let count = count(arg, &node.attr).min(1 << 16);
        all.extend((0..count).map(|item| (arg, is_list.then_some(item))));
    }
    all
}

/// Which output number `output` belongs to, and which part of a list it is.
fn output_of<'d>(op: &'d OpDef, node: &NodeDef, output: usize) -> Option<(&'d ArgDef, Option<usize>)> {
    let mut item = output;
    for arg in &op.output_arg {
        let count = count(arg, &node.attr);
        if item < count {
            let is_list = !arg.number_attr.is_empty() || !arg.type_list_attr.is_empty();
            return Some((arg, is_list.then_some(item)));
        }
        item -= count;
    }
    None
}

fn counts(op: &OpDef, node: &NodeDef) -> usize {
    op.input_arg.iter().fold(0, |sum, arg| sum.saturating_add(count(arg, &node.attr)))
}

/// Attributes that concern no operation.
fn hidden(node: &NodeDef) -> impl Iterator<Item = (String, AttrValue)> {
    let hidden = node.attr.iter().filter(|(name, _)| name.starts_with('_') && *name != INFERRED_SHAPES);
    hidden.map(|(name, value)| (name.clone(), value.clone()))
}

/// Whether an attribute is told by what is wired: a count, or data types that there are tensors of here.
fn is_told_by_wires(op: &OpDef, name: &str, value: &AttrValue) -> bool {
    let is_own = |number: &i32| data_type::of_number(*number).is_ok();
    described::follows(op, name)
        && match &value.value {
            Some(Proto::Type(number)) => is_own(number),
            _ => true,
        }
}

/// The block that gives what comes to it, for an operation that does as long as nothing is fed to it.
fn passes_on(op: &OpDef, node: &NodeDef) -> Result<BlockNode, String> {
    let input = op.input_arg.first().and_then(|arg| type_of(arg, 0, &node.attr));
    let dtype = input.ok_or_else(|| "says no data type".to_owned())?;
    data_type::of_number(dtype).map(|_| BlockNode::new(older::PASSES_ON))
}

/// Whether an operation has to be told an attribute that no wire tells.
fn is_needed(op: &OpDef, name: &str) -> bool {
    let described = op.attr.iter().find(|attr| attr.name == name);
    described.is_some_and(|attr| attr.default_value.is_none()) && !described::follows(op, name)
}

/// Whether an attribute says that a constant is of a quantized type, which a page has whole numbers for.
fn is_quantized(name: &str, value: &AttrValue) -> bool {
    let number = match &value.value {
        Some(Proto::Type(number)) => *number,
        _ => 0,
    };
    name == "dtype" && data_type::plain(number).is_some()
}

fn is_default(op: &OpDef, name: &str, value: &AttrValue) -> bool {
    op.attr.iter().any(|attr| attr.name == name && attr.default_value.as_ref() == Some(value))
}

/// The block of an operation's name, if that can stand for a node.
fn same_name(spec: &BlockSpec, op: &OpDef, node: &NodeDef) -> Result<BlockNode, String> {
    if !matches!(spec.role, Role::Operation | Role::Counted) {
        return Err(format!("a {} of a graph is a reference, which no block is", spec.name));
    }
    for (args, direction) in [(&op.input_arg, Direction::In), (&op.output_arg, Direction::Out)] {
        for arg in args {
            let port = spec.port(direction, &arg.name).ok_or_else(|| format!("the block has no port {}", arg.name))?;
            for (arg, item) in counted_out(std::iter::once(arg), node) {
                let Some(number) = type_of(arg, item.unwrap_or(0), &node.attr) else { continue };
                let dtype = data_type::standing_for(op, &arg.type_attr, number);
                if dtype.is_none_or(|dtype| !port.types.allows(dtype)) {
                    let name = data_type::name(number).unwrap_or_else(|| format!("data type {number}"));
                    return Err(format!("the block's {} is no {name}", arg.name));
                }
            }
        }
    }
    let mut attrs = Vec::new();
    for (name, value) in node.attr.iter().filter(|(name, _)| !name.starts_with('_')) {
        let Some(described) = spec.attr(name) else {
            let is_of_port = op.output_arg.iter().any(|arg| arg.type_attr == *name);
            if described::follows(op, name) || is_of_port || is_default(op, name, value) {
                continue;
            }
            return Err(format!("the block has no {name}"));
        };
        let said = match &value.value {
            Some(Proto::Type(number)) => {
                data_type::standing_for(op, name, *number).map(|dtype| Value::String(dtype.name().to_owned()))
            }
            _ => attr::from_proto(value),
        };
        let said = said.ok_or_else(|| format!("its {name} cannot be written on a page"))?;
        described.resolve(&said, None)?;
        if described.default.value().as_ref() != Some(&said) {
            attrs.push((described.name.to_string(), said));
        }
    }
    Ok(BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new(&spec.name) })
}
