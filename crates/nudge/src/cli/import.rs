//! `nudge import`: files of other programs as pages.

use std::path::PathBuf;
use std::sync::Arc;

use node_core::access::Alone;
use node_core::check::Surroundings;
use node_core::{CheckedPage, Feeds, Registry};
use node_io::files::TensorFiles;

use crate::import::{self, Refusal};

use super::options::OptionError;
use super::output::Output;
use super::setup::tell;
use super::{Status, results_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A graph of TensorFlow's (GraphDef as .pb or .pbtxt), or a task file of enuSpace-Tensorflow (.json).
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
    let mut imported = match import::file(file, registry, &|_| true) {
        Ok(imported) => imported,
        Err(Refusal::Unreadable(why)) => return Err(vec![OptionError::File(format!("{}: {why}", file.display()))]),
        Err(Refusal::Wrong(problems)) => {
            problems.iter().for_each(|problem| output.problem(file, problem));
            return Ok(Status::Wrong);
        }
        Err(Refusal::Stopped) => return Ok(Status::Wrong),
    };
    import::write(path, &mut imported, registry, &Alone)
        .map_err(|(path, error)| vec![results_file::unwritable(&path, &error)])?;
    imported.left_out.iter().for_each(|line| output.note(format!("{}: {line}", file.display())));
    if !imported.constants.is_empty() {
        let beside = import::constants_of(path);
        output.note(format!("{}: {} constants, which blocks read", beside.display(), imported.constants.len()));
    }
    let files = TensorFiles::of_page(path.parent(), &[]);
    let around = Surroundings { registry, feeds: &Feeds::new(), files: &files };
    let checked = CheckedPage::default().recheck(&Arc::new(imported.page), &around);
    let (blocks, wires) = (checked.page.blocks.len(), checked.page.wires.len());
    let problems = match checked.problems.len() {
        0 => String::new(),
        count => format!("; {count} problems, which nudge check tells"),
    };
    output.line(format!("{}: {blocks} blocks, {wires} wires{problems}", path.display()));
    Ok(Status::Good)
}
