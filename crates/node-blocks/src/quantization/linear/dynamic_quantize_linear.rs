//! `DynamicQuantizeLinear`: floats to uint8 over the range that they have, as ONNX does.
//!
//! Edge cases: with NaN among them the scale is NaN and all steps are 0; of no elements the scale is 1/255.

use node_core::number::f32_text;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

const X: In<f32> = In::new("x", "Any shape.");
const Y: Out<u8> = Out::new("y", "The steps; shape of `x`.");
const Y_SCALE: Out<f32> = Out::new("y_scale", "How far apart steps are; scalar.");
const Y_ZERO_POINT: Out<u8> = Out::new("y_zero_point", "The step of 0; scalar.");

register_block!(
    BlockSpec::new(
        "DynamicQuantizeLinear",
        "Quantization",
        "Floats to uint8 over the range that they have, as ONNX does.",
        "ONNX's DynamicQuantizeLinear: the range goes from the least to the greatest element and holds 0; it has 255 \
         steps, of which one, `y_zero_point`, is 0; `y = saturate(round(x / y_scale) + y_zero_point)`, halves to the even \
         number. Where all elements are 0, or there are none, `y_scale` is 1/255, as in ONNX's reference. With NaN among \
         them `y_scale` is NaN, `y_zero_point` 255 and `y` 0. TensorFlow has no such operation.",
    )
    .ports([X.port(), Y.port(), Y_SCALE.port(), Y_ZERO_POINT.port()])
    .code(DynamicQuantizeLinear)
);

struct DynamicQuantizeLinear;

/// The steps over a range.
struct Steps {
    scale: f32,
    zero: f32,
}

impl Steps {
    fn of(x: &[f32]) -> Steps {
        let wider = |(least, greatest): (f32, f32), x: &f32| {
            if x.is_nan() || least.is_nan() { (f32::NAN, f32::NAN) } else { (least.min(*x), greatest.max(*x)) }
        };
        let (least, greatest) = x.iter().fold((0.0, 0.0), wider);
        let width = if least == greatest { 1.0 } else { greatest - least };
        let scale = width / 255.0;
        let from_least = 0.0 - least / scale;
        // A comparison with NaN is false: then it is the greatest step.
        let held = if from_least < 255.0 { from_least.max(0.0) } else { 255.0 };
        Steps { scale, zero: held.round_ties_even() }
    }

    fn step(&self, x: f32) -> u8 {
        // A number of a step that is none is 0.
        ((x / self.scale).round_ties_even() + self.zero) as u8
    }
}

impl Block for DynamicQuantizeLinear {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let scalar = || PartialShape::of_dims(Vec::new());
        Ok(vec![
            TensorType::new(DType::UInt8, cx.shape(X)?.clone()),
            TensorType::new(DType::Float32, scalar()),
            TensorType::new(DType::UInt8, scalar()),
        ])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(X)?;
        let tensor = cx.operand(input, 0)?;
        let x = tensor.slice::<f32>().unwrap_or_default();
        let Steps { scale, zero } = Steps::of(x);
        let end = |is_nearer: fn(f32, f32) -> bool| {
            let first = |best: Option<usize>, at: usize| match best {
                Some(best) if !is_nearer(x[at], x[best]) => Some(best),
                _ => Some(at),
            };
            (0..x.len()).fold(None, first).map(|flat| Origin { input, item: 0, flat })
        };
        let ends = [end(|a, b| a < b), end(|a, b| a > b)];
        let (scale, zero) = (f32_text(scale), f32_text(zero));
        let (because, own) = match cx.output() {
            0 => {
                let own = Origin { input, item: 0, flat: cx.flat() };
                (format!("round({} / {scale}) + {zero}, held to 0 … 255", cx.name_of(own)), Some(own))
            }
            1 => ("the range that holds 0 and all elements, divided by 255".to_owned(), None),
            _ => (format!("how many steps of {scale} the least element is below 0, rounded"), None),
        };
        Ok(Reason { because, from: own.into_iter().chain(ends.into_iter().flatten()).collect(), ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let x = cx.slice(X)?;
        let steps = Steps::of(x);
        let y = cx.write::<u8>(&cx.outputs()[0].shape, 1 << 14, |first, out| {
            out.iter_mut().zip(&x[first..]).for_each(|(out, x)| *out = steps.step(*x));
        })?;

        Ok(vec![y, Tensor::scalar(steps.scale), Tensor::scalar(steps.zero as u8)])
    }
}
