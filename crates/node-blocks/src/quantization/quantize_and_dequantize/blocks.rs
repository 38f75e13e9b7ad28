//! What the versions have in common: their inputs, what they refuse, and how they compute.

use std::sync::Arc;

use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, DType, Fault, In, InferCx, Kernel, KnownType, Out, Quantization, Reason, RunCx, Tensor, TensorType,
    WhyCx,
};

use super::scale::{Number, Rounding, Scale, Steps};
use crate::nn::rows::{Real, for_row};
use crate::{axis, computed, given};

const KINDS: &[DType] = &[DType::Float32, DType::Float64];
/// What is quantized.
pub const INPUT: In<Floating> = In::new("input", "Any shape.").among(KINDS);
/// The lower end.
pub const INPUT_MIN: In<Floating> = In::new(
    "input_min",
    "The least value; a scalar, or a vector with one for each place along `axis`. Not looked at without `range_given`.",
)
.among(KINDS)
.parameter();
/// The upper end.
pub const INPUT_MAX: In<Floating> = In::new(
    "input_max",
    "The greatest value; a scalar, or a vector with one for each place along `axis`. Not looked at without `range_given`.",
)
.among(KINDS)
.parameter();
/// How elements are rounded.
pub const ROUND_MODE: AttrKey<Arc<str>> =
    AttrKey::one_of("round_mode", &["HALF_TO_EVEN", "HALF_UP"], "Where halfway between two steps goes.");
/// Whether there are steps below 0.
pub const SIGNED_INPUT: AttrKey<bool> = AttrKey::bool("signed_input", true, "Whether there are steps below 0.");
/// How many bits.
pub const NUM_BITS: AttrKey<i64> = AttrKey::int("num_bits", 8, "How many bits a step has.").range(1.0, 63.0);
/// Whether the range is given.
pub const RANGE_GIVEN: AttrKey<bool> =
    AttrKey::bool("range_given", false, "Whether the range is given; else it is that of the elements.");
/// Whether the range is given, where that is the rule.
pub const RANGE_GIVEN_BY_DEFAULT: AttrKey<bool> =
    AttrKey::bool("range_given", true, "Whether the range is given; else it is that of the elements.");
/// Whether the lowest step is left out.
pub const NARROW_RANGE: AttrKey<bool> = AttrKey::bool(
    "narrow_range",
    false,
    "Whether the lowest step is left out, so that there are as many on both sides.",
);
/// The axis with a range for each place.
pub const AXIS: AttrKey<i64> = AttrKey::int("axis", -1, "The axis that has a range for each place; -1 for one range.");
/// What comes of it.
pub const OUTPUT: Out<Floating> = Out::new("output", "The quantized elements; shape of `input`.").among(KINDS);

/// How a block quantizes.
#[derive(Clone, Copy)]
pub struct How {
    /// How many bits, if that is known.
    pub bits: Option<i64>,
    /// How elements are rounded.
    pub rounding: Rounding,
    /// Whether the range is given.
    pub range_given: bool,
}

/// What all versions compute, each with its own attributes and inputs.
pub struct Code(pub fn(&InferCx<'_>) -> Result<How, Vec<Fault>>);

impl Block for Code {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        infer(cx, self.0(cx)?)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        kernels(cx, self.0(cx)?)
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        quantization(cx, self.0(cx).ok()?)
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        why(cx, self.0(cx)?)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        compute(cx, self.0(cx)?)
    }
}

/// As the attributes of most versions say.
pub fn by_attrs(cx: &InferCx<'_>) -> Result<How, Vec<Fault>> {
    let rounding = Rounding::of(&cx.attr(ROUND_MODE)?);
    Ok(How { bits: Some(cx.attr(NUM_BITS)?), rounding, range_given: cx.attr(RANGE_GIVEN)? })
}

/// The type of the output; refuses what cannot be.
fn infer(cx: &InferCx<'_>, how: How) -> Result<Vec<TensorType>, Vec<Fault>> {
    let ty = &cx.input(INPUT)?.ty;
    if let Some(bits) = how.bits {
        let most = if cx.attr(SIGNED_INPUT)? { 62 } else { 63 };
        if !(1..=most).contains(&bits) {
            return Err(vec![Fault::attrs(format!("num_bits is {bits}, but must be from 1 to {most}"))]);
        }
    }
    let ranges = match (cx.attr(AXIS)?, ty.shape.dims()) {
        (-1, _) => None,
        (given, Some(dims)) => dims[axis::of(given, dims.len(), "attrs")?],
        (_, None) => None,
    };
    if how.range_given {
        check_ends(cx, ranges)?;
    }
    Ok(vec![ty.clone()])
}

fn check_ends(cx: &InferCx<'_>, ranges: Option<usize>) -> Result<(), Vec<Fault>> {
    for port in [INPUT_MIN, INPUT_MAX] {
        if cx.attr(AXIS)? == -1 {
            given::must_be_scalar(cx, port)?;
        } else if let (Some([Some(own)]), Some(ranges)) = (given::dims(cx, port, 1)?, ranges)
            && *own != ranges
        {
            return Err(vec![Fault::at(port.name(), format!("has {own} numbers, but the axis is {ranges} long"))]);
        }
    }
    let (Some(min), Some(max)) = (cx.find_tensor(INPUT_MIN), cx.find_tensor(INPUT_MAX)) else { return Ok(()) };
    let number = |tensor: &Tensor, at: usize| tensor.element(at).and_then(|v| v.as_f64()).unwrap_or(f64::NAN);
    for at in 0..min.len().min(max.len()) {
        let (low, high) = (number(min, at), number(max, at));
        if low > high {
            return Err(vec![Fault::at("input_min", format!("is {low}, greater than input_max, {high}"))]);
        }
    }
    Ok(())
}

/// How places along the axis lie: how many there are, and how many elements lie behind each.
fn lanes(cx: &InferCx<'_>, dims: &[usize]) -> Result<Option<(usize, usize)>, Vec<Fault>> {
    match cx.attr(AXIS)? {
        -1 => Ok(None),
        given => {
            let at = axis::of(given, dims.len(), "attrs")?;
            Ok(Some((dims[at], dims[at + 1..].iter().product())))
        }
    }
}

fn steps(cx: &InferCx<'_>, how: How) -> Result<Steps, Vec<Fault>> {
    Ok(Steps::of(how.bits.unwrap_or(8), cx.attr(SIGNED_INPUT)?, cx.attr(NARROW_RANGE)?))
}

/// The scales of the ranges that are given.
fn of_ends<T: Real + Number>(cx: &InferCx<'_>, how: How) -> Result<Vec<Scale<T>>, Vec<Fault>> {
    let ends = |port| Ok::<_, Vec<Fault>>(cx.tensor(port)?.slice::<T>().unwrap_or_default());
    let (steps, mins, maxs) = (steps(cx, how)?, ends(INPUT_MIN)?, ends(INPUT_MAX)?);
    Ok(mins.iter().zip(maxs).map(|(min, max)| Scale::of(steps, (*min, *max), true)).collect())
}

/// The scales of the ranges that elements have.
fn of_elements<T: Real + Number>(cx: &InferCx<'_>, how: How, input: &Tensor) -> Result<Vec<Scale<T>>, Vec<Fault>> {
    let elements = input.slice::<T>().unwrap_or_default();
    let (count, inner) = lanes(cx, input.shape().dims())?.unwrap_or((1, usize::MAX));
    let mut ends = vec![None; count];
    // A NaN tells nothing of the range.
    for (flat, x) in elements.iter().enumerate().filter(|(_, x)| !x.double().is_nan()) {
        let end: &mut Option<(T, T)> = &mut ends[flat / inner % count.max(1)];
        *end = Some(end.map_or((*x, *x), |(min, max)| (x.at_most(min), x.at_least(max))));
    }
    let steps = steps(cx, how)?;
    Ok(ends.into_iter().map(|ends| Scale::of(steps, ends.unwrap_or_default(), false)).collect())
}

/// The kernel, where one range is given, or one for each place along the last axis.
fn kernels(cx: &InferCx<'_>, how: How) -> Result<Vec<Kernel>, Vec<Fault>> {
    let is_last = match (cx.attr(AXIS)?, cx.shape(INPUT)?.rank()) {
        (-1, _) => false,
        (given, Some(rank)) => axis::of(given, rank, "attrs")? + 1 == rank,
        (_, None) => return Ok(Vec::new()),
    };
    if !how.range_given || !(cx.attr(AXIS)? == -1 || is_last) {
        return Ok(Vec::new());
    }
    let rounding = how.rounding;
    Ok(for_row!(cx.dtype(INPUT)?, T => {
        let scales = of_ends::<T>(cx, how)?;
        match (&scales[..], is_last) {
            ([scale], false) => {
                let scale = *scale;
                vec![Kernel::map(move |x: T| scale.apply(x, rounding))]
            }
            (scales, _) => vec![Kernel::map_channels(scales.to_vec(), move |scale: &Scale<T>, x: T| scale.apply(x, rounding))],
        }
    }))
}

/// What elements become, place by place along an axis.
fn compute(cx: &RunCx<'_>, how: How) -> Result<Vec<Tensor>, Vec<Fault>> {
    fn of<T: Real + Number>(cx: &RunCx<'_>, how: How, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        let input = cx.tensor(INPUT)?;
        let scales = if how.range_given { of_ends::<T>(cx, how)? } else { of_elements::<T>(cx, how, input)? };
        let inner = lanes(cx, ty.shape.dims())?.map_or(usize::MAX, |(_, inner)| inner);
        let elements = input.slice::<T>().unwrap_or_default();
        cx.write::<T>(&ty.shape, 1 << 14, |first, out| {
            for (flat, out) in (first..).zip(out) {
                *out = scales[flat / inner % scales.len()].apply(elements[flat], how.rounding);
            }
        })
    }
    let ty = &cx.outputs()[0];
    Ok(vec![for_row!(ty.dtype, T => of::<T>(cx, how, ty))?])
}

/// The ranges in force, where they are given and there is one, or one for each place along the last axis.
fn quantization(cx: &InferCx<'_>, how: How) -> Option<Quantization> {
    let rank = cx.shape(INPUT).ok()?.rank();
    let at = cx.attr(AXIS).ok()?;
    let is_last = rank.is_some_and(|rank| axis::of(at, rank, "attrs").is_ok_and(|at| at + 1 == rank));
    if !how.range_given || cx.dtype(INPUT).ok()? != DType::Float32 || !(at == -1 || is_last) {
        return None;
    }
    let ranges: Vec<_> = of_ends::<f32>(cx, how).ok()?.into_iter().map(Scale::range).collect();
    let name = |port: In<Floating>| port.name().into();
    Some(Quantization {
        input: name(INPUT),
        output: Some(OUTPUT.name().into()),
        gradients: None,
        ends: [name(INPUT_MIN), name(INPUT_MAX)],
        ranges,
    })
}

/// Why an element becomes what it does.
fn why(cx: &WhyCx<'_>, how: How) -> Result<Reason, Vec<Fault>> {
    let own = Origin { input: cx.input_number(INPUT)?, item: 0, flat: cx.flat() };
    let lane = lanes(cx, cx.shape().dims())?.map_or(0, |(count, inner)| cx.flat() / inner % count);
    let words = for_row!(cx.dtype(INPUT)?, T => {
        let scales = if how.range_given {
            of_ends::<T>(cx, how)?
        } else {
            of_elements::<T>(cx, how, &cx.operand(own.input, 0)?)?
        };
        scales[lane].words()
    });
    let [scale, inverse, min, max] = words;
    let name = cx.name_of(own);
    if !how.range_given {
        // The range is that of all elements of the lane: each has a part in the scale.
        let (count, inner) = lanes(cx, cx.shape().dims())?.unwrap_or((1, usize::MAX));
        let others = (0..cx.shape().elements()).filter(|flat| *flat != own.flat && flat / inner % count == lane);
        let from = std::iter::once(own).chain(others.map(|flat| Origin { flat, ..own })).collect();
        let because = format!("round({name} × {scale}) × {inverse}, by the range of all elements");
        return Ok(computed::from(cx, because, from));
    }
    let held = format!("{name} held to [{min}, {max}]");
    let mut from = vec![own];
    for port in [INPUT_MIN, INPUT_MAX] {
        from.push(Origin { input: cx.input_number(port)?, item: 0, flat: lane });
    }
    Ok(Reason { because: format!("round({held} × {scale}) × {inverse}"), from, ..Reason::default() })
}
