//! `QuantizeLinear`: floats to whole numbers, as ONNX does.
//!
//! Edge cases: NaN becomes the least step, as in ONNX's reference; infinities become the ends.

use node_core::half::{bf16, f16};
use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, KnownType, Out, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::{AXIS, BLOCK_SIZE, Places, SCALES, STEPS, check_zero_point, floats, number_text, steps};
use crate::quantization::steps::Code;

const VALUES: &[DType] = &[DType::Float32, DType::Float16, DType::BFloat16, DType::Int32];

const X: In<Real> = In::new("x", "Any shape.").among(VALUES).of("T1");
const Y_SCALE: In<Real> = In::new(
    "y_scale",
    "How far apart steps are: a scalar, a vector with one for each place along `axis`, or, with `block_size`, one for \
     each block: the shape of `x`, at `axis` divided by `block_size` and rounded up.",
)
.among(SCALES)
.of("T2");
const Y_ZERO_POINT: In<Real> = In::new("y_zero_point", "The step of 0; shape of `y_scale`. 0 if not connected.")
    .among(STEPS)
    .of("output_dtype")
    .optional();
const OUTPUT_DTYPE: AttrKey<DType> =
    AttrKey::one_of_dtypes("output_dtype", STEPS, None, "The type of the steps; that of `y_zero_point`, else uint8.")
        .optional();
const PRECISION: AttrKey<DType> =
    AttrKey::one_of_dtypes("precision", SCALES, None, "The type in which is divided; that of `y_scale` if not set.")
        .optional();
const OUTPUT: Out<Real> =
    Out::new("output", "The steps; shape of `x`.").of("output_dtype").among(STEPS).aliases(&["y"]);

register_block!(
    BlockSpec::new(
        "QuantizeLinear",
        "Quantization",
        "Floats to whole numbers, as ONNX does.",
        "`saturate(round(x / y_scale) + y_zero_point)`, halves to the even number: ONNX's QuantizeLinear (opset 25), for \
         a whole tensor, for each place along `axis`, or for each block of `block_size` neighbours along it, of which \
         the last may be shorter. It is divided in `precision`, which is the type of `y_scale` if not set. Steps of 4 \
         and 2 bits and floats of 8 bits are not covered, as they are no data types here. NaN becomes the least step. \
         TensorFlow has no such operation.",
    )
    .ports([X.port(), Y_SCALE.port(), Y_ZERO_POINT.port()])
    .attrs([AXIS.spec(), BLOCK_SIZE.spec(), OUTPUT_DTYPE.spec(), PRECISION.spec()])
    .ports([OUTPUT.port()])
    .code(QuantizeLinear)
);

struct QuantizeLinear;

/// The type of the steps.
fn step_type(cx: &InferCx<'_>) -> DType {
    let of_zero_point = cx.find(Y_ZERO_POINT).map(|input| input.ty.dtype);
    cx.find_attr(OUTPUT_DTYPE).or(of_zero_point).unwrap_or(DType::UInt8)
}

impl Block for QuantizeLinear {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Places::of(cx, X, Y_SCALE)?;
        check_zero_point(cx, Y_SCALE, Y_ZERO_POINT)?;
        Ok(vec![TensorType::new(step_type(cx), cx.shape(X)?.clone())])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let place = places(cx)?.place(cx.flat());
        let own = Origin { input: cx.input_number(X)?, item: 0, flat: cx.flat() };
        let scale = Origin { input: cx.input_number(Y_SCALE)?, item: 0, flat: place };
        let (name, step) = (cx.name_of(own), number_text(cx, scale)?);
        let mut because = format!("round({name} / {step})");
        let mut from = vec![own, scale];
        if cx.find(Y_ZERO_POINT).is_some() {
            let zero = Origin { input: cx.input_number(Y_ZERO_POINT)?, item: 0, flat: place };
            because = format!("{because} + {}", number_text(cx, zero)?);
            from.push(zero);
        }
        let because = format!("{because}, held to the range of {}", cx.outputs()[0].dtype);
        Ok(Reason { because, from, ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let quantized = match ty.dtype {
            DType::UInt8 => quantized::<u8>(cx, ty),
            DType::Int8 => quantized::<i8>(cx, ty),
            DType::UInt16 => quantized::<u16>(cx, ty),
            _ => quantized::<i16>(cx, ty),
        };
        Ok(vec![quantized?])
    }
}

fn places(cx: &InferCx<'_>) -> Result<Places, Vec<Fault>> {
    // When it runs all shapes are known.
    Ok(Places::of(cx, X, Y_SCALE)?.unwrap_or(Places::One))
}

fn quantized<C: Code>(cx: &RunCx<'_>, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    let (x, y_scale) = (cx.tensor(X)?, cx.tensor(Y_SCALE)?);
    let precision = cx.find_attr(PRECISION).unwrap_or(y_scale.dtype());
    let scales = floats(y_scale);
    let zeros = cx.find_tensor(Y_ZERO_POINT).map(steps).unwrap_or_default();
    let places = places(cx)?;
    let zero = |place: usize| zeros.get(place).copied().unwrap_or(0);
    let value = values(x);
    cx.write::<C>(&ty.shape, 1 << 14, |first, out| {
        for (flat, out) in (first..).zip(out) {
            let place = places.place(flat);
            *out = step::<C>(divided(value(flat), scales[place], precision), zero(place));
        }
    })
}

/// The elements of `x` as float32; a whole number beyond 2^24 is rounded to one.
fn values(x: &Tensor) -> Box<dyn Fn(usize) -> f32 + Sync + '_> {
    if let Some(numbers) = x.slice::<f32>() {
        return Box::new(|flat| numbers[flat]);
    }
    if let Some(numbers) = x.slice::<f16>() {
        return Box::new(|flat| numbers[flat].to_f32());
    }
    if let Some(numbers) = x.slice::<bf16>() {
        return Box::new(|flat| numbers[flat].to_f32());
    }
    let numbers = x.slice::<i32>().unwrap_or_default();
    Box::new(|flat| numbers[flat] as f32)
}

/// x / scale in a data type: float32 holds the quotient of two narrower numbers so exactly that it is rounded right.
fn divided(x: f32, scale: f32, precision: DType) -> f32 {
    match precision {
        DType::Float16 => f16::from_f32(f16::from_f32(x).to_f32() / f16::from_f32(scale).to_f32()).to_f32(),
        DType::BFloat16 => bf16::from_f32(bf16::from_f32(x).to_f32() / bf16::from_f32(scale).to_f32()).to_f32(),
        _ => x / scale,
    }
}

fn step<C: Code>(quotient: f32, zero: i64) -> C {
    if quotient.is_nan() {
        return C::of_rounded(C::LOWEST as f32);
    }
    // Infinities become the ends of i64, to which a zero point is no more than nothing.
    let number = (quotient.round_ties_even() as i64).saturating_add(zero).clamp(C::LOWEST, C::HIGHEST);
    // 16 bits are whole in float32.
    C::of_rounded(number as f32)
}
