//! A page and what it does in one file, to send to a colleague: nothing is loaded from elsewhere.

mod chart;
mod html;

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::check::{CheckedPage, State, Surroundings};
use node_core::{BlockId, PortRef, Problem, Quantization, Registry, Tensor, Warning};
use node_editor::drawing;
use node_engine::against_float::{AgainstFloat, against_float};
use node_engine::analysis::Stop;
use node_engine::analysis::audit::{Audits, gradients_of, request};
use node_engine::analysis::distribution::Distribution;
use node_engine::analysis::findings::findings;
use node_engine::analysis::quantized::{Around, Damage, damage};
use node_engine::analysis::ranges::{Proposal, Trial, propose};
use node_engine::{Engine, Request, Results, RunOptions, available_threads, plan};

/// What a report is of.
pub struct Subject<'s> {
    /// The page.
    pub checked: &'s CheckedPage,
    /// Its name.
    pub name: &'s str,
    /// What it gives.
    pub fetch: &'s [PortRef],
    /// Types, feeds and files.
    pub around: &'s Surroundings<'s>,
    /// How it may run.
    pub options: &'s RunOptions<'s>,
    /// The part of elements beyond which clipping is told.
    pub clipped: f64,
}

/// What there is to tell.
struct Found {
    problems: Vec<Problem>,
    warnings: Vec<(BlockId, Warning)>,
    results: Results,
    quantizers: Vec<Quantizer>,
    audits: Audits,
    /// Nothing where a path of the page cannot run.
    errors: Option<AgainstFloat>,
}

/// A block that quantizes, with what comes to it.
struct Quantizer {
    id: BlockId,
    type_name: String,
    quantization: Arc<Quantization>,
    channels: Vec<Damage>,
    distribution: Distribution,
    proposals: Vec<Proposal>,
}

/// A report as HTML, and what is wrong with the page: it is told in the report, too. `None` once stopped.
pub fn html(subject: &Subject<'_>, stop: &Stop) -> Option<(String, Vec<Problem>)> {
    let found = found(subject, stop)?;
    let picture = drawing::svg(
        drawing::Subject {
            checked: Arc::new(subject.checked.clone()),
            name: subject.name.to_owned(),
            results: found.results.blocks.clone(),
            registry: registry(subject.around),
        },
        false,
    );
    let problems = found.problems.clone();
    Some((html::document(subject, &found, &picture), problems))
}

fn registry<'s>(around: &'s Surroundings<'_>) -> &'s Registry {
    around.registry
}

fn found(subject: &Subject<'_>, stop: &Stop) -> Option<Found> {
    let Subject { checked, fetch, around, options, clipped, .. } = subject;
    let ready = checked.blocks.iter().filter(|(_, block)| block.state == State::Ready).map(|(id, _)| id.clone());
    let ready = ready.collect();
    let audited = request(checked, &ready);
    let all: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    let request = Request {
        fetch: audited.fetch.into_iter().chain(fetch.iter().cloned()).collect(),
        watch: audited.watch.into_iter().chain(fetch.iter().cloned()).collect(),
        preview: all.clone(),
        health: all,
        shares: true,
    };
    let mut engine = Engine::new(available_threads(), 0);
    let results = engine.run(&plan(checked, &request), options);
    if results.cancelled {
        return None;
    }
    let mut problems: Vec<Problem> = checked.problems.iter().chain(results.problems()).cloned().collect();
    problems.sort();
    problems.dedup();
    let outputs: Vec<PortRef> = ready.iter().map(|id| PortRef::new(id, "")).collect();
    let left = options.memory_limit.saturating_sub(results.bytes());
    let less = RunOptions { memory_limit: left, ..**options };
    let both = against_float(checked, (&outputs, None), around, (&mut engine, &less), stop);
    let errors = match both {
        Ok(Some(errors)) => Some(errors),
        Ok(None) => return None,
        Err(_) => None,
    };
    let quantizers = results.blocks.keys().filter_map(|id| quantizer(checked, &results, id, stop)).collect();
    if stop.is_set() {
        return None;
    }
    let mut warnings: BTreeMap<BlockId, Vec<Warning>> = findings(checked, &results.blocks, *clipped);
    for (id, warning) in results.warnings() {
        warnings.entry(id.clone()).or_default().insert(0, warning.clone());
    }
    let warnings = warnings.into_iter().flat_map(|(id, all)| all.into_iter().map(move |one| (id.clone(), one)));
    let warnings = warnings.collect();
    let audits = Audits::of(checked, &results, stop);
    Some(Found { problems, warnings, quantizers, audits, errors, results })
}

fn quantizer(checked: &CheckedPage, results: &Results, id: &BlockId, stop: &Stop) -> Option<Quantizer> {
    let quantization = results.blocks.get(id)?.quantization.clone()?;
    let block = checked.blocks.get(id)?;
    let input = results.at_input(checked, id, &quantization.input)?;
    let trial = Trial::of(block, &quantization);
    // What it gives is made again: not every output is asked for.
    let output = trial.as_ref().and_then(|trial| trial.with(&trial.now())?.run(&input));
    let own = quantization.gradients.clone().map(|port| (id.clone(), port));
    let gradients = own.or_else(|| gradients_of(checked, &results.blocks, id));
    let gradients = gradients.and_then(|(block, port)| results.at_input(checked, &block, &port));
    let around = Around { input: &input, output: output.as_ref(), gradients: gradients.as_ref() };
    let channels = damage(&around, &quantization.ranges, stop)?;
    let ends = if let [range] = quantization.ranges.as_slice() {
        Some([range.nudged_min, range.nudged_max].map(f64::from))
    } else {
        None
    };
    let data: &[Tensor] = std::slice::from_ref(&input);
    let proposals = trial.and_then(|trial| propose(&trial, data, gradients.as_ref(), stop)).unwrap_or_default();
    Some(Quantizer {
        id: id.clone(),
        type_name: block.spec()?.name.to_string(),
        channels,
        distribution: Distribution::of(&input, ends, stop)?,
        proposals,
        quantization,
    })
}
