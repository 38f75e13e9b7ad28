//! Where along an axis the greatest or the least element is.

use node_core::kernel::Operand;
use node_core::type_rule::{Index, Numeric};
use node_core::why::Origin;
use node_core::{
    DType, Fault, In, InferCx, KnownType, PartialShape, Reason, RunCx, Shape, Tensor, TensorType, WhyCx, for_operand,
};

use crate::numbers::{Castable, Exact};
use crate::{axis, computed, given};

/// The elements along an axis: how many, and how far apart neighbours are.
pub struct Lane {
    /// How many.
    pub len: usize,
    /// How far apart neighbours are.
    pub stride: usize,
}

impl Lane {
    /// Along the axis that is given.
    pub fn of(shape: &Shape, given: Option<i64>) -> Result<Lane, Vec<Fault>> {
        let axis = axis::of(given.unwrap_or_default(), shape.rank(), "dimension")?;
        Ok(Lane { len: shape.dims()[axis], stride: shape.dims()[axis + 1..].iter().product() })
    }

    /// The first element of result number `result`.
    pub fn first(&self, result: usize) -> usize {
        result / self.stride * self.stride * self.len + result % self.stride
    }

    /// For each result where along the axis the element is that comes before all others; what is no number is passed over.
    pub fn places<T: Operand>(
        &self,
        cx: &RunCx<'_>,
        elements: &[T],
        shape: &Shape,
        before: impl Fn(&T, &T) -> bool + Sync,
    ) -> Result<Tensor, Vec<Fault>> {
        let is_number = |element: T| element.partial_cmp(&element).is_some();
        cx.fill::<i64>(shape, ((1 << 15) / self.len.max(1)).max(1), |first, out| {
            for (result, out) in (first..).zip(out) {
                let (first, mut best) = (self.first(result), None);
                for nth in 0..self.len {
                    let element = elements[first + nth * self.stride];
                    if is_number(element) && best.is_none_or(|(_, best)| before(&element, &best)) {
                        best = Some((nth, element));
                    }
                }
                *out = best.map_or(0, |(nth, _)| nth as i64);
            }
        })
    }
}

/// The type of the indices.
pub fn infer(
    cx: &InferCx<'_>,
    input: In<Numeric>,
    dimension: In<Index>,
    dtype: DType,
) -> Result<Vec<TensorType>, Vec<Fault>> {
    let shape = cx.shape(input)?;
    let shape = match (shape.dims(), given::scalar(cx, dimension)?) {
        (Some(dims), Some(given)) => {
            let axis = axis::of(given, dims.len(), "dimension")?;
            let mut dims = dims.to_vec();
            if dims.remove(axis) == Some(0) && !dims.contains(&Some(0)) {
                let message = format!("has no elements along axis {axis}, of which none is the first");
                return Err(vec![Fault::at(input.name(), message)]);
            }
            PartialShape::of_dims(dims)
        }
        (dims, _) => given::of_rank(dims.and_then(|dims| dims.len().checked_sub(1))),
    };
    Ok(vec![TensorType::new(dtype, shape)])
}

/// Which element the index is of.
pub fn why(cx: &WhyCx<'_>, input: In<Numeric>, dimension: In<Index>, word: &str) -> Result<Reason, Vec<Fault>> {
    let input = cx.input_number(input)?;
    let lane = Lane::of(&cx.operand_type(input, 0)?.shape, given::scalar(cx, dimension)?)?;
    let first = lane.first(cx.flat());
    let from = (0..lane.len).map(|nth| Origin { input, item: 0, flat: first + nth * lane.stride }).collect();
    let name = cx.name_of(Origin { input, item: 0, flat: first });
    Ok(computed::from(cx, format!("where the {word} of {} elements is, from {name} on", lane.len), from))
}

/// Indices as another type of whole numbers.
pub fn as_type(cx: &RunCx<'_>, indices: Tensor, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    if ty.dtype == DType::Int64 {
        return Ok(indices);
    }
    let indices = indices.slice::<i64>().unwrap_or_default();
    for_operand!(ty.dtype, T => cx.fill::<T>(&ty.shape, 1 << 15, |first, out| {
        for (out, index) in out.iter_mut().zip(&indices[first..]) {
            *out = <T as Castable>::of(Exact::Whole(i128::from(*index)));
        }
    }), else Err(vec![Fault::attrs("output_type must be of whole numbers")]))
}
