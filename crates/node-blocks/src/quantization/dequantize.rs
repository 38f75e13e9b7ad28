//! `Dequantize`: whole numbers back to floats.
//!
//! No edge cases: it multiplies and adds whole numbers that are never NaN.

use node_core::number::f32_text;
use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::steps::{self, AXIS, CODES, Code, MAX_RANGE, MIN_RANGE, MODE, Mode, NARROW_RANGE, Places};
use crate::products;

const INPUT: In<Real> = In::new("input", "The numbers of steps; any shape.").among(CODES);
const DTYPE: AttrKey<DType> = AttrKey::one_of_dtypes(
    "dtype",
    &[DType::Float32, DType::BFloat16],
    Some(DType::Float32),
    "The type of the result.",
);
const OUTPUT: Out<Real> =
    Out::new("output", "The values; shape of `input`.").of("dtype").among(&[DType::Float32, DType::BFloat16]);

register_block!(
    BlockSpec::new(
        "Dequantize",
        "Quantization",
        "Whole numbers back to floats.",
        "Makes float32 of the numbers of steps in a range: what QuantizeV2 does, backwards, in the same `mode`. \
         `input` is of TensorFlow's `qint8`, `quint8`, …; here they are `int8`, `uint8`, …, which have the same \
         bits.",
    )
    .ports([INPUT.port(), MIN_RANGE.port(), MAX_RANGE.port()])
    .attrs([MODE.spec(), NARROW_RANGE.spec(), AXIS.spec(), DTYPE.spec()])
    .ports([OUTPUT.port()])
    .code(Dequantize)
);

struct Dequantize;

impl Block for Dequantize {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        steps::check(cx, INPUT)?;
        Ok(vec![TensorType::new(cx.attr(DTYPE)?, cx.shape(INPUT)?.clone())])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let place = Places::of(cx, cx.shape().dims())?.place(cx.flat());
        let own = Origin { input: cx.input_number(INPUT)?, item: 0, flat: cx.flat() };
        let end = |port: In<f32>| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat: place });
        let dtype = cx.operand_type(own.input, 0)?.dtype;
        let Value { base, scale, offset } = of_dtype(cx, dtype)?[place];
        let (name, scale) = (cx.name_of(own), f32_text(scale));
        let because = match (base, offset) {
            (0.0, 0.0) => format!("{name} × {scale}"),
            (0.0, offset) => format!("{name} × {scale} + {}", f32_text(offset)),
            (base, offset) => format!("({name} + {}) × {scale} + {}", f32_text(base), f32_text(offset)),
        };
        Ok(Reason { because, from: vec![own, end(MIN_RANGE)?, end(MAX_RANGE)?], ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (input, ty) = (cx.tensor(INPUT)?, &cx.outputs()[0]);
        let (values, places) = (of_dtype(cx, input.dtype())?, Places::of(cx, ty.shape.dims())?);
        let made = match input.dtype() {
            DType::UInt8 => floats::<u8>(cx, input, &values, places),
            DType::Int8 => floats::<i8>(cx, input, &values, places),
            DType::UInt16 => floats::<u16>(cx, input, &values, places),
            DType::Int16 => floats::<i16>(cx, input, &values, places),
            _ => floats::<i32>(cx, input, &values, places),
        }?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}

/// How a step becomes a value: `(step + base) × scale + offset`.
#[derive(Clone, Copy)]
struct Value {
    base: f32,
    scale: f32,
    offset: f32,
}

fn of_dtype(cx: &InferCx<'_>, dtype: DType) -> Result<Vec<Value>, Vec<Fault>> {
    match dtype {
        DType::UInt8 => values::<u8>(cx),
        DType::Int8 => values::<i8>(cx),
        DType::UInt16 => values::<u16>(cx),
        DType::Int16 => values::<i16>(cx),
        _ => values::<i32>(cx),
    }
}

fn values<C: Code>(cx: &InferCx<'_>) -> Result<Vec<Value>, Vec<Fault>> {
    let (mins, maxs) = (cx.slice(MIN_RANGE)?, cx.slice(MAX_RANGE)?);
    let (mode, narrow) = (Mode::given(cx)?, cx.attr(NARROW_RANGE)?);
    let (lowest, highest) = (C::LOWEST, C::HIGHEST);
    let steps = highest as f64 - lowest as f64;
    let value = |(min, max): (&f32, &f32)| match mode {
        Mode::Scaled => {
            let low = (lowest + i64::from(narrow)) as f32;
            let of_max = max / highest as f32;
            let scale = if lowest == 0 { of_max } else { (min / low).max(of_max) };
            // To add -0 changes nothing, not even the sign of 0.
            Value { base: 0.0, scale, offset: -0.0 }
        }
        Mode::MinFirst => {
            let scale = (f64::from(max - min) / steps) as f32;
            let offset = if max == min { *min } else { (min / scale).round() * scale };
            // Not (step - lowest) × scale + offset: the product is taken of the step as it is.
            Value { base: 0.0, scale, offset: offset - lowest as f32 * scale }
        }
        Mode::MinCombined => {
            let half = if lowest < 0 { ((steps + 1.0) / 2.0) as f32 } else { 0.0 };
            Value { base: half, scale: (f64::from(max - min) / steps) as f32, offset: *min }
        }
    };
    Ok(mins.iter().zip(maxs).map(value).collect())
}

fn floats<C: Code>(cx: &RunCx<'_>, input: &Tensor, values: &[Value], places: Places) -> Result<Tensor, Vec<Fault>> {
    let steps = input.slice::<C>().unwrap_or_default();
    cx.write::<f32>(input.shape(), 1 << 14, |first, out| {
        for (flat, out) in (first..).zip(out) {
            let Value { base, scale, offset } = values[places.place(flat)];
            *out = (steps[flat].number() as f32 + base) * scale + offset;
        }
    })
}
