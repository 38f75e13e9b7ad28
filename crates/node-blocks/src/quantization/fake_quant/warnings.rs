//! What a person should know of a range that is in force: where it is not what was asked for.

use node_core::{Fix, InferCx, QuantRange, Scalar, Warning};

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
    let warnings = from_channels(cx).map_or_else(|_| Vec::new(), |channels| told.of_ranges(&channels));
    // A range for each channel is given as a whole, be it one alone.
    warnings.into_iter().map(|warning| warning.fixed_by(Vec::new())).collect()
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
                let fix = ends_fix("Exchange min and max", [range.max, range.min]);
                at(End::Min, message, "exchange them".to_owned()).fixed_by(vec![fix])
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
                let title = format!("Let {} be 0", port(end));
                let fix = Fix::new(title, [(port(end), "0".to_owned())]);
                at(end, message, format!("{side}{example}")).fixed_by(vec![fix])
            }
            Finding::Outside(end) => {
                let value = if end == End::Min { range.min } else { range.max };
                let message = format!(
                    "{} {} lies outside the nudged range [{low}, {high}]: {}{}",
                    port(end),
                    shown(value),
                    self.at_end(value, range),
                    self.tie(range)
                );
                let wider = self.wider(range);
                let mut fixes = Vec::new();
                if narrow_helps {
                    fixes.push(Fix::new("Set narrow_range", [("narrow_range", "true".to_owned())]));
                }
                fixes.extend(wider.map(|ends| ends_fix(&format!("Widen to {}", interval(ends)), ends)));
                at(end, message, self.remedy(range, narrow_helps, wider)).fixed_by(fixes)
            }
        }
    }

    /// That the zero point lies in the middle between two integers, where it does: another rounding has another range.
    fn tie(&self, range: &QuantRange) -> String {
        let exact = f32::from(u8::from(self.bits.1)) - range.min / range.scale;
        match exact.fract() == 0.5 {
            true => format!(" (the zero point {} is a tie, rounded to {})", shown(exact), range.zero_point),
            false => String::new(),
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
    fn remedy(&self, range: &QuantRange, narrow_helps: bool, wider: Option<[f32; 2]>) -> String {
        let or_wider = wider.map_or_else(String::new, |ends| format!(", or widen to {}", interval(ends)));
        if narrow_helps {
            return format!("with narrow_range both ends stay{or_wider}");
        }
        let (low, high) = (range.nudged_min, range.nudged_max);
        let tried = nudge(low, high, self.bits.0, self.bits.1).range;
        if (tried.nudged_min, tried.nudged_max) == (low, high) {
            return format!("ask for {}, which stays{or_wider}", interval([low, high]));
        }
        format!("the nudged range is the one to reckon with{or_wider}")
    }

    /// The narrowest range around 0 that stays as it is asked for, and holds both ends of another. There is one with up to 8
    /// bits; with 16 rounding to float32 often leaves none.
    fn wider(&self, range: &QuantRange) -> Option<[f32; 2]> {
        let (bits, narrow) = self.bits;
        let steps = ((1i64 << bits.clamp(2, 16)) - 1 - i64::from(narrow)) as f64;
        let (low, high) = (f64::from(range.min.min(0.0)), f64::from(range.max.max(0.0)));
        // How many steps lie below 0: the scale is least at one of the two whole numbers around this.
        let below = steps * -low / (high - low);
        let scale = |below: f64| {
            let of = |length: f64, steps: f64| if length == 0.0 { 0.0 } else { length / steps };
            f64::max(of(-low, below), of(high, steps - below))
        };
        let below = [below.floor(), below.ceil()].into_iter().min_by(|a, b| scale(*a).total_cmp(&scale(*b)))?;
        // Where rounding to float32 takes a little away, a little more is asked for.
        let scales = std::iter::successors(Some(scale(below) as f32), |scale| Some(scale.next_up())).take(64);
        let mut ends = scales.flat_map(|scale| {
            let asked = [-below as f32 * scale, (steps - below) as f32 * scale];
            // What comes of it stays where it is, more often than not.
            let nudged = nudge(asked[0], asked[1], bits, narrow).range;
            let inside = [asked[0].max(nudged.nudged_min), asked[1].min(nudged.nudged_max)];
            [asked, [nudged.nudged_min, nudged.nudged_max], inside]
        });
        let holds = |[min, max]: &[f32; 2]| {
            let tried = nudge(*min, *max, bits, narrow);
            let holds_both = tried.range.nudged_min <= range.min && range.max <= tried.range.nudged_max;
            holds_both && findings(&tried).is_empty()
        };
        ends.find(holds)
    }
}

fn ends_fix(title: &str, [min, max]: [f32; 2]) -> Fix {
    Fix::new(title, [("min", shown(min)), ("max", shown(max))])
}

fn interval([low, high]: [f32; 2]) -> String {
    format!("[{}, {}]", shown(low), shown(high))
}

fn shown(v: f32) -> String {
    Scalar::Float32(v).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_range_holds_both_ends_and_is_the_narrowest() {
        let mut found = [0; 2];
        for bits in [2i64, 3, 4, 8, 16] {
            for narrow in [false, true] {
                for seed in 0..400u32 {
                    let noise = |seed: u32| (seed.wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0;
                    let (min, max) = (-noise(seed * 2 + 1) * 7.0 - 1e-3, noise(seed * 2) * 300.0 + 1e-3);
                    let told = Teller { does: Does::Clamp, end: port, bits: (bits, narrow) };
                    let range = nudge(min, max, bits, narrow).range;
                    let Some([low, high]) = told.wider(&range) else { continue };
                    let now = nudge(low, high, bits, narrow).range;
                    assert!(now.nudged_min <= min && max <= now.nudged_max, "{min} {max} {bits}: {now:?}");
                    // Every whole number of steps below 0.
                    let steps = (1i64 << bits) - 1 - i64::from(narrow);
                    let widths = (1..steps).map(|below| {
                        let scale = f64::max(-f64::from(min) / below as f64, f64::from(max) / (steps - below) as f64);
                        scale * steps as f64
                    });
                    let least = widths.fold(f64::INFINITY, f64::min);
                    let width = f64::from(high) - f64::from(low);
                    assert!(width <= least * 1.000_01, "{min} {max} {bits}: {width} instead of {least}");
                    found[usize::from(bits == 16)] += 1;
                }
            }
        }
        // With 16 bits rounding to float32 often leaves none that stays as it is asked for.
        assert!(found[0] == 3_200 && found[1] > 300, "{found:?}");
    }
}
