//! What comes from a cluster, looked at as if it had been computed here: statistics, health, first elements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_core::{
    Block, BlockId, BlockNode, BlockSpec, BlockType, Direction, Fault, Feeds, InferCx, Page, PortKind, PortRef,
    PortSpec, Registry, RunCx, Tensor, TensorType, TypeRule, check,
};
use node_engine::{BlockResult, Request, RunOptions, plan, run_once};

/// Tensors that are there.
struct Arrived(Vec<Tensor>);

impl Block for Arrived {
    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(self.0.iter().map(Tensor::tensor_type).collect())
    }

    fn compute(&self, _: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(self.0.clone())
    }
}

/// The results of blocks of which these outputs have arrived, by block and number of the output; with statistics of those
/// that are `watched`. `counts` says how many outputs a block has.
pub fn results(
    arrived: BTreeMap<BlockId, BTreeMap<usize, Tensor>>,
    watched: &BTreeSet<BlockId>,
    counts: impl Fn(&BlockId) -> usize,
) -> BTreeMap<BlockId, BlockResult> {
    let (mut page, mut registry) = (Page::default(), Registry::new());
    for (id, tensors) in &arrived {
        // A type for each block: it is what it holds.
        let output = |(number, tensor): (usize, &Tensor)| {
            let types = TypeRule::Fixed(tensor.dtype());
            PortSpec::new(format!("output_{number}"), PortKind::Tensor, Direction::Out, types, "")
        };
        let spec = BlockSpec::new(id.to_string(), "", "", "").ports(tensors.values().enumerate().map(output));
        let code: Arc<dyn Block> = Arc::new(Arrived(tensors.values().cloned().collect()));
        // Ids are different, so the names are.
        let _ = registry.add(BlockType { spec, code: Some(code) });
        page.blocks.insert(id.clone(), Arc::new(BlockNode::new(id.as_str())));
    }
    let checked = check(&Arc::new(page), &registry, &Feeds::new());
    let all: Vec<PortRef> = arrived.keys().map(|id| PortRef::new(id, "")).collect();
    let watch: Vec<PortRef> = all.iter().filter(|port| watched.contains(&port.block)).cloned().collect();
    let (health, preview) = (watch.clone(), all.clone());
    let request = Request { fetch: all, watch, health, preview, ..Request::default() };
    let mut found = run_once(&plan(&checked, &request), &RunOptions::with_memory_limit(u64::MAX)).blocks;
    for (id, result) in &mut found {
        let places: Vec<usize> = arrived.get(id).into_iter().flat_map(BTreeMap::keys).copied().collect();
        spread(result, &places, counts(id));
    }
    found
}

/// Puts what is known of outputs at their places among all that the block has.
fn spread(result: &mut BlockResult, places: &[usize], count: usize) {
    fn spread<T>(found: &mut Vec<Option<T>>, places: &[usize], count: usize) {
        let mut all: Vec<Option<T>> = (0..count).map(|_| None).collect();
        for (place, one) in places.iter().zip(found.drain(..)) {
            if let Some(slot) = all.get_mut(*place) {
                *slot = one;
            }
        }
        *found = all;
    }
    if let node_engine::Outcome::Done(tensors) = &mut result.outcome {
        spread(tensors, places, count);
    }
    spread(&mut result.stats, places, count);
    spread(&mut result.health, places, count);
    spread(&mut result.previews, places, count);
}
