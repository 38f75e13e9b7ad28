//! What a run's data say of quantizers: what a person should know although nothing is wrong.

use std::collections::{BTreeMap, BTreeSet};

use node_core::check::{CheckedBlock, CheckedPage, Source};
use node_core::number::f32_text;
use node_core::{BlockId, Fix, QuantRange, Quantization, Warning};

use super::ranges::Trial;
use super::{Reach, Shares};
use crate::results::BlockResult;

/// The part of the elements beyond which clipping is told, if nobody says otherwise.
pub const CLIPPED: f64 = 0.05;

/// How often an end is moved by a quarter of a step.
const WIDENED: u32 = 8;

/// So many bits are wasted where it is told.
const WASTED: f64 = 2.0;

/// What there is to know of the quantizers of a run, by block: NaN that come in, elements that are clipped in greater part
/// than `clipped`, gradients that are all stopped, ranges far wider than the data, and forward and gradient blocks that do
/// not go together. A cause is told once, at the first block that it shows at.
pub fn findings(
    checked: &CheckedPage,
    results: &BTreeMap<BlockId, BlockResult>,
    clipped: f64,
) -> BTreeMap<BlockId, Vec<Warning>> {
    let mut found: BTreeMap<BlockId, Vec<Warning>> = BTreeMap::new();
    let (mut with_nan, mut told): (BTreeSet<BlockId>, _) = (BTreeSet::new(), BTreeSet::new());
    let quantizes = results.values().any(|result| result.quantization.is_some());
    for id in checked.order.iter().filter(|_| quantizes) {
        let Some(block) = checked.blocks.get(id) else { continue };
        let follows = sources(block).any(|from| with_nan.contains(from));
        if follows {
            with_nan.insert(id.clone());
        }
        let Some(met) = results.get(id).and_then(Quantizer::of) else { continue };
        let warnings = found.entry(id.clone()).or_default();
        let known =
            met.quantization.ranges.iter().all(|range| !range.nudged_min.is_nan() && !range.nudged_max.is_nan());
        if met.shares.nan > 0 && !follows && known {
            warnings.push(met.nan());
            // What else reads them has them from there too.
            with_nan.extend(source(block, &met.quantization.input).map(|(from, _)| from));
            with_nan.insert(id.clone());
        }
        // A forward and a gradient block of one range over the same elements have one cause.
        let cause =
            (source(block, &met.quantization.input), met.quantization.ranges.iter().map(bits).collect::<Vec<_>>());
        if cause.0.is_none() || told.insert(cause) {
            warnings.extend(met.clipped(clipped).or_else(|| met.wide()).map(|what| met.told(what, block)));
        }
    }
    for (id, warning) in unlike(checked, |id| results.get(id)?.quantization.as_deref().cloned()) {
        found.entry(id).or_default().push(warning);
    }
    found.retain(|_, warnings| !warnings.is_empty());
    found
}

fn bits(range: &QuantRange) -> [u32; 2] {
    [range.nudged_min.to_bits(), range.nudged_max.to_bits()]
}

fn sources(block: &CheckedBlock) -> impl Iterator<Item = &BlockId> {
    block.inputs.iter().flatten().filter_map(|source| match source {
        Source::Output { block, .. } => Some(block),
        Source::Literal => None,
    })
}

/// The output that comes to an input.
fn source(block: &CheckedBlock, input: &str) -> Option<(BlockId, usize)> {
    match block.source(input)? {
        Source::Output { block, index } => Some((block.clone(), *index)),
        Source::Literal => None,
    }
}

/// A block that quantizes, and what it has met.
struct Quantizer<'r> {
    quantization: &'r Quantization,
    shares: &'r Shares,
    reach: Option<&'r Reach>,
}

impl Quantizer<'_> {
    fn of(result: &BlockResult) -> Option<Quantizer<'_>> {
        let (quantization, shares) = (result.quantization.as_deref()?, result.shares.as_ref()?);
        (shares.total() > 0).then_some(Quantizer { quantization, shares, reach: result.reach.as_ref() })
    }

    fn at(&self, message: String, remedy: String) -> Warning {
        Warning::at(self.quantization.input.clone(), message, remedy)
    }

    fn nan(&self) -> Warning {
        let (nan, total) = (self.shares.nan, self.shares.total());
        let them = if nan == 1 { "it" } else { "them" };
        self.at(
            format!("{nan} of {total} elements {} NaN, which no range holds", if nan == 1 { "is" } else { "are" }),
            format!("find out what makes {them}: ask why"),
        )
    }

    fn clipped(&self, most: f64) -> Option<String> {
        let Shares { below, inside, above, nan } = *self.shares;
        let (outside, total) = (below + above, self.shares.total());
        if outside == 0 || (outside as f64) <= most * total as f64 || self.is_moved() {
            return None;
        }
        let percent = |count: u64| f32_text((count as f64 / total as f64 * 1e3).round() as f32 / 10.0);
        let is_gradient = self.quantization.gradients.is_some();
        let message = match (inside + nan == 0, is_gradient) {
            (true, true) => {
                "all elements lie outside the nudged range, so no gradient passes: nothing is learned here".to_owned()
            }
            (true, false) => "all elements lie outside the nudged range, so they all become its ends".to_owned(),
            (false, _) => {
                let what = if is_gradient { "get no gradient" } else { "are clipped" };
                format!(
                    "{} % of the elements {what}: {} % lie below and {} % above the nudged range",
                    percent(outside),
                    percent(below),
                    percent(above)
                )
            }
        };
        Some(message)
    }

    /// Whether all of what was asked for would hold the elements, and nudging alone does not: that is told by itself.
    fn is_moved(&self) -> bool {
        match (self.quantization.ranges.as_slice(), self.reach) {
            ([range], Some(reach)) => range.min <= reach.least && reach.greatest <= range.max,
            _ => false,
        }
    }

    fn wide(&self) -> Option<String> {
        let [range] = self.quantization.ranges.as_slice() else { return None };
        let [least, greatest] = self.reach?.finite()?;
        let (low, high) = (f64::from(range.nudged_min), f64::from(range.nudged_max));
        let hull = [f64::from(least.min(0.0)).max(low), f64::from(greatest.max(0.0)).min(high)];
        let used = hull[1] - hull[0];
        if used <= 0.0 || range.scale <= 0.0 || !(high - low).is_finite() {
            return None;
        }
        let levels = |value: f64| range.code(value.clamp(low, high) as f32);
        if least < greatest && levels(f64::from(least))? == levels(f64::from(greatest))? && self.shares.inside > 0 {
            let message = format!(
                "all elements, from {} to {}, become one value: a step is {}",
                f32_text(least),
                f32_text(greatest),
                f32_text(range.scale)
            );
            return Some(message);
        }
        let wasted = ((high - low) / used).log2();
        (wasted >= WASTED).then(|| {
            format!(
                "the elements lie from {} to {}, and the range is {:.0} times as wide: {:.1} bits are wasted",
                f32_text(least),
                f32_text(greatest),
                (high - low) / used,
                wasted
            )
        })
    }

    /// With what can be done about it: a range that holds the data and tells them apart.
    fn told(&self, message: String, block: &CheckedBlock) -> Warning {
        let Some([low, high]) = self.reach.and_then(Reach::finite).and_then(|reach| self.holding(reach, block)) else {
            return self.at(message, "choose ranges from the data: have some proposed".to_owned());
        };
        let ends = [low, high].map(f32_text);
        let fix = Fix::new(
            format!("Set to [{}, {}]", ends[0], ends[1]),
            self.quantization.ends.iter().cloned().zip(ends.clone()),
        );
        let [low, high] = ends;
        self.at(message, format!("[{low}, {high}] holds all elements; have other ranges proposed")).fixed_by(vec![fix])
    }

    /// The ends of a range that holds elements from `least` to `greatest`, and 0, once it is nudged. None where no such range
    /// tells the elements apart.
    fn holding(&self, [least, greatest]: [f32; 2], block: &CheckedBlock) -> Option<[f32; 2]> {
        let trial = Trial::of_ends(block, self.quantization).filter(|trial| trial.count() == 1)?;
        let (low, high) = (least.min(0.0), greatest.max(0.0));
        let in_force = |ends: [f32; 2]| trial.ranges(&[ends])?.first().copied();
        let scale = in_force([low, high])?.scale;
        (0..=WIDENED).find_map(|step| {
            let more = step as f32 * scale / 4.0;
            let ends = [if low < 0.0 { low - more } else { 0.0 }, if high > 0.0 { high + more } else { 0.0 }];
            let range = in_force(ends)?;
            let holds = range.nudged_min <= low && high <= range.nudged_max;
            let apart = least == greatest || range.code(least) != range.code(greatest);
            (holds && apart).then_some(ends)
        })
    }
}

/// Gradient blocks whose range is not that of the block that quantizes the same elements, as far as `quantization` knows
/// them.
pub fn unlike(
    checked: &CheckedPage,
    quantization: impl Fn(&BlockId) -> Option<Quantization>,
) -> Vec<(BlockId, Warning)> {
    let mut forward: BTreeMap<(BlockId, usize), Vec<(BlockId, Quantization)>> = BTreeMap::new();
    let mut gradients = Vec::new();
    for (id, block) in &checked.blocks {
        let known = quantization(id).filter(|_| block.passes.is_none());
        let Some((known, from)) = known.and_then(|known| Some((known.clone(), source(block, &known.input)?))) else {
            continue;
        };
        match known.gradients {
            Some(_) => gradients.push((id, known, from)),
            None => forward.entry(from).or_default().push((id.clone(), known)),
        }
    }
    let mut found = Vec::new();
    for (id, own, from) in gradients {
        let others = forward.get(&from).map(Vec::as_slice).unwrap_or_default();
        let same = |(_, other): &&(BlockId, Quantization)| {
            other.ranges.len() == own.ranges.len()
                && other.ranges.iter().zip(&own.ranges).all(|(a, b)| bits(a) == bits(b))
        };
        if others.iter().any(|other| same(&other)) {
            continue;
        }
        if let Some((other, theirs)) = others.first() {
            found.push((id.clone(), told_unlike(checked, (id, &own), (other, theirs))));
        }
    }
    found
}

fn told_unlike(
    checked: &CheckedPage,
    (id, own): (&BlockId, &Quantization),
    (other, theirs): (&BlockId, &Quantization),
) -> Warning {
    let range = |quantization: &Quantization| match quantization.ranges.as_slice() {
        [one] => format!("[{}, {}]", f32_text(one.nudged_min), f32_text(one.nudged_max)),
        many => format!("{} ranges", many.len()),
    };
    let message = format!(
        "'{other}' quantizes the same elements with {}, and this block stops gradients outside {}: forward and backward do \
         not go together",
        range(theirs),
        range(own)
    );
    let attrs = |id: &BlockId| checked.blocks.get(id).map(|block| block.effective.clone()).unwrap_or_default();
    let (mine, others) = (attrs(id), attrs(other));
    let differs = mine.iter().any(|own| {
        let like = others.iter().find(|other| other.spec.name == own.spec.name);
        like.is_some_and(|like| like.value != own.value)
    });
    let warning = Warning::attrs(message, "share these attributes: one set for both");
    if differs { warning.fixed_by(vec![Fix::sharing(other.clone())]) } else { warning }
}
