//! What goes back into a graph as it came from one: attributes that no block has, control inputs, functions, versions.

use std::collections::{BTreeMap, BTreeSet};

use node_core::{BlockId, BlockNode, Problem};

use super::Lowering;
use crate::graph::NodeIndex;
use crate::kept;
use crate::proto::AttrValue;
use crate::proto::attr_value::Value;

/// Attributes that name other nodes: `loc:@NAME`.
const CLASS: &str = "_class";

impl Lowering<'_> {
    pub(super) fn page_block(&self, id: &BlockId) -> &BlockNode {
        // Whoever is lowered is checked, and whoever is checked is on the page.
        static NONE: std::sync::LazyLock<BlockNode> = std::sync::LazyLock::new(BlockNode::default);
        self.subject.checked.page.block(id.as_str()).unwrap_or(&NONE)
    }

    /// The attributes that a block keeps for its node.
    pub(super) fn kept_attrs(&self, id: &BlockId) -> Result<BTreeMap<String, AttrValue>, Problem> {
        kept::attrs(self.page_block(id)).map_err(|why| Problem::block(id, why))
    }

    /// The data type that a constant's node had, if a page has no tensors of it.
    pub(super) fn kept_type(&self, id: &BlockId) -> Option<i32> {
        match kept::attrs(self.page_block(id)).ok()?.get("dtype")?.value.as_ref()? {
            Value::Type(number) => Some(*number),
            _ => None,
        }
    }

    /// The attributes of a block's node that concern no operation, and which node stands for the block.
    pub(super) fn kept(&mut self, id: &BlockId, first: NodeIndex) -> Result<(), Problem> {
        let whole = self.name(id, None);
        let nodes = &self.lowered.graph.nodes;
        let main = nodes[first..].iter().position(|node| node.name == whole).map(|at| at + first);
        let Some(main) = main.or(nodes.len().checked_sub(1).filter(|last| *last >= first)) else { return Ok(()) };
        self.mains.insert(id.clone(), main);
        let attrs = self.kept_attrs(id)?;
        let node = &mut self.lowered.graph.nodes[main];
        for (name, value) in attrs {
            if !node.op.attr.iter().any(|attr| attr.name == name) {
                node.attrs.insert(name, value);
            }
        }
        Ok(())
    }

    /// What concerns the graph as a whole, once all of it is there.
    pub(super) fn whole_graph(&mut self) -> Result<(), Problem> {
        self.close_loops()?;
        let mut is_controlled = false;
        let mains: Vec<(BlockId, NodeIndex)> = self.mains.iter().map(|(id, main)| (id.clone(), *main)).collect();
        for (id, main) in mains {
            for before in &self.page_block(&id).control.clone() {
                let Some(node) = self.mains.get(before).copied() else {
                    let is_there = self.subject.checked.page.blocks.contains_key(before);
                    let why = if is_there { "is not part of the graph" } else { "is not there" };
                    return Err(Problem::block(&id, format!("is to come after {before} (control), which {why}")));
                };
                self.graph().nodes[main].control.push(node);
                is_controlled = true;
            }
        }
        self.forget_classes_that_are_gone();
        let page = &self.subject.checked.page;
        self.lowered.graph.library = kept::library(page).map_err(Problem::page)?;
        self.lowered.graph.versions = kept::versions(page).map_err(Problem::page)?;
        if is_controlled {
            let places = self.graph().sort();
            self.lowered.ports.values_mut().for_each(|edge| edge.node = places[edge.node]);
            self.lowered.init = self.lowered.init.map(|init| places[init]);
        }
        Ok(())
    }

    /// Nodes stay with others only as long as these are there.
    fn forget_classes_that_are_gone(&mut self) {
        let names: BTreeSet<String> = self.graph().nodes.iter().map(|node| node.name.clone()).collect();
        for node in &mut self.graph().nodes {
            if let Some(Value::List(list)) = node.attrs.get_mut(CLASS).and_then(|attr| attr.value.as_mut()) {
                let is_there = |class: &bytes::Bytes| {
                    let class = String::from_utf8_lossy(class);
                    class.strip_prefix("loc:@").is_none_or(|name| names.contains(name))
                };
                list.s.retain(is_there);
            }
            let is_empty =
                |attr: &crate::proto::AttrValue| matches!(&attr.value, Some(Value::List(list)) if list.s.is_empty());
            if node.attrs.get(CLASS).is_some_and(is_empty) {
                node.attrs.remove(CLASS);
            }
        }
    }
}
