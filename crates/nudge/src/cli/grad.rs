//! `nudge grad`: the blocks of the backward pass, put on a page.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::check::{CheckedPage, Surroundings};
use node_core::gradient::{Asked, add_gradient};
use node_core::{Feeds, Page, PortRef, Registry, Role};
use node_editor::layout;
use node_io::page_file;
use node_io::save::{Expect, save};

use super::options::{OptionError, usage};
use super::output::Output;
use super::setup::{files_of, tell};
use super::{Status, results_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// The page.
    #[arg(value_name = "PAGE")]
    page: PathBuf,
    /// The output that is differentiated: a loss, say.
    #[arg(long, value_name = "BLOCK.PORT")]
    of: String,
    /// An output for which it is differentiated (repeatable): a weight, say. Its gradient is the output of a block called
    /// BLOCK_grad.
    #[arg(long = "for", value_name = "BLOCK.PORT", required = true)]
    wanted: Vec<String>,
    /// The output that gives the gradient of what is differentiated; 1 if none does, and that is a scalar.
    #[arg(long, value_name = "BLOCK.PORT")]
    given: Option<String>,
    /// Where to write the page with the new blocks; without it the page itself is written.
    #[arg(short, long, value_name = "NEW.json")]
    output: Option<PathBuf>,
    /// Let File blocks read files of this folder too (repeatable); else they read those of the page's folder alone.
    #[arg(long, value_name = "DIR")]
    allow_files: Vec<PathBuf>,
}

/// Adds the blocks.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.page.as_path();
    let asked = asked(arguments)?;
    if let Some(path) = &arguments.output
        && path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("json"))
    {
        return Err(vec![OptionError::Usage(format!("-o {}: a page is a .json file", path.display()))]);
    }
    let loaded = match page_file::load(file) {
        Ok(loaded) => loaded,
        Err(problems) => {
            problems.iter().for_each(|problem| output.problem(file, problem));
            return Ok(Status::Wrong);
        }
    };
    let (files, feeds) = (files_of(file, &arguments.allow_files), Feeds::new());
    let around = Surroundings { files: &files, ..Surroundings::new(registry, &feeds) };
    let page = Arc::new(loaded.page);
    let checked = CheckedPage::default().recheck(&page, &around);
    let added = match add_gradient(&checked, registry, &asked) {
        Ok(added) => added,
        Err(problems) => {
            problems.iter().for_each(|problem| output.problem(file, problem));
            return Ok(Status::Wrong);
        }
    };
    let mut new: Page = (*page).clone();
    let does_not_fit =
        |error: node_core::edit::EditError| vec![OptionError::File(format!("{}: {error}", file.display()))];
    added.edit.apply(&mut new).map_err(does_not_fit)?;
    let standing = layout::standing(&checked);
    let checked = checked.recheck(&Arc::new(new.clone()), &around);
    for place in standing.into_iter().flat_map(|standing| layout::below(standing, &checked, &added.blocks)) {
        place.apply(&mut new).map_err(does_not_fit)?;
    }
    let reads = checked.blocks.iter().find(|(_, block)| block.role() == Some(Role::File)).map(|(id, _)| id);
    if let (Some(path), Some(reader)) = (&arguments.output, reads)
        && folder(path) != folder(file)
    {
        let why = format!("{reader} reads a file that is named from the page's folder; write the new page there");
        return Err(vec![OptionError::Usage(format!("-o {}: {why}", path.display()))]);
    }
    let text = page_file::to_text(&new, registry);
    let (path, expect) = match &arguments.output {
        Some(path) => (path.as_path(), Expect::Anything),
        None => (file, Expect::Content(&loaded.bytes)),
    };
    save(path, text.as_bytes(), expect).map_err(|error| vec![results_file::unwritable(path, &error)])?;
    for stop in &added.stops {
        output.note(format!("{}: {stop}", file.display()));
    }
    for (wanted, gradient) in asked.wanted.iter().zip(&added.gradients) {
        output.line(format!("{wanted}: {gradient}"));
    }
    Ok(Status::Good)
}

fn folder(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.canonicalize().ok()
}

/// What is asked for, or all that is wrong with it.
fn asked(arguments: &Arguments) -> Result<Asked, Vec<OptionError>> {
    let mut errors = Vec::new();
    let mut port = |option: &str, text: &str| -> Option<PortRef> {
        let port = PortRef::parse(text).or_else(|message| usage(option, text, message));
        port.map_err(|error| errors.push(error)).ok()
    };
    let of = port("--of", &arguments.of);
    let mut wanted = Vec::new();
    for text in &arguments.wanted {
        wanted.extend(port("--for", text).filter(|port| !wanted.contains(port)));
    }
    let given = arguments.given.as_deref().and_then(|text| port("--given", text));
    match of {
        Some(of) if errors.is_empty() => Ok(Asked { of, wanted, given }),
        _ => Err(errors),
    }
}
