//! `Mean`: the mean over axes.

use node_core::port::Real;
use node_core::{
    ATTRS, AttrKey, Block, BlockSpec, DType, Element, Fault, In, InferCx, Out, PartialShape, Role, RunCx, SCOPE, Shape,
    Tensor, TensorType, register_block,
};

use super::sum::sum;

const INPUT: In<Real> = In::new("input", "The tensor to reduce; any shape.");
const AXIS: In<i32> =
    In::new("axis", "The axes to reduce, a scalar or a vector; negative ones count from the end. All if unconnected.")
        .optional();
const KEEP_DIMS: AttrKey<bool> = AttrKey::bool("keep_dims", false, "Keep reduced axes, with length 1.");
const OUTPUT: Out<Real> = Out::new("output", "The means; the shape of `input` without the reduced axes.");

static SPEC: BlockSpec = BlockSpec {
    name: "Mean",
    category: "Math",
    summary: "Mean over axes.",
    docs: "The mean over the axes in `axis`, or over all when it is left unconnected. float32 is summed in double \
           precision in a fixed order, so the bits never depend on threads; TensorFlow agrees to about 1e-6. \
           The mean of no elements is NaN. Integers are divided towards zero.",
    role: Role::Operation,
    ports: &[SCOPE, INPUT.port(), AXIS.port(), ATTRS, OUTPUT.port()],
    attrs: &[KEEP_DIMS.spec()],
};

struct Mean;
register_block!(Mean);

impl Block for Mean {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let input = cx.input(INPUT)?;
        let keep = cx.attr(KEEP_DIMS)?;
        let axis = cx.find(AXIS);
        if let Some(rank) = axis.and_then(|a| a.ty.shape.rank()).filter(|rank| *rank > 1) {
            return Err(vec![Fault::at("axis", format!("must be a scalar or a vector, but has rank {rank}"))]);
        }
        let shape = match (input.ty.shape.dims(), axis.map(|a| a.value.as_ref())) {
            (Some(dims), None) => reduced(dims, &vec![true; dims.len()], keep),
            (Some(dims), Some(Some(axes))) => {
                reduced(dims, &mask(axes, dims.len()).map_err(|fault| vec![fault])?, keep)
            }
            (Some(dims), Some(None)) if keep => PartialShape::of_dims(vec![None; dims.len()]),
            (None, None) if !keep => PartialShape::from(&Shape::scalar()),
            _ => PartialShape::unknown(),
        };
        Ok(vec![TensorType::new(input.ty.dtype, shape)])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Fault> {
        let input = cx.input(INPUT)?;
        let rank = input.shape().rank();
        let mask = match cx.find(AXIS) {
            Some(axes) => mask(axes, rank)?,
            None => vec![true; rank],
        };
        let shape = cx.output_shape(0)?;
        let result = match input.dtype() {
            DType::Float32 => mean(input, &mask, shape, f64::from, |sum, n| sum as f32 / n as f32),
            DType::Float64 => mean(input, &mask, shape, |v: f64| v, |sum, n| sum / n as f64),
            DType::Int32 => integer_mean(input, &mask, shape, i64::from, |v| v as i32)?,
            DType::Int64 => integer_mean(input, &mask, shape, |v: i64| v, |v| v)?,
            DType::Bool | DType::String => None,
        };
        result.map(|tensor| vec![tensor]).ok_or_else(|| Fault::at("input", "has no mean"))
    }
}

fn reduced(dims: &[Option<usize>], mask: &[bool], keep: bool) -> PartialShape {
    let kept = dims.iter().zip(mask).filter_map(|(dim, reduce)| match (reduce, keep) {
        (false, _) => Some(*dim),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    });
    PartialShape::of_dims(kept.collect())
}

/// For each axis whether it is reduced.
fn mask(axes: &Tensor, rank: usize) -> Result<Vec<bool>, Fault> {
    let mut mask = vec![false; rank];
    for &axis in axes.slice::<i32>().unwrap_or_default() {
        let from_start = if axis < 0 { i64::from(axis) + rank as i64 } else { i64::from(axis) };
        let slot = usize::try_from(from_start).ok().and_then(|i| mask.get_mut(i));
        let Some(slot) = slot else {
            return Err(Fault::at("axis", format!("{axis} is no axis of an input of {rank} dimensions")));
        };
        if std::mem::replace(slot, true) {
            return Err(Fault::at("axis", format!("names axis {from_start} twice")));
        }
    }
    Ok(mask)
}

/// For each output element the flat positions of the input elements that it is made of: a base and shared offsets.
fn groups(shape: &Shape, mask: &[bool]) -> (Vec<usize>, Vec<usize>) {
    let mut stride = 1;
    let (mut kept, mut reduced) = (vec![0], vec![0]);
    for (&dim, &reduce) in shape.dims().iter().zip(mask).rev() {
        let list = if reduce { &mut reduced } else { &mut kept };
        *list = (0..dim).flat_map(|i| list.iter().map(move |base| base + i * stride)).collect();
        stride *= dim;
    }
    (kept, reduced)
}

fn mean<T: Element + Copy>(
    input: &Tensor,
    mask: &[bool],
    shape: &Shape,
    widen: impl Fn(T) -> f64,
    divide: impl Fn(f64, usize) -> T,
) -> Option<Tensor> {
    let elements = input.slice::<T>()?;
    if mask.iter().all(|reduce| *reduce) {
        let total = sum(elements.len(), |i| widen(elements[i]));
        return Tensor::new(shape.clone(), vec![divide(total, elements.len())]).ok();
    }
    let (bases, offsets) = groups(input.shape(), mask);
    let means =
        bases.iter().map(|base| divide(sum(offsets.len(), |i| widen(elements[base + offsets[i]])), offsets.len()));
    Tensor::new(shape.clone(), means.collect()).ok()
}

fn integer_mean<T: Element + Copy>(
    input: &Tensor,
    mask: &[bool],
    shape: &Shape,
    widen: impl Fn(T) -> i64,
    narrow: impl Fn(i64) -> T,
) -> Result<Option<Tensor>, Fault> {
    let Some(elements) = input.slice::<T>() else { return Ok(None) };
    let (bases, offsets) = groups(input.shape(), mask);
    if offsets.is_empty() && !bases.is_empty() {
        return Err(Fault::at("input", format!("has no elements; the mean of no {} is not defined", T::DTYPE)));
    }
    let means = bases.iter().map(|base| {
        let total = offsets.iter().fold(0i64, |sum, i| sum.wrapping_add(widen(elements[base + i])));
        let total = widen(narrow(total));
        narrow(total / offsets.len() as i64)
    });
    Ok(Tensor::new(shape.clone(), means.collect()).ok())
}
