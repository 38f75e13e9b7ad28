//! `InTopKV2`: whether the target is among the k best.
//!
//! No edge cases: it compares elements; what NaN and infinities do stands in its documentation.

use node_core::type_rule::Index;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use crate::nn::rows;
use crate::{computed, given};

const PREDICTIONS: In<f32> = In::new("predictions", "Scores; shape [batch, classes].");
const TARGETS: In<Index> = In::new("targets", "The right class of each row; shape [batch].").of("T").parameter();
const K: In<Index> = In::new("k", "How many count as best; a scalar.").of("T").parameter();
const PRECISION: Out<bool> = Out::new("output", "Whether it is among them; shape [batch].").aliases(&["precision"]);

register_block!(
    BlockSpec::new(
        "InTopKV2",
        "Gather and scatter",
        "Whether the target is among the k best.",
        "True for each row of `predictions` in which fewer than `k` are greater than that of the row's target. \
         False where the target is no column, and where what decides is NaN or infinite.",
    )
    .ports([PREDICTIONS.port(), TARGETS.port(), K.port(), PRECISION.port()])
    .aliases(["InTopK"])
    .code(InTopKV2)
);

struct InTopKV2;

impl Block for InTopKV2 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let rows = given::dims(cx, PREDICTIONS, 2)?.and_then(|dims| dims[0]);
        let targets = given::dims(cx, TARGETS, 1)?.and_then(|dims| dims[0]);
        given::scalar(cx, K)?;
        if let (Some(rows), Some(targets)) = (rows, targets)
            && rows != targets
        {
            return Err(vec![Fault::at("targets", format!("has {targets} numbers, but predictions {rows} rows"))]);
        }
        Ok(vec![TensorType::new(DType::Bool, PartialShape::of_dims(vec![rows.or(targets)]))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(PREDICTIONS)?;
        let classes = cx.operand_type(input, 0)?.shape.dims()[1];
        let (target, row) = (targets(cx)?[cx.flat()], cx.flat());
        if usize::try_from(target).map_or(true, |target| target >= classes) {
            return Ok(Reason::of_itself(format!("targets[{row}] = {target} is no column of predictions")));
        }
        let from = (0..classes).map(|class| Origin { input, item: 0, flat: row * classes + class }).collect();
        let k = given::scalar(cx, K)?.unwrap_or_default();
        Ok(computed::from(
            cx,
            format!("whether fewer than {k} of row {row} are greater than predictions[{row}, {target}]"),
            from,
        ))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (predictions, ty) = (cx.tensor(PREDICTIONS)?, &cx.outputs()[0]);
        let classes = predictions.shape().dims()[1];
        let (scores, targets) = (cx.slice(PREDICTIONS)?, targets(cx)?);
        let k = given::scalar(cx, K)?.unwrap_or_default();
        Ok(vec![cx.fill::<bool>(&ty.shape, rows::together(classes), |first, out| {
            for (row, out) in (first..).zip(out) {
                *out = is_in(&scores[row * classes..(row + 1) * classes], targets[row], k);
            }
        })?])
    }
}

fn targets(cx: &InferCx<'_>) -> Result<Vec<i64>, Vec<Fault>> {
    Ok(given::vector(cx, TARGETS)?.unwrap_or_default())
}

fn is_in(scores: &[f32], target: i64, k: i64) -> bool {
    let own = usize::try_from(target).ok().and_then(|target| scores.get(target));
    let Some(own) = own.filter(|own| own.is_finite()) else { return false };
    let mut greater = 0;
    for score in scores {
        if !score.is_finite() {
            return false;
        }
        greater += i64::from(score > own);
        if greater > k {
            break;
        }
    }
    greater < k
}
