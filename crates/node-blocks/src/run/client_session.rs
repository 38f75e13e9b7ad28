//! `ClientSession`: what a run fetches.

use std::sync::Arc;

use node_core::type_rule::Any;
use node_core::{AttrKey, Block, BlockSpec, Fault, In, InferCx, Role, RunCx, Tensor, TensorType, register_block};

const FETCH_OUTPUTS: In<Any> =
    In::new("fetch_outputs", "The tensors to fetch, any number, in order.").list(None).optional();

const TARGET: AttrKey<Arc<str>> = AttrKey::text(
    "target",
    "",
    "The TensorFlow cluster to run on: `grpc://HOST:PORT`, or `grpcs://` with TLS; empty for this machine.",
);

register_block!(
    BlockSpec::new(
        "ClientSession",
        "Run",
        "Fetches what is wired to it.",
        "When a page has one, `nudge run` fetches exactly what is wired to its `fetch_outputs`, in order, \
           instead of every output that no wire leaves. With a `target` `nudge run` runs the page on TensorFlow's own runtime there; the window has it ready under Run › Run on….",
    )
    .role(Role::Fetch)
    .ports([FETCH_OUTPUTS.port()])
    .attrs([TARGET.spec()])
    .code(ClientSession)
);

struct ClientSession;

impl Block for ClientSession {
    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(Vec::new())
    }

    fn compute(&self, _: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(Vec::new())
    }
}
