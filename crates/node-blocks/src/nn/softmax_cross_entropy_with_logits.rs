//! `SoftmaxCrossEntropyWithLogits`: cross entropy of softmax, and its gradient.
//!
//! No edge cases: exponentials and sums have cases of their own.

use node_core::type_rule::Floating;
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::rows::{self, Real, for_row};
use crate::{computed, given, products};

const FEATURES: In<Floating> = In::new("features", "Logits; shape [batch, classes].");
const LABELS: In<Floating> = In::new("labels", "For each row the shares of the classes; shape of `features`.");
const LOSS: Out<Floating> = Out::new("loss", "The loss of each row; shape [batch].");
const BACKPROP: Out<Floating> = Out::new("backprop", "The gradient for `features`; its shape.");

register_block!(
    BlockSpec::new(
        "SoftmaxCrossEntropyWithLogits",
        "Neural networks",
        "Cross entropy of softmax, and its gradient.",
        "For each row the loss `-sum(labels × log(softmax(features)))`, and `backprop`, `softmax(features) - \
         labels`: its gradient for `features` where the labels of a row add up to 1. A label of 0 adds 0, whatever \
         the feature.",
    )
    .ports([FEATURES.port(), LABELS.port(), LOSS.port(), BACKPROP.port()])
    .code(SoftmaxCrossEntropyWithLogits)
);

struct SoftmaxCrossEntropyWithLogits;

impl Block for SoftmaxCrossEntropyWithLogits {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        given::dims(cx, FEATURES, 2)?;
        given::dims(cx, LABELS, 2)?;
        let (features, labels) = (cx.shape(FEATURES)?, cx.shape(LABELS)?);
        // Either may have one row that serves all, or one column.
        let Some(both) = features.broadcast(labels) else {
            let message = format!("has shape {labels}, which does not go with features' shape {features}");
            return Err(vec![Fault::at("labels", message)]);
        };
        let dtype = cx.dtype(FEATURES)?;
        let batch = both.dims().and_then(|dims| dims.first().copied().flatten());
        Ok(vec![TensorType::new(dtype, PartialShape::of_dims(vec![batch])), TensorType::new(dtype, both)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let classes = cx.outputs()[1].shape.dims()[1];
        let row = if cx.output() == 0 { cx.flat() } else { cx.flat() / classes };
        let mut from = Vec::new();
        for port in [FEATURES, LABELS] {
            let input = cx.input_number(port)?;
            let rows = cx.operand_type(input, 0)?.shape.dims()[0];
            from.extend(rows::origins(cx, input, if rows == 1 { 0 } else { row })?);
        }
        let because = match cx.output() {
            0 => format!("-sum(labels × log(softmax(features))) over row {row}"),
            _ => format!("softmax(features) - labels in row {row}"),
        };
        Ok(computed::from(cx, because, from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (features, labels) =
            (products::widened(cx, cx.tensor(FEATURES)?)?, products::widened(cx, cx.tensor(LABELS)?)?);
        let [loss, backprop] = cx.outputs() else { return Err(vec![Fault::block("has two outputs")]) };
        let (loss_made, backprop_made) =
            for_row!(loss.dtype, T => made::<T>(cx, &features, &labels, (loss, backprop)))?;
        Ok(vec![products::narrowed(cx, loss_made, loss.dtype)?, products::narrowed(cx, backprop_made, loss.dtype)?])
    }
}

fn made<T: Real>(
    cx: &RunCx<'_>,
    features: &Tensor,
    labels: &Tensor,
    (loss, backprop): (&KnownType, &KnownType),
) -> Result<(Tensor, Tensor), Vec<Fault>> {
    let classes = backprop.shape.dims()[1];
    let row_of = |tensor: &Tensor, row: usize| {
        let [rows, columns] = *tensor.shape().dims() else { return Vec::new() };
        let first = if rows == 1 { 0 } else { row } * columns;
        let elements = tensor.slice::<T>().unwrap_or_default();
        (0..classes).map(|class| elements[first + if columns == 1 { 0 } else { class }]).collect::<Vec<T>>()
    };
    let losses = cx.fill::<T>(&loss.shape, rows::together(classes), |first, out| {
        let mut held = vec![T::default(); classes];
        for (row, out) in (first..).zip(out) {
            let (own, labels) = (row_of(features, row), row_of(labels, row));
            let (greatest, sum) = rows::exponentials(&own, &mut held);
            let log = T::of(sum.ln());
            let terms = own.iter().zip(&labels).map(|(x, label)| {
                if *label == T::default() { 0.0 } else { label.by(log.less(x.less(greatest))).double() }
            });
            *out = T::of(terms.sum());
        }
    })?;
    let backprops = cx.fill::<T>(&backprop.shape, classes.max(1) * rows::together(classes), |first, out| {
        for (row, out) in (first / classes.max(1)..).zip(out.chunks_mut(classes.max(1))) {
            rows::softmax(&row_of(features, row), out);
            out.iter_mut().zip(row_of(labels, row)).for_each(|(out, label)| *out = out.less(label));
        }
    })?;
    Ok((losses, backprops))
}
