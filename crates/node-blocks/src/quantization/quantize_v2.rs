//! `QuantizeV2`: floats to whole numbers.
//!
//! No edge cases: it clamps and rounds; NaN becomes 0, and infinities become the range's ends.

use std::sync::Arc;

use node_core::number::f32_text;
use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, KnownType, Out, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::steps::{self, AXIS, CODES, Code, MAX_RANGE, MIN_RANGE, MODE, Mode, NARROW_RANGE, Places};

const INPUT: In<Real> = In::new("input", "Any shape.").among(&[DType::Float32]).of("S");
const T: AttrKey<DType> =
    AttrKey::one_of_dtypes("T", CODES, Some(DType::UInt8), "The type of the steps: `quint8` is `uint8`, and so on.");
const ROUND_MODE: AttrKey<Arc<str>> = AttrKey::one_of(
    "round_mode",
    &["HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN"],
    "Where halfway between two steps goes; HALF_TO_EVEN with SCALED alone.",
);
const ENSURE_MINIMUM_RANGE: AttrKey<f32> = AttrKey::float(
    "ensure_minimum_range",
    0.01,
    "How wide the range is at least, as a share of its greater end or of 1.",
);
const OUTPUT: Out<Real> = Out::new("output", "The numbers of the steps; shape of `input`.").of("T").among(CODES);
const OUTPUT_MIN: Out<f32> = Out::new("output_min", "The lower end in force; shape of `min_range`.");
const OUTPUT_MAX: Out<f32> = Out::new("output_max", "The upper end in force; shape of `max_range`.");

register_block!(
    BlockSpec::new(
        "QuantizeV2",
        "Quantization",
        "Floats to whole numbers.",
        "Rounds float32 to steps of a range, and gives the numbers of the steps. The range always holds 0, and is \
         at least `ensure_minimum_range` wide; `output_min` and `output_max` are the ends in force. With \
         `MIN_COMBINED` step 0 is the lower end (the least number for types with a sign), with `MIN_FIRST` the same \
         but 0 falls on a step, with `SCALED` steps are whole multiples from 0. `T` is TensorFlow's `qint8`, \
         `quint8`, …; here they are `int8`, `uint8`, …, which have the same bits. At the upper end of `int32` the \
         number of the step is beyond the type: it becomes the greatest, where TensorFlow's depends on the processor \
         (on x86 the least).",
    )
    .ports([INPUT.port(), MIN_RANGE.port(), MAX_RANGE.port()])
    .attrs([T.spec(), MODE.spec(), ROUND_MODE.spec(), NARROW_RANGE.spec(), AXIS.spec(), ENSURE_MINIMUM_RANGE.spec()])
    .ports([OUTPUT.port(), OUTPUT_MIN.port(), OUTPUT_MAX.port()])
    .aliases(["Quantize"])
    .code(QuantizeV2)
);

struct QuantizeV2;

impl Block for QuantizeV2 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        steps::check(cx, INPUT)?;
        steps::check_order(cx)?;
        let to_even = &*cx.attr(ROUND_MODE)? == "HALF_TO_EVEN";
        if to_even && Mode::given(cx)? != Mode::Scaled {
            return Err(vec![Fault::attrs("round_mode is HALF_TO_EVEN, which only mode SCALED knows")]);
        }
        let end = |port: In<f32>| Ok::<_, Vec<Fault>>(TensorType::new(DType::Float32, cx.shape(port)?.clone()));
        Ok(vec![TensorType::new(cx.attr(T)?, cx.shape(INPUT)?.clone()), end(MIN_RANGE)?, end(MAX_RANGE)?])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let origin = |port: In<f32>, flat| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat });
        let (input, shape) = (cx.input_number(INPUT)?, cx.outputs()[0].shape.clone());
        let place = if cx.output() == 0 { Places::of(cx, shape.dims())?.place(cx.flat()) } else { cx.flat() };
        let range = ranges(cx, cx.outputs()[0].dtype)?[place];
        let ends = [origin(MIN_RANGE, place)?, origin(MAX_RANGE, place)?];
        let (min, max) = (f32_text(range.min), f32_text(range.max));
        if cx.output() > 0 {
            let because = format!("the range in force is [{min}, {max}]");
            return Ok(Reason { because, from: ends.to_vec(), ..Reason::default() });
        }
        let own = Origin { input, item: 0, flat: cx.flat() };
        let (name, scale) = (cx.name_of(own), f32_text(range.scale));
        let because = match range.mode {
            Mode::Scaled => format!("round({name} held to [{min}, {max}] × {scale})"),
            Mode::MinFirst => format!("round({name} × {scale}) - round({min} × {scale}), from the least number on"),
            Mode::MinCombined => {
                format!("round(({name} held to [{min}, {max}] - {min}) × {scale}), from the least number on")
            }
        };
        Ok(Reason { because, from: vec![own, ends[0], ends[1]], ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (ty, input) = (&cx.outputs()[0], cx.tensor(INPUT)?.slice::<f32>().unwrap_or_default());
        let (ranges, places) = (ranges(cx, ty.dtype)?, Places::of(cx, ty.shape.dims())?);
        let codes = match ty.dtype {
            DType::UInt8 => codes::<u8>(cx, input, &ranges, places, ty),
            DType::Int8 => codes::<i8>(cx, input, &ranges, places, ty),
            DType::UInt16 => codes::<u16>(cx, input, &ranges, places, ty),
            DType::Int16 => codes::<i16>(cx, input, &ranges, places, ty),
            _ => codes::<i32>(cx, input, &ranges, places, ty),
        }?;
        let end = |ty: &KnownType, part: fn(&Range) -> f32| {
            let ends = Tensor::new(ty.shape.clone(), ranges.iter().map(part).collect());
            ends.map_err(|error| vec![Fault::block(error.to_string())])
        };
        Ok(vec![codes, end(&cx.outputs()[1], |range| range.min)?, end(&cx.outputs()[2], |range| range.max)?])
    }
}

/// A range in force, and how values become steps.
#[derive(Clone, Copy)]
struct Range {
    min: f32,
    max: f32,
    scale: f32,
    mode: Mode,
    to_even: bool,
}

fn ranges(cx: &InferCx<'_>, dtype: DType) -> Result<Vec<Range>, Vec<Fault>> {
    let (mins, maxs) = (cx.slice(MIN_RANGE)?, cx.slice(MAX_RANGE)?);
    let limits = limits(dtype);
    let (mode, narrow, least) = (Mode::given(cx)?, cx.attr(NARROW_RANGE)?, cx.attr(ENSURE_MINIMUM_RANGE)?);
    let to_even = &*cx.attr(ROUND_MODE)? == "HALF_TO_EVEN";
    let range = |(min, max): (&f32, &f32)| {
        let low = min.min(0.0);
        let wide = 1f32.max(min.abs().max(max.abs())) * least;
        let high = 0f32.max(max.max(low + wide));
        let (min, max, scale) = match mode {
            Mode::Scaled => {
                let (lowest, highest) = ((limits.0 + i64::from(narrow)) as f32, limits.1 as f32);
                let side = |step: f32, end: f32| if step * end > 0.0 { step / end } else { f32::MAX };
                let scale = side(lowest, low).min(side(highest, high));
                (lowest / scale, highest / scale, scale)
            }
            Mode::MinFirst => {
                let steps = (limits.1 - limits.0) as f64;
                (low, high, (steps / f64::from(high - low)) as f32)
            }
            Mode::MinCombined => {
                let steps = limits.1 as f64 - limits.0 as f64;
                (low, high, (steps / f64::from(high - low)) as f32)
            }
        };
        Range { min, max, scale, mode, to_even }
    };
    Ok(mins.iter().zip(maxs).map(range).collect())
}

fn limits(dtype: DType) -> (i64, i64) {
    match dtype {
        DType::UInt8 => (u8::LOWEST, u8::HIGHEST),
        DType::Int8 => (i8::LOWEST, i8::HIGHEST),
        DType::UInt16 => (u16::LOWEST, u16::HIGHEST),
        DType::Int16 => (i16::LOWEST, i16::HIGHEST),
        _ => (i32::LOWEST, i32::HIGHEST),
    }
}

fn codes<C: Code>(
    cx: &RunCx<'_>,
    input: &[f32],
    ranges: &[Range],
    places: Places,
    ty: &KnownType,
) -> Result<Tensor, Vec<Fault>> {
    cx.write::<C>(&ty.shape, 1 << 14, |first, out| {
        for (flat, out) in (first..).zip(out) {
            *out = ranges[places.place(flat)].code::<C>(input[flat]);
        }
    })
}

impl Range {
    fn code<C: Code>(self, x: f32) -> C {
        let Range { min, max, scale, .. } = self;
        let held = if max < x { max } else { x };
        let held = if held < min { min } else { held };
        match self.mode {
            Mode::Scaled => {
                let steps = held * scale;
                C::of_rounded(if self.to_even { steps.round_ties_even() } else { steps.round() })
            }
            Mode::MinFirst => {
                let from = (min * scale).round() - C::LOWEST as f32;
                let step = (x * scale).round() - from;
                C::of_rounded(step.max(C::LOWEST as f32).min(highest::<C>()))
            }
            Mode::MinCombined => {
                let steps = (held - min) * scale;
                let half =
                    if C::LOWEST < 0 { ((C::HIGHEST as f64 - C::LOWEST as f64 + 1.0) / 2.0) as f32 } else { 0.0 };
                C::of_rounded((steps - half).round())
            }
        }
    }
}

/// The greatest float32 that is not beyond the greatest step.
fn highest<C: Code>() -> f32 {
    let nearest = C::HIGHEST as f32;
    if nearest as i64 > C::HIGHEST { nearest.next_down() } else { nearest }
}
