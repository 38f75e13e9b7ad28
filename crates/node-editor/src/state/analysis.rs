//! What is asked of a page as a whole: where its error arises, what becomes of its gradients, what a sweep gives; and of a
//! quantizer which range it should have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use node_core::check::{CheckedPage, Effective, Origin, State};
use node_core::{AttrType, BlockId, PortRef, Role, Tensor};
use node_engine::sweep::{Axis, Measure, Sweep};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Topic {
    /// Where the page's error arises.
    #[default]
    Error,
    /// What becomes of its gradients.
    Gradients,
    /// What comes of one value after the other.
    Sweep,
    /// Steps, and the courses of its scalars.
    Training,
}

impl Topic {
    /// All of them, in the order of their tabs.
    pub const ALL: [Topic; 4] = [Topic::Error, Topic::Gradients, Topic::Sweep, Topic::Training];

    /// What its tab says.
    pub fn name(self) -> &'static str {
        match self {
            Topic::Error => "Error",
            Topic::Gradients => "Gradients",
            Topic::Sweep => "Sweep",
            Topic::Training => "Training",
        }
    }
}

/// What is asked of a page.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// What the panel shows.
    pub topic: Topic,
    /// Whether errors are ordered by what has come together, rather than by what each block adds.
    pub by_accumulated: bool,
    /// What is to be swept.
    pub form: Form,
    /// The sweep that was begun last.
    pub swept: Option<Swept>,
    /// The quantizer for which ranges are proposed.
    pub proposing: Option<BlockId>,
    /// What else reaches quantizers: of other runs, which were kept.
    pub batches: BTreeMap<BlockId, Vec<Tensor>>,
}

/// What is varied, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Varied {
    /// `BLOCK.ATTR`.
    pub target: String,
    /// `FROM:TO:STEPS` or `V1,V2,…`.
    pub values: String,
}

/// A sweep, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// What is varied, …
    pub first: Varied,
    /// … and what beside it; nothing where it is empty.
    pub second: Varied,
    /// What is asked of each run.
    pub measure: String,
    /// Why it cannot be begun.
    pub wrong: Option<String>,
}

/// What came of one combination: the figure, or what is wrong then.
pub type Row = Result<f64, String>;

/// A sweep that was begun.
#[derive(Clone)]
pub struct Swept {
    /// Which, among all.
    pub number: u64,
    /// What is tried, and asked.
    pub sweep: Arc<Sweep>,
    /// The page as it was then.
    pub checked: Arc<CheckedPage>,
    /// Whether it was stopped.
    pub stopped: bool,
    rows: Arc<Mutex<Vec<Row>>>,
}

impl std::fmt::Debug for Swept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Swept").field("number", &self.number).field("sweep", &self.sweep).finish_non_exhaustive()
    }
}

impl Swept {
    /// One that begins.
    pub(crate) fn new(number: u64, sweep: Sweep, checked: Arc<CheckedPage>) -> Swept {
        Swept { number, sweep: Arc::new(sweep), checked, stopped: false, rows: Arc::default() }
    }

    /// What is known so far, in the order of the combinations.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next figure is known.
    pub fn add(&self, row: Row) {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).push(row);
    }

    /// How many figures are known.
    pub fn done(&self) -> usize {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there is more to come.
    pub fn is_at_work(&self) -> bool {
        !self.stopped && self.done() < self.sweep.points()
    }
}

impl Form {
    /// What it means on a page, or why it means nothing.
    pub(crate) fn read(&self, checked: &CheckedPage) -> Result<Sweep, String> {
        let axis = |varied: &Varied| {
            let target = PortRef::parse(varied.target.trim());
            let target = target.map_err(|_| format!("'{}' is no attribute; write BLOCK.ATTR", varied.target.trim()))?;
            Axis::parse(target, varied.values.trim()).map_err(|why| format!("{}: {why}", varied.target.trim()))
        };
        let mut axes = vec![axis(&self.first)?];
        if !self.second.target.trim().is_empty() {
            axes.push(axis(&self.second)?);
            if axes[0].target == axes[1].target {
                return Err(format!("{} is varied twice", axes[0].target));
            }
        }
        let sweep = Sweep { axes, measures: vec![Measure::parse(checked, &self.measure)?] };
        if sweep.points() > MOST_POINTS {
            return Err(format!("{} combinations are too many here; use nudge sweep", sweep.points()));
        }
        match sweep.refused(checked).into_iter().next() {
            Some(why) => Err(why),
            None => Ok(sweep),
        }
    }
}

/// More combinations than this are for the command line.
const MOST_POINTS: usize = 20_000;

/// The attributes of a page that may be varied: numbers and switches, and where each is set.
pub fn targets(checked: &CheckedPage) -> Vec<String> {
    let mut found = Vec::new();
    for (id, block) in &checked.blocks {
        match block.role() {
            Some(Role::AttributeSet) => {
                let attrs = checked.page.block(id.as_str()).map(|node| &node.attrs);
                found.extend(attrs.into_iter().flat_map(|attrs| attrs.iter()).map(|(name, _)| format!("{id}.{name}")));
            }
            Some(_) => {
                let is_varied = |entry: &&Effective| {
                    matches!(entry.spec.ty, AttrType::Float | AttrType::Int | AttrType::Bool)
                        && !matches!(entry.origin, Origin::Wired(_))
                };
                found.extend(block.effective.iter().filter(is_varied).map(|entry| format!("{id}.{}", entry.spec.name)));
                let literals = block.literals.iter().enumerate().filter(|(_, literal)| literal.is_some());
                let names = literals.filter_map(|(nth, _)| Some(block.spec()?.inputs().nth(nth)?.name.clone()));
                found.extend(names.map(|name| format!("{id}.{name}")));
            }
            None => {}
        }
    }
    found
}

/// What may be asked of a run: outputs of one element, and what quantizers do.
pub fn measures(checked: &CheckedPage, quantizers: &[(BlockId, String, PortRef)]) -> Vec<String> {
    let mut found = Vec::new();
    for (id, block) in checked.blocks.iter().filter(|(_, block)| block.state == State::Ready) {
        let Some(setup) = block.setup.as_ref().filter(|_| block.role() == Some(Role::Operation)) else { continue };
        let one = |ty: &node_core::TensorType| ty.shape.known().is_some_and(|shape| shape.elements() == 1);
        let outputs = block.outputs.iter().enumerate().filter(|(_, ty)| one(ty));
        found.extend(outputs.map(|(index, _)| format!("{id}.{}", setup.output_name(index))));
    }
    for (id, output, source) in quantizers {
        found.extend([
            format!("mse({id}.{output},{source})"),
            format!("sqnr({id}.{output},{source})"),
            format!("clipped({id})"),
        ]);
    }
    found
}

/// What is said of blocks on the canvas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks(pub BTreeMap<BlockId, Mark>);

/// What is said of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// In words.
    pub text: String,
    /// How bad it is, from 0 to 1.
    pub badness: f32,
}
