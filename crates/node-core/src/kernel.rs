//! Kernels: what a block does to one element, as a function over slices, and how it folds many into one.
//!
//! A block says what happens to an element; walking, broadcasting, fusing, threads, buffers and reductions are not its
//! business. A kernel may be called on any part of the operands, in any order, so results cannot depend on how a run is
//! cut up.

pub mod body;
pub mod chunk;
pub mod fold;
mod lean;
mod narrow;
pub mod plain;
pub mod simd;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use body::{Body, Channels, Map, Zip, Zip3};
pub use chunk::{Chunk, ChunkMut, Lane, Operand};
pub use fold::{BLOCK, Fold, LANES, Lanes};
pub use lean::Lean;
use narrow::{Narrowed, Widened};
pub use plain::apply;

use crate::dtype::{DType, Narrow};

/// The most operands that a kernel has.
pub const MAX_OPERANDS: usize = 3;

/// How one output of a block comes from its operands: the inputs that are not parameters, in order.
#[derive(Clone)]
pub enum Kernel {
    /// It is operand number so many itself.
    Same(usize),
    /// Element by element.
    Map(Elementwise),
    /// Element by element, then folded over axes.
    Reduce(Elementwise, Reduction),
}

/// An element-wise function.
#[derive(Clone)]
pub struct Elementwise {
    arity: usize,
    output: DType,
    identity: bool,
    body: Arc<dyn Body>,
}

/// Makes results from totals of so many elements each.
type Finish = dyn Fn(&[u64], usize, ChunkMut<'_>) -> Option<()> + Send + Sync;

/// How elements are folded over axes.
#[derive(Clone)]
pub struct Reduction {
    fold: Fold,
    axes: Arc<[bool]>,
    output: DType,
    finish: Arc<Finish>,
}

impl Kernel {
    /// A kernel of one operand.
    pub fn map<A: Operand, O: Operand>(f: impl Fn(A) -> O + Send + Sync + 'static) -> Kernel {
        Elementwise::kernel::<O>(1, Map { f, types: PhantomData })
    }

    /// A kernel of two operands.
    pub fn zip<A: Operand, B: Operand, O: Operand>(f: impl Fn(A, B) -> O + Send + Sync + 'static) -> Kernel {
        Elementwise::kernel::<O>(2, Zip { f, types: PhantomData })
    }

    /// A kernel of three operands.
    pub fn zip3<A: Operand, B: Operand, C: Operand, O: Operand>(
        f: impl Fn(A, B, C) -> O + Send + Sync + 'static,
    ) -> Kernel {
        Elementwise::kernel::<O>(3, Zip3 { f, types: PhantomData })
    }

    /// A kernel of one operand and of the channel, the place along the last dimension: `channels` has something for
    /// each.
    pub fn map_channels<A, P, O>(
        channels: impl Into<Arc<[P]>>,
        f: impl Fn(&P, A) -> O + Send + Sync + 'static,
    ) -> Kernel
    where
        A: Operand,
        P: Send + Sync + 'static,
        O: Operand,
    {
        let run = move |channels: &[P], start: usize, operands: &[Chunk<'_>], out: &mut [O]| {
            let [a] = operands else { return None };
            let from = channels.iter().cycle().skip(start % channels.len().max(1));
            for ((o, a), channel) in out.iter_mut().zip(A::read(a)?).zip(from) {
                *o = f(channel, *a);
            }
            Some(())
        };
        Elementwise::kernel::<O>(1, Channels { channels: channels.into(), f: run, output: PhantomData })
    }

    /// As [`map_channels`](Kernel::map_channels), with two operands of one shape.
    pub fn zip_channels<A, B, P, O>(
        channels: impl Into<Arc<[P]>>,
        f: impl Fn(&P, A, B) -> O + Send + Sync + 'static,
    ) -> Kernel
    where
        A: Operand,
        B: Operand,
        P: Send + Sync + 'static,
        O: Operand,
    {
        let run = move |channels: &[P], start: usize, operands: &[Chunk<'_>], out: &mut [O]| {
            let [a, b] = operands else { return None };
            let from = channels.iter().cycle().skip(start % channels.len().max(1));
            for (((o, a), b), channel) in out.iter_mut().zip(A::read(a)?).zip(B::read(b)?).zip(from) {
                *o = f(channel, *a, *b);
            }
            Some(())
        };
        Elementwise::kernel::<O>(2, Channels { channels: channels.into(), f: run, output: PhantomData })
    }

    /// The kernel over float32 for elements of a narrow type: widened, and what comes of them rounded, if it is float32.
    pub fn narrow<N: Narrow + Operand>(self) -> Kernel {
        match self {
            Kernel::Map(Elementwise { arity, output: DType::Float32, body, .. }) => {
                Elementwise::kernel::<N>(arity, Narrowed::<N> { body, types: PhantomData })
            }
            Kernel::Map(Elementwise { arity, output, body, .. }) => {
                let body = Widened::<N> { body, output, types: PhantomData };
                Kernel::Map(Elementwise { arity, output, identity: false, body: Arc::new(body) })
            }
            other => other,
        }
    }

    /// A kernel of one operand that leaves its elements as they are: the begin of a reduction.
    pub fn elements<T: Operand>() -> Kernel {
        match Kernel::map(|v: T| v) {
            Kernel::Map(map) => Kernel::Map(Elementwise { identity: true, ..map }),
            other => other,
        }
    }

    /// The kernel's elements summed over the axes that are `true` in `axes`. `finish` makes a result from a sum and the
    /// number of elements in it.
    pub fn sum<T: Operand>(self, axes: &[bool], finish: impl Fn(T::Sum, usize) -> T + Send + Sync + 'static) -> Kernel {
        self.reduce(Fold::Sum, axes, finish)
    }

    /// The least of the kernel's elements over the axes that are `true` in `axes`.
    pub fn min<T: Operand>(self, axes: &[bool]) -> Kernel {
        self.reduce(Fold::Min, axes, |v: T, _| v)
    }

    /// The greatest of the kernel's elements over the axes that are `true` in `axes`.
    pub fn max<T: Operand>(self, axes: &[bool]) -> Kernel {
        self.reduce(Fold::Max, axes, |v: T, _| v)
    }

    fn reduce<L: Lane, T: Operand>(
        self,
        fold: Fold,
        axes: &[bool],
        finish: impl Fn(L, usize) -> T + Send + Sync + 'static,
    ) -> Kernel {
        let finish = move |totals: &[u64], count: usize, out: ChunkMut<'_>| {
            for (o, total) in T::write(out)?.iter_mut().zip(totals) {
                *o = finish(L::from_bits64(*total), count);
            }
            Some(())
        };
        match self {
            Kernel::Map(map) => {
                let reduction = Reduction { fold, axes: axes.into(), output: T::DTYPE, finish: Arc::new(finish) };
                Kernel::Reduce(map, reduction)
            }
            other => other,
        }
    }
}

impl Elementwise {
    fn kernel<O: Operand>(arity: usize, body: impl Body + 'static) -> Kernel {
        Kernel::Map(Elementwise { arity, output: O::DTYPE, identity: false, body: Arc::new(body) })
    }

    /// The number of operands.
    pub fn arity(&self) -> usize {
        self.arity
    }

    /// The data type of the elements that it gives.
    pub fn output(&self) -> DType {
        self.output
    }

    /// Whether it leaves elements as they are.
    pub fn is_identity(&self) -> bool {
        self.identity
    }

    /// Runs on parts of the operands, each as long as `out` or one element long; `start` is the place of the first
    /// element in the whole. `None` if the types are not the kernel's.
    pub fn run(&self, operands: &[Chunk<'_>], start: usize, out: ChunkMut<'_>) -> Option<()> {
        self.body.run(operands, start, out)
    }

    /// Adds what [`run`](Elementwise::run) would give for `len` elements to sums, without writing it down. `None` if
    /// the types are not the kernel's, or if no operand is `len` long.
    pub fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        self.body.sum(operands, start, len, lanes)
    }
}

impl Reduction {
    /// How two become one.
    pub fn fold(&self) -> Fold {
        self.fold
    }

    /// For each axis of the operands' shape whether it is folded away.
    pub fn axes(&self) -> &[bool] {
        &self.axes
    }

    /// Whether everything is folded into one.
    pub fn is_whole(&self) -> bool {
        self.axes.iter().all(|folded| *folded)
    }

    /// The data type of the results.
    pub fn output(&self) -> DType {
        self.output
    }

    /// Makes results from totals of `count` elements each. `None` if `out` is not of the type of the results.
    pub fn finish(&self, totals: &[u64], count: usize, out: ChunkMut<'_>) -> Option<()> {
        (self.finish)(totals, count, out)
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kernel::Same(operand) => write!(f, "Same({operand})"),
            Kernel::Map(map) => write!(f, "Map({} → {})", map.arity, map.output),
            Kernel::Reduce(map, reduction) => write!(f, "Reduce({} → {:?})", map.arity, reduction.fold),
        }
    }
}
