//! An open page: the document, how it is looked at, and what its runs gave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_core::check::{Origin, Source, State};
use node_core::{BlockId, Direction, PortRef, Warning};
use node_engine::analysis::audit::gradients_of;
use node_engine::analysis::findings::findings;
use node_engine::{BlockResult, Job};

use super::document::Document;
use super::results::Inquiry;
use super::run::RunState;
use super::training::Training;
use super::view::{Field, Look, ViewState};

/// Which open page: its number, which no other has in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabId(pub(crate) u64);

/// What others have done to a page's file, as long as nobody has decided what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It holds something else.
    Other,
    /// It is gone.
    Gone,
}

/// An open page: the document, how it is looked at, and what its runs gave; the three never mix.
pub struct Tab {
    /// Which it is.
    pub id: TabId,
    /// The page.
    pub document: Document,
    /// How it is looked at.
    pub view: ViewState,
    /// What its runs gave.
    pub run: RunState,
    /// Its steps.
    pub training: Training,
    /// The content that was last sent to the worker.
    pub submitted: Option<u64>,
    /// What was sent: the page as checked, and the blocks whose tensors were asked for.
    pub sent: Option<Job>,
    /// The canvas through which it is looked at now, …
    canvas: u32,
    /// … and how it is looked at through others.
    looks: BTreeMap<u32, Look>,
    /// The cluster that it runs on, as it was typed; nothing for this machine. No file says so: a page does not choose where
    /// it is sent.
    pub target: Option<Arc<str>>,
    /// What others have done to its file.
    pub disk: Option<Disk>,
    /// Whether it may ask to be allowed to read files elsewhere.
    pub asks_for_data: bool,
    /// Whether its changes are to be lost when the program ends: the person has said so.
    pub given_up: bool,
}

impl Tab {
    /// A tab on a document.
    pub(crate) fn new(id: TabId, document: Document) -> Tab {
        let (view, run) = (ViewState::default(), RunState::default());
        Tab {
            id,
            document,
            view,
            run,
            training: Training::default(),
            submitted: None,
            sent: None,
            canvas: 0,
            looks: BTreeMap::new(),
            target: None,
            disk: None,
            asks_for_data: true,
            given_up: false,
        }
    }

    /// Looks at it through a canvas: camera and gestures are that canvas's, selection is the page's.
    pub(crate) fn look_through(&mut self, canvas: u32) {
        if self.canvas == canvas {
            return;
        }
        let mut look = self.looks.remove(&canvas).unwrap_or_default();
        self.view.exchange(&mut look);
        self.looks.insert(self.canvas, look);
        self.canvas = canvas;
    }

    /// Whether there is something to save: a change, or text that was typed and is not good yet.
    pub fn is_changed(&self) -> bool {
        self.document.is_changed() || !self.view.typing.is_empty()
    }

    /// What the last run gave for a block, unless it belongs to a page that was another: a block with a problem has no
    /// result, whatever it had before.
    pub fn result(&self, id: &BlockId) -> Option<&BlockResult> {
        let ready = self.document.checked.blocks.get(id).is_some_and(|b| b.state == State::Ready);
        self.run.results.get(id).filter(|result| ready || result.tensors().is_none())
    }

    /// The blocks whose tensors are looked at: the one that is selected, and those at its inputs.
    pub(crate) fn looked_at(&self) -> BTreeSet<BlockId> {
        self.view.selected_block().map(|id| self.with_sources(id)).unwrap_or_default()
    }

    /// A block, and those that it reads.
    fn with_sources(&self, id: &BlockId) -> BTreeSet<BlockId> {
        let checked = self.document.checked.blocks.get(id);
        let sources = checked.into_iter().flat_map(|block| block.inputs.iter().flatten());
        let sources = sources.filter_map(|source| match source {
            Source::Output { block, .. } => Some(block.clone()),
            Source::Literal => None,
        });
        let is_there = |id: &BlockId| self.document.page.blocks.contains_key(id);
        let compared = self.view.results.compared_with(id).filter(|id| is_there(id)).cloned();
        sources.chain(compared).chain([id.clone()]).collect()
    }

    /// The blocks whose tensors a run is to bring: those that are looked at, and the one that the pointer rests on.
    pub(crate) fn wanted<'p>(&self, pinned: impl Iterator<Item = &'p BlockId>) -> BTreeSet<BlockId> {
        let mut wanted = self.looked_at();
        // A cluster keeps nothing: what the pointer passes over is not worth a run there.
        wanted.extend(self.view.hovered.clone().filter(|_| self.target.is_none()));
        let asked = self.view.results.inquiry.iter().flat_map(|asked| asked.blocks.iter());
        wanted.extend(asked.filter(|id| self.document.page.blocks.contains_key(*id)).cloned());
        if let Some(id) = &self.view.analysis.proposing {
            let gradients = gradients_of(&self.document.checked, &self.run.results, id);
            wanted.extend(gradients.into_iter().flat_map(|(block, _)| self.with_sources(&block)));
        }
        for id in pinned.filter(|id| self.document.page.blocks.contains_key(*id)) {
            wanted.extend(self.with_sources(id));
        }
        wanted
    }

    /// It is asked why an element has its value, or no more.
    pub(crate) fn ask_why(&mut self, element: Option<(u32, PortRef, usize)>) {
        let content = self.document.content();
        self.view.results.inquiry = element.map(|element| Inquiry::new(element, &self.document.checked, content));
    }

    /// What is asked of the page follows it as it changes.
    pub(crate) fn follow_what_is_asked(&mut self) {
        let content = self.document.content();
        let asked = self.view.results.inquiry.take();
        self.view.results.inquiry = asked.and_then(|asked| asked.renewed(&self.document.checked, content));
    }

    /// A run to be made so that what is looked at is there: of what was sent last, where the page has changed since.
    pub(crate) fn closer_look<'p>(&self, pinned: impl Iterator<Item = &'p BlockId>) -> Option<Job> {
        let sent = self.sent.as_ref()?;
        let looked_at = self.wanted(pinned);
        let known = looked_at.iter().all(|id| sent.checked.blocks.contains_key(id));
        (known && !looked_at.is_subset(&sent.looked_at)).then(|| Job { looked_at, ..sent.clone() })
    }

    /// Whether the results are those of the page before an edit, and no run is on its way.
    pub fn is_stale(&self) -> bool {
        self.submitted != Some(self.document.content()) && !self.run.is_running()
    }

    /// What a person should know of a block although nothing is wrong: with the values of the run, once there are any, and
    /// with what these say.
    pub fn warnings(&self, id: &BlockId) -> impl Iterator<Item = &Warning> {
        let has_run = self.submitted == Some(self.document.content());
        let result = self.run.results.get(id).filter(|_| has_run);
        let of_run = result.and(self.run.findings.get(id)).map_or(&[][..], Vec::as_slice);
        let own = match result {
            Some(result) => &result.warnings[..],
            None => self.document.checked.blocks.get(id).map_or(&[][..], |block| &block.warnings),
        };
        own.iter().chain(of_run)
    }

    /// Finds out what the data of the run say.
    pub(crate) fn find(&mut self, clipped: f64) {
        let checked = self.sent.as_ref().map(|sent| sent.checked.clone());
        self.run.findings = checked.map(|checked| findings(&checked, &self.run.results, clipped)).unwrap_or_default();
    }
}

impl Tab {
    /// Why a value cannot be edited where it stands, if it cannot: a wire gives it.
    pub fn why_fixed(&self, field: &Field) -> Option<String> {
        match field {
            Field::Attr(id, name) => {
                let entry = self.document.checked.blocks.get(id)?.effective.iter().find(|e| e.spec.name == *name)?;
                let Origin::Wired(set) = &entry.origin else { return None };
                Some(format!("{id}.{name} is given by the set {set}; change it there."))
            }
            Field::Literal(id, name) => {
                let spec = self.document.checked.blocks.get(id)?.spec()?;
                let port = spec.port(Direction::In, name)?;
                let mut wires = self.document.checked.links(id)?.incoming.iter();
                let wire = wires.find(|wire| port.answers_to(&wire.to.port))?;
                Some(format!("{id}.{name} comes from {}; change it there, or take off the wire.", wire.from))
            }
            _ => None,
        }
    }
}
