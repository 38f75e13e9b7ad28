//! What one thread needs while it walks a region.

use node_core::DType;
use node_core::kernel::{Chunk, ChunkMut, Lanes};

use super::region::Bound;
use super::span::Span;
use super::watch::Watcher;
use crate::prepare::Region;

/// Elements of one type, aligned to a cache line: a register.
#[derive(Debug, Default)]
pub enum Scratch {
    /// None.
    #[default]
    Empty,
    /// `float32`.
    Float32(Vec<f32>, usize),
    /// `float64`.
    Float64(Vec<f64>, usize),
    /// `int32`.
    Int32(Vec<i32>, usize),
    /// `int64`.
    Int64(Vec<i64>, usize),
    /// `bool`.
    Bool(Vec<bool>, usize),
}

impl Scratch {
    /// Room for `len` elements. There are none of strings.
    pub fn new(dtype: DType, len: usize) -> Scratch {
        fn aligned<T: Default + Clone>(len: usize) -> (Vec<T>, usize) {
            let line = 64 / size_of::<T>();
            let elements = vec![T::default(); len + line];
            let begin = elements.as_ptr().align_offset(64).min(line);
            (elements, begin)
        }
        macro_rules! scratch {
            ($variant:ident) => {{
                let (elements, begin) = aligned(len);
                Scratch::$variant(elements, begin)
            }};
        }
        match dtype {
            DType::Float32 => scratch!(Float32),
            DType::Float64 => scratch!(Float64),
            DType::Int32 => scratch!(Int32),
            DType::Int64 => scratch!(Int64),
            DType::Bool => scratch!(Bool),
            DType::String => Scratch::Empty,
        }
    }

    /// The elements from `start` to `end`.
    pub fn part(&self, start: usize, end: usize) -> Chunk<'_> {
        match self {
            Scratch::Float32(v, b) => Chunk::Float32(&v[b + start..b + end]),
            Scratch::Float64(v, b) => Chunk::Float64(&v[b + start..b + end]),
            Scratch::Int32(v, b) => Chunk::Int32(&v[b + start..b + end]),
            Scratch::Int64(v, b) => Chunk::Int64(&v[b + start..b + end]),
            Scratch::Bool(v, b) => Chunk::Bool(&v[b + start..b + end]),
            Scratch::Empty => Chunk::Bool(&[]),
        }
    }

    /// The elements from `start` to `end`, to write.
    pub fn part_mut(&mut self, start: usize, end: usize) -> ChunkMut<'_> {
        match self {
            Scratch::Float32(v, b) => ChunkMut::Float32(&mut v[*b + start..*b + end]),
            Scratch::Float64(v, b) => ChunkMut::Float64(&mut v[*b + start..*b + end]),
            Scratch::Int32(v, b) => ChunkMut::Int32(&mut v[*b + start..*b + end]),
            Scratch::Int64(v, b) => ChunkMut::Int64(&mut v[*b + start..*b + end]),
            Scratch::Bool(v, b) => ChunkMut::Bool(&mut v[*b + start..*b + end]),
            Scratch::Empty => ChunkMut::Bool(&mut []),
        }
    }
}

impl Scratch {
    /// All elements, to write.
    pub fn whole_mut(&mut self) -> ChunkMut<'_> {
        let len = match self {
            Scratch::Float32(v, b) => v.len() - *b,
            Scratch::Float64(v, b) => v.len() - *b,
            Scratch::Int32(v, b) => v.len() - *b,
            Scratch::Int64(v, b) => v.len() - *b,
            Scratch::Bool(v, b) => v.len() - *b,
            Scratch::Empty => 0,
        };
        self.part_mut(0, len)
    }
}

/// Working memory of one thread for one region.
pub struct Frame {
    /// The registers.
    pub registers: Vec<Scratch>,
    /// A piece of each output that is handed on as it is made; empty for the others.
    pub streams: Vec<Scratch>,
    /// Where the registers are.
    pub register_spans: Vec<Span>,
    /// Where the outputs are.
    pub output_spans: Vec<Span>,
    /// Where each instruction reads and writes.
    pub bound: Vec<Bound>,
    /// The lanes of each fold.
    pub lanes: Vec<Lanes>,
    /// Those who watch.
    pub watchers: Vec<Watcher>,
    /// Which instruction is at work.
    pub at: usize,
    /// Nanoseconds that each instruction has taken, where somebody measures.
    pub nanoseconds: Vec<u64>,
}

impl Frame {
    /// Working memory for a region; `piece` elements of an output are handed on at a time.
    pub fn new(region: &Region, piece: usize) -> Frame {
        let stream = |made: &crate::prepare::Made| match made.streamed {
            true => Scratch::new(made.dtype, piece),
            false => Scratch::Empty,
        };
        Frame {
            registers: region.registers.iter().map(|dtype| Scratch::new(*dtype, region.stretch)).collect(),
            streams: region.outputs.iter().map(stream).collect(),
            register_spans: Vec::with_capacity(region.registers.len()),
            output_spans: Vec::with_capacity(region.outputs.len()),
            bound: Vec::with_capacity(region.instructions.len()),
            lanes: region.folds.iter().map(|fold| Lanes::new(fold.fold(), fold.dtype)).collect(),
            watchers: region.watches.iter().map(|watch| Watcher::new(&watch.subject, region.len)).collect(),
            at: 0,
            nanoseconds: vec![0; region.instructions.len()],
        }
    }
}
