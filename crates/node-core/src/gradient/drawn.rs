//! The blocks that are put on a page, and which of them are needed.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::{BlockId, BlockNode, Page, PortRef, Wire};
use crate::value::Value;

/// What comes to an input.
pub enum Source {
    /// What an output gives.
    Wire(PortRef),
    /// A literal, as it is written.
    Literal(Value),
}

/// Blocks and wires beside those of a page.
pub struct Drawn {
    /// Ids that blocks, wires, places or frames of the page name.
    named: BTreeSet<BlockId>,
    /// In the order in which they were put there.
    blocks: Vec<BlockId>,
    nodes: BTreeMap<BlockId, BlockNode>,
    /// The wires to each, in their order.
    wires: BTreeMap<BlockId, Vec<Wire>>,
}

impl Drawn {
    /// None yet.
    pub fn over(page: &Page) -> Drawn {
        let mut named: BTreeSet<BlockId> = page.blocks.keys().chain(page.layout.keys()).cloned().collect();
        named.extend(page.wires.iter().flat_map(|wire| [wire.from.block.clone(), wire.to.block.clone()]));
        named.extend(page.decor.frames.values().flat_map(|frame| frame.blocks.iter().cloned()));
        Drawn { named, blocks: Vec::new(), nodes: BTreeMap::new(), wires: BTreeMap::new() }
    }

    /// An id that nothing has: `name`, or the first of `name_1`, `name_2`, … that is free.
    fn free(&self, name: &str) -> Option<BlockId> {
        let is_free = |id: &BlockId| !self.nodes.contains_key(id) && !self.named.contains(id);
        let first = BlockId::new(name).filter(is_free);
        first.or_else(|| (1_u64..).find_map(|nth| BlockId::new(&format!("{name}_{nth}")).filter(is_free)))
    }

    /// Puts a block there.
    pub fn put(&mut self, name: &str, node: BlockNode, inputs: Vec<(String, Source)>) -> Option<BlockId> {
        let id = self.free(name)?;
        let mut node = node;
        let mut into = Vec::new();
        for (port, source) in inputs {
            match source {
                Source::Wire(from) => into.push(Wire { from, to: PortRef::new(&id, &port) }),
                Source::Literal(value) => drop(node.inputs.set(&port, Some(value.into()), None)),
            }
        }
        self.blocks.push(id.clone());
        self.nodes.insert(id.clone(), node);
        self.wires.insert(id.clone(), into);
        Some(id)
    }

    /// What is needed for these, in the order in which it was put there; the rest goes.
    pub fn keep(&mut self, wanted: impl IntoIterator<Item = BlockId>) {
        let mut needed: BTreeSet<BlockId> = wanted.into_iter().collect();
        for id in self.blocks.iter().rev() {
            if needed.contains(id) {
                let sources = self.wires.get(id).into_iter().flatten().map(|wire| wire.from.block.clone());
                needed.extend(sources.collect::<Vec<_>>());
            }
        }
        self.blocks.retain(|id| needed.contains(id));
    }

    /// Gives a block another name.
    pub fn rename(&mut self, from: &BlockId, name: &str) -> Option<BlockId> {
        let to = self.free(name)?;
        let node = self.nodes.remove(from)?;
        self.nodes.insert(to.clone(), node);
        self.blocks.iter_mut().filter(|id| *id == from).for_each(|id| *id = to.clone());
        if let Some(wires) = self.wires.remove(from) {
            self.wires.insert(to.clone(), wires);
        }
        for wire in self.wires.values_mut().flatten() {
            for end in [&mut wire.from, &mut wire.to].into_iter().filter(|end| end.block == *from) {
                end.block = to.clone();
            }
        }
        Some(to)
    }

    /// The type of a block that was put here.
    pub fn type_of(&self, id: &BlockId) -> Option<&str> {
        self.nodes.get(id).map(|node| node.type_name.as_str())
    }

    /// All that was put here and kept.
    pub fn all(mut self) -> (Vec<(BlockId, BlockNode)>, Vec<Wire>) {
        let wires = self.blocks.iter().flat_map(|id| self.wires.remove(id).unwrap_or_default()).collect();
        let blocks = self.blocks.into_iter().filter_map(|id| Some((id.clone(), self.nodes.remove(&id)?))).collect();
        (blocks, wires)
    }
}
