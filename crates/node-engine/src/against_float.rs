//! Where a page's error arises: the page as it is beside the same page whose quantizers are muted.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_core::check::{CheckedPage, Source, State, Surroundings};
use node_core::{BlockId, Edit, PortRef, Problem, Tensor};

use crate::analysis::Stop;
use crate::analysis::distance::{Distance, Each, Figures, distance_with};
use crate::engine::Engine;
use crate::fetch::needed_blocks;
use crate::plan::{Request, plan};
use crate::results::{Outcome, Results};
use crate::run::{RunOptions, Session};

/// How far the tensors of a page are from what they would be without quantization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgainstFloat {
    /// The blocks that quantize, and are muted on the float path.
    pub muted: Vec<BlockId>,
    /// The outputs that both paths have, in the order in which blocks run.
    pub ports: Vec<Arising>,
    /// Outputs that the float path does not have: ends of ranges have no gradient where nothing is clipped.
    pub without: Vec<PortRef>,
}

/// The error of an output.
#[derive(Clone, Debug, PartialEq)]
pub struct Arising {
    /// The output.
    pub port: PortRef,
    /// What a quantizer adds itself: its output beside what it is given, both on the quantized path. Other blocks compute
    /// the same on both, and add nothing.
    pub local: Option<Distance>,
    /// What has come together so far: the output beside that of the float path, its reference.
    pub accumulated: Distance,
}

impl Arising {
    /// Whether it is not what it would be without quantization.
    pub fn differs(&self) -> bool {
        self.accumulated.mse != 0.0 || self.accumulated.max_abs != 0.0
    }
}

/// By what errors are ordered, the worst first: by signal over noise; what is no finite error comes before all, and what is 0 on
/// the float path, where nothing can be in proportion to it, last.
pub fn badness(distance: &Distance) -> f64 {
    match distance.sqnr_db {
        decibels if decibels.is_nan() || !distance.mse.is_finite() => f64::NEG_INFINITY,
        f64::NEG_INFINITY => f64::MAX,
        decibels => decibels,
    }
}

/// Runs what the fetched outputs need on both paths. `chosen` names the blocks that are muted on the float path; without it
/// all that quantize are. `Ok(None)` once stopped or cancelled.
///
/// # Errors
/// A chosen block that does not quantize.
pub fn against_float(
    checked: &CheckedPage,
    (fetch, chosen): (&[PortRef], Option<&[BlockId]>),
    around: &Surroundings<'_>,
    (engine, options): (&mut Engine, &RunOptions<'_>),
    stop: &Stop,
) -> Result<Option<AgainstFloat>, Vec<Problem>> {
    let needed = needed_blocks(checked, fetch);
    let Some(quantized) = run(checked, &ready(checked, &needed), engine, options) else { return Ok(None) };
    let quantizes = |id: &BlockId| quantized.blocks.get(id).is_some_and(|result| result.quantization.is_some());
    let is_chosen = |id: &&BlockId| chosen.is_none_or(|chosen| chosen.contains(id));
    let muted: Vec<BlockId> = needed.iter().filter(|id| quantizes(id)).filter(is_chosen).cloned().collect();
    // Of what did not come to run it is not known; what keeps it from that is told where the page is run.
    let runs = |id: &BlockId| matches!(quantized.blocks.get(id).map(|result| &result.outcome), Some(Outcome::Done(_)));
    let is_wrong = |id: &&BlockId| !needed.contains(*id) || (runs(id) && !muted.contains(id));
    let wrong = chosen.unwrap_or_default().iter().filter(is_wrong);
    let wrong: Vec<Problem> = wrong
        .map(|id| Problem::block(id, "does not quantize, or is not needed for what is fetched".to_owned()))
        .collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut page = (*checked.page).clone();
    for id in &muted {
        let mute = Edit::Mute { block: id.clone(), mute: true };
        mute.apply(&mut page).map_err(|error| vec![Problem::block(id, error.to_string())])?;
    }
    let float = checked.recheck(&Arc::new(page), around);
    let without = without(checked, &quantized, &float, &muted);
    // What the first run gave is held beside the second.
    let left = options.memory_limit.saturating_sub(quantized.bytes());
    let Some(floats) = run(&float, &ready(&float, &needed), engine, &RunOptions { memory_limit: left, ..*options })
    else {
        return Ok(None);
    };
    let paths = Paths { checked, quantized: &quantized, floats: &floats, muted: &muted };
    let ports = checked.order.iter().filter(|id| needed.contains(*id)).flat_map(|id| paths.outputs(id));
    let (without, ports): (Vec<PortRef>, Vec<PortRef>) = ports.partition(|port| without.contains(port));
    let mut each = engine.each();
    let found = ports.into_iter().map_while(|port| match stop.is_set() || (options.cancelled)() {
        true => None,
        false => Some(paths.arising(port, stop, &mut each)),
    });
    let found: Vec<Option<Arising>> = found.collect();
    if stop.is_set() || (options.cancelled)() {
        return Ok(None);
    }
    Ok(Some(AgainstFloat { muted, ports: found.into_iter().flatten().collect(), without }))
}

/// Those of the blocks that can run.
fn ready(checked: &CheckedPage, blocks: &BTreeSet<BlockId>) -> BTreeSet<BlockId> {
    let is_ready = |id: &&BlockId| checked.blocks.get(*id).is_some_and(|block| block.state == State::Ready);
    blocks.iter().filter(is_ready).cloned().collect()
}

/// The results of blocks with all their outputs, of those that fail none: that is told where the page is run.
fn run(
    checked: &CheckedPage,
    blocks: &BTreeSet<BlockId>,
    engine: &mut Engine,
    options: &RunOptions<'_>,
) -> Option<Results> {
    let all: Vec<PortRef> = blocks.iter().map(|id| PortRef::new(id, "")).collect();
    let mut session = Session::new(plan(checked, &Request::fetch(&all)));
    session.run(engine, options, &mut |_, _| {});
    let results = session.results();
    if results.cancelled { None } else { Some(results) }
}

/// The outputs that have no counterpart: those of muted blocks to which something else passes than what they quantize or
/// let through, and all that follow from them.
fn without(checked: &CheckedPage, quantized: &Results, float: &CheckedPage, muted: &[BlockId]) -> BTreeSet<PortRef> {
    let mut without = BTreeSet::new();
    for id in checked.order.iter() {
        let Some((block, setup)) = checked.blocks.get(id).and_then(|block| Some((block, block.setup.as_ref()?))) else {
            continue;
        };
        let names: Vec<PortRef> =
            (0..setup.ports.outputs().len()).map(|index| PortRef::new(id, setup.output_name(index))).collect();
        let follows = block.inputs.iter().flatten().any(|source| match source {
            Source::Output { block, index } => {
                let from = checked.blocks.get(block).and_then(|block| block.setup.as_ref());
                from.is_some_and(|from| without.contains(&PortRef::new(block, from.output_name(*index))))
            }
            Source::Literal => false,
        });
        let ready = float.blocks.get(id).is_some_and(|block| block.state == State::Ready);
        if follows || !ready {
            without.extend(names);
        } else if muted.contains(id) {
            let passes = float.blocks.get(id).and_then(|block| block.passes.clone()).unwrap_or_default();
            let quantization = quantized.blocks.get(id).and_then(|result| result.quantization.as_ref());
            let main = quantization.map(|q| q.gradients.as_ref().unwrap_or(&q.input).clone());
            let main = main.and_then(|name| setup.spec().input_index(&name));
            // Others may be of the same type by chance.
            let own =
                quantization.and_then(|q| q.output.as_ref()).and_then(|name| block.output_index(name)).unwrap_or(0);
            let fits =
                |index: usize| index == own && passes.get(index).copied().flatten().map(|passed| passed.input) == main;
            without.extend(names.into_iter().enumerate().filter(|(index, _)| !fits(*index)).map(|(_, name)| name));
        }
    }
    without
}

/// Both paths.
struct Paths<'p> {
    checked: &'p CheckedPage,
    quantized: &'p Results,
    floats: &'p Results,
    muted: &'p [BlockId],
}

impl Paths<'_> {
    /// The outputs of a block that are floating-point numbers.
    fn outputs(&self, id: &BlockId) -> Vec<PortRef> {
        let block = self.checked.blocks.get(id);
        let Some((block, setup)) = block.and_then(|block| Some((block, block.setup.as_ref()?))) else {
            return Vec::new();
        };
        let floats = block.outputs.iter().enumerate().filter(|(_, ty)| ty.dtype.is_floating());
        floats.map(|(index, _)| PortRef::new(id, setup.output_name(index))).collect()
    }

    fn arising(&self, port: PortRef, stop: &Stop, each: Each<'_>) -> Option<Arising> {
        let index = self.checked.blocks.get(&port.block)?.output_index(&port.port)?;
        let tensor = self.quantized.tensor(port.block.as_str(), index)?;
        let reference = self.floats.tensor(port.block.as_str(), index)?;
        let accumulated = distance_with(tensor, reference, Figures::All, stop, each).ok()?;
        let given = self.muted.contains(&port.block).then(|| self.given(&port.block)).flatten();
        let local = given.and_then(|given| distance_with(tensor, &given, Figures::All, stop, each).ok());
        Some(Arising { port, local, accumulated })
    }

    /// What a quantizer is given on the quantized path: what it quantizes, or the gradients.
    fn given(&self, id: &BlockId) -> Option<Tensor> {
        let quantization = self.quantized.blocks.get(id)?.quantization.as_ref()?;
        let name = quantization.gradients.as_ref().unwrap_or(&quantization.input);
        self.quantized.at_input(self.checked, id, name)
    }
}
