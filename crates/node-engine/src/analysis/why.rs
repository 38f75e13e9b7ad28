//! Why an element has its value, from block to block, down to the sources.
//!
//! What a run has left is enough: elements of blocks that work element by element are worked out again by their kernels,
//! which give the same bits whatever is computed with them.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use node_core::check::{CheckedBlock, CheckedPage, Source, State, guarded};
use node_core::kernel::{Chunk, Kernel, Operand};
use node_core::why::{Elements, Origin, met};
use node_core::{
    BlockId, InferCx, InputType, KnownType, PortRef, Problem, Reason, Scalar, Setup, Tensor, WhyCx, for_operand,
};

use super::before_run::{inputs_before_run, unknown_type};
use crate::fetch::needed_blocks;
use crate::results::BlockResult;

/// An element of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element {
    /// The block.
    pub block: BlockId,
    /// Which of its tensors.
    pub of: Of,
    /// Which element of that, row-major.
    pub flat: usize,
}

/// A tensor at a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// An output.
    Output(usize),
    /// The literal of an input.
    Literal(usize),
}

/// Why an element has its value.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The value.
    pub value: Scalar,
    /// Why, in the block's words.
    pub reason: Reason,
    /// The elements that it comes from: those of the reason, where they are on the page.
    pub from: Vec<Element>,
}

/// How what a run has left of a block is looked up.
type Find<'r> = dyn Fn(&BlockId) -> Option<&'r BlockResult> + 'r;

/// A page that has run, to be asked.
pub struct Explainer<'r> {
    pub(super) checked: &'r CheckedPage,
    find: &'r Find<'r>,
    /// The values of elements that were worked out.
    known: RefCell<HashMap<Element, Option<Tensor>>>,
    /// The kernels of blocks that elements were worked out by.
    kernels: RefCell<HashMap<BlockId, Rc<[Kernel]>>>,
}

/// What has to be fetched and previewed of a run so that `port` can be explained down to the sources.
pub fn needed(checked: &CheckedPage, port: &PortRef) -> (Vec<PortRef>, Vec<PortRef>) {
    let ids = needed_blocks(checked, std::slice::from_ref(port));
    let mut fetched = BTreeSet::new();
    for id in &ids {
        let Some(block) = checked.blocks.get(id).filter(|block| block.state == State::Ready) else { continue };
        let Some(setup) = &block.setup else { continue };
        let kernels = kernels_before_run(block, setup);
        if !works_by_element(&kernels) {
            fetched.insert(PortRef::new(id, ""));
        }
        let is_folded = match &kernels {
            Some(kernels) => kernels.iter().any(|kernel| matches!(kernel, Kernel::Reduce(..))),
            None => changes_shape(block, setup),
        };
        for (spec, sources) in setup.spec().inputs().zip(block.inputs.iter()) {
            let is_whole = spec.parameter || is_folded && kernels.as_ref().is_none_or(|kernels| !kernels.is_empty());
            for source in sources.iter().filter(|_| is_whole) {
                fetched.extend(port_of(checked, source));
            }
        }
    }
    let previewed = ids.iter().map(|id| PortRef::new(id, "")).collect();
    (fetched.into_iter().collect(), previewed)
}

/// Whether an output may have another shape than what goes in: where kernels are not known, it may come of a fold.
fn changes_shape(block: &CheckedBlock, setup: &Setup) -> bool {
    let shapes = block.outputs.iter().map(|ty| ty.shape.known());
    let parameters = setup.spec().inputs().any(|port| port.parameter);
    let mut shapes = shapes.collect::<Option<Vec<_>>>().unwrap_or_default().into_iter();
    let first = shapes.next();
    !parameters || first.is_none_or(|first| shapes.any(|shape| shape != first) || first.elements() < 2)
}

fn port_of(checked: &CheckedPage, source: &Source) -> Option<PortRef> {
    let Source::Output { block, index } = source else { return None };
    Some(PortRef::new(block, checked.blocks.get(block)?.setup.as_ref()?.output_name(*index)))
}

/// A block's kernels, as far as they can be known before a run.
fn kernels_before_run(block: &CheckedBlock, setup: &Setup) -> Option<Vec<Kernel>> {
    if block.passes.is_some() {
        return Some(Vec::new());
    }
    let code = setup.ty.code.as_ref()?;
    let unknown = setup
        .spec()
        .inputs()
        .zip(block.inputs.iter())
        .any(|(port, sources)| port.parameter && sources.iter().any(|source| !matches!(source, Source::Literal)));
    // Where parameters come from others, what they decide is not known; that a block has no kernels at all is.
    let inputs = inputs_before_run(block);
    let kernels = guarded(|| code.kernels(&InferCx::new(setup, &inputs))).ok();
    if unknown { kernels.filter(Vec::is_empty) } else { kernels }
}

/// Whether every output can be worked out element by element.
fn works_by_element(kernels: &Option<Vec<Kernel>>) -> bool {
    let by_element = |kernel: &Kernel| matches!(kernel, Kernel::Map(_) | Kernel::Same(_));
    kernels.as_ref().is_some_and(|kernels| !kernels.is_empty() && kernels.iter().all(by_element))
}

impl<'r> Explainer<'r> {
    /// Over a checked page; `find` gives what a run has left of a block.
    pub fn new(checked: &'r CheckedPage, find: &'r Find<'r>) -> Explainer<'r> {
        Explainer { checked, find, known: RefCell::default(), kernels: RefCell::default() }
    }

    /// The element at an index of an output; negative ones count from the end. What is wrong with it, if anything.
    pub fn element(&self, port: &PortRef, index: &[i64]) -> Result<Element, String> {
        let block =
            self.checked.blocks.get(&port.block).ok_or_else(|| format!("there is no block '{}'", port.block))?;
        let output = block.output_index(&port.port).ok_or_else(|| format!("there is no output '{port}'"))?;
        let of = Of::Output(output);
        let shape = self.ty(&port.block, of).ok_or_else(|| format!("{port} has no result"))?.shape;
        if index.len() != shape.rank() {
            let count = |n: usize| if n == 1 { "1 index".to_owned() } else { format!("{n} indices") };
            return Err(format!("{port} has shape {shape}: it takes {}, not {}", count(shape.rank()), index.len()));
        }
        let mut flat = 0;
        for (axis, (at, dim)) in index.iter().zip(shape.dims()).enumerate() {
            let own = if *at < 0 { i64::try_from(*dim).unwrap_or(i64::MAX) + at } else { *at };
            let place = usize::try_from(own).ok().filter(|own| own < dim);
            let place = place
                .ok_or_else(|| format!("index {at} is out of bounds for axis {axis} of {port}, which is {dim} long"))?;
            flat = flat * dim + place;
        }
        Ok(Element { block: port.block.clone(), of, flat })
    }

    /// The number of an output of its block.
    pub fn output_of(&self, port: &PortRef) -> Option<usize> {
        self.checked.blocks.get(&port.block)?.output_index(&port.port)
    }

    /// The value of an element, if it is at hand or can be worked out from what is.
    pub fn value_of(&self, element: &Element) -> Option<Scalar> {
        self.value(element)?.element(0)
    }

    /// What an element is called: `grad.output[2]`.
    pub fn name_of(&self, element: &Element) -> String {
        let name = self.port_of(element).to_string();
        match self.ty(&element.block, element.of) {
            Some(ty) => node_core::why::words::indexed(&name, &ty.shape, element.flat),
            None => name,
        }
    }

    /// The port that an element is of, and its index.
    pub fn place_of(&self, element: &Element) -> (PortRef, Vec<usize>) {
        let index = self.ty(&element.block, element.of).map(|ty| ty.shape.position(element.flat));
        (self.port_of(element), index.unwrap_or_default())
    }

    /// The output that an element is of, or the input whose literal.
    fn port_of(&self, element: &Element) -> PortRef {
        let port = self.setup(&element.block).and_then(|setup| match element.of {
            Of::Output(index) => Some(setup.output_name(index).to_owned()),
            Of::Literal(input) => setup.spec().inputs().nth(input).map(|port| port.name.to_string()),
        });
        PortRef::new(&element.block, &port.unwrap_or_default())
    }

    /// Why an element has its value; of sums at most `terms` terms are named.
    pub fn explain(&self, element: &Element, terms: usize) -> Result<Explained, Problem> {
        let problem = |message: &str| Problem::block(&element.block, message);
        let value = self.value_of(element).ok_or_else(|| problem("its elements are not at hand; run the page"))?;
        let Of::Output(output) = element.of else {
            return Ok(Explained { value, reason: Reason::of_itself("as it is typed at the input"), from: Vec::new() });
        };
        let inputs = Inputs { explainer: self, id: &element.block };
        let block = inputs.block().ok_or_else(|| problem("there is no such block"))?;
        let setup = block.setup.as_deref().ok_or_else(|| problem("its type is unknown"))?;
        let types = inputs.types();
        let known = InferCx::new(setup, &types).with_fed(block.fed.as_ref());
        let outputs = self.output_types(&element.block, setup);
        let outputs = outputs.ok_or_else(|| problem("its results are not at hand; run the page"))?;
        let cx = WhyCx::new(known, &inputs, &outputs, (output, element.flat), terms);
        let reason = match &block.passes {
            Some(passes) => {
                let passed = passes.get(output).copied().flatten();
                let passed = passed.ok_or_else(|| problem("it is muted, and nothing passes to this output"))?;
                let origin = Origin { input: passed.input, item: passed.item, flat: element.flat };
                let because = format!("{}, which passes: {} is muted", cx.name_of(origin), element.block);
                Reason { because, from: vec![origin], ..Reason::default() }
            }
            None => {
                let code = setup.ty.code.as_ref().ok_or_else(|| problem("this program cannot compute it"))?;
                let reason = guarded(|| code.why(&cx));
                reason.map_err(|faults| match faults.into_iter().next() {
                    Some(fault) => Problem::of(&element.block, fault),
                    None => problem("it does not say why"),
                })?
            }
        };
        let from = reason.from.iter().filter_map(|origin| inputs.source(*origin)).collect();
        Ok(Explained { value, reason, from })
    }

    pub(super) fn setup(&self, id: &BlockId) -> Option<&'r Arc<Setup>> {
        self.checked.blocks.get(id)?.setup.as_ref()
    }

    fn output_types(&self, id: &BlockId, setup: &Setup) -> Option<Vec<KnownType>> {
        (0..setup.ports.outputs().len()).map(|index| self.ty(id, Of::Output(index))).collect()
    }

    pub(super) fn ty(&self, id: &BlockId, of: Of) -> Option<KnownType> {
        let known = |tensor: &Tensor| KnownType { dtype: tensor.dtype(), shape: tensor.shape().clone() };
        if let Some(tensor) = self.tensor(id, of) {
            return Some(known(&tensor));
        }
        let Of::Output(index) = of else { return None };
        if let Some(preview) = (self.find)(id).and_then(|result| result.preview(index)) {
            return Some(preview.ty.clone());
        }
        let ty = self.checked.blocks.get(id)?.outputs.get(index)?;
        Some(KnownType { dtype: ty.dtype, shape: ty.shape.known()? })
    }

    /// A whole tensor, if it is at hand.
    fn tensor(&self, id: &BlockId, of: Of) -> Option<Tensor> {
        let block = self.checked.blocks.get(id)?;
        match of {
            Of::Literal(input) => block.literals.get(input)?.as_ref().map(|literal| literal.tensor.clone()),
            Of::Output(index) => {
                let found = (self.find)(id).and_then(|result| result.tensor(index)).cloned();
                found.or_else(|| block.values.as_ref()?.get(index).cloned())
            }
        }
    }

    /// The value of an element, as a vector of one. What is not at hand is worked out from what is, without going deeper
    /// into the program for a longer way.
    fn value(&self, element: &Element) -> Option<Tensor> {
        if let Some(tensor) = self.tensor(&element.block, element.of) {
            return part(&tensor, element.flat);
        }
        let mut open = vec![element.clone()];
        while let Some(top) = open.last() {
            if self.known.borrow().contains_key(top) {
                open.pop();
                continue;
            }
            let found = match self.tensor(&top.block, top.of) {
                Some(tensor) => Ok(part(&tensor, top.flat)),
                None => self.worked_out(top),
            };
            match found {
                Ok(value) => {
                    self.known.borrow_mut().insert(top.clone(), value);
                    open.pop();
                }
                Err(missing) => open.extend(missing),
            }
        }
        self.known.borrow().get(element).cloned().flatten()
    }

    /// The value of an element by the kernel of its block, or the elements that are needed first.
    fn worked_out(&self, element: &Element) -> Result<Option<Tensor>, Vec<Element>> {
        let Some((kernel, operands)) = self.kernel(element) else { return Ok(None) };
        let known = self.known.borrow();
        let missing: Vec<Element> = operands.iter().filter(|operand| !known.contains_key(operand)).cloned().collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let values: Option<Vec<Tensor>> =
            operands.iter().map(|operand| known.get(operand).cloned().flatten()).collect();
        let Some(values) = values else { return Ok(None) };
        Ok(match kernel {
            Kernel::Same(_) => values.into_iter().next(),
            Kernel::Map(map) => for_operand!(map.output(), T => {
                let chunks: Option<Vec<Chunk<'_>>> = values.iter().map(Chunk::of).collect();
                let mut out = vec![T::default()];
                let ran = chunks.and_then(|chunks| map.run(&chunks, element.flat, T::chunk_mut(&mut out)));
                ran.map(|()| Tensor::vector(out))
            }, else None),
            Kernel::Reduce(..) => None,
        })
    }

    /// The kernels of a block, with the parameters that are at hand; made once.
    pub(super) fn kernels_of(&self, id: &BlockId, block: &CheckedBlock, setup: &Setup) -> Option<Rc<[Kernel]>> {
        if let Some(kernels) = self.kernels.borrow().get(id) {
            return Some(kernels.clone());
        }
        let types = Inputs { explainer: self, id }.types();
        let known = InferCx::new(setup, &types).with_fed(block.fed.as_ref());
        let kernels = guarded(|| setup.ty.code.as_ref().map_or(Ok(Vec::new()), |code| code.kernels(&known))).ok()?;
        let kernels: Rc<[Kernel]> = kernels.into();
        self.kernels.borrow_mut().insert(id.clone(), kernels.clone());
        Some(kernels)
    }

    /// The kernel of an output that works element by element, and the elements that it takes.
    fn kernel(&self, element: &Element) -> Option<(Kernel, Vec<Element>)> {
        let Of::Output(output) = element.of else { return None };
        let inputs = Inputs { explainer: self, id: &element.block };
        let block = inputs.block()?;
        let setup = block.setup.as_deref()?;
        if let Some(passes) = &block.passes {
            let passed = passes.get(output).copied().flatten()?;
            let origin = Origin { input: passed.input, item: passed.item, flat: element.flat };
            return Some((Kernel::Same(0), vec![inputs.source(origin)?]));
        }
        let kernel = self.kernels_of(&element.block, block, setup)?.get(output)?.clone();
        let shape = self.ty(&element.block, element.of)?.shape;
        let ports = setup.spec().inputs().zip(block.inputs.iter()).enumerate();
        let ports = ports.filter(|(_, (port, _))| !port.parameter);
        let all = ports.flat_map(|(input, (_, tensors))| (0..tensors.len()).map(move |item| (input, item)));
        let one = |(input, item): (usize, usize)| {
            let flat = met(&inputs.ty(input, item)?.shape, &shape, element.flat);
            inputs.source(Origin { input, item, flat })
        };
        let operands: Vec<(usize, usize)> = match kernel {
            Kernel::Same(nth) => all.skip(nth).take(1).collect(),
            _ => all.collect(),
        };
        Some((kernel, operands.into_iter().map(one).collect::<Option<_>>()?))
    }
}

/// An element as a vector of one.
fn part(tensor: &Tensor, flat: usize) -> Option<Tensor> {
    if flat >= tensor.len() {
        return None;
    }
    match Chunk::of(tensor) {
        Some(chunk) => Some(chunk.part(flat, flat + 1).to_vector()),
        None => match tensor.element(flat)? {
            Scalar::String(text) => Some(Tensor::vector(vec![text])),
            _ => None,
        },
    }
}

/// The inputs of a block of a page that has run.
struct Inputs<'e, 'r> {
    explainer: &'e Explainer<'r>,
    id: &'e BlockId,
}

impl<'r> Inputs<'_, 'r> {
    fn block(&self) -> Option<&'r Arc<CheckedBlock>> {
        self.explainer.checked.blocks.get(self.id)
    }

    /// Where a tensor of an input comes from.
    fn tensor_of(&self, input: usize, item: usize) -> Option<(BlockId, Of)> {
        match self.block()?.inputs.get(input)?.get(item)? {
            Source::Output { block, index } => Some((block.clone(), Of::Output(*index))),
            Source::Literal => Some((self.id.clone(), Of::Literal(input))),
        }
    }

    /// Where an element of an input comes from.
    fn source(&self, origin: Origin) -> Option<Element> {
        let (block, of) = self.tensor_of(origin.input, origin.item)?;
        Some(Element { block, of, flat: origin.flat })
    }

    /// What is known of the inputs; tensors that are at hand have values.
    fn types(&self) -> Vec<Vec<InputType>> {
        let Some(block) = self.block() else { return Vec::new() };
        let counts = block.inputs.iter().map(Vec::len).enumerate();
        let of = |input: usize, item: usize| {
            let value = Elements::tensor(self, input, item);
            let ty = Elements::ty(self, input, item);
            let ty = ty.map(|ty| node_core::TensorType::new(ty.dtype, (&ty.shape).into()));
            InputType { ty: ty.unwrap_or_else(unknown_type), value }
        };
        counts.map(|(input, count)| (0..count).map(|item| of(input, item)).collect()).collect()
    }
}

impl Elements for Inputs<'_, '_> {
    fn ty(&self, input: usize, item: usize) -> Option<KnownType> {
        let (block, of) = self.tensor_of(input, item)?;
        self.explainer.ty(&block, of)
    }

    fn element(&self, origin: Origin) -> Option<Tensor> {
        self.explainer.value(&self.source(origin)?)
    }

    fn tensor(&self, input: usize, item: usize) -> Option<Tensor> {
        let (block, of) = self.tensor_of(input, item)?;
        self.explainer.tensor(&block, of)
    }
}

/// The port and the index in `BLOCK.PORT[I, J]`; without an index that of a scalar.
pub fn parse(checked: &CheckedPage, text: &str) -> Result<(PortRef, Vec<i64>), String> {
    // The item of a list output has brackets too: `output[1][0, 2]`.
    let is_output =
        |port: &PortRef| checked.blocks.get(&port.block).is_some_and(|b| b.output_index(&port.port).is_some());
    let text = text.trim();
    let (port, index) = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((port, index)) => {
            let whole = PortRef::parse(text).ok().filter(|port| is_output(port));
            let part = PortRef::parse(port.trim()).ok().filter(|port| is_output(port));
            match (part, whole) {
                (None, Some(whole)) => return Ok((whole, Vec::new())),
                _ => (port.trim(), index),
            }
        }
        None => (text, ""),
    };
    let port = PortRef::parse(port)?;
    let wrong = || format!("'{text}' is no element; write it as BLOCK.PORT[I, J]");
    let numbers = index.split(',').map(str::trim).filter(|_| !index.trim().is_empty());
    let index = numbers.map(|number| number.parse::<i64>().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    Ok((port, index))
}

/// An element of a chain back to the sources.
#[derive(Clone, Debug)]
pub struct Node {
    /// The element.
    pub element: Element,
    /// Why it has its value; nothing where that has been told before, or where there are too many.
    pub told: Answer,
    /// The elements that it comes from, by their numbers in the chain.
    pub from: Vec<usize>,
}

/// What is told of an element of a chain.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Why it has its value.
    Explained(Explained),
    /// It has been told before.
    Before(Scalar),
    /// It is one too many.
    TooMany,
    /// It cannot be told.
    Wrong(Problem),
}

impl Explainer<'_> {
    /// The chain of an element back to the sources, itself first; of each element it is told once, and of at most `most`.
    pub fn chain(&self, element: Element, terms: usize, most: usize) -> Vec<Node> {
        let mut nodes = vec![Node { element: element.clone(), told: Answer::TooMany, from: Vec::new() }];
        let mut seen = BTreeSet::new();
        // Depth first, in the order of what is most important.
        let mut open = vec![0];
        while let Some(number) = open.pop() {
            let element = nodes[number].element.clone();
            if seen.contains(&element) {
                let value = self.value_of(&element);
                nodes[number].told = value.map_or(Answer::TooMany, Answer::Before);
                continue;
            }
            if seen.len() >= most {
                continue;
            }
            seen.insert(element.clone());
            nodes[number].told = match self.explain(&element, terms) {
                Ok(explained) => {
                    let first = nodes.len();
                    let new =
                        |element: &Element| Node { element: element.clone(), told: Answer::TooMany, from: Vec::new() };
                    nodes.extend(explained.from.iter().map(new));
                    nodes[number].from = (first..nodes.len()).collect();
                    open.extend((first..nodes.len()).rev());
                    Answer::Explained(explained)
                }
                Err(problem) => Answer::Wrong(problem),
            };
        }
        nodes
    }
}
