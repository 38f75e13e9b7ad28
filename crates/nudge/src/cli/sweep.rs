//! `nudge sweep`: a page run with one value after the other, and what comes of each in figures.

use node_core::access::Host as _;
use node_core::check::{CheckedPage, Surroundings};
use node_core::number::f64_json;
use node_core::value::quoted;
use node_core::{BlockId, PortRef, Problem, Registry};
use node_engine::analysis::Stop;
use node_engine::available_threads;
use node_engine::sweep::{Axis, Measure, Point, Sweep, Sweeper};

use super::Status;
use super::options::{OptionError, assignment, each, usage};
use super::output::Output;
use super::progress::Bar;
use super::setup::{RunArguments, set_up, tell};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// Vary an attribute of a block or a set, or an input's literal (repeatable: every combination is tried): so many values
    /// from one number to another, or those given.
    #[arg(long, value_name = "BLOCK.ATTR=FROM:TO:STEPS|V1,V2,…", required = true)]
    vary: Vec<String>,
    /// Ask for this figure of each run (repeatable): the one element of an output, mse(P,Q) or sqnr(P,Q) of two outputs, the
    /// second being the reference, or clipped(BLOCK), the part of the elements that a quantizer cuts off.
    #[arg(long, value_name = "MEASURE", required = true)]
    measure: Vec<String>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line of names, and one for each combination, as soon as it is known; what failed is empty.
    Csv,
    /// A list of objects with the same names; what failed is null.
    Json,
}

/// Tries the values.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    if !arguments.run.fetch.is_empty() {
        return Err(vec![OptionError::Usage("--fetch: a sweep has --measure for what is asked of it".to_owned())]);
    }
    let Some(setup) = set_up(&arguments.run, registry, output, Vec::new())? else { return Ok(Status::Wrong) };
    let sweep = sweep(arguments, &setup.checked)?;
    let names = names(&sweep);
    let around = Surroundings { files: &setup.files, ..Surroundings::new(registry, &setup.feeds) };
    let (bar, points) = (Bar::of(format!("sweeping {}", file.display())), sweep.points());
    let mut sweeper = Sweeper::new(sweep, setup.checked.clone(), available_threads(), setup.limit / 4);
    let progress = |_: &BlockId, _, _, _| {};
    let options = node_engine::RunOptions { progress: &progress, ..setup.run_options() };
    let mut rows = Vec::new();
    let mut status = Status::Good;
    if arguments.format == Format::Csv {
        output.line(names.iter().map(|name| csv(name)).collect::<Vec<_>>().join(","));
    }
    for number in 0..points {
        bar.progress(number, points);
        let Some(point) = sweeper.point(number, &around, &options, &Stop::default()) else { break };
        let values = sweeper.sweep().values(number);
        let mut problems: Vec<&Problem> = point.iter().filter_map(|figure| figure.as_ref().err()).flatten().collect();
        problems.sort();
        problems.dedup();
        if !problems.is_empty() {
            status = Status::Wrong;
            bar.clear();
            let given = names.iter().zip(&values).map(|(name, value)| format!("{name}={value}"));
            let given = given.collect::<Vec<_>>().join(" ");
            problems.iter().for_each(|problem| output.problem_with(file, &given, problem));
        }
        match arguments.format {
            Format::Csv => {
                output.line(csv_row(&values, &point));
                if !output.flush() {
                    return Ok(Status::Wrong);
                }
            }
            Format::Json => rows.push(json_row(&names, &values, &point)),
        }
    }
    bar.clear();
    setup.refuse_changed_files()?;
    if arguments.format == Format::Json {
        output.line(format!("[{}]", rows.join(",\n ")));
    }
    Ok(status)
}

/// What is tried, and asked.
fn sweep(arguments: &Arguments, checked: &CheckedPage) -> Result<Sweep, Vec<OptionError>> {
    let mut errors = Vec::new();
    let axes = each(&arguments.vary, &mut errors, |text: &str| {
        let (target, values) = assignment("--vary", text)?;
        Axis::parse(target, values).or_else(|message| usage("--vary", text, message))
    });
    let measures = each(&arguments.measure, &mut errors, |text: &str| {
        Measure::parse(checked, text).or_else(|message| usage("--measure", text, message))
    });
    let sweep = Sweep { axes, measures };
    let targets: Vec<&PortRef> = sweep.axes.iter().map(|axis| &axis.target).collect();
    let twice = targets.iter().enumerate().find(|(at, target)| targets[..*at].contains(target));
    errors.extend(twice.map(|(_, target)| OptionError::Usage(format!("--vary {target}: is varied twice"))));
    let asked: Vec<String> = sweep.measures.iter().map(ToString::to_string).collect();
    let again = asked.iter().enumerate().find(|(at, measure)| asked[..*at].contains(measure));
    errors.extend(again.map(|(_, measure)| OptionError::Usage(format!("--measure {measure}: is asked twice"))));
    if sweep.points() > 10_000_000 {
        errors.push(OptionError::Usage(format!("--vary: {} combinations are too many", sweep.points())));
        return Err(errors);
    }
    errors.extend(sweep.refused(checked).into_iter().map(|why| OptionError::Usage(format!("--vary {why}"))));
    if errors.is_empty() { Ok(sweep) } else { Err(errors) }
}

/// The columns: what is varied, then what is asked.
fn names(sweep: &Sweep) -> Vec<String> {
    let targets = sweep.axes.iter().map(|axis| axis.target.to_string());
    targets.chain(sweep.measures.iter().map(ToString::to_string)).collect()
}

/// A field of a CSV file: in quotes where it needs them.
fn csv(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn csv_row(values: &[&str], point: &Point) -> String {
    let figure = |figure: &Result<f64, _>| figure.as_ref().map(|figure| f64_json(*figure)).unwrap_or_default();
    let figures = point.iter().map(|one| figure(one).trim_matches('"').to_owned());
    values.iter().map(|value| csv(value)).chain(figures).collect::<Vec<_>>().join(",")
}

fn json_row(names: &[String], values: &[&str], point: &Point) -> String {
    let value = |value: &&str| match serde_json::from_str::<serde_json::Value>(value) {
        Ok(_) => (*value).to_owned(),
        Err(_) => quoted(value),
    };
    let figures = point.iter().map(|figure| figure.as_ref().map_or("null".to_owned(), |figure| f64_json(*figure)));
    let fields = names.iter().zip(values.iter().map(value).chain(figures));
    let fields = fields.map(|(name, value)| format!("{}: {value}", quoted(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}
