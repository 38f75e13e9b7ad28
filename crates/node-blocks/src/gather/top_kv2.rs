//! `TopKV2`: the greatest elements of each row.
//!
//! No edge cases: it compares elements, as Maximum does; what NaN is taken for TensorFlow leaves open.

use node_core::type_rule::{Index, Real};
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    for_operand, register_block,
};

use crate::{computed, given};

const INPUT: In<Real> = In::new("input", "At least one dimension; the last is at least `k` long.");
const K: In<Index> =
    In::new("k", "How many; a scalar.").of("Tk").among(&[DType::Int32, DType::Int64, DType::Int16]).parameter();
const SORTED: AttrKey<bool> = AttrKey::bool("sorted", true, "Whether the order matters; they are sorted either way.");
const INDEX_TYPE: AttrKey<DType> = AttrKey::one_of_dtypes(
    "index_type",
    &[DType::Int32, DType::Int64],
    Some(DType::Int32),
    "The data type of `indices`.",
);
const VALUES: Out<Real> = Out::new("values", "The elements; `k` along the last axis.");
const INDICES: Out<Index> = Out::new("indices", "Where they were along the last axis.").of("index_type");

register_block!(
    BlockSpec::new(
        "TopKV2",
        "Gather and scatter",
        "The greatest elements of each row.",
        "The `k` greatest elements along the last axis, the greatest first, and where they were; of equals the one \
         that comes first. NaN counts as less than every number. Where `sorted` is false TensorFlow leaves the \
         order open: it is the same here.",
    )
    .ports([INPUT.port(), K.port()])
    .attrs([SORTED.spec(), INDEX_TYPE.spec()])
    .ports([VALUES.port(), INDICES.port()])
    .aliases(["TopK"])
    .code(TopKV2)
);

struct TopKV2;

impl Block for TopKV2 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (dtype, shape) = (cx.dtype(INPUT)?, cx.shape(INPUT)?);
        let k = match given::scalar(cx, K)? {
            Some(k) => Some(given::len(k, "k")?),
            None => None,
        };
        let shape = match shape.dims() {
            None => PartialShape::unknown(),
            Some([]) => return Err(vec![Fault::at("input", "is a scalar, which has no rows")]),
            Some([outer @ .., last]) => {
                if let (Some(k), Some(last)) = (k, last)
                    && k > *last
                {
                    return Err(vec![Fault::at("k", format!("is {k}, but the rows have only {last}"))]);
                }
                PartialShape::of_dims(outer.iter().copied().chain([k]).collect())
            }
        };
        Ok(vec![TensorType::new(dtype, shape.clone()), TensorType::new(cx.attr(INDEX_TYPE)?, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(INPUT)?;
        let tensor = cx.operand(input, 0)?;
        let (row, k) =
            (tensor.shape().dims().last().copied().unwrap_or(1), cx.shape().dims().last().copied().unwrap_or(1));
        let (number, nth) = (cx.flat() / k, cx.flat() % k);
        let at = for_operand!(tensor.dtype(), T => {
            top(&tensor.slice::<T>().unwrap_or_default()[number * row..(number + 1) * row], k)[nth]
        }, else 0);
        let origin = Origin { input, item: 0, flat: number * row + at };
        let because = format!("{}, number {nth} of its row when sorted", cx.name_of(origin));
        let all = (number * row..(number + 1) * row).map(|flat| Origin { flat, ..origin });
        Ok(computed::chosen(cx, because, origin, all))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (tensor, ty) = (cx.tensor(INPUT)?, &cx.outputs()[0]);
        let (row, k) =
            (tensor.shape().dims().last().copied().unwrap_or(1), ty.shape.dims().last().copied().unwrap_or(1));
        let places = for_operand!(ty.dtype, T => {
            let elements = tensor.slice::<T>().unwrap_or_default();
            cx.fill::<i64>(&ty.shape, k.max(1), |first, out| {
                let number = first / k.max(1);
                let row = &elements[number * row..(number + 1) * row];
                out.iter_mut().zip(top(row, k)).for_each(|(out, at)| *out = at as i64);
            })
        }, else Err(vec![Fault::at("input", "must be of numbers")]))?;
        let at = places.slice::<i64>().unwrap_or_default();
        let values = for_operand!(ty.dtype, T => {
            let elements = tensor.slice::<T>().unwrap_or_default();
            cx.fill::<T>(&ty.shape, 1 << 14, |first, out| {
                for (flat, out) in (first..).zip(out) {
                    *out = elements[flat / k * row + at[flat] as usize];
                }
            })
        }, else Err(vec![Fault::at("input", "must be of numbers")]))?;
        if cx.attr(INDEX_TYPE)? == DType::Int64 {
            return Ok(vec![values, places]);
        }
        let indices = cx.fill::<i32>(&ty.shape, 1 << 14, |first, out| {
            out.iter_mut().zip(&at[first..]).for_each(|(out, at)| *out = *at as i32);
        })?;
        Ok(vec![values, indices])
    }
}

/// Places of the `k` greatest elements of a row, the greatest first, of equals the first; NaN last.
fn top<T: PartialOrd>(row: &[T], k: usize) -> Vec<usize> {
    let is_nan = |at: usize| row[at].partial_cmp(&row[at]).is_none();
    let order = |a: &usize, b: &usize| {
        let by_value = row[*b].partial_cmp(&row[*a]).unwrap_or_else(|| is_nan(*a).cmp(&is_nan(*b)));
        by_value.then(a.cmp(b))
    };
    let mut places: Vec<usize> = (0..row.len()).collect();
    if k > 0 && k < places.len() {
        places.select_nth_unstable_by(k - 1, order);
    }
    places.truncate(k);
    places.sort_unstable_by(order);
    places
}
