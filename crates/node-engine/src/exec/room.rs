//! What a walk needs while it is carried out, kept from one run to the next: working memory of the threads, and what blocks
//! of elements come to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use node_core::kernel::fold::{join, start};
use node_core::kernel::{BLOCK, Lanes};

use super::axes::AxesFold;
use super::frame::Frame;
use super::watch::BlockMoments;
use crate::program::{FoldEnd, Region, Subject, Unit};

/// Room for one walk.
#[derive(Default)]
pub struct Room {
    /// Working memory, one for each thread.
    pub frames: Vec<Mutex<Frame>>,
    /// For each fold what each block came to.
    pub folds: Vec<Vec<AtomicU64>>,
    /// For each watch what the blocks came to, for statistics.
    pub watches: Vec<Vec<BlockMoments>>,
}

impl Room {
    /// Makes working memory for so many threads, or what there is ready for another walk. `piece` elements are walked by
    /// one of them at a time.
    pub fn make_ready(&mut self, region: &Region, threads: usize, piece: usize) {
        // A walk of one piece is the caller's.
        let threads = if region.len <= piece { 1 } else { threads };
        let blocks = region.len.div_ceil(BLOCK);
        self.folds.resize_with(region.folds.len(), Vec::new);
        self.folds.iter_mut().for_each(|fold| fold.resize_with(blocks, AtomicU64::default));
        self.watches.resize_with(region.watches.len(), Vec::new);
        for (watch, moments) in region.watches.iter().zip(&mut self.watches) {
            if matches!(watch.subject, Subject::Stats(_)) {
                moments.resize_with(blocks, BlockMoments::default);
            }
        }
        if self.frames.len() != threads {
            self.frames = (0..threads).map(|_| Mutex::new(Frame::new(region, piece))).collect();
            return;
        }
        for frame in &mut self.frames {
            let frame = frame.get_mut().unwrap_or_else(PoisonError::into_inner);
            for (fold, lanes) in region.folds.iter().zip(&mut frame.lanes) {
                *lanes = Lanes::new(fold.fold(), fold.dtype);
            }
            frame.watchers.iter_mut().for_each(|watcher| watcher.reset());
            frame.nanoseconds.fill(0);
        }
    }

    /// What all blocks of fold number `number` came to, in their order.
    pub fn total(&self, number: usize, end: &FoldEnd) -> u64 {
        let (fold, dtype) = (end.fold(), end.dtype);
        let blocks = self.folds[number].iter().map(|block| block.load(Ordering::Relaxed));
        blocks.fold(start(fold, dtype), |a, b| join(fold, dtype, a, b))
    }
}

/// The bytes that blocks of elements take which are folded or watched, but for the first block, which is nothing to speak
/// of.
pub fn scratch(region: &Region) -> u64 {
    let blocks = (region.len.div_ceil(BLOCK) as u64).saturating_sub(1);
    let watched = region.watches.iter().filter(|watch| matches!(watch.subject, Subject::Stats(_))).count() as u64;
    let each = region.folds.len() as u64 * size_of::<AtomicU64>() as u64 + watched * size_of::<BlockMoments>() as u64;
    blocks.saturating_mul(each)
}

/// What a unit needs while it is carried out.
pub enum UnitRoom {
    /// For a walk.
    Walk(Room),
    /// For a fold over some axes.
    Fold(AxesFold),
    /// A block that computes by itself has its own.
    None,
}

impl UnitRoom {
    /// Room for a unit.
    pub fn of(unit: &Unit) -> UnitRoom {
        match unit {
            Unit::Region(_) => UnitRoom::Walk(Room::default()),
            Unit::Axes(fold) => UnitRoom::Fold(AxesFold::new(fold.reduction.clone(), fold.dtype, &fold.shape)),
            Unit::Compute(_) => UnitRoom::None,
        }
    }
}
