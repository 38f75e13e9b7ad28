//! From the operations of a region to instructions over registers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;

use node_core::kernel::{BLOCK, Fold};
use node_core::{DType, Shape};

use super::operations::{OperationWork, Operations};
use super::region::{Dest, FoldEnd, Instruction, Loc, Made, Region, Watch, Work};
use super::regions::{Group, Use};
use crate::exec::watch::BlockMoments;
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
    dying: &'p [ValueId],
    region: Region,
    shape: Shape,
    at: BTreeMap<ValueId, Loc>,
    readers: BTreeMap<ValueId, Vec<usize>>,
    held: BTreeSet<ValueId>,
    free: Vec<usize>,
}

/// Lowers a group of operations of one length.
pub fn region(plan: &Plan, operations: &Operations, group: &Group, uses: &[Use], dying: &[ValueId]) -> Region {
    let len = group.len.unwrap_or_default();
    let region = Region {
        len,
        stretch: LONGEST,
        inputs: Vec::new(),
        whole_inputs: Vec::new(),
        outputs: Vec::new(),
        folds: Vec::new(),
        watches: Vec::new(),
        steps: group.members.iter().map(|member| operations.list[*member].step).collect(),
        instructions: Vec::new(),
        copies: Vec::new(),
        registers: Vec::new(),
        frames: Vec::new(),
    };
    let mut lowering = Lowering {
        plan,
        operations,
        group,
        uses,
        dying,
        region,
        shape: Shape::vector(len),
        at: BTreeMap::new(),
        readers: BTreeMap::new(),
        held: BTreeSet::new(),
        free: Vec::new(),
    };
    lowering.shape = lowering.walked();
    lowering.note_uses();
    lowering.watch_inputs();
    for member in &group.members {
        lowering.operation(*member);
    }
    lowering.region.stretch = lowering.stretch();
    lowering.region
}

impl Lowering<'_> {
    fn dtype(&self, value: ValueId) -> DType {
        self.operations.types[value].as_ref().map_or(DType::Float32, |ty| ty.dtype)
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

    /// Which members read a value, in order.
    fn note_uses(&mut self) {
        for member in &self.group.members {
            for value in &self.operations.list[*member].operands {
                self.readers.entry(*value).or_default().push(*member);
            }
        }
    }

    fn is_made_here(&self, value: ValueId) -> bool {
        self.uses[value].unit == Some(self.group.unit)
    }

    fn is_watched(&self, value: ValueId) -> bool {
        self.group.watches.iter().any(|(_, watched)| *watched == value)
    }

    fn watch_inputs(&mut self) {
        for (_, value) in self.group.watches.clone() {
            if !self.is_made_here(value) && !self.at.contains_key(&value) {
                self.find(value, 0);
                self.watch(value);
            }
        }
    }

    /// Lets those look who watch a value that has just been made.
    fn watch(&mut self, value: ValueId) {
        let Some(at) = self.at.get(&value).copied() else { return };
        for (subject, watched) in &self.group.watches {
            if *watched == value {
                let moments = || BlockMoments::default();
                self.region.watches.push(Watch {
                    subject: subject.clone(),
                    at,
                    after: self.region.instructions.len(),
                    blocks: std::iter::repeat_with(moments).take(self.region.len.div_ceil(BLOCK)).collect(),
                });
            }
        }
    }

    /// Where a member finds an operand.
    fn find(&mut self, value: ValueId, step: usize) -> Loc {
        if let Some(at) = self.at.get(&value) {
            return *at;
        }
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
            self.region.instructions.push(Instruction {
                step,
                also: None,
                work: Work::Spread { input, dims: self.shape.dims().to_vec(), strides: strides(&shape, &self.shape) },
                operands: Vec::new(),
                dest: Dest::Register(register),
            });
            Loc::Register(register)
        };
        self.at.insert(value, at);
        at
    }

    fn register(&mut self, dtype: DType) -> usize {
        match self.free.iter().position(|r| self.region.registers[*r] == dtype) {
            Some(place) => self.free.swap_remove(place),
            None => {
                self.region.registers.push(dtype);
                self.region.registers.len() - 1
            }
        }
    }

    fn operation(&mut self, member: usize) {
        let operation = &self.operations.list[member];
        let (step, out) = (operation.step, operation.out);
        match &operation.work {
            OperationWork::Map(map) => {
                if self.summed_at_once(out).is_some() {
                    return;
                }
                let operands = operation.operands.iter().map(|v| self.find(*v, step)).collect();
                let dest = self.destination(out);
                self.region.instructions.push(Instruction {
                    step,
                    also: None,
                    work: Work::Map(map.clone()),
                    operands,
                    dest,
                });
                self.watch(out);
            }
            OperationWork::Fold(map, reduction) => {
                let fold = self.region.folds.len();
                self.region.folds.push(FoldEnd {
                    out,
                    reduction: reduction.clone(),
                    shape: self.shape_of(out),
                    dtype: map.output(),
                    blocks: std::iter::repeat_with(|| AtomicU64::new(0))
                        .take(self.region.len.div_ceil(BLOCK))
                        .collect(),
                });
                let dest = Dest::Fold(fold);
                let source = operation.operands.first().and_then(|v| self.uses[*v].maker);
                let source = source.map(|maker| &self.operations.list[maker]);
                let mut also = None;
                let (work, operands) = match source {
                    Some(source) if self.summed_at_once(source.out) == Some(member) => match &source.work {
                        OperationWork::Map(map) => {
                            also = Some(source.step);
                            (Work::Sum(map.clone()), &source.operands)
                        }
                        _ => (Work::Fold, &operation.operands),
                    },
                    _ if map.is_identity() => (Work::Fold, &operation.operands),
                    _ if reduction.fold() == Fold::Sum => (Work::Sum(map.clone()), &operation.operands),
                    _ => (Work::Map(map.clone()), &operation.operands),
                };
                let operands: Vec<Loc> = operands.iter().map(|v| self.find(*v, step)).collect();
                if matches!(work, Work::Map(_)) {
                    let register = self.register(map.output());
                    let held = Dest::Register(register);
                    self.region.instructions.push(Instruction { step, also: None, work, operands, dest: held });
                    let operands = vec![Loc::Register(register)];
                    self.region.instructions.push(Instruction { step, also: None, work: Work::Fold, operands, dest });
                    self.free.push(register);
                } else {
                    self.region.instructions.push(Instruction { step, also, work, operands, dest });
                }
            }
            OperationWork::Axes(_) | OperationWork::Compute(_) => {}
        }
        self.release(member);
    }

    /// The fold that is all that reads a value, if it can take the elements as they are made.
    fn summed_at_once(&self, value: ValueId) -> Option<usize> {
        if self.uses[value].stored || self.is_watched(value) || !self.is_made_here(value) {
            return None;
        }
        let [only] = self.readers.get(&value)?.as_slice() else { return None };
        let only = *only;
        let can = match &self.operations.list[only].work {
            OperationWork::Fold(map, reduction) => map.is_identity() && reduction.fold() == Fold::Sum,
            _ => false,
        };
        let maker = &self.operations.list[self.uses[value].maker?];
        let whole = maker.operands.iter().any(|v| self.shape_of(*v).elements() == self.region.len);
        let spread = maker.operands.iter().any(|v| {
            let elements = self.shape_of(*v).elements();
            elements != self.region.len && elements != 1
        });
        (can && whole && !spread).then_some(only)
    }

    fn destination(&mut self, value: ValueId) -> Dest {
        let dtype = self.dtype(value);
        if !self.uses[value].stored {
            let register = self.register(dtype);
            self.at.insert(value, Loc::Register(register));
            if !self.readers.contains_key(&value) && !self.is_watched(value) {
                self.free.push(register);
            }
            return Dest::Register(register);
        }
        let output = self.region.outputs.len();
        let in_place_of = self.taken_over(dtype);
        let streamed =
            self.plan.streamed.map(|v| self.operations.root(v)) == Some(value) && !self.is_read_elsewhere(value);
        let shape = self.shape_of(value);
        self.region.outputs.push(Made { value, dtype, shape, in_place_of, streamed });
        if in_place_of.is_some() {
            let register = self.register(dtype);
            self.at.insert(value, Loc::Register(register));
            self.held.insert(value);
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
        let taken: Vec<usize> = self.region.outputs.iter().filter_map(|made| made.in_place_of).collect();
        let dies = |value: ValueId| {
            let owned = self.plan.values.get(value).is_none_or(|v| matches!(v.origin, Origin::Output { .. }));
            owned && self.dying.contains(&value) && !self.is_made_here(value)
        };
        let operands = self.group.members.iter().flat_map(|member| self.operations.list[*member].operands.clone());
        let fits = |value: &ValueId| {
            self.shape_of(*value).elements() == self.region.len && self.dtype(*value) == dtype && dies(*value)
        };
        let candidates: Vec<ValueId> = operands.filter(fits).collect();
        for value in candidates {
            if let Loc::Input(input) = self.find(value, 0)
                && !taken.contains(&input)
            {
                return Some(input);
            }
        }
        None
    }

    /// Registers that nobody reads after `member` are free again.
    fn release(&mut self, member: usize) {
        for value in &self.operations.list[member].operands {
            let last = self.readers.get(value).and_then(|readers| readers.last());
            if last == Some(&member)
                && !self.held.contains(value)
                && let Some(Loc::Register(register)) = self.at.get(value).copied()
                && !self.free.contains(&register)
            {
                self.free.push(register);
            }
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
        stretch
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
