//! The tensors of a run, by the inputs that they come to.

use node_core::check::Source;
use node_core::{BlockId, Tensor};
use node_engine::Results;

use super::setup::Setup;

/// What comes to an input of a block.
pub fn at_input(setup: &Setup, results: &Results, id: &BlockId, input: &str) -> Option<Tensor> {
    let block = setup.checked.blocks.get(id)?;
    let nth = block.spec()?.input_index(input)?;
    match block.inputs.get(nth)?.first()? {
        Source::Output { block, index } => results.tensor(block.as_str(), *index).cloned(),
        Source::Literal => Some(block.literals.get(nth)?.as_ref()?.tensor.clone()),
    }
}
