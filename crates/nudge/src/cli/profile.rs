//! `nudge profile`: how long a page takes and how much memory, whole and by block.

use std::sync::OnceLock;
use std::time::Instant;

use node_core::Name;
use node_core::number::bytes_text;
use node_core::{BlockId, Registry};
use node_engine::{Engine, RunOptions, Session, available_threads};
use serde::Serialize;

use super::options::OptionError;
use super::output::Output;
use super::setup::{RunArguments, Setup, set_up, tell};
use super::{Format, Status};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// How many runs are timed; the page is planned once, and no results are kept. A few more runs (at most 10), with a
    /// clock at every kernel, give the blocks' shares.
    #[arg(long, default_value = "30", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// One block's share.
struct Share {
    block: BlockId,
    type_name: Name,
    /// Which walk it is part of; blocks with one number run together.
    walk: Option<usize>,
    milliseconds: f64,
}

struct Profile {
    name: String,
    milliseconds: Vec<f64>,
    peak: u64,
    /// Whether all of the memory is known before a run.
    is_known: bool,
    shares: Vec<Share>,
}

/// Profiles the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    let Some(mut setup) = set_up(&arguments.run, registry, output, Vec::new())? else { return Ok(Status::Wrong) };
    let mut session = Session::new(setup.plan());
    let mut engine = Engine::new(available_threads(), setup.limit);
    let profile = measure(&mut session, &mut engine, &setup, arguments.runs);
    setup.problems.extend(session.results().problems().cloned());
    setup.problems.sort();
    setup.problems.iter().for_each(|p| output.problem(file, p));
    session.results().warnings().for_each(|(block, warning)| output.warning(file, block, warning));
    setup.refuse_changed_files()?;
    if !setup.problems.is_empty() {
        return Ok(Status::Wrong);
    }
    match arguments.format {
        Format::Json => output.line(to_json(&profile)),
        Format::Text => to_text(&profile, output),
    }
    Ok(Status::Good)
}

/// Runs the page over and over: first as it is, for the times of the whole, then with a clock at every kernel, for the
/// blocks' shares.
fn measure(session: &mut Session, engine: &mut Engine, setup: &Setup, runs: u32) -> Profile {
    let options = setup.run_options();
    let is_known = session.prepare(engine, setup.limit);
    // The first run makes what later ones use again.
    session.run(engine, &options, &mut |_, _| {});
    let mut milliseconds = Vec::new();
    for _ in 0..runs {
        let before = Instant::now();
        session.run(engine, &options, &mut |_, _| {});
        milliseconds.push(before.elapsed().as_secs_f64() * 1e3);
    }
    let options = RunOptions { clock: Some(&nanoseconds), ..options };
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); session.plan().steps.len()];
    for _ in 0..runs.min(10) {
        session.run(engine, &options, &mut |_, _| {});
        for (step, (_, time)) in times.iter_mut().zip(session.times()) {
            step.push(time as f64);
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    let whole = median(&mut milliseconds.clone());
    let all = medians.iter().sum::<f64>().max(1.0);
    let walks = session.walks();
    let shares = session.plan().steps.iter().zip(medians).enumerate().map(|(number, (step, time))| Share {
        block: step.id.clone(),
        type_name: step.setup.spec().name.clone(),
        walk: walks[number].map(|walk| walk + 1),
        milliseconds: rounded(time / all * whole),
    });
    Profile { name: setup.name.clone(), milliseconds, peak: session.peak().0, is_known, shares: shares.collect() }
}

/// Milliseconds to the nanosecond.
fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1e6).round() / 1e6
}

fn nanoseconds() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match (values.get(values.len() / 2), values.len().checked_sub(1).and_then(|last| values.get(last / 2))) {
        (Some(upper), Some(lower)) => (upper + lower) / 2.0,
        _ => 0.0,
    }
}

#[derive(Serialize)]
struct ProfileJson<'p> {
    page: &'p str,
    runs: usize,
    median_ms: f64,
    min_ms: f64,
    peak_bytes: u64,
    peak_known: bool,
    blocks: Vec<BlockJson<'p>>,
}

#[derive(Serialize)]
struct BlockJson<'p> {
    block: &'p str,
    #[serde(rename = "type")]
    type_name: &'p str,
    median_ms: f64,
    walk: Option<usize>,
}

fn to_json(profile: &Profile) -> String {
    let blocks = profile.shares.iter().map(|share| BlockJson {
        block: share.block.as_str(),
        type_name: &share.type_name,
        median_ms: share.milliseconds,
        walk: share.walk,
    });
    let json = ProfileJson {
        page: &profile.name,
        runs: profile.milliseconds.len(),
        median_ms: rounded(median(&mut profile.milliseconds.clone())),
        min_ms: rounded(profile.milliseconds.iter().copied().fold(f64::INFINITY, f64::min)),
        peak_bytes: profile.peak,
        peak_known: profile.is_known,
        blocks: blocks.collect(),
    };
    serde_json::to_string(&json).unwrap_or_default()
}

fn to_text(profile: &Profile, output: &mut Output) {
    let whole = median(&mut profile.milliseconds.clone());
    let least = profile.milliseconds.iter().copied().fold(f64::INFINITY, f64::min);
    let known = if profile.is_known { "known before a run" } else { "part of it known only as it runs" };
    output.line(format!(
        "{}: {} runs, median {}, least {}",
        profile.name,
        profile.milliseconds.len(),
        time(whole),
        time(least)
    ));
    output.line(format!("peak memory of the tensors it makes: {}, {known}", bytes_text(profile.peak)));
    let mut shares: Vec<&Share> = profile.shares.iter().filter(|share| share.walk.is_some()).collect();
    if shares.is_empty() {
        return output.line("no block had to run");
    }
    shares.sort_by(|a, b| b.milliseconds.total_cmp(&a.milliseconds));
    let width = |of: fn(&Share) -> &str, least: usize| shares.iter().map(|s| of(s).len()).max().unwrap_or(0).max(least);
    let (block, ty) = (width(|s| s.block.as_str(), 5), width(|s| &s.type_name, 4));
    output.line(format!("{:block$}  {:ty$}  {:>4}  {:>10}  share", "block", "type", "walk", "median"));
    for share in shares {
        let percent = if whole > 0.0 { share.milliseconds / whole * 100.0 } else { 0.0 };
        let walk = share.walk.map(|walk| walk.to_string()).unwrap_or_default();
        output.line(format!(
            "{:block$}  {:ty$}  {walk:>4}  {:>10}  {percent:>4.0}%",
            share.block.as_str(),
            share.type_name,
            time(share.milliseconds),
        ));
    }
    output.line("blocks of one walk run together, stretch by stretch; a block's time is its share of it");
}

/// Milliseconds for people.
fn time(milliseconds: f64) -> String {
    match milliseconds {
        ms if ms >= 1000.0 => format!("{:.2} s", ms / 1000.0),
        ms if ms >= 1.0 => format!("{ms:.2} ms"),
        ms if ms >= 0.001 => format!("{:.2} µs", ms * 1000.0),
        ms => format!("{:.0} ns", ms * 1e6),
    }
}
