//! A page that runs on a cluster.

use std::sync::Arc;

use node_core::check::CheckedPage;
use node_core::{Attr, BlockId, PortRef, Problem, Role, Tensor};

use super::{Cluster, Failure, Patience, Session, Step, Target};
use crate::graph::Edge;
use crate::lower::Lowered;
use crate::page::needed;

/// Where the page itself says that it is to run: what its fetching blocks say, all the same.
pub fn target_of(checked: &CheckedPage) -> Result<Option<Target>, Problem> {
    let mut found: Option<(&BlockId, Target)> = None;
    for (id, block) in checked.blocks.iter().filter(|(_, block)| block.role() == Some(Role::Fetch)) {
        let attrs = block.setup.as_ref().map(|setup| &setup.attrs);
        let Some(Attr::String(text)) = attrs.and_then(|attrs| attrs.get("target")) else { continue };
        if text.trim().is_empty() {
            continue;
        }
        let at_attrs = |why: String| Problem::port(id, node_core::port::ATTRS_PORT, why);
        let target = Target::parse(text).map_err(|why| at_attrs(format!("target: {why}")))?;
        match &found {
            Some((other, before)) if *before != target => {
                return Err(at_attrs(format!(
                    "target is {target}, but {other} says {before}: a page runs in one place"
                )));
            }
            _ => found = Some((id, target)),
        }
    }
    Ok(found.map(|(_, target)| target))
}

/// A page in a session, whose variables are what they are before the next step.
pub struct PageRun {
    cluster: Arc<Cluster>,
    lowered: Lowered,
    session: Option<Session>,
    feed: Vec<(Edge, Tensor)>,
}

impl PageRun {
    /// Has the cluster hold the page's graph and make its variables.
    pub fn begin(
        cluster: &Arc<Cluster>,
        checked: &CheckedPage,
        lowered: Lowered,
        stop: Patience<'_>,
    ) -> Result<PageRun, Vec<Problem>> {
        let feed = feeds(checked, &lowered)?;
        let session = cluster.open(&lowered.graph, stop).map_err(|failure| vec![failure.problem()])?;
        let run = PageRun { cluster: cluster.clone(), lowered, session: Some(session), feed };
        if let Some(init) = run.lowered.init {
            let step = Step { feed: run.fed(), run: vec![init], ..Step::default() };
            run.made(&step, stop).map_err(|failure| vec![failure.problem()])?;
        }
        Ok(run)
    }

    /// Makes a step that gives these outputs, and carries out what others need.
    pub fn step(&self, fetch: &[Edge], others: &[Edge], stop: Patience<'_>) -> Result<Vec<Tensor>, Failure> {
        let run = others.iter().filter(|edge| self.fed_at(edge).is_none()).map(|edge| edge.node).collect();
        // What is fed need not travel back, and TensorFlow refuses to send it.
        let travelling: Vec<Edge> = fetch.iter().filter(|edge| self.fed_at(edge).is_none()).copied().collect();
        let mut arrived = Vec::new();
        let step = Step { feed: self.fed(), fetch: travelling, run };
        if !(step.fetch.is_empty() && step.run.is_empty()) {
            arrived = self.made(&step, stop)?;
        }
        let mut arrived = arrived.into_iter();
        Ok(fetch.iter().filter_map(|edge| self.fed_at(edge).cloned().or_else(|| arrived.next())).collect())
    }

    /// The page's graph.
    pub fn lowered(&self) -> &Lowered {
        &self.lowered
    }

    fn fed_at(&self, edge: &Edge) -> Option<&Tensor> {
        self.feed.iter().find(|(fed, _)| fed == edge).map(|(_, tensor)| tensor)
    }

    fn fed(&self) -> Vec<(Edge, &Tensor)> {
        self.feed.iter().map(|(edge, tensor)| (*edge, tensor)).collect()
    }

    fn made(&self, step: &Step<'_>, stop: Patience<'_>) -> Result<Vec<Tensor>, Failure> {
        match &self.session {
            Some(session) => self.cluster.run(&self.lowered.graph, session, step, stop),
            None => Err(Failure::of(self.cluster.target(), "holds the page no more")),
        }
    }
}

impl Drop for PageRun {
    fn drop(&mut self) {
        self.session.take().into_iter().for_each(|session| self.cluster.close(session));
    }
}

/// The blocks that these ports need, and to which nothing is fed although they have no default.
pub fn unfed(checked: &CheckedPage, ports: &[PortRef]) -> Vec<Problem> {
    let is_open = |id: &&BlockId| {
        let block = checked.blocks.get(*id).filter(|block| block.role() == Some(Role::Feed) && block.fed.is_none());
        let setup = block.and_then(|block| block.setup.as_ref());
        setup.is_some_and(|setup| setup.attrs.get("default").is_none())
    };
    needed(checked, ports).iter().filter(is_open).map(unfed_block).collect()
}

/// Of these ports those that do not need a block.
pub fn without(checked: &CheckedPage, ports: &[PortRef], block: &BlockId) -> Vec<PortRef> {
    let needs = |port: &PortRef| needed(checked, std::slice::from_ref(port)).contains(block);
    ports.iter().filter(|port| !needs(port)).cloned().collect()
}

/// That nothing is fed to a block.
fn unfed_block(id: &BlockId) -> Problem {
    let message = "is not fed and has no default; set a default, or feed it (a file dropped on it, --feed)";
    Problem::port(id, "output", message).still_open()
}

/// What is fed, or the blocks that nothing is fed to although they need it.
fn feeds(checked: &CheckedPage, lowered: &Lowered) -> Result<Vec<(Edge, Tensor)>, Vec<Problem>> {
    let (mut feed, mut unfed_blocks) = (Vec::new(), Vec::new());
    for ((id, _), edge) in &lowered.ports {
        let Some(block) = checked.blocks.get(id).filter(|block| block.role() == Some(Role::Feed)) else { continue };
        match &block.fed {
            Some(tensor) => feed.push((*edge, tensor.clone())),
            None if lowered.graph.nodes[edge.node].inputs.is_empty() => {
                unfed_blocks.push(unfed_block(id));
            }
            None => {}
        }
    }
    if unfed_blocks.is_empty() { Ok(feed) } else { Err(unfed_blocks) }
}
