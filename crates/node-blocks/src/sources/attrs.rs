//! `Attrs`: a set of attributes for many blocks.

use node_core::{ATTRS_OUT, Block, BlockSpec, Fault, InferCx, Role, RunCx, Tensor, TensorType, register_block};

static SPEC: BlockSpec = BlockSpec {
    name: "Attrs",
    category: "Sources",
    summary: "A set of attributes for many blocks.",
    docs: "Holds any attributes under any names and gives them to every block whose `attrs` port it is wired to. \
           A forward block and its gradient must agree on their range: with one set for both they cannot disagree.\n\n\
           A wired value wins over the block's own. A block may take several sets, as long as no two give one name.",
    role: Role::AttributeSet,
    ports: &[ATTRS_OUT],
    attrs: &[],
};

struct Attrs;
register_block!(Attrs);

impl Block for Attrs {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(Vec::new())
    }

    fn compute(&self, _: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(Vec::new())
    }
}
