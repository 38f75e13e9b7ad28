//! What a run has to do: from what is asked for back to what is there.

use crate::plan::{Plan, ValueId};
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
        self.needed.extend(plan.values.iter().map(|v| v.fetched || v.watched || v.previewed));
        self.read.clear();
        self.read.extend(plan.values.iter().map(|v| v.fetched));
        for (number, step) in plan.steps.iter().enumerate().rev() {
            let verdict = &progress.verdicts[number];
            if matches!(verdict, Verdict::Failed(_) | Verdict::Waiting(_)) {
                continue;
            }
            let mut missing = step.asked && step.outputs.is_empty() && !matches!(verdict, Verdict::Done);
            for value in step.outputs.clone() {
                // Of a muted block whose first output is absent there are no shares.
                let first = value == step.outputs.start && step.gives_first();
                let lacks = |progress: &Progress| {
                    let shares = plan.shares && step.asked && first && progress.shares[number].is_none();
                    let stats = plan.values[value].watched && progress.stats[value].is_none();
                    let preview = plan.values[value].previewed
                        && progress.previews[value].is_none()
                        && progress.slots[value].is_none();
                    let handed_on = plan.streamed == Some(value) && progress.handed_on;
                    shares || stats || preview || self.read[value] && progress.slots[value].is_none() && !handed_on
                };
                if lacks(progress) {
                    find(value, number, progress);
                    missing |= lacks(progress);
                }
                // Shares are taken of the first output, whether anybody else needs it or not.
                self.needed[value] |= plan.shares && step.asked && first && progress.shares[number].is_none();
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
