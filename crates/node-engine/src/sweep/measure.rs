//! What is asked about each run of a sweep.

use node_core::check::CheckedPage;
use node_core::problem::suggestion;
use node_core::{BlockId, PortRef, Problem, Tensor};

use crate::analysis::Stop;
use crate::analysis::distance::{Distance, Each, Figures, distance_with};
use crate::fetch::resolve_outputs;
use crate::results::Results;

/// A figure of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The one element of an output.
    Element(PortRef),
    /// The mean of the squares of the differences of two outputs.
    Mse(PortRef, PortRef),
    /// The squares of the second over those of the differences, in decibels.
    Sqnr(PortRef, PortRef),
    /// The part of the elements that lie outside the range of a block that quantizes.
    Clipped(BlockId),
}

/// The forms in which a measure is written.
pub const FORMS: &str = "write BLOCK.PORT, mse(P,Q), sqnr(P,Q) or clipped(BLOCK)";

impl Measure {
    /// Reads a measure of a page.
    pub fn parse(checked: &CheckedPage, text: &str) -> Result<Measure, String> {
        let text = text.trim();
        let Some((name, inner)) = text.split_once('(') else { return Ok(Measure::Element(port(checked, text)?)) };
        let inner = inner.strip_suffix(')').ok_or_else(|| format!("a ) is missing; {FORMS}"))?;
        let two = || {
            let (p, q) = inner.split_once(',').ok_or_else(|| format!("{name} takes two outputs; {FORMS}"))?;
            Ok::<_, String>((port(checked, p.trim())?, port(checked, q.trim())?))
        };
        match name.trim() {
            "mse" => two().map(|(p, q)| Measure::Mse(p, q)),
            "sqnr" => two().map(|(p, q)| Measure::Sqnr(p, q)),
            "clipped" => block(checked, inner.trim()).map(Measure::Clipped),
            other => Err(format!("there is no measure '{other}'; {FORMS}")),
        }
    }

    /// The outputs that it is of.
    pub(super) fn fetched(&self) -> impl Iterator<Item = &PortRef> {
        let ports = match self {
            Measure::Element(port) => [Some(port), None],
            Measure::Mse(p, q) | Measure::Sqnr(p, q) => [Some(p), Some(q)],
            Measure::Clipped(_) => [None, None],
        };
        ports.into_iter().flatten()
    }

    /// All that it needs.
    pub(super) fn ports(&self) -> Vec<PortRef> {
        self.fetched().cloned().chain(self.clipped().map(|block| PortRef::new(block, ""))).collect()
    }

    /// The block whose elements it counts.
    pub(super) fn clipped(&self) -> Option<&BlockId> {
        match self {
            Measure::Clipped(block) => Some(block),
            Measure::Element(_) | Measure::Mse(..) | Measure::Sqnr(..) => None,
        }
    }

    /// Its value in a run.
    pub(super) fn of(
        &self,
        checked: &CheckedPage,
        results: &Results,
        stop: &Stop,
        each: Each<'_>,
    ) -> Result<f64, Problem> {
        match self {
            Measure::Element(port) => element(port, tensor(checked, results, port)?),
            Measure::Mse(p, q) => self.apart(checked, results, (p, q), (stop, each)).map(|distance| distance.mse),
            Measure::Sqnr(p, q) => self.apart(checked, results, (p, q), (stop, each)).map(|distance| distance.sqnr_db),
            Measure::Clipped(id) => {
                let shares = results.blocks.get(id).and_then(|result| result.shares);
                let told = shares
                    .ok_or_else(|| Problem::block(id, "does not quantize, so nothing of it is clipped".to_owned()))?;
                Ok((told.below + told.above) as f64 / told.total() as f64)
            }
        }
    }

    fn apart(
        &self,
        checked: &CheckedPage,
        results: &Results,
        (p, q): (&PortRef, &PortRef),
        (stop, each): (&Stop, Each<'_>),
    ) -> Result<Distance, Problem> {
        let (a, b) = (tensor(checked, results, p)?, tensor(checked, results, q)?);
        let misfit = |misfit| Problem::port(&p.block, &*p.port, format!("{self}: {misfit}"));
        distance_with(a, b, Figures::Squares, stop, each).map_err(misfit)
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Measure::Element(port) => write!(f, "{port}"),
            Measure::Mse(p, q) => write!(f, "mse({p},{q})"),
            Measure::Sqnr(p, q) => write!(f, "sqnr({p},{q})"),
            Measure::Clipped(block) => write!(f, "clipped({block})"),
        }
    }
}

/// The one output that is named.
fn port(checked: &CheckedPage, text: &str) -> Result<PortRef, String> {
    let port = PortRef::parse(text).map_err(|_| format!("'{text}' is no output; {FORMS}"))?;
    let ports = resolve_outputs(checked, &port)?;
    match <[PortRef; 1]>::try_from(ports) {
        Ok([port]) => Ok(port),
        Err(ports) => Err(format!("{text} is {} tensors; name one, as {text}[0]", ports.len())),
    }
}

/// The block that is named.
fn block(checked: &CheckedPage, text: &str) -> Result<BlockId, String> {
    let found = checked.blocks.keys().find(|id| id.as_str() == text);
    found.cloned().ok_or_else(|| {
        let hint = suggestion(text, checked.blocks.iter().map(|(id, _)| id.as_str()));
        format!("there is no block '{text}'{hint}")
    })
}

fn tensor<'r>(checked: &CheckedPage, results: &'r Results, port: &PortRef) -> Result<&'r Tensor, Problem> {
    let index = checked.blocks.get(&port.block).and_then(|block| block.output_index(&port.port));
    let found = index.and_then(|index| results.tensor(port.block.as_str(), index));
    found.ok_or_else(|| Problem::port(&port.block, &*port.port, "has no result".to_owned()))
}

fn element(port: &PortRef, tensor: &Tensor) -> Result<f64, Problem> {
    let problem = |what: String| Problem::port(&port.block, &*port.port, what);
    if tensor.len() != 1 {
        let what = format!("has {} elements, and a measure is one number: fetch a mean or a sum of it", tensor.len());
        return Err(problem(what));
    }
    let number = tensor.element(0).and_then(|element| element.as_f64());
    number.ok_or_else(|| problem(format!("holds {}, which is no number", tensor.dtype())))
}
