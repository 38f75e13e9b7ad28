//! Edits: every change to a page as a value that can be undone, redone and tested without a screen.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::decor::Decor;
use crate::page::{BlockId, BlockNode, Page, Placement, Wire, Written};

/// One change to a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Adds a block.
    AddBlock {
        /// Its id, which must be free.
        id: BlockId,
        /// The block.
        block: Arc<BlockNode>,
        /// Where it stands.
        place: Option<Placement>,
    },
    /// Removes a block with its wires.
    RemoveBlock(BlockId),
    /// Takes back a block that was added, and nothing else: wires that name it stay.
    DropBlock {
        /// The block.
        id: BlockId,
        /// What the layout said of that id before.
        place: Option<Placement>,
    },
    /// Gives a block another id; wires and layout follow.
    Rename {
        /// The id now.
        from: BlockId,
        /// The id to be, which must be free.
        to: BlockId,
    },
    /// Adds a wire between two blocks.
    Connect {
        /// The wire.
        wire: Wire,
    },
    /// Removes a wire.
    Disconnect(Wire),
    /// Puts a wire back to where it was, whether the blocks at its ends are there or not: a page may have such wires.
    PutBack {
        /// The wire.
        wire: Wire,
        /// Its place among the page's wires.
        at: usize,
    },
    /// Takes off the wire at a place.
    TakeOff {
        /// The wire.
        wire: Wire,
        /// Its place among the page's wires.
        at: usize,
    },
    /// Sets or removes one of a block's own attributes.
    SetAttr {
        /// The block.
        block: BlockId,
        /// The attribute.
        name: String,
        /// The value, or nothing to remove it.
        value: Option<Written>,
        /// The place of a new one among the block's attributes.
        at: Option<usize>,
    },
    /// Sets or removes the literal of an input.
    SetInput {
        /// The block.
        block: BlockId,
        /// The input port.
        name: String,
        /// The literal, or nothing to remove it.
        value: Option<Written>,
        /// The place of a new one among the block's literals.
        at: Option<usize>,
    },
    /// Has a block let its inputs through, or compute again.
    Mute {
        /// The block.
        block: BlockId,
        /// Whether it is muted.
        mute: bool,
    },
    /// Has a cluster compute a block elsewhere.
    Device {
        /// The block.
        block: BlockId,
        /// Where, as TensorFlow names devices; nothing leaves it to the block's frame, or to the cluster.
        device: Option<Arc<str>>,
    },
    /// Has a cluster do other blocks first.
    Control {
        /// The block.
        block: BlockId,
        /// Those that are to be done before it.
        control: Vec<BlockId>,
    },
    /// Moves a block.
    Place {
        /// The block.
        block: BlockId,
        /// Where to; nothing leaves the placing to the program.
        to: Option<Placement>,
    },
    /// Notes, frames, bends of wires and places to come back to are these from now on.
    Decorate(Arc<Decor>),
    /// Names the page.
    SetName(Option<String>),
    /// Several edits that belong together.
    Batch(Vec<Edit>),
}

/// An edit that does not fit the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The block is not there.
    #[error("there is no block '{0}'")]
    NoBlock(BlockId),
    /// The id is taken.
    #[error("there is a block '{0}' already")]
    Taken(BlockId),
    /// The id is free, but something names it: what took it would get that too.
    #[error("wires, places or frames of the page name '{0}', although there is no such block; remove them first")]
    Named(BlockId),
    /// The wire is not there.
    #[error("there is no wire {0}")]
    NoWire(Wire),
}

impl Edit {
    /// Sets an attribute.
    pub fn set_attr(block: &BlockId, name: &str, value: Option<Written>) -> Edit {
        Edit::SetAttr { block: block.clone(), name: name.to_owned(), value, at: None }
    }

    /// Sets a literal.
    pub fn set_input(block: &BlockId, name: &str, value: Option<Written>) -> Edit {
        Edit::SetInput { block: block.clone(), name: name.to_owned(), value, at: None }
    }

    /// Applies the edit and returns the one that takes it back. A refused edit leaves the page as it was.
    pub fn apply(self, page: &mut Page) -> Result<Edit, EditError> {
        match self {
            Edit::AddBlock { id, block, place } => {
                if page.blocks.contains_key(&id) {
                    return Err(EditError::Taken(id));
                }
                page.blocks.insert(id.clone(), block);
                let place = set_place(page, &id, place);
                Ok(Edit::DropBlock { id, place })
            }
            Edit::DropBlock { id, place } => {
                let Some(block) = page.blocks.remove(&id) else { return Err(EditError::NoBlock(id)) };
                let place = set_place(page, &id, place);
                Ok(Edit::AddBlock { id, block, place })
            }
            Edit::RemoveBlock(id) => remove_blocks(page, vec![id]),
            Edit::Rename { from, to } => rename(page, from, to),
            Edit::Connect { wire } => {
                for end in [&wire.from, &wire.to] {
                    require(page, &end.block)?;
                }
                let at = page.wires.len();
                Edit::PutBack { wire, at }.apply(page)
            }
            Edit::PutBack { wire, at } => {
                let at = at.min(page.wires.len());
                Arc::make_mut(&mut page.wires).insert(at, wire.clone());
                Ok(Edit::TakeOff { wire, at })
            }
            Edit::TakeOff { wire, at } => {
                if page.wires.get(at) != Some(&wire) {
                    return Err(EditError::NoWire(wire));
                }
                Arc::make_mut(&mut page.wires).remove(at);
                let put_back = Edit::PutBack { wire: wire.clone(), at };
                if !page.decor.routes.contains_key(&wire) || page.wires.contains(&wire) {
                    return Ok(put_back);
                }
                let decor = page.decor.clone();
                Arc::make_mut(&mut page.decor).routes.remove(&wire);
                Ok(Edit::Batch(vec![put_back, Edit::Decorate(decor)]))
            }
            Edit::Disconnect(wire) => {
                let Some(at) = page.wires.iter().position(|w| *w == wire) else {
                    return Err(EditError::NoWire(wire));
                };
                Edit::TakeOff { wire, at }.apply(page)
            }
            Edit::SetAttr { block, name, value, at } => {
                let (value, at) = block_mut(page, &block)?.attrs.set(&name, value, at);
                Ok(Edit::SetAttr { block, name, value, at })
            }
            Edit::SetInput { block, name, value, at } => {
                let (value, at) = block_mut(page, &block)?.inputs.set(&name, value, at);
                Ok(Edit::SetInput { block, name, value, at })
            }
            Edit::Device { block, device } => {
                let was = std::mem::replace(&mut block_mut(page, &block)?.device, device);
                Ok(Edit::Device { block, device: was })
            }
            Edit::Control { block, control } => {
                let was = std::mem::replace(&mut block_mut(page, &block)?.control, control);
                Ok(Edit::Control { block, control: was })
            }
            Edit::Mute { block, mute } => {
                let was = std::mem::replace(&mut block_mut(page, &block)?.mute, mute);
                Ok(Edit::Mute { block, mute: was })
            }
            Edit::Place { block, to } => {
                require(page, &block)?;
                let to = set_place(page, &block, to);
                Ok(Edit::Place { block, to })
            }
            Edit::Decorate(decor) => Ok(Edit::Decorate(std::mem::replace(&mut page.decor, decor))),
            Edit::SetName(name) => Ok(Edit::SetName(std::mem::replace(&mut page.name, name))),
            Edit::Batch(edits) => apply_all(page, edits),
        }
    }
}

fn apply_all(page: &mut Page, edits: Vec<Edit>) -> Result<Edit, EditError> {
    let mut inverses = Vec::with_capacity(edits.len());
    let mut edits = edits.into_iter().peekable();
    while let Some(edit) = edits.next() {
        let applied = match edit {
            // Blocks that go one after the other go together: each alone would look through all wires.
            Edit::RemoveBlock(first) => {
                let mut ids = vec![first];
                while let Some(Edit::RemoveBlock(id)) = edits.next_if(|next| matches!(next, Edit::RemoveBlock(_))) {
                    ids.push(id);
                }
                remove_blocks(page, ids)
            }
            other => other.apply(page),
        };
        match applied {
            Ok(inverse) => inverses.push(inverse),
            Err(error) => {
                for inverse in inverses.into_iter().rev() {
                    inverse.apply(page)?;
                }
                return Err(error);
            }
        }
    }
    inverses.reverse();
    Ok(Edit::Batch(inverses))
}

fn require(page: &Page, id: &BlockId) -> Result<(), EditError> {
    if page.blocks.contains_key(id) { Ok(()) } else { Err(EditError::NoBlock(id.clone())) }
}

fn block_mut<'p>(page: &'p mut Page, id: &BlockId) -> Result<&'p mut BlockNode, EditError> {
    page.blocks.get_mut(id).map(Arc::make_mut).ok_or_else(|| EditError::NoBlock(id.clone()))
}

fn set_place(page: &mut Page, id: &BlockId, place: Option<Placement>) -> Option<Placement> {
    match place {
        Some(place) => page.layout.insert(id.clone(), place),
        None => page.layout.remove(id),
    }
}

/// Removes blocks with their wires, and with what frames and bends say of them. All of them, or none.
fn remove_blocks(page: &mut Page, ids: Vec<BlockId>) -> Result<Edit, EditError> {
    let mut gone: BTreeSet<&BlockId> = BTreeSet::new();
    for id in &ids {
        // Twice in one go is not there the second time.
        if !page.blocks.contains_key(id) || !gone.insert(id) {
            return Err(EditError::NoBlock(id.clone()));
        }
    }
    let mut inverse = Vec::with_capacity(ids.len());
    for id in &ids {
        if let Some(block) = page.blocks.remove(id) {
            inverse.push(Edit::AddBlock { id: id.clone(), block, place: page.layout.remove(id) });
        }
    }
    let touches = |wire: &Wire| gone.contains(&wire.from.block) || gone.contains(&wire.to.block);
    for (at, wire) in page.wires.iter().enumerate().filter(|(_, wire)| touches(wire)) {
        inverse.push(Edit::PutBack { wire: wire.clone(), at });
    }
    Arc::make_mut(&mut page.wires).retain(|wire| !touches(wire));
    let comes_after = |block: &BlockNode| block.control.iter().any(|before| gone.contains(before));
    let after: Vec<BlockId> =
        page.blocks.iter().filter(|(_, block)| comes_after(block)).map(|(id, _)| id.clone()).collect();
    for id in after {
        let block = block_mut(page, &id)?;
        inverse.push(Edit::Control { block: id, control: block.control.clone() });
        block.control.retain(|before| !gone.contains(before));
    }
    if page.decor.names_any(&gone) {
        inverse.push(Edit::Decorate(page.decor.clone()));
        Arc::make_mut(&mut page.decor).forget(&gone);
    }
    Ok(Edit::Batch(inverse))
}

fn rename(page: &mut Page, from: BlockId, to: BlockId) -> Result<Edit, EditError> {
    if page.blocks.contains_key(&to) {
        return Err(EditError::Taken(to));
    }
    if page.is_named(&to) {
        return Err(EditError::Named(to));
    }
    let Some(block) = page.blocks.remove(&from) else {
        return Err(EditError::NoBlock(from));
    };
    page.blocks.insert(to.clone(), block);
    if let Some(place) = page.layout.remove(&from) {
        page.layout.insert(to.clone(), place);
    }
    let after: Vec<BlockId> =
        page.blocks.iter().filter(|(_, block)| block.control.contains(&from)).map(|(id, _)| id.clone()).collect();
    for id in after {
        let control = &mut block_mut(page, &id)?.control;
        control.iter_mut().filter(|before| **before == from).for_each(|before| *before = to.clone());
    }
    if page.decor.names(&from) {
        Arc::make_mut(&mut page.decor).rename(&from, &to);
    }
    for end in Arc::make_mut(&mut page.wires).iter_mut().flat_map(|w| [&mut w.from, &mut w.to]) {
        if end.block == from {
            end.block = to.clone();
        }
    }
    Ok(Edit::Rename { from: to, to: from })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decor::Frame;
    use crate::page::PortRef;
    use crate::value::Value;

    fn id(text: &str) -> BlockId {
        BlockId::new(text).unwrap()
    }

    fn wire(from: &str, to: &str) -> Wire {
        Wire { from: PortRef::parse(from).unwrap(), to: PortRef::parse(to).unwrap() }
    }

    fn page() -> Page {
        let mut page = Page::default();
        for name in ["a", "b", "c"] {
            let block = Arc::new(BlockNode::new("Identity"));
            let place = Some(Placement::at(1.0, 2.0));
            Edit::AddBlock { id: id(name), block, place }.apply(&mut page).unwrap();
        }
        for (from, to) in [("a.output", "b.input"), ("b.output", "c.input"), ("a.output", "c.input")] {
            Edit::Connect { wire: wire(from, to) }.apply(&mut page).unwrap();
        }
        let mut decor = Decor::default();
        let blocks = [id("a"), id("b")].into_iter().collect();
        decor.frames.insert("f1".into(), Frame { title: "both".into(), blocks, ..Frame::default() });
        decor.routes.insert(wire("b.output", "c.input"), vec![(1.0, 2.0)]);
        Edit::Decorate(Arc::new(decor)).apply(&mut page).unwrap();
        page
    }

    #[test]
    fn every_edit_is_taken_back_by_its_inverse() {
        let value = || Some(Written::from(Value::Int(1)));
        for edit in [
            Edit::RemoveBlock(id("b")),
            Edit::RemoveBlock(id("a")),
            Edit::Rename { from: id("a"), to: id("z") },
            Edit::Disconnect(wire("b.output", "c.input")),
            Edit::Rename { from: id("b"), to: id("z") },
            Edit::Connect { wire: wire("b.output", "a.input") },
            Edit::Connect { wire: wire("a.output", "b.input") },
            Edit::PutBack { wire: wire("b.output", "a.input"), at: 1 },
            Edit::TakeOff { wire: wire("b.output", "c.input"), at: 1 },
            Edit::set_attr(&id("a"), "min", value()),
            Edit::set_input(&id("a"), "input", value()),
            Edit::Place { block: id("a"), to: None },
            Edit::Mute { block: id("a"), mute: true },
            Edit::Mute { block: id("a"), mute: false },
            Edit::Device { block: id("a"), device: Some("/task:1".into()) },
            Edit::SetName(Some("p".into())),
            Edit::Decorate(Arc::default()),
            Edit::Batch(vec![
                Edit::set_attr(&id("a"), "min", value()),
                Edit::set_attr(&id("a"), "min", None),
                Edit::RemoveBlock(id("a")),
                Edit::RemoveBlock(id("b")),
            ]),
        ] {
            let (before, mut page) = (page(), page());
            let inverse = edit.clone().apply(&mut page).unwrap();
            assert_eq!(page.violations(), Vec::<String>::new(), "{edit:?}");
            inverse.apply(&mut page).unwrap();
            assert_eq!(page, before, "{edit:?}");
        }
    }

    #[test]
    fn a_refused_edit_changes_nothing() {
        for edit in [
            Edit::RemoveBlock(id("q")),
            Edit::Mute { block: id("q"), mute: true },
            Edit::Rename { from: id("a"), to: id("b") },
            Edit::Connect { wire: wire("a.output", "q.input") },
            Edit::TakeOff { wire: wire("a.output", "b.input"), at: 1 },
            Edit::Disconnect(wire("c.output", "a.input")),
            Edit::Batch(vec![Edit::RemoveBlock(id("a")), Edit::RemoveBlock(id("a"))]),
        ] {
            let (before, mut page) = (page(), page());
            assert!(edit.clone().apply(&mut page).is_err(), "{edit:?}");
            assert_eq!(page, before, "{edit:?}");
        }
    }

    /// A page as merges leave them: wires and places of blocks that are not there.
    fn with_loose_ends() -> Page {
        let mut page = page();
        let wires = [wire("gone.output", "b.input"), wire("a.output", "b.input"), wire("c.output", "lost.input")];
        Arc::make_mut(&mut page.wires).extend(wires);
        page.layout.insert(id("lost"), Placement::at(5.0, 5.0));
        page
    }

    #[test]
    fn what_is_loose_stays_and_is_put_back() {
        let block = || Arc::new(BlockNode::new("Identity"));
        for edit in [
            Edit::RemoveBlock(id("a")),
            Edit::RemoveBlock(id("b")),
            Edit::RemoveBlock(id("c")),
            Edit::AddBlock { id: id("gone"), block: block(), place: None },
            Edit::AddBlock { id: id("lost"), block: block(), place: None },
            Edit::AddBlock { id: id("lost"), block: block(), place: Some(Placement::at(9.0, 9.0)) },
            Edit::Rename { from: id("b"), to: id("z") },
            Edit::Disconnect(wire("a.output", "b.input")),
            Edit::Connect { wire: wire("a.output", "b.input") },
            Edit::Batch(vec![Edit::RemoveBlock(id("a")), Edit::RemoveBlock(id("b")), Edit::RemoveBlock(id("c"))]),
        ] {
            let (before, mut page) = (with_loose_ends(), with_loose_ends());
            let inverse = edit.clone().apply(&mut page).unwrap();
            let after = page.clone();
            let again = inverse.apply(&mut page).unwrap();
            assert_eq!(page, before, "{edit:?}");
            again.apply(&mut page).unwrap();
            assert_eq!(page, after, "{edit:?}, done again");
        }
    }

    #[test]
    fn an_id_that_is_named_is_not_taken() {
        for name in ["gone", "lost"] {
            let mut page = with_loose_ends();
            let error = Edit::Rename { from: id("a"), to: id(name) }.apply(&mut page).unwrap_err();
            assert_eq!(error, EditError::Named(id(name)));
            assert_eq!(page, with_loose_ends());
        }
    }
}
