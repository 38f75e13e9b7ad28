//! `QuantizeAndDequantizeV4Grad`: gradient of QuantizeAndDequantizeV4.
//!
//! No edge cases: it compares, and passes what it is given; NaN is within no range.

use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use crate::nn::rows::for_row;
use crate::{axis, given};

const KINDS: &[DType] = &[DType::Float32, DType::Float64];
const GRADIENTS: In<Floating> = In::new("gradients", "Gradients for the output; any shape.").among(KINDS);
const INPUT: In<Floating> = In::new("input", "What was quantized; shape of `gradients`.").among(KINDS);
const INPUT_MIN: In<Floating> =
    In::new("input_min", "The least value; a scalar, or a vector with one for each place along `axis`.")
        .among(KINDS)
        .parameter();
const INPUT_MAX: In<Floating> =
    In::new("input_max", "The greatest value; a scalar, or a vector with one for each place along `axis`.")
        .among(KINDS)
        .parameter();
const AXIS: AttrKey<i64> = AttrKey::int("axis", -1, "The axis that has a range for each place; -1 for one range.");
const INPUT_BACKPROP: Out<Floating> = Out::new("input_backprop", "Gradients for the input; its shape.").among(KINDS);
const INPUT_MIN_BACKPROP: Out<Floating> = Out::new("input_min_backprop", "0; shape of `input_min`.").among(KINDS);
const INPUT_MAX_BACKPROP: Out<Floating> = Out::new("input_max_backprop", "0; shape of `input_max`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "QuantizeAndDequantizeV4Grad",
        "Quantization",
        "Gradient of QuantizeAndDequantizeV4.",
        "Passes a gradient where the input lies within the range, its ends included, and stops it elsewhere, \
         for NaN too. It is multiplied by 1 or 0: stopped, a negative one gives -0, and an infinite one or NaN gives \
         NaN. Those for the ends are 0, as in TensorFlow: the range is not trained by them.",
    )
    .ports([GRADIENTS.port(), INPUT.port(), INPUT_MIN.port(), INPUT_MAX.port()])
    .attrs([AXIS.spec()])
    .ports([INPUT_BACKPROP.port(), INPUT_MIN_BACKPROP.port(), INPUT_MAX_BACKPROP.port()])
    .code(QuantizeAndDequantizeV4Grad)
);

struct QuantizeAndDequantizeV4Grad;

impl Block for QuantizeAndDequantizeV4Grad {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (dtype, shape) = (cx.dtype(GRADIENTS)?, cx.same_shape(GRADIENTS, INPUT)?);
        let ranges = match (cx.attr(AXIS)?, shape.dims()) {
            (-1, _) | (_, None) => None,
            (given, Some(dims)) => dims[axis::of(given, dims.len(), "attrs")?],
        };
        for port in [INPUT_MIN, INPUT_MAX] {
            if cx.attr(AXIS)? == -1 {
                given::must_be_scalar(cx, port)?;
            } else if let (Some([Some(own)]), Some(ranges)) = (given::dims(cx, port, 1)?, ranges)
                && *own != ranges
            {
                return Err(vec![Fault::at(port.name(), format!("has {own} numbers, but the axis is {ranges} long"))]);
            }
        }
        let of = |shape: &PartialShape| TensorType::new(dtype, shape.clone());
        Ok(vec![of(&shape), of(cx.shape(INPUT_MIN)?), of(cx.shape(INPUT_MAX)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        if cx.output() > 0 {
            return Ok(Reason::of_itself("0: the range is not trained"));
        }
        let origin =
            |port: In<Floating>, flat| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat });
        let place = Places::of(cx, cx.shape().dims())?.place(cx.flat());
        let from = vec![
            origin(GRADIENTS, cx.flat())?,
            origin(INPUT, cx.flat())?,
            origin(INPUT_MIN, place)?,
            origin(INPUT_MAX, place)?,
        ];
        let told = cx.told(&from)?;
        let number = |at: usize| told[at].number();
        let is_within = number(1) >= number(2) && number(1) <= number(3);
        let because = match is_within {
            true => {
                format!("{} × 1, because {} lies within [{}, {}]", told[0].name, told[1], told[2].value, told[3].value)
            }
            false => {
                let (name, ends) = (&told[0].name, (&told[2].value, &told[3].value));
                format!("{name} × 0, because {} does not lie within [{}, {}]", told[1], ends.0, ends.1)
            }
        };
        Ok(Reason { because, from, ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let [ty, min, max] = cx.outputs() else { return Err(vec![Fault::block("has three outputs")]) };
        let places = Places::of(cx, ty.shape.dims())?;
        let passed = for_row!(ty.dtype, T => {
            let of = |port| Ok::<_, Vec<Fault>>(cx.tensor(port)?.slice::<T>().unwrap_or_default());
            let (gradients, input, mins, maxs) = (of(GRADIENTS)?, of(INPUT)?, of(INPUT_MIN)?, of(INPUT_MAX)?);
            cx.write::<T>(&ty.shape, 1 << 14, |first, out| {
                for (flat, out) in (first..).zip(out) {
                    let (x, place) = (input[flat], places.place(flat));
                    let passes = x >= mins[place] && x <= maxs[place];
                    *out = gradients[flat] * if passes { 1.0 } else { 0.0 };
                }
            })
        })?;
        Ok(vec![passed, cx.zeros(min)?, cx.zeros(max)?])
    }
}

/// Which range an element has.
struct Places {
    inner: usize,
    count: usize,
}

impl Places {
    fn of(cx: &InferCx<'_>, dims: &[usize]) -> Result<Places, Vec<Fault>> {
        match cx.attr(AXIS)? {
            -1 => Ok(Places { inner: 1, count: 1 }),
            given => {
                let at = axis::of(given, dims.len(), "attrs")?;
                Ok(Places { inner: dims[at + 1..].iter().product(), count: dims[at] })
            }
        }
    }

    fn place(&self, flat: usize) -> usize {
        flat / self.inner % self.count
    }
}
