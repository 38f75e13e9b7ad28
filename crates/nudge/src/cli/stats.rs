//! `nudge stats`: what can be told of a page's tensors, and of what its quantizers do to them.

mod float;
mod gradients;

use std::fmt::Write as _;

use node_core::number::{f32_json, f32_text, f64_json};
use node_core::value::quoted;
use node_core::{BlockId, PortRef, QuantRange, Registry, Warning};
use node_engine::analysis::audit::{self, Audits};
use node_engine::analysis::percentiles::{TOLD, percentiles};
use node_engine::analysis::quantized::by_channel;
use node_engine::analysis::{Shares, Stop};
use node_engine::{Request, Results, Stats};

use super::options::OptionError;
use super::output::Output;
use super::setup::{RunArguments, Setup, set_up, tell};
use super::{Format, Status};
use crate::warning_json::WarningJson;
use node_engine::against_float::AgainstFloat;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// Tell too where error arises: beside the page with these blocks muted, or all that quantize.
    #[arg(long, value_name = "BLOCK,…", num_args = 0..=1, require_equals = true, default_missing_value = float::ALL)]
    against_float: Option<String>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// A quantizer, and where the elements lie that it quantizes.
struct Quantizer {
    block: BlockId,
    input: String,
    ranges: Vec<QuantRange>,
    channels: Vec<Shares>,
    percentiles: Vec<f64>,
}

/// Tells of the page.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    let Some(mut setup) = set_up(&arguments.run, registry, output, Vec::new())? else { return Ok(Status::Wrong) };
    let results = setup.run(setup.plan_with_warnings(request(&setup)));
    setup.problems.extend(results.problems().cloned());
    setup.problems.sort();
    setup.problems.dedup();
    setup.problems.iter().for_each(|problem| output.problem(file, problem));
    let warnings = setup.warnings(&results);
    warnings.iter().for_each(|(block, warning)| output.warning(file, block, warning));
    setup.refuse_changed_files()?;
    let ports: Vec<(&PortRef, &Stats)> =
        setup.fetch.iter().filter_map(|port| Some((port, results.stats(&setup.checked, port)?))).collect();
    let quantizers: Vec<Quantizer> = results.blocks.keys().filter_map(|id| quantizer(&setup, &results, id)).collect();
    let audits = Audits::of(&setup.checked, &results, &Stop::default());
    let errors = arguments.against_float.as_deref().map(|chosen| float::paths(&setup, chosen, registry)).transpose()?;
    match arguments.format {
        Format::Json => output.line(to_json(&setup.name, &ports, (&quantizers, &audits, errors.as_ref()), &warnings)),
        Format::Text => {
            ports.iter().for_each(|(port, stats)| port_text(port, stats, output));
            quantizers.iter().for_each(|quantizer| quantizer_text(quantizer, output));
            gradients::text(&audits, output);
            errors.iter().for_each(|errors| float::text(errors, output));
        }
    }
    Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong })
}

/// Statistics of what is fetched, and the tensors that quantizers read.
fn request(setup: &Setup) -> Request {
    let needed = node_engine::needed_blocks(&setup.checked, &setup.fetch);
    let mut request = audit::request(&setup.checked, &needed);
    request.fetch.extend(setup.fetch.iter().cloned());
    request.watch.extend(setup.fetch.iter().cloned());
    request
}

fn quantizer(setup: &Setup, results: &Results, id: &BlockId) -> Option<Quantizer> {
    let quantization = results.blocks.get(id)?.quantization.as_ref()?;
    let input = &results.at_input(&setup.checked, id, &quantization.input)?;
    Some(Quantizer {
        block: id.clone(),
        input: quantization.input.to_string(),
        ranges: quantization.ranges.clone(),
        channels: by_channel(input, &quantization.ranges, &Stop::default())?,
        percentiles: percentiles(input, &TOLD, &Stop::default())?,
    })
}

impl Quantizer {
    fn all(&self) -> Shares {
        let mut all = Shares::default();
        self.channels.iter().for_each(|shares| all.merge(shares));
        all
    }
}

fn to_json(
    page: &str,
    ports: &[(&PortRef, &Stats)],
    (quantizers, audits, errors): (&[Quantizer], &Audits, Option<&AgainstFloat>),
    warnings: &[(BlockId, Warning)],
) -> String {
    let ports = ports.iter().map(|(port, stats)| format!("{}: {}", quoted(&port.to_string()), stats_json(stats)));
    let ports = ports.collect::<Vec<_>>().join(", ");
    let quantizers = quantizers.iter().map(|q| format!("{}: {}", quoted(q.block.as_str()), quantizer_json(q)));
    let quantizers = quantizers.collect::<Vec<_>>().join(", ");
    let audits = gradients::json(audits) + &errors.map(float::json).unwrap_or_default();
    let warnings: Vec<WarningJson> = warnings.iter().map(|(block, w)| WarningJson::new(block, w)).collect();
    let warnings = match warnings.is_empty() {
        true => String::new(),
        false => format!(", \"warnings\": {}", serde_json::to_string(&warnings).unwrap_or_default()),
    };
    format!(
        "{{\"page\": {}, \"ports\": {{{ports}}}, \"quantization\": {{{quantizers}}}{audits}{warnings}}}",
        quoted(page)
    )
}

fn stats_json(stats: &Stats) -> String {
    let Stats { count, nan, inf, zeros, min, max, mean, std, histogram } = stats;
    let [min, max, mean, std] = [min, max, mean, std].map(|value| f64_json(*value));
    let edges = histogram.edges().map(f64_json).collect::<Vec<_>>().join(", ");
    let counts = histogram.counts.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let every = if histogram.every > 1 { format!(", \"every\": {}", histogram.every) } else { String::new() };
    format!(
        "{{\"count\": {count}, \"min\": {min}, \"max\": {max}, \"mean\": {mean}, \"std\": {std}, \"nan\": {nan}, \
         \"inf\": {inf}, \"zeros\": {zeros}, \"histogram\": {{\"edges\": [{edges}], \"counts\": [{counts}]{every}}}}}"
    )
}

fn range_json(range: &QuantRange) -> String {
    format!(
        "\"nudged_min\": {}, \"nudged_max\": {}, \"scale\": {}, \"zero_point\": {}",
        f32_json(range.nudged_min),
        f32_json(range.nudged_max),
        f32_json(range.scale),
        range.zero_point
    )
}

fn shares_json(shares: &Shares) -> String {
    format!("\"below\": {}, \"inside\": {}, \"above\": {}", shares.below, shares.inside, shares.above)
}

fn quantizer_json(quantizer: &Quantizer) -> String {
    let mut json = String::from("{");
    if let [range] = quantizer.ranges.as_slice() {
        // Writing to a String cannot fail.
        let _ = write!(json, "{}, ", range_json(range));
    }
    let _ = write!(json, "{}", shares_json(&quantizer.all()));
    if quantizer.ranges.len() > 1 {
        let channels = quantizer.ranges.iter().zip(&quantizer.channels);
        let channels = channels.map(|(range, shares)| format!("{{{}, {}}}", range_json(range), shares_json(shares)));
        let _ = write!(json, ", \"channels\": [{}]", channels.collect::<Vec<_>>().join(", "));
    }
    let told = TOLD.iter().zip(&quantizer.percentiles).map(|(p, value)| format!("\"{p}\": {}", f64_json(*value)));
    let _ = write!(json, ", \"percentiles\": {{{}}}}}", told.collect::<Vec<_>>().join(", "));
    json
}

/// As many digits as float32 has: people read it.
fn short(value: f64) -> String {
    f32_text(value as f32)
}

fn port_text(port: &PortRef, stats: &Stats, output: &mut Output) {
    let Stats { count, nan, inf, zeros, min, max, mean, std, .. } = stats;
    let [min, max, mean, std] = [min, max, mean, std].map(|value| short(*value));
    output.line(format!("{port}: {count} elements, {nan} NaN, {inf} infinite, {zeros} zeros"));
    output.line(format!("  min {min}, max {max}, mean {mean}, std {std}"));
}

fn quantizer_text(quantizer: &Quantizer, output: &mut Output) {
    let all = quantizer.all();
    let total = all.total().max(1) as f64;
    let share = |n: u64| format!("{n} ({:.1} %)", n as f64 / total * 100.0);
    output.line(format!("{} quantizes {}:", quantizer.block, quantizer.input));
    let many = quantizer.ranges.len() > 1;
    for (number, (range, shares)) in quantizer.ranges.iter().zip(&quantizer.channels).enumerate() {
        let [min, max, scale] = [range.nudged_min, range.nudged_max, range.scale].map(f32_text);
        let channel = if many { format!("channel {number}: ") } else { String::new() };
        let mut line =
            format!("  {channel}nudged range {min} to {max}, scale {scale}, zero point {}", range.zero_point);
        if many {
            let _ = write!(line, "; below {}, inside {}, above {}", shares.below, shares.inside, shares.above);
        }
        output.line(line);
    }
    let nan = if all.nan > 0 { format!(", NaN {}", share(all.nan)) } else { String::new() };
    output.line(format!("  below {}, inside {}, above {}{nan}", share(all.below), share(all.inside), share(all.above)));
    let told = TOLD.iter().zip(&quantizer.percentiles).map(|(p, value)| format!("{p} %: {}", short(*value)));
    output.line(format!("  percentiles {}", told.collect::<Vec<_>>().join(", ")));
}
