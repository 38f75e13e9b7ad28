//! Why a fake-quantization block gives what it gives: every step of nudging and rounding, in float32.

use node_core::number::f32_text;
use node_core::why::{self, Origin, Words};
use node_core::{Fault, Kernel, Reason, WhyCx};

use super::attributes::{INPUTS, NARROW_RANGE, NUM_BITS};
use super::nudge::{Nudged, Step};

/// Where the ends of a range come from.
pub struct Ends {
    /// What they are called, with an index: `min`, or `min[2]`.
    pub names: [String; 2],
    /// The elements that they are, if they are inputs.
    pub from: Vec<Origin>,
}

impl Ends {
    /// They are attributes, or scalars.
    pub fn whole(cx: &WhyCx<'_>) -> Ends {
        Ends::of(cx, None)
    }

    /// They are those of the channel of the element.
    pub fn of_channel(cx: &WhyCx<'_>, channel: usize) -> Ends {
        Ends::of(cx, Some(channel))
    }

    fn of(cx: &WhyCx<'_>, channel: Option<usize>) -> Ends {
        let name = |port: &str| channel.map_or_else(|| port.to_owned(), |channel| format!("{port}[{channel}]"));
        let input = |port: &str| cx.spec().input_index(port);
        let origin = |input| Origin { input, item: 0, flat: channel.unwrap_or(0) };
        let from = ["min", "max"].into_iter().filter_map(input).map(origin).collect();
        Ends { names: ["min", "max"].map(name), from }
    }
}

/// The channel of an element: its place along the last dimension.
pub fn channel(cx: &WhyCx<'_>) -> usize {
    let channels = cx.shape().dims().last().copied().unwrap_or(1);
    cx.flat() % channels.max(1)
}

/// Why a value is quantized to what it is.
pub fn forward(cx: &WhyCx<'_>, nudged: &Nudged, ends: Ends, by: Step) -> Result<Reason, Vec<Fault>> {
    let input = cx.met(cx.input_number(INPUTS)?, 0)?;
    let (name, x) = (cx.name_of(input), cx.float_at(input)?);
    let from = [input].into_iter().chain(ends.from.clone()).collect();
    if ends.from.len() == 2 && nudged.is_zero() {
        let because = format!("0, because {} and {} are 0", ends.names[0], ends.names[1]);
        return Ok(Reason { because, from, ..Reason::default() });
    }
    let mut steps = nudging(cx, nudged, &ends)?;
    let said = rounding(&mut steps, (nudged, &ends), (&name, x), by);
    let because = format!("(q - zero_point) × scale = {said}");
    Ok(Reason { because, steps, from, omitted: 0 })
}

/// Why a gradient passes or is stopped; or, of the second and third outputs, what is added up.
pub fn backward(
    cx: &WhyCx<'_>,
    kernels: &[Kernel],
    (nudged, ends): (&Nudged, Ends),
    gradients: usize,
) -> Result<Reason, Vec<Fault>> {
    let range = &nudged.range;
    let is_zero = ends.from.len() == 2 && nudged.is_zero();
    if cx.output() > 0 {
        let (side, end, value) = match cx.output() {
            1 => ("below the nudged min", "min", range.nudged_min),
            _ => ("above the nudged max", "max", range.nudged_max),
        };
        let why = match is_zero {
            true => format!("none goes to {end}, because {} and {} are 0", ends.names[0], ends.names[1]),
            false => format!("each × 1 where its input lies {side} {}, else × 0", f32_text(value)),
        };
        let mut reason = cx.by_kernels(kernels, Some(&Words::Because("gradients", why)))?;
        reason.steps = if is_zero { Vec::new() } else { nudging(cx, nudged, &ends)? };
        reason.from.extend(ends.from);
        return Ok(reason);
    }
    let (gradient, input) = (cx.met(gradients, 0)?, cx.met(cx.input_number(INPUTS)?, 0)?);
    let told = cx.told(&[gradient, input])?;
    let (upstream, x) = (&told[0], cx.float_at(input)?);
    let from: Vec<Origin> = [gradient, input].into_iter().chain(ends.from.clone()).collect();
    if is_zero {
        let because = format!("{}, because {} and {} are 0", upstream.name, ends.names[0], ends.names[1]);
        return Ok(Reason { because, from, ..Reason::default() });
    }
    let (passes, where_it_lies) = match x {
        x if x < range.nudged_min => (0, format!("lies below the nudged min {}", f32_text(range.nudged_min))),
        x if x > range.nudged_max => (0, format!("lies above the nudged max {}", f32_text(range.nudged_max))),
        x if x.is_nan() => (0, "lies nowhere".to_owned()),
        _ => {
            let [low, high] = [range.nudged_min, range.nudged_max].map(f32_text);
            (1, format!("lies in the nudged range, {low} to {high}"))
        }
    };
    let because =
        format!("{} × {passes} = {} × {passes}, because {} {where_it_lies}", upstream.name, upstream.value, told[1]);
    Ok(Reason { because, steps: nudging(cx, nudged, &ends)?, from, omitted: 0 })
}

/// The steps of a computation, as they are put together.
struct Steps(Vec<why::Step>);

impl Steps {
    fn add(&mut self, name: &str, (formula, numbers): (String, String), value: f32) {
        self.noted(name, (formula, numbers), value, None);
    }

    fn noted(&mut self, name: &str, (formula, numbers): (String, String), value: f32, note: Option<String>) {
        self.0.push(why::Step { name: name.to_owned(), formula, numbers, value: f32_text(value), note });
    }
}

/// How the range is nudged.
fn nudging(cx: &WhyCx<'_>, nudged: &Nudged, ends: &Ends) -> Result<Vec<why::Step>, Vec<Fault>> {
    let (bits, narrow) = (cx.attr(NUM_BITS)?, cx.attr(NARROW_RANGE)?);
    let range = &nudged.range;
    let [min_name, max_name] = &ends.names;
    let [min, max, scale] = [range.min, range.max, range.scale].map(f32_text);
    let (quant_min, quant_max) = (f32::from(u8::from(narrow)), ((1i64 << bits.clamp(2, 16)) - 1) as f32);
    let [low, high] = [quant_min, quant_max].map(f32_text);
    let zero_point = range.zero_point;
    let mut steps = Steps(Vec::new());
    let narrowed = if narrow { "narrow_range is true: the least value is left out" } else { "narrow_range is false" };
    steps.noted("quant_min", (low.clone(), low.clone()), quant_min, Some(narrowed.to_owned()));
    steps.add("quant_max", ("2^num_bits - 1".to_owned(), format!("2^{bits} - 1")), quant_max);
    steps.noted(
        "scale",
        (format!("({max_name} - {min_name}) / (quant_max - quant_min)"), format!("({max} - {min}) / ({high} - {low})")),
        range.scale,
        (range.scale == 0.0).then(|| "a subnormal number counts as 0".to_owned()),
    );
    let at = quant_min - super::nudge::flushed(range.min) / range.scale;
    steps.add(
        "zero_point_from_min",
        (format!("quant_min - {min_name} / scale"), format!("{low} - {min} / {scale}")),
        at,
    );
    let at_text = f32_text(at);
    let (numbers, note) = match at {
        at if at < quant_min => {
            (low.clone(), Some(format!("{at_text} lies below quant_min: the range is shifted up to hold 0")))
        }
        at if at > quant_max => {
            (high.clone(), Some(format!("{at_text} lies above quant_max: the range is shifted down to hold 0")))
        }
        at if at.is_nan() => ("0".to_owned(), Some("it is NaN, which counts as 0".to_owned())),
        at if (at - at.trunc()).abs() == 0.5 => {
            let [floor, ceil] = [at.floor(), at.ceil()].map(f32_text);
            (format!("round({at_text})"), Some(format!("a tie between {floor} and {ceil}: half goes away from 0")))
        }
        at => {
            let note = (at.fract() == 0.0).then(|| "whole already: the range need not be moved".to_owned());
            (format!("round({at_text})"), note)
        }
    };
    steps.noted("zero_point", ("round(zero_point_from_min)".to_owned(), numbers), zero_point as f32, note);
    for (name, side, value, nudged_end) in
        [("nudged_min", "quant_min", &low, range.nudged_min), ("nudged_max", "quant_max", &high, range.nudged_max)]
    {
        steps.add(
            name,
            (format!("({side} - zero_point) × scale"), format!("({value} - {zero_point}) × {scale}")),
            nudged_end,
        );
    }
    Ok(steps.0)
}

/// How a value is clamped and rounded; returns what it comes to, and why.
fn rounding(steps: &mut Vec<why::Step>, (nudged, ends): (&Nudged, &Ends), (name, x): (&str, f32), by: Step) -> String {
    let range = &nudged.range;
    let [low, high, scale, inv_scale] =
        [range.nudged_min, range.nudged_max, range.scale, nudged.inv_scale].map(f32_text);
    let mut more = Steps(std::mem::take(steps));
    let capped = if range.nudged_max < x { range.nudged_max } else { x };
    let clamped = if capped < range.nudged_min { range.nudged_min } else { capped };
    let x_text = f32_text(x);
    more.add(
        "clamped",
        (format!("max(min({name}, nudged_max), nudged_min)"), format!("max(min({x_text}, {high}), {low})")),
        clamped,
    );
    let shifted =
        if nudged.is_narrow() { super::nudge::flushed(clamped - range.nudged_min) } else { clamped - range.nudged_min };
    let (clamped, shifted_text) = (f32_text(clamped), f32_text(shifted));
    more.add("shifted", ("clamped - nudged_min".to_owned(), format!("{clamped} - {low}")), shifted);
    more.add(
        "inv_scale",
        (
            format!("(quant_max - quant_min) / ({} - {})", ends.names[1], ends.names[0]),
            format!("{} / ({} - {})", f32_text(span_steps(&more.0)), f32_text(range.max), f32_text(range.min)),
        ),
        nudged.inv_scale,
    );
    more.add(
        "quant_zero",
        (
            "floor(-nudged_min × inv_scale + 0.5)".to_owned(),
            format!("floor({} × {inv_scale} + 0.5)", f32_text(-range.nudged_min)),
        ),
        nudged.quant_zero,
    );
    let (at, how, with) = match by {
        Step::Multiply => (shifted * nudged.inv_scale, "shifted × inv_scale", format!("{shifted_text} × {inv_scale}")),
        Step::Divide => (shifted / range.scale, "shifted / scale", format!("{shifted_text} / {scale}")),
    };
    let before = at - nudged.quant_zero + 0.5;
    let step = before.floor();
    let is_tie = before == step && at.fract() == 0.5;
    more.noted(
        "step",
        (format!("floor({how} - quant_zero + 0.5)"), format!("floor({with} - {} + 0.5)", f32_text(nudged.quant_zero))),
        step,
        is_tie.then(|| format!("a tie between {} and {}: half goes up", f32_text(step - 1.0), f32_text(step))),
    );
    let zero_point = range.zero_point as f32;
    let q = step + zero_point;
    more.noted(
        "q",
        ("step + zero_point".to_owned(), format!("{} + {}", f32_text(step), f32_text(zero_point))),
        q,
        Some("the integer that is stored".to_owned()),
    );
    *steps = more.0;
    let q = f32_text(q);
    let why = match x {
        x if x < range.nudged_min => format!("lies below the nudged min {low}, which is q = {q}"),
        x if x > range.nudged_max => format!("lies above the nudged max {high}, which is q = {q}"),
        x if x.is_nan() => "is no number".to_owned(),
        _ => format!("is nearest to q = {q}"),
    };
    format!("({q} - {}) × {scale}, because {name} = {x_text} {why}", f32_text(zero_point))
}

/// How many steps the range has, as told before.
fn span_steps(steps: &[why::Step]) -> f32 {
    let number =
        |name: &str| steps.iter().find(|step| step.name == name).and_then(|step| step.value.parse::<f32>().ok());
    number("quant_max").unwrap_or_default() - number("quant_min").unwrap_or_default()
}
