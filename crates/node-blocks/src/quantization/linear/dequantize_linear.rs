//! `DequantizeLinear`: whole numbers back to floats, as ONNX does.
//!
//! No edge cases: it multiplies whole numbers that are never NaN.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::{AXIS, BLOCK_SIZE, Places, SCALES, check_zero_point, floats, number_text, steps};
use crate::products;
use crate::quantization::steps::{CODES, Code};

const X: In<Real> = In::new("x", "The steps; any shape.").among(CODES).of("T1");
const X_SCALE: In<Real> = In::new(
    "x_scale",
    "How far apart steps are: a scalar, a vector with one for each place along `axis`, or, with `block_size`, one for \
     each block: the shape of `x`, at `axis` divided by `block_size` and rounded up.",
)
.among(SCALES)
.of("T2");
const X_ZERO_POINT: In<Real> =
    In::new("x_zero_point", "The step of 0; shape of `x_scale`. 0 if not connected.").among(CODES).of("T1").optional();
const OUTPUT_DTYPE: AttrKey<DType> =
    AttrKey::one_of_dtypes("output_dtype", SCALES, None, "The type of the result; that of `x_scale` if not set.")
        .optional();
const OUTPUT: Out<Real> =
    Out::new("output", "The values; shape of `x`.").of("output_dtype").among(SCALES).aliases(&["y"]);

register_block!(
    BlockSpec::new(
        "DequantizeLinear",
        "Quantization",
        "Whole numbers back to floats, as ONNX does.",
        "`(x - x_zero_point) * x_scale`: ONNX's DequantizeLinear (opset 25), for a whole tensor, for each place along \
         `axis`, or for each block of `block_size` neighbours along it, of which the last may be shorter. It is \
         computed in float32 and rounded to the type of `x_scale`, or to `output_dtype`. TensorFlow has no such \
         operation.",
    )
    .ports([X.port(), X_SCALE.port(), X_ZERO_POINT.port()])
    .attrs([AXIS.spec(), BLOCK_SIZE.spec(), OUTPUT_DTYPE.spec()])
    .ports([OUTPUT.port()])
    .code(DequantizeLinear)
);

struct DequantizeLinear;

impl Block for DequantizeLinear {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Places::of(cx, X, X_SCALE)?;
        check_zero_point(cx, X_SCALE, X_ZERO_POINT)?;
        let dtype = cx.find_attr(OUTPUT_DTYPE).map_or_else(|| cx.dtype(X_SCALE), Ok)?;
        Ok(vec![TensorType::new(dtype, cx.shape(X)?.clone())])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let place = Places::of(cx, X, X_SCALE)?.unwrap_or(Places::One).place(cx.flat());
        let own = Origin { input: cx.input_number(X)?, item: 0, flat: cx.flat() };
        let scale = Origin { input: cx.input_number(X_SCALE)?, item: 0, flat: place };
        let (name, step) = (cx.name_of(own), number_text(cx, scale)?);
        Ok(match cx.find(X_ZERO_POINT) {
            Some(_) => {
                let zero = Origin { input: cx.input_number(X_ZERO_POINT)?, item: 0, flat: place };
                let because = format!("({name} - {}) × {step}", number_text(cx, zero)?);
                Reason { because, from: vec![own, scale, zero], ..Reason::default() }
            }
            None => Reason { because: format!("{name} × {step}"), from: vec![own, scale], ..Reason::default() },
        })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let x = cx.tensor(X)?;
        let made = match x.dtype() {
            DType::UInt8 => values::<u8>(cx, x),
            DType::Int8 => values::<i8>(cx, x),
            DType::UInt16 => values::<u16>(cx, x),
            DType::Int16 => values::<i16>(cx, x),
            _ => values::<i32>(cx, x),
        }?;
        Ok(vec![products::narrowed(cx, made, cx.outputs()[0].dtype)?])
    }
}

fn values<C: Code>(cx: &RunCx<'_>, x: &Tensor) -> Result<Tensor, Vec<Fault>> {
    let codes = x.slice::<C>().unwrap_or_default();
    let scales = floats(cx.tensor(X_SCALE)?);
    let zeros = cx.find_tensor(X_ZERO_POINT).map(steps).unwrap_or_default();
    let places = Places::of(cx, X, X_SCALE)?.unwrap_or(Places::One);
    cx.write::<f32>(x.shape(), 1 << 14, |first, out| {
        for (flat, out) in (first..).zip(out) {
            let place = places.place(flat);
            let from_zero = codes[flat].number() - zeros.get(place).copied().unwrap_or(0);
            *out = from_zero as f32 * scales[place];
        }
    })
}
