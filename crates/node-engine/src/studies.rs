//! Analyses that somebody looks at: made beside the frames that show them, kept as long as they are asked for.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use node_core::{Shape, Tensor, for_erased};

use crate::analysis::Stop;
use crate::executor::Wake;

/// Analyses of so many elements are made at once: sooner than the next frame is drawn.
const AT_ONCE: usize = 1 << 16;

/// What is not asked for is kept for so many frames.
const KEPT: u64 = 4;

/// Which analysis: what is asked, and of which tensors, by the numbers of their storage and their shapes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    question: String,
    tensors: Vec<(u64, Shape)>,
}

impl Key {
    /// `question` says all that decides the answer beside the tensors.
    pub fn new<'t>(question: String, tensors: impl IntoIterator<Item = &'t Tensor>) -> Key {
        let serial = |tensor: &Tensor| for_erased!(tensor.data(), T, buffer => buffer.serial());
        Key { question, tensors: tensors.into_iter().map(|tensor| (serial(tensor), tensor.shape().clone())).collect() }
    }
}

/// What comes of an analysis: nothing where it was stopped, or cannot be made.
type Answer = Option<Arc<dyn Any + Send + Sync>>;

type Task = Box<dyn FnOnce() + Send>;

enum State {
    Asked(Stop),
    Answered(Answer),
}

struct Study {
    state: State,
    /// Which it is: one that was forgotten and is asked anew is another.
    number: u64,
    /// The frame in which it was last asked for.
    asked: u64,
}

/// What somebody who asks is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// The answer.
    Answer(T),
    /// It is being worked on.
    Soon,
    /// There is none.
    Nothing,
}

impl<T> Reply<T> {
    /// The answer, if it is there.
    pub fn answer(self) -> Option<T> {
        match self {
            Reply::Answer(answer) => Some(answer),
            Reply::Soon | Reply::Nothing => None,
        }
    }
}

/// Analyses, and the thread that makes them. What nobody asks for any more is stopped and forgotten.
pub struct Studies {
    studies: HashMap<Key, Study>,
    frame: u64,
    wake: Wake,
    /// The way to the thread, once it was needed.
    tasks: Option<Sender<Task>>,
    answers: Receiver<(u64, Key, Answer)>,
    /// The thread's end of that.
    answer: Sender<(u64, Key, Answer)>,
    last: u64,
}

impl Studies {
    /// A frame begins: answers are taken in, and what was not asked for in the last ones is let go. `wake` is called
    /// whenever an answer is there, from any thread.
    pub fn begin_frame(&mut self, wake: Wake) {
        self.wake = wake;
        self.frame += 1;
        while let Ok((number, key, answer)) = self.answers.try_recv() {
            if let Some(study) = self.studies.get_mut(&key).filter(|study| study.number == number) {
                study.state = State::Answered(answer);
            }
        }
        let frame = self.frame;
        self.studies.retain(|_, study| {
            let is_kept = study.asked + KEPT >= frame;
            if let (State::Asked(stop), false) = (&study.state, is_kept) {
                stop.set();
            }
            is_kept
        });
    }

    /// Whether there is something that was not asked for in this frame: a few frames more let go of it.
    pub fn are_left_over(&self) -> bool {
        self.studies.values().any(|study| study.asked != self.frame)
    }

    /// Whether anything is being worked on.
    pub fn are_at_work(&self) -> bool {
        self.studies.values().any(|study| matches!(study.state, State::Asked(_)))
    }

    /// The answer to a question about so many elements, if it is there; else the work that `prepare` makes is done for it,
    /// at once where that takes no time.
    pub fn ask<T: Send + Sync + 'static, W: FnOnce(&Stop) -> Option<T> + Send + 'static>(
        &mut self,
        key: Key,
        elements: usize,
        prepare: impl FnOnce() -> W,
    ) -> Reply<Arc<T>> {
        let frame = self.frame;
        if !self.studies.contains_key(&key) {
            let state = self.begin(&key, elements, prepare());
            self.studies.insert(key.clone(), Study { state, number: self.last, asked: frame });
        }
        let Some(study) = self.studies.get_mut(&key) else { return Reply::Nothing };
        study.asked = frame;
        match &study.state {
            State::Asked(_) => Reply::Soon,
            State::Answered(answer) => {
                answer.clone().and_then(|answer| answer.downcast().ok()).map_or(Reply::Nothing, Reply::Answer)
            }
        }
    }

    fn begin<T: Send + Sync + 'static>(
        &mut self,
        key: &Key,
        elements: usize,
        work: impl FnOnce(&Stop) -> Option<T> + Send + 'static,
    ) -> State {
        let stop = Stop::default();
        self.last += 1;
        let number = self.last;
        if elements <= AT_ONCE {
            return State::Answered(guarded(work, &stop));
        }
        let (told, key, own, wake) = (self.answer.clone(), key.clone(), stop.clone(), self.wake.clone());
        let task: Task = Box::new(move || {
            let answer = if own.is_set() { None } else { guarded(work, &own) };
            // Whoever is not there any more need not be told.
            let _ = told.send((number, key, answer));
            wake();
        });
        let sent = match &self.tasks {
            Some(tasks) => tasks.send(task).is_ok(),
            None => {
                let (tasks, todo) = channel::<Task>();
                let thread = thread::Builder::new().name("studies".to_owned());
                let started = thread.spawn(move || todo.iter().for_each(|task| task()));
                started.is_ok() && tasks.send(task).map(|()| self.tasks = Some(tasks)).is_ok()
            }
        };
        if sent { State::Asked(stop) } else { State::Answered(None) }
    }
}

impl Drop for Studies {
    fn drop(&mut self) {
        for study in self.studies.values() {
            if let State::Asked(stop) = &study.state {
                stop.set();
            }
        }
    }
}

impl Default for Studies {
    fn default() -> Studies {
        let (answer, answers) = channel();
        Studies { studies: HashMap::new(), frame: 0, wake: Arc::new(|| {}), tasks: None, answers, answer, last: 0 }
    }
}

/// What comes of the work; nothing where it panics: a block's own code may be part of it.
fn guarded<T: Send + Sync + 'static>(work: impl FnOnce(&Stop) -> Option<T>, stop: &Stop) -> Answer {
    let done = catch_unwind(AssertUnwindSafe(|| work(stop))).ok().flatten();
    done.map(|answer| Arc::new(answer) as Arc<dyn Any + Send + Sync>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn studies() -> Studies {
        Studies::default()
    }

    fn key(question: &str) -> Key {
        Key::new(question.to_owned(), [])
    }

    fn until<T>(studies: &mut Studies, mut ask: impl FnMut(&mut Studies) -> Reply<T>) -> Option<T> {
        let begun = Instant::now();
        loop {
            match ask(studies) {
                Reply::Answer(answer) => return Some(answer),
                Reply::Nothing => return None,
                Reply::Soon => assert!(begun.elapsed() < Duration::from_secs(20), "no answer"),
            }
            thread::sleep(Duration::from_millis(1));
            studies.begin_frame(Arc::new(|| {}));
        }
    }

    #[test]
    fn small_ones_at_once_and_large_ones_beside() {
        let mut studies = studies();
        assert_eq!(studies.ask(key("a"), 5, || |_| Some(7)), Reply::Answer(Arc::new(7)));
        assert_eq!(studies.ask(key("a"), 5, || |_| Some(8)), Reply::Answer(Arc::new(7)), "it is kept");
        assert_eq!(studies.ask(key("b"), 1 << 20, || |_| Some(1)), Reply::Soon);
        let answer = until(&mut studies, |studies| studies.ask(key("b"), 1 << 20, || |_| Some(2)));
        assert_eq!(answer, Some(Arc::new(1)));
        assert!(!studies.are_at_work());
    }

    #[test]
    fn what_nobody_asks_for_is_stopped() {
        let mut studies = studies();
        let ask = |studies: &mut Studies| {
            studies.ask(key("endless"), 1 << 20, || {
                |stop| {
                    while !stop.is_set() {
                        thread::sleep(Duration::from_millis(1));
                    }
                    None::<u8>
                }
            })
        };
        assert_eq!(ask(&mut studies), Reply::Soon);
        (0..=KEPT + 1).for_each(|_| studies.begin_frame(Arc::new(|| {})));
        assert!(!studies.are_at_work());
        let after = until(&mut studies, |studies| studies.ask(key("next"), 1 << 20, || |_| Some(3)));
        assert_eq!(after, Some(Arc::new(3)), "the thread is free again");
    }

    #[test]
    fn what_is_asked_anew_is_not_answered_by_what_was_stopped() {
        let mut studies = studies();
        let slow = |studies: &mut Studies, question: &str, answer: u8| {
            studies.ask(key(question), 1 << 20, move || {
                move |stop: &Stop| {
                    let begun = Instant::now();
                    while begun.elapsed() < Duration::from_millis(60) && !stop.is_set() {
                        thread::sleep(Duration::from_millis(1));
                    }
                    (!stop.is_set()).then_some(answer)
                }
            })
        };
        assert_eq!(slow(&mut studies, "first", 1), Reply::Soon);
        assert_eq!(slow(&mut studies, "second", 2), Reply::Soon);
        assert!(!studies.are_left_over());
        (0..KEPT).for_each(|_| studies.begin_frame(Arc::new(|| {})));
        assert!(studies.are_left_over());
        studies.begin_frame(Arc::new(|| {}));
        assert!(!studies.are_left_over(), "both are let go");
        let again = until(&mut studies, |studies| slow(studies, "second", 3));
        assert_eq!(again, Some(Arc::new(3)));
    }

    #[test]
    fn what_fails_has_no_answer() {
        let mut studies = studies();
        assert_eq!(studies.ask(key("none"), 1, || |_| None::<u8>), Reply::Nothing);
        assert_eq!(studies.ask(key("panics"), 1, || |_| -> Option<u8> { panic!("as a block may") }), Reply::Nothing);
        let far =
            until(&mut studies, |studies| studies.ask(key("far"), 1 << 20, || |_| -> Option<u8> { panic!("so") }));
        assert_eq!(far, None);
        assert_eq!(studies.ask(key("after"), 1, || |_| Some(4)), Reply::Answer(Arc::new(4)));
    }

    #[test]
    fn other_elements_are_another_question() {
        let (a, b) = (Tensor::vector(vec![1f32]), Tensor::vector(vec![1f32]));
        assert_eq!(Key::new("q".into(), [&a]), Key::new("q".into(), [&a.clone()]));
        assert_ne!(Key::new("q".into(), [&a]), Key::new("q".into(), [&b]));
    }
}
