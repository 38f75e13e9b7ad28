//! What there is to say of a page: problems, what is still to be connected, and warnings; each with its place.

use node_core::{BlockId, Problem, Warning};
use node_engine::Outcome;

use crate::state::tab::Tab;

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
            let text = format!("{place}{}", sentences(warning));
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

/// What there is to know, and what can be done about it.
pub fn sentences(warning: &Warning) -> String {
    let mut remedy = warning.remedy.chars();
    let first = remedy.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{}. {first}{}.", warning.message, remedy.as_str())
}

/// What is wrong with a block: found by the check, else by the run. What is merely still to be connected is not wrong.
pub fn message(tab: &Tab, id: &BlockId) -> Option<String> {
    let problem = tab.document.checked.problems_of(id).find(|problem| !problem.open);
    let failed = match tab.result(id).map(|r| &r.outcome) {
        Some(Outcome::Failed(problem)) if !problem.open => Some(problem),
        _ => None,
    };
    let problem = problem.or(failed)?;
    Some(match &problem.port {
        Some(port) => format!("{port}: {}", problem.message),
        None => problem.message.clone(),
    })
}
