//! What there is to say of a page: problems, what is still to be connected, and warnings; each with its place.

use std::collections::BTreeSet;

use node_core::{BlockId, Fix, Problem, Warning};
use node_engine::Outcome;

use crate::state::tab::{Tab, TabId};

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
    /// What can be done about it at once.
    pub fixes: Vec<Fix>,
}

/// All of a page, as checked and as its last run found it; found anew only when one of these has changed.
#[derive(Default)]
pub struct Remarks {
    key: Option<Key>,
    list: Vec<Remark>,
    /// Of how many percent of clipped elements they tell.
    pub clipped: f64,
}

/// What remarks follow from.
#[derive(PartialEq)]
struct Key {
    page: TabId,
    content: u64,
    generation: u64,
    submitted: Option<u64>,
    clipped: u64,
}

impl Remarks {
    /// Looks at a page again, if it has changed.
    pub fn follow(&mut self, tab: &Tab, clipped: f64) {
        self.clipped = clipped;
        let (page, content, generation) = (tab.id, tab.document.content(), tab.run.generation());
        let key = Some(Key { page, content, generation, submitted: tab.submitted, clipped: clipped.to_bits() });
        if self.key != key {
            (self.key, self.list) = (key, remarks(tab));
        }
    }

    /// All of them, what is worst first.
    pub fn list(&self) -> &[Remark] {
        &self.list
    }

    /// How many there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|remark| remark.severity == severity).count()
    }
}

fn remarks(tab: &Tab) -> Vec<Remark> {
    let (checked, results) = (&tab.document.checked, &tab.run.results);
    let mut remarks: Vec<Remark> = checked.problems.iter().map(of_problem).collect();
    remarks.extend(results.iter().filter_map(|(id, result)| match &result.outcome {
        Outcome::Failed(problem) if tab.result(id).is_some() => Some(of_problem(problem)),
        _ => None,
    }));
    let known = checked.blocks.iter().filter(|(_, block)| !block.warnings.is_empty()).map(|(id, _)| id);
    let found = results.iter().filter(|(_, result)| !result.warnings.is_empty()).map(|(id, _)| id);
    let of_data = tab.run.findings.keys();
    let warned: BTreeSet<&BlockId> =
        known.chain(found).chain(of_data).filter(|id| checked.blocks.contains_key(*id)).collect();
    for id in warned {
        remarks.extend(tab.warnings(id).map(|warning| {
            let place = warning.port.as_ref().map(|port| format!("{port}: ")).unwrap_or_default();
            let text = format!("{place}{}", sentences(warning));
            Remark { severity: Severity::Warning, block: Some(id.clone()), text, fixes: warning.fixes.clone() }
        }));
    }
    remarks.sort_by_key(|remark| remark.severity);
    remarks
}

fn of_problem(problem: &Problem) -> Remark {
    let place = problem.port.as_ref().map(|port| format!("{port}: ")).unwrap_or_default();
    let severity = if problem.open { Severity::Open } else { Severity::Problem };
    Remark { severity, block: problem.block.clone(), text: format!("{place}{}", problem.message), fixes: Vec::new() }
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
