//! What a run has to do: from what is asked for back to what is there.

use crate::plan::{Plan, Provenance, ValueId};
use crate::progress::{Progress, Verdict};

/// What a run has to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// The steps that have to run, in order.
    pub steps: Vec<usize>,
    /// For each value whether somebody needs it, be it that its elements are only seen as they come by.
    pub needed: Vec<bool>,
    /// For each value whether its tensor is needed: somebody reads it, or asks for it.
    pub read: Vec<bool>,
    /// For each value whether it was there at the begin.
    pub there: Vec<bool>,
    /// Values that are kept although nobody asks for them: they stand between what has changed since the last run and
    /// what has not, and the next change is likely to need them again.
    pub frontier: Vec<ValueId>,
}

/// Whether it is not known where the elements lie that a step quantizes, or not yet known that it quantizes none.
fn lacks_shares(plan: &Plan, number: usize, progress: &Progress) -> bool {
    let step = &plan.steps[number];
    let is_made = || matches!(plan.values[step.outputs.start].origin, Provenance::Output { .. });
    let may_quantize = match &progress.remarks[number] {
        Some(remarks) => remarks.quantization.as_ref().is_some_and(|q| step.quantized(q).is_some()),
        None => step.passes.is_none() && is_made(),
    };
    may_quantize && progress.shares[number].is_none()
}

impl Demand {
    /// Goes back from what is asked for, past steps that cannot run. `find` may put what is known of a value of a step
    /// where it belongs.
    pub fn go_back(
        &mut self,
        plan: &Plan,
        progress: &mut Progress,
        mut find: impl FnMut(ValueId, usize, &mut Progress),
    ) {
        self.steps.clear();
        self.needed.clear();
        self.needed.extend(plan.values.iter().map(|v| v.fetched || v.watched || v.tallied || v.previewed));
        self.read.clear();
        self.read.extend(plan.values.iter().map(|v| v.fetched));
        for (number, step) in plan.steps.iter().enumerate().rev() {
            let verdict = &progress.verdicts[number];
            if matches!(verdict, Verdict::Failed(_) | Verdict::Waiting(_)) {
                continue;
            }
            let mut missing = step.asked && step.outputs.is_empty() && !matches!(verdict, Verdict::Done);
            for value in step.outputs.clone() {
                let first = value == step.outputs.start;
                let lacks = |progress: &Progress| {
                    let shares = plan.shares && step.asked && first && lacks_shares(plan, number, progress);
                    let stats = plan.values[value].watched && progress.stats[value].is_none();
                    let health = plan.values[value].tallied && progress.health[value].is_none();
                    let preview = plan.values[value].previewed
                        && progress.previews[value].is_none()
                        && progress.slots[value].is_none();
                    let handed_on = plan.streamed == Some(value) && progress.handed_on;
                    shares
                        || stats
                        || health
                        || preview
                        || self.read[value] && progress.slots[value].is_none() && !handed_on
                };
                if lacks(progress) {
                    find(value, number, progress);
                    missing |= lacks(progress);
                }
            }
            if missing {
                self.steps.push(number);
                for value in step.inputs.iter().flatten() {
                    (self.needed[*value], self.read[*value]) = (true, true);
                }
            }
        }
        self.steps.reverse();
        self.there.clear();
        self.there.extend(progress.slots.iter().map(Option::is_some));
    }
}
