//! What an element reaches: the elements of later outputs that are computed from it, block by block.

use std::collections::HashMap;

use node_core::check::{CheckedBlock, Source, State};
use node_core::kernel::Kernel;
use node_core::why::met;
use node_core::{BlockId, PortRef, Shape};

use super::Stop;
use super::why::{Element, Explainer, Of};

/// So many elements of an output are named.
pub const NAMED: usize = 16;

/// Outputs of so many elements are looked at one by one, where blocks have no kernels.
const ONE_BY_ONE: usize = 32_768;
/// So many terms are looked at for each of them.
const TERMS: usize = 1 << 20;

/// The elements of an output that are computed from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The output.
    pub port: PortRef,
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The first of them, row-major.
    pub first: Vec<usize>,
    /// Whether it is known which: else they all may be.
    pub exact: bool,
}

/// Which elements of an output are reached.
#[derive(Clone)]
struct Mask {
    shape: Shape,
    set: Vec<u64>,
    exact: bool,
}

impl Mask {
    fn new(shape: &Shape) -> Mask {
        Mask { shape: shape.clone(), set: vec![0; shape.elements().div_ceil(64)], exact: true }
    }

    fn all(shape: &Shape, exact: bool) -> Mask {
        let mut mask = Mask { exact, ..Mask::new(shape) };
        (0..shape.elements()).for_each(|flat| mask.add(flat));
        mask
    }

    fn add(&mut self, flat: usize) {
        self.set[flat / 64] |= 1 << (flat % 64);
    }

    fn has(&self, flat: usize) -> bool {
        self.set.get(flat / 64).is_some_and(|word| word & (1 << (flat % 64)) != 0)
    }

    fn is_empty(&self) -> bool {
        self.set.iter().all(|word| *word == 0)
    }

    fn told(&self, port: PortRef) -> Reached {
        let count = self.set.iter().map(|word| u64::from(word.count_ones())).sum();
        let all = 0..self.shape.elements();
        let first = all.filter(|flat| self.has(*flat)).take(NAMED).collect();
        Reached { port, count, of: self.shape.elements() as u64, first, exact: self.exact }
    }
}

/// What an element of an output reaches, in the order in which blocks run. What a run leaves out of account counts too: a value
/// that is multiplied by 0 is reached. `None` once stopped.
pub fn reach(explainer: &Explainer<'_>, element: &Element, stop: &Stop) -> Option<Vec<Reached>> {
    let checked = explainer.checked;
    let Of::Output(output) = element.of else { return Some(Vec::new()) };
    let mut first = Mask::new(&explainer.ty(&element.block, element.of)?.shape);
    first.add(element.flat);
    let mut masks: HashMap<(BlockId, usize), Mask> = HashMap::from([((element.block.clone(), output), first)]);
    let mut reached = Vec::new();
    for id in checked.order.iter() {
        let Some(block) = checked.blocks.get(id).filter(|block| block.state == State::Ready) else { continue };
        let Some(setup) = &block.setup else { continue };
        let inputs: Vec<Vec<Option<Mask>>> =
            block.inputs.iter().map(|port| port.iter().map(|source| of_source(&masks, source)).collect()).collect();
        if inputs.iter().flatten().all(Option::is_none) {
            continue;
        }
        for index in 0..setup.ports.outputs().len() {
            if stop.is_set() {
                return None;
            }
            let Some(ty) = explainer.ty(id, Of::Output(index)) else { continue };
            let block = Reaching { explainer, id, block, inputs: &inputs };
            let mask = block.output(index, &ty.shape, stop)?;
            if !mask.is_empty() {
                reached.push(mask.told(PortRef::new(id, setup.output_name(index))));
                masks.insert((id.clone(), index), mask);
            }
        }
    }
    Some(reached)
}

fn of_source(masks: &HashMap<(BlockId, usize), Mask>, source: &Source) -> Option<Mask> {
    match source {
        Source::Output { block, index } => masks.get(&(block.clone(), *index)).cloned(),
        Source::Literal => None,
    }
}

/// A block, and what of its inputs is reached.
struct Reaching<'r, 'e> {
    explainer: &'r Explainer<'e>,
    id: &'r BlockId,
    block: &'r CheckedBlock,
    inputs: &'r [Vec<Option<Mask>>],
}

impl Reaching<'_, '_> {
    /// What of an output is reached. `None` once stopped.
    fn output(&self, index: usize, shape: &Shape, stop: &Stop) -> Option<Mask> {
        if let Some(passes) = &self.block.passes {
            let passed = passes.get(index).copied().flatten();
            let mask = passed.and_then(|passed| self.inputs.get(passed.input)?.get(passed.item)?.clone());
            return Some(mask.unwrap_or_else(|| Mask::new(shape)));
        }
        let Some(setup) = self.explainer.setup(self.id) else { return Some(Mask::new(shape)) };
        let ports: Vec<_> = setup.spec().inputs().zip(self.inputs).collect();
        let by_parameter = ports.iter().any(|(port, masks)| port.parameter && masks.iter().any(Option::is_some));
        if by_parameter {
            return self.one_by_one(index, shape, stop);
        }
        let operands: Vec<(usize, usize)> = (0..ports.len())
            .filter(|input| !ports[*input].0.parameter)
            .flat_map(|input| (0..ports[input].1.len()).map(move |item| (input, item)))
            .collect();
        let kernels = self.explainer.kernels_of(self.id, self.block, setup);
        match kernels.as_ref().and_then(|kernels| kernels.get(index)) {
            Some(Kernel::Same(nth)) => {
                let mask = operands.get(*nth).and_then(|(input, item)| self.inputs[*input][*item].clone());
                Some(mask.unwrap_or_else(|| Mask::new(shape)))
            }
            Some(Kernel::Map(_)) => self.spread(&operands, shape, stop),
            Some(Kernel::Reduce(_, reduction)) => {
                let walked = self.walked(&operands)?;
                let before = self.spread(&operands, &walked, stop)?;
                Some(folded(&before, reduction.axes(), shape))
            }
            None => self.one_by_one(index, shape, stop),
        }
    }

    /// The shape over which operands are spread before they are folded.
    fn walked(&self, operands: &[(usize, usize)]) -> Option<Shape> {
        let shapes = operands.iter().map(|(input, item)| self.shape(*input, *item));
        shapes.reduce(|a, b| a?.broadcast(&b?)).flatten()
    }

    fn shape(&self, input: usize, item: usize) -> Option<Shape> {
        let (id, of) = match self.block.inputs.get(input)?.get(item)? {
            Source::Output { block, index } => (block, Of::Output(*index)),
            Source::Literal => (self.id, Of::Literal(input)),
        };
        Some(self.explainer.ty(id, of)?.shape)
    }

    /// What is reached element by element.
    fn spread(&self, operands: &[(usize, usize)], shape: &Shape, stop: &Stop) -> Option<Mask> {
        let mut mask = Mask::new(shape);
        for (input, item) in operands {
            let Some(from) = &self.inputs[*input][*item] else { continue };
            mask.exact &= from.exact;
            if from.shape == *shape {
                mask.set.iter_mut().zip(&from.set).for_each(|(to, from)| *to |= from);
                continue;
            }
            for flat in 0..shape.elements() {
                if flat.is_multiple_of(65_536) && stop.is_set() {
                    return None;
                }
                if from.has(met(&from.shape, shape, flat)) {
                    mask.add(flat);
                }
            }
        }
        Some(mask)
    }

    /// What is reached as the block says why each of its elements has its value; all may be where there are many.
    fn one_by_one(&self, index: usize, shape: &Shape, stop: &Stop) -> Option<Mask> {
        if shape.elements() > ONE_BY_ONE {
            return Some(Mask::all(shape, false));
        }
        let mut mask = Mask::new(shape);
        let exact = self.inputs.iter().flatten().flatten().all(|from| from.exact);
        mask.exact = exact;
        for flat in 0..shape.elements() {
            if stop.is_set() {
                return None;
            }
            let element = Element { block: self.id.clone(), of: Of::Output(index), flat };
            let Ok(explained) = self.explainer.explain(&element, TERMS) else { return Some(Mask::all(shape, false)) };
            let is_from = |from: &Element| {
                let port = self.block.inputs.iter().zip(self.inputs);
                port.flat_map(|(sources, masks)| sources.iter().zip(masks)).any(|(source, mask)| {
                    let is_it = matches!((source, from.of), (Source::Output { block, index }, Of::Output(of)) if *block == from.block && *index == of);
                    is_it && mask.as_ref().is_some_and(|mask| mask.has(from.flat))
                })
            };
            // Of long sums only the largest terms are named.
            let is_open = explained.reason.omitted > 0;
            mask.exact &= !is_open;
            if is_open || explained.from.iter().any(is_from) {
                mask.add(flat);
            }
        }
        Some(mask)
    }
}

/// What is reached of a fold over `axes`.
fn folded(before: &Mask, axes: &[bool], shape: &Shape) -> Mask {
    let mut mask = Mask { exact: before.exact, ..Mask::new(shape) };
    let dims = before.shape.dims();
    let is_folded = |axis: usize| axes.get(axis).copied().unwrap_or(false);
    for flat in (0..before.shape.elements()).filter(|flat| before.has(*flat)) {
        let position = before.shape.position(flat);
        let kept = (0..dims.len()).filter(|axis| !is_folded(*axis));
        // Axes that are kept with length 1 add nothing.
        mask.add(kept.fold(0, |at, axis| at * dims[axis] + position[axis]));
    }
    mask
}
