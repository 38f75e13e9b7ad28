//! `nudge run`: runs a page and prints every fetched result.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::access::Sink;
use node_core::{DType, PortRef, Problem, Registry, Tensor, check};
use node_engine::{
    Engine, Request, Results, RunOptions, Session, available_threads, default_fetch, needed_blocks, plan,
};
use node_io::npy::NpySink;
use node_io::save::{Expect, SaveError, save};
use node_io::{memory, page_file};

use super::options::{OptionError, apply_sets, read_feeds, read_fetches};
use super::output::Output;
use super::{Format, Status, numpy_text, tensor_json};

#[derive(clap::Args)]
pub struct Arguments {
    /// The page to run.
    #[arg(value_name = "PAGE")]
    page: PathBuf,
    /// Fetch this output (repeatable); else what is wired to ClientSession blocks, else every output that no wire leaves.
    #[arg(long, value_name = "BLOCK.PORT")]
    fetch: Vec<String>,
    /// Set an attribute before the run (repeatable); the file stays as it is.
    #[arg(long, value_name = "BLOCK.ATTR=VALUE")]
    set: Vec<String>,
    /// Feed a Placeholder with a literal or with @FILE.npy (repeatable).
    #[arg(long, value_name = "BLOCK.PORT=LITERAL|@FILE")]
    feed: Vec<String>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the results to this file instead: .json, or .npy for a single tensor.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The most memory that tensors may take, such as 512MiB; three quarters of the machine's if not given.
    #[arg(long, value_name = "BYTES", value_parser = memory::parse_bytes)]
    memory: Option<u64>,
}

enum Ending {
    Json,
    Npy,
}

/// Runs the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| {
        let mut status = Status::Wrong;
        for error in errors {
            match error {
                OptionError::Usage(message) => {
                    status = Status::Usage;
                    output.error(message);
                }
                OptionError::File(message) => output.error(message),
            }
        }
        status
    })
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.page.as_path();
    let mut errors = Vec::new();
    let ending = arguments.output.as_deref().and_then(|path| ending_of(path).map_err(|e| errors.push(e)).ok());
    let mut page = match page_file::load(file) {
        Ok(loaded) => loaded.page,
        Err(problems) => {
            problems.iter().for_each(|p| output.problem(file, p));
            return Ok(Status::Wrong);
        }
    };
    apply_sets(&mut page, &arguments.set, registry, &mut errors);
    let page = Arc::new(page);
    let feeds = read_feeds(&page, &arguments.feed, registry, &mut errors);
    let checked = check(&page, registry, &feeds);
    let explicit = !arguments.fetch.is_empty();
    let fetch = if explicit { read_fetches(&checked, &arguments.fetch, &mut errors) } else { default_fetch(&checked) };
    if !errors.is_empty() {
        return Err(errors);
    }
    if let (Some(Ending::Npy), Some(path)) = (&ending, &arguments.output)
        && fetch.len() != 1
    {
        let ports = fetch.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(vec![OptionError::Usage(format!(
            "-o {}: a .npy file holds one tensor, but {} are fetched ({ports}); name one with --fetch",
            path.display(),
            fetch.len()
        ))]);
    }
    let needed = needed_blocks(&checked, &fetch);
    let counts = |problem: &&Problem| !explicit || problem.block.as_ref().is_some_and(|b| needed.contains(b));
    let mut problems: Vec<Problem> = checked.problems.iter().filter(counts).cloned().collect();

    let limit = arguments.memory.unwrap_or_else(memory::default_limit);
    let mut plan = plan(&checked, &Request::fetch(&fetch), &feeds);
    let sink = match (&ending, &arguments.output, fetch.as_slice()) {
        (Some(Ending::Npy), Some(path), [port]) if plan.stream(port) => {
            if plan.streamed.and_then(|v| plan.values[v].ty.as_ref()).is_some_and(|ty| ty.dtype == DType::String) {
                let message = format!("{}: a .npy file cannot hold strings; write .json", path.display());
                return Err(vec![OptionError::File(message)]);
            }
            Some((path, NpySink::create(path).map_err(|error| vec![unwritable(path, &error)])?))
        }
        _ => None,
    };
    let options =
        RunOptions { sink: sink.as_ref().map(|(_, sink)| sink as &dyn Sink), ..RunOptions::with_memory_limit(limit) };
    let mut session = Session::new(plan);
    session.run(&mut Engine::new(available_threads(), 0), &options, &mut |_, _| {});
    let results = session.results();
    problems.extend(results.problems().cloned());

    problems.sort();
    problems.iter().for_each(|p| output.problem(file, p));
    if let Some((path, sink)) = sink {
        if let Some(why) = session.handing_on_failed() {
            return Err(vec![OptionError::File(format!("{}: {why}", path.display()))]);
        }
        if problems.is_empty() {
            sink.finish().map_err(|error| vec![unwritable(path, &error)])?;
        }
    } else {
        let found = fetched(&fetch, &results, registry, &checked.page);
        let name = page.name.clone().unwrap_or_else(|| page_file::name_from_path(file));
        match &arguments.output {
            Some(path) => write_json(path, &name, &found).map_err(|error| vec![error])?,
            None => print(arguments.format, &name, &found, output),
        }
    }
    Ok(if problems.is_empty() { Status::Good } else { Status::Wrong })
}

fn ending_of(path: &Path) -> Result<Ending, OptionError> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("json") => Ok(Ending::Json),
        Some("npy") => Ok(Ending::Npy),
        _ => Err(OptionError::Usage(format!("-o {}: the file must end in .json or .npy", path.display()))),
    }
}

type Fetched<'r> = Vec<(&'r PortRef, &'r Tensor)>;

fn fetched<'r>(fetch: &'r [PortRef], results: &'r Results, registry: &Registry, page: &node_core::Page) -> Fetched<'r> {
    let tensor = |port: &'r PortRef| {
        let spec = registry.get(&page.block(port.block.as_str())?.type_name)?.spec();
        Some((port, results.tensor(port.block.as_str(), spec.output_index(&port.port)?)?))
    };
    fetch.iter().filter_map(tensor).collect()
}

fn print(format: Format, name: &str, results: &Fetched<'_>, output: &mut Output) {
    match format {
        Format::Json => output.line(tensor_json::results(name, results.iter().copied())),
        Format::Text => {
            for (port, tensor) in results {
                output.line(format!("{port}: {}\n{}", tensor.tensor_type(), numpy_text::text(tensor)));
            }
        }
    }
}

fn unwritable(path: &Path, error: &SaveError) -> OptionError {
    OptionError::File(format!("{}: cannot be written: {error}", path.display()))
}

fn write_json(path: &Path, name: &str, results: &Fetched<'_>) -> Result<(), OptionError> {
    let text = tensor_json::results(name, results.iter().copied()) + "\n";
    save(path, text.as_bytes(), Expect::Anything).map_err(|error| unwritable(path, &error))
}
