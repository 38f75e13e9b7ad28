//! `nudge export`: a page as a graph of TensorFlow's.

use std::path::PathBuf;

use node_core::{Registry, Role};
use node_io::save::{Expect, save};
use node_tensorflow::file::{self, Format};

use super::options::{OptionError, fed_file};
use super::output::Output;
use super::setup::{RunArguments, set_up, tell};
use super::{Status, results_file};
use node_tensorflow::page::{self, PageGraph};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// The file to write: a GraphDef as .pb or .pbtxt, or a program as .py. Without --fetch the whole page is written.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the graph, and tells what ports are called in it.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let (input, path) = (arguments.run.page.as_path(), arguments.output.as_path());
    let mut errors = Vec::new();
    let format = Format::of(path);
    if format.is_none() {
        let message = format!("-o {}: the file must end in {}", path.display(), Format::ENDINGS.join(", "));
        errors.push(OptionError::Usage(message));
    }
    if let Some(feed) = arguments.run.feed.first() {
        let why = "a graph is written with its Placeholders, to be fed where it runs; give a Placeholder a default, or leave this out";
        errors.push(OptionError::Usage(format!("--feed {}: {why}", feed.display())));
    }
    let fed = arguments.run.feed.iter().filter_map(|feed| fed_file(feed));
    errors.extend(results_file::is_no_input(path, input, fed).err());
    let Some(setup) = set_up(&arguments.run, registry, output, errors)? else { return Ok(Status::Wrong) };
    let Some(format) = format else { return Ok(Status::Usage) };
    results_file::is_read_by_no_block(path, &setup).map_err(|error| vec![error])?;
    let wrong: Vec<_> =
        setup.problems.iter().filter(|problem| page::stands_in_the_way(&setup.checked, problem)).collect();
    if !wrong.is_empty() {
        wrong.into_iter().for_each(|problem| output.problem(input, problem));
        return Ok(Status::Wrong);
    }
    let all = arguments.run.fetch.is_empty();
    let written = page::graph((&setup.checked, &setup.name), &setup.fetch, all, &setup.run_options())
        .and_then(|graph| Ok((file::bytes(&graph.lowered, format, &setup.name, &graph.fetched)?, graph)));
    let (bytes, PageGraph { lowered, fetched }) = match written {
        Ok(written) => written,
        Err(problems) => {
            problems.iter().for_each(|problem| output.problem(input, problem));
            return Ok(Status::Wrong);
        }
    };
    setup.refuse_changed_files()?;
    save(path, &bytes, Expect::Anything).map_err(|error| vec![results_file::unwritable(path, &error)])?;
    output.line(format!("{}: {} operations", path.display(), lowered.graph.nodes.len()));
    if format == Format::Python {
        return Ok(Status::Good);
    }
    for ((id, index), edge) in &lowered.ports {
        let Some(block) = setup.checked.blocks.get(id).filter(|block| block.role() == Some(Role::Feed)) else {
            continue;
        };
        let port = block.setup.as_ref().map_or("output", |setup| setup.output_name(*index));
        output.line(format!("feed {id}.{port}: {}", lowered.graph.tensor_name(*edge)));
    }
    for (port, edge) in &fetched {
        output.line(format!("fetch {port}: {}", lowered.graph.tensor_name(*edge)));
    }
    if let Some(init) = lowered.init {
        output.line(format!("run first: {} (it makes the variables)", lowered.graph.nodes[init].name));
    }
    Ok(Status::Good)
}
