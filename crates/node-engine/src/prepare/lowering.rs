//! From the operations of a region to instructions over registers.
//!
//! Here every value has a register of its own; which of them share one is decided afterwards (`registers.rs`).

use std::collections::BTreeMap;

use node_core::kernel::{Elementwise, Fold, Reduction};
use node_core::{DType, Shape};

use super::facts::Facts;
use super::operations::{Operation, OperationWork};
use super::registers;
use crate::plan::ValueId;
use crate::program::{Dest, FoldEnd, Instruction, Loc, Made, Region, Watch, Work};

/// The most elements that go through a region together.
const LONGEST: usize = 1024;
/// The fewest.
const SHORTEST: usize = 64;
/// Bytes of the first-level cache that a stretch of all inputs, outputs and registers may take.
const CACHE: usize = 40 << 10;

/// Lowers what is known of a region.
pub fn region(facts: &Facts<'_>) -> Region {
    let mut lowering = Lowering { facts, region: Region::new(facts.len), at: BTreeMap::new(), spare: facts.spare() };
    facts.watched_inputs().for_each(|value| lowering.watch_input(value));
    facts.group.members.iter().for_each(|member| lowering.operation(*member));
    let mut region = lowering.region;
    region.steps = facts.group.members.iter().map(|member| facts.operations.list[*member].step).collect();
    registers::share(&mut region);
    region.stretch = stretch(&region, facts);
    region
}

/// A region while its instructions are written: each of them asks for what it reads, wherever that is by then.
struct Lowering<'f> {
    facts: &'f Facts<'f>,
    region: Region,
    /// Where each value is.
    at: BTreeMap<ValueId, Loc>,
    /// Inputs whose memory no output has taken over yet.
    spare: BTreeMap<DType, Vec<ValueId>>,
}

impl Lowering<'_> {
    fn watch_input(&mut self, value: ValueId) {
        self.find(value, 0);
        self.watch(value);
    }

    /// Lets those look who watch a value that has just been made.
    fn watch(&mut self, value: ValueId) {
        let Some(at) = self.at.get(&value).copied() else { return };
        for subject in self.facts.watchers(value) {
            let after = self.region.instructions.len();
            self.region.watches.push(Watch { subject: subject.clone(), at, after });
        }
    }

    /// Where a member finds an operand.
    fn find(&mut self, value: ValueId, step: usize) -> Loc {
        if let Some(at) = self.at.get(&value) {
            return *at;
        }
        debug_assert!(!self.facts.is_made_here(value), "what is made here is made before it is read");
        let shape = self.facts.shape_of(value);
        let input = self.region.inputs.len();
        self.region.inputs.push(value);
        let at = if shape.elements() == self.region.len {
            self.region.whole_inputs.push(input);
            Loc::Input(input)
        } else if shape.elements() == 1 {
            Loc::Scalar(input)
        } else {
            let register = self.register(self.facts.dtype(value));
            let work = Work::Spread {
                input,
                dims: self.facts.shape.dims().to_vec(),
                strides: strides(&shape, &self.facts.shape),
            };
            self.instruct(step, work, Vec::new(), Dest::Register(register));
            Loc::Register(register)
        };
        self.at.insert(value, at);
        at
    }

    /// A register for one value.
    fn register(&mut self, dtype: DType) -> usize {
        self.region.registers.push(dtype);
        self.region.registers.len() - 1
    }

    fn instruct(&mut self, step: usize, work: Work, operands: Vec<Loc>, dest: Dest) {
        self.region.instructions.push(Instruction { step, also: None, work, operands, dest });
    }

    fn operation(&mut self, member: usize) {
        let operation = &self.facts.operations.list[member];
        match &operation.work {
            OperationWork::Map(map) => self.map(operation, map),
            OperationWork::Fold(map, reduction) => self.fold(member, map, reduction),
            OperationWork::Axes(_) | OperationWork::Compute(..) => {}
        }
    }

    fn map(&mut self, operation: &Operation, map: &Elementwise) {
        let (step, out) = (operation.step, operation.out);
        if self.facts.summed_at_once(out).is_some() {
            return;
        }
        let operands = operation.operands.iter().map(|v| self.find(*v, step)).collect();
        let dest = self.destination(step, out);
        self.instruct(step, Work::Map(map.clone()), operands, dest);
        self.watch(out);
    }

    fn fold(&mut self, member: usize, map: &Elementwise, reduction: &Reduction) {
        let operation = &self.facts.operations.list[member];
        let step = operation.step;
        let dest = Dest::Fold(self.region.folds.len());
        self.region.folds.push(FoldEnd {
            step,
            out: operation.out,
            reduction: reduction.clone(),
            shape: self.facts.shape_of(operation.out),
            dtype: map.output(),
        });
        let at_once = self.facts.summed_by(member).map(|maker| &self.facts.operations.list[maker]);
        let (work, operands) = match at_once.map(|source| (&source.work, &source.operands)) {
            Some((OperationWork::Map(made), operands)) => (Work::Sum(made.clone()), operands),
            _ if map.is_identity() => (Work::Fold, &operation.operands),
            _ if reduction.fold() == Fold::Sum => (Work::Sum(map.clone()), &operation.operands),
            _ => (Work::Map(map.clone()), &operation.operands),
        };
        let operands: Vec<Loc> = operands.iter().map(|v| self.find(*v, step)).collect();
        if matches!(work, Work::Map(_)) {
            let register = self.register(map.output());
            self.instruct(step, work, operands, Dest::Register(register));
            self.instruct(step, Work::Fold, vec![Loc::Register(register)], dest);
        } else {
            let also = at_once.map(|source| source.step);
            self.region.instructions.push(Instruction { step, also, work, operands, dest });
        }
    }

    fn destination(&mut self, step: usize, value: ValueId) -> Dest {
        let dtype = self.facts.dtype(value);
        if !self.facts.is_stored(value) {
            let register = self.register(dtype);
            self.at.insert(value, Loc::Register(register));
            return Dest::Register(register);
        }
        let output = self.region.outputs.len();
        let streamed = self.facts.is_streamed(value);
        let in_place_of = if streamed { None } else { self.taken_over(dtype) };
        let shape = self.facts.shape_of(value);
        self.region.outputs.push(Made { step, value, dtype, shape, in_place_of, streamed });
        if in_place_of.is_some() {
            // Written down when all instructions of a stretch have read what was there.
            let register = self.register(dtype);
            self.at.insert(value, Loc::Register(register));
            self.region.copies.push((register, output));
            return Dest::Register(register);
        }
        self.at.insert(value, Loc::Output(output));
        Dest::Output(output)
    }

    /// An input of this type that nobody needs after the region and that no other output has taken over.
    fn taken_over(&mut self, dtype: DType) -> Option<usize> {
        let value = self.spare.get_mut(&dtype)?.pop()?;
        match self.find(value, 0) {
            Loc::Input(input) => Some(input),
            _ => None,
        }
    }
}

/// How many elements go through together, so that all that is touched stays in the first-level cache.
fn stretch(region: &Region, facts: &Facts<'_>) -> usize {
    let made = region.outputs.iter().map(|made| made.dtype.size());
    let held = region.registers.iter().map(|dtype| dtype.size());
    let read = region.whole_inputs.iter().map(|input| facts.dtype(region.inputs[*input]).size());
    let each: usize = made.chain(held).chain(read).sum();
    let mut stretch = LONGEST;
    while stretch > SHORTEST && stretch * each > CACHE {
        stretch /= 2;
    }
    stretch.min(region.len.max(1))
}

/// For each dimension of `walked` how far apart neighbours are in a tensor of `shape` that broadcasts to it.
fn strides(shape: &Shape, walked: &Shape) -> Vec<usize> {
    let mut strides = vec![0; walked.rank()];
    let mut stride = 1;
    for (slot, dim) in strides.iter_mut().rev().zip(shape.dims().iter().rev()) {
        *slot = if *dim == 1 { 0 } else { stride };
        stride *= dim;
    }
    strides
}
