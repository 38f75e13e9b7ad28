//! Which ports a wire may go to, and why not to the others.

use std::collections::{BTreeMap, BTreeSet};

use node_core::check::CheckedPage;
use node_core::name::split_item;
use node_core::{BlockId, DType, Direction, PortKind, PortRef, PortSpec, Wire};

use crate::state::view::PortEnd;

/// Why the scope port takes no wire.
pub const SCOPE_REASON: &str =
    "The scope is made for the page and prefixes the names of its blocks. It is never connected.";

/// What a wire that begins at one port may go to; made once for a gesture's frame.
pub struct Fit<'p> {
    checked: &'p CheckedPage,
    from: &'p PortEnd,
    beyond: BTreeSet<BlockId>,
}

impl<'p> Fit<'p> {
    /// For a wire with one end at `from`; `detached` is a wire that has been taken off and does not count.
    pub fn new(checked: &'p CheckedPage, from: &'p PortEnd, detached: Option<&Wire>) -> Fit<'p> {
        let mut next: BTreeMap<&BlockId, Vec<&BlockId>> = BTreeMap::new();
        for wire in checked.page.wires.iter().filter(|w| Some(*w) != detached) {
            let (at, to) = match from.direction {
                Direction::Out => (&wire.to.block, &wire.from.block),
                Direction::In => (&wire.from.block, &wire.to.block),
            };
            next.entry(at).or_default().push(to);
        }
        let mut beyond = BTreeSet::new();
        let mut open = vec![&from.port.block];
        while let Some(id) = open.pop() {
            for block in next.get(id).into_iter().flatten() {
                if beyond.insert((*block).clone()) {
                    open.push(block);
                }
            }
        }
        Fit { checked, from, beyond }
    }

    /// The wire to `to`, or why there can be none.
    pub fn wire(&self, to: &PortEnd) -> Result<Wire, String> {
        let (from, port) = (self.from, &to.port);
        if from.kind == PortKind::Scope || to.kind == PortKind::Scope {
            return Err(SCOPE_REASON.to_owned());
        }
        if from.direction == to.direction {
            let what = if from.direction == Direction::Out { "Both are outputs" } else { "Both are inputs" };
            return Err(format!("{what}; a wire goes from an output to an input."));
        }
        let (output, input) = if from.direction == Direction::Out { (from, to) } else { (to, from) };
        if output.kind != input.kind {
            return Err(match input.kind {
                PortKind::Attrs => format!("{} takes a set of attributes, not a tensor.", input.port.port),
                _ => format!("{} takes a tensor, not a set of attributes.", input.port.port),
            });
        }
        if from.port.block == port.block {
            return Err("A block cannot feed itself.".to_owned());
        }
        if self.beyond.contains(&port.block) {
            return Err(format!(
                "This would make a loop: {} and {} would need each other.",
                output.port.block, input.port.block
            ));
        }
        if let (Some(dtype), Some(spec)) = (self.dtype(output), self.spec(input))
            && !spec.types.allows(dtype)
        {
            return Err(format!("{} takes {}, but this is {dtype}.", spec.name, spec.types.names()));
        }
        // A list takes wires in order, under its own name.
        let to = match self.spec(input).filter(|spec| spec.is_list()) {
            Some(spec) => PortRef::new(&input.port.block, &spec.name),
            None => input.port.clone(),
        };
        Ok(Wire { from: output.port.clone(), to })
    }

    fn spec(&self, end: &PortEnd) -> Option<&'p PortSpec> {
        let spec = self.checked.blocks.get(&end.port.block)?.spec()?;
        let plain = spec.port(end.direction, &end.port.port);
        plain.or_else(|| spec.port(end.direction, split_item(&end.port.port).0)).map(|port| &**port)
    }

    fn dtype(&self, output: &PortEnd) -> Option<DType> {
        let block = self.checked.blocks.get(&output.port.block)?;
        let index = block.output_index(&output.port.port)?;
        block.outputs.get(index).map(|ty| ty.dtype)
    }
}
