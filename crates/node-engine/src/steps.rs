//! Steps: a page run again and again, whose variables go from one run to the next.
//!
//! A step reads the state as it was before it. The outputs of updates are what variables are after it; they land when all
//! of it has run.

use std::collections::BTreeSet;

use node_core::check::{CheckedPage, Feeds, Source, State, Surroundings, guarded};
use node_core::{BlockId, DType, Page, PortRef, Problem, Registry, Role, Scalar, Tensor};

use crate::engine::Engine;
use crate::fetch::needed_blocks;
use crate::options::RunOptions;
use crate::plan::{Request, plan};
use crate::run::Session;

/// What variables are, and how many steps have been made.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The number of the next step.
    pub step: u64,
    /// What each variable is, by its output.
    pub variables: Feeds,
}

impl Progress {
    /// What a check is to be given, so that the page stands at this step: beside `feeds` the variables, and the number of
    /// the step for all that counts.
    pub fn feeds(&self, page: &Page, registry: &Registry, feeds: &Feeds) -> Feeds {
        let mut all = feeds.clone();
        all.extend(self.variables.iter().map(|(port, tensor)| (port.clone(), tensor.clone())));
        if self.step > 0 {
            let number = Tensor::scalar(self.step as i64);
            for (id, node) in &page.blocks {
                let spec = registry.get(&node.type_name).map(|ty| &ty.spec).filter(|spec| spec.role == Role::Counted);
                let output = spec.and_then(|spec| spec.outputs().next());
                all.extend(output.map(|output| (PortRef::new(id, &output.name), number.clone())));
            }
        }
        all
    }

    /// Whether nothing has happened yet.
    pub fn is_begin(&self) -> bool {
        self.step == 0 && self.variables.is_empty()
    }
}

/// The updates of a page that a run makes which fetches these ports.
pub fn updates(checked: &CheckedPage, fetch: &[PortRef]) -> Vec<BlockId> {
    let needed = needed_blocks(checked, fetch);
    let is_update = |id: &&BlockId| {
        let block = checked.blocks.get(*id).filter(|block| block.role() == Some(Role::Update));
        // One that is muted gives its variable as it is.
        block.is_some_and(|block| block.state == State::Ready && block.passes.is_none())
    };
    needed.iter().filter(is_update).cloned().collect()
}

/// Steps under way.
pub struct Steps {
    session: Session,
    /// The state, between steps that are whole.
    progress: Progress,
    /// The number in the plan of each variable's step, and its port.
    variables: Vec<(usize, PortRef)>,
    /// For each output of an update where it lands: the output's block and number, and the place among `variables`.
    landing: Vec<(BlockId, usize, usize)>,
    /// Numbers in the plan of steps that count, and what stands for their names.
    counting: Vec<(usize, i64)>,
    /// The scalars that are followed, and their values in each step.
    followed: Vec<(PortRef, BlockId, usize)>,
    /// What moving blocks need of those that do not move, until it has been computed once.
    still: Vec<(BlockId, usize)>,
    history: Vec<Vec<Scalar>>,
}

impl Steps {
    /// Steps of `checked` that fetch these ports and follow those scalars, from `progress` on. Variables that it does not
    /// know are first what their initial values are, which are computed here.
    ///
    /// # Errors
    /// What is wrong with the page, as far as it is needed; an initial value that cannot be computed.
    pub fn new(
        checked: &CheckedPage,
        (fetch, followed): (&[PortRef], &[PortRef]),
        progress: Progress,
        (engine, around, options): (&mut Engine, &Surroundings<'_>, &RunOptions<'_>),
    ) -> Result<Steps, Vec<Problem>> {
        let progress = begun(checked, progress, engine, around, options)?;
        let checked = &stands_at(checked, &progress, around);
        let asked: Vec<PortRef> = fetch.iter().chain(followed).cloned().collect();
        let needed = needed_blocks(checked, &asked);
        let problems: Vec<Problem> = needed.iter().flat_map(|id| checked.problems_of(id)).cloned().collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let updating = updates(checked, fetch);
        let outputs = updating.iter().map(|id| PortRef::new(id, ""));
        let still = still(checked, &needed);
        let kept = still.iter().filter_map(|(id, index)| {
            let setup = checked.blocks.get(id)?.setup.as_deref()?;
            Some(PortRef::new(id, setup.output_name(*index)))
        });
        // What is fetched has no effect on what comes next, but may fail.
        let request: Vec<PortRef> = asked.iter().cloned().chain(outputs).chain(kept).collect();
        let plan = plan(checked, &Request { fetch: request, ..Request::default() });
        let variables: Vec<(usize, PortRef)> = progress
            .variables
            .keys()
            .filter_map(|port| Some((plan.step(port.block.as_str())?, port.clone())))
            .collect();
        let mut landing = Vec::new();
        for id in &updating {
            let Some(block) = checked.blocks.get(id) else { continue };
            for (output, sources) in block.inputs.iter().take(block.outputs.len()).enumerate() {
                let Some(Source::Output { block: variable, .. }) = sources.first() else { continue };
                let place = variables.iter().position(|(_, port)| port.block == *variable);
                landing.extend(place.map(|place| (id.clone(), output, place)));
            }
        }
        let counting = plan.steps.iter().enumerate().filter(|(_, step)| step.setup.spec().role == Role::Counted);
        let named =
            |(number, step): (usize, &crate::plan::Step)| Some((number, *step.fed.as_ref()?.slice::<i64>()?.get(1)?));
        let counting = counting.filter_map(named).collect();
        let followed: Vec<_> = followed
            .iter()
            .filter_map(|port| {
                let index = checked.blocks.get(&port.block)?.output_index(&port.port)?;
                Some((port.clone(), port.block.clone(), index))
            })
            .collect();
        let history = vec![Vec::new(); followed.len()];
        Ok(Steps { session: Session::new(plan), progress, variables, landing, counting, followed, still, history })
    }

    /// Makes one step; `false` if it was cancelled: then nothing has landed.
    ///
    /// # Errors
    /// What went wrong; then nothing has landed.
    pub fn advance(&mut self, engine: &mut Engine, options: &RunOptions<'_>) -> Result<bool, Vec<Problem>> {
        self.session.run(engine, options, &mut |_, _| {});
        if self.session.is_cancelled() {
            return Ok(false);
        }
        let problems: Vec<Problem> = self.session.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut after: Vec<(usize, Tensor)> = Vec::with_capacity(self.landing.len());
        for (id, output, place) in &self.landing {
            let Some(new) = self.session.tensor(id.as_str(), *output).cloned() else { continue };
            let port = &self.variables[*place].1;
            let before = self.progress.variables.get(port);
            if let Some(before) = before.filter(|before| before.tensor_type() != new.tensor_type()) {
                let message = format!(
                    "gives {} for {}, which is {}; a variable keeps its type and shape",
                    new.tensor_type(),
                    port.block,
                    before.tensor_type()
                );
                return Err(vec![Problem::block(id, message)]);
            }
            after.push((*place, new));
        }
        for ((_, block, index), values) in self.followed.iter().zip(&mut self.history) {
            let value = self.session.tensor(block.as_str(), *index).and_then(|tensor| tensor.element(0));
            values.push(value.unwrap_or(Scalar::Float64(f64::NAN)));
        }
        for (id, index) in std::mem::take(&mut self.still) {
            self.session.hold(id.as_str(), index);
        }
        self.progress.step += 1;
        for (place, tensor) in after {
            let (step, port) = &self.variables[place];
            self.session.feed_next(*step, tensor.clone());
            self.progress.variables.insert(port.clone(), tensor);
        }
        let next = self.progress.step as i64;
        for (step, name) in &self.counting {
            self.session.feed_next(*step, Tensor::vector(vec![next, *name]));
        }
        Ok(true)
    }

    /// The values of the scalars that are followed in the steps since this was asked, in their order.
    pub fn take_history(&mut self) -> Vec<Vec<Scalar>> {
        self.history.iter_mut().map(std::mem::take).collect()
    }

    /// The scalars that are followed.
    pub fn followed(&self) -> impl Iterator<Item = &PortRef> {
        self.followed.iter().map(|(port, ..)| port)
    }

    /// Where the page stands.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The scalars that are followed, with their values in each step that was made.
    pub fn history(&self) -> impl Iterator<Item = (&PortRef, &[Scalar])> {
        self.followed.iter().map(|(port, ..)| port).zip(self.history.iter().map(Vec::as_slice))
    }

    /// Whether steps change anything.
    pub fn trains(&self) -> bool {
        !self.landing.is_empty()
    }
}

/// The blocks whose results may be others in the next step, in their order.
fn moving(checked: &CheckedPage) -> Vec<&BlockId> {
    let (mut order, mut moving) = (Vec::new(), BTreeSet::new());
    for id in checked.order.iter() {
        let Some((id, block)) = checked.blocks.get_key_value(id) else { continue };
        let moves = |source: &Source| matches!(source, Source::Output { block, .. } if moving.contains(block));
        let is_stateful = || block.code().is_some_and(|code| guarded(|| Ok(code.is_stateful())).unwrap_or(true));
        let begins = matches!(block.role(), Some(Role::Variable | Role::Counted)) || is_stateful();
        if begins || block.inputs.iter().flatten().any(moves) {
            moving.insert(id);
            order.push(id);
        }
    }
    order
}

/// The outputs of needed blocks that do not move, and that moving ones read.
fn still(checked: &CheckedPage, needed: &BTreeSet<BlockId>) -> Vec<(BlockId, usize)> {
    let moving: BTreeSet<&BlockId> = moving(checked).into_iter().collect();
    let readers = needed.iter().filter(|id| moving.contains(id)).filter_map(|id| checked.blocks.get(id));
    let sources = readers.flat_map(|block| block.inputs.iter().flatten());
    let still = sources.filter_map(|source| match source {
        Source::Output { block, index } if !moving.contains(block) => Some((block.clone(), *index)),
        _ => None,
    });
    still.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The outputs whose courses are worth following: numbers that depend on variables or on the number of the step.
pub fn scalars(checked: &CheckedPage) -> Vec<PortRef> {
    let mut found = Vec::new();
    for id in moving(checked) {
        let Some(block) = checked.blocks.get(id) else { continue };
        let Some(setup) = block.setup.as_deref().filter(|_| block.state == State::Ready) else { continue };
        for (index, ty) in block.outputs.iter().enumerate() {
            let is_one = ty.shape.known().is_some_and(|shape| shape.elements() == 1);
            if is_one && ty.dtype != DType::String && !block.is_absent(index) {
                found.push(PortRef::new(id, setup.output_name(index)));
            }
        }
    }
    found
}

fn first_output(checked: &CheckedPage, id: &BlockId) -> PortRef {
    let setup = checked.blocks.get(id).and_then(|block| block.setup.as_deref());
    PortRef::new(id, setup.map_or("output", |setup| setup.output_name(0)))
}

/// The page as it is at a step.
fn stands_at(checked: &CheckedPage, progress: &Progress, around: &Surroundings<'_>) -> CheckedPage {
    let feeds = progress.feeds(&checked.page, around.registry, around.feeds);
    checked.recheck(&checked.page, &Surroundings { feeds: &feeds, ..*around })
}

/// The state with the initial values of variables that it does not know; of variables that cannot run there are none.
fn begun(
    checked: &CheckedPage,
    mut progress: Progress,
    engine: &mut Engine,
    around: &Surroundings<'_>,
    options: &RunOptions<'_>,
) -> Result<Progress, Vec<Problem>> {
    let unknown: Vec<PortRef> = checked
        .blocks
        .iter()
        .filter(|(_, block)| block.role() == Some(Role::Variable) && block.state == State::Ready)
        .map(|(id, _)| first_output(checked, id))
        .filter(|port| !progress.variables.contains_key(port))
        .collect();
    if unknown.is_empty() {
        return Ok(progress);
    }
    let checked = stands_at(checked, &progress, around);
    let results = engine.run(&plan(&checked, &Request::fetch(&unknown)), options);
    let problems: Vec<Problem> = results.problems().cloned().collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    for port in unknown {
        if let Some(tensor) = results.tensor(port.block.as_str(), 0) {
            progress.variables.insert(port, tensor.clone());
        }
    }
    Ok(progress)
}
