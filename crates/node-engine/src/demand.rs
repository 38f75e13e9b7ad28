//! What a run has to do: from what is asked for back to what is there.

use crate::plan::{Plan, ValueId};
use crate::prepare::Progress;

/// What a run has to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// The steps that have to run, in order.
    pub steps: Vec<usize>,
    /// For each value whether somebody needs it.
    pub needed: Vec<bool>,
    /// For each value whether it was there at the begin.
    pub there: Vec<bool>,
    /// Values that are kept although nobody asks for them: they stand between what has changed since the last run and
    /// what has not, and the next change is likely to need them again.
    pub frontier: Vec<ValueId>,
}

impl Demand {
    /// Goes back from what is asked for. `find` may put what is known of a value of a step where it belongs.
    pub fn go_back(
        &mut self,
        plan: &Plan,
        progress: &mut Progress,
        mut find: impl FnMut(ValueId, usize, &mut Progress),
    ) {
        self.steps.clear();
        self.needed.clear();
        self.needed.extend(plan.values.iter().map(|v| v.fetched || v.watched));
        for (number, step) in plan.steps.iter().enumerate().rev() {
            let mut missing = step.asked && step.outputs.is_empty();
            for value in step.outputs.clone() {
                let first = value == step.outputs.start;
                let lacks = |progress: &Progress| {
                    let shares = plan.shares && step.asked && first && progress.shares[number].is_none();
                    let stats = plan.values[value].watched && progress.stats[value].is_none();
                    let only_watched = plan.values[value].watched && !plan.values[value].fetched;
                    let tensor = progress.slots[value].is_none() && (!only_watched || stats);
                    shares || stats || self.needed[value] && tensor
                };
                if lacks(progress) {
                    find(value, number, progress);
                    missing |= lacks(progress);
                }
            }
            if missing {
                self.steps.push(number);
                step.inputs.iter().flatten().for_each(|value| self.needed[*value] = true);
            }
        }
        self.steps.reverse();
        self.there.clear();
        self.there.extend(progress.slots.iter().map(Option::is_some));
    }
}
