//! `InvertPermutation`: the permutation that undoes another.
//!
//! No edge cases: its elements are places, and what is none is refused.

use node_core::type_rule::Index;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use crate::given;

const X: In<Index> = In::new("x", "A permutation of 0 to n - 1; a vector.").of("T").parameter();
const Y: Out<Index> = Out::new("output", "Element `x[i]` is i; a vector as long as `x`.").of("T").aliases(&["y"]);

register_block!(
    BlockSpec::new(
        "InvertPermutation",
        "Arrays",
        "The permutation that undoes another.",
        "Where x says that place i goes to `x[i]`, the output says which place has come to i. x must hold 0 to n - \
         1, each once.",
    )
    .ports([X.port(), Y.port()])
    .code(InvertPermutation)
);

struct InvertPermutation;

impl Block for InvertPermutation {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        given::dims(cx, X, 1)?;
        if let Some(x) = given::vector(cx, X)? {
            inverse(&x)?;
        }
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let inverse = inverse(&given::vector(cx, X)?.unwrap_or_default())?;
        let origin = Origin { input: cx.input_number(X)?, item: 0, flat: inverse[cx.flat()] };
        let because = format!("{} is {}", cx.name_of(origin), cx.flat());
        Ok(Reason { because, from: vec![origin], ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let inverse = inverse(&given::vector(cx, X)?.unwrap_or_default())?;
        Ok(vec![match cx.dtype(X)? {
            DType::Int64 => Tensor::vector(inverse.into_iter().map(|place| place as i64).collect()),
            _ => Tensor::vector(inverse.into_iter().map(|place| place as i32).collect()),
        }])
    }
}

fn inverse(x: &[i64]) -> Result<Vec<usize>, Vec<Fault>> {
    let mut inverse = vec![None; x.len()];
    for (place, to) in x.iter().enumerate() {
        let at = usize::try_from(*to).ok().and_then(|to| inverse.get_mut(to));
        let Some(at) = at else {
            return Err(vec![Fault::at("x", format!("[{place}] is {to}, not between 0 and {}", x.len() - 1))]);
        };
        if at.replace(place).is_some() {
            return Err(vec![Fault::at("x", format!("holds {to} twice"))]);
        }
    }
    Ok(inverse.into_iter().flatten().collect())
}
