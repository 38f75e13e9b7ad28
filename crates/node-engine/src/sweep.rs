//! A page run with one value after the other: what comes of some attributes, in figures.

mod measure;

use std::sync::Arc;

use node_core::check::{CheckedPage, Surroundings};
use node_core::{BlockId, PortRef, Problem};

pub use self::measure::Measure;
use crate::analysis::Stop;
use crate::engine::Engine;
use crate::fetch::needed_blocks;
use crate::plan::plan;
use crate::renew::renew;
use crate::run::{RunOptions, Session};

/// What is varied: an attribute of a block or a set, or an input's literal, and the values that it is given, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Of which block, and what.
    pub target: PortRef,
    /// The values, in order.
    pub values: Vec<String>,
}

/// Which values are tried, and what is asked about each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// What is varied; of several every combination is tried, the last going fastest.
    pub axes: Vec<Axis>,
    /// What is asked.
    pub measures: Vec<Measure>,
}

/// What came of one combination: for each measure a figure, or what is wrong with what it needs.
pub type Point = Vec<Result<f64, Vec<Problem>>>;

impl Axis {
    /// Reads `FROM:TO:STEPS`, so many values from one number to the other, both included; or values with commas between
    /// them, of which those in brackets and quotes are no such commas.
    pub fn parse(target: PortRef, text: &str) -> Result<Axis, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let values = match parts.as_slice() {
            [from, to, steps] if !text.contains(['[', '"']) => spaced(from, to, steps)?,
            _ => listed(text),
        };
        match values.iter().position(|value| value.trim().is_empty()) {
            None => Ok(Axis { target, values }),
            Some(_) => Err("a value is empty; write FROM:TO:STEPS or values with commas between them".to_owned()),
        }
    }
}

/// The most values of one axis: nobody waits for more.
const MOST: usize = 1_000_000;

fn spaced(from: &str, to: &str, steps: &str) -> Result<Vec<String>, String> {
    let number = |text: &str| {
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| format!("'{}' is no number; write FROM:TO:STEPS, as in 0.5:6:12", text.trim()))
    };
    let (from, to) = (number(from)?, number(to)?);
    let steps: usize =
        steps.trim().parse().ok().filter(|steps| (2..=MOST).contains(steps)).ok_or_else(|| {
            format!("'{}' is no number of values from 2 to {MOST}; write FROM:TO:STEPS", steps.trim())
        })?;
    let last = (steps - 1) as f64;
    // As NumPy's linspace: the end itself comes last.
    let value = |i: usize| if i == steps - 1 { to } else { from + (to - from) / last * i as f64 };
    Ok((0..steps).map(|i| short(value(i))).collect())
}

/// A number as people write it: whole, or with as many digits as float32 has, which most attributes are.
fn short(value: f64) -> String {
    if value.fract() == 0.0 { value.to_string() } else { (value as f32).to_string() }
}

fn listed(text: &str) -> Vec<String> {
    let (mut values, mut depth, mut quoted) = (vec![String::new()], 0usize, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                values.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(value) = values.last_mut() {
            value.push(c);
        }
    }
    values
}

impl Sweep {
    /// The number of combinations.
    pub fn points(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).fold(1, usize::saturating_mul)
    }

    /// The values of combination number `point`, one for each axis.
    pub fn values(&self, point: usize) -> Vec<&str> {
        let mut left = point;
        let mut values: Vec<&str> = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            values.push(&axis.values[left % axis.values.len()]);
            left /= axis.values.len();
        }
        values.reverse();
        values
    }

    /// What is wrong with values that a page as it is cannot take, all of it.
    pub fn refused(&self, checked: &CheckedPage) -> Vec<String> {
        let wrong = |axis: &Axis| {
            let refused = axis.values.iter().filter_map(|value| checked.assign(&axis.target, value).err());
            refused.take(1).map(|why| format!("{}: {why}", axis.target)).collect::<Vec<_>>()
        };
        self.axes.iter().flat_map(wrong).collect()
    }
}

/// Tries one combination after the other, with threads and memory of its own; what no value changes is computed once.
pub struct Sweeper {
    sweep: Sweep,
    base: CheckedPage,
    /// The page as it was last run, and what runs it.
    last: Option<(CheckedPage, Session)>,
    engine: Engine,
}

impl Sweeper {
    /// For a page as it is checked, on so many threads, with results kept in at most so many bytes.
    pub fn new(sweep: Sweep, base: CheckedPage, threads: usize, kept: u64) -> Sweeper {
        Sweeper { sweep, base, last: None, engine: Engine::new(threads, kept).with_cache(kept) }
    }

    /// What is tried, and asked.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// Runs combination number `point`. `None` once stopped.
    pub fn point(
        &mut self,
        point: usize,
        around: &Surroundings<'_>,
        options: &RunOptions<'_>,
        stop: &Stop,
    ) -> Option<Point> {
        let checked = match self.checked(point, around) {
            Ok(checked) => checked,
            Err(problem) => return Some(vec![Err(vec![problem]); self.sweep.measures.len()]),
        };
        let request = self.sweep.request(&checked);
        let renewed = self
            .last
            .take()
            .and_then(|(before, mut session)| renew(&mut session, &before, &checked).then_some(session));
        let mut session = renewed.unwrap_or_else(|| Session::new(plan(&checked, &request)));
        session.run(&mut self.engine, options, &mut |_, _| {});
        let results = session.results();
        if results.cancelled {
            return None;
        }
        let mut each = self.engine.each();
        let mut measured = |measure: &Measure| {
            let needed = needed_blocks(&checked, &measure.ports());
            let counts = |problem: &&Problem| problem.block.as_ref().is_none_or(|block| needed.contains(block));
            let problems: Vec<Problem> =
                checked.problems.iter().chain(results.problems()).filter(counts).cloned().collect();
            match problems.is_empty() {
                true => measure.of(&checked, &results, stop, &mut each).map_err(|problem| vec![problem]),
                false => Err(problems),
            }
        };
        let found = self.sweep.measures.iter().map(&mut measured).collect();
        self.last = Some((checked, session));
        if stop.is_set() { None } else { Some(found) }
    }

    /// The page with the values of a combination.
    fn checked(&self, point: usize, around: &Surroundings<'_>) -> Result<CheckedPage, Problem> {
        let base = self.last.as_ref().map_or(&self.base, |(last, _)| last);
        let mut page = (*self.base.page).clone();
        let mut checked: Option<CheckedPage> = None;
        for (axis, value) in self.sweep.axes.iter().zip(self.sweep.values(point)) {
            let wrong = |what: String| Problem::port(&axis.target.block, &*axis.target.port, what);
            let edit = checked.as_ref().unwrap_or(&self.base).assign(&axis.target, value).map_err(wrong)?;
            edit.apply(&mut page).map_err(|error| wrong(error.to_string()))?;
            checked = Some(checked.as_ref().unwrap_or(base).recheck(&Arc::new(page.clone()), around));
        }
        Ok(checked.unwrap_or_else(|| self.base.clone()))
    }
}

impl Sweep {
    fn request(&self, checked: &CheckedPage) -> crate::plan::Request {
        let fetch = self.measures.iter().flat_map(Measure::fetched).cloned().collect();
        let quantizers = self.measures.iter().filter_map(Measure::clipped);
        let output = |id: &BlockId| {
            let name = checked.blocks.get(id).and_then(|block| block.setup.as_ref()).map(|setup| setup.output_name(0));
            PortRef::new(id, name.unwrap_or_default())
        };
        let preview: Vec<PortRef> = quantizers.map(output).collect();
        crate::plan::Request { fetch, shares: !preview.is_empty(), preview, ..Default::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(text: &str) -> Result<Vec<String>, String> {
        Axis::parse(PortRef::new(&BlockId::new("a").unwrap(), "max"), text).map(|axis| axis.values)
    }

    #[test]
    fn values_of_an_axis() {
        for (text, values) in [
            ("0:1:5", vec!["0", "0.25", "0.5", "0.75", "1"]),
            ("0.5:6:6", vec!["0.5", "1.6", "2.7", "3.8", "4.9", "6"]),
            ("2:16:3", vec!["2", "9", "16"]),
            ("-6:-1:2", vec!["-6", "-1"]),
            ("1,2,3", vec!["1", "2", "3"]),
            ("true,false", vec!["true", "false"]),
            ("[1, 2],[3]", vec!["[1, 2]", "[3]"]),
            ("7", vec!["7"]),
            ("\"a,b\",c", vec!["\"a,b\"", "c"]),
        ] {
            assert_eq!(axis(text).unwrap(), values, "{text}");
        }
        for text in ["0:1:1", "0:1:x", "a:1:4", "0:1:1e3", "1,,2", "", "0:inf:3"] {
            assert!(axis(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_last_axis_goes_fastest() {
        let of = |name: &str, text: &str| Axis::parse(PortRef::new(&BlockId::new("a").unwrap(), name), text).unwrap();
        let sweep = Sweep { axes: vec![of("x", "1,2"), of("y", "a,b,c")], measures: Vec::new() };
        assert_eq!(sweep.points(), 6);
        let all: Vec<String> = (0..6).map(|point| sweep.values(point).concat()).collect();
        assert_eq!(all, ["1a", "1b", "1c", "2a", "2b", "2c"]);
    }
}
