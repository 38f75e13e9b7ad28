//! What there is to say of a page: problems, what is still to be connected, and warnings; each with its place.

use node_core::{BlockId, Problem};
use node_engine::Outcome;

use crate::editor::Tab;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is wrong.
    Problem,
    /// Something is still to be wired or set.
    Open,
    /// A person should know.
    Warning,
}

/// Something to say.
pub struct Remark {
    /// How bad it is.
    pub severity: Severity,
    /// The block concerned.
    pub block: Option<BlockId>,
    /// The port, what there is to say, and what to do.
    pub text: String,
}

/// All of a page, as checked and as its last run found it.
pub fn remarks(tab: &Tab) -> Vec<Remark> {
    let checked = &tab.document.checked;
    let mut remarks: Vec<Remark> = checked.problems.iter().map(of_problem).collect();
    remarks.extend(checked.blocks.keys().filter_map(|id| match tab.result(id).map(|result| &result.outcome) {
        Some(Outcome::Failed(problem)) => Some(of_problem(problem)),
        _ => None,
    }));
    for id in checked.blocks.keys() {
        remarks.extend(tab.warnings(id).iter().map(|warning| {
            let place = warning.port.as_ref().map(|port| format!("{port}: ")).unwrap_or_default();
            let text = format!("{place}{}", crate::inspector::sentences(warning));
            Remark { severity: Severity::Warning, block: Some(id.clone()), text }
        }));
    }
    remarks.sort_by_key(|remark| remark.severity);
    remarks
}

fn of_problem(problem: &Problem) -> Remark {
    let place = problem.port.as_ref().map(|port| format!("{port}: ")).unwrap_or_default();
    let severity = if problem.open { Severity::Open } else { Severity::Problem };
    Remark { severity, block: problem.block.clone(), text: format!("{place}{}", problem.message) }
}

/// How many there are of each kind, without their texts.
pub fn counts(tab: &Tab) -> [usize; 3] {
    let checked = &tab.document.checked;
    let failed = tab.run.results.keys().filter_map(|id| match tab.result(id).map(|result| &result.outcome) {
        Some(Outcome::Failed(problem)) => Some(problem),
        _ => None,
    });
    let all: Vec<&Problem> = checked.problems.iter().chain(failed).collect();
    let open = all.iter().filter(|problem| problem.open).count();
    let warnings = checked.blocks.keys().map(|id| tab.warnings(id).len()).sum();
    [all.len() - open, open, warnings]
}
