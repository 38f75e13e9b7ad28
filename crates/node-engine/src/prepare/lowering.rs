//! From the operations of a region to instructions over registers.
//!
//! Here every value has a register of its own; which of them share one is decided afterwards (`registers.rs`).

use std::collections::BTreeMap;

use node_core::kernel::{Elementwise, Fold, Reduction};
use node_core::{DType, Shape};

use super::operations::{Operation, OperationWork, Operations};
use super::region::{Dest, FoldEnd, Instruction, Loc, Made, Region, Subject, Watch, Work};
use super::regions::{Group, Use};
use super::registers;
use crate::plan::{Origin, Plan, ValueId};

/// The most elements that go through a region together.
const LONGEST: usize = 1024;
/// The fewest.
const SHORTEST: usize = 64;
/// Bytes of the first-level cache that a stretch of all inputs, outputs and registers may take.
const CACHE: usize = 40 << 10;

struct Lowering<'p> {
    plan: &'p Plan,
    operations: &'p Operations,
    group: &'p Group,
    uses: &'p [Use],
    region: Region,
    shape: Shape,
    /// Where each value is.
    at: BTreeMap<ValueId, Loc>,
    /// Which members read a value.
    readers: BTreeMap<ValueId, Vec<usize>>,
    /// Who watches a value.
    watchers: BTreeMap<ValueId, Vec<Subject>>,
    /// Inputs that nobody needs after the region, by type: an output may take over their memory.
    spare: BTreeMap<DType, Vec<ValueId>>,
}

/// Lowers a group of operations of one length.
pub fn region(plan: &Plan, operations: &Operations, group: &Group, uses: &[Use]) -> Region {
    let len = group.len.unwrap_or_default();
    let mut lowering = Lowering {
        plan,
        operations,
        group,
        uses,
        region: Region::new(len),
        shape: Shape::vector(len),
        at: BTreeMap::new(),
        readers: BTreeMap::new(),
        watchers: BTreeMap::new(),
        spare: BTreeMap::new(),
    };
    lowering.region.steps = group.members.iter().map(|member| operations.list[*member].step).collect();
    lowering.shape = lowering.walked();
    lowering.note_uses();
    lowering.watch_inputs();
    for member in &group.members {
        lowering.operation(*member);
    }
    registers::share(&mut lowering.region);
    lowering.region.stretch = lowering.stretch();
    lowering.region
}

impl Lowering<'_> {
    fn dtype(&self, value: ValueId) -> DType {
        self.operations.types[value].as_ref().map_or(DType::Float32, |ty| ty.dtype)
    }

    fn elements(&self, value: ValueId) -> usize {
        self.operations.types[value].as_ref().map_or(1, |ty| ty.shape.elements())
    }

    fn shape_of(&self, value: ValueId) -> Shape {
        self.operations.types[value].as_ref().map_or_else(Shape::scalar, |ty| ty.shape.clone())
    }

    /// The shape over which the region walks.
    fn walked(&self) -> Shape {
        let shapes = self.group.members.iter().filter_map(|member| {
            let operation = &self.operations.list[*member];
            match operation.work {
                OperationWork::Map(_) => Some(self.shape_of(operation.out)),
                _ => self.operations.walked(&operation.operands),
            }
        });
        shapes.max_by_key(Shape::rank).unwrap_or_else(|| Shape::vector(self.region.len))
    }

    /// Notes who reads and watches what, and which inputs nobody needs any more.
    fn note_uses(&mut self) {
        for member in &self.group.members {
            for value in &self.operations.list[*member].operands {
                self.readers.entry(*value).or_default().push(*member);
            }
        }
        for (subject, value) in &self.group.watches {
            self.watchers.entry(*value).or_default().push(subject.clone());
        }
        for value in self.readers.keys().rev() {
            let owned = self.plan.values.get(*value).is_none_or(|v| matches!(v.origin, Origin::Output { .. }));
            let dies = self.uses[*value].dies_after == Some(self.group.unit) && !self.is_made_here(*value);
            if owned && dies && self.elements(*value) == self.region.len {
                self.spare.entry(self.dtype(*value)).or_default().push(*value);
            }
        }
    }

    fn is_made_here(&self, value: ValueId) -> bool {
        self.uses[value].unit == Some(self.group.unit)
    }

    fn watch_inputs(&mut self) {
        let inputs: Vec<ValueId> = self.watchers.keys().copied().filter(|value| !self.is_made_here(*value)).collect();
        for value in inputs {
            self.find(value, 0);
            self.watch(value);
        }
    }

    /// Lets those look who watch a value that has just been made.
    fn watch(&mut self, value: ValueId) {
        let Some(at) = self.at.get(&value).copied() else { return };
        for subject in self.watchers.get(&value).into_iter().flatten() {
            let after = self.region.instructions.len();
            self.region.watches.push(Watch { subject: subject.clone(), at, after, blocks: Vec::new() });
        }
    }

    /// Where a member finds an operand.
    fn find(&mut self, value: ValueId, step: usize) -> Loc {
        if let Some(at) = self.at.get(&value) {
            return *at;
        }
        debug_assert!(!self.is_made_here(value), "what is made here is made before it is read");
        let shape = self.shape_of(value);
        let input = self.region.inputs.len();
        self.region.inputs.push(value);
        let at = if shape.elements() == self.region.len {
            self.region.whole_inputs.push(input);
            Loc::Input(input)
        } else if shape.elements() == 1 {
            Loc::Scalar(input)
        } else {
            let register = self.register(self.dtype(value));
            let work = Work::Spread { input, dims: self.shape.dims().to_vec(), strides: strides(&shape, &self.shape) };
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
        let operation = &self.operations.list[member];
        match &operation.work {
            OperationWork::Map(map) => self.map(operation, map),
            OperationWork::Fold(map, reduction) => self.fold(member, map, reduction),
            OperationWork::Axes(_) | OperationWork::Compute(..) => {}
        }
    }

    fn map(&mut self, operation: &Operation, map: &Elementwise) {
        let (step, out) = (operation.step, operation.out);
        if self.summed_at_once(out).is_some() {
            return;
        }
        let operands = operation.operands.iter().map(|v| self.find(*v, step)).collect();
        let dest = self.destination(step, out);
        self.instruct(step, Work::Map(map.clone()), operands, dest);
        self.watch(out);
    }

    fn fold(&mut self, member: usize, map: &Elementwise, reduction: &Reduction) {
        let operation = &self.operations.list[member];
        let step = operation.step;
        let dest = Dest::Fold(self.region.folds.len());
        self.region.folds.push(FoldEnd {
            step,
            out: operation.out,
            reduction: reduction.clone(),
            shape: self.shape_of(operation.out),
            dtype: map.output(),
            blocks: Vec::new(),
        });
        let source = operation.operands.first().and_then(|v| self.uses[*v].maker);
        let source = source.map(|maker| &self.operations.list[maker]);
        let at_once = source.filter(|source| self.summed_at_once(source.out) == Some(member));
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

    /// The fold that is all that reads a value, if it can take the elements as they are made.
    fn summed_at_once(&self, value: ValueId) -> Option<usize> {
        if self.uses[value].stored || self.watchers.contains_key(&value) || !self.is_made_here(value) {
            return None;
        }
        let [only] = self.readers.get(&value)?.as_slice() else { return None };
        let only = *only;
        let can = match &self.operations.list[only].work {
            OperationWork::Fold(map, reduction) => map.is_identity() && reduction.fold() == Fold::Sum,
            _ => false,
        };
        let maker = &self.operations.list[self.uses[value].maker?];
        let whole = maker.operands.iter().any(|v| self.elements(*v) == self.region.len);
        let spread = maker.operands.iter().any(|v| {
            let elements = self.elements(*v);
            elements != self.region.len && elements != 1
        });
        (can && whole && !spread).then_some(only)
    }

    fn destination(&mut self, step: usize, value: ValueId) -> Dest {
        let dtype = self.dtype(value);
        if !self.uses[value].stored {
            let register = self.register(dtype);
            self.at.insert(value, Loc::Register(register));
            return Dest::Register(register);
        }
        let output = self.region.outputs.len();
        let streamed =
            self.plan.streamed.map(|v| self.operations.root(v)) == Some(value) && !self.is_read_elsewhere(value);
        let in_place_of = if streamed { None } else { self.taken_over(dtype) };
        let shape = self.shape_of(value);
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

    fn is_read_elsewhere(&self, value: ValueId) -> bool {
        let here = self.readers.get(&value).map_or(0, Vec::len);
        let everywhere = self.operations.list.iter().flat_map(|o| &o.operands).filter(|v| **v == value).count();
        everywhere > here || self.operations.later.contains(&value)
    }

    /// An input of this type that nobody needs after the region and that no other output has taken over.
    fn taken_over(&mut self, dtype: DType) -> Option<usize> {
        let value = self.spare.get_mut(&dtype)?.pop()?;
        match self.find(value, 0) {
            Loc::Input(input) => Some(input),
            _ => None,
        }
    }

    /// How many elements go through together, so that all that is touched stays in the first-level cache.
    fn stretch(&self) -> usize {
        let region = &self.region;
        let made = region.outputs.iter().map(|made| made.dtype.size());
        let held = region.registers.iter().map(|dtype| dtype.size());
        let read = region.whole_inputs.iter().map(|input| self.dtype(region.inputs[*input]).size());
        let each: usize = made.chain(held).chain(read).sum();
        let mut stretch = LONGEST;
        while stretch > SHORTEST && stretch * each > CACHE {
            stretch /= 2;
        }
        stretch.min(region.len.max(1))
    }
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
