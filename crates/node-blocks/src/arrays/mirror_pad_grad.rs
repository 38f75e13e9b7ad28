//! `MirrorPadGrad`: gradient of MirrorPad.
//!
//! No edge cases: it adds elements, as AddN does.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Shape, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use super::moves::strides;
use super::paddings::{self, MODE, PADDINGS};
use crate::computed;
use crate::numbers::Arithmetic;

const INPUT: In<Real> = In::new("input", "Gradients for MirrorPad's output.");
const OUTPUT: Out<Real> = Out::new("output", "Gradients for MirrorPad's input.");

register_block!(
    BlockSpec::new(
        "MirrorPadGrad",
        "Arrays",
        "Gradient of MirrorPad.",
        "Each element gets the gradients of all places where MirrorPad, with the same `paddings` and `mode`, has \
         put it, added in the order in which they stand.",
    )
    .ports([INPUT.port(), PADDINGS.port()])
    .attrs([MODE.spec()])
    .ports([OUTPUT.port()])
    .code(MirrorPadGrad)
);

struct MirrorPadGrad;

impl Block for MirrorPadGrad {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (dtype, shape) = (cx.dtype(INPUT)?, cx.shape(INPUT)?);
        let inner = paddings::without(cx, shape)?;
        paddings::mirrored(cx, &inner, cx.attr(MODE)?.as_ref())?;
        Ok(vec![TensorType::new(dtype, inner)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(INPUT)?;
        let outer = cx.operand_type(input, 0)?.shape;
        let targets = targets(cx, &outer, cx.shape())?;
        let images = (0..outer.elements()).filter(|flat| targets(*flat) == cx.flat());
        let from = images.map(|flat| Origin { input, item: 0, flat }).collect();
        computed::sum(cx, from)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (gradients, ty) = (cx.tensor(INPUT)?, &cx.outputs()[0]);
        if ty.shape.elements() == 0 {
            return Ok(vec![cx.zeros(ty)?]);
        }
        let targets = targets(cx, gradients.shape(), &ty.shape)?;
        for_operand!(ty.dtype, T => {
            let gradients = gradients.slice::<T>().unwrap_or_default();
            Ok(vec![cx.fill::<T>(&ty.shape, usize::MAX, |_, sums| {
                for (flat, gradient) in gradients.iter().enumerate() {
                    let sum = &mut sums[targets(flat)];
                    *sum = sum.plus(*gradient);
                }
            })?])
        }, else Err(vec![Fault::at("input", "must be of numbers")]))
    }
}

/// For each place of MirrorPad's output which element of its input stands there.
fn targets(
    cx: &InferCx<'_>,
    outer: &Shape,
    inner: &Shape,
) -> Result<impl Fn(usize) -> usize + Sync + use<>, Vec<Fault>> {
    let (paddings, mode) = (paddings::known(cx)?, cx.attr(MODE)?);
    let axes: Vec<Vec<usize>> = outer
        .dims()
        .iter()
        .zip(inner.dims())
        .zip(&paddings)
        .zip(strides(inner.dims()))
        .map(|(((outer, inner), (before, _)), stride)| {
            (0..*outer).map(|at| paddings::mirror(at, *before, *inner, &mode) * stride).collect()
        })
        .collect();
    Ok(move |mut flat: usize| {
        let mut target = 0;
        for places in axes.iter().rev() {
            target += places[flat % places.len()];
            flat /= places.len();
        }
        target
    })
}
