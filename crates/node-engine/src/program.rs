//! What is prepared and carried out: phases of units, walks with their instructions. Plain data, beneath those who make it
//! and those who follow it.

use std::sync::Arc;

use node_core::kernel::{Elementwise, Fold, Reduction};
use node_core::{DType, KnownType, Quantization, Shape, Tensor};

use crate::plan::ValueId;
use crate::progress::Remarks;

/// What is done in one go.
pub enum Unit {
    /// Element-wise kernels in one walk, with the folds at their ends.
    Region(Box<Region>),
    /// A fold over some axes.
    Axes(Box<AxisFold>),
    /// A block that computes by itself.
    Compute(Compute),
}

/// A fold over some axes.
pub struct AxisFold {
    /// The step.
    pub step: usize,
    /// What is folded.
    pub input: ValueId,
    /// The result.
    pub out: ValueId,
    /// How.
    pub reduction: Reduction,
    /// The type of what is folded.
    pub dtype: DType,
    /// The shape of what is folded.
    pub shape: Shape,
}

/// A block that computes by itself.
pub struct Compute {
    /// The step.
    pub step: usize,
    /// For each of its inputs the values that are really there.
    pub inputs: Vec<Vec<ValueId>>,
    /// The types that its outputs have.
    pub outputs: Vec<KnownType>,
}

/// Part of a run: what can be prepared with what is known.
pub struct Phase {
    /// The work, in order.
    pub units: Vec<Unit>,
    /// The types of values, those of the phase's own included, where they are known.
    pub types: Vec<Option<KnownType>>,
    /// Values that are other values, by the unit after which those are there.
    pub same: Vec<Vec<(ValueId, ValueId)>>,
    /// For each unit the steps that pass on what it makes.
    pub followers: Vec<Vec<usize>>,
    /// For each unit the values that nobody needs after it.
    pub dying: Vec<Vec<ValueId>>,
    /// The steps that are over after it, by the unit after which they are.
    pub finished: Vec<Vec<usize>>,
    /// Values that it took for granted when it was prepared, because kernels or shapes depend on them.
    pub premises: Vec<(ValueId, Tensor)>,
    /// What there is to say of steps that it runs.
    pub remarks: Vec<(usize, Arc<Remarks>)>,
    /// The most that the run takes at one time, earlier phases included.
    pub peak: Peak,
    /// Whether something is left for a later phase.
    pub more: bool,
}

impl Unit {
    /// The steps whose work it does.
    pub fn steps(&self) -> &[usize] {
        match self {
            Unit::Region(region) => &region.steps,
            Unit::Axes(fold) => std::slice::from_ref(&fold.step),
            Unit::Compute(compute) => std::slice::from_ref(&compute.step),
        }
    }

    /// The values that it reads.
    pub fn inputs(&self) -> impl Iterator<Item = ValueId> {
        let (many, one, ports): (&[ValueId], Option<ValueId>, &[Vec<ValueId>]) = match self {
            Unit::Region(region) => (&region.inputs, None, &[]),
            Unit::Axes(fold) => (&[], Some(fold.input), &[]),
            Unit::Compute(compute) => (&[], None, &compute.inputs),
        };
        many.iter().copied().chain(one).chain(ports.iter().flatten().copied())
    }
}

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
}

impl FoldEnd {
    /// How two become one.
    pub fn fold(&self) -> Fold {
        self.reduction.fold()
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
}

/// What is watched.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The statistics of a value.
    Stats(ValueId),
    /// The first elements of a value.
    First(ValueId),
    /// What of a value is no finite number.
    Health(ValueId),
    /// Where the elements lie that a step quantizes.
    Shares(usize, Arc<Quantization>),
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
        }
    }
}

/// A tensor that a run makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Largest {
    /// `block.port`, or the block for what it needs in between.
    pub name: String,
    /// Its type.
    pub ty: KnownType,
    /// The bytes that it takes.
    pub bytes: u64,
}

/// The most that a run takes at one time.
#[derive(Clone, Debug, Default)]
pub struct Peak {
    /// The bytes of the tensors that it makes, and of what blocks of elements come to that are folded or watched.
    pub bytes: u64,
    /// The largest of the tensors then.
    pub largest: Vec<Largest>,
}
