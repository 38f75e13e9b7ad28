//! Operations put together: which run in one walk, in which order, and what they leave.
//!
//! Element-wise operations of one length that are connected run in one walk. Each operation has a level: that of the
//! operations whose elements it takes as they come, one more than that of anything that must be whole before it begins.
//! What has the same length and level and is connected is one region; so no region can need itself.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::group::{Group, Use};
use super::operations::{Operation, OperationWork, Operations};
use super::{lowering, peak};
use crate::demand::Demand;
use crate::plan::{Plan, Provenance, ValueId};
use crate::program::{AxisFold, Compute, Phase, Subject, Unit};
use crate::progress::Progress;

/// Puts operations together; `None` if it is cancelled.
pub fn build(
    plan: &Plan,
    demand: &Demand,
    progress: &Progress,
    operations: Operations,
    cancelled: &dyn Fn() -> bool,
) -> Option<Phase> {
    let mut groups = group(&operations, &progress.failures);
    let mut uses = vec![Use::default(); operations.types.len()];
    for (unit, group) in groups.iter().enumerate() {
        for member in &group.members {
            for value in made(plan, &operations.list[*member]) {
                (uses[value].maker, uses[value].unit) = (Some(*member), Some(unit));
            }
        }
    }
    watch(plan, progress, &operations, &mut groups, &uses);
    for (unit, group) in groups.iter().enumerate() {
        let read = group.members.iter().flat_map(|member| &operations.list[*member].operands);
        let watched = group.watches.iter().map(|(_, value)| value);
        for value in read.chain(watched) {
            uses[*value].stored |= uses[*value].unit.is_some_and(|maker| maker != unit);
        }
    }
    let wanted = (0..plan.values.len()).filter(|v| plan.values[*v].fetched && demand.needed[*v]);
    let kept = wanted.chain(operations.later.iter().copied()).chain(demand.frontier.iter().copied());
    let mut is_kept = vec![false; operations.types.len()];
    for value in kept.map(|v| operations.root(v)) {
        (uses[value].stored, is_kept[value]) = (true, true);
    }
    let dying = dying(plan, &operations, &groups, &mut uses, &is_kept);
    let finished = finished(plan, &operations, &groups, &uses);
    let mut units = Vec::with_capacity(groups.len());
    for group in &groups {
        if cancelled() {
            return None;
        }
        units.push(lower(plan, &operations, group, &uses));
    }
    let peak = peak::peak(plan, progress, &operations.types, &units, &dying);
    let premises = operations.premises.iter().filter_map(|v| Some((*v, progress.slots[*v].clone()?))).collect();
    let is_read = |v: &ValueId| operations.later.contains(v) || plan.values.get(*v).is_some_and(|v| v.fetched);
    let mut same = vec![Vec::new(); units.len() + 1];
    let mut followers = vec![Vec::new(); units.len()];
    for value in (0..operations.same.len()).filter(|v| operations.same[*v].is_some()) {
        let root = operations.root(value);
        if is_read(&value) {
            same[uses[root].unit.map_or(0, |unit| unit + 1)].push((value, root));
        }
        if let (Some(unit), Some(Provenance::Output { step, .. })) = (uses[root].unit, origin(plan, value)) {
            followers[unit].push(step);
        }
    }
    Some(Phase {
        units,
        types: operations.types,
        same,
        followers,
        dying,
        finished,
        premises,
        remarks: operations.remarks,
        peak,
        more: operations.more,
    })
}

fn origin(plan: &Plan, value: ValueId) -> Option<Provenance> {
    plan.values.get(value).map(|value| value.origin.clone())
}

/// The values that an operation makes.
fn made(plan: &Plan, operation: &Operation) -> std::ops::Range<ValueId> {
    match operation.work {
        OperationWork::Compute(..) => plan.steps[operation.step].outputs.clone(),
        _ => operation.out..operation.out + 1,
    }
}

/// How many elements an operation walks, if it can be part of a region.
fn length(operations: &Operations, operation: &Operation) -> Option<usize> {
    let shape = match operation.work {
        OperationWork::Map(_) => operations.types[operation.out].as_ref().map(|ty| ty.shape.clone()),
        OperationWork::Fold(..) => operations.walked(&operation.operands),
        OperationWork::Axes(_) | OperationWork::Compute(..) => None,
    };
    shape.map(|shape| shape.elements())
}

fn group(operations: &Operations, failures: &[u32]) -> Vec<Group> {
    let list = &operations.list;
    let lengths: Vec<Option<usize>> = list.iter().map(|operation| length(operations, operation)).collect();
    let mut maker: Vec<Option<usize>> = vec![None; operations.types.len()];
    let mut levels: Vec<usize> = Vec::with_capacity(list.len());
    let mut groups = Union::new(list.len());
    let mut readers: BTreeMap<(usize, usize, ValueId), usize> = BTreeMap::new();
    for (number, operation) in list.iter().enumerate() {
        let len = lengths[number];
        let elements = |value: ValueId| operations.types[value].as_ref().map(|ty| ty.shape.elements());
        let is_apart = |number: usize| failures[list[number].step] > 1;
        let flows = |value: ValueId, source: usize| {
            matches!(list[source].work, OperationWork::Map(_))
                && len.is_some()
                && !is_apart(source)
                && !is_apart(number)
                && lengths[source] == len
                && elements(value) == len
        };
        let mut level = 0;
        for value in &operation.operands {
            if let Some(source) = maker[*value] {
                level = level.max(levels[source] + usize::from(!flows(*value, source)));
            }
        }
        levels.push(level);
        if let Some(len) = len.filter(|_| !is_apart(number)) {
            for value in operation.operands.iter().filter(|v| elements(**v) == Some(len)) {
                match maker[*value] {
                    Some(source) if levels[source] == level && flows(*value, source) => groups.join(source, number),
                    _ => groups.join(*readers.entry((len, level, *value)).or_insert(number), number),
                }
            }
        }
        match operation.work {
            OperationWork::Compute(_, ref outputs) => {
                (operation.out..operation.out + outputs.len()).for_each(|value| maker[value] = Some(number));
            }
            _ => maker[operation.out] = Some(number),
        }
    }
    let mut members: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for number in 0..list.len() {
        let first = groups.first(number);
        members.entry((levels[first], first)).or_default().push(number);
    }
    let group = |(unit, members): (usize, Vec<usize>)| {
        let len = lengths[members[0]];
        Group { unit, members, len, watches: Vec::new() }
    };
    members.into_values().enumerate().map(group).collect()
}

/// Sets that are joined; each is known by its least member.
struct Union(Vec<usize>);

impl Union {
    fn new(len: usize) -> Union {
        Union((0..len).collect())
    }

    fn first(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// Adds what is watched to the group where its elements come by, or as a walk of its own.
fn watch(plan: &Plan, progress: &Progress, operations: &Operations, groups: &mut Vec<Group>, uses: &[Use]) {
    let mut subjects: Vec<(Subject, ValueId)> = Vec::new();
    let givers = givers(plan, operations);
    for (value, asked) in plan.values.iter().enumerate() {
        // What a step gives is looked at whenever it has its turn: the phase may be carried out again, for other elements.
        let looks = |wanted: bool, is_known: bool| wanted && (givers[value].is_some() || !is_known);
        let root = operations.root(value);
        if looks(asked.watched, progress.stats[value].is_some()) {
            subjects.push((Subject::Stats(value), root));
        }
        if looks(asked.tallied, progress.health[value].is_some()) {
            subjects.push((Subject::Health(value), root));
        }
        // What is kept need not be looked at as it comes by.
        if looks(asked.previewed && !asked.fetched, progress.previews[value].is_some()) {
            subjects.push((Subject::First(value), root));
        }
    }
    if plan.shares {
        let fresh: BTreeMap<usize, _> = operations.remarks.iter().map(|(step, remarks)| (*step, remarks)).collect();
        for number in &operations.steps {
            let step = &plan.steps[*number];
            let remarks = fresh.get(number).copied().or(progress.remarks[*number].as_ref());
            let Some(quantization) = remarks.and_then(|remarks| remarks.quantization.clone()) else { continue };
            let value = step.quantized(&quantization);
            subjects.extend(value.map(|value| (Subject::Shares(*number, quantization), operations.root(value))));
        }
    }
    let passing = first_passing(operations, groups);
    let mut own: BTreeMap<ValueId, usize> = BTreeMap::new();
    for (subject, value) in subjects {
        let Some(ty) = &operations.types[value] else { continue };
        if ty.dtype == node_core::DType::String {
            continue;
        }
        // Before its maker a value cannot be seen, so the first group that it passes is the earliest.
        let ready = uses[value].unit.unwrap_or(0);
        let at = passing.get(&value).copied().filter(|at| *at >= ready).unwrap_or_else(|| {
            *own.entry(value).or_insert_with(|| {
                let (unit, len) = (groups.len(), Some(ty.shape.elements()));
                groups.push(Group { unit, members: Vec::new(), len, watches: Vec::new() });
                unit
            })
        });
        groups[at].watches.push((subject, value));
    }
}

/// For each value of the plan the step that gives it, if that has its turn in this phase.
fn givers(plan: &Plan, operations: &Operations) -> Vec<Option<usize>> {
    let mut givers = vec![None; plan.values.len()];
    for step in &operations.steps {
        givers[plan.steps[*step].outputs.clone()].fill(Some(*step));
    }
    givers
}

/// For each value the first group in which its elements come by, one by one.
fn first_passing(operations: &Operations, groups: &[Group]) -> BTreeMap<ValueId, usize> {
    let mut passing = BTreeMap::new();
    for (unit, group) in groups.iter().enumerate() {
        for operation in group.members.iter().map(|member| &operations.list[*member]) {
            let makes = matches!(operation.work, OperationWork::Map(_)).then_some(operation.out);
            for value in operation.operands.iter().copied().chain(makes) {
                let elements = operations.types[value].as_ref().map(|ty| ty.shape.elements());
                if group.len.is_some() && group.len == elements {
                    passing.entry(value).or_insert(unit);
                }
            }
        }
    }
    passing
}

/// For each group the values in memory that nobody needs after it; noted with the values too.
fn dying(
    plan: &Plan,
    operations: &Operations,
    groups: &[Group],
    uses: &mut [Use],
    is_kept: &[bool],
) -> Vec<Vec<ValueId>> {
    let mut last: BTreeMap<ValueId, usize> = BTreeMap::new();
    for (unit, group) in groups.iter().enumerate() {
        for member in &group.members {
            let operation = &operations.list[*member];
            let read = operation.operands.iter().copied();
            let made = made(plan, operation);
            for value in read.chain(made) {
                last.insert(value, unit);
            }
        }
        for (_, value) in &group.watches {
            last.insert(*value, unit);
        }
    }
    let mut dying = vec![Vec::new(); groups.len()];
    for (value, unit) in last {
        let given = plan.values.get(value).is_some_and(|v| matches!(v.origin, Provenance::Given(_)));
        let held = uses[value].stored || uses[value].unit.is_none() || is_computed(operations, uses, value);
        if held && !given && !is_kept[value] {
            dying[unit].push(value);
            uses[value].dies_after = Some(unit);
        }
    }
    dying
}

/// Whether the value comes from a block that computes by itself, and so is in memory whether anybody needs it or not.
fn is_computed(operations: &Operations, uses: &[Use], value: ValueId) -> bool {
    uses[value].maker.is_some_and(|maker| matches!(operations.list[maker].work, OperationWork::Compute(..)))
}

/// For each unit the steps that are over after it; at first those that are over before any.
fn finished(plan: &Plan, operations: &Operations, groups: &[Group], uses: &[Use]) -> Vec<Vec<usize>> {
    let givers = givers(plan, operations);
    let mut last: BTreeMap<usize, usize> = operations.steps.iter().map(|step| (*step, 0)).collect();
    for (unit, group) in groups.iter().enumerate() {
        let shares = group.watches.iter().filter_map(|(subject, _)| match subject {
            Subject::Shares(step, _) => Some(*step),
            Subject::Stats(value) | Subject::Health(value) | Subject::First(value) => givers[*value],
        });
        for step in group.members.iter().map(|member| operations.list[*member].step).chain(shares) {
            if let Some(after) = last.get_mut(&step) {
                *after = (*after).max(unit + 1);
            }
        }
    }
    for step in &operations.steps {
        for value in plan.steps[*step].outputs.clone() {
            if let (Some(unit), Some(after)) = (uses[operations.root(value)].unit, last.get_mut(step)) {
                *after = (*after).max(unit + 1);
            }
        }
    }
    let mut finished = vec![Vec::new(); groups.len() + 1];
    for (step, after) in last {
        finished[after].push(step);
    }
    finished
}

fn lower(plan: &Plan, operations: &Operations, group: &Group, uses: &[Use]) -> Unit {
    let region = || Unit::Region(Box::new(lowering::region(&Facts::of(plan, operations, group, uses))));
    match group.members.as_slice() {
        [member] if group.len.is_none() => {
            let operation = &operations.list[*member];
            match &operation.work {
                OperationWork::Axes(reduction) => {
                    let input = operation.operands[0];
                    let shape = operations.walked(&operation.operands).unwrap_or_default();
                    let dtype = operations.types[input].as_ref().map_or(node_core::DType::Float32, |ty| ty.dtype);
                    let (step, out, reduction) = (operation.step, operation.out, reduction.clone());
                    Unit::Axes(Box::new(AxisFold { step, input, out, reduction, dtype, shape }))
                }
                OperationWork::Compute(inputs, outputs) => {
                    Unit::Compute(Compute { step: operation.step, inputs: inputs.clone(), outputs: outputs.clone() })
                }
                OperationWork::Map(_) | OperationWork::Fold(..) => region(),
            }
        }
        _ => region(),
    }
}
