//! Where the instructions of a walk read and write.

use node_core::kernel::{Chunk, ChunkMut, MAX_OPERANDS};

use super::span::Span;

/// Where an instruction reads or writes.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The memory.
    pub span: Span,
    /// Whether it holds one stretch after the other, and not the whole.
    pub moves: bool,
}

impl Place {
    /// Where there is nothing.
    pub fn nowhere() -> Place {
        Place { span: Span::of_read(&Chunk::NONE), moves: false }
    }

    #[inline]
    fn range(self, start: usize, end: usize) -> (usize, usize) {
        if self.moves { (0, end - start) } else { (start, end) }
    }

    #[inline]
    pub fn read<'p>(self, start: usize, end: usize) -> Chunk<'p> {
        let (start, end) = self.range(start, end);
        #[expect(unsafe_code, reason = "elements that are this thread's alone, or that nobody writes")]
        // SAFETY: all memory is alive as long as the walk. Pieces are disjoint, each is one thread's; registers are its
        // own; inputs are not written, but for one that an output takes over, and there a stretch is copied to when all
        // instructions have read it.
        unsafe {
            self.span.part(start, end)
        }
    }

    #[inline]
    pub fn write<'p>(self, start: usize, end: usize) -> ChunkMut<'p> {
        let (start, end) = self.range(start, end);
        #[expect(unsafe_code, reason = "elements that are this thread's alone")]
        // SAFETY: as for `read`; and no operand of an instruction is where it writes: registers are not free before all
        // have read them, and an output that takes over an input's memory is copied to last.
        unsafe {
            self.span.part_mut(start, end)
        }
    }
}

/// An instruction's places, looked up for one piece.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Its operands; so many of them count.
    pub operands: [Place; MAX_OPERANDS],
    /// How many operands it has.
    pub count: usize,
    /// Where it writes.
    pub out: Place,
    /// Which fold it belongs to, if it does.
    pub fold: usize,
    /// Which elements of the next stretch it asks for.
    pub ahead: (usize, usize),
}
