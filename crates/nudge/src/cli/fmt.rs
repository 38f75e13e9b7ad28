//! `nudge fmt`: pages in the canonical form.

use std::path::{Path, PathBuf};

use node_core::{Problem, Registry};
use node_io::page_file;
use node_io::save::{Expect, save};

use super::Status;
use super::folders::pages_in;
use super::output::Output;

#[derive(clap::Args)]
pub struct Arguments {
    /// The pages to rewrite, or folders of pages.
    #[arg(required = true, value_name = "PAGE")]
    pages: Vec<PathBuf>,
    /// Change nothing; exit with 1 if a page is not in the canonical form.
    #[arg(long)]
    check: bool,
}

/// Formats every page, also after one has failed.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    let (pages, all_found) = pages_in(&arguments.pages, output);
    let mut status = if all_found { Status::Good } else { Status::Wrong };
    for file in &pages {
        match format(file, arguments.check, registry) {
            Ok(false) => {}
            Ok(true) if arguments.check => {
                output.line(format!("{}: not in the canonical form", file.display()));
                status = Status::Wrong;
            }
            Ok(true) => output.line(format!("{}: rewritten", file.display())),
            Err(problems) => {
                problems.iter().for_each(|p| output.problem(file, p));
                status = Status::Wrong;
            }
        }
    }
    status
}

/// Whether the file is, or was, not in the canonical form.
fn format(file: &Path, only_check: bool, registry: &Registry) -> Result<bool, Vec<Problem>> {
    let loaded = page_file::load(file)?;
    let text = page_file::to_text(&loaded.page, registry);
    if text.as_bytes() == loaded.bytes {
        return Ok(false);
    }
    if !only_check {
        save(file, text.as_bytes(), Expect::Content(&loaded.bytes))
            .map_err(|error| vec![Problem::page(format!("cannot be written: {error}"))])?;
    }
    Ok(true)
}
