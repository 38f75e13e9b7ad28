//! An executor whose pages run on a cluster: a thread that waits for it.
//!
//! What is looked at travels, and what the page fetches; of other blocks nothing is told.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use node_core::check::{CheckedPage, State, panic_text};
use node_core::{BlockId, InferCx, InputType, PortRef, Problem, Role, Tensor};
use node_engine::executor::Wake;
use node_engine::inbox::Inbox;
use node_engine::{BlockResult, Executor, Job, Outcome, Report, RunOptions, default_fetch};

use super::arrived;
use super::page::{PageRun, unfed};
use super::{Cluster, Target};
use crate::graph::Edge;
use crate::page::{PageGraph, graph, needed, possible};

/// Progress is told of what takes longer.
const LONG: Duration = Duration::from_millis(300);

/// So long is waited for what is under way when the editor ends.
const PARTING: Duration = Duration::from_secs(2);

/// Runs pages on clusters.
pub struct ClusterRunner {
    inbox: Inbox<Job>,
    reports: Receiver<Report>,
    thread: JoinHandle<()>,
}

impl ClusterRunner {
    /// Starts its thread; `wake` is called after every report.
    pub fn start(memory_limit: u64, wake: Wake) -> std::io::Result<ClusterRunner> {
        let (inbox, (outbox, reports)) = (Inbox::new(), channel());
        let worker = Worker { inbox: inbox.clone(), outbox, memory_limit, wake, cluster: None };
        let thread = std::thread::Builder::new().name("nudge-cluster".to_owned()).spawn(move || worker.work())?;
        Ok(ClusterRunner { inbox, reports, thread })
    }
}

impl Executor for ClusterRunner {
    fn submit(&mut self, run: u64, job: Job) {
        self.inbox.put(run, job);
    }

    fn cancel(&mut self, run: u64) {
        self.inbox.cancel(run);
    }

    /// Nothing is kept but the connection.
    fn forget(&mut self, _: u64) {}

    fn reports(&mut self) -> Vec<Report> {
        self.reports.try_iter().collect()
    }
}

impl Drop for ClusterRunner {
    /// The session that is open is closed first, if the cluster answers soon.
    fn drop(&mut self) {
        self.inbox.close();
        let begun = Instant::now();
        while !self.thread.is_finished() && begun.elapsed() < PARTING {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

struct Worker {
    inbox: Inbox<Job>,
    outbox: Sender<Report>,
    memory_limit: u64,
    wake: Wake,
    cluster: Option<Arc<Cluster>>,
}

/// How a run ended that gave nothing.
enum Ended {
    /// Somebody stopped it.
    Stopped,
    /// Something went wrong, with a block of the page if one is named.
    BrokeOff(Problem),
    /// A block failed, and the cluster is there as before.
    Failed(Problem),
}

impl Worker {
    fn work(mut self) {
        while let Some((revision, job)) = self.inbox.take() {
            let begun = Instant::now();
            let ended = catch_unwind(AssertUnwindSafe(|| self.run(revision, &job)));
            match ended {
                Ok(Ok(())) => self.tell(Report::Finished { revision, elapsed: begun.elapsed() }),
                Ok(Err(Ended::Stopped)) => {}
                Ok(Err(Ended::BrokeOff(problem) | Ended::Failed(problem))) => {
                    self.cluster = None;
                    if let Some(id) = problem.block.clone() {
                        self.tell_block(revision, id, BlockResult::ended(Outcome::Failed(problem.clone())));
                    }
                    self.tell(Report::BrokeOff { revision, why: problem.to_string() });
                }
                Err(panic) => {
                    self.cluster = None;
                    let why = format!("a mistake of the program ({})", panic_text(&*panic));
                    self.tell(Report::BrokeOff { revision, why });
                }
            }
        }
    }

    fn tell(&self, report: Report) {
        // Nobody listens any more once the editor is gone.
        let _ = self.outbox.send(report);
        (self.wake)();
    }

    fn run(&mut self, revision: u64, job: &Job) -> Result<(), Ended> {
        let text = job.target.as_deref().unwrap_or_default();
        let target = Target::parse(text).map_err(|why| Ended::BrokeOff(Problem::page(why)))?;
        let checked = &*job.checked;
        let (mut failed, mut wanted) = (BTreeMap::new(), possible(checked, wanted(checked, &job.looked_at)));
        for problem in unfed(checked, &wanted) {
            fail(&mut failed, checked, &mut wanted, &problem);
        }
        let inbox = self.inbox.clone();
        let stale = || inbox.is_stale(revision);
        let files = job.files.clone();
        let options =
            RunOptions { cancelled: &stale, files: &*files, ..RunOptions::with_memory_limit(self.memory_limit) };
        let name = checked.page.name.as_deref().unwrap_or("page");
        let found = loop {
            match graph((checked, name), &wanted, false, &options) {
                Ok(found) => break found,
                Err(_) if stale() => return Err(Ended::Stopped),
                // Without those that cannot be there, and what needs them.
                Err(problems) => {
                    let before = wanted.len();
                    problems.iter().for_each(|problem| fail(&mut failed, checked, &mut wanted, problem));
                    if wanted.len() == before {
                        return Err(Ended::BrokeOff(problems.first().cloned().unwrap_or_default()));
                    }
                }
            }
        };
        let mut found = found;
        while !found.fetched.is_empty() {
            for problem in found.as_tensors() {
                fail(&mut failed, checked, &mut Vec::new(), &problem);
            }
            match self.on_cluster(revision, checked, (&target, &job.looked_at), found) {
                // The rest can be had without it.
                Err(Ended::Failed(problem)) => {
                    let before = wanted.len();
                    fail(&mut failed, checked, &mut wanted, &problem);
                    if wanted.len() == before {
                        return Err(Ended::BrokeOff(problem));
                    }
                    let again = graph((checked, name), &wanted, false, &options);
                    found =
                        again.map_err(|problems| Ended::BrokeOff(problems.into_iter().next().unwrap_or_default()))?;
                }
                Err(ended) => return Err(ended),
                Ok(()) => break,
            }
        }
        failed.into_iter().for_each(|(id, result)| self.tell_block(revision, id, result));
        Ok(())
    }

    /// Has the cluster run a graph, and tells what comes of it.
    fn on_cluster(
        &mut self,
        revision: u64,
        checked: &CheckedPage,
        (target, looked_at): (&Target, &BTreeSet<BlockId>),
        found: PageGraph,
    ) -> Result<(), Ended> {
        let PageGraph { lowered, fetched } = found;
        let first = fetched.first().map(|(port, _)| port.block.clone());
        let (inbox, outbox, wake) = (self.inbox.clone(), self.outbox.clone(), self.wake.clone());
        let (begun, is_told) = (Instant::now(), Cell::new(false));
        let stop = |_: Duration| {
            // How far it is nobody knows, so it is told but once.
            if let (true, Some(block)) = (begun.elapsed() > LONG && !is_told.replace(true), &first) {
                let blocks = fetched.len();
                let _ = outbox.send(Report::Progress { revision, block: block.clone(), blocks, done: 0.0 });
                wake();
            }
            inbox.is_stale(revision)
        };
        let ended = |problem: &Problem| match inbox.is_stale(revision) {
            true => Ended::Stopped,
            false => Ended::BrokeOff(problem.clone()),
        };
        let held = self.cluster.take().filter(|cluster| cluster.target() == target);
        let cluster = match held {
            Some(cluster) => cluster,
            None => Arc::new(Cluster::connect(target, &stop).map_err(|failure| ended(&failure.problem()))?),
        };
        self.cluster = Some(cluster.clone());
        let run = PageRun::begin(&cluster, checked, lowered, &stop);
        let run = run.map_err(|problems| ended(&problems.first().cloned().unwrap_or_default()))?;
        let edges: Vec<Edge> = fetched.iter().map(|(_, edge)| *edge).collect();
        let tensors = run.step(&edges, &[], &stop).map_err(|failure| {
            let is_of_block = failure.block.is_some() && !failure.lost && !failure.stopped;
            if is_of_block { Ended::Failed(failure.problem()) } else { ended(&failure.problem()) }
        })?;
        let mut by_block: BTreeMap<BlockId, BTreeMap<usize, Tensor>> = BTreeMap::new();
        for ((port, _), tensor) in fetched.iter().zip(tensors) {
            let index = checked.blocks.get(&port.block).and_then(|block| block.output_index(&port.port));
            by_block.entry(port.block.clone()).or_default().extend(index.map(|index| (index, tensor)));
        }
        // Of what is known anyway the first elements are enough, unless somebody looks at it.
        let watched: BTreeSet<BlockId> = by_block.keys().chain(looked_at).cloned().collect();
        known_here(checked, &mut by_block);
        let outputs = |id: &BlockId| Some(checked.blocks.get(id)?.setup.as_ref()?.ports.outputs().len());
        let counts = |id: &BlockId| outputs(id).unwrap_or(0);
        for (id, result) in arrived::results(by_block, &watched, counts) {
            let remarked = remarked(checked, &id, result);
            self.tell_block(revision, id, remarked);
        }
        Ok(())
    }

    fn tell_block(&self, revision: u64, id: BlockId, result: BlockResult) {
        self.tell(Report::Block { revision, id, result: Box::new(result) });
    }
}

/// The outputs that travel: what the page fetches, and what is looked at, as far as they can be.
fn wanted(checked: &CheckedPage, looked_at: &BTreeSet<BlockId>) -> Vec<PortRef> {
    let mut ports = default_fetch(checked);
    for id in looked_at {
        let Some(block) = checked.blocks.get(id) else { continue };
        let Some(setup) = &block.setup else { continue };
        for (index, output) in setup.ports.outputs().iter().enumerate().filter(|(index, _)| !block.is_absent(*index)) {
            let port = PortRef::new(id, &output.name);
            let is_known = index < block.outputs.len() || block.state != State::Ready;
            if is_known && !ports.contains(&port) {
                ports.push(port);
            }
        }
    }
    ports
}

/// What is known without asking anybody: constants, and what is fed.
fn known_here(checked: &CheckedPage, by_block: &mut BTreeMap<BlockId, BTreeMap<usize, Tensor>>) {
    for (id, block) in checked.blocks.iter().filter(|(_, block)| block.state == State::Ready) {
        let is_fed = block.role() == Some(Role::Feed);
        let known = block.values.as_deref().cloned().or_else(|| Some(vec![block.fed.clone().filter(|_| is_fed)?]));
        if let Some(tensors) = known.filter(|tensors| !tensors.is_empty()) {
            by_block.entry(id.clone()).or_insert_with(|| tensors.into_iter().enumerate().collect());
        }
    }
}

/// A block failed: what needs it waits, and is wanted no more.
fn fail(
    failed: &mut BTreeMap<BlockId, BlockResult>,
    checked: &CheckedPage,
    wanted: &mut Vec<PortRef>,
    problem: &Problem,
) {
    let Some(id) = &problem.block else { return };
    failed.insert(id.clone(), BlockResult::ended(Outcome::Failed(problem.clone())));
    wanted.retain(|port| {
        let needs = needed(checked, std::slice::from_ref(port)).contains(id);
        if needs && port.block != *id {
            failed.entry(port.block.clone()).or_insert_with(|| BlockResult::ended(Outcome::Waiting(id.clone())));
        }
        !needs
    });
}

/// With what the block itself says of its quantization and its attributes, as far as that is known before a run.
fn remarked(checked: &CheckedPage, id: &BlockId, result: BlockResult) -> BlockResult {
    let Some(block) = checked.blocks.get(id) else { return result };
    let Some((setup, code)) = block.setup.as_ref().zip(block.code()) else { return result };
    let known = |nth: usize| -> Vec<InputType> {
        let sources = block.inputs.get(nth).into_iter().flatten();
        let of = |source: &node_core::check::Source| match source {
            node_core::check::Source::Output { block, index } => {
                let source = checked.blocks.get(block)?;
                let value = source.values.as_ref().and_then(|values| values.get(*index).cloned());
                Some(InputType { ty: source.outputs.get(*index)?.clone(), value })
            }
            node_core::check::Source::Literal => {
                let tensor = block.literals.get(nth)?.as_ref()?.tensor.clone();
                Some(InputType { ty: tensor.tensor_type(), value: Some(tensor) })
            }
        };
        sources.filter_map(of).collect()
    };
    let inputs: Vec<Vec<InputType>> = (0..block.inputs.len()).map(known).collect();
    let cx = InferCx::new(setup, &inputs);
    let quantization = node_core::check::guarded(|| Ok(code.quantization(&cx))).ok().flatten();
    BlockResult { quantization: quantization.map(Arc::new), warnings: block.warnings.clone(), ..result }
}
