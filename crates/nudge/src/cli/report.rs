//! `nudge report`: a page and what it does in one file.

use std::path::PathBuf;

use node_core::Registry;
use node_core::check::Surroundings;
use node_engine::analysis::Stop;
use node_io::save::{Expect, save};

use super::options::{OptionError, fed_file};
use super::output::Output;
use super::setup::{RunArguments, set_up, tell};
use super::{Status, results_file};
use crate::export::Form;
use crate::report;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// The report to write: one .html file that loads nothing from elsewhere.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the report.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let (file, path) = (arguments.run.page.as_path(), arguments.output.as_path());
    let mut errors = Vec::new();
    if Form::of(path) != Some(Form::Html) {
        errors.push(OptionError::Usage(format!("-o {}: a report is .html", path.display())));
    }
    let fed = arguments.run.feed.iter().filter_map(|feed| fed_file(feed));
    errors.extend(results_file::is_no_input(path, file, fed).err());
    let Some(setup) = set_up(&arguments.run, registry, output, errors)? else { return Ok(Status::Wrong) };
    results_file::is_read_by_no_block(path, &setup).map_err(|error| vec![error])?;
    let around = Surroundings { files: &setup.files, ..Surroundings::new(registry, &setup.feeds) };
    let subject = report::Subject {
        checked: &setup.checked,
        name: &setup.name,
        fetch: &setup.fetch,
        around: &around,
        options: &setup.run_options(),
        clipped: setup.clipped,
    };
    let (html, problems) = report::html(&subject, &Stop::default()).unwrap_or_default();
    problems.iter().for_each(|problem| output.problem(file, problem));
    setup.refuse_changed_files()?;
    save(path, html.as_bytes(), Expect::Anything).map_err(|error| vec![results_file::unwritable(path, &error)])?;
    Ok(if problems.is_empty() { Status::Good } else { Status::Wrong })
}
