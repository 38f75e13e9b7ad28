//! What is known of a region's values before it is lowered: who makes, reads and watches them. Nothing here changes.

use std::collections::BTreeMap;

use node_core::kernel::Fold;
use node_core::{DType, Shape};

use super::group::{Group, Use};
use super::operations::{OperationWork, Operations};
use crate::plan::{Plan, Provenance, ValueId};
use crate::program::Subject;

/// What is known of a region.
pub struct Facts<'p> {
    plan: &'p Plan,
    pub operations: &'p Operations,
    pub group: &'p Group,
    uses: &'p [Use],
    /// How many elements it walks.
    pub len: usize,
    /// The shape over which it walks.
    pub shape: Shape,
    /// Which members read a value.
    readers: BTreeMap<ValueId, Vec<usize>>,
    /// Who watches a value.
    watchers: BTreeMap<ValueId, Vec<Subject>>,
}

impl<'p> Facts<'p> {
    /// Those of a group of operations of one length.
    pub fn of(plan: &'p Plan, operations: &'p Operations, group: &'p Group, uses: &'p [Use]) -> Facts<'p> {
        let len = group.len.unwrap_or_default();
        let mut readers: BTreeMap<ValueId, Vec<usize>> = BTreeMap::new();
        for member in &group.members {
            for value in &operations.list[*member].operands {
                readers.entry(*value).or_default().push(*member);
            }
        }
        let mut watchers: BTreeMap<ValueId, Vec<Subject>> = BTreeMap::new();
        for (subject, value) in &group.watches {
            watchers.entry(*value).or_default().push(subject.clone());
        }
        let shape = walked(operations, group).unwrap_or_else(|| Shape::vector(len));
        Facts { plan, operations, group, uses, len, shape, readers, watchers }
    }

    pub fn dtype(&self, value: ValueId) -> DType {
        self.operations.types[value].as_ref().map_or(DType::Float32, |ty| ty.dtype)
    }

    pub fn elements(&self, value: ValueId) -> usize {
        self.operations.types[value].as_ref().map_or(1, |ty| ty.shape.elements())
    }

    pub fn shape_of(&self, value: ValueId) -> Shape {
        self.operations.types[value].as_ref().map_or_else(Shape::scalar, |ty| ty.shape.clone())
    }

    pub fn is_made_here(&self, value: ValueId) -> bool {
        self.uses[value].unit == Some(self.group.unit)
    }

    /// Whether a value must be in memory when the region is over.
    pub fn is_stored(&self, value: ValueId) -> bool {
        self.uses[value].stored
    }

    /// Who watches a value.
    pub fn watchers(&self, value: ValueId) -> &[Subject] {
        self.watchers.get(&value).map_or(&[], Vec::as_slice)
    }

    /// The values of before the region that are watched in it.
    pub fn watched_inputs(&self) -> impl Iterator<Item = ValueId> {
        self.watchers.keys().copied().filter(|value| !self.is_made_here(*value))
    }

    /// Inputs that nobody needs after the region, by type: an output may take over their memory.
    pub fn spare(&self) -> BTreeMap<DType, Vec<ValueId>> {
        let mut spare: BTreeMap<DType, Vec<ValueId>> = BTreeMap::new();
        for value in self.readers.keys().rev() {
            let owned = self.plan.values.get(*value).is_none_or(|v| matches!(v.origin, Provenance::Output { .. }));
            let dies = self.uses[*value].dies_after == Some(self.group.unit) && !self.is_made_here(*value);
            if owned && dies && self.elements(*value) == self.len {
                spare.entry(self.dtype(*value)).or_default().push(*value);
            }
        }
        spare
    }

    /// Whether a value is handed on as it is made, and not kept.
    pub fn is_streamed(&self, value: ValueId) -> bool {
        self.plan.streamed.map(|v| self.operations.root(v)) == Some(value) && !self.is_read_elsewhere(value)
    }

    fn is_read_elsewhere(&self, value: ValueId) -> bool {
        let here = self.readers.get(&value).map_or(0, Vec::len);
        let everywhere = self.operations.list.iter().flat_map(|o| &o.operands).filter(|v| **v == value).count();
        everywhere > here || self.operations.later.contains(&value)
    }

    /// The operation whose elements a fold takes as they are made, if it can.
    pub fn summed_by(&self, member: usize) -> Option<usize> {
        let read = self.operations.list[member].operands.first()?;
        let maker = self.uses[*read].maker?;
        (self.summed_at_once(self.operations.list[maker].out) == Some(member)).then_some(maker)
    }

    /// The fold that is all that reads a value, if it can take the elements as they are made.
    pub fn summed_at_once(&self, value: ValueId) -> Option<usize> {
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
        let whole = maker.operands.iter().any(|v| self.elements(*v) == self.len);
        let spread = maker.operands.iter().any(|v| {
            let elements = self.elements(*v);
            elements != self.len && elements != 1
        });
        (can && whole && !spread).then_some(only)
    }
}

fn walked(operations: &Operations, group: &Group) -> Option<Shape> {
    let shapes = group.members.iter().filter_map(|member| {
        let operation = &operations.list[*member];
        match operation.work {
            OperationWork::Map(_) => operations.types[operation.out].as_ref().map(|ty| ty.shape.clone()),
            _ => operations.walked(&operation.operands),
        }
    });
    shapes.max_by_key(Shape::rank)
}
