//! How much memory a run takes, known before it begins.

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

fn bytes(ty: &KnownType) -> u64 {
    (ty.shape.elements() as u64).saturating_mul(ty.dtype.size() as u64)
}

/// The values that a unit puts into memory; a value whose memory another takes over counts as that other.
fn made(plan: &Plan, unit: &Unit) -> Vec<ValueId> {
    match unit {
        Unit::Region(region) => {
            let whole = region.outputs.iter().filter(|made| !made.streamed).map(|made| made.value);
            whole.chain(region.folds.iter().map(|fold| fold.out)).collect()
        }
        Unit::Axes(fold) => vec![fold.out],
        Unit::Compute(compute) => plan.steps[compute.step].outputs.clone().collect(),
    }
}

/// The most bytes that made tensors take at one time, and the largest of them then.
pub fn peak(plan: &Plan, types: &[Option<KnownType>], units: &[Unit], dying: &[Vec<ValueId>]) -> (u64, Vec<Largest>) {
    let size = |value: ValueId| types[value].as_ref().map_or(0, bytes);
    let mut live: Vec<ValueId> = Vec::new();
    let (mut now, mut most, mut largest) = (0u64, 0, Vec::new());
    for (unit, dying) in units.iter().zip(dying) {
        let taken: Vec<ValueId> = match unit {
            Unit::Region(region) => {
                region.outputs.iter().filter_map(|m| m.in_place_of).map(|input| region.inputs[input]).collect()
            }
            _ => Vec::new(),
        };
        for value in taken {
            if let Some(place) = live.iter().position(|v| *v == value) {
                live.swap_remove(place);
                now -= size(value);
            }
        }
        for value in made(plan, unit) {
            live.push(value);
            now = now.saturating_add(size(value));
        }
        if now > most {
            most = now;
            largest = live.clone();
        }
        for value in dying {
            if let Some(place) = live.iter().position(|v| v == value) {
                live.swap_remove(place);
                now -= size(*value);
            }
        }
    }
    largest.sort_by_key(|value| std::cmp::Reverse(size(*value)));
    largest.truncate(3);
    (most, largest.into_iter().filter_map(|value| describe(plan, types, value)).collect())
}

/// A value for people.
fn describe(plan: &Plan, types: &[Option<KnownType>], value: ValueId) -> Option<Largest> {
    let ty = types[value].clone()?;
    let step = plan.steps.iter().find(|step| step.outputs.contains(&value));
    let name = step.and_then(|step| {
        let port = step.block.spec().outputs().nth(value - step.outputs.start)?;
        Some(format!("{}.{}", step.id, port.name))
    });
    Some(Largest { name: name.unwrap_or_else(|| "a step in between".to_owned()), bytes: bytes(&ty), ty })
}

/// Gives steps that would take more memory than `limit` their verdict: those of the first unit that goes beyond it.
/// `false` if there is none.
pub fn refuse(plan: &Plan, phase: &Phase, progress: &mut Progress, limit: u64) -> bool {
    for count in 1..=phase.units.len() {
        let units = &phase.units[..count];
        let (peak, largest) = peak(plan, &phase.types, units, &phase.dying);
        if peak <= limit {
            continue;
        }
        let values = units.last().map(|unit| made(plan, unit)).unwrap_or_default();
        let largest_value = values.into_iter().max_by_key(|v| phase.types[*v].as_ref().map_or(0, bytes));
        let step = largest_value.and_then(|value| match plan.values.get(value)?.origin {
            Origin::Output { step, index } => Some((step, index)),
            Origin::Given(_) => None,
        });
        let (step, port) = match (step, units.last()) {
            (Some((step, index)), _) => (step, plan.steps[step].block.spec().outputs().nth(index).map(|p| p.name)),
            (None, Some(Unit::Region(region))) => match region.instructions.last() {
                Some(instruction) => (instruction.step, None),
                None => return false,
            },
            _ => return false,
        };
        let tensors =
            largest.iter().map(|l| format!("{} ({} {}, {})", l.name, l.ty.dtype, l.ty.shape, bytes_text(l.bytes)));
        let message = format!(
            "the run would take {}, but the memory limit is {}; the largest tensors are {}; make them smaller or raise \
             the limit",
            bytes_text(peak),
            bytes_text(limit),
            tensors.collect::<Vec<_>>().join(", ")
        );
        let fault = Fault { port, message };
        progress.verdicts[step] = Verdict::Failed(Problem::of(&plan.steps[step].id, fault));
        return true;
    }
    false
}
