//! `nudge compare PAGE --target …`: a page here and on a cluster, port by port.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use node_core::Registry;
use node_core::number::f64_json;
use node_core::value::quoted;
use node_tensorflow::cluster::{Target, never};
use node_tensorflow::same_bits::{Compared, Differing, same_bits};

use super::options::OptionError;
use super::output::Output;
use super::setup::{RunArguments, set_up};
use super::{Format, Status};

/// What is compared.
pub struct Asked<'a> {
    pub page: &'a Path,
    pub target: &'a str,
    pub set: &'a [String],
    pub feed: &'a [OsString],
    pub memory: Option<u64>,
    pub allow_files: &'a [PathBuf],
    pub format: Format,
}

/// Compares them; exit status 1 if bits differ.
pub fn run(asked: &Asked<'_>, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let target = Target::parse(asked.target).map_err(|why| vec![OptionError::Usage(format!("--target {why}"))])?;
    let arguments = RunArguments {
        page: asked.page.to_owned(),
        fetch: Vec::new(),
        set: asked.set.to_vec(),
        feed: asked.feed.to_vec(),
        memory: asked.memory,
        allow_files: asked.allow_files.to_vec(),
        warn_clipped: 100.0,
    };
    let Some(setup) = set_up(&arguments, registry, output, Vec::new())? else { return Ok(Status::Usage) };
    setup.problems.iter().for_each(|problem| output.problem(asked.page, problem));
    if !setup.problems.is_empty() {
        return Ok(Status::Usage);
    }
    let compared = match same_bits((&setup.checked, &setup.name), &target, &setup.run_options(), &never) {
        Ok(compared) => compared,
        Err(problems) => {
            problems.iter().for_each(|problem| output.problem(asked.page, problem));
            return Ok(Status::Usage);
        }
    };
    setup.refuse_changed_files()?;
    match asked.format {
        Format::Text => compared.lines(&target).into_iter().for_each(|line| output.line(line)),
        Format::Json => output.line(to_json(&compared)),
    }
    Ok(if compared.differing.is_empty() { Status::Good } else { Status::Wrong })
}

fn to_json(compared: &Compared) -> String {
    let one = |Differing { port, by, begins, why }: &Differing| {
        let by = by.as_ref().map(|by| {
            let ulp = by.max_ulp.map_or("null".to_owned(), |ulp| ulp.to_string());
            let (count, differing) = (by.count, by.differing);
            format!(
                "\"count\": {count}, \"differing\": {differing}, \"max_abs\": {}, \"max_ulp\": {ulp}, ",
                f64_json(by.max_abs)
            )
        });
        let (port, why) = (quoted(&port.to_string()), quoted(why));
        format!("{{\"port\": {port}, {}\"begins\": {begins}, \"why\": {why}}}", by.unwrap_or_default())
    };
    let differing: Vec<String> = compared.differing.iter().map(one).collect();
    format!("{{\"ports\": {}, \"differing\": [{}]}}", compared.ports, differing.join(", "))
}
