//! The page on its way, and what a rule of the table sees of a node.

use std::collections::HashSet;
use std::sync::Arc;

use node_core::check::State;
use node_core::page::Entries;
use node_core::{
    BlockId, BlockNode, DType, Feeds, Page, PartialShape, PortRef, Registry, Tensor, TensorType, Wire, literal,
};

use crate::opaque;
use crate::proto::{AttributeProto, NodeProto};

/// A constant of more elements stands in a file.
const MOST_TYPED: usize = 64;

/// Of larger tensors nobody but a run looks at the elements.
const MOST_LOOKED_AT: usize = 256;

/// A value of the model.
#[derive(Clone)]
pub struct Value {
    /// Where it is on the page; a constant is put there once something reads it.
    port: Option<PortRef>,
    /// Its type, if it is known.
    pub ty: Option<TensorType>,
    /// Its tensor, if it is known before any run.
    pub known: Option<Tensor>,
    name: Arc<str>,
}

impl Value {
    /// A tensor of the model.
    pub fn constant(name: &str, tensor: Tensor) -> Value {
        Value { port: None, ty: Some(tensor.tensor_type()), known: Some(tensor), name: name.into() }
    }

    /// What a block gives that nobody here knows.
    pub fn unknown(port: PortRef) -> Value {
        Value { port: Some(port), ty: None, known: None, name: "".into() }
    }

    /// A block that gives what is known of it, and which of its outputs does.
    fn stand_in(&self) -> (BlockNode, &'static str) {
        let text = |dtype: DType| node_core::Value::String(dtype.name().to_owned());
        if let Some(known) = self.known.as_ref().filter(|known| known.len() <= MOST_LOOKED_AT) {
            let attrs = [("value", literal::of_tensor_as(known, Some(known.dtype()))), ("dtype", text(known.dtype()))];
            return (BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new("Const") }, "output");
        }
        let Some(ty) = &self.ty else {
            let attrs =
                [("op_type", node_core::Value::String(String::new())), ("num_outputs", node_core::Value::Int(1))];
            return (BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new(opaque::NAME) }, "outputs[0]");
        };
        let mut attrs = vec![("dtype", text(ty.dtype))];
        attrs.extend(ty.shape.dims().map(|dims| ("shape", shape_text(dims))));
        (BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new("Placeholder") }, "output")
    }

    /// Its data type.
    pub fn dtype(&self) -> Result<DType, String> {
        self.ty.as_ref().map(|ty| ty.dtype).ok_or_else(|| "needs what is not known here".to_owned())
    }

    /// Its dimensions, as far as they are known.
    pub fn dims(&self) -> Result<&[Option<usize>], String> {
        self.ty.as_ref().and_then(|ty| ty.shape.dims()).ok_or_else(|| "has an input of unknown rank".to_owned())
    }

    /// Its dimensions, all of them known.
    pub fn whole(&self) -> Result<Vec<i64>, String> {
        let dims = self.dims()?.iter().map(|dim| dim.map(|dim| dim as i64)).collect::<Option<Vec<_>>>();
        dims.ok_or_else(|| "has an input of unknown shape".to_owned())
    }

    /// Its whole numbers.
    pub fn ints(&self) -> Result<Vec<i64>, String> {
        let known = self.known.as_ref().ok_or("has a parameter that is known in a run alone")?;
        let number = |at| known.element(at).and_then(|element| element.as_f64()).map(|number| number as i64);
        match (known.slice::<i64>(), known.slice::<i32>()) {
            (Some(numbers), _) => Ok(numbers.to_vec()),
            _ => (0..known.len())
                .map(number)
                .collect::<Option<_>>()
                .ok_or_else(|| "has a parameter that is no number".to_owned()),
        }
    }
}

/// A shape as a page writes it, -1 where unknown.
fn shape_text(dims: &[Option<usize>]) -> node_core::Value {
    let dim = |dim: &Option<usize>| node_core::Value::Int(dim.map_or(-1, |dim| dim as i64));
    node_core::Value::list(dims.iter().map(dim).collect())
}

/// Where an input of a block comes from.
pub enum From<'v> {
    /// A value of the model.
    Wire(&'v Value),
    /// A tensor typed at the port.
    Typed(Tensor),
}

impl<'v> std::convert::From<&'v Value> for From<'v> {
    fn from(value: &'v Value) -> From<'v> {
        From::Wire(value)
    }
}

/// Whole numbers at a port.
pub fn typed(numbers: &[i64]) -> From<'static> {
    let narrow: Result<Vec<i32>, _> = numbers.iter().map(|number| i32::try_from(*number)).collect();
    From::Typed(narrow.map_or_else(|_| Tensor::vector(numbers.to_vec()), Tensor::vector))
}

/// One whole number at a port.
pub fn typed_scalar(number: i64) -> From<'static> {
    From::Typed(i32::try_from(number).map_or_else(|_| Tensor::scalar(number), Tensor::scalar))
}

/// A page as it was before a node.
pub struct Mark {
    blocks: usize,
    wires: usize,
    constants: usize,
}

/// A page that is being made.
pub struct Building<'a> {
    registry: &'a Registry,
    file: &'a str,
    page: Page,
    /// Its blocks, in the order in which they were put.
    added: Vec<BlockId>,
    wires: Vec<Wire>,
    taken: HashSet<String>,
    constants: Vec<(BlockId, Tensor)>,
}

impl<'a> Building<'a> {
    /// An empty one.
    pub fn new(registry: &'a Registry, file: &'a str) -> Building<'a> {
        Building {
            registry,
            file,
            page: Page::default(),
            added: Vec::new(),
            wires: Vec::new(),
            taken: HashSet::new(),
            constants: Vec::new(),
        }
    }

    /// The page as it is now, …
    pub fn mark(&self) -> Mark {
        Mark { blocks: self.added.len(), wires: self.wires.len(), constants: self.constants.len() }
    }

    /// … and is again.
    pub fn back_to(&mut self, mark: Mark) {
        for id in self.added.drain(mark.blocks..) {
            self.page.blocks.remove(&id);
        }
        self.wires.truncate(mark.wires);
        self.constants.truncate(mark.constants);
    }

    /// Nobody but an input or output of the model gets its name.
    pub fn keep_name(&mut self, name: &str) {
        self.taken.insert(stem(name));
    }

    /// An id that no block has, made of a name.
    pub fn fresh(&mut self, name: &str) -> BlockId {
        let stem = stem(name);
        let mut id = stem.clone();
        let mut nth = 0;
        while !self.taken.insert(id.clone()) {
            nth += 1;
            id = format!("{stem}_{nth}");
        }
        // Letters, digits and underscores make an id.
        BlockId::new(&id).unwrap_or_else(|| self.fresh("block"))
    }

    /// Adds a block.
    pub fn put(&mut self, id: &BlockId, block: BlockNode) {
        self.page.blocks.insert(id.clone(), Arc::new(block));
        self.added.push(id.clone());
    }

    /// Adds a wire.
    pub fn wire(&mut self, from: PortRef, to: &BlockId, port: &str) {
        self.wires.push(Wire { from, to: PortRef::new(to, port) });
    }

    /// What is fed.
    pub fn placeholder(&mut self, name: &str, dtype: DType, shape: &PartialShape) -> Result<Value, String> {
        let id = BlockId::new(&stem(name)).unwrap_or_else(|| self.fresh(name));
        let mut attrs = vec![("dtype", node_core::Value::String(dtype.name().to_owned()))];
        attrs.extend(shape.dims().map(|dims| ("shape", shape_text(dims))));
        let block = BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new("Placeholder") };
        let values = self.values(&id, &block, &[]);
        self.put(&id, block);
        values.map(|mut values| values.remove(0))
    }

    /// An output of the model, by its own name.
    pub fn output(&mut self, name: &str, value: Value) {
        let id = BlockId::new(&stem(name)).filter(|id| !self.page.blocks.contains_key(id));
        let id = id.unwrap_or_else(|| self.fresh(name));
        let from = self.port_of(&value);
        self.put(&id, BlockNode::new("Identity"));
        self.wire(from, &id, "input");
    }

    /// Where a value is on the page.
    pub fn port_of(&mut self, value: &Value) -> PortRef {
        match (&value.port, &value.known) {
            (Some(port), _) => port.clone(),
            (None, Some(tensor)) => self.constant(&value.name, tensor),
            // Whatever is no constant is on the page.
            (None, None) => PortRef::new(&self.fresh(&value.name), "output"),
        }
    }

    /// The block of a constant: once for each name.
    fn constant(&mut self, name: &str, tensor: &Tensor) -> PortRef {
        let id = BlockId::new(&format!("{}_value", stem(name)));
        if let Some(id) = id.filter(|id| self.page.blocks.contains_key(id)) {
            return PortRef::new(&id, "output");
        }
        let id = self.fresh(&format!("{name}_value"));
        let value = literal::of_tensor_as(tensor, Some(tensor.dtype()));
        let is_typed = tensor.len() <= MOST_TYPED || tensor.dtype() == DType::String;
        let reads_back =
            |text: &node_core::Value| literal::tensor(text, Some(tensor.dtype())).is_ok_and(|t| t.same_bits(tensor));
        let block = if is_typed && reads_back(&value) {
            let dtype = node_core::Value::String(tensor.dtype().name().to_owned());
            let attrs: Entries = [("value", value), ("dtype", dtype)].into_iter().collect();
            BlockNode { attrs, ..BlockNode::new("Const") }
        } else {
            let path = node_core::Value::String(self.file.to_owned());
            let part = node_core::Value::String(id.as_str().to_owned());
            self.constants.push((id.clone(), tensor.clone()));
            BlockNode { attrs: [("path", path), ("part", part)].into_iter().collect(), ..BlockNode::new("File") }
        };
        self.put(&id, block);
        PortRef::new(&id, "output")
    }

    /// What a block gives from these inputs, or why it cannot be: on a page of its own, with what is known of them.
    fn values(&self, id: &BlockId, block: &BlockNode, inputs: &[(&str, &Value)]) -> Result<Vec<Value>, String> {
        let mut page = Page::default();
        page.blocks.insert(id.clone(), Arc::new(block.clone()));
        let mut wires = Vec::new();
        for (nth, (port, value)) in inputs.iter().enumerate() {
            // No id of a model's has these letters alone.
            let Some(from) = BlockId::new(&format!("{id}_input_{nth}")) else { continue };
            let (source, output) = value.stand_in();
            page.blocks.insert(from.clone(), Arc::new(source));
            wires.push(Wire { from: PortRef::new(&from, output), to: PortRef::new(id, port) });
        }
        page.wires = Arc::new(wires);
        let checked = node_core::check(&Arc::new(page), self.registry, &Feeds::new());
        let block = checked.blocks.get(id).ok_or("is not there")?;
        if block.state == State::Faulty {
            let problem = checked.problems_of(id).next();
            return Err(problem.map_or_else(String::new, |problem| problem.message.clone()));
        }
        let Some(setup) = &block.setup else { return Err("is of a type that is not known here".to_owned()) };
        let value = |(index, output): (usize, &node_core::ports::Output)| Value {
            port: Some(PortRef::new(id, &output.name)),
            ty: block.outputs.get(index).cloned(),
            known: block.values.as_ref().and_then(|values| values.get(index)).cloned(),
            name: "".into(),
        };
        Ok(setup.ports.outputs().iter().enumerate().map(value).collect())
    }

    /// The page, and what stands in the file.
    pub fn done(mut self) -> (Page, Vec<(BlockId, Tensor)>) {
        self.page.wires = Arc::new(self.wires);
        self.constants.sort_by(|(a, _), (b, _)| a.cmp(b));
        (self.page, self.constants)
    }
}

fn stem(name: &str) -> String {
    let stem: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if stem.is_empty() { "_".to_owned() } else { stem }
}

/// A node of the model, and the page that it comes to.
pub struct Operation<'o, 'a> {
    /// The node.
    pub node: &'o NodeProto,
    /// The version of its operations.
    pub version: i64,
    /// What comes to it.
    pub inputs: &'o [Option<Value>],
    building: &'o mut Building<'a>,
    /// Attributes that a rule has read: what nobody reads is not covered.
    read: HashSet<&'o str>,
}

impl<'o, 'a> Operation<'o, 'a> {
    /// A node with what comes to it.
    pub fn new(
        node: &'o NodeProto,
        version: i64,
        inputs: &'o [Option<Value>],
        building: &'o mut Building<'a>,
    ) -> Operation<'o, 'a> {
        Operation { node, version, inputs, building, read: HashSet::new() }
    }

    /// An input, if it is given.
    pub fn given(&self, nth: usize) -> Option<&'o Value> {
        self.inputs.get(nth)?.as_ref()
    }

    /// An input that must be there.
    pub fn input(&self, nth: usize) -> Result<&'o Value, String> {
        self.given(nth).ok_or_else(|| format!("lacks its input number {nth}"))
    }

    fn attribute(&mut self, name: &str) -> Option<&'o AttributeProto> {
        let found = self.node.attribute.iter().find(|attribute| attribute.name == name)?;
        self.read.insert(&found.name);
        Some(found)
    }

    /// A whole number.
    pub fn int(&mut self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    /// A number.
    pub fn float(&mut self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    /// Whole numbers, if they are given.
    pub fn ints(&mut self, name: &str) -> Option<Vec<i64>> {
        self.attribute(name).map(|attribute| attribute.ints.clone())
    }

    /// A text.
    pub fn text(&mut self, name: &str, default: &str) -> String {
        self.attribute(name).map_or(default.to_owned(), |attribute| String::from_utf8_lossy(&attribute.s).into_owned())
    }

    /// A tensor, if it is given.
    pub fn tensor(&mut self, name: &str) -> Option<Result<Tensor, String>> {
        self.attribute(name)?.t.as_ref().map(crate::tensor::tensor)
    }

    /// That an attribute says nothing here.
    pub fn ignore(&mut self, name: &str) {
        self.attribute(name);
    }

    /// The first attribute that no rule has read.
    pub fn unread(&self) -> Option<&'o str> {
        self.node.attribute.iter().map(|attribute| attribute.name.as_str()).find(|name| !self.read.contains(name))
    }

    /// Adds a block with these attributes and inputs, and gives what it gives.
    pub fn block(
        &mut self,
        type_name: &str,
        attrs: Vec<(&str, node_core::Value)>,
        inputs: Vec<(&str, From<'_>)>,
    ) -> Result<Vec<Value>, String> {
        let called = [&self.node.name].into_iter().chain(self.node.output.first()).find(|name| !name.is_empty());
        let id = self.building.fresh(called.map_or(type_name, |name| name.as_str()));
        let mut block = BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new(type_name) };
        let mut wired = Vec::new();
        for (port, from) in inputs {
            match from {
                From::Wire(value) => wired.push((port, value)),
                From::Typed(tensor) => {
                    let value = literal::of_tensor(&tensor);
                    block.inputs.set(port, Some(value.into()), None);
                }
            }
        }
        let values = self.building.values(&id, &block, &wired)?;
        self.building.put(&id, block);
        for (port, value) in wired {
            let from = self.building.port_of(value);
            self.building.wire(from, &id, port);
        }
        Ok(values)
    }

    /// Adds a block of one output.
    pub fn one(
        &mut self,
        type_name: &str,
        attrs: Vec<(&str, node_core::Value)>,
        inputs: Vec<(&str, From<'_>)>,
    ) -> Result<Value, String> {
        self.block(type_name, attrs, inputs)?.into_iter().next().ok_or_else(|| "gives nothing".to_owned())
    }

    /// The names of a block type's inputs, in order.
    pub fn ports(&self, type_name: &str) -> Vec<String> {
        let spec = self.building.registry.get(type_name).map(|ty| &ty.spec);
        spec.into_iter().flat_map(|spec| spec.inputs()).map(|port| port.name.to_string()).collect()
    }
}
