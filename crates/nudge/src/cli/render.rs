//! `nudge render`: a page as a picture, without a display.

use std::path::{Path, PathBuf};

use node_core::Registry;
use node_engine::{Results, plan};
use node_io::save::{Expect, save};

use super::options::{OptionError, fed_file};
use super::output::Output;
use super::setup::{RunArguments, set_up, tell};
use super::{Status, results_file};
use crate::export::{Form, glance, picture};

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
enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Draws the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let (file, path) = (arguments.run.page.as_path(), arguments.output.as_path());
    let mut errors = Vec::new();
    let form = form(path).map_err(|error| errors.push(error)).unwrap_or(Form::Svg);
    let fed = arguments.run.feed.iter().filter_map(|feed| fed_file(feed));
    errors.extend(results_file::is_no_input(path, file, fed).err());
    let Some(mut setup) = set_up(&arguments.run, registry, output, errors)? else { return Ok(Status::Wrong) };
    results_file::is_read_by_no_block(path, &setup).map_err(|error| vec![error])?;
    let results = match arguments.values {
        true => setup.run(plan(&setup.checked, &glance(&setup.checked))),
        false => Results::default(),
    };
    setup.problems.extend(results.problems().cloned());
    setup.problems.sort();
    setup.problems.iter().for_each(|problem| output.problem(file, problem));
    setup.refuse_changed_files()?;
    let is_dark = arguments.theme == Theme::Dark;
    let bytes = picture((&setup.checked, &setup.name), results, registry, (form, is_dark))
        .map_err(|why| vec![OptionError::File(format!("{}: {why}", path.display()))])?;
    save(path, &bytes, Expect::Anything).map_err(|error| vec![results_file::unwritable(path, &error)])?;
    // What is wrong with the page is seen on it.
    Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong })
}

fn form(path: &Path) -> Result<Form, OptionError> {
    let form = Form::of(path).filter(|form| matches!(form, Form::Svg | Form::Png));
    form.ok_or_else(|| OptionError::Usage(format!("-o {}: a picture is .svg or .png", path.display())))
}
