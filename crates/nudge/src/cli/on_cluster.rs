//! `--target`: a page that runs on a TensorFlow cluster.

use std::sync::Arc;
use std::time::Duration;

use node_core::access::Host as _;
use node_core::{PortRef, Problem, Scalar, Tensor};
use node_tensorflow::cluster::page::{PageRun, target_of, unfed, without};
use node_tensorflow::cluster::{Cluster, Target, never};
use node_tensorflow::graph::Edge;

use super::options::OptionError;
use super::output::Output;
use super::progress::Bar;
use super::setup::Setup;
use super::steps::{Before, scalars};
use node_tensorflow::page::{self, PageGraph};

/// Where to run: what the option says, else what the page does; `local` is this machine, whatever the page says.
pub fn target(option: Option<&str>, setup: &Setup) -> Result<Option<Target>, Vec<OptionError>> {
    match option {
        Some("local") => Ok(None),
        Some(text) => {
            let wrong = |why: String| vec![OptionError::Usage(format!("--target {why}"))];
            Target::parse(text).map(Some).map_err(wrong)
        }
        None => target_of(&setup.checked)
            .map_err(|problem| vec![OptionError::File(format!("{}: {problem}", setup.file.display()))]),
    }
}

/// What a cluster has given.
pub struct Given {
    /// The tensors that are fetched.
    pub tensors: Vec<(PortRef, Tensor)>,
    /// Of several steps, what came before the last.
    pub before: Option<Before>,
    /// What went wrong.
    pub problems: Vec<Problem>,
}

/// Runs what can run of the page on a cluster, so many steps where more than one is asked for.
pub fn run(setup: &Setup, target: &Target, steps: Option<u64>, output: &Output) -> Given {
    let mut given = Given { tensors: Vec::new(), before: None, problems: Vec::new() };
    let mut fetch = page::possible(&setup.checked, setup.fetch.clone());
    for problem in unfed(&setup.checked, &fetch) {
        fetch = problem.block.as_ref().map_or_else(Vec::new, |block| without(&setup.checked, &fetch, block));
        given.problems.push(problem);
    }
    if let Err(problems) = attempt(setup, (target, &fetch), steps, &mut given, output) {
        given.problems.extend(problems);
    }
    given
}

fn attempt(
    setup: &Setup,
    (target, fetch): (&Target, &[PortRef]),
    steps: Option<u64>,
    given: &mut Given,
    output: &Output,
) -> Result<(), Vec<Problem>> {
    let kind = if target.tls { "encrypted" } else { "plain: what goes there can be read on its way" };
    output.note(format!("{}: runs on {target} ({kind})", setup.file.display()));
    let mut graph = page::graph((&setup.checked, &setup.name), fetch, false, &setup.run_options())?;
    given.problems.extend(graph.as_tensors());
    let PageGraph { lowered, fetched } = graph;
    let one = |failure: node_tensorflow::cluster::Failure| vec![failure.problem()];
    let cluster = Arc::new(Cluster::connect(target, &never).map_err(one)?);
    let run = PageRun::begin(&cluster, &setup.checked, lowered, &never)?;
    let all: Vec<Edge> = fetched.iter().map(|(_, edge)| *edge).collect();
    if let Some(steps) = steps {
        all_but_last(setup, &run, (&fetched, &all), steps, given)?;
    }
    let bar = Bar::of(format!("running on {target}"));
    let waiting = |_: Duration| {
        bar.progress(0, 0);
        false
    };
    let tensors = run.step(&all, &[], &waiting).map_err(one)?;
    bar.clear();
    given.tensors = fetched.into_iter().map(|(port, _)| port).zip(tensors).collect();
    Ok(())
}

/// All steps but the last: of what is fetched only scalars travel, the rest is but carried out.
fn all_but_last(
    setup: &Setup,
    run: &PageRun,
    (fetched, all): (&[(PortRef, Edge)], &[Edge]),
    steps: u64,
    given: &mut Given,
) -> Result<(), Vec<Problem>> {
    let followed = scalars(setup);
    let courses: Vec<&(PortRef, Edge)> = fetched.iter().filter(|(port, _)| followed.contains(port)).collect();
    let edges: Vec<Edge> = courses.iter().map(|(_, edge)| *edge).collect();
    let history: Vec<(PortRef, Vec<Scalar>)> = courses.iter().map(|(port, _)| (port.clone(), Vec::new())).collect();
    // What there is of it is told whatever comes.
    let before = given.before.insert(Before { steps: 1, history });
    let bar = Bar::of(format!("{steps} steps of {}", setup.file.display()));
    for step in 0..steps - 1 {
        bar.progress(step as usize, steps as usize);
        let failed = |failure: node_tensorflow::cluster::Failure| {
            let problem = failure.problem();
            vec![Problem { message: format!("step {step} (the first is 0): {}", problem.message), ..problem }]
        };
        let tensors = run.step(&edges, all, &never).map_err(failed)?;
        for ((_, course), tensor) in before.history.iter_mut().zip(&tensors) {
            course.extend(tensor.element(0));
        }
        before.steps = step + 2;
    }
    Ok(())
}
