//! `nudge ranges`: ranges for quantizers, proposed from the data that reach them.

use std::path::PathBuf;

use node_core::number::{f32_json, f32_text, f64_json};
use node_core::value::quoted;
use node_core::{BlockId, PortRef, Quantization, Registry, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::audit::gradients_of;
use node_engine::analysis::ranges::{Proposal, Trial, propose};
use node_engine::{Request, Results, plan};
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
            let proposals = of_block(&setup, &results, (id, quantization), &more);
            found.extend(proposals.map(|proposals| (id, quantization, proposals)));
        }
    }
    for id in blocks.iter().filter(|id| found.iter().all(|(found, ..)| found != id)) {
        if setup.problems.is_empty() {
            output.error(format!(
                "{}: {id}: no range can be proposed: it gives no quantized values, or only zeros reach it",
                file.display()
            ));
        }
        setup.problems.push(node_core::Problem::block(id, "no range"));
    }
    match arguments.format {
        Format::Json => output.line(json(&setup, &found)),
        Format::Text => {
            found.iter().for_each(|(id, quantization, proposals)| text(id, quantization, proposals, output))
        }
    }
    Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong })
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

/// What blocks are and read.
fn of_inputs(setup: &Setup, blocks: &[BlockId]) -> Vec<PortRef> {
    let sources =
        blocks.iter().filter_map(|id| setup.checked.blocks.get(id)).flat_map(|block| block.inputs.iter().flatten());
    let sources = sources.filter_map(|source| match source {
        node_core::check::Source::Output { block, .. } => Some(PortRef::new(block, "")),
        node_core::check::Source::Literal => None,
    });
    blocks.iter().map(|id| PortRef::new(id, "")).chain(sources).collect()
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
        format!("{} dB", f32_text((proposal.damage.sqnr_db() * 100.0).round() as f32 / 100.0)),
        percent(proposal.clipped()),
        proposal.stopped().map(percent).unwrap_or_default(),
    ]
}
