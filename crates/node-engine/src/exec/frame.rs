//! What one thread needs while it walks a region.

use std::fmt;

use node_core::erased::{Erased, Family};
use node_core::kernel::{Chunk, ChunkMut, Lanes, Operand};
use node_core::{DType, Element, for_operand};

use super::place::Bound;
use super::span::Span;
use super::watch::Watcher;
use crate::program::{Made, Region};

/// Rows of elements.
struct Rows;

impl Family for Rows {
    type Of<T: Element> = Vec<T>;

    fn fmt<T: Element>(of: &Vec<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(of, f)
    }
}

/// Elements of one type, aligned to a cache line: a register.
#[derive(Debug)]
pub struct Scratch {
    elements: Erased<Rows>,
    begin: usize,
    len: usize,
}

impl Default for Scratch {
    /// None.
    fn default() -> Scratch {
        Scratch { elements: bool::wrap(Vec::new()), begin: 0, len: 0 }
    }
}

impl Scratch {
    /// Room for `len` elements. There are none of strings.
    pub fn new(dtype: DType, len: usize) -> Scratch {
        for_operand!(dtype, T => {
            let line = 64 / size_of::<T>();
            let elements = vec![T::default(); len + line];
            let begin = elements.as_ptr().align_offset(64).min(line);
            Scratch { elements: T::wrap(elements), begin, len }
        }, else Scratch::default())
    }

    /// The elements from `start` to `end`.
    pub fn part(&self, start: usize, end: usize) -> Chunk<'_> {
        let (start, end) = (self.begin + start, self.begin + end);
        for_operand!(self.elements.dtype(), T => match T::peel::<Rows>(&self.elements) {
            Some(elements) => T::chunk(&elements[start..end]),
            None => Chunk::NONE,
        }, else Chunk::NONE)
    }

    /// The elements from `start` to `end`, to write.
    pub fn part_mut(&mut self, start: usize, end: usize) -> ChunkMut<'_> {
        let (start, end) = (self.begin + start, self.begin + end);
        for_operand!(self.elements.dtype(), T => match T::peel_mut::<Rows>(&mut self.elements) {
            Some(elements) => T::chunk_mut(&mut elements[start..end]),
            None => bool::chunk_mut(&mut []),
        }, else bool::chunk_mut(&mut []))
    }

    /// All elements, to write.
    pub fn whole_mut(&mut self) -> ChunkMut<'_> {
        self.part_mut(0, self.len)
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
        let stream = |made: &Made| match made.streamed {
            true => Scratch::new(made.dtype, piece),
            false => Scratch::default(),
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
