//! `nudge run`: runs a page and prints every fetched result.

use std::path::{Path, PathBuf};

use node_core::access::Sink;
use node_core::check::CheckedPage;
use node_core::{DType, PortRef, Registry, Tensor};
use node_engine::{Engine, Plan, Results, RunOptions, Session, available_threads};
use node_io::npy::NpySink;
use node_io::save::{Expect, SaveError, save};

use super::options::{OptionError, fed_file};
use super::output::Output;
use super::setup::{RunArguments, Setup, set_up, tell};
use super::warning_json::WarningJson;
use super::{Format, Status, numpy_text, tensor_json};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the results to this file instead: .json, or .npy for a single tensor, which may be larger than memory.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

enum Ending {
    Json,
    Npy,
}

/// Runs the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    let mut errors = Vec::new();
    let ending = arguments.output.as_deref().and_then(|path| ending_of(path).map_err(|e| errors.push(e)).ok());
    if let Some(path) = arguments.output.as_deref().filter(|path| is_same_file(path, file)) {
        errors
            .push(OptionError::Usage(format!("-o {}: this is the page that runs; name another file", path.display())));
    }
    if let Some(path) = arguments.output.as_deref() {
        let fed = arguments.run.feed.iter().filter_map(|feed| fed_file(feed));
        if fed.into_iter().any(|file| is_same_file(path, &file)) {
            let message = format!("-o {}: this is a file that is fed; name another file", path.display());
            errors.push(OptionError::Usage(message));
        }
    }
    let Some(mut setup) = set_up(&arguments.run, registry, output, errors)? else { return Ok(Status::Wrong) };
    let mut plan = setup.plan();
    let sink = match (&ending, &arguments.output) {
        (Some(Ending::Npy), Some(path)) => sink(path, &setup, &mut plan).map_err(|error| vec![error])?,
        _ => None,
    };
    let sink_of_run = sink.as_ref().map(|sink| sink as &dyn Sink);
    let options = RunOptions { sink: sink_of_run, ..RunOptions::with_memory_limit(setup.limit) };
    let mut session = Session::new(plan);
    session.run(&mut Engine::new(available_threads(), 0), &options, &mut |_, _| {});
    let results = session.results();
    let problems = &mut setup.problems;
    problems.extend(results.problems().cloned());
    problems.sort();
    problems.iter().for_each(|p| output.problem(file, p));
    results.warnings().for_each(|(block, warning)| output.warning(file, block, warning));
    match (&arguments.output, ending) {
        (Some(path), Some(Ending::Npy)) => {
            if let Some(why) = session.handing_on_failed() {
                return Err(vec![OptionError::File(format!("{}: {why}", path.display()))]);
            }
            if let Some(sink) = sink.filter(|_| problems.is_empty()) {
                sink.finish().map_err(|error| vec![unwritable(path, &error)])?;
            }
        }
        (Some(path), _) => {
            let found = fetched(&setup.fetch, &results, &setup.checked);
            // A file from before is better than nothing.
            if found.is_empty() && !setup.problems.is_empty() {
                return Ok(Status::Wrong);
            }
            write_json(path, &to_json(&setup.name, &found, &results)).map_err(|error| vec![error])?;
        }
        (None, _) => {
            let found = fetched(&setup.fetch, &results, &setup.checked);
            match arguments.format {
                Format::Json => output.line(to_json(&setup.name, &found, &results)),
                Format::Text => print(&found, output),
            }
        }
    }
    Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong })
}

/// Who writes the one tensor that is fetched, as it is made; nobody if its block cannot run.
fn sink(path: &Path, setup: &Setup, plan: &mut Plan) -> Result<Option<NpySink>, OptionError> {
    let [port] = setup.fetch.as_slice() else {
        let ports = setup.fetch.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(OptionError::Usage(format!(
            "-o {}: a .npy file holds one tensor, but {} are fetched ({ports}); name one with --fetch",
            path.display(),
            setup.fetch.len()
        )));
    };
    if !plan.stream(port) {
        return Ok(None);
    }
    if plan.streamed.and_then(|v| plan.values[v].ty.as_ref()).is_some_and(|ty| ty.dtype == DType::String) {
        return Err(OptionError::File(format!("{}: a .npy file cannot hold strings; write .json", path.display())));
    }
    NpySink::create(path).map(Some).map_err(|error| unwritable(path, &error))
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn ending_of(path: &Path) -> Result<Ending, OptionError> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("json") => Ok(Ending::Json),
        Some("npy") => Ok(Ending::Npy),
        _ => Err(OptionError::Usage(format!("-o {}: the file must end in .json or .npy", path.display()))),
    }
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

fn to_json(name: &str, found: &Fetched<'_>, results: &Results) -> String {
    let warnings: Vec<WarningJson> = results.warnings().map(|(block, w)| WarningJson::new(block, w)).collect();
    tensor_json::results(name, found.iter().copied(), &warnings)
}

fn unwritable(path: &Path, error: &SaveError) -> OptionError {
    OptionError::File(format!("{}: cannot be written: {error}", path.display()))
}

fn write_json(path: &Path, json: &str) -> Result<(), OptionError> {
    save(path, format!("{json}\n").as_bytes(), Expect::Anything).map_err(|error| unwritable(path, &error))
}
