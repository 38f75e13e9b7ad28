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
    pub courses: Arc<Vec<(PortRef, Vec<f64>)>>,
    /// The scalars whose courses are drawn; those that end the page, if none was chosen.
    pub drawn: Option<Vec<PortRef>>,
    /// The steps that are being made.
    pub under_way: Option<UnderWay>,
    /// Why no more could be made.
    pub wrong: Option<String>,
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
    told: Arc<Mutex<Told>>,
}

/// What the thread tells, and is told.
#[derive(Default)]
struct Told {
    done: u64,
    courses: Vec<(PortRef, Vec<f64>)>,
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
    /// Steps that begin.
    pub(crate) fn new(number: u64, checked: Arc<CheckedPage>, from: Progress, steps: Option<u64>) -> UnderWay {
        UnderWay { number, checked, from, steps, told: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many have been made, with these courses.
    pub fn tell(&self, done: u64, courses: Vec<(PortRef, Vec<f64>)>) {
        let mut told = self.lock();
        (told.done, told.courses) = (done, courses);
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
    pub fn courses(&self) -> Vec<(PortRef, Vec<f64>)> {
        self.lock().courses.clone()
    }
}

impl Training {
    /// All courses, with those of the steps that are being made.
    pub fn all_courses(&self) -> Vec<(PortRef, Vec<f64>)> {
        match &self.under_way {
            Some(under_way) => joined(&self.courses, under_way.courses()),
            None => self.courses.to_vec(),
        }
    }

    /// The course of one output.
    pub fn course(&self, port: &PortRef) -> Vec<f64> {
        let before = self.courses.iter().find(|(other, _)| other == port).map(|(_, values)| values.clone());
        let now = self.under_way.as_ref().map(UnderWay::courses).unwrap_or_default();
        let now = now.into_iter().find(|(other, _)| other == port).map(|(_, values)| values);
        before.into_iter().chain(now).flatten().collect()
    }

    /// Steps have ended: what they told is kept.
    pub(crate) fn take(&mut self, courses: Vec<(PortRef, Vec<f64>)>, wrong: Option<String>) {
        self.courses = Arc::new(joined(&self.courses, courses));
        (self.under_way, self.wrong) = (None, wrong);
    }
}

/// Courses going on: a scalar that was not followed before has gaps there.
fn joined(before: &[(PortRef, Vec<f64>)], now: Vec<(PortRef, Vec<f64>)>) -> Vec<(PortRef, Vec<f64>)> {
    let length = before.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let more = now.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let mut all: Vec<(PortRef, Vec<f64>)> = before.to_vec();
    for (port, values) in now {
        match all.iter_mut().find(|(other, _)| *other == port) {
            Some((_, own)) => own.extend(values),
            None => all.push((port, std::iter::repeat_n(f64::NAN, length).chain(values).collect())),
        }
    }
    all.iter_mut().for_each(|(_, values)| values.resize(length + more, f64::NAN));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_go_on_and_gaps_are_no_numbers() {
        let port = |text| PortRef::parse(text).unwrap();
        let before = vec![(port("a.x"), vec![1.0, 2.0]), (port("b.x"), vec![3.0, 4.0])];
        let now = vec![(port("a.x"), vec![5.0]), (port("c.x"), vec![6.0])];
        let all = joined(&before, now);
        let texts: Vec<String> = all.iter().map(|(port, values)| format!("{port} {values:?}")).collect();
        assert_eq!(texts, ["a.x [1.0, 2.0, 5.0]", "b.x [3.0, 4.0, NaN]", "c.x [NaN, NaN, 6.0]"]);
    }
}
