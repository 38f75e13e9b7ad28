//! From one state of a page to the next: what has changed, and what follows from it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::changes::Changes;
use super::order::{self, Blocks};
use super::{
    CheckedBlock, CheckedPage, Effective, Feeds, Links, Loose, Surroundings, attributes, links, no_scope, types, wiring,
};
use crate::cx::Setup;
use crate::name::Name;
use crate::page::{BlockId, Page, PortRef, Wire, is_scope};
use crate::port::{Count, Direction, PortKind, PortSpec};
use crate::ports::Ports;
use crate::problem::Problem;
use crate::spec::{BlockSpec, BlockType, Role};

/// Checks `page`, of which `before` was an earlier state.
pub fn next(before: &CheckedPage, page: &Arc<Page>, around: &Surroundings<'_>) -> CheckedPage {
    let mut by_others = by_files(before, around);
    let (by_feeds, fed) = by_feeds(before, around);
    by_others.extend(by_feeds);
    if Arc::ptr_eq(&before.page, page) && by_others.is_empty() && Arc::ptr_eq(&fed, &before.fed) {
        return before.clone();
    }
    let mut next = Next {
        before,
        page,
        around,
        blocks: before.blocks.clone(),
        loose: before.loose.clone(),
        unset: Marked::default(),
        unwired: Marked::default(),
        uninferred: Marked::default(),
        removed: BTreeSet::new(),
        touched: Marked::default(),
    };
    next.uninferred.extend(by_others);
    if before.page.name != page.name {
        let is_counted = |block: &Arc<CheckedBlock>| block.role() == Some(Role::Counted);
        next.uninferred.extend(before.blocks.iter().filter(|(_, b)| is_counted(b)).map(|(id, _)| id.clone()));
    }
    let changes = Changes::between(&before.page, page);
    next.change_blocks(&changes);
    next.change_wires(&changes);
    next.change_places(&changes);
    next.set_up();
    next.wire_up();
    let order = next.find_order();
    next.infer();
    let touched = next.touched.take();
    let problems = next.problems(&touched);
    let readers = next.readers(&touched);
    CheckedPage { page: page.clone(), blocks: next.blocks, order, problems, loose: next.loose, readers, fed }
}

/// The blocks that are fed otherwise than before, and what is given now.
fn by_feeds(before: &CheckedPage, around: &Surroundings<'_>) -> (BTreeSet<BlockId>, Arc<Feeds>) {
    let ports: BTreeSet<&PortRef> = before.fed.keys().chain(around.feeds.keys()).collect();
    let is_other = |port: &&&PortRef| !types::is_fed_alike(before.fed.get(*port), around.feeds.get(*port));
    let others: BTreeSet<BlockId> = ports.iter().filter(is_other).map(|port| port.block.clone()).collect();
    let fed = if others.is_empty() { before.fed.clone() } else { Arc::new(around.feeds.clone()) };
    (others.into_iter().filter(|id| before.blocks.contains_key(id)).collect(), fed)
}

/// The blocks that have looked at a file which is not the same any more.
fn by_files(before: &CheckedPage, around: &Surroundings<'_>) -> BTreeSet<BlockId> {
    let is_other = |block: &&Arc<CheckedBlock>| {
        block.files.iter().any(|used| {
            let now = around.files.describe(&used.path, &used.part).ok().map(|described| described.stamp);
            now != used.stamp
        })
    };
    before.readers.iter().filter(|id| before.blocks.get(*id).is_some_and(|b| is_other(&b))).cloned().collect()
}

/// Blocks that are marked to be looked at, each maybe several times until they are.
#[derive(Default)]
struct Marked(Vec<BlockId>);

impl Marked {
    fn insert(&mut self, id: BlockId) {
        self.0.push(id);
    }

    fn extend(&mut self, ids: impl IntoIterator<Item = BlockId>) {
        self.0.extend(ids);
    }

    /// Each once, in order, and none is marked any more.
    fn take(&mut self) -> Vec<BlockId> {
        let mut ids = std::mem::take(&mut self.0);
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// A check under way.
struct Next<'c> {
    before: &'c CheckedPage,
    page: &'c Arc<Page>,
    around: &'c Surroundings<'c>,
    blocks: Blocks,
    loose: Arc<Loose>,
    /// Blocks whose attributes have to be looked at again.
    unset: Marked,
    /// Blocks whose wires have to be matched to ports again.
    unwired: Marked,
    /// Blocks whose types have to be inferred again.
    uninferred: Marked,
    /// Blocks that are not there any more.
    removed: BTreeSet<BlockId>,
    /// Blocks of which other problems may be found than before.
    touched: Marked,
}

impl Next<'_> {
    fn change_blocks(&mut self, changes: &Changes<'_>) {
        for id in &changes.removed {
            let Some(block) = self.blocks.remove(*id) else { continue };
            self.removed.insert((*id).clone());
            self.touched.insert((*id).clone());
            self.neighbours_see(&block.links);
            if !block.links.is_empty() {
                Arc::make_mut(&mut self.loose).wires.insert((*id).clone(), block.links.clone());
            }
        }
        for id in &changes.added {
            let known = self.loose.wires.contains_key(*id);
            let links = known.then(|| Arc::make_mut(&mut self.loose).wires.remove(*id)).flatten().unwrap_or_default();
            self.neighbours_see(&links);
            self.blocks.insert((*id).clone(), Arc::new(CheckedBlock::unseen(links)));
            self.unset.insert((*id).clone());
        }
        for id in &changes.altered {
            self.unset.insert((*id).clone());
            let (Some(was), Some(is)) = (self.before.page.blocks.get(*id), self.page.blocks.get(*id)) else {
                continue;
            };
            let Some(links) = self.blocks.get(*id).map(|block| block.links.clone()) else { continue };
            if was.type_name != is.type_name {
                self.neighbours_see(&links);
            } else if was.attrs != is.attrs && self.spec(id).is_some_and(|spec| spec.role == Role::AttributeSet) {
                self.unset.extend(links.outgoing.iter().map(|wire| wire.to.block.clone()));
            }
        }
    }

    /// The blocks at the other ends of these wires see that a block is there, or not, or is another.
    fn neighbours_see(&mut self, links: &Links) {
        self.unset.extend(links.outgoing.iter().map(|wire| wire.to.block.clone()));
        self.unwired.extend(links.incoming.iter().map(|wire| wire.from.block.clone()));
    }

    fn change_wires(&mut self, changes: &Changes<'_>) {
        if changes.off.is_empty() && changes.on.is_empty() {
            return;
        }
        for wire in changes.off.iter().chain(&changes.on) {
            self.unset.insert(wire.to.block.clone());
            // Whether the wire's other end is there is told at its begin.
            self.unwired.insert(wire.from.block.clone());
        }
        if !self.relink_few(changes) {
            let ends = changes.off.iter().chain(&changes.on).flat_map(|wire| [&wire.to.block, &wire.from.block]);
            for (id, links) in links::among(&self.page.wires, ends.collect()) {
                self.relink(id, links);
            }
        }
    }

    /// Takes wires off and puts wires on at their ends alone; `false` if their order is not known without looking at all.
    fn relink_few(&mut self, changes: &Changes<'_>) -> bool {
        let many = changes.off.len() + changes.on.len() > 16;
        if many || !(changes.on.is_empty() || changes.at_end) {
            return false;
        }
        let mut ends: Vec<&BlockId> = Vec::new();
        for wire in changes.off.iter().chain(&changes.on) {
            ends.extend([&wire.to.block, &wire.from.block]);
        }
        ends.sort();
        ends.dedup();
        let mut relinked: Vec<(&BlockId, Links)> = Vec::new();
        for id in ends {
            let mut links = self.links(id).map(|links| (**links).clone()).unwrap_or_default();
            let mut is_clear = true;
            let mut take_off = |list: &mut Vec<Wire>, wire: &Wire| {
                let places: Vec<usize> = (0..list.len()).filter(|place| list[*place] == *wire).collect();
                is_clear &= places.len() == 1;
                places.first().map(|place| list.remove(*place));
            };
            for wire in &changes.off {
                if wire.to.block == *id {
                    take_off(&mut links.incoming, wire);
                }
                if wire.from.block == *id {
                    take_off(&mut links.outgoing, wire);
                }
            }
            if !is_clear {
                return false;
            }
            links.incoming.extend(changes.on.iter().filter(|wire| wire.to.block == *id).copied().cloned());
            links.outgoing.extend(changes.on.iter().filter(|wire| wire.from.block == *id).copied().cloned());
            relinked.push((id, links));
        }
        for (id, links) in relinked {
            self.relink(id, links);
        }
        true
    }

    fn links(&self, id: &BlockId) -> Option<&Arc<Links>> {
        self.blocks.get(id).map(|block| &block.links).or_else(|| self.loose.wires.get(id))
    }

    fn relink(&mut self, id: &BlockId, links: Links) {
        if let Some(block) = self.blocks.get_mut(id) {
            Arc::make_mut(block).links = Arc::new(links);
            return;
        }
        let loose = &mut Arc::make_mut(&mut self.loose).wires;
        match links.is_empty() {
            true => drop(loose.remove(id)),
            false => drop(loose.insert(id.clone(), Arc::new(links))),
        }
    }

    fn change_places(&mut self, changes: &Changes<'_>) {
        let before = self.loose.clone();
        let arrived = changes.added.iter().filter(|id| before.places.contains(**id));
        for id in changes.places.iter().chain(arrived).chain(&changes.removed) {
            let place = self.page.layout.get(*id);
            let was_placed = self.loose.places.contains(*id);
            let is_loose = place.is_some() && !self.blocks.contains_key(*id);
            if is_loose != was_placed {
                let loose = &mut Arc::make_mut(&mut self.loose).places;
                match is_loose {
                    true => drop(loose.insert((*id).clone())),
                    false => drop(loose.remove(*id)),
                }
            }
            let beyond = |page: &Page| page.layout.get(*id).is_some_and(|place| !place.is_within());
            if beyond(&self.before.page) || beyond(self.page) {
                self.unwired.insert((*id).clone());
            }
        }
    }

    fn spec(&self, id: &BlockId) -> Option<&BlockSpec> {
        self.ty(id).map(|ty| &ty.spec)
    }

    fn ty(&self, id: &BlockId) -> Option<&Arc<BlockType>> {
        self.around.registry.get(&self.page.blocks.get(id)?.type_name)
    }

    /// Attributes and ports of the blocks where they may be others.
    fn set_up(&mut self) {
        let mut plain = Plain::default();
        for id in self.unset.take() {
            let Some(block) = self.blocks.get(&id) else { continue };
            let ty = self.ty(&id).cloned();
            let sets = ty.as_ref().map(|ty| self.sets(&ty.spec, &block.links)).unwrap_or_default();
            let has_changed = self.has_changed(&id, block, ty.as_ref(), &sets);
            let resolved = ty.map(|ty| match &block.setup {
                Some(setup) if !has_changed => {
                    let ports = Ports::of(setup.spec(), &setup.attrs, |input| count(setup.spec(), &block.links, input));
                    let setup = Setup { ports: shared(&setup.ports, ports), ..(**setup).clone() };
                    (Arc::new(setup), block.effective.clone(), block.found.attributes.clone())
                }
                _ => plain.or(self.page, &id, &ty, &sets, || {
                    let (attrs, effective, problems) = attributes::resolve(self.page, &id, &ty.spec, &sets);
                    let ports = Ports::of(&ty.spec, &attrs, |input| count(&ty.spec, &block.links, input));
                    (Arc::new(Setup { ty: ty.clone(), ports: Arc::new(ports), attrs }), Arc::new(effective), problems)
                }),
            });
            let new_ports = resolved.as_ref().map(|(setup, ..)| setup.ports.clone());
            if block.setup.as_ref().map(|setup| &setup.ports) != new_ports.as_ref() {
                self.unwired.extend(block.links.outgoing.iter().map(|wire| wire.to.block.clone()));
            }
            self.unwired.insert(id.clone());
            let same_ports = block.setup.as_ref().map(|setup| &setup.ports) == new_ports.as_ref();
            if has_changed || !same_ports {
                let Some(block) = self.blocks.get_mut(&id) else { continue };
                let block = Arc::make_mut(block);
                block.sets = sets;
                match resolved {
                    Some((setup, effective, problems)) => {
                        (block.setup, block.effective) = (Some(setup), effective);
                        block.found.attributes = problems;
                    }
                    None => {
                        (block.setup, block.effective) = (None, Arc::default());
                        block.found.attributes = Vec::new();
                    }
                }
            }
        }
    }

    /// Whether a block's attributes may be others than before: its own, its type's, or those of its sets.
    fn has_changed(&self, id: &BlockId, block: &CheckedBlock, ty: Option<&Arc<BlockType>>, sets: &[BlockId]) -> bool {
        let node = |page: &Page, id: &BlockId| page.blocks.get(id).cloned();
        let is_other = |id: &BlockId| match (node(&self.before.page, id), node(self.page, id)) {
            (Some(was), Some(is)) => !Arc::ptr_eq(&was, &is),
            _ => true,
        };
        let same_type = match (&block.setup, ty) {
            (Some(setup), Some(ty)) => Arc::ptr_eq(&setup.ty, ty),
            (None, None) => true,
            _ => false,
        };
        !same_type || block.sets != sets || is_other(id) || sets.iter().any(is_other)
    }

    /// The blocks whose sets of attributes are wired to a block of this type, in order.
    fn sets(&self, spec: &BlockSpec, links: &Links) -> Vec<BlockId> {
        let gives = |wire: &&Wire| {
            let to = spec.port(Direction::In, &wire.to.port);
            let from = self.spec(&wire.from.block).and_then(|from| from.port(Direction::Out, &wire.from.port));
            [to, from].into_iter().all(|port| port.is_some_and(|port| port.kind == PortKind::Attrs))
        };
        links.incoming.iter().filter(gives).map(|wire| wire.from.block.clone()).collect()
    }

    /// Sources of the blocks where they may be others.
    fn wire_up(&mut self) {
        for id in self.unwired.take() {
            let (Some(block), Some(node)) = (self.blocks.get(&id), self.page.blocks.get(&id)) else { continue };
            let find = |id: &BlockId| self.blocks.get(id).map(|block| block.setup.clone());
            let wired = wiring::of_block(self.page, &id, node, block, self.around.registry, find);
            let same_inputs = *block.inputs == wired.inputs;
            let same = same_inputs && block.linked == wired.state && block.found.wiring == wired.problems;
            if !same {
                let Some(block) = self.blocks.get_mut(&id) else { continue };
                let block = Arc::make_mut(block);
                if !same_inputs {
                    block.inputs = Arc::new(wired.inputs);
                }
                (block.linked, block.found.wiring) = (wired.state, wired.problems);
            }
            let block = self.blocks.get(&id).filter(|block| block.role() == Some(Role::Variable));
            // Those that update one variable see each other.
            self.uninferred.extend(block.into_iter().flat_map(|b| &b.links.outgoing).map(|wire| wire.to.block.clone()));
            self.uninferred.insert(id);
        }
    }

    /// The order in which blocks come. Those that have moved into or out of a loop are inferred again.
    fn find_order(&mut self) -> Arc<Vec<BlockId>> {
        let is_stuck = |blocks: &Blocks, id: &BlockId| blocks.get(id).is_some_and(|block| block.turn.stuck.is_some());
        let before = &self.before.blocks;
        let mut moved = self.removed.clone();
        let changed = self.uninferred.take();
        let is_known = !before.is_empty() && !self.removed.iter().any(|id| is_stuck(before, id));
        if !is_known || order::follow(&mut self.blocks, &changed, &mut moved).is_none() {
            order::whole(&mut self.blocks, &mut moved);
        }
        self.touched.extend(moved.iter().cloned());
        let altered = moved.iter().filter(|id| is_stuck(before, id) || is_stuck(&self.blocks, id));
        self.uninferred.extend(altered.cloned().chain(changed));
        order::updated(&self.before.order, before, &self.blocks, &moved)
    }

    /// Types of the blocks where they may be others, and of those that read of one that has become another.
    fn infer(&mut self) {
        let turn = |blocks: &Blocks, id: &BlockId| blocks.get(id).map(|block| block.turn.level);
        let mut open: BTreeMap<usize, Marked> = BTreeMap::new();
        for id in self.uninferred.take() {
            match turn(&self.blocks, &id) {
                Some(Some(level)) => open.entry(level).or_default().insert(id),
                Some(None) => self.is_stuck(&id),
                None => {}
            }
        }
        while let Some((_, mut marked)) = open.pop_first() {
            for id in marked.take() {
                let Some(block) = self.infer_one(&id) else { continue };
                for wire in &block.links.clone().outgoing {
                    if let Some(Some(level)) = turn(&self.blocks, &wire.to.block) {
                        open.entry(level).or_default().insert(wire.to.block.clone());
                    }
                }
            }
        }
    }

    /// Types of one block; the block, if those that read it see a difference.
    fn infer_one(&mut self, id: &BlockId) -> Option<&CheckedBlock> {
        self.touched.insert(id.clone());
        let (block, node) = (self.blocks.get(id)?, self.page.blocks.get(id)?);
        let inferred = match &block.setup {
            Some(setup) => {
                let find = |id: &BlockId| self.blocks.get(id).map(Arc::as_ref);
                types::one(id, node, setup, block, find, (self.around, self.page.name.as_deref()))
            }
            None => types::Inferred::nothing(block.state_before_types()),
        };
        let block = self.blocks.get_mut(id)?;
        let types::Seen(is_seen) = types::take_over(block, inferred);
        is_seen.then_some(&**block)
    }

    /// What is part of a loop, or behind one, is not inferred.
    fn is_stuck(&mut self, id: &BlockId) {
        self.touched.insert(id.clone());
        if let Some(block) = self.blocks.get_mut(id) {
            let state = block.state_before_types();
            types::take_over(block, types::Inferred::nothing(state));
        }
    }

    /// The blocks that have looked at files.
    fn readers(&self, touched: &[BlockId]) -> Arc<BTreeSet<BlockId>> {
        let reads = |id: &BlockId| self.blocks.get(id).is_some_and(|block| !block.files.is_empty());
        let mut readers = self.before.readers.clone();
        for id in touched.iter().filter(|id| reads(id) != self.before.readers.contains(*id)) {
            let readers = Arc::make_mut(&mut readers);
            if !readers.remove(id) {
                readers.insert(id.clone());
            }
        }
        readers
    }

    /// All that is wrong, from what was and what may be different.
    fn problems(&self, touched: &[BlockId]) -> Vec<Problem> {
        let is_kept = |problem: &&Problem| {
            problem.block.as_ref().is_some_and(|id| touched.binary_search(id).is_err() && self.blocks.contains_key(id))
        };
        let mut problems: Vec<Problem> = self.before.problems.iter().filter(is_kept).cloned().collect();
        for id in touched {
            problems.extend(self.blocks.get(id).into_iter().flat_map(|block| block.problems()).cloned());
        }
        problems.extend(self.of_page());
        problems.sort();
        problems
    }

    /// What is wrong with the page as a whole.
    fn of_page(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(name) = self.page.name.as_deref().filter(|name| !is_scope(name)) {
            problems.push(Problem::page(no_scope(name)));
        }
        for id in &self.loose.places {
            problems.push(Problem::page(format!("layout places the block '{id}', which the page does not have")));
        }
        let is_there = |id: &BlockId| self.blocks.contains_key(id);
        for (id, links) in &self.loose.wires {
            for wire in links.outgoing.iter().filter(|wire| !is_there(&wire.to.block)) {
                problems.push(Problem::port(id, &*wire.from.port, wiring::no_block(&wire.to)));
                problems.push(Problem::port(&wire.to.block, &*wire.to.port, wiring::no_block(&wire.from)));
            }
            for wire in &links.incoming {
                let from = self.blocks.get(&wire.from.block).map(|block| block.setup.clone());
                if let Some(Err(message)) = from.map(|setup| wiring::output(Some(setup), wire)) {
                    problems.push(Problem::port(id, &*wire.to.port, message));
                }
            }
        }
        problems
    }
}

/// How a block is set up: its attributes as people see them, and what is wrong with them.
type Resolved = (Arc<Setup>, Arc<Vec<Effective>>, Vec<Problem>);

/// Blocks without attributes of their own are set up as all others of their type are; they share it.
#[derive(Default)]
struct Plain(BTreeMap<Name, Resolved>);

impl Plain {
    fn or(
        &mut self,
        page: &Page,
        id: &BlockId,
        ty: &Arc<BlockType>,
        sets: &[BlockId],
        resolve: impl FnOnce() -> Resolved,
    ) -> Resolved {
        let depends = |port: &Arc<PortSpec>| matches!(port.count, Count::Attr(_) | Count::AsMany(_));
        let has_none = page.blocks.get(id).is_some_and(|node| node.attrs.is_empty());
        if !(has_none && sets.is_empty()) || ty.spec.ports.iter().any(depends) {
            return resolve();
        }
        if let Some(plain) = self.0.get(&ty.spec.name) {
            return plain.clone();
        }
        let resolved = resolve();
        // Problems name their block.
        if resolved.2.is_empty() {
            self.0.insert(ty.spec.name.clone(), resolved.clone());
        }
        resolved
    }
}

fn shared(before: &Arc<Ports>, now: Ports) -> Arc<Ports> {
    if **before == now { before.clone() } else { Arc::new(now) }
}

/// How many wires end at the input called `input`.
fn count(spec: &BlockSpec, links: &Links, input: &str) -> usize {
    let port = spec.port(Direction::In, input);
    links.incoming.iter().filter(|wire| port.is_some_and(|port| port.answers_to(&wire.to.port))).count()
}
