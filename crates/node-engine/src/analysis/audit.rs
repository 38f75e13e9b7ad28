//! What becomes of gradients: which elements, and which part of their norm, a block stops, and what is left along a chain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_core::check::{CheckedBlock, CheckedPage, Source, State};
use node_core::{BlockId, Name, PortRef, QuantRange, Tensor};

use super::quantized::{Around, Damage, damage};
use super::{Shares, Stop};
use crate::plan::Request;
use crate::results::{BlockResult, Results};
use crate::stats::Stats;

/// The input at which blocks take gradients from downstream, as TensorFlow calls it.
const GRADIENTS: &str = "gradients";

/// What a block does to gradients, by where its inputs lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// How many elements.
    pub shares: Shares,
    /// The norm of the gradients below, inside, above and at NaN, over that of all; nothing where all are 0, or one is not
    /// finite.
    pub norm: Option<[f64; 4]>,
}

/// What a gradient block lets through and stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// All of it.
    pub all: Stopped,
    /// Channel by channel.
    pub channels: Vec<Stopped>,
    /// What it would be with the ranges as they were typed.
    pub typed: Stopped,
}

impl Stopped {
    fn of(damage: &Damage) -> Stopped {
        let norm = damage.gradient_parts().map(|parts| parts.map(f64::sqrt));
        Stopped { shares: damage.shares, norm: norm.filter(|parts| parts.iter().all(|part| part.is_finite())) }
    }

    /// The part of the norm that is stopped.
    pub fn part(&self) -> Option<f64> {
        self.norm.map(|[below, _, above, nan]| (below * below + above * above + nan * nan).sqrt())
    }
}

impl Audit {
    /// That of a block which quantizes `input` and is given `gradients`. `None` where they do not fit, and once stopped.
    pub fn of(input: &Tensor, gradients: &Tensor, ranges: &[QuantRange], stop: &Stop) -> Option<Audit> {
        let around = Around { input, output: None, gradients: Some(gradients) };
        let nudged = damage(&around, ranges, stop)?;
        let typed: Vec<QuantRange> =
            ranges.iter().map(|range| QuantRange { nudged_min: range.min, nudged_max: range.max, ..*range }).collect();
        let typed = damage(&around, &typed, stop)?;
        Some(Audit {
            all: Stopped::of(&Damage::all(&nudged)),
            channels: nudged.iter().map(Stopped::of).collect(),
            typed: Stopped::of(&Damage::all(&typed)),
        })
    }
}

/// What becomes of a page's gradients.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audits {
    /// Block by block.
    pub blocks: Vec<(BlockId, Audit)>,
    /// Along chains of blocks.
    pub chains: Vec<Passed>,
}

/// What is left of gradients along a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The blocks.
    pub chain: Chain,
    /// For each of them the norm of what it gives over that of what it is given.
    pub through: Vec<f64>,
}

impl Passed {
    /// What is left at the end.
    pub fn together(&self) -> f64 {
        self.through.iter().product()
    }
}

impl Audits {
    /// Those of a run that was asked for what [`request`] says.
    pub fn of(checked: &CheckedPage, results: &Results, stop: &Stop) -> Audits {
        let audit = |id: &BlockId| {
            let quantization = results.blocks.get(id)?.quantization.as_ref()?;
            let gradients = results.at_input(checked, id, quantization.gradients.as_deref()?)?;
            let input = results.at_input(checked, id, &quantization.input)?;
            Some((id.clone(), Audit::of(&input, &gradients, &quantization.ranges, stop)?))
        };
        let passed = |chain: Chain| {
            let ports = std::iter::once(&chain.from).chain(&chain.outputs);
            let norms = ports.map(|port| results.stats(checked, port).map(norm)).collect::<Option<Vec<f64>>>()?;
            let through = norms.windows(2).map(|pair| pair[1] / pair[0]).collect();
            Some(Passed { chain, through })
        };
        Audits {
            blocks: results.blocks.keys().filter_map(audit).collect(),
            chains: chains(checked, results.blocks.keys()).into_iter().filter_map(passed).collect(),
        }
    }
}

/// What a run has to be asked for so that the gradients of `blocks` can be told of: the tensors that blocks read, and the
/// statistics of those along chains.
pub fn request(checked: &CheckedPage, blocks: &BTreeSet<BlockId>) -> Request {
    let inputs = blocks.iter().filter_map(|id| checked.blocks.get(id)).flat_map(|block| block.inputs.iter().flatten());
    let read = inputs.filter_map(|source| match source {
        Source::Output { block, index } => {
            Some(PortRef::new(block, checked.blocks.get(block)?.setup.as_ref()?.output_name(*index)))
        }
        Source::Literal => None,
    });
    let own = blocks.iter().map(|id| PortRef::new(id, ""));
    let passed = chains(checked, blocks).into_iter().flat_map(|chain| std::iter::once(chain.from).chain(chain.outputs));
    Request { fetch: read.collect(), watch: passed.collect(), preview: own.collect(), ..Request::default() }
}

/// Blocks through which gradients go, one after the other: from what comes from downstream to what the last gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The gradients that go in.
    pub from: PortRef,
    /// What each block gives.
    pub outputs: Vec<PortRef>,
}

/// The chains of two gradient blocks and more among `blocks`, each as long as can be.
pub fn chains<'b>(checked: &CheckedPage, blocks: impl IntoIterator<Item = &'b BlockId>) -> Vec<Chain> {
    let sources: BTreeMap<&BlockId, (&BlockId, usize)> =
        blocks.into_iter().filter_map(|id| Some((id, source(checked, id)?))).collect();
    let passed_on: BTreeSet<&BlockId> =
        sources.values().filter(|(_, index)| *index == 0).map(|(from, _)| *from).collect();
    let output = |id: &BlockId, index| {
        let setup = checked.blocks.get(id)?.setup.as_ref()?;
        Some(PortRef::new(id, setup.output_name(index)))
    };
    let mut chains = Vec::new();
    for last in sources.keys().filter(|id| !passed_on.contains(*id)) {
        let mut outputs = Vec::new();
        let (mut id, mut from) = (*last, None);
        // What gradients a block passes on it gives first.
        while let Some((upstream, index)) = sources.get(id).copied() {
            outputs.extend(output(id, 0));
            from = output(upstream, index);
            if index != 0 {
                break;
            }
            id = upstream;
        }
        outputs.reverse();
        chains.extend(from.filter(|_| outputs.len() > 1).map(|from| Chain { from, outputs }));
    }
    chains
}

/// The gradients that go with a quantizer: the block that lets gradients through or stops them by the same input, and its
/// port that takes them.
pub fn gradients_of(
    checked: &CheckedPage,
    results: &BTreeMap<BlockId, BlockResult>,
    id: &BlockId,
) -> Option<(BlockId, Name)> {
    let at = |id: &BlockId, input: &str| checked.blocks.get(id)?.source(input);
    let own = at(id, &results.get(id)?.quantization.as_ref()?.input)?;
    results.iter().find_map(|(other, result)| {
        let quantization = result.quantization.as_ref()?;
        let gradients = quantization.gradients.clone()?;
        let same = matches!(own, Source::Output { .. }) && at(other, &quantization.input) == Some(own);
        same.then(|| (other.clone(), gradients))
    })
}

/// Where the gradients of a block come from, if it takes any.
fn source<'c>(checked: &'c CheckedPage, id: &BlockId) -> Option<(&'c BlockId, usize)> {
    // Of blocks that cannot run some are in loops.
    let runs = |block: &&Arc<CheckedBlock>| block.state == State::Ready && block.passes.is_none();
    let block = checked.blocks.get(id).filter(runs)?;
    let input = block.spec()?.inputs().position(|port| port.name == GRADIENTS)?;
    match block.inputs.get(input)?.first()? {
        Source::Output { block, index } => Some((block, *index)),
        Source::Literal => None,
    }
}

/// The norm of a tensor's finite elements.
pub fn norm(stats: &Stats) -> f64 {
    let finite = stats.finite() as f64;
    if finite == 0.0 { 0.0 } else { (finite * (stats.mean * stats.mean + stats.std * stats.std)).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped() {
        let range = |min, max, nudged_min, nudged_max| QuantRange {
            min,
            max,
            nudged_min,
            nudged_max,
            scale: 1.0,
            zero_point: 0,
        };
        let ranges = [range(-6.0, 6.0, -6.023_529_5, 5.976_470_5)];
        let input = Tensor::vector(vec![6f32, -6.0, -7.0, 0.0, f32::NAN]);
        let gradients = Tensor::vector(vec![1f32, 2.0, 3.0, 4.0, 5.0]);
        let audit = Audit::of(&input, &gradients, &ranges, &Stop::default()).unwrap();
        assert_eq!(audit.all.shares, Shares { below: 1, inside: 2, above: 1, nan: 1 });
        let whole = 55f64;
        assert_eq!(audit.all.norm, Some([9.0, 20.0, 1.0, 25.0].map(|part| (part / whole).sqrt())));
        assert!((audit.all.part().unwrap() - (35.0 / whole).sqrt()).abs() < 1e-15);
        assert_eq!(audit.channels, vec![audit.all.clone()]);
        assert_eq!(audit.typed.shares, Shares { below: 1, inside: 3, above: 0, nan: 1 });
        let none = Audit::of(&input, &Tensor::vector(vec![0f32; 5]), &ranges, &Stop::default()).unwrap();
        assert_eq!(none.all.norm, None);
        assert!(Audit::of(&input, &Tensor::vector(vec![0f32; 4]), &ranges, &Stop::default()).is_none());
    }
}
