//! `ClientSession`: what a run fetches.

use node_core::port::Any;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Role, RunCx, SCOPE, Tensor, TensorType, register_block};

const FETCH_OUTPUTS: In<Any> = In::new("fetch_outputs", "The tensors to fetch, any number, in order.").list();

static SPEC: BlockSpec = BlockSpec {
    name: "ClientSession",
    category: "Run",
    summary: "Fetches what is wired to it.",
    docs: "When a page has one, `nudge run` fetches exactly what is wired to its `fetch_outputs`, in order, \
           instead of every output that no wire leaves.",
    role: Role::Fetch,
    ports: &[SCOPE, FETCH_OUTPUTS.port()],
    attrs: &[],
};

struct ClientSession;
register_block!(ClientSession);

impl Block for ClientSession {
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
