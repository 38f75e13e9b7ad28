//! `Cast`: the same values as another data type.

use node_core::kernel::Operand;
use node_core::type_rule::Numeric;
use node_core::why::Words;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Kernel, Out, Reason, TensorType, WhyCx, for_operand,
    register_block,
};

use crate::numbers::Castable;

const X: In<Numeric> = In::new("x", "Numbers or booleans; any shape.").of("SrcT");
const DST_T: AttrKey<DType> = AttrKey::one_of_dtypes("DstT", DType::NUMERIC, None, "The data type to be.");
const TRUNCATE: AttrKey<bool> =
    AttrKey::bool("Truncate", false, "TensorFlow's way of cutting mantissas off, which is not there: false.");
const Y: Out<Numeric> = Out::new("output", "The values as `DstT`; shape of `x`.").of("DstT").aliases(&["y"]);

register_block!(
    BlockSpec::new(
        "Cast",
        "Math",
        "The same values as another data type.",
        "To whole numbers fractions are cut off, towards zero; whole numbers that do not fit wrap. Floats beyond a type of \
         whole numbers become its nearest value, and NaN becomes 0: what TensorFlow gives there depends on the processor. \
         To narrow floats values are rounded by way of float32, as in TensorFlow. What is not 0 is true.",
    )
    .ports([X.port()])
    .attrs([DST_T.spec(), TRUNCATE.spec()])
    .ports([Y.port()])
    .code(Cast)
);

struct Cast;

impl Block for Cast {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        if cx.attr(TRUNCATE)? {
            return Err(vec![Fault::attrs(
                "Truncate is true, which is not there; values are rounded: set it to false",
            )]);
        }
        Ok(vec![TensorType::new(cx.attr(DST_T)?, cx.shape(X)?.clone())])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let (from, to) = (cx.dtype(X)?, cx.attr(DST_T)?);
        if from == to {
            return Ok(vec![Kernel::Same(0)]);
        }
        Ok(for_operand!(from, T => to_any::<T>(to), else Vec::new()))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let formula = format!("x as {}", cx.attr(DST_T)?);
        cx.by_kernels(&self.kernels(cx)?, Some(&Words::Formula(&formula)))
    }
}

fn to_any<S: Operand + Castable>(to: DType) -> Vec<Kernel> {
    for_operand!(to, T => vec![Kernel::map(|x: S| T::of(x.value()))], else Vec::new())
}
