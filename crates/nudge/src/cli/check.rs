//! `nudge check`: all that is wrong with pages, without running them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::check::{CheckedPage, Feeds, Surroundings};
use node_core::{BlockId, Problem, Registry, Warning};
use node_engine::analysis::before_run::quantization_before_run;
use node_engine::analysis::findings::unlike;
use node_io::page_file;
use serde::Serialize;

use super::folders::pages_in;
use super::output::Output;
use super::setup::files_of;
use super::{Format, Status};
use crate::warning_json::WarningJson;

#[derive(clap::Args)]
pub struct Arguments {
    /// The pages to check, or folders of pages.
    #[arg(required = true, value_name = "PAGE")]
    pages: Vec<PathBuf>,
    /// Let File blocks look at files of this folder too (repeatable); else at those of the page's folder alone.
    #[arg(long, value_name = "DIR")]
    allow_files: Vec<PathBuf>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    problems: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<WarningEntry>,
}

#[derive(Serialize)]
struct WarningEntry {
    file: String,
    #[serde(flatten)]
    warning: WarningJson,
}

#[derive(Serialize)]
struct Entry {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    message: String,
}

impl Entry {
    fn new(file: &Path, problem: &Problem) -> Entry {
        Entry {
            file: file.display().to_string(),
            line: problem.line,
            column: problem.column,
            block: problem.block.as_ref().map(ToString::to_string),
            port: problem.port.clone(),
            message: problem.message.clone(),
        }
    }
}

/// Checks every page, also after one has failed.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    let mut report = Report { problems: Vec::new(), warnings: Vec::new() };
    let (pages, all_found) = pages_in(&arguments.pages, output);
    for file in &pages {
        let (problems, warnings) = examine(file, &arguments.allow_files, registry);
        if arguments.format == Format::Text {
            problems.iter().for_each(|p| output.problem(file, p));
            warnings.iter().for_each(|(block, warning)| output.warning(file, block, warning));
            if problems.is_empty() {
                output.line(format!("{}: no problems", file.display()));
            }
        }
        report.problems.extend(problems.iter().map(|p| Entry::new(file, p)));
        report.warnings.extend(warnings.iter().map(|(block, warning)| WarningEntry {
            file: file.display().to_string(),
            warning: WarningJson::new(block, warning),
        }));
    }
    if arguments.format == Format::Json {
        output.line(serde_json::to_string(&report).unwrap_or_default());
    }
    if report.problems.is_empty() && all_found { Status::Good } else { Status::Wrong }
}

fn examine(file: &Path, allowed: &[PathBuf], registry: &Registry) -> (Vec<Problem>, Vec<(BlockId, Warning)>) {
    let page = match page_file::load(file) {
        Ok(loaded) => loaded.page,
        Err(problems) => return (problems, Vec::new()),
    };
    let (files, feeds) = (files_of(file, allowed), Feeds::new());
    let around = Surroundings { files: &files, ..Surroundings::new(registry, &feeds) };
    let checked = CheckedPage::default().recheck(&Arc::new(page), &around);
    let warnings = checked.blocks.iter().flat_map(|(id, block)| block.warnings.iter().map(|w| (id.clone(), w.clone())));
    let pairs = unlike(&checked, |id| quantization_before_run(checked.blocks.get(id)?));
    (checked.problems.clone(), warnings.chain(pairs).collect())
}
