//! Pages on TensorFlow's clusters: a connection to a master, sessions over graphs, steps of them.
//!
//! All calls wait, and can be stopped. Nothing is waited for without somebody looking: while a step runs, the workers that
//! take part in it are asked every few seconds whether they are there.

mod arrived;
pub mod device;
pub mod failure;
mod master;
pub mod page;
pub mod runner;
pub mod target;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use node_core::{BlockId, Tensor};
use prost::Message as _;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::Status;

pub use device::Device;
pub use failure::Failure;
pub use target::Target;

use crate::graph::{Edge, Graph, Node, NodeIndex};
use crate::proto::master::{
    CloseSessionRequest, ConfigProto, CreateSessionRequest, GraphOptions, ListDevicesRequest, NamedTensorProto,
    OptimizerOptions, RewriterConfig, RunStepRequest,
};
use crate::proto::{GraphDef, TensorProto};
use crate::tensor::{from_proto, to_proto};
use failure::{Names, told, worker_in};
use master::Master;

/// How often it is looked whether somebody wants to stop.
const TICK: Duration = Duration::from_millis(20);
/// How long a master may take for what needs no computing.
const ANSWER: Duration = Duration::from_secs(8);
/// How often workers are asked whether they are there.
const ASK: Duration = Duration::from_secs(4);
/// A line is taken to carry at least so many bytes in a millisecond.
const SLOW: u64 = 250;
/// Messages hold less than so many bytes.
const LIMIT: usize = (1 << 31) - 1;

/// A connection to a cluster.
pub struct Cluster {
    target: Target,
    handle: Handle,
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    master: Master,
}

impl Drop for Cluster {
    /// What is still under way ends with it, and is not waited for.
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// Whether a person wants to stop; asked every few milliseconds, with how long it has taken.
pub type Patience<'p> = &'p dyn Fn(Duration) -> bool;

/// The patience of who does not want to stop.
pub fn never(_: Duration) -> bool {
    false
}

/// A graph that a cluster holds, with the state of its variables.
pub struct Session {
    handle: String,
    names: Names,
    workers: Workers,
}

/// The workers that a graph is placed on.
#[derive(Clone, Default)]
struct Workers {
    /// Each, with a block that it computes.
    named: BTreeMap<String, Option<BlockId>>,
    /// Whether a device says so little that it may be any worker's.
    any: bool,
}

impl Workers {
    /// Those of a graph, or what is wrong with a device that it names.
    fn of(graph: &Graph) -> Result<Workers, Failure> {
        let mut workers = Workers::default();
        for node in graph.nodes.iter().filter(|node| !node.device.is_empty()) {
            let device = Device::parse(&node.device).map_err(|why| Failure::of_page(node.block.as_ref(), why))?;
            match device.worker() {
                Some(worker) => drop(workers.named.entry(worker).or_insert_with(|| node.block.clone())),
                None => workers.any = true,
            }
        }
        Ok(workers)
    }

    /// What a session is to wait for beside the master's own task: TensorFlow waits for all where it is told nothing.
    fn filters(&self) -> Vec<String> {
        const NOBODY: &str = "/job:nobody";
        match (self.any, self.named.is_empty()) {
            (true, _) => Vec::new(),
            (false, true) => vec![NOBODY.to_owned()],
            (false, false) => self.named.keys().cloned().collect(),
        }
    }
}

/// What a step takes and gives.
#[derive(Default)]
pub struct Step<'s> {
    /// Tensors that are fed.
    pub feed: Vec<(Edge, &'s Tensor)>,
    /// Outputs that are fetched.
    pub fetch: Vec<Edge>,
    /// Nodes that are carried out, without anything coming back.
    pub run: Vec<NodeIndex>,
}

impl Cluster {
    /// Connects to a cluster's master.
    pub fn connect(target: &Target, stop: Patience<'_>) -> Result<Cluster, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Failure::of(target, format!("cannot be asked: {error}")))?;
        let connected = runtime.block_on(waited(target, (ANSWER + TICK, stop), Master::connect(target)));
        match connected.and_then(|connected| connected) {
            Ok(master) => {
                Ok(Cluster { target: target.clone(), handle: runtime.handle().clone(), runtime: Some(runtime), master })
            }
            Err(failure) => {
                // A host's name may still be looked up; nobody waits for that.
                runtime.shutdown_background();
                Err(failure)
            }
        }
    }

    fn block_on<T>(&self, call: impl Future<Output = T>) -> T {
        self.handle.block_on(call)
    }

    /// Where it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The names of the cluster's devices, those of the master's own task first.
    pub fn devices(&self, stop: Patience<'_>) -> Result<Vec<String>, Failure> {
        self.block_on(waited(&self.target, (ANSWER, stop), self.listed()))?
    }

    async fn listed(&self) -> Result<Vec<String>, Failure> {
        let answer = self.master.clone().list_devices(ListDevicesRequest::default()).await;
        let answer = answer.map_err(|status| told(&self.target, &status, &Names::default()))?;
        Ok(answer.local_device.into_iter().chain(answer.remote_device).map(|device| device.name).collect())
    }

    /// Opens a session over a graph, whose devices must be there.
    pub fn open(&self, graph: &Graph, stop: Patience<'_>) -> Result<Session, Failure> {
        let (names, workers) = (Names::of(graph), Workers::of(graph)?);
        let def = graph.to_def();
        let size = def.encoded_len();
        if size >= LIMIT {
            let largest = graph.nodes.iter().zip(&def.node).max_by_key(|(_, def)| def.encoded_len());
            let block = largest.and_then(|(node, _)| node.block.as_ref());
            let why = format!("takes graphs of less than 2 GiB, and this is {size} bytes; feed large constants");
            return Err(Failure::of_block(&self.target, block, why));
        }
        let request = CreateSessionRequest {
            graph_def: Some(def),
            config: Some(config(workers.filters())),
            target: self.target.to_string(),
        };
        // What has to be sent takes its time too.
        let limit = ANSWER + Duration::from_millis(size as u64 / SLOW);
        let created = self.block_on(async {
            let opening = Opening::begin(&self.master, request);
            waited(&self.target, (limit, stop), opening.opened()).await
        });
        match created {
            Ok(Ok(handle)) => Ok(Session { handle, names, workers }),
            Ok(Err(status)) => {
                let failure = told(&self.target, &status, &names);
                Err(self.device_that_is_missing(graph, stop).unwrap_or(failure))
            }
            Err(failure) if failure.stopped => Err(failure),
            Err(_) => Err(self.block_on(self.unanswered(&workers))),
        }
    }

    /// A device that the graph names and the cluster does not have, if that can be found out.
    fn device_that_is_missing(&self, graph: &Graph, stop: Patience<'_>) -> Option<Failure> {
        let is_placed = |node: &&Node| !node.device.is_empty();
        graph.nodes.iter().find(is_placed)?;
        let names = self.devices(stop).ok()?;
        let devices: Vec<Device> = names.iter().filter_map(|name| Device::parse(name).ok()).collect();
        let is_missing = |node: &&Node| {
            Device::parse(&node.device).is_ok_and(|wanted| !devices.iter().any(|device| wanted.fits(device)))
        };
        let node = graph.nodes.iter().filter(is_placed).find(is_missing)?;
        let why = format!("has no device {}; it has {}", node.device, names.join(", "));
        Some(Failure::of_block(&self.target, node.block.as_ref(), why))
    }

    /// Who does not answer: the master, or one of its workers.
    async fn unanswered(&self, workers: &Workers) -> Failure {
        let mut master = self.master.clone();
        let reached =
            tokio::spawn(async move { timeout(ASK, master.close_session(CloseSessionRequest::default())).await });
        let silent = silent_of(&self.master, workers).await;
        if !matches!(reached.await, Ok(Ok(_))) {
            let why = "accepts connections and does not answer; look at the address, or start the worker anew";
            return Failure::of(&self.target, why);
        }
        if silent.is_empty() {
            let why = "answers, but waits for another worker of its cluster; start all of them";
            return Failure::of(&self.target, why);
        }
        silent_workers(&self.target, workers, &silent)
    }

    /// Runs a step. What is fetched comes in order.
    pub fn run(
        &self,
        graph: &Graph,
        session: &Session,
        step: &Step<'_>,
        stop: Patience<'_>,
    ) -> Result<Vec<Tensor>, Failure> {
        let request = self.request(graph, session, step)?;
        let called = async {
            let answer = self.master.clone().run_step(request).await;
            answer.map_err(|status| self.told(session, &status))
        };
        let answer = self.block_on(self.watched(session, stop, called))??;
        if answer.status_code != 0 {
            let status = tonic::Status::new(tonic::Code::from_i32(answer.status_code), answer.status_error_message);
            return Err(self.told(session, &status));
        }
        let given: HashMap<&str, &TensorProto> =
            answer.tensor.iter().filter_map(|named| Some((named.name.as_str(), named.tensor.as_ref()?))).collect();
        let mut tensors = Vec::with_capacity(step.fetch.len());
        for edge in &step.fetch {
            let name = graph.tensor_name(*edge);
            let read = given.get(name.as_str()).map_or_else(|| Err("nothing".to_owned()), |proto| from_proto(proto));
            let block = graph.nodes[edge.node].block.as_ref();
            tensors.push(read.map_err(|why| Failure::of_block(&self.target, block, format!("gave {name} as {why}")))?);
        }
        Ok(tensors)
    }

    /// What went wrong with a step; where a worker was lost, a block of its.
    fn told(&self, session: &Session, status: &tonic::Status) -> Failure {
        let failure = told(&self.target, status, &session.names);
        let lost = || worker_in(status.message()).and_then(|worker| session.workers.named.get(&worker)?.clone());
        Failure { block: failure.block.clone().or_else(lost), ..failure }
    }

    fn request(&self, graph: &Graph, session: &Session, step: &Step<'_>) -> Result<RunStepRequest, Failure> {
        let named = |(edge, tensor): &(Edge, &Tensor)| NamedTensorProto {
            name: graph.tensor_name(*edge),
            tensor: Some(to_proto(tensor)),
        };
        let request = RunStepRequest {
            session_handle: session.handle.clone(),
            feed: step.feed.iter().map(named).collect(),
            fetch: step.fetch.iter().map(|edge| graph.tensor_name(*edge)).collect(),
            target: step.run.iter().map(|node| graph.nodes[*node].name.clone()).collect(),
            store_errors_in_response_body: true,
        };
        if request.encoded_len() >= LIMIT {
            let largest = step.feed.iter().max_by_key(|(_, tensor)| tensor.bytes());
            let block = largest.and_then(|(edge, _)| graph.nodes[edge.node].block.as_ref());
            let bytes: u64 = step.feed.iter().map(|(_, tensor)| tensor.bytes()).sum();
            let why = format!("takes less than 2 GiB in a step, and {bytes} bytes are fed; feed less");
            return Err(Failure::of_block(&self.target, block, why));
        }
        Ok(request)
    }

    /// Waits for a step, however long it computes, as long as its workers are there.
    async fn watched<T>(
        &self,
        session: &Session,
        stop: Patience<'_>,
        step: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let (started, mut step) = (Instant::now(), pin!(step));
        let mut asked = Instant::now();
        let mut asking: Option<JoinHandle<Option<Failure>>> = None;
        loop {
            if let Ok(done) = timeout(TICK, &mut step).await {
                return Ok(done);
            }
            if stop(started.elapsed()) {
                return Err(Failure::stopped(&self.target));
            }
            match asking.take() {
                None if asked.elapsed() > ASK => {
                    let (target, master, workers) = (self.target.clone(), self.master.clone(), session.workers.clone());
                    asking = Some(tokio::spawn(async move {
                        let late = || Some(Failure::of(&target, GONE));
                        timeout(ANSWER * 2, gone(&target, &master, &workers)).await.unwrap_or_else(|_| late())
                    }));
                }
                None => {}
                Some(handle) if handle.is_finished() => {
                    asked = Instant::now();
                    if let Ok(Some(failure)) = handle.await {
                        return Err(failure);
                    }
                }
                Some(handle) => asking = Some(handle),
            }
        }
    }

    /// Closes a session; what it held is gone.
    pub fn close(&self, session: Session) {
        let request = CloseSessionRequest { session_handle: session.handle };
        let mut master = self.master.clone();
        // Whether it is closed or lost makes no difference any more.
        let _ = self.block_on(async { timeout(Duration::from_secs(2), master.close_session(request)).await });
    }
}

/// A session that is being opened. TensorFlow opens it whether or not somebody still waits, so it is closed once it is
/// open and nobody does.
struct Opening(oneshot::Receiver<Result<String, Status>>);

impl Opening {
    /// Has a task of its own see to it.
    fn begin(master: &Master, request: CreateSessionRequest) -> Opening {
        let (outbox, inbox) = oneshot::channel();
        let mut master = master.clone();
        tokio::spawn(async move {
            let created = master.create_session(request).await.map(|created| created.session_handle);
            if let Err(Ok(session_handle)) = outbox.send(created) {
                // Whether it is closed or lost makes no difference any more.
                let _ = timeout(ANSWER, master.close_session(CloseSessionRequest { session_handle })).await;
            }
        });
        Opening(inbox)
    }

    /// The handle of the session.
    async fn opened(self) -> Result<String, Status> {
        self.0.await.unwrap_or_else(|_| Err(Status::cancelled("the task that opens it has ended")))
    }
}

/// No operation is replaced by another, so that bits are those of the operations; and no session sees another's state.
fn config(device_filters: Vec<String>) -> ConfigProto {
    const LEAST: i32 = -1;
    ConfigProto {
        device_filters,
        graph_options: Some(GraphOptions {
            optimizer_options: Some(OptimizerOptions { opt_level: LEAST }),
            rewrite_options: Some(RewriterConfig { disable_meta_optimizer: true }),
        }),
        isolate_session_state: true,
    }
}

/// Waits no longer than so long, nor than somebody wants.
async fn waited<T>(
    target: &Target,
    (limit, stop): (Duration, Patience<'_>),
    future: impl Future<Output = T>,
) -> Result<T, Failure> {
    let (started, mut future) = (Instant::now(), pin!(future));
    loop {
        if let Ok(done) = timeout(TICK, &mut future).await {
            return Ok(done);
        }
        if stop(started.elapsed()) {
            return Err(Failure::stopped(target));
        }
        if started.elapsed() > limit {
            return Err(Failure::of(target, format!("does not answer within {} s", limit.as_secs())));
        }
    }
}

/// What is told of a master that has answered before.
const GONE: &str = "answers no more: it may hang, or the network is cut; try again";

/// Whether the master, or a worker of these, is there no more.
async fn gone(target: &Target, master: &Master, workers: &Workers) -> Option<Failure> {
    let reached = timeout(ANSWER, master.clone().close_session(CloseSessionRequest::default())).await;
    if reached.is_err() {
        return Some(Failure::of(target, GONE));
    }
    let silent = silent_of(master, workers).await;
    (!silent.is_empty()).then(|| silent_workers(target, workers, &silent))
}

fn silent_workers(target: &Target, workers: &Workers, silent: &[String]) -> Failure {
    let names = silent.join(", ");
    let block = silent.iter().find_map(|worker| workers.named.get(worker)?.as_ref());
    Failure::of_block(
        target,
        block,
        format!(
            "answers, but not {names} of its cluster: start what is not running (TensorFlow may take some seconds to find it), then try again"
        ),
    )
}

/// The workers that do not answer to their master: a session over nothing but one of them does not come about.
async fn silent_of(master: &Master, workers: &Workers) -> Vec<String> {
    let asked: Vec<_> = workers
        .named
        .keys()
        .map(|worker| {
            let (mut master, only) = (master.clone(), vec![worker.clone()]);
            let asked = tokio::spawn(async move {
                let config = Some(config(only));
                let graph_def = Some(GraphDef::default());
                let request = CreateSessionRequest { graph_def, config, ..CreateSessionRequest::default() };
                match timeout(ASK, Opening::begin(&master, request).opened()).await {
                    Ok(Ok(session_handle)) => {
                        let _ = timeout(ASK, master.close_session(CloseSessionRequest { session_handle })).await;
                        true
                    }
                    // Whatever else it says, it says something.
                    Ok(Err(status)) => status.code() != tonic::Code::Unavailable,
                    Err(_) => false,
                }
            });
            (worker, asked)
        })
        .collect();
    let mut silent = Vec::new();
    for (worker, asked) in asked {
        if !asked.await.unwrap_or(false) {
            silent.push(worker.clone());
        }
    }
    silent
}
