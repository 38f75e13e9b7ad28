//! Checking a page: attributes resolved, wires matched to ports, types and shapes inferred, everything that is wrong
//! found, all at once and before any run.
//!
//! There is one way to check: from what was found before, what has changed is looked at again, and what follows from it.
//! A page that was never seen differs from the empty one in all of its blocks.

mod attributes;
mod changes;
mod links;
mod mute;
mod next;
mod order;
mod typed;
mod types;
mod updates;
mod variables;
mod wiring;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;

pub use attributes::{Effective, Origin};
pub use changes::Changes;
pub use links::Links;
pub use mute::{Passed, Passing, can_be_muted};
pub use types::infer_block;
pub use updates::counted;
pub use variables::Literal;

use crate::access::{FileUse, Files, NO_FILES};
use crate::attr::{AttrSpec, AttrType};
use crate::block::Block;
use crate::cx::Setup;
use crate::dtype::DType;
use crate::page::{BlockId, Page, PortRef};
use crate::problem::Problem;
use crate::registry::Registry;
use crate::remark::Warning;
use crate::spec::{BlockSpec, Role};
use crate::tensor::{Tensor, TensorType};

pub use crate::problem::{guarded, panic_text, panicked};

/// Tensors given from outside, by the output that they feed.
pub type Feeds = BTreeMap<PortRef, Tensor>;

/// What a page is checked against.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The block types that there are.
    pub registry: &'a Registry,
    /// Tensors given from outside.
    pub feeds: &'a Feeds,
    /// The files that blocks may read.
    pub files: &'a dyn Files,
}

impl<'a> Surroundings<'a> {
    /// Without files.
    pub fn new(registry: &'a Registry, feeds: &'a Feeds) -> Surroundings<'a> {
        Surroundings { registry, feeds, files: &NO_FILES }
    }
}

/// Where an input's tensor comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An output of another block.
    Output {
        /// The block.
        block: BlockId,
        /// Which of its tensor outputs.
        index: usize,
    },
    /// The literal on the input itself.
    Literal,
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
    /// The program knows what it looks like, and not how to compute it.
    Opaque,
}

/// A block as checked. What has not changed is shared with the check before.
#[derive(Clone)]
pub struct CheckedBlock {
    /// Its type, ports and attributes, if the registry has its type.
    pub setup: Option<Arc<Setup>>,
    /// The wires at it.
    pub links: Arc<Links>,
    /// The blocks whose attribute sets are wired to it, in order.
    pub sets: Vec<BlockId>,
    /// The attributes as people see them: value and where it comes from.
    pub effective: Arc<Vec<Effective>>,
    /// For each tensor input in order, where its tensors come from.
    pub inputs: Arc<Vec<Vec<Source>>>,
    /// For each tensor input in order, the literal that counts, if there is one.
    pub literals: Arc<Vec<Option<Literal>>>,
    /// For each tensor input in order, the data type that its variable is bound to, where something binds it.
    pub bound: Vec<Option<DType>>,
    /// The types of the tensor outputs, where they are known.
    pub outputs: Vec<TensorType>,
    /// The tensors of the outputs, where they are known before any run.
    pub values: Option<Arc<Vec<Tensor>>>,
    /// Of a muted block that can run: for each output what passes through to it.
    pub passes: Option<Arc<Vec<Option<Passed>>>>,
    /// Whether it can run.
    pub state: State,
    /// What a person should know although nothing is wrong.
    pub warnings: Vec<Warning>,
    /// The files that it has looked at.
    pub files: Vec<FileUse>,
    /// What feeds it from outside.
    pub fed: Option<Tensor>,
    /// What is wrong with it.
    found: Found,
    /// Whether it could run as far as wires, literals and places go.
    linked: State,
    /// Its place in the order.
    turn: order::Turn,
}

/// What is wrong with a block, by what it follows from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    /// Wires, literals, places, and its type's being unknown.
    wiring: Vec<Problem>,
    /// Attributes, its own and those of sets.
    attributes: Vec<Problem>,
    /// The loop that it is part of.
    order: Vec<Problem>,
    /// Types and shapes.
    types: Vec<Problem>,
}

impl CheckedBlock {
    /// A block that nobody has looked at yet.
    fn unseen(links: Arc<Links>) -> CheckedBlock {
        CheckedBlock {
            setup: None,
            links,
            sets: Vec::new(),
            effective: Arc::default(),
            inputs: Arc::default(),
            literals: Arc::default(),
            bound: Vec::new(),
            outputs: Vec::new(),
            values: None,
            passes: None,
            state: State::Ready,
            warnings: Vec::new(),
            files: Vec::new(),
            fed: None,
            found: Found::default(),
            linked: State::Ready,
            turn: order::Turn::default(),
        }
    }

    /// The description of its type, if the registry has it.
    pub fn spec(&self) -> Option<&BlockSpec> {
        self.setup.as_deref().map(Setup::spec)
    }

    /// Its code, if the program has it.
    pub fn code(&self) -> Option<&Arc<dyn Block>> {
        self.setup.as_ref()?.ty.code.as_ref()
    }

    /// The part that it plays, if the registry has its type.
    pub fn role(&self) -> Option<Role> {
        self.spec().map(|spec| spec.role)
    }

    /// The place of the tensor output called `name`.
    pub fn output_index(&self, name: &str) -> Option<usize> {
        let setup = self.setup.as_deref()?;
        setup.ports.output_index(setup.spec(), name)
    }

    /// What comes to the input called `name`; to a list its first.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.inputs.get(self.spec()?.input_index(name)?)?.first()
    }

    /// Whether nothing passes to output number `index`, since the block is muted and no input has that type.
    pub fn is_absent(&self, index: usize) -> bool {
        self.passes.as_ref().is_some_and(|passes| passes.get(index).is_none_or(Option::is_none))
    }

    /// The data type that another attribute fixes for the literal in the attribute `spec`.
    pub fn fixed_dtype(&self, spec: &AttrSpec) -> Option<DType> {
        let AttrType::Tensor { dtype_attr } = &spec.ty else { return None };
        self.setup.as_ref()?.attrs.dtype(dtype_attr)
    }

    /// The data type that the block's other inputs and attributes give to the tensor input called `name`.
    pub fn bound_dtype(&self, name: &str) -> Option<DType> {
        self.bound.get(self.spec()?.input_index(name)?).copied().flatten()
    }

    /// Whether it can run as far as wires, literals, loops and attributes go.
    fn state_before_types(&self) -> State {
        if !self.found.attributes.is_empty() { State::Faulty } else { self.wired() }
    }

    /// Whether it can run as far as wires, literals and loops go.
    fn wired(&self) -> State {
        match (&self.linked, &self.turn.stuck) {
            (State::Faulty, _) | (_, Some(State::Faulty)) => State::Faulty,
            (State::Ready, Some(stuck)) => stuck.clone(),
            (linked, _) => linked.clone(),
        }
    }

    /// Whether all that is wrong with it is that it is part of a loop.
    pub fn is_in_loop_alone(&self) -> bool {
        let Found { wiring, attributes, order: _, types } = &self.found;
        self.turn.stuck == Some(State::Faulty) && wiring.is_empty() && attributes.is_empty() && types.is_empty()
    }

    fn problems(&self) -> impl Iterator<Item = &Problem> {
        let Found { wiring, attributes, order, types } = &self.found;
        wiring.iter().chain(attributes).chain(order).chain(types)
    }
}

/// What a page says of blocks that it does not have.
#[derive(Clone, Debug, Default)]
struct Loose {
    /// The wires at each.
    wires: BTreeMap<BlockId, Arc<Links>>,
    /// Those that have a place.
    places: BTreeSet<BlockId>,
}

/// A page with everything resolved and every problem found.
#[derive(Clone, Default)]
pub struct CheckedPage {
    /// The page.
    pub page: Arc<Page>,
    /// Its blocks, those of unknown types too; what has not changed is shared with the check before.
    pub blocks: OrdMap<BlockId, Arc<CheckedBlock>>,
    /// The blocks in an order in which each comes after those that it needs; blocks of a loop are left out.
    pub order: Arc<Vec<BlockId>>,
    /// All that is wrong, sorted by block and port.
    pub problems: Vec<Problem>,
    loose: Arc<Loose>,
    /// The blocks that have looked at files.
    pub readers: Arc<BTreeSet<BlockId>>,
    /// What was given from outside.
    fed: Arc<Feeds>,
}

impl CheckedPage {
    /// The problems of one block.
    pub fn problems_of<'a>(&'a self, id: &'a BlockId) -> impl Iterator<Item = &'a Problem> {
        let begin = self.problems.partition_point(|p| p.block.as_ref() < Some(id));
        self.problems[begin..].iter().take_while(move |p| p.block.as_ref() == Some(id))
    }

    /// The wires at a block, whether it is there or not.
    pub fn links(&self, id: &BlockId) -> Option<&Links> {
        match self.blocks.get(id) {
            Some(block) => Some(&block.links),
            None => self.loose.wires.get(id).map(Arc::as_ref),
        }
    }

    /// Checks `page`, of which this was an earlier state, with the same block types; feeds and files may be others. What has not changed is not looked at
    /// again, and shared.
    pub fn recheck(&self, page: &Arc<Page>, around: &Surroundings<'_>) -> CheckedPage {
        next::next(self, page, around)
    }
}

/// Checks `page` against the block types in `registry`, with `feeds` given from outside and no files.
pub fn check(page: &Arc<Page>, registry: &Registry, feeds: &Feeds) -> CheckedPage {
    CheckedPage::default().recheck(page, &Surroundings::new(registry, feeds))
}

/// Checks `page`, of which `before` was an earlier state, with these feeds and no files.
pub fn recheck(before: &CheckedPage, page: &Arc<Page>, registry: &Registry, feeds: &Feeds) -> CheckedPage {
    before.recheck(page, &Surroundings::new(registry, feeds))
}

/// What is wrong with a page's name that is no scope, and what to do.
pub fn no_scope(name: &str) -> String {
    format!(
        "the page's name \"{name}\" is no scope: letters, digits and _.-/ can be in one, the first a letter, a digit or a point; name it {}",
        crate::page::scope_of(name)
    )
}
