//! `Attrs`: a set of attributes for many blocks.

use node_core::{Block, BlockSpec, Fault, InferCx, Role, RunCx, Tensor, TensorType, register_block};

register_block!(
    BlockSpec::new(
        "Attrs",
        "Sources",
        "A set of attributes for many blocks.",
        "Holds any attributes under any names and gives them to every block whose `attrs` port it is wired to. \
           A forward block and its gradient must agree on their range: with one set for both they cannot disagree.\n\n\
           A wired value wins over the block's own. A block may take several sets, as long as no two give one name.",
    )
    .role(Role::AttributeSet)
    .code(Attrs)
);

struct Attrs;

impl Block for Attrs {
    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(Vec::new())
    }

    fn compute(&self, _: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(Vec::new())
    }
}
