//! Checking a page: attributes resolved, wires matched to ports, types and shapes inferred, everything that is wrong
//! found, all at once and before any run.

mod attributes;
mod order;
mod recheck;
mod typed;
mod types;
mod wiring;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub use attributes::{Effective, Origin};
pub use recheck::recheck;
pub use types::{fed, infer_block};

use crate::attr::{Attr, AttrSpec, AttrType, Attrs};
use crate::block::{Block, Warning};
use crate::dtype::DType;
use crate::number;
use crate::page::{BlockId, FARTHEST, Page, PortRef, is_scope, scope_of};
use crate::problem::{Fault, Problem};
use crate::registry::Registry;
use crate::tensor::{Tensor, TensorType};

/// Tensors given from outside, by the output that they feed.
pub type Feeds = BTreeMap<PortRef, Tensor>;

/// Where an input's tensor comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// An output of another block.
    Output {
        /// The block.
        block: BlockId,
        /// Which of its tensor outputs.
        index: usize,
    },
    /// A literal on the input itself.
    Literal(Tensor),
}

/// Whether a block can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing stands in its way.
    Ready,
    /// It has a problem of its own.
    Faulty,
    /// It needs a block that cannot run.
    Waiting(BlockId),
}

/// A block as checked.
#[derive(Clone)]
pub struct CheckedBlock {
    /// Its type, if the registry has it.
    pub block: Option<&'static dyn Block>,
    /// The attributes as the block reads them.
    pub attrs: Attrs,
    /// The blocks whose attribute sets are wired to it, in order.
    pub sets: Vec<BlockId>,
    /// The attributes as people see them: value and where it comes from.
    pub effective: Vec<Effective>,
    /// For each tensor input in order, where its tensors come from.
    pub inputs: Vec<Vec<Source>>,
    /// The types of the tensor outputs, where they are known.
    pub outputs: Vec<TensorType>,
    /// Whether it can run.
    pub state: State,
    /// What a person should know although nothing is wrong.
    pub warnings: Vec<Warning>,
    /// What is wrong with it.
    found: Found,
    /// Whether it could run as far as wires, literals and places go.
    wired: State,
    /// Whether it has a place in the order: blocks of loops, and those behind them, have none.
    is_ordered: bool,
}

/// What is wrong with a block, by what it follows from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    /// Wires, literals, places, and its type's being unknown.
    wiring: Vec<Problem>,
    /// Attributes, its own and those of sets.
    attributes: Vec<Problem>,
    /// Types and shapes.
    types: Vec<Problem>,
}

impl Found {
    fn all(&self) -> impl Iterator<Item = &Problem> {
        self.wiring.iter().chain(&self.attributes).chain(&self.types)
    }
}

impl CheckedBlock {
    /// The data type that another attribute fixes for the literal in the attribute `spec`.
    pub fn fixed_dtype(&self, spec: &AttrSpec) -> Option<DType> {
        let AttrType::Tensor { dtype_attr } = spec.ty else { return None };
        match self.attrs.get(dtype_attr) {
            Some(Attr::DType(dtype)) => Some(*dtype),
            _ => None,
        }
    }
}

/// A page with everything resolved and every problem found.
#[derive(Clone)]
pub struct CheckedPage {
    /// The page.
    pub page: Arc<Page>,
    /// Its blocks, those of unknown types too; what has not changed is shared with the check before.
    pub blocks: BTreeMap<BlockId, Arc<CheckedBlock>>,
    /// The blocks in an order in which each comes after those that it needs; blocks of a loop are left out.
    pub order: Arc<Vec<BlockId>>,
    /// All that is wrong, sorted by block and port.
    pub problems: Vec<Problem>,
}

impl CheckedPage {
    /// The problems of one block.
    pub fn problems_of<'a>(&'a self, id: &'a BlockId) -> impl Iterator<Item = &'a Problem> {
        let begin = self.problems.partition_point(|p| p.block.as_ref() < Some(id));
        self.problems[begin..].iter().take_while(move |p| p.block.as_ref() == Some(id))
    }
}

/// Checks `page` against the block types in `registry`, with `feeds` given from outside.
pub fn check(page: &Arc<Page>, registry: &Registry, feeds: &Feeds) -> CheckedPage {
    let mut problems = Vec::new();
    if let Some(name) = page.name.as_deref().filter(|name| !is_scope(name)) {
        problems.push(Problem::page(no_scope(name)));
    }
    for id in page.layout.keys().filter(|id| !page.blocks.contains_key(*id)) {
        problems.push(Problem::page(format!("layout places the block '{id}', which the page does not have")));
    }
    for (id, place) in page.layout.iter().filter(|(id, place)| page.blocks.contains_key(*id) && !place.is_within()) {
        let (x, y) = (number::f64_text(place.x), number::f64_text(place.y));
        let message =
            format!("stands at [{x}, {y}], beyond ±{FARTHEST}; it is shown beside the others, move it from there");
        problems.push(Problem::block(id, message));
    }
    let mut blocks = BTreeMap::new();
    let mut wiring = wiring::resolve(page, registry, &mut problems);
    for (id, node) in &page.blocks {
        let block = registry.get(&node.type_name);
        let mut own = Vec::new();
        let mut checked = CheckedBlock {
            block,
            attrs: Attrs::default(),
            sets: incoming_sets(&wiring, id),
            effective: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            state: State::Ready,
            warnings: Vec::new(),
            found: Found::default(),
            wired: State::Ready,
            is_ordered: false,
        };
        let incoming = wiring.incoming.remove(id).unwrap_or_default();
        let (misfit, from_unknown) = (incoming.faulty, incoming.from_unknown.clone());
        match block {
            None => own.push(Problem::block(id, registry.unknown(&node.type_name))),
            Some(block) => {
                (checked.attrs, checked.effective) =
                    attributes::resolve(page, id, block.spec(), &incoming.sets, &mut checked.found.attributes);
                checked.inputs = wiring::sources(id, node, block.spec(), incoming, &mut own);
            }
        }
        if !own.is_empty() || misfit {
            checked.state = State::Faulty;
        } else if let Some(unknown) = from_unknown {
            checked.state = State::Waiting(unknown);
        }
        problems.extend(own);
        blocks.insert(id.clone(), checked);
    }
    let order = order::topological(&mut blocks, &mut problems);
    for id in &order {
        blocks.get_mut(id).into_iter().for_each(|block| block.is_ordered = true);
    }
    blocks.values_mut().for_each(CheckedBlock::settle_attributes);
    let mut of_page = Vec::new();
    for problem in problems {
        match problem.block.as_ref().and_then(|id| blocks.get_mut(id)) {
            Some(block) => block.found.wiring.push(problem),
            None => of_page.push(problem),
        }
    }
    types::infer(&mut blocks, &order, feeds);
    let mut problems = of_page;
    problems.extend(blocks.values().flat_map(|block| block.found.all()).cloned());
    problems.sort();
    let blocks = blocks.into_iter().map(|(id, block)| (id, Arc::new(block))).collect();
    CheckedPage { page: page.clone(), blocks, order: Arc::new(order), problems }
}

impl CheckedBlock {
    /// Wires and order have been looked at: attributes that do not fit are as bad as wires.
    fn settle_attributes(&mut self) {
        self.wired = self.state.clone();
        self.state = self.state_before_types();
    }

    fn state_before_types(&self) -> State {
        if self.found.attributes.is_empty() { self.wired.clone() } else { State::Faulty }
    }
}

/// What is wrong with a page's name that is no scope, and what to do.
pub fn no_scope(name: &str) -> String {
    format!(
        "the page's name \"{name}\" is no scope: letters, digits and _.-/ can be in one, the first a letter, a digit or a point; name it {}",
        scope_of(name)
    )
}

fn incoming_sets(wiring: &wiring::Wiring, id: &BlockId) -> Vec<BlockId> {
    wiring.incoming.get(id).map(|incoming| incoming.sets.clone()).unwrap_or_default()
}

/// Runs a block's own code; a panic in it becomes a fault, so that a broken block takes nothing down.
pub fn guarded<T>(code: impl FnOnce() -> Result<T, Vec<Fault>>) -> Result<T, Vec<Fault>> {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|panic| Err(vec![panicked(&*panic)]))
}

/// The fault of a block whose own code panicked.
pub fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    Fault::block(format!("the block's own code panicked ({}); this is a bug in the block", panic_text(panic)))
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
