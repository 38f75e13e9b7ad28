//! What the commands that run a page have in common: the page with its options applied, and what is fetched.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::check::{CheckedPage, Feeds, Surroundings};
use node_core::{BlockId, PortRef, Problem, Registry, Warning};
use node_engine::analysis::findings::{CLIPPED, findings};
use node_engine::{Engine, Plan, Request, Results, RunOptions, available_threads, default_fetch, needed_blocks, plan};
use node_io::files::TensorFiles;
use node_io::{memory, page_file};

use super::Status;
use super::options::{OptionError, apply_sets, read_feeds, read_fetches};
use super::output::Output;
use super::progress::Bar;

#[derive(clap::Args)]
pub struct RunArguments {
    /// The page to run.
    #[arg(value_name = "PAGE")]
    pub page: PathBuf,
    /// Fetch this output (repeatable); else what is wired to ClientSession blocks, else every output that no wire leaves.
    #[arg(long, value_name = "BLOCK.PORT")]
    pub fetch: Vec<String>,
    /// Set an attribute before the run (repeatable); the file stays as it is.
    #[arg(long, value_name = "BLOCK.ATTR=VALUE")]
    pub set: Vec<String>,
    /// Feed a Placeholder with a literal or with @FILE (repeatable): .npy, .npz, .safetensors, .csv, .png, .jpg; of several
    /// arrays @FILE:NAME. An .npy file may be larger than memory.
    #[arg(long, value_name = "BLOCK.PORT=LITERAL|@FILE")]
    pub feed: Vec<OsString>,
    /// The most memory that tensors may take, such as 512MiB; three quarters of the machine's if not given.
    #[arg(long, value_name = "BYTES", value_parser = memory::parse_bytes)]
    pub memory: Option<u64>,
    /// Let File blocks read files of this folder too (repeatable); else they read those of the page's folder alone.
    #[arg(long, value_name = "DIR")]
    pub allow_files: Vec<PathBuf>,
    /// Warn where a quantizer clips more than so many percent of its elements.
    #[arg(long, value_name = "PERCENT", default_value_t = CLIPPED * 100.0, value_parser = percent)]
    pub warn_clipped: f64,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| format!("'{text}' is no percentage; write a number from 0 to 100"))
}

/// A page that is ready to run.
pub struct Setup {
    /// Its file.
    pub file: PathBuf,
    /// The page, checked.
    pub checked: CheckedPage,
    /// What is fed to it.
    pub feeds: Feeds,
    /// What is fetched.
    pub fetch: Vec<PortRef>,
    /// What is wrong with the part of it that counts.
    pub problems: Vec<Problem>,
    /// Its name.
    pub name: String,
    /// The memory limit, in bytes.
    pub limit: u64,
    /// The part of a quantizer's elements beyond which clipping is told.
    pub clipped: f64,
    /// The files that its blocks read.
    pub files: TensorFiles,
    /// The files that are fed.
    pub fed: TensorFiles,
}

impl Setup {
    /// A plan that fetches what is to be fetched.
    pub fn plan(&self) -> Plan {
        plan(&self.checked, &Request::fetch(&self.fetch))
    }

    /// How it may run.
    pub fn run_options(&self) -> RunOptions<'_> {
        RunOptions { files: &self.files, ..RunOptions::with_memory_limit(self.limit) }
    }

    /// A plan that tells what there is to warn of too: quantizers on the way are looked at as their elements come by.
    pub fn plan_with_warnings(&self, request: Request) -> Plan {
        let needed = needed_blocks(&self.checked, &self.fetch);
        let preview = needed.iter().map(|id| PortRef::new(id, "")).collect();
        plan(&self.checked, &Request { preview, shares: true, ..request })
    }

    /// What there is to warn of: what blocks say themselves, and what follows from the data of a run.
    pub fn warnings(&self, results: &Results) -> Vec<(BlockId, Warning)> {
        let mut warnings: Vec<(BlockId, Warning)> =
            results.warnings().map(|(id, warning)| (id.clone(), warning.clone())).collect();
        for (id, found) in findings(&self.checked, &results.blocks, self.clipped) {
            warnings.extend(found.into_iter().map(|warning| (id.clone(), warning)));
        }
        warnings.sort_by(|a, b| a.0.cmp(&b.0));
        warnings
    }

    /// Runs a plan once, with a bar where that takes long.
    pub fn run(&self, plan: Plan) -> Results {
        let bar = Bar::new();
        let progress = |block: &BlockId, blocks, done, all| bar.of_run(block, blocks, done, all);
        let options = RunOptions { progress: &progress, ..self.run_options() };
        Engine::new(available_threads(), 0).run(&plan, &options)
    }

    /// Refuses results where files have changed while they were used.
    pub fn refuse_changed_files(&self) -> Result<(), Vec<OptionError>> {
        refuse_changed(&[&self.files, &self.fed])
    }
}

/// Refuses what was found where files have changed while they were read: it may be of what these were and of what they are.
pub fn refuse_changed(read: &[&TensorFiles]) -> Result<(), Vec<OptionError>> {
    let changed = read.iter().flat_map(|files| files.changed_since_opened());
    let told = changed.map(|path| {
        OptionError::File(format!("{}: was changed while the run was reading it; run again", path.display()))
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// The files that a page may read.
pub fn files_of(page: &Path, allowed: &[PathBuf]) -> TensorFiles {
    TensorFiles::of_page(page.parent(), allowed)
}

/// Reads the page and applies the options. `None` if the page's file is broken, which has then been told.
pub fn set_up(
    arguments: &RunArguments,
    registry: &Registry,
    output: &Output,
    mut errors: Vec<OptionError>,
) -> Result<Option<Setup>, Vec<OptionError>> {
    let file = arguments.page.as_path();
    let mut page = match page_file::load(file) {
        Ok(loaded) => loaded.page,
        Err(problems) => {
            problems.iter().for_each(|p| output.problem(file, p));
            return Ok(None);
        }
    };
    for folder in arguments.allow_files.iter().filter(|folder| !folder.is_dir()) {
        errors.push(OptionError::Usage(format!("--allow-files {}: there is no such folder", folder.display())));
    }
    let limit = arguments.memory.unwrap_or_else(memory::default_limit);
    let files = files_of(file, &arguments.allow_files).with_memory_limit(limit);
    let fed = TensorFiles::anywhere().with_memory_limit(limit);
    let unfed = Feeds::new();
    let around = Surroundings { files: &files, ..Surroundings::new(registry, &unfed) };
    apply_sets(&mut page, &arguments.set, &around, &mut errors);
    let page = Arc::new(page);
    let feeds = read_feeds(&page, &arguments.feed, &around, (&fed, output), &mut errors);
    let checked = CheckedPage::default().recheck(&page, &Surroundings { feeds: &feeds, ..around });
    let explicit = !arguments.fetch.is_empty();
    let fetch = if explicit { read_fetches(&checked, &arguments.fetch, &mut errors) } else { default_fetch(&checked) };
    if !errors.is_empty() {
        return Err(errors);
    }
    let needed = needed_blocks(&checked, &fetch);
    let counts = |problem: &&Problem| !explicit || problem.block.as_ref().is_some_and(|b| needed.contains(b));
    let problems = checked.problems.iter().filter(counts).cloned().collect();
    let name = page.name.clone().unwrap_or_else(|| page_file::name_from_path(file));
    let files = files.for_run();
    Ok(Some(Setup {
        file: file.to_owned(),
        checked,
        feeds,
        fetch,
        problems,
        name,
        limit,
        clipped: arguments.warn_clipped / 100.0,
        files,
        fed,
    }))
}

/// Tells what is wrong with options; the status that the command ends with.
pub fn tell(errors: Vec<OptionError>, output: &Output) -> Status {
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
}
