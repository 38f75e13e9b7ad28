//! How much memory a run takes, known before it begins.
//!
//! A walk over the units in their order, with what is in memory at each of them: what earlier phases have made and
//! nobody has let go of, too.

use std::collections::BTreeSet;

use node_core::number::bytes_text;
use node_core::{Fault, KnownType, Problem};

use super::{Phase, Progress, Unit, Verdict};
use crate::plan::{Origin, Plan, ValueId};

/// A tensor that a run makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Largest {
    /// `block.port`, or the block for what it needs in between.
    pub name: String,
    /// Its type.
    pub ty: KnownType,
    /// The bytes that it takes.
    pub bytes: u64,
}

/// The bytes that a tensor of this type takes.
pub fn bytes(ty: &KnownType) -> u64 {
    (ty.shape.elements() as u64).saturating_mul(ty.dtype.size() as u64)
}

/// A tensor that a unit makes: the value, and whose it is.
pub type MadeBy = (ValueId, usize);

/// What a unit puts into memory.
pub fn made(plan: &Plan, unit: &Unit) -> Vec<MadeBy> {
    match unit {
        Unit::Region(region) => {
            let whole = region.outputs.iter().filter(|made| !made.streamed).map(|made| (made.value, made.step));
            whole.chain(region.folds.iter().map(|fold| (fold.out, fold.step))).collect()
        }
        Unit::Axes(fold) => vec![(fold.out, fold.step)],
        Unit::Compute(compute) => plan.steps[compute.step].outputs.clone().map(|value| (value, compute.step)).collect(),
    }
}

/// What a unit's outputs take over.
fn taken(unit: &Unit) -> Vec<ValueId> {
    match unit {
        Unit::Region(region) => {
            region.outputs.iter().filter_map(|m| m.in_place_of).map(|input| region.inputs[input]).collect()
        }
        _ => Vec::new(),
    }
}

/// What is in memory.
struct Live<'t> {
    types: &'t [Option<KnownType>],
    values: BTreeSet<(u64, ValueId)>,
    bytes: u64,
}

impl<'t> Live<'t> {
    /// What the run has made before.
    fn at_begin(types: &'t [Option<KnownType>], progress: &Progress) -> Live<'t> {
        let mut live = Live { types, values: BTreeSet::new(), bytes: 0 };
        for value in (0..progress.slots.len()).filter(|v| progress.own[*v] && progress.slots[*v].is_some()) {
            live.add(value);
        }
        live
    }

    fn size(&self, value: ValueId) -> u64 {
        self.types[value].as_ref().map_or(0, bytes)
    }

    fn add(&mut self, value: ValueId) {
        if self.values.insert((self.size(value), value)) {
            self.bytes = self.bytes.saturating_add(self.size(value));
        }
    }

    fn remove(&mut self, value: ValueId) {
        if self.values.remove(&(self.size(value), value)) {
            self.bytes = self.bytes.saturating_sub(self.size(value));
        }
    }

    /// The largest, for people.
    fn largest(&self, plan: &Plan) -> Vec<Largest> {
        self.values.iter().rev().take(3).filter_map(|(_, value)| describe(plan, self.types, *value)).collect()
    }
}

/// A value for people.
fn describe(plan: &Plan, types: &[Option<KnownType>], value: ValueId) -> Option<Largest> {
    let ty = types[value].clone()?;
    let name = plan.values.get(value).and_then(|known| {
        let Origin::Output { step, index } = known.origin else { return None };
        let step = &plan.steps[step];
        Some(format!("{}.{}", step.id, step.block.spec().outputs().nth(index)?.name))
    });
    Some(Largest { name: name.unwrap_or_else(|| "a step in between".to_owned()), bytes: bytes(&ty), ty })
}

/// The most bytes that made tensors take at one time, and the largest of them then.
pub fn peak(
    plan: &Plan,
    progress: &Progress,
    types: &[Option<KnownType>],
    units: &[Unit],
    dying: &[Vec<ValueId>],
) -> (u64, Vec<Largest>) {
    let mut live = Live::at_begin(types, progress);
    let (mut most, mut largest) = (live.bytes, live.largest(plan));
    for (unit, dying) in units.iter().zip(dying) {
        taken(unit).into_iter().for_each(|value| live.remove(value));
        made(plan, unit).into_iter().for_each(|(value, _)| live.add(value));
        if live.bytes > most {
            (most, largest) = (live.bytes, live.largest(plan));
        }
        dying.iter().for_each(|value| live.remove(*value));
    }
    (most, largest)
}

/// Gives all steps their verdict that would take more memory than `limit`: of each unit that goes beyond it those with
/// the largest results, until the others fit. `false` if there is none.
pub fn refuse(plan: &Plan, phase: &Phase, progress: &mut Progress, limit: u64) -> bool {
    let mut live = Live::at_begin(&phase.types, progress);
    let mut lost = vec![false; phase.types.len()];
    let mut refused = false;
    for (unit, dying) in phase.units.iter().zip(&phase.dying) {
        let made = made(plan, unit);
        let needs = match unit {
            Unit::Region(region) => region.inputs.clone(),
            Unit::Axes(fold) => vec![fold.input],
            Unit::Compute(compute) => plan.steps[compute.step].inputs.iter().flatten().copied().collect(),
        };
        if needs.iter().any(|value| lost[*value]) {
            // Part of it may run yet; that is found out when it is prepared without what it cannot have.
            made.iter().for_each(|(value, _)| lost[*value] = true);
            continue;
        }
        taken(unit).into_iter().for_each(|value| live.remove(value));
        made.iter().for_each(|(value, _)| live.add(*value));
        let mut largest_last = made;
        largest_last.sort_by_key(|(value, _)| (live.size(*value), *value));
        while live.bytes > limit
            && let Some((value, step)) = largest_last.pop()
        {
            if matches!(progress.verdicts[step], Verdict::Open) {
                progress.verdicts[step] = Verdict::Failed(refusal(plan, &live, value, step, limit));
                refused = true;
            }
            live.remove(value);
            lost[value] = true;
        }
        dying.iter().for_each(|value| live.remove(*value));
    }
    refused
}

fn refusal(plan: &Plan, live: &Live<'_>, value: ValueId, step: usize, limit: u64) -> Problem {
    let port = plan.values.get(value).and_then(|known| match known.origin {
        Origin::Output { step, index } => plan.steps[step].block.spec().outputs().nth(index).map(|p| p.name),
        Origin::Given(_) => None,
    });
    let name = |l: Largest| format!("{} ({} {}, {})", l.name, l.ty.dtype, l.ty.shape, bytes_text(l.bytes));
    let message = format!(
        "the run would take {}, but the memory limit is {}; the largest tensors are {}; make them smaller or raise the \
         limit",
        bytes_text(live.bytes),
        bytes_text(limit),
        live.largest(plan).into_iter().map(name).collect::<Vec<_>>().join(", ")
    );
    Problem::of(&plan.steps[step].id, Fault { port, message })
}
