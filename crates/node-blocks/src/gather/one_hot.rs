//! `OneHot`: vectors with one element on.
//!
//! No edge cases: it copies two values without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Element, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Shape,
    Tensor, TensorType, WhyCx, for_dtype, register_block,
};

use crate::{axis, given};

const INDICES: In<Index> = In::new("indices", "Which element is on; any shape.").of("TI").among(&[
    DType::Int64,
    DType::Int32,
    DType::Int8,
    DType::UInt8,
]);
const DEPTH: In<i32> = In::new("depth", "How long the new axis is; a scalar.").parameter();
const ON_VALUE: In<Same> = In::new("on_value", "What stands at the index; a scalar.");
const OFF_VALUE: In<Same> = In::new("off_value", "What stands elsewhere; a scalar.");
const AXIS: AttrKey<i64> = AttrKey::int("axis", -1, "Where the new axis stands; -1 puts it last.");
const OUTPUT: Out<Same> = Out::new("output", "The axes of `indices`, with one of `depth` more.");

register_block!(
    BlockSpec::new(
        "OneHot",
        "Gather and scatter",
        "Vectors with one element on.",
        "For each index a new axis of `depth` elements, `on_value` at the index and `off_value` elsewhere; all are \
         off where the index is out of range.",
    )
    .ports([INDICES.port(), DEPTH.port(), ON_VALUE.port(), OFF_VALUE.port()])
    .attrs([AXIS.spec()])
    .ports([OUTPUT.port()])
    .code(OneHot)
);

struct OneHot;

impl Block for OneHot {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        given::must_be_scalar(cx, ON_VALUE)?;
        given::must_be_scalar(cx, OFF_VALUE)?;
        let dtype = cx.dtype(ON_VALUE)?;
        let depth = match given::scalar(cx, DEPTH)? {
            Some(depth) => Some(given::len(depth, "depth")?),
            None => None,
        };
        let Some(dims) = cx.shape(INDICES)?.dims() else {
            return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]);
        };
        let mut dims = dims.to_vec();
        dims.insert(axis::of_new(cx.attr(AXIS)?, dims.len(), "attrs")?, depth);
        Ok(vec![TensorType::new(dtype, given::shape(dims, "depth")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (depth, inner) = lie(cx, cx.shape())?;
        let (flat, place) = element(cx.flat(), depth, inner);
        let index = Origin { input: cx.input_number(INDICES)?, item: 0, flat };
        let value = cx.scalar_at(index)?;
        let is_on = value.as_f64() == Some(place as f64);
        let port = if is_on { ON_VALUE } else { OFF_VALUE };
        let from = vec![Origin { input: cx.input_number(port)?, item: 0, flat: 0 }, index];
        let (name, is) = (cx.name_of(index), if is_on { "is" } else { "is not" });
        let because = format!("{}, because {name} = {value} {is} {place}", port.name());
        Ok(Reason { because, from, ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let indices = cx.tensor(INDICES)?.integers().unwrap_or_default();
        let (depth, inner) = lie(cx, &ty.shape)?;
        let place = |flat: usize| element(flat, depth, inner);
        let is_on = |flat: usize| indices[place(flat).0] == place(flat).1 as i64;
        for_dtype!(ty.dtype, T => Ok(vec![chosen::<T>(cx, [cx.tensor(ON_VALUE)?, cx.tensor(OFF_VALUE)?], is_on, ty)?]))
    }
}

/// One of two values everywhere.
fn chosen<T: Element>(
    cx: &RunCx<'_>,
    values: [&Tensor; 2],
    is_first: impl Fn(usize) -> bool + Sync,
    ty: &KnownType,
) -> Result<Tensor, Vec<Fault>> {
    let value = |tensor: &Tensor| tensor.slice::<T>().and_then(|v| v.first().cloned()).unwrap_or_default();
    let [first_value, other] = values.map(value);
    cx.write::<T>(&ty.shape, 1 << 14, |first, out| {
        for (flat, out) in (first..).zip(out) {
            out.clone_from(if is_first(flat) { &first_value } else { &other });
        }
    })
}

/// How long the new axis is, and how many elements lie behind it.
fn lie(cx: &InferCx<'_>, shape: &Shape) -> Result<(usize, usize), Vec<Fault>> {
    let at = axis::of(cx.attr(AXIS)?, shape.rank(), "attrs")?;
    Ok((shape.dims()[at], shape.dims()[at + 1..].iter().product()))
}

/// The index that an element belongs to, and its place along the new axis.
fn element(flat: usize, depth: usize, inner: usize) -> (usize, usize) {
    let outer = flat / (depth * inner);
    (outer * inner + flat % inner, flat / inner % depth)
}
