//! How an output is, in a few numbers: what of it is no finite number, and where the rest lies in the range of what
//! quantizes it.

use node_core::check::Source;
use node_core::{BlockId, PortRef};
use node_engine::BlockResult;
use node_engine::analysis::{Health, Shares};

use super::tab::Tab;

/// Elements, by how they are. Every one is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Finite, and below the range.
    pub below: u64,
    /// Inside the range; all finite ones where there is no range.
    pub inside: u64,
    /// Finite, and above the range.
    pub above: u64,
    /// Negative infinity, which lies below every range.
    pub negative_infinite: u64,
    /// Positive infinity, which lies above every range.
    pub positive_infinite: u64,
    /// NaN.
    pub nan: u64,
}

impl Parts {
    fn of(health: Health, shares: Option<Shares>) -> Parts {
        let Shares { below, inside, above, nan } = shares.unwrap_or(Shares {
            below: health.negative_infinite,
            inside: health.count - health.infinite() - health.nan,
            above: health.positive_infinite,
            nan: health.nan,
        });
        // Infinities lie outside, unless an end is no finite number.
        let held = |infinite: u64, outside: u64| infinite.saturating_sub(outside);
        let inside =
            inside.saturating_sub(held(health.negative_infinite, below) + held(health.positive_infinite, above));
        let (below, above) =
            (below.saturating_sub(health.negative_infinite), above.saturating_sub(health.positive_infinite));
        let Health { negative_infinite, positive_infinite, .. } = health;
        Parts { below, inside, above, negative_infinite, positive_infinite, nan }
    }

    /// All elements.
    pub fn total(&self) -> u64 {
        self.below + self.inside + self.above + self.infinite() + self.nan
    }

    /// Those that are infinite, of either sign.
    pub fn infinite(&self) -> u64 {
        self.negative_infinite + self.positive_infinite
    }

    /// Those that are not inside.
    pub fn outside(&self) -> u64 {
        self.total() - self.inside
    }
}

/// How an output is.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Its elements.
    pub parts: Parts,
    /// The input whose range that is, if any.
    pub quantized_at: Option<PortRef>,
}

/// How output number `index` of a block is, for each of its readers that quantizes it; or without a range, if none does.
pub fn of_output(tab: &Tab, id: &BlockId, index: usize) -> Vec<Condition> {
    let Some(health) = tab.result(id).and_then(|result| health(result, index)) else { return Vec::new() };
    let quantized = quantized(tab, id, index);
    if quantized.is_empty() {
        return vec![Condition { parts: Parts::of(health, None), quantized_at: None }];
    }
    let condition = |(port, shares)| Condition { parts: Parts::of(health, Some(shares)), quantized_at: Some(port) };
    quantized.into_iter().map(condition).collect()
}

/// That which is to be seen at one glance of an output.
pub fn of_port(tab: &Tab, port: &PortRef) -> Option<Condition> {
    let index = tab.document.checked.blocks.get(&port.block)?.output_index(&port.port)?;
    worst(of_output(tab, &port.block, index))
}

/// The one to be seen at one glance: the first where the most lies outside.
fn worst(conditions: Vec<Condition>) -> Option<Condition> {
    conditions.into_iter().rev().max_by_key(|condition| condition.parts.outside())
}

/// How that is which a block quantizes, else its first output.
pub fn of_block(tab: &Tab, id: &BlockId) -> Option<Condition> {
    let result = tab.result(id)?;
    let (Some(quantization), Some(shares)) = (&result.quantization, result.shares) else {
        return worst(of_output(tab, id, 0));
    };
    // Of a literal nothing more is known.
    let other = Health { nan: shares.nan, ..Health::fine(shares.total()) };
    let parts = Parts::of(source_health(tab, id, &quantization.input).unwrap_or(other), Some(shares));
    Some(Condition { parts, quantized_at: Some(PortRef::new(id, &quantization.input)) })
}

/// What of an output is no finite number; of types where that cannot be nothing had to be counted.
fn health(result: &BlockResult, index: usize) -> Option<Health> {
    let ty = &result.preview(index)?.ty;
    if Health::is_open(ty.dtype) { *result.health.get(index)? } else { Some(Health::fine(ty.shape.elements() as u64)) }
}

/// Of blocks with more wires than anybody follows it is not looked up for every output who quantizes it.
const MOST_WIRES: usize = 256;

/// The health of what is wired to an input.
fn source_health(tab: &Tab, id: &BlockId, input: &str) -> Option<Health> {
    let checked = tab.document.checked.blocks.get(id)?;
    match checked.source(input)? {
        Source::Output { block, index } => health(tab.result(block)?, *index),
        Source::Literal => None,
    }
}

/// The inputs to which an output is wired and that are quantized there, and where its elements lie in their ranges.
fn quantized(tab: &Tab, id: &BlockId, index: usize) -> Vec<(PortRef, Shares)> {
    let checked = &tab.document.checked;
    let (Some(block), Some(links)) = (checked.blocks.get(id), checked.links(id)) else { return Vec::new() };
    if links.outgoing.len() > MOST_WIRES {
        return Vec::new();
    }
    let wires = links.outgoing.iter().filter(|wire| block.output_index(&wire.from.port) == Some(index));
    let quantized = wires.filter_map(|wire| {
        let result = tab.result(&wire.to.block)?;
        let quantization = result.quantization.as_ref()?;
        let spec = checked.blocks.get(&wire.to.block)?.spec()?;
        let is_it = spec.input_index(&wire.to.port)? == spec.input_index(&quantization.input)?;
        is_it.then_some((PortRef::new(&wire.to.block, &quantization.input), result.shares?))
    });
    quantized.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_are_counted_once() {
        let health = Health { count: 10, nan: 1, negative_infinite: 1, positive_infinite: 2 };
        let shares = Shares { below: 2, inside: 4, above: 3, nan: 1 };
        let parts = Parts::of(health, Some(shares));
        assert_eq!(parts, Parts { below: 1, inside: 4, above: 1, negative_infinite: 1, positive_infinite: 2, nan: 1 });
        assert_eq!((parts.total(), parts.outside()), (10, 6));
        assert_eq!(
            Parts::of(health, None),
            Parts { inside: 6, negative_infinite: 1, positive_infinite: 2, nan: 1, ..Parts::default() }
        );
        assert_eq!(Parts::of(Health::default(), None).total(), 0);
        // The range of a quantizer whose span overflows holds infinities.
        let held = Shares { below: 0, inside: 9, above: 0, nan: 1 };
        let parts = Parts::of(health, Some(held));
        assert_eq!((parts.inside, parts.infinite(), parts.total()), (6, 3, 10));
    }
}
