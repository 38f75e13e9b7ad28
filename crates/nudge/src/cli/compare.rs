//! `nudge compare`: two tensors, of pages or files, beside each other.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use node_core::access::Alone;
use node_core::number::{f32_text, f64_json, f64_text};
use node_core::{Registry, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::compare::{Comparison, compare};
use node_io::files::TensorFiles;
use node_io::memory;

use super::options::{OptionError, file_and_part};
use super::output::Output;
use super::same_bits::{self, Asked};
use super::setup::{RunArguments, refuse_changed, set_up, tell};
use super::{Format, Status};

#[derive(clap::Args)]
pub struct Arguments {
    /// A tensor: PAGE.json:BLOCK.PORT, or a file that holds one (x.npy, x.npz:NAME, w.safetensors:NAME, x.csv). With
    /// --target a page.
    #[arg(value_name = "A")]
    tensor: PathBuf,
    /// What it is compared with, the reference.
    #[arg(value_name = "B", required_unless_present = "target")]
    reference: Option<PathBuf>,
    /// Compare all ports of the page here and on this TensorFlow cluster, to the bit: grpc://HOST:PORT, or grpcs://.
    #[arg(long, value_name = "TARGET", conflicts_with_all = ["reference", "tolerance"])]
    target: Option<String>,
    /// With --target: set an attribute before the run (repeatable).
    #[arg(long, value_name = "BLOCK.ATTR=VALUE", requires = "target")]
    set: Vec<String>,
    /// With --target: feed a Placeholder with a literal or with @FILE (repeatable).
    #[arg(long, value_name = "BLOCK.PORT=LITERAL|@FILE", requires = "target")]
    feed: Vec<OsString>,
    /// What differs by at most so much is equal; with 0 the bits decide. Any NaN equals any NaN.
    #[arg(long, default_value = "0", value_name = "DIFFERENCE", value_parser = tolerance)]
    tolerance: f64,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The most memory that tensors may take, such as 512MiB; three quarters of the machine's if not given.
    #[arg(long, value_name = "BYTES", value_parser = memory::parse_bytes)]
    memory: Option<u64>,
    /// Let File blocks read files of this folder too (repeatable).
    #[arg(long, value_name = "DIR")]
    allow_files: Vec<PathBuf>,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| *number >= 0.0 && number.is_finite());
    number.ok_or_else(|| format!("'{text}' is no difference; write a number of at least 0"))
}

/// A tensor, and the files that it may still be in.
type Found = (Tensor, TensorFiles);

/// Compares them.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    if let Some(target) = &arguments.target {
        let asked = Asked {
            page: &arguments.tensor,
            target,
            set: &arguments.set,
            feed: &arguments.feed,
            memory: arguments.memory,
            allow_files: &arguments.allow_files,
            format: arguments.format,
        };
        return same_bits::run(&asked, registry, output).unwrap_or_else(|errors| {
            tell(errors, output);
            Status::Usage
        });
    }
    let Some(reference) = &arguments.reference else { return Status::Usage };
    let mut found = Vec::new();
    for given in [&arguments.tensor, reference] {
        match tensor(given, arguments, registry, output) {
            Ok(Some(one)) => found.push(one),
            Ok(None) => {}
            Err(errors) => drop(tell(errors, output)),
        }
    }
    // A tensor that is not there cannot be told equal or different.
    let [(a, of_a), (b, of_b)] = found.as_slice() else { return Status::Usage };
    let compared = compare(a, b, arguments.tolerance, &Stop::default());
    if let Err(errors) = refuse_changed(&[of_a, of_b]) {
        tell(errors, output);
        return Status::Usage;
    }
    match compared {
        Ok(comparison) => {
            match arguments.format {
                Format::Json => output.line(to_json(&comparison)),
                Format::Text => to_text(&comparison, arguments.tolerance, output),
            }
            if comparison.differing == 0 { Status::Good } else { Status::Wrong }
        }
        Err(misfit) => {
            output.error(format!("{} and {}: {misfit}", arguments.tensor.display(), reference.display()));
            Status::Wrong
        }
    }
}

/// The tensor that is named; `None` if it is not there, which has then been told.
fn tensor(
    given: &Path,
    arguments: &Arguments,
    registry: &Registry,
    output: &Output,
) -> Result<Option<Found>, Vec<OptionError>> {
    if let Some((page, port)) = page_and_port(given) {
        return of_page(page, port, arguments, registry, output);
    }
    let (file, part) = file_and_part(given);
    let files = TensorFiles::anywhere().with_memory_limit(arguments.memory.unwrap_or_else(memory::default_limit));
    match files.open_path(&file, &part, &Alone) {
        Ok(tensor) => Ok(Some((tensor, files))),
        Err(what) => Err(vec![OptionError::File(format!("{}: {what}", file.display()))]),
    }
}

/// `PAGE.json:BLOCK.PORT` as page and port.
fn page_and_port(given: &Path) -> Option<(PathBuf, String)> {
    let (page, port) = given.to_str()?.rsplit_once(':')?;
    let is_page = page.to_ascii_lowercase().ends_with(".json") && !given.exists();
    is_page.then(|| (PathBuf::from(page), port.to_owned()))
}

fn of_page(
    page: PathBuf,
    port: String,
    arguments: &Arguments,
    registry: &Registry,
    output: &Output,
) -> Result<Option<Found>, Vec<OptionError>> {
    let run = RunArguments {
        page,
        fetch: vec![port],
        set: Vec::new(),
        feed: Vec::new(),
        memory: arguments.memory,
        allow_files: arguments.allow_files.clone(),
        warn_clipped: 100.0,
    };
    let Some(setup) = set_up(&run, registry, output, Vec::new())? else { return Ok(None) };
    let [port] = setup.fetch.as_slice() else {
        let names = setup.fetch.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("{}: one tensor is compared, not {} ({names})", run.page.display(), setup.fetch.len());
        return Err(vec![OptionError::Usage(message)]);
    };
    let results = setup.run(setup.plan());
    setup.problems.iter().chain(results.problems()).for_each(|problem| output.problem(&run.page, problem));
    let index = setup.checked.blocks.get(&port.block).and_then(|block| block.output_index(&port.port));
    let tensor = index.and_then(|index| results.tensor(port.block.as_str(), index)).cloned();
    Ok(tensor.map(|tensor| (tensor, setup.files.clone())))
}

fn to_json(comparison: &Comparison) -> String {
    let Comparison { count, differing, max_abs, max_rel, mse, sqnr_db, max_ulp, first_difference } = comparison;
    let first = serde_json::to_string(first_difference).unwrap_or_default();
    format!(
        "{{\"count\": {count}, \"differing\": {differing}, \"max_abs\": {}, \"max_rel\": {}, \"mse\": {}, \
         \"sqnr_db\": {}, \"max_ulp\": {}, \"first_difference\": {first}}}",
        f64_json(*max_abs),
        f64_json(*max_rel),
        f64_json(*mse),
        f64_json(*sqnr_db),
        max_ulp.map_or("null".to_owned(), |ulp| ulp.to_string()),
    )
}

fn to_text(comparison: &Comparison, tolerance: f64, output: &mut Output) {
    let Comparison { count, differing, max_abs, max_rel, mse, sqnr_db, max_ulp, first_difference } = comparison;
    let by = if tolerance == 0.0 { String::new() } else { format!(" by more than {}", f64_text(tolerance)) };
    let Some(first) = first_difference else {
        output.line(format!("equal: none of {count} elements differs{by}"));
        return;
    };
    let ulp = max_ulp.map(|ulp| format!(" ({ulp} ULP)")).unwrap_or_default();
    output.line(format!("{differing} of {count} elements differ{by}, first {first:?}"));
    output.line(format!(
        "largest difference {}{ulp}, in parts {}",
        f32_text(*max_abs as f32),
        f32_text(*max_rel as f32)
    ));
    let decibels = f32_text((sqnr_db * 100.0).round() as f32 / 100.0);
    output.line(format!("mean squared error {}, signal to noise {decibels} dB", f32_text(*mse as f32)));
}
