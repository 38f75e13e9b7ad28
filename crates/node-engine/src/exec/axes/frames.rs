//! What threads need while they fold: the same memory for every fold of a run.

use std::sync::{Mutex, PoisonError};

use node_core::DType;
use node_core::kernel::{BLOCK, LANES};

use super::totals::{WIDE, WIDTH};
use crate::exec::frame::Scratch;

/// Working memory of the threads of a crew, for folds of every kind: one after the other they use the same.
#[derive(Default)]
pub struct Frames(Vec<Mutex<Vec<Frame>>>);

/// Working memory of one thread, for totals and elements of these types.
pub struct Frame {
    types: (DType, DType),
    /// Lanes of the results that are walked together.
    pub lanes: Scratch,
    /// Their totals.
    pub totals: Scratch,
    /// Elements of one block.
    pub gathered: Scratch,
    /// Totals as bits.
    pub bits: Vec<u64>,
}

impl Frame {
    fn new((total, element): (DType, DType)) -> Frame {
        Frame {
            types: (total, element),
            lanes: Scratch::new(total, LANES * WIDTH),
            totals: Scratch::new(total, WIDE),
            gathered: Scratch::new(element, BLOCK),
            bits: Vec::with_capacity(WIDE),
        }
    }
}

impl Frames {
    /// Working memory for so many threads.
    pub fn for_threads(threads: usize) -> Frames {
        Frames(std::iter::repeat_with(Mutex::default).take(threads).collect())
    }

    /// Makes memory for these types, for so many of the threads.
    pub fn make_ready(&self, types: (DType, DType), threads: usize) {
        for frames in self.0.iter().take(threads) {
            let mut frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
            if !frames.iter().any(|frame| frame.types == types) {
                frames.push(Frame::new(types));
            }
        }
    }

    /// Works with the memory of a thread.
    pub fn with<R>(
        &self,
        thread: usize,
        types: (DType, DType),
        work: impl FnOnce(&mut Frame) -> Option<R>,
    ) -> Option<R> {
        let mut frames = self.0.get(thread)?.lock().unwrap_or_else(PoisonError::into_inner);
        work(frames.iter_mut().find(|frame| frame.types == types)?)
    }
}
