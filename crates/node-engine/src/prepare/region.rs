//! A region: element-wise kernels of one length that run in one walk.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use node_core::kernel::fold::{join, start};
use node_core::kernel::{BLOCK, Elementwise, Fold, Lanes, Reduction};
use node_core::{DType, Quantization, Shape};

use crate::exec::frame::Frame;
use crate::exec::watch::BlockMoments;
use crate::plan::ValueId;

/// Where an instruction finds or leaves elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loc {
    /// In an input of the region that is as long as the walk.
    Input(usize),
    /// In an input of one element.
    Scalar(usize),
    /// In a register: a stretch that stays in the first-level cache.
    Register(usize),
    /// In an output of the region.
    Output(usize),
}

/// Where an instruction leaves its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dest {
    /// In a register.
    Register(usize),
    /// In an output of the region.
    Output(usize),
    /// In the lanes of a fold.
    Fold(usize),
}

/// What an instruction does.
pub enum Work {
    /// Runs a kernel.
    Map(Elementwise),
    /// Sums what a kernel gives, without writing it down.
    Sum(Elementwise),
    /// Folds elements.
    Fold,
    /// Spreads an input of fewer elements over the walk.
    Spread {
        /// Which input.
        input: usize,
        /// The lengths of the walk's dimensions.
        dims: Vec<usize>,
        /// For each dimension how far apart neighbours are in the input; 0 where it is repeated.
        strides: Vec<usize>,
    },
}

/// One kernel's turn within a stretch.
pub struct Instruction {
    /// Whose it is.
    pub step: usize,
    /// Whose it is too: a step whose kernel it sums at once.
    pub also: Option<usize>,
    /// What it does.
    pub work: Work,
    /// Its operands.
    pub operands: Vec<Loc>,
    /// Where its elements go.
    pub dest: Dest,
}

/// A fold at the end of a chain.
pub struct FoldEnd {
    /// Whose it is.
    pub step: usize,
    /// The result.
    pub out: ValueId,
    /// How.
    pub reduction: Reduction,
    /// The shape of the result: one element.
    pub shape: Shape,
    /// The type of what is folded.
    pub dtype: DType,
    /// What each block came to; made when it is carried out.
    pub blocks: Vec<AtomicU64>,
}

impl FoldEnd {
    /// How two become one.
    pub fn fold(&self) -> Fold {
        self.reduction.fold()
    }

    /// What all blocks came to, in their order.
    pub fn total(&self) -> u64 {
        let (fold, dtype) = (self.fold(), self.dtype);
        let blocks = self.blocks.iter().map(|block| block.load(Ordering::Relaxed));
        blocks.fold(start(fold, dtype), |a, b| join(fold, dtype, a, b))
    }
}

/// Something that looks at elements as they come by.
pub struct Watch {
    /// For which value, or for which step the shares.
    pub subject: Subject,
    /// Where the elements are.
    pub at: Loc,
    /// After how many instructions.
    pub after: usize,
    /// What the blocks came to, for statistics; made when it is carried out.
    pub blocks: Vec<BlockMoments>,
}

/// What is watched.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The statistics of a value.
    Stats(ValueId),
    /// The first elements of a value.
    First(ValueId),
    /// Where the elements lie that a step quantizes; without a quantization, which are no numbers.
    Shares(usize, Option<Quantization>),
}

/// A tensor that a region makes.
#[derive(Clone, Debug)]
pub struct Made {
    /// Whose it is.
    pub step: usize,
    /// Which value.
    pub value: ValueId,
    /// Its element type.
    pub dtype: DType,
    /// Its shape.
    pub shape: Shape,
    /// The input whose memory it may take over: nobody needs that any more.
    pub in_place_of: Option<usize>,
    /// Whether it is handed on as it is made, and never is in memory as a whole.
    pub streamed: bool,
}

/// Element-wise kernels of one length that run in one walk.
pub struct Region {
    /// How many elements are walked.
    pub len: usize,
    /// How many go through all instructions together: a divisor of a fold's block, or all.
    pub stretch: usize,
    /// Inputs.
    pub inputs: Vec<ValueId>,
    /// Which of the inputs are as long as the walk.
    pub whole_inputs: Vec<usize>,
    /// The tensors that it makes.
    pub outputs: Vec<Made>,
    /// The folds.
    pub folds: Vec<FoldEnd>,
    /// What is watched.
    pub watches: Vec<Watch>,
    /// The steps whose kernels run in it.
    pub steps: Vec<usize>,
    /// The kernels, in order.
    pub instructions: Vec<Instruction>,
    /// Registers that are copied to outputs at the end of every stretch: outputs that take over an input's memory.
    pub copies: Vec<(usize, usize)>,
    /// The types of the registers.
    pub registers: Vec<DType>,
    /// Working memory, one for each thread.
    pub frames: Vec<Mutex<Frame>>,
}

impl Region {
    /// A walk over `len` elements that does nothing yet.
    pub fn new(len: usize) -> Region {
        Region {
            len,
            stretch: 1,
            inputs: Vec::new(),
            whole_inputs: Vec::new(),
            outputs: Vec::new(),
            folds: Vec::new(),
            watches: Vec::new(),
            steps: Vec::new(),
            instructions: Vec::new(),
            copies: Vec::new(),
            registers: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// The bytes that blocks of elements take which are folded or watched, but for the first block, which is nothing to
    /// speak of.
    pub fn scratch(&self) -> u64 {
        let blocks = (self.len.div_ceil(BLOCK) as u64).saturating_sub(1);
        let watched = self.watches.iter().filter(|watch| matches!(watch.subject, Subject::Stats(_))).count() as u64;
        let each = self.folds.len() as u64 * size_of::<AtomicU64>() as u64 + watched * size_of::<BlockMoments>() as u64;
        blocks.saturating_mul(each)
    }

    /// Makes working memory for so many threads, or what there is ready for another walk. `piece` elements are walked by
    /// one of them at a time.
    pub fn make_ready(&mut self, threads: usize, piece: usize) {
        // A walk of one piece is the caller's.
        let threads = if self.len <= piece { 1 } else { threads };
        let blocks = self.len.div_ceil(BLOCK);
        for fold in &mut self.folds {
            fold.blocks.resize_with(blocks, AtomicU64::default);
        }
        for watch in self.watches.iter_mut().filter(|watch| matches!(watch.subject, Subject::Stats(_))) {
            watch.blocks.resize_with(blocks, BlockMoments::default);
        }
        if self.frames.len() != threads {
            self.frames = (0..threads).map(|_| Mutex::new(Frame::new(self, piece))).collect();
            return;
        }
        for frame in &mut self.frames {
            let frame = frame.get_mut().unwrap_or_else(PoisonError::into_inner);
            for (fold, lanes) in self.folds.iter().zip(&mut frame.lanes) {
                *lanes = Lanes::new(fold.fold(), fold.dtype);
            }
            frame.watchers.iter_mut().for_each(|watcher| watcher.reset());
            frame.nanoseconds.fill(0);
        }
    }
}
