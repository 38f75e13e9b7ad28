//! `nudge import`: files of other programs as pages.

use std::path::PathBuf;
use std::sync::Arc;

use node_core::{Feeds, Registry};
use node_io::enuspace;
use node_io::page_file::{self, io_message};
use node_io::save::{Expect, save};

use super::options::OptionError;
use super::output::Output;
use super::setup::tell;
use super::{Status, results_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A task file of enuSpace-Tensorflow (.json).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The page to write.
    #[arg(short, long, value_name = "PAGE")]
    output: PathBuf,
}

/// Writes the page, and tells what has no counterpart.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let (file, path) = (arguments.file.as_path(), arguments.output.as_path());
    if path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("json")) {
        return Err(vec![OptionError::Usage(format!("-o {}: a page is a .json file", path.display()))]);
    }
    let same = |a: &std::path::Path, b: &std::path::Path| {
        a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
    };
    if same(file, path) {
        return Err(vec![OptionError::Usage(format!("-o {}: is the file that is imported", path.display()))]);
    }
    let unreadable = |error| vec![OptionError::File(format!("{}: {}", file.display(), io_message(&error)))];
    let bytes = enuspace::read(file).map_err(unreadable)?;
    let imported = match enuspace::import(&bytes, registry) {
        Ok(imported) => imported,
        Err(problems) => {
            problems.iter().for_each(|problem| output.problem(file, problem));
            return Ok(Status::Wrong);
        }
    };
    let text = page_file::to_text(&imported.page, registry);
    save(path, text.as_bytes(), Expect::Anything).map_err(|error| vec![results_file::unwritable(path, &error)])?;
    imported.left_out.iter().for_each(|line| output.note(format!("{}: {line}", file.display())));
    let checked = node_core::check(&Arc::new(imported.page), registry, &Feeds::new());
    let (blocks, wires) = (checked.page.blocks.len(), checked.page.wires.len());
    let problems = match checked.problems.len() {
        0 => String::new(),
        count => format!("; {count} problems, which nudge check tells"),
    };
    output.line(format!("{}: {blocks} blocks, {wires} wires{problems}", path.display()));
    Ok(Status::Good)
}
