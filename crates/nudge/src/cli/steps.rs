//! Several steps of one run: `--steps N`.

use node_core::access::Host as _;
use node_core::check::Surroundings;
use node_core::value::quoted;
use node_core::{PortRef, Registry, Scalar, Tensor};
use node_engine::steps::{Progress, Steps};
use node_engine::{Engine, available_threads};

use super::output::Output;
use super::progress::Bar;
use super::setup::Setup;

/// What the steps before the last have left.
pub struct Before {
    /// How many steps there are with the last.
    pub steps: u64,
    /// The scalars that are fetched, with their values in the steps before the last.
    pub history: Vec<(PortRef, Vec<Scalar>)>,
}

/// Makes all steps but the last, and has `setup` stand at that, or at the first that fails: its own run tells what is wrong
/// and gives what can run. `None` if they cannot begin, which is told.
pub fn all_but_last(setup: &mut Setup, steps: u64, registry: &Registry, output: &Output) -> Option<Before> {
    let followed = scalars(setup);
    let (files, feeds) = (setup.files.clone(), setup.feeds.clone());
    let around = Surroundings { files: &files, ..Surroundings::new(registry, &feeds) };
    let mut engine = Engine::new(available_threads(), setup.limit / 4);
    let file = setup.file.clone();
    let options = setup.run_options();
    let with = (&mut engine, &around, &options);
    let mut run = match Steps::new(&setup.checked, (&setup.fetch, &followed), Progress::default(), with) {
        Ok(run) => run,
        Err(problems) => {
            // What is wrong with the page its own run tells.
            let more = problems.into_iter().filter(|problem| !setup.problems.contains(problem)).collect::<Vec<_>>();
            more.iter().for_each(|problem| output.problem(&file, problem));
            output.note(format!("{}: no step could be made; this is a run of the page as it is", file.display()));
            return None;
        }
    };
    if !run.trains() {
        output.note(format!(
            "{}: no update is fetched or needed, so every step is like the first but for its number and random numbers; fetch \
             what Assign and Apply blocks give, by --fetch or by a wire to the ClientSession",
            file.display()
        ));
    }
    let mut failed = Vec::new();
    let bar = Bar::of(format!("{steps} steps of {}", file.display()));
    for step in 0..steps - 1 {
        if step % 64 == 0 {
            bar.progress(step as usize, steps as usize);
        }
        match run.advance(&mut engine, &options) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(problems) => {
                failed = problems;
                bar.clear();
                output.note(format!(
                    "{}: step {step} (the first is 0) of {steps} failed: here is what it gives",
                    file.display()
                ));
                break;
            }
        }
    }
    bar.clear();
    let made = run.progress().step + 1;
    let history = run.history().map(|(port, values)| (port.clone(), values.to_vec())).collect();
    let fed = run.progress().feeds(&setup.checked.page, registry, &setup.feeds);
    drop(run);
    setup.checked = setup.checked.recheck(&setup.checked.page, &Surroundings { feeds: &fed, ..around });
    setup.feeds = fed;
    // Its own run finds what fails in it, but not what does not land.
    setup.problems.extend(failed);
    Some(Before { steps: made, history })
}

/// What is fetched and has one element.
pub fn scalars(setup: &Setup) -> Vec<PortRef> {
    let is_one = |port: &&PortRef| {
        let block = setup.checked.blocks.get(&port.block);
        let ty = block.and_then(|block| block.outputs.get(block.output_index(&port.port)?));
        let shape = ty.and_then(|ty| ty.shape.known());
        shape.is_some_and(|shape| shape.elements() == 1)
    };
    setup.fetch.iter().filter(is_one).cloned().collect()
}

impl Before {
    /// `"steps"` and `"history"` of a run's JSON, with the results of the last step.
    pub fn json(&self, results: &[(&PortRef, &Tensor)]) -> String {
        let course = |(port, values): &(PortRef, Vec<Scalar>)| {
            let last = results.iter().find(|(other, _)| *other == port).map(|(_, tensor)| *tensor);
            let mut texts: Vec<String> = values.iter().map(Scalar::json).collect();
            texts.extend(last.and_then(|tensor| tensor.element(0)).map(|element| element.json()));
            format!("{}: [{}]", quoted(&port.to_string()), texts.join(", "))
        };
        let courses: Vec<String> = self.history.iter().map(course).collect();
        format!("\"steps\": {}, \"history\": {{{}}}", self.steps, courses.join(", "))
    }
}
