//! `nudge run`: runs a page and prints every fetched result.

use std::path::{Path, PathBuf};

use node_core::access::Sink;
use node_core::check::CheckedPage;
use node_core::{BlockId, DType, PortRef, Registry, Tensor, Warning};
use node_engine::{Engine, Plan, Request, Results, RunOptions, Session, available_threads, needed_blocks};
use node_io::npy::NpySink;
use node_io::results::Format;
use node_io::save::{Expect, save};
use node_tensorflow::cluster::Target;

use super::options::{OptionError, fed_file};
use super::output::Output;
use super::progress::Bar;
use super::setup::{self, RunArguments, Setup, set_up};
use super::steps::{Before, all_but_last};
use super::{Status, numpy_text, on_cluster, results_file};
use crate::warning_json::WarningJson;
use crate::{results, tensor_json};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: super::Format,
    /// Write the results to this file instead: .json, .npz or .safetensors; of a single tensor .npy, which may be larger
    /// than memory, .csv (rank 2 at most) or .png (rank 2 in colours, or uint8 [height, width, 1, 3 or 4]).
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Make so many steps: what updates (Assign, Apply) make of variables in one is what they are in the next. Updates take
    /// part that are fetched, or needed for what is. The last step's results are given; as JSON the course of every scalar
    /// that is fetched too.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Run on this TensorFlow cluster, grpc://HOST:PORT, or grpcs:// with TLS; on this machine if not given and no
    /// ClientSession says otherwise, or with "local".
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

/// Runs the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| setup::tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    let mut errors = Vec::new();
    let mut format = None;
    if let Some(path) = arguments.output.as_deref() {
        format = results_file::format_of(path).map_err(|error| errors.push(error)).ok();
        let fed = arguments.run.feed.iter().filter_map(|feed| fed_file(feed));
        errors.extend(results_file::is_no_input(path, file, fed).err());
    }
    let Some(setup) = set_up(&arguments.run, registry, output, errors)? else { return Ok(Status::Wrong) };
    let to = arguments.output.as_deref().zip(format);
    match on_cluster::target(arguments.target.as_deref(), &setup)? {
        Some(target) => there(arguments, setup, &target, to, output),
        None => here(arguments, setup, registry, to, output),
    }
}

/// Runs the page on this machine.
fn here(
    arguments: &Arguments,
    mut setup: Setup,
    registry: &Registry,
    to: Option<(&Path, Format)>,
    output: &mut Output,
) -> Result<Status, Vec<OptionError>> {
    let before = match arguments.steps {
        Some(steps) => all_but_last(&mut setup, steps, registry, output),
        None => None,
    };
    let mut plan = setup.plan_with_warnings(Request::fetch(&setup.fetch));
    let mut sink = None;
    if let Some((path, format)) = to {
        let one = is_for(path, format, &setup)?;
        if let (Some(port), Format::Npy) = (one, format) {
            sink = npy_sink(path, port, &mut plan).map_err(|error| vec![error])?;
        }
    }
    let sink_of_run = sink.as_ref().map(|sink| sink as &dyn Sink);
    let mut session = Session::new(plan);
    let bar = Bar::new();
    let progress = |block: &BlockId, blocks, done, all| bar.of_run(block, blocks, done, all);
    let options = RunOptions { sink: sink_of_run, progress: &progress, ..setup.run_options() };
    session.run(&mut Engine::new(available_threads(), 0), &options, &mut |_, _| {});
    bar.clear();
    let results = session.results();
    let unchanged = setup.refuse_changed_files();
    setup.problems.extend(results.problems().cloned());
    let warnings = setup.warnings(&results);
    tell(&mut setup, &warnings, output);
    unchanged?;
    let found = fetched(&setup.fetch, &results, &setup.checked);
    if let Some((path, Format::Npy)) = to {
        if let Some(why) = session.handing_on_failed() {
            return Err(vec![OptionError::File(format!("{}: {why}", path.display()))]);
        }
        if let Some(sink) = sink.filter(|_| setup.problems.is_empty()) {
            sink.finish().map_err(|error| vec![results_file::unwritable(path, &error)])?;
        }
        return Ok(status(&setup));
    }
    give(&setup, &found, (&warnings, before.as_ref()), (to, arguments.format), output)
}

/// Runs the page on a cluster.
fn there(
    arguments: &Arguments,
    mut setup: Setup,
    target: &Target,
    to: Option<(&Path, Format)>,
    output: &mut Output,
) -> Result<Status, Vec<OptionError>> {
    if let Some((path, format)) = to {
        is_for(path, format, &setup)?;
    }
    setup.problems.retain(|problem| node_tensorflow::page::stands_in_the_way(&setup.checked, problem));
    let given = on_cluster::run(&setup, target, arguments.steps, output);
    setup.problems.extend(given.problems);
    let needed = needed_blocks(&setup.checked, &setup.fetch);
    let of = |id: &BlockId| setup.checked.blocks.get(id).map(|block| block.warnings.clone()).unwrap_or_default();
    let warnings: Vec<(BlockId, Warning)> =
        needed.iter().flat_map(|id| of(id).into_iter().map(|warning| (id.clone(), warning))).collect();
    tell(&mut setup, &warnings, output);
    setup.refuse_changed_files()?;
    let found: Fetched<'_> = given.tensors.iter().map(|(port, tensor)| (port, tensor)).collect();
    give(&setup, &found, (&warnings, given.before.as_ref()), (to, arguments.format), output)
}

/// The one tensor that a file is for, if it holds but one.
fn is_for<'s>(path: &Path, format: Format, setup: &'s Setup) -> Result<Option<&'s PortRef>, Vec<OptionError>> {
    results_file::is_read_by_no_block(path, setup)
        .and_then(|()| results_file::is_one(path, format, &setup.fetch))
        .map_err(|error| vec![error])
}

/// Tells what is wrong, and what there is to warn of.
fn tell(setup: &mut Setup, warnings: &[(BlockId, Warning)], output: &Output) {
    setup.problems.sort();
    setup.problems.dedup();
    setup.problems.iter().for_each(|p| output.problem(&setup.file, p));
    warnings.iter().for_each(|(block, warning)| output.warning(&setup.file, block, warning));
}

fn status(setup: &Setup) -> Status {
    if setup.problems.is_empty() { Status::Good } else { Status::Wrong }
}

/// Writes or prints what was found.
fn give(
    setup: &Setup,
    found: &Fetched<'_>,
    (warnings, before): (&[(BlockId, Warning)], Option<&Before>),
    (to, form): (Option<(&Path, Format)>, super::Format),
    output: &mut Output,
) -> Result<Status, Vec<OptionError>> {
    match to {
        // A file from before is better than nothing.
        Some(_) if found.is_empty() && !setup.problems.is_empty() => {}
        Some((path, Format::Json)) => {
            write_json(path, &to_json(&setup.name, found, warnings, before)).map_err(|error| vec![error])?
        }
        Some(_) if found.is_empty() => {
            return Err(vec![OptionError::Usage("-o: nothing is fetched, so there is nothing to write".to_owned())]);
        }
        Some((path, format)) => {
            results::write(path, format, found, &Bar::of("writing".to_owned()))
                .map_err(|error| vec![results_file::unwritable(path, &error)])?;
        }
        None => match form {
            super::Format::Json => output.line(to_json(&setup.name, found, warnings, before)),
            super::Format::Text => print(found, output),
        },
    }
    Ok(status(setup))
}

/// Who writes the one tensor that is fetched, as it is made; nobody if its block cannot run.
fn npy_sink(path: &Path, port: &PortRef, plan: &mut Plan) -> Result<Option<NpySink>, OptionError> {
    if !plan.stream(port) {
        return Ok(None);
    }
    if plan.streamed.and_then(|v| plan.values[v].ty.as_ref()).is_some_and(|ty| ty.dtype == DType::String) {
        return Err(OptionError::File(format!("{}: a .npy file cannot hold strings; write .json", path.display())));
    }
    NpySink::create(path).map(Some).map_err(|error| results_file::unwritable(path, &error))
}

type Fetched<'r> = Vec<(&'r PortRef, &'r Tensor)>;

fn fetched<'r>(fetch: &'r [PortRef], results: &'r Results, checked: &CheckedPage) -> Fetched<'r> {
    let tensor = |port: &'r PortRef| {
        let index = checked.blocks.get(&port.block)?.output_index(&port.port)?;
        Some((port, results.tensor(port.block.as_str(), index)?))
    };
    fetch.iter().filter_map(tensor).collect()
}

fn print(results: &Fetched<'_>, output: &mut Output) {
    for (port, tensor) in results {
        output.line(format!("{port}: {}\n{}", tensor.tensor_type(), numpy_text::text(tensor)));
    }
}

fn to_json(name: &str, found: &Fetched<'_>, warnings: &[(BlockId, Warning)], before: Option<&Before>) -> String {
    let warnings: Vec<WarningJson> = warnings.iter().map(|(block, w)| WarningJson::new(block, w)).collect();
    tensor_json::results(name, found.iter().copied(), &warnings, before.map(|before| before.json(found)))
}

fn write_json(path: &Path, json: &str) -> Result<(), OptionError> {
    save(path, format!("{json}\n").as_bytes(), Expect::Anything).map_err(|error| results_file::unwritable(path, &error))
}
