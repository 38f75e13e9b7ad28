//! `SparseSoftmaxCrossEntropyWithLogits`: cross entropy of softmax for one class a row, and its gradient.
//!
//! No edge cases: exponentials and sums have cases of their own; labels out of range are refused.

use node_core::type_rule::{Floating, Index};
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::rows::{self, Real, for_row};
use crate::{computed, given, products};

const FEATURES: In<Floating> = In::new("features", "Logits; shape [batch, classes].");
const LABELS: In<Index> = In::new("labels", "The class of each row; shape [batch].").of("Tlabels").parameter();
const LOSS: Out<Floating> = Out::new("loss", "The loss of each row; shape [batch].");
const BACKPROP: Out<Floating> = Out::new("backprop", "The gradient for `features`; its shape.");

register_block!(
    BlockSpec::new(
        "SparseSoftmaxCrossEntropyWithLogits",
        "Neural networks",
        "Cross entropy of softmax for one class a row, and its gradient.",
        "For each row the loss `-log(softmax(features)[label])`, and `backprop`, its gradient for `features`: \
         `softmax(features)`, less 1 at the label. A label out of range is refused.",
    )
    .ports([FEATURES.port(), LABELS.port(), LOSS.port(), BACKPROP.port()])
    .code(SparseSoftmaxCrossEntropyWithLogits)
);

struct SparseSoftmaxCrossEntropyWithLogits;

impl Block for SparseSoftmaxCrossEntropyWithLogits {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let dims = given::dims(cx, FEATURES, 2)?;
        let labelled = given::dims(cx, LABELS, 1)?.and_then(|dims| dims[0]);
        let (batch, classes) = dims.map_or((None, None), |dims| (dims[0], dims[1]));
        if let (Some(batch), Some(labelled)) = (batch, labelled)
            && batch != labelled
        {
            return Err(vec![Fault::at("labels", format!("has {labelled} numbers, but features {batch} rows"))]);
        }
        if let (Some(labels), Some(classes)) = (given::vector(cx, LABELS)?, classes)
            && let Some(row) = labels.iter().position(|label| usize::try_from(*label).map_or(true, |at| at >= classes))
        {
            let message = format!("[{row}] is {}, but there are {classes} classes", labels[row]);
            return Err(vec![Fault::at("labels", message)]);
        }
        let (dtype, shape) = (cx.dtype(FEATURES)?, cx.shape(FEATURES)?.clone());
        let batch = batch.or(labelled);
        Ok(vec![TensorType::new(dtype, PartialShape::of_dims(vec![batch])), TensorType::new(dtype, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (input, classes) = (cx.input_number(FEATURES)?, cx.outputs()[1].shape.dims()[1]);
        let row = if cx.output() == 0 { cx.flat() } else { cx.flat() / classes };
        let label = given::vector(cx, LABELS)?.and_then(|labels| labels.get(row).copied()).unwrap_or_default();
        let because = match cx.output() {
            0 => format!("-log(softmax(features)[{row}, {label}])"),
            _ if cx.flat() % classes == label as usize => {
                format!("softmax(features) - 1 in row {row}, whose label it is")
            }
            _ => format!("softmax(features) in row {row}"),
        };
        Ok(computed::from(cx, because, rows::origins(cx, input, row)?))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (features, labels) =
            (products::widened(cx, cx.tensor(FEATURES)?)?, given::vector(cx, LABELS)?.unwrap_or_default());
        let [loss, backprop] = cx.outputs() else { return Err(vec![Fault::block("has two outputs")]) };
        let (loss_made, backprop_made) =
            for_row!(loss.dtype, T => made::<T>(cx, &features, &labels, (loss, backprop)))?;
        Ok(vec![products::narrowed(cx, loss_made, loss.dtype)?, products::narrowed(cx, backprop_made, loss.dtype)?])
    }
}

fn made<T: Real>(
    cx: &RunCx<'_>,
    features: &Tensor,
    labels: &[i64],
    (loss, backprop): (&KnownType, &KnownType),
) -> Result<(Tensor, Tensor), Vec<Fault>> {
    let classes = backprop.shape.dims()[1];
    let elements = features.slice::<T>().unwrap_or_default();
    let losses = cx.fill::<T>(&loss.shape, rows::together(classes), |first, out| {
        let mut held = vec![T::default(); classes];
        for (row, out) in (first..).zip(out) {
            let own = &elements[row * classes..(row + 1) * classes];
            let (greatest, sum) = rows::exponentials(own, &mut held);
            *out = T::of(sum.ln()).less(own[labels[row] as usize].less(greatest));
        }
    })?;
    let backprops = rows::each::<T>(cx, features, classes, backprop, |row, own, out| {
        rows::softmax(own, out);
        let at = labels[row] as usize;
        out[at] = out[at].less(T::of(1.0));
    })?;
    Ok((losses, backprops))
}
