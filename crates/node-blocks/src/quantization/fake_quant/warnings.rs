//! What a person should know of a range that is in force: where it is not what was asked for.

use node_core::{InferCx, QuantRange, Scalar, Warning};

use super::attributes::{NARROW_RANGE, NUM_BITS, from_attrs, from_channels, from_scalars};
use super::nudge::{Nudged, nudge};

/// What a block does with values outside the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It clamps them.
    Clamp,
    /// It stops their gradients.
    Stop,
    /// It gives their gradients to the ends.
    GiveAway,
}

/// Which input a range comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Min,
    Max,
}

/// One thing to know. Channels with the same are told of together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// An end is no finite number.
    NotFinite(End),
    /// The ends are the wrong way round.
    UpsideDown,
    /// The ends are one, and not 0.
    Empty,
    /// Its steps are smaller than any normal float32.
    TooNarrow,
    /// Its width, or an end of what is in force, is greater than any float32.
    TooWide,
    /// It does not hold 0, and so is moved to where it does.
    Moved(End),
    /// An end lies outside the range in force.
    Outside(End),
}

/// Of a block whose range is in its attributes.
pub fn of_attrs(cx: &InferCx<'_>, does: Does) -> Vec<Warning> {
    let told = Teller { does, end: |_| node_core::port::ATTRS_PORT, bits: bits(cx) };
    from_attrs(cx).map_or_else(|_| Vec::new(), |nudged| told.of_ranges(&[nudged]))
}

/// Of a block whose range comes from two scalars, as soon as they are known.
pub fn of_scalars(cx: &InferCx<'_>, does: Does) -> Vec<Warning> {
    let told = Teller { does, end: port, bits: bits(cx) };
    from_scalars(cx).map_or_else(|_| Vec::new(), |nudged| told.of_ranges(&[nudged]))
}

/// Of a block with a range for each channel, as soon as they are known.
pub fn of_channels(cx: &InferCx<'_>, does: Does) -> Vec<Warning> {
    let told = Teller { does, end: port, bits: bits(cx) };
    from_channels(cx).map_or_else(|_| Vec::new(), |channels| told.of_ranges(&channels))
}

fn port(end: End) -> &'static str {
    match end {
        End::Min => "min",
        End::Max => "max",
    }
}

fn bits(cx: &InferCx<'_>) -> (i64, bool) {
    (cx.find_attr(NUM_BITS).unwrap_or(8), cx.find_attr(NARROW_RANGE).unwrap_or_default())
}

/// What there is to know of one range, the worst first; what follows from it is left out.
fn findings(nudged: &Nudged) -> Vec<Finding> {
    let QuantRange { min, max, nudged_min, nudged_max, scale, .. } = nudged.range;
    let odd = [(End::Min, min), (End::Max, max)].into_iter().filter(|(_, v)| !v.is_finite());
    let odd: Vec<Finding> = odd.map(|(end, _)| Finding::NotFinite(end)).collect();
    if !odd.is_empty() {
        return odd;
    }
    if min > max {
        return vec![Finding::UpsideDown];
    }
    if min == max {
        return if min == 0.0 { Vec::new() } else { vec![Finding::Empty] };
    }
    if scale == 0.0 || nudged.is_zero() {
        return vec![Finding::TooNarrow];
    }
    if ![scale, nudged_min, nudged_max].iter().all(|v| v.is_finite()) || nudged.inv_scale == 0.0 {
        return vec![Finding::TooWide];
    }
    if min > 0.0 {
        return vec![Finding::Moved(End::Min)];
    }
    if max < 0.0 {
        return vec![Finding::Moved(End::Max)];
    }
    let outside = [(End::Min, min), (End::Max, max)].into_iter().filter(|(_, v)| *v < nudged_min || *v > nudged_max);
    outside.map(|(end, _)| Finding::Outside(end)).collect()
}

struct Teller {
    does: Does,
    /// The port at which an end is given.
    end: fn(End) -> &'static str,
    bits: (i64, bool),
}

impl Teller {
    fn of_ranges(&self, ranges: &[Nudged]) -> Vec<Warning> {
        let narrow = |nudged: &Nudged| self.holds(nudged.range.min, nudged.range.max, true);
        let narrow_helps = !self.bits.1 && ranges.iter().all(narrow);
        let mut told: Vec<(Finding, usize, usize)> = Vec::new();
        for (channel, nudged) in ranges.iter().enumerate() {
            for finding in findings(nudged) {
                match told.iter_mut().find(|(known, ..)| *known == finding) {
                    Some((_, _, count)) => *count += 1,
                    None => told.push((finding, channel, 1)),
                }
            }
        }
        let tell = |(finding, channel, count): (Finding, usize, usize)| {
            let warning = self.warning(finding, &ranges[channel].range, narrow_helps);
            let whose = match count {
                _ if ranges.len() == 1 => String::new(),
                1 => format!("channel {channel}: "),
                2 => format!("channel {channel} and one other: "),
                _ => format!("channel {channel} and {} others: ", count - 1),
            };
            Warning { message: format!("{whose}{}", warning.message), ..warning }
        };
        told.into_iter().map(tell).collect()
    }

    fn warning(&self, finding: Finding, range: &QuantRange, narrow_helps: bool) -> Warning {
        let (min, max) = (shown(range.min), shown(range.max));
        let (low, high) = (shown(range.nudged_min), shown(range.nudged_max));
        let at = |end: End, message: String, remedy: String| Warning::at((self.end)(end), message, remedy);
        match finding {
            Finding::NotFinite(end) => {
                let value = if end == End::Min { min } else { max };
                let message = format!("{} is {value}, so the range in force is no range", port(end));
                at(end, message, "find out where it comes from".to_owned())
            }
            Finding::UpsideDown => {
                let message = format!("min {min} is greater than max {max}; TensorFlow goes on, with a negative step");
                at(End::Min, message, "exchange them".to_owned())
            }
            Finding::Empty => {
                let message = format!("min and max are both {min}, which is no range: its step is 0");
                at(End::Max, message, "let min be less than max".to_owned())
            }
            Finding::TooWide => {
                let message = format!(
                    "the range [{min}, {max}] is too wide for float32: its width, or the nudged range [{low}, {high}], \
                     is beyond 3.4028235e38"
                );
                at(End::Max, message, "narrow the range, or scale the values down".to_owned())
            }
            Finding::TooNarrow => {
                let message = format!(
                    "this range is too narrow for float32: a step of [{min}, {max}] is less than 1.1754944e-38, and \
                     TensorFlow takes it for 0"
                );
                at(End::Max, message, "widen the range, or scale the values up".to_owned())
            }
            Finding::Moved(end) => {
                let message = format!(
                    "the range [{min}, {max}] does not hold 0 and is moved to [{low}, {high}]: {}",
                    self.outside(range)
                );
                let (side, low, high) = match end {
                    End::Min => ("let min be at most 0", 0.0, range.max),
                    End::Max => ("let max be at least 0", range.min, 0.0),
                };
                let (bits, narrow) = self.bits;
                let example = match findings(&nudge(low, high, bits, narrow)).is_empty() {
                    true => format!(", as in [{}, {}]", shown(low), shown(high)),
                    false => String::new(),
                };
                at(end, message, format!("{side}{example}"))
            }
            Finding::Outside(end) => {
                let value = if end == End::Min { range.min } else { range.max };
                let message = format!(
                    "{} {} lies outside the nudged range [{low}, {high}]: {}",
                    port(end),
                    shown(value),
                    self.at_end(value, range)
                );
                at(end, message, self.remedy(range, narrow_helps))
            }
        }
    }

    /// What becomes of values outside a range that was moved.
    fn outside(&self, range: &QuantRange) -> String {
        let (side, end) = match range.min > 0.0 {
            true => ("above", shown(range.nudged_max)),
            false => ("below", shown(range.nudged_min)),
        };
        match self.does {
            Does::Clamp => format!("what is {side} {end} becomes {end}"),
            Does::Stop => format!("what is {side} {end} gets no gradient"),
            Does::GiveAway if range.min > 0.0 => format!("the gradients of what is {side} {end} go to max"),
            Does::GiveAway => format!("the gradients of what is {side} {end} go to min"),
        }
    }

    /// What becomes of an input at an end that lies outside the range in force.
    fn at_end(&self, end: f32, range: &QuantRange) -> String {
        let is_below = end < range.nudged_min;
        let becomes = if is_below { range.nudged_min } else { range.nudged_max };
        let input = shown(end);
        match self.does {
            Does::Clamp => format!("an input of {input} becomes {}", shown(becomes)),
            Does::Stop => format!("an input of {input} gets no gradient"),
            Does::GiveAway => {
                format!("the gradient of an input of {input} goes to {}", if is_below { "min" } else { "max" })
            }
        }
    }

    /// Whether a range keeps its ends.
    fn holds(&self, min: f32, max: f32, narrow: bool) -> bool {
        let tried = nudge(min, max, self.bits.0, narrow).range;
        tried.nudged_min <= min && max <= tried.nudged_max
    }

    /// What can be asked for instead, tried out.
    fn remedy(&self, range: &QuantRange, narrow_helps: bool) -> String {
        if narrow_helps {
            return "with narrow_range both ends stay".to_owned();
        }
        let (low, high) = (range.nudged_min, range.nudged_max);
        let tried = nudge(low, high, self.bits.0, self.bits.1).range;
        if (tried.nudged_min, tried.nudged_max) == (low, high) {
            return format!("ask for [{}, {}], which stays", shown(low), shown(high));
        }
        "the nudged range is the one to reckon with".to_owned()
    }
}

fn shown(v: f32) -> String {
    Scalar::Float32(v).to_string()
}
