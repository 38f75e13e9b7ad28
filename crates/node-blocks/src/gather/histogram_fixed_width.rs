//! `HistogramFixedWidth`: how many values lie in each of equal bins.
//!
//! No edge cases: what lies outside counts in the outermost bins, and NaN is refused.

use node_core::type_rule::{Index, Real};
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use crate::{computed, division, given};

const KINDS: &[DType] = &[DType::Int32, DType::Int64, DType::Float32, DType::Float64];
const VALUES: In<Real> = In::new("values", "The values; any shape.").among(KINDS);
const VALUE_RANGE: In<Real> =
    In::new("value_range", "Where the bins begin and end; shape [2], the first less than the second.").among(KINDS);
const NBINS: In<i32> = In::new("nbins", "How many bins; a scalar, at least 1.").parameter();
const DTYPE: AttrKey<DType> =
    AttrKey::one_of_dtypes("dtype", &[DType::Int32, DType::Int64], Some(DType::Int32), "The data type of the counts.");
const OUT: Out<Index> = Out::new("output", "The counts; a vector of `nbins`.").of("dtype").aliases(&["out"]);

register_block!(
    BlockSpec::new(
        "HistogramFixedWidth",
        "Gather and scatter",
        "How many values lie in each of equal bins.",
        "Counts the values in `nbins` bins of equal width from `value_range[0]` to `value_range[1]`; what lies \
         outside counts in the outermost. NaN is refused, as in TensorFlow.",
    )
    .ports([VALUES.port(), VALUE_RANGE.port(), NBINS.port()])
    .attrs([DTYPE.spec()])
    .ports([OUT.port()])
    .code(HistogramFixedWidth)
);

struct HistogramFixedWidth;

impl Block for HistogramFixedWidth {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        if let Some([Some(ends)]) = given::dims(cx, VALUE_RANGE, 1)?
            && *ends != 2
        {
            return Err(vec![Fault::at("value_range", format!("has {ends} numbers, but must have 2"))]);
        }
        if let Some(range) = cx.find_tensor(VALUE_RANGE) {
            bins(range)?;
        }
        let count = match given::scalar(cx, NBINS)? {
            Some(count) if count < 1 => {
                return Err(vec![Fault::at("nbins", format!("is {count}, but must be at least 1"))]);
            }
            Some(count) => Some(given::len(count, "nbins")?),
            None => None,
        };
        Ok(vec![TensorType::new(cx.attr(DTYPE)?, given::shape(vec![count], "nbins")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(VALUES)?;
        let values = cx.operand(input, 0)?;
        let range = cx.operand(cx.input_number(VALUE_RANGE)?, 0)?;
        let place = places(&values, &range, cx.shape().elements())?;
        let found = place.iter().enumerate().filter(|(_, bin)| **bin == cx.flat());
        let from = found.map(|(flat, _)| Origin { input, item: 0, flat }).collect();
        Ok(computed::from(cx, format!("how many values lie in bin {}", cx.flat()), from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let mut counts = vec![0i64; ty.shape.elements()];
        for bin in places(cx.tensor(VALUES)?, cx.tensor(VALUE_RANGE)?, counts.len())? {
            counts[bin] += 1;
        }
        Ok(vec![match ty.dtype {
            DType::Int64 => Tensor::vector(counts),
            _ => Tensor::vector(counts.into_iter().map(|count| count as i32).collect()),
        }])
    }
}

/// The ends of the range.
fn bins(range: &Tensor) -> Result<(f64, f64), Vec<Fault>> {
    let end = |at| range.element(at).and_then(|end| end.as_f64()).unwrap_or(f64::NAN);
    let (low, high) = (end(0), end(1));
    if low < high && low.is_finite() && high.is_finite() {
        return Ok((low, high));
    }
    Err(vec![Fault::at("value_range", format!("is {low} to {high}, which is no range: the first must be less"))])
}

/// The bin of each value, found in double precision.
fn places(values: &Tensor, range: &Tensor, count: usize) -> Result<Vec<usize>, Vec<Fault>> {
    let (low, high) = bins(range)?;
    let step = (high - low) / count as f64;
    let bin = |flat: usize| {
        let value = values.element(flat).and_then(|value| value.as_f64()).unwrap_or(f64::NAN);
        if value.is_nan() {
            return Err(vec![Fault::at(
                "values",
                format!("element {} is NaN, which lies in no bin", division::index(values, flat)),
            )]);
        }
        let value = value.clamp(low, high);
        let place = (value - low) / step;
        Ok((place.floor() as usize).min(count - 1))
    };
    (0..values.len()).map(bin).collect()
}
