//! From a plan to units of work: types made whole, kernels made, element-wise blocks fused into regions.
//!
//! What cannot be prepared yet, because a shape or a parameter is only known once others have run, is left for a later
//! phase.

mod facts;
mod group;
mod lowering;
mod operations;
mod peak;
mod regions;
mod registers;

pub use peak::bytes_made;

use crate::demand::Demand;
use crate::options::RunOptions;
use crate::plan::Plan;
use crate::program::Phase;
use crate::progress::Progress;

/// How many units beyond the memory limit are refused one by one, so that what comes after each is looked at anew
/// without it. Further ones are refused all at once.
const ONE_BY_ONE: usize = 16;

/// Prepares what can be prepared; `None` if it is cancelled. Steps that cannot run get their verdict; so do those that
/// would take more memory than there may be.
pub fn prepare(plan: &Plan, demand: &Demand, progress: &mut Progress, options: &RunOptions<'_>) -> Option<Phase> {
    let limit = options.memory_limit;
    for round in 0.. {
        let operations = operations::list(plan, demand, progress, options)?;
        let phase = regions::build(plan, demand, progress, operations, options.cancelled)?;
        let most = if round < ONE_BY_ONE { 1 } else { usize::MAX };
        if phase.peak.bytes <= limit || !peak::refuse(plan, &phase, progress, limit, most) {
            return Some(phase);
        }
    }
    None
}
