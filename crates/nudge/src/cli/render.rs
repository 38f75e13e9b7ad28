//! `nudge render`: a page as a picture, without a display.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::{PortRef, Registry};
use node_editor::drawing::{self, Subject};
use node_engine::{Request, Results};
use node_io::save::{Expect, save};

use super::options::OptionError;
use super::output::Output;
use super::setup::{RunArguments, Setup, set_up, tell};
use super::{Status, results_file};
use crate::raster;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// The picture to write: .svg or .png.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The colours.
    #[arg(long, value_enum, default_value = "light")]
    theme: Theme,
    /// Run the page and show what blocks give.
    #[arg(long)]
    values: bool,
}

/// The colours of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What a picture is written as.
enum Form {
    Svg,
    Png,
}

/// Draws the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let (file, path) = (arguments.run.page.as_path(), arguments.output.as_path());
    let mut errors = Vec::new();
    let form = form(path).map_err(|error| errors.push(error)).ok();
    errors.extend(results_file::is_no_input(path, file, std::iter::empty()).err());
    let Some(mut setup) = set_up(&arguments.run, registry, output, errors)? else { return Ok(Status::Wrong) };
    let results = if arguments.values { glance(&setup) } else { Results::default() };
    setup.problems.extend(results.problems().cloned());
    setup.problems.sort();
    setup.problems.iter().for_each(|problem| output.problem(file, problem));
    setup.refuse_changed_files()?;
    let svg = picture(&setup, results, registry, arguments.theme);
    let bytes = match form {
        Some(Form::Png) => {
            raster::png(&svg).map_err(|why| vec![OptionError::File(format!("{}: {why}", path.display()))])?
        }
        _ => svg.into_bytes(),
    };
    save(path, &bytes, Expect::Anything).map_err(|error| vec![results_file::unwritable(path, &error)])?;
    // What is wrong with the page is seen on it.
    Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong })
}

fn form(path: &Path) -> Result<Form, OptionError> {
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("svg") => Ok(Form::Svg),
        Some("png") => Ok(Form::Png),
        _ => Err(OptionError::Usage(format!("-o {}: a picture is .svg or .png", path.display()))),
    }
}

/// What blocks give, as far as a canvas shows it.
pub fn glance(setup: &Setup) -> Results {
    let all: Vec<PortRef> = setup.checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    let request = Request { preview: all.clone(), health: all, shares: true, ..Request::default() };
    setup.run(node_engine::plan(&setup.checked, &request))
}

/// The page as SVG.
pub fn picture(setup: &Setup, results: Results, registry: &Registry, theme: Theme) -> String {
    let subject = Subject {
        checked: Arc::new(setup.checked.clone()),
        name: setup.name.clone(),
        results: results.blocks,
        registry,
    };
    drawing::svg(subject, theme == Theme::Dark)
}
