//! `Unique`: the different elements of a vector.
//!
//! No edge cases: it compares elements; what -0 and NaN are stands in its documentation.

use std::collections::HashMap;
use std::sync::Arc;

use node_core::dtype::Kind;
use node_core::kernel::Lane as _;
use node_core::type_rule::{Index, Same};
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Element, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor,
    TensorType, WhyCx, for_dtype, for_operand, register_block,
};

use crate::{computed, given};

const X: In<Same> = In::new("x", "A vector.").parameter();
const OUT_IDX: AttrKey<DType> =
    AttrKey::one_of_dtypes("out_idx", &[DType::Int32, DType::Int64], Some(DType::Int32), "The data type of `idx`.");
const Y: Out<Same> = Out::new("y", "The different elements; a vector.");
const IDX: Out<Index> = Out::new("idx", "Where in `y` each element of `x` is; as long as `x`.").of("out_idx");

register_block!(
    BlockSpec::new(
        "Unique",
        "Gather and scatter",
        "The different elements of a vector.",
        "Each element that is in `x`, once, in the order in which they come, and for each element of `x` which of \
         them it is. 0 and -0 are one, but two in narrow floats, as in TensorFlow; each NaN is another.",
    )
    .ports([X.port()])
    .attrs([OUT_IDX.spec()])
    .ports([Y.port(), IDX.port()])
    .code(Unique)
);

struct Unique;

impl Block for Unique {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let len = given::dims(cx, X, 1)?.and_then(|dims| dims[0]);
        let count = cx.find_tensor(X).map(|x| firsts(x).0.len());
        let vector = |len| PartialShape::of_dims(vec![len]);
        Ok(vec![TensorType::new(cx.dtype(X)?, vector(count)), TensorType::new(cx.attr(OUT_IDX)?, vector(len))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(X)?;
        let (firsts, which) = firsts(cx.tensor(X)?);
        let origin = |flat| Origin { input, item: 0, flat };
        let (own, because) = match cx.output() {
            0 => (firsts[cx.flat()], format!("{}, where it occurs first", cx.name_of(origin(firsts[cx.flat()])))),
            _ => (cx.flat(), format!("which of y {} is", cx.name_of(origin(cx.flat())))),
        };
        Ok(computed::chosen(cx, because, origin(own), (0..which.len()).map(origin)))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let x = cx.tensor(X)?;
        let (firsts, which) = firsts(x);
        let y = for_dtype!(x.dtype(), T => picked::<T>(x, &firsts));
        let idx = match cx.attr(OUT_IDX)? {
            DType::Int64 => Tensor::vector(which.into_iter().map(|at| at as i64).collect()),
            _ => Tensor::vector(which.into_iter().map(|at| at as i32).collect()),
        };
        Ok(vec![y, idx])
    }
}

fn picked<T: Element>(x: &Tensor, places: &[usize]) -> Tensor {
    let x = x.slice::<T>().unwrap_or_default();
    Tensor::vector(places.iter().map(|at| x[*at].clone()).collect())
}

/// Where each different element comes first, and for each element which of them it is.
fn firsts(x: &Tensor) -> (Vec<usize>, Vec<usize>) {
    fn by_key<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = Option<K>>) -> (Vec<usize>, Vec<usize>) {
        let (mut seen, mut firsts, mut which) = (HashMap::new(), Vec::new(), Vec::new());
        for (at, key) in keys.enumerate() {
            let next = firsts.len();
            let number = match key {
                Some(key) => *seen.entry(key).or_insert(next),
                None => next,
            };
            if number == next {
                firsts.push(at);
            }
            which.push(number);
        }
        (firsts, which)
    }
    if let Some(texts) = x.slice::<Arc<str>>() {
        return by_key(texts.iter().map(Some));
    }
    for_operand!(x.dtype(), T => {
        let is_narrow = x.dtype().kind() == Kind::Narrow;
        let key = |element: &T| {
            let zero = T::default();
            // What equals 0 is 0, but for narrow floats; what does not equal itself is another each time.
            let element = if *element == zero && !is_narrow { zero } else { *element };
            element.partial_cmp(&element).map(|_| element.to_bits64())
        };
        by_key(x.slice::<T>().unwrap_or_default().iter().map(key))
    }, else (Vec::new(), Vec::new()))
}
