//! The element of which it is asked why it has its value.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_core::check::CheckedPage;
use node_core::{BlockId, PortRef, Wire};
use node_engine::analysis::why::needed;
use node_engine::needed_blocks;

/// An element of an output, and what it takes to tell why it has its value.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// In which inspector.
    pub inspector: u32,
    /// The output.
    pub port: PortRef,
    /// Which element, row-major.
    pub flat: usize,
    /// The blocks whose tensors that takes.
    pub blocks: Arc<BTreeSet<BlockId>>,
    /// The wires on the way back to the sources.
    pub way: Arc<BTreeSet<Wire>>,
    content: u64,
}

impl Inquiry {
    /// Of a page whose content has this number.
    pub(crate) fn new((inspector, port, flat): (u32, PortRef, usize), checked: &CheckedPage, content: u64) -> Inquiry {
        let (fetched, _) = needed(checked, &port);
        let blocks = fetched.into_iter().map(|port| port.block).collect();
        let ids = needed_blocks(checked, std::slice::from_ref(&port));
        let incoming = ids.iter().filter_map(|id| checked.links(id)).flat_map(|links| &links.incoming);
        let is_tensor = |wire: &&Wire| {
            let block = checked.blocks.get(&wire.from.block);
            block.is_some_and(|block| block.output_index(&wire.from.port).is_some())
        };
        let way = incoming.filter(is_tensor).cloned().collect();
        Inquiry { inspector, port, flat, blocks: Arc::new(blocks), way: Arc::new(way), content }
    }

    /// The same of the page as it is now; nothing where the block is gone.
    pub(crate) fn renewed(self, checked: &CheckedPage, content: u64) -> Option<Inquiry> {
        let is_there = checked.blocks.get(&self.port.block)?.output_index(&self.port.port).is_some();
        match self.content == content {
            true => Some(self),
            false => is_there.then(|| Inquiry::new((self.inspector, self.port, self.flat), checked, content)),
        }
    }

    /// Whether it is this element of this output, in this inspector.
    pub fn is(&self, inspector: u32, port: &PortRef, flat: usize) -> bool {
        self.inspector == inspector && self.port == *port && self.flat == flat
    }
}
