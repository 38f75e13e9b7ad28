//! What runs beside the page's own runs: both paths of the page, audits of its gradients, sweeps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use node_core::check::{CheckedPage, Feeds, State as BlockState, Surroundings};
use node_core::{BlockId, PortRef, Problem, Registry, Scalar};
use node_engine::against_float::{AgainstFloat, against_float};
use node_engine::analysis::Stop;
use node_engine::analysis::audit::{Audits, request};
use node_engine::executor::Wake;
use node_engine::steps::{Steps, scalars, updates};
use node_engine::studies::{Key, Reply};
use node_engine::sweep::Sweeper;
use node_engine::{Engine, RunOptions, Session, Studies, available_threads, plan};

use crate::apply::waking;
use crate::host::DataFiles;
use crate::panels::analysis::{Studied, badness_of};
use crate::state::State;
use crate::state::analysis::{Mark, Marks, Swept, Topic};
use crate::state::dock::Pane;
use crate::state::tab::{Tab, TabId};
use crate::state::training::UnderWay;

/// What works beside the page's own runs: each kind has a thread, so that a long sweep keeps nobody waiting.
pub struct Analysing {
    runs: Studies,
    sweeps: Studies,
    /// A thread for each page: one that goes on until it is stopped keeps no other waiting.
    steps: BTreeMap<TabId, Studies>,
    /// The most bytes that tensors of one may take.
    memory_limit: u64,
    page: Option<TabId>,
    studied: Studied,
}

impl Analysing {
    /// Nothing is asked yet.
    pub fn new(memory_limit: u64) -> Analysing {
        let (runs, sweeps, steps, studied) = Default::default();
        Analysing { runs, sweeps, steps, memory_limit, page: None, studied }
    }

    /// What is known of the page that is shown.
    pub fn studied(&self) -> &Studied {
        &self.studied
    }
}

/// More than is ever worked out within a frame.
const MANY: usize = usize::MAX;

/// Results that a sweep keeps, as a part of what its tensors may take.
const KEPT: u64 = 4;

/// All that a page needs to be run by itself.
#[derive(Clone)]
struct Own {
    checked: Arc<CheckedPage>,
    registry: Arc<Registry>,
    feeds: Feeds,
    files: DataFiles,
    memory_limit: u64,
}

impl Own {
    fn around(&self) -> Surroundings<'_> {
        Surroundings { files: &*self.files.check, ..Surroundings::new(&self.registry, &self.feeds) }
    }

    fn options<'o>(&'o self, cancelled: &'o (dyn Fn() -> bool + Sync)) -> RunOptions<'o> {
        RunOptions { cancelled, files: &*self.files.run, ..RunOptions::with_memory_limit(self.memory_limit) }
    }

    /// The outputs of all blocks that can run.
    fn outputs(&self) -> Vec<PortRef> {
        let ready = self.checked.blocks.iter().filter(|(_, block)| block.state == BlockState::Ready);
        ready.map(|(id, _)| PortRef::new(id, "")).collect()
    }

    fn against_float(&self, stop: &Stop) -> Option<AgainstFloat> {
        let cancelled = || stop.is_set();
        let mut engine = Engine::new(available_threads(), 0);
        let (fetch, around, options) = (self.outputs(), self.around(), self.options(&cancelled));
        against_float(&self.checked, (&fetch, None), &around, (&mut engine, &options), stop).ok().flatten()
    }

    fn audits(&self, stop: &Stop) -> Option<Audits> {
        let cancelled = || stop.is_set();
        let ready = self.outputs().into_iter().map(|port| port.block).collect();
        let mut session = Session::new(plan(&self.checked, &request(&self.checked, &ready)));
        session.run(&mut Engine::new(available_threads(), 0), &self.options(&cancelled), &mut |_, _| {});
        let results = session.results();
        (!results.cancelled).then(|| Audits::of(&self.checked, &results, stop))
    }
}

impl Analysing {
    fn own(&self, state: &State, tab: &Tab) -> Own {
        Own {
            checked: tab.document.checked.clone(),
            registry: state.registry.clone(),
            feeds: tab.document.feeds(&state.registry),
            files: tab.document.files.clone(),
            memory_limit: self.memory_limit,
        }
    }

    /// Has worked out what is asked of the page that is shown, and goes on with sweeps.
    pub fn analyse(&mut self, state: &mut State, ctx: &Context) {
        let wake = waking(ctx);
        self.runs.begin_frame(wake.clone());
        self.sweeps.begin_frame(wake.clone());
        self.sweep(state, &wake);
        self.steps.retain(|page, _| state.page(*page).is_some());
        self.steps.values_mut().for_each(|steps| steps.begin_frame(wake.clone()));
        self.train(state, &wake);
        let (tab, is_open) = (state.tab(), state.dock.is_seen(Pane::Analysis));
        let (page, topic) = (tab.id, tab.view.analysis.topic);
        let own = (is_open && matches!(topic, Topic::Error | Topic::Gradients)).then(|| self.own(state, tab));
        let Analysing { runs, studied, page: studied_page, .. } = self;
        if *studied_page != Some(page) {
            (*studied_page, *studied) = (Some(page), Studied::default());
        }
        let content = tab.document.content();
        let key = |what: &str| Key::new(format!("{what} {page:?} {content}"), []);
        match topic {
            Topic::Error if is_open => {
                let reply = runs.ask(key("against float"), MANY, || {
                    let own = own.clone();
                    move |stop: &Stop| own?.against_float(stop)
                });
                studied.error.take(reply);
            }
            Topic::Gradients if is_open => {
                let reply = runs.ask(key("audits"), MANY, || {
                    let own = own.clone();
                    move |stop: &Stop| own?.audits(stop)
                });
                studied.audits.take(reply);
            }
            _ => {}
        }
        let marks = if is_open { marks(topic, studied) } else { Marks::default() };
        state.mark(page, marks);
        if self.runs.are_left_over() || self.sweeps.are_left_over() || self.steps.values().any(Studies::are_left_over) {
            ctx.request_repaint();
        }
    }

    /// Goes on with the sweeps of all pages.
    fn sweep(&mut self, state: &mut State, wake: &Wake) {
        let at_work: Vec<(Swept, Own)> = state
            .tabs()
            .iter()
            .filter_map(|tab| {
                let swept = tab.view.analysis.swept.clone().filter(Swept::is_at_work)?;
                Some((swept.clone(), Own { checked: swept.checked.clone(), ..self.own(state, tab) }))
            })
            .collect();
        for (swept, own) in at_work {
            let number = swept.number;
            let (key, wake) = (Key::new(format!("sweep {number}"), []), wake.clone());
            let reply = self.sweeps.ask(key, MANY, || {
                move |stop: &Stop| {
                    carry_out(&swept, &own, stop, &wake);
                    Some(())
                }
            });
            if matches!(reply, Reply::Nothing | Reply::Answer(_)) {
                // Its thread is gone, or it ended short of what it had to do.
                state.end_sweep(number);
            }
        }
    }

    /// Goes on with the steps of all pages.
    fn train(&mut self, state: &mut State, wake: &Wake) {
        let at_work: Vec<(TabId, UnderWay, Own)> = state
            .tabs()
            .iter()
            .filter_map(|tab| {
                let under_way = tab.training.under_way.clone()?;
                Some((tab.id, under_way.clone(), Own { checked: under_way.checked.clone(), ..self.own(state, tab) }))
            })
            .collect();
        for (page, under_way, own) in at_work {
            let steps = self.steps.entry(page).or_insert_with(|| {
                let mut steps = Studies::default();
                steps.begin_frame(wake.clone());
                steps
            });
            let number = under_way.number;
            let (key, wake) = (Key::new(format!("steps {number}"), []), wake.clone());
            let reply = steps.ask(key, MANY, || {
                move |stop: &Stop| {
                    make_steps(&under_way, &own, stop, &wake);
                    Some(())
                }
            });
            if matches!(reply, Reply::Nothing | Reply::Answer(_)) {
                state.end_steps(number);
            }
        }
    }

    /// Whether something is being worked out beside the page's runs.
    pub fn is_at_work(&self) -> bool {
        self.runs.are_at_work() || self.sweeps.are_at_work() || self.steps.values().any(Studies::are_at_work)
    }
}

/// No more scalars of a page are followed.
const MOST_FOLLOWED: usize = 64;
/// How often steps tell how far they are.
const TELL: Duration = Duration::from_millis(60);

fn make_steps(under_way: &UnderWay, own: &Own, stop: &Stop, wake: &Wake) {
    let cancelled = || stop.is_set();
    let (mut engine, options) = (Engine::new(available_threads(), own.memory_limit / KEPT), own.options(&cancelled));
    // What no update needs is shown by the page's own runs.
    let updates = updates(&own.checked, &own.outputs());
    let fetch: Vec<PortRef> = updates.iter().map(|id| PortRef::new(id, "")).collect();
    let followed: Vec<PortRef> = scalars(&own.checked).into_iter().take(MOST_FOLLOWED).collect();
    let said = |problems: Vec<Problem>| problems.first().map(ToString::to_string).unwrap_or_default();
    let with = (&mut engine, &own.around(), &options);
    let mut steps = match Steps::new(&own.checked, (&fetch, &followed), under_way.from.clone(), with) {
        Ok(steps) => steps,
        Err(problems) => return under_way.end((under_way.from.clone(), Some(said(problems)))),
    };
    let (mut done, mut told, mut wrong) = (0, Instant::now(), None);
    while under_way.steps.is_none_or(|all| done < all) && !stop.is_set() && !under_way.is_stopped() {
        match steps.advance(&mut engine, &options) {
            Ok(true) => done += 1,
            Ok(false) => break,
            Err(problems) => {
                wrong = Some(format!("step {}: {}", steps.progress().step, said(problems)));
                break;
            }
        }
        if told.elapsed() > TELL {
            told = Instant::now();
            under_way.tell(done, &since(&mut steps));
            wake();
        }
    }
    under_way.tell(done, &since(&mut steps));
    under_way.end((steps.progress().clone(), wrong));
    wake();
}

/// The courses since this was asked last.
fn since(steps: &mut Steps) -> Vec<(PortRef, Vec<f64>)> {
    let values = steps.take_history();
    let number = |value: &Scalar| value.as_f64().unwrap_or(f64::NAN);
    steps.followed().cloned().zip(values.iter().map(|values| values.iter().map(number).collect())).collect()
}

fn carry_out(swept: &Swept, own: &Own, stop: &Stop, wake: &Wake) {
    let cancelled = || stop.is_set();
    let kept = own.memory_limit / KEPT;
    let mut sweeper = Sweeper::new((*swept.sweep).clone(), (*swept.checked).clone(), available_threads(), kept);
    for point in 0..swept.sweep.points() {
        let found = sweeper.point(point, &own.around(), &own.options(&cancelled), stop);
        let Some(found) = found.and_then(|measured| measured.into_iter().next()) else { return };
        let said = |problems: Vec<Problem>| problems.first().map(ToString::to_string).unwrap_or_default();
        swept.add(found.map_err(said));
        wake();
    }
}

/// What is said of blocks on the canvas.
fn marks(topic: Topic, studied: &Studied) -> Marks {
    let mut marks: BTreeMap<BlockId, Mark> = BTreeMap::new();
    match topic {
        Topic::Error => {
            let found = studied.error.found().map(|found| found.ports.as_slice()).unwrap_or_default();
            for arising in found.iter().filter(|arising| arising.differs()) {
                let (text, badness) = badness_of(&arising.accumulated);
                let mark = Mark { text, badness };
                match marks.get_mut(&arising.port.block) {
                    Some(known) if known.badness >= badness => {}
                    Some(known) => *known = mark,
                    None => drop(marks.insert(arising.port.block.clone(), mark)),
                }
            }
        }
        Topic::Gradients => {
            let found = studied.audits.found().map(|found| found.blocks.as_slice()).unwrap_or_default();
            for (id, audit) in found {
                let Some(stopped) = audit.all.part() else { continue };
                let text = format!("stops {:.1} % of the norm", stopped * 100.0);
                marks.insert(id.clone(), Mark { text, badness: stopped as f32 });
            }
        }
        Topic::Sweep | Topic::Training => {}
    }
    Marks(marks)
}
