//! How much memory a run takes, known before it begins.
//!
//! A walk over the units in their order, with what is in memory at each of them: what earlier phases have made and
//! nobody has let go of, too.

use std::collections::BTreeSet;

use node_core::number::bytes_text;
use node_core::{Fault, KnownType, Problem};

use crate::exec::{axes, room};
use crate::plan::{Plan, Provenance, ValueId};
use crate::program::{Largest, Peak, Phase, Unit};
use crate::progress::{Progress, Verdict};

/// The bytes beside tensors that a unit needs while it is carried out: what blocks of elements come to.
fn scratch(unit: &Unit) -> u64 {
    match unit {
        Unit::Region(region) => room::scratch(region),
        Unit::Axes(fold) => axes::scratch(&fold.reduction, &fold.shape),
        Unit::Compute(_) => 0,
    }
}

/// The bytes of what a unit of a phase makes.
pub fn bytes_made(plan: &Plan, phase: &Phase, unit: usize) -> u64 {
    made(plan, &phase.units[unit]).iter().map(|(value, _)| bytes(plan, &phase.types, *value)).sum()
}

/// The bytes that a value takes in memory.
fn bytes(plan: &Plan, types: &[Option<KnownType>], value: ValueId) -> u64 {
    if plan.stays_in_file(value) { 0 } else { types[value].as_ref().map_or(0, KnownType::bytes) }
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
    plan: &'t Plan,
    types: &'t [Option<KnownType>],
    values: BTreeSet<(u64, ValueId)>,
    bytes: u64,
}

impl<'t> Live<'t> {
    /// What the run has made before.
    fn at_begin(plan: &'t Plan, types: &'t [Option<KnownType>], progress: &Progress) -> Live<'t> {
        let mut live = Live { plan, types, values: BTreeSet::new(), bytes: 0 };
        for value in (0..progress.slots.len()).filter(|v| progress.own[*v] && progress.slots[*v].is_some()) {
            live.add(value);
        }
        live
    }

    fn size(&self, value: ValueId) -> u64 {
        bytes(self.plan, self.types, value)
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
        let Provenance::Output { step, index } = known.origin else { return None };
        let step = &plan.steps[step];
        Some(format!("{}.{}", step.id, step.setup.ports.output_name(index)?))
    });
    Some(Largest { name: name.unwrap_or_else(|| "a step in between".to_owned()), bytes: ty.bytes(), ty })
}

/// The most that is taken at one time.
pub fn peak(
    plan: &Plan,
    progress: &Progress,
    types: &[Option<KnownType>],
    units: &[Unit],
    dying: &[Vec<ValueId>],
) -> Peak {
    let mut live = Live::at_begin(plan, types, progress);
    let mut peak = Peak { bytes: live.bytes, largest: live.largest(plan) };
    for (unit, dying) in units.iter().zip(dying) {
        taken(unit).into_iter().for_each(|value| live.remove(value));
        made(plan, unit).into_iter().for_each(|(value, _)| live.add(value));
        let bytes = live.bytes.saturating_add(scratch(unit));
        if bytes > peak.bytes {
            (peak.bytes, peak.largest) = (bytes, live.largest(plan));
        }
        dying.iter().for_each(|value| live.remove(*value));
    }
    peak
}

/// Gives steps their verdict that would take more memory than `limit`: of a unit that goes beyond it those with the
/// largest results, until the others fit. Looks at as many such units as `most`. `false` if there is none.
pub fn refuse(plan: &Plan, phase: &Phase, progress: &mut Progress, limit: u64, most: usize) -> bool {
    let mut live = Live::at_begin(plan, &phase.types, progress);
    let mut lost = vec![false; phase.types.len()];
    let mut refused = 0;
    for (unit, dying) in phase.units.iter().zip(&phase.dying) {
        if refused == most {
            break;
        }
        let made = made(plan, unit);
        if unit.inputs().any(|value| lost[value]) {
            // Part of it may run yet; that is found out when it is prepared without what it cannot have.
            made.iter().for_each(|(value, _)| lost[*value] = true);
            dying.iter().for_each(|value| live.remove(*value));
            continue;
        }
        taken(unit).into_iter().for_each(|value| live.remove(value));
        made.iter().for_each(|(value, _)| live.add(*value));
        let over = refuse_of_unit(plan, (unit, made), &mut live, progress, limit, &mut lost);
        refused += usize::from(over);
        dying.iter().for_each(|value| live.remove(*value));
    }
    refused > 0
}

/// Refuses the largest results of a unit until the others fit; whether there was any need.
fn refuse_of_unit(
    plan: &Plan,
    (unit, mut made): (&Unit, Vec<MadeBy>),
    live: &mut Live<'_>,
    progress: &mut Progress,
    limit: u64,
    lost: &mut [bool],
) -> bool {
    let scratch = scratch(unit);
    let mut refused = false;
    let mut refuse = |step: usize, value: Option<ValueId>, live: &Live<'_>| {
        if matches!(progress.verdicts[step], Verdict::Open) {
            progress.verdicts[step] = Verdict::Failed(refusal(plan, live, value, step, scratch, limit));
            refused = true;
        }
    };
    made.sort_by_key(|(value, _)| (live.size(*value), *value));
    while live.bytes.saturating_add(scratch) > limit
        && let Some((value, step)) = made.pop()
    {
        refuse(step, Some(value), live);
        live.remove(value);
        lost[value] = true;
    }
    if scratch > limit {
        unit.steps().iter().for_each(|step| refuse(*step, None, live));
    }
    refused
}

fn refusal(plan: &Plan, live: &Live<'_>, value: Option<ValueId>, step: usize, scratch: u64, limit: u64) -> Problem {
    let port = value.and_then(|value| plan.values.get(value)).and_then(|known| match known.origin {
        Provenance::Output { step, index } => plan.steps[step].setup.ports.output_name(index).cloned(),
        Provenance::Given(_) => None,
    });
    let name = |l: Largest| format!("{} ({} {}, {})", l.name, l.ty.dtype, l.ty.shape, bytes_text(l.bytes));
    let largest = live.largest(plan).into_iter().map(name).collect::<Vec<_>>().join(", ");
    let why = match largest.is_empty() {
        true => "for what comes between its elements and its results".to_owned(),
        false => format!("the largest tensors are {largest}"),
    };
    let (needed, limit) = (live.bytes.saturating_add(scratch), limit);
    let (mut would, mut most) = (bytes_text(needed), bytes_text(limit));
    if would == most {
        (would, most) = (format!("{needed} bytes"), format!("{limit} bytes"));
    }
    let message = format!(
        "the run would take {would}, but the memory limit is {most}; {why}; make them smaller or raise the limit"
    );
    Problem::of(&plan.steps[step].id, Fault { port, open: false, message })
}
