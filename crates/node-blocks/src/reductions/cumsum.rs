//! `Cumsum`: sums up to each element.
//!
//! No edge cases: it adds elements, as AddN does.

use node_core::type_rule::{Index, Real};
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Shape, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use super::scan::{self, Scan};
use crate::numbers::{Arithmetic, Castable, Exact};
use crate::{computed, given};

const X: In<Real> = In::new("x", "At least one dimension.");
const AXIS: In<Index> = In::new("axis", "The axis to go along; a scalar.").parameter();
const EXCLUSIVE: AttrKey<bool> = AttrKey::bool("exclusive", false, "Whether each element's own is left out.");
const REVERSE: AttrKey<bool> = AttrKey::bool("reverse", false, "Whether it begins at the end.");
const OUT: Out<Real> = Out::new("output", "The sums; shape of `x`.").aliases(&["out"]);

register_block!(
    BlockSpec::new(
        "Cumsum",
        "Reductions",
        "Sums up to each element.",
        "Each element of the output is the sum of the elements up to its place along `axis`, added up in order in \
         the data type. With `exclusive` its own is left out, so that the first is 0; with `reverse` it begins at \
         the end. Integers wrap.",
    )
    .ports([X.port(), AXIS.port()])
    .attrs([EXCLUSIVE.spec(), REVERSE.spec()])
    .ports([OUT.port()])
    .code(Cumsum)
);

struct Cumsum;

impl Block for Cumsum {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        scan::infer(cx, X, AXIS)
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let from = scan_of(cx, cx.shape())?.up_to(cx.flat());
        let input = cx.input_number(X)?;
        let from = from.into_iter().map(|flat| Origin { input, item: 0, flat }).collect();
        computed::joined(cx, from, " + ", "0, the sum of nothing")
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (x, ty) = (cx.tensor(X)?, &cx.outputs()[0]);
        let scan = scan_of(cx, &ty.shape)?;
        for_operand!(ty.dtype, T => {
            let start = <T as Castable>::of(Exact::Whole(0));
            Ok(vec![scan.run(cx, x.slice::<T>().unwrap_or_default(), ty, start, T::plus)?])
        }, else Err(vec![Fault::at("x", "must be of numbers")]))
    }
}

fn scan_of(cx: &InferCx<'_>, shape: &Shape) -> Result<Scan, Vec<Fault>> {
    Scan::new(shape, given::scalar(cx, AXIS)?, cx.attr(EXCLUSIVE)?, cx.attr(REVERSE)?)
}
