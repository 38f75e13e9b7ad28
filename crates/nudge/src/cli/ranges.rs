//! `nudge ranges`: ranges for quantizers, proposed from the data that reach them.

use std::path::PathBuf;

use node_core::number::{f32_json, f32_text, f64_json};
use node_core::value::quoted;
use node_core::{BlockId, PortRef, Quantization, Registry, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::audit::gradients_of;
use node_engine::analysis::ranges::{Proposal, Trial, propose};
use node_engine::{Outcome, Request, Results, plan};
use node_io::files::TensorFiles;

use super::options::{OptionError, file_and_part, usage};
use super::output::Output;
use super::progress::Bar;
use super::setup::{RunArguments, Setup, refuse_changed, set_up, tell};
use super::{Format, Status};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// Propose ranges for this block (repeatable); else for every block that quantizes.
    #[arg(long, value_name = "BLOCK")]
    block: Vec<String>,
    /// Propose from the array in this file too (repeatable): .npy, .npz, .safetensors, .csv; of several arrays FILE:NAME. Each
    /// is one batch, after what reaches the block in the run.
    #[arg(long, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Proposes ranges.
pub fn run(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Status {
    attempt(arguments, registry, output).unwrap_or_else(|errors| tell(errors, output))
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    let Some(mut setup) = set_up(&arguments.run, registry, output, Vec::new())? else { return Ok(Status::Wrong) };
    let blocks = chosen(arguments, &setup)?;
    let files = TensorFiles::anywhere().with_memory_limit(setup.limit);
    let more = data(arguments, &files)?;
    let needed: Vec<PortRef> = setup.checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    let fetch = if blocks.is_empty() { needed } else { of_inputs(&setup, &blocks) };
    let results = setup.run(plan(&setup.checked, &Request::fetch(&fetch)));
    setup.problems.extend(results.problems().cloned());
    setup.problems.sort();
    setup.problems.dedup();
    setup.problems.iter().for_each(|problem| output.problem(file, problem));
    refuse_changed(&[&setup.files, &setup.fed, &files])?;
    let mut found = Vec::new();
    for (id, result) in &results.blocks {
        let quantizes = result.quantization.as_deref().filter(|_| blocks.is_empty() || blocks.contains(id));
        if let Some(quantization) = quantizes.filter(|quantization| quantization.output.is_some()) {
            refuse_misfits(&setup, (id, quantization), (&arguments.data, &more))?;
            let proposals = of_block(&setup, &results, (id, quantization), &more);
            found.extend(proposals.map(|proposals| (id, quantization, proposals)));
        }
    }
    let unknown = |id: &&BlockId| found.iter().all(|(found, ..)| found != id);
    let refused: Vec<OptionError> = blocks.iter().filter(unknown).filter_map(|id| no_quantizer(&results, id)).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    for id in results.blocks.keys().filter(|id| blocks.is_empty() || blocks.contains(id)).filter(unknown) {
        let Some(why) = why_none(&setup, &results, id) else { continue };
        output.error(format!("{}: {id}: no range can be proposed: {why}", file.display()));
        if !blocks.is_empty() {
            setup.problems.push(node_core::Problem::block(id, why));
        }
    }
    match arguments.format {
        Format::Json => output.line(json(&setup, &found)),
        Format::Text if found.is_empty() && setup.problems.is_empty() => {
            output.line("no block here gives quantized values with ends that can be set");
        }
        Format::Text => {
            found.iter().for_each(|(id, quantization, proposals)| text(id, quantization, proposals, output))
        }
    }
    Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong })
}

/// Where a block that ran has no range at all.
fn no_quantizer(results: &Results, id: &BlockId) -> Option<OptionError> {
    let result = results.blocks.get(id)?;
    let quantizes = result.quantization.as_ref().is_some_and(|quantization| quantization.output.is_some());
    let ran = matches!(result.outcome, Outcome::Done(_));
    (ran && !quantizes).then(|| OptionError::Usage(format!("--block {id}: gives no quantized values")))
}

/// Why there is nothing to propose for a block that quantizes.
fn why_none(setup: &Setup, results: &Results, id: &BlockId) -> Option<&'static str> {
    let quantization = results.blocks.get(id)?.quantization.as_ref().filter(|known| known.output.is_some())?;
    let can = Trial::of(setup.checked.blocks.get(id)?, quantization).is_some();
    Some(if can { "no finite value but 0 reaches it" } else { "the ends of its range can not be set" })
}

/// The blocks that are named.
fn chosen(arguments: &Arguments, setup: &Setup) -> Result<Vec<BlockId>, Vec<OptionError>> {
    let mut errors = Vec::new();
    let find = |name: &String| {
        let found = setup.checked.blocks.keys().find(|id| id.as_str() == *name).cloned();
        found.map_or_else(
            || {
                let names = setup.checked.blocks.iter().map(|(id, _)| id.as_str());
                let hint = node_core::problem::suggestion(name, names);
                usage("--block", name, format!("there is no block '{name}'{hint}"))
            },
            Ok,
        )
    };
    let blocks = super::options::each(&arguments.block, &mut errors, |name: &str| find(&name.to_owned()));
    if !arguments.data.is_empty() && blocks.len() != 1 {
        errors.push(OptionError::Usage("--data: is for one block; name it with --block".to_owned()));
    }
    if errors.is_empty() { Ok(blocks) } else { Err(errors) }
}

fn data(arguments: &Arguments, files: &TensorFiles) -> Result<Vec<Tensor>, Vec<OptionError>> {
    let mut errors = Vec::new();
    let mut found = Vec::new();
    for given in &arguments.data {
        let (file, part) = file_and_part(given);
        match files.open_path(&file, &part, &Bar::of(format!("reading {}", file.display()))) {
            Ok(tensor) if tensor.slice::<f32>().is_some() => found.push(tensor),
            Ok(tensor) => {
                let what = format!("{}: holds {}, and float32 is quantized", file.display(), tensor.dtype());
                errors.push(OptionError::File(what));
            }
            Err(what) => errors.push(OptionError::File(format!("{}: {what}", file.display()))),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// What blocks are and read, and what else reads the same: their gradients are among it.
fn of_inputs(setup: &Setup, blocks: &[BlockId]) -> Vec<PortRef> {
    let own: Vec<(&BlockId, usize)> = blocks.iter().flat_map(|id| sources(setup, id)).collect();
    let reads_same = |id: &&BlockId| sources(setup, id).iter().any(|source| own.contains(source));
    let all = setup.checked.blocks.keys().filter(reads_same).chain(blocks);
    let ports = all.flat_map(|id| {
        let sources = sources(setup, id).into_iter().map(|(block, _)| PortRef::new(block, ""));
        sources.chain([PortRef::new(id, "")]).collect::<Vec<_>>()
    });
    ports.collect()
}

/// The outputs that a block reads.
fn sources<'s>(setup: &'s Setup, id: &BlockId) -> Vec<(&'s BlockId, usize)> {
    let inputs = setup.checked.blocks.get(id).into_iter().flat_map(|block| block.inputs.iter().flatten());
    let sources = inputs.filter_map(|source| match source {
        node_core::check::Source::Output { block, index } => Some((block, *index)),
        node_core::check::Source::Literal => None,
    });
    sources.collect()
}

/// Refuses data that the block cannot quantize.
fn refuse_misfits(
    setup: &Setup,
    (id, quantization): (&BlockId, &Quantization),
    (files, data): (&[PathBuf], &[Tensor]),
) -> Result<(), Vec<OptionError>> {
    let Some(trial) = setup.checked.blocks.get(id).and_then(|block| Trial::of(block, quantization)) else {
        return Ok(());
    };
    let misfits = files.iter().zip(data).filter(|(_, tensor)| !trial.takes(tensor));
    let told = misfits.map(|(file, tensor)| {
        let (shape, count) = (tensor.shape(), trial.count());
        OptionError::File(format!("{}: has shape {shape}, but {id} quantizes {count} channels", file.display()))
    });
    let told: Vec<OptionError> = told.collect();
    if told.is_empty() { Ok(()) } else { Err(told) }
}

fn of_block(
    setup: &Setup,
    results: &Results,
    (id, quantization): (&BlockId, &Quantization),
    more: &[Tensor],
) -> Option<Vec<Proposal>> {
    let trial = Trial::of(setup.checked.blocks.get(id)?, quantization)?;
    let data: Vec<Tensor> =
        results.at_input(&setup.checked, id, &quantization.input).into_iter().chain(more.iter().cloned()).collect();
    let gradients = gradients_of(&setup.checked, &results.blocks, id)
        .and_then(|(block, port)| results.at_input(&setup.checked, &block, &port));
    propose(&trial, &data, gradients.as_ref(), &Stop::default())
}

type Found<'r> = (&'r BlockId, &'r Quantization, Vec<Proposal>);

fn json(setup: &Setup, found: &[Found<'_>]) -> String {
    let blocks = found.iter().map(|(id, quantization, proposals)| {
        let trial = setup.checked.blocks.get(*id).and_then(|block| Trial::of(block, quantization));
        let proposals = proposals.iter().map(|proposal| proposal_json(proposal, trial.as_ref()));
        format!("{}: [{}]", quoted(id.as_str()), proposals.collect::<Vec<_>>().join(", "))
    });
    let blocks = blocks.collect::<Vec<_>>().join(", ");
    format!("{{\"page\": {}, \"ranges\": {{{blocks}}}}}", quoted(&setup.name))
}

fn proposal_json(proposal: &Proposal, trial: Option<&Trial>) -> String {
    let set = trial.map(|trial| trial.typed(&proposal.ends)).unwrap_or_default();
    let set =
        set.iter().map(|(name, text)| format!("{}: {}", quoted(name), quoted(text))).collect::<Vec<_>>().join(", ");
    let list = |side: usize| proposal.ends.iter().map(|ends| f32_json(ends[side])).collect::<Vec<_>>().join(", ");
    let nudged = |end: fn(&node_core::QuantRange) -> f32| {
        proposal.ranges.iter().map(|range| f32_json(end(range))).collect::<Vec<_>>().join(", ")
    };
    format!(
        "{{\"method\": {}, \"reason\": {}, \"set\": {{{set}}}, \"min\": [{}], \"max\": [{}], \"nudged_min\": [{}], \
         \"nudged_max\": [{}], \"mse\": {}, \"sqnr_db\": {}, \"clipped\": {}, \"gradient_stopped\": {}}}",
        quoted(&proposal.method.name()),
        quoted(&proposal.method.reason()),
        list(0),
        list(1),
        nudged(|range| range.nudged_min),
        nudged(|range| range.nudged_max),
        f64_json(proposal.damage.mse()),
        f64_json(proposal.damage.sqnr_db()),
        f64_json(proposal.clipped()),
        proposal.stopped().map_or("null".to_owned(), f64_json),
    )
}

fn text(id: &BlockId, quantization: &Quantization, proposals: &[Proposal], output: &mut Output) {
    output.line(format!("{id}, from what reaches {}:", quantization.input));
    let rows: Vec<[String; 6]> = proposals.iter().map(row).collect();
    let head = ["method", "range", "MSE", "SQNR", "clipped", "gradient stopped"].map(str::to_owned);
    let width = |column: usize| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    for row in std::iter::once(&head).chain(&rows) {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<0$}", width(column)));
        output.line(format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end());
    }
}

fn row(proposal: &Proposal) -> [String; 6] {
    let range = match proposal.ends.as_slice() {
        [[low, high]] => format!("[{}, {}]", f32_text(*low), f32_text(*high)),
        many => format!("{} ranges", many.len()),
    };
    let percent = |part: f64| format!("{} %", f32_text((part * 1e5).round() as f32 / 1e3));
    [
        proposal.method.name(),
        range,
        f32_text(proposal.damage.mse() as f32),
        match proposal.damage.sqnr_db() {
            f64::INFINITY => "exact".to_owned(),
            decibels if decibels.is_nan() => String::new(),
            decibels => format!("{} dB", f32_text((decibels * 100.0).round() as f32 / 100.0)),
        },
        percent(proposal.clipped()),
        proposal.stopped().map(percent).unwrap_or_default(),
    ]
}
