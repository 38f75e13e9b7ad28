//! Steps of a page: those under way, and the courses of its scalars.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use node_core::PortRef;
use node_core::check::CheckedPage;
use node_engine::steps::Progress;

/// Steps of a page.
#[derive(Clone, Debug, Default)]
pub struct Training {
    /// How many steps are to be made at once, as typed.
    pub typed: String,
    /// The courses of scalars since the variables were at their beginning.
    pub(crate) kept: Arc<Courses>,
    /// The scalars whose courses are drawn; those that end the page, if none was chosen.
    pub drawn: Option<Vec<PortRef>>,
    /// The steps that are being made.
    pub under_way: Option<UnderWay>,
    /// Why no more could be made.
    pub wrong: Option<String>,
}

impl Training {
    /// The courses, with those of the steps that are being made.
    pub fn courses(&self) -> Arc<Courses> {
        self.under_way.as_ref().map_or_else(|| self.kept.clone(), UnderWay::courses)
    }
}

/// The values of scalars over steps. Of long courses every so many values are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Courses {
    /// How many steps lie between two values.
    pub every: u64,
    /// How many steps they are of.
    pub steps: u64,
    /// The values, from step 0 on; NaN where a scalar was not followed. All are equally long.
    pub values: Vec<(PortRef, Vec<f64>)>,
}

/// Courses never hold more values than this each.
const MOST_VALUES: usize = 20_000;

impl Default for Courses {
    fn default() -> Courses {
        Courses { every: 1, steps: 0, values: Vec::new() }
    }
}

impl Courses {
    /// The values of one output.
    pub fn of(&self, port: &PortRef) -> Option<&[f64]> {
        self.values.iter().find(|(other, _)| other == port).map(|(_, values)| values.as_slice())
    }

    /// These follow: for each scalar its values in the same further steps.
    pub fn extend(&mut self, more: &[(PortRef, Vec<f64>)]) {
        let steps = more.first().map_or(0, |(_, values)| values.len());
        let length = self.values.first().map_or(self.steps.div_ceil(self.every) as usize, |(_, values)| values.len());
        for (port, _) in more.iter().filter(|(port, _)| self.of(port).is_none()).collect::<Vec<_>>() {
            self.values.push((port.clone(), vec![f64::NAN; length]));
        }
        let found: Vec<Option<&Vec<f64>>> = self
            .values
            .iter()
            .map(|(port, _)| more.iter().find(|(other, _)| other == port).map(|(_, values)| values))
            .collect();
        for nth in 0..steps {
            if self.steps.is_multiple_of(self.every) {
                for ((_, own), more) in self.values.iter_mut().zip(&found) {
                    own.push(more.and_then(|values| values.get(nth)).copied().unwrap_or(f64::NAN));
                }
            }
            self.steps += 1;
            if self.values.first().is_some_and(|(_, values)| values.len() > MOST_VALUES) {
                self.every *= 2;
                self.values.iter_mut().for_each(|(_, values)| *values = values.iter().step_by(2).copied().collect());
            }
        }
    }
}

/// Steps that are being made on a thread of their own.
#[derive(Clone)]
pub struct UnderWay {
    /// Which, among all.
    pub number: u64,
    /// The page as it was when they began.
    pub checked: Arc<CheckedPage>,
    /// Where it stood then.
    pub from: Progress,
    /// How many there are to be; without a number until they are stopped.
    pub steps: Option<u64>,
    /// How many blocks had got other ids before they began.
    pub(crate) renamed: usize,
    told: Arc<Mutex<Told>>,
}

/// What the thread tells, and is told.
#[derive(Default)]
struct Told {
    done: u64,
    courses: Arc<Courses>,
    is_stopped: bool,
    ended: Option<Ended>,
}

/// How steps ended: where they have come to, and what is wrong with the next.
pub type Ended = (Progress, Option<String>);

impl std::fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnderWay").field("number", &self.number).field("steps", &self.steps).finish_non_exhaustive()
    }
}

impl UnderWay {
    /// Steps that begin, and go on with these courses.
    pub(crate) fn new(
        number: u64,
        checked: Arc<CheckedPage>,
        (from, courses): (Progress, Arc<Courses>),
        steps: Option<u64>,
        renamed: usize,
    ) -> UnderWay {
        let told = Told { courses, ..Told::default() };
        UnderWay { number, checked, from, steps, renamed, told: Arc::new(Mutex::new(told)) }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many have been made, with these values since it was told last.
    pub fn tell(&self, done: u64, more: &[(PortRef, Vec<f64>)]) {
        let mut told = self.lock();
        told.done = done;
        Arc::make_mut(&mut told.courses).extend(more);
    }

    /// No more come.
    pub fn end(&self, ended: Ended) {
        self.lock().ended = Some(ended);
    }

    /// How they ended, once they have.
    pub fn ended(&self) -> Option<Ended> {
        self.lock().ended.clone()
    }

    /// They are to end after the one that is being made.
    pub(crate) fn stop(&self) {
        self.lock().is_stopped = true;
    }

    /// Whether they are to end.
    pub fn is_stopped(&self) -> bool {
        self.lock().is_stopped
    }

    /// How many have been made.
    pub fn done(&self) -> u64 {
        self.lock().done
    }

    /// The courses so far.
    pub fn courses(&self) -> Arc<Courses> {
        self.lock().courses.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> PortRef {
        PortRef::parse(text).unwrap()
    }

    #[test]
    fn courses_go_on_and_gaps_are_no_numbers() {
        let mut courses = Courses::default();
        courses.extend(&[(port("a.x"), vec![1.0, 2.0]), (port("b.x"), vec![3.0, 4.0])]);
        courses.extend(&[(port("a.x"), vec![5.0]), (port("c.x"), vec![6.0])]);
        let texts: Vec<String> = courses.values.iter().map(|(port, values)| format!("{port} {values:?}")).collect();
        assert_eq!(texts, ["a.x [1.0, 2.0, 5.0]", "b.x [3.0, 4.0, NaN]", "c.x [NaN, NaN, 6.0]"]);
        assert_eq!((courses.every, courses.steps), (1, 3));
    }

    #[test]
    fn long_courses_keep_every_so_many_values_at_their_steps() {
        let mut courses = Courses::default();
        let mut at = 0;
        for length in [1, 7, 1000, 3, 40_000, 1, 60_001] {
            courses.extend(&[(port("a.x"), (at..at + length).map(f64::from).collect())]);
            at += length;
            let values = courses.of(&port("a.x")).unwrap();
            assert!(values.len() <= MOST_VALUES);
            assert_eq!(courses.steps, at as u64);
            assert!(values.iter().enumerate().all(|(nth, value)| *value == (nth as u64 * courses.every) as f64));
        }
    }
}
