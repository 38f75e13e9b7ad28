//! Memory that a walk works on: of tensors, of outputs that are being made, of registers.
//!
//! All that is unsafe about a walk is here and in what calls [`Span::part`] and [`Span::part_mut`].

use node_core::kernel::{Chunk, ChunkMut, Operand};
use node_core::tensor::{Buffers, Data};
use node_core::{DType, Element, for_operand};

/// Memory of elements. It borrows nothing: whoever makes one keeps the memory alive while it is used.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    start: *mut u8,
    /// Number of the first element.
    first: usize,
    /// Number of the first element that is not in it.
    end: usize,
    /// Whether one element stands for all.
    single: bool,
    dtype: DType,
}

#[expect(unsafe_code, reason = "threads share a span, and write disjoint parts of it")]
// SAFETY: the elements are plain numbers; who may touch which is the contract of the methods.
unsafe impl Send for Span {}
#[expect(unsafe_code, reason = "threads share a span, and write disjoint parts of it")]
// SAFETY: as above.
unsafe impl Sync for Span {}

impl Span {
    /// The memory of a tensor that is being made, if nobody else holds it; `None` for strings too.
    pub fn of(data: &mut Data) -> Option<Span> {
        for_operand!(data.dtype(), T => {
            let elements = T::peel_mut::<Buffers>(data)?.unique()?;
            Some(Span::of_mut(T::chunk_mut(elements), 0))
        }, else None)
    }

    /// Memory to write; its first element is number `first`.
    pub fn of_mut(elements: ChunkMut<'_>, first: usize) -> Span {
        let dtype = elements.dtype();
        let (start, len) = for_operand!(dtype, T => match T::write(elements) {
            Some(elements) => (elements.as_mut_ptr().cast(), elements.len()),
            None => (std::ptr::null_mut(), 0),
        }, else (std::ptr::null_mut(), 0));
        Span { start, first, end: first + len, single: false, dtype }
    }

    /// Memory that is only read.
    pub fn of_read(elements: &Chunk<'_>) -> Span {
        let start = elements.address().cast_mut();
        Span { start, first: 0, end: elements.len(), single: false, dtype: elements.dtype() }
    }

    /// The number of elements.
    pub fn len(self) -> usize {
        self.end - self.first
    }

    /// The same memory, whose one element stands for all.
    pub fn single(self) -> Span {
        Span { single: true, ..self }
    }

    /// The elements from number `start` to `end`, to write.
    ///
    /// # Safety
    /// The memory is alive and may be written, and nobody else reads or writes these elements while the result is used.
    #[expect(unsafe_code, reason = "disjoint parts of one tensor, written by several threads")]
    #[inline]
    pub unsafe fn part_mut<'s>(self, start: usize, end: usize) -> ChunkMut<'s> {
        assert!(self.first <= start && start <= end && end <= self.end, "a part of the span");
        for_operand!(self.dtype, T => {
            // SAFETY: in bounds as asserted, of this type as it was made, and nobody else's as the caller says.
            T::chunk_mut(unsafe {
                std::slice::from_raw_parts_mut(self.start.cast::<T>().add(start - self.first), end - start)
            })
        }, else bool::chunk_mut(&mut []))
    }

    /// The elements from number `start` to `end`, to read.
    ///
    /// # Safety
    /// The memory is alive, and nobody writes these elements while the result is used.
    #[expect(unsafe_code, reason = "parts that nobody writes meanwhile")]
    #[inline]
    pub unsafe fn part<'s>(self, start: usize, end: usize) -> Chunk<'s> {
        let (start, end) = if self.single { (self.first, self.first + 1) } else { (start, end) };
        assert!(self.first <= start && start <= end && end <= self.end, "a part of the span");
        for_operand!(self.dtype, T => {
            // SAFETY: as for `part_mut`.
            T::chunk(unsafe {
                std::slice::from_raw_parts(self.start.cast::<T>().add(start - self.first), end - start)
            })
        }, else Chunk::NONE)
    }

    /// All elements, to read.
    ///
    /// # Safety
    /// As for [`part`](Span::part).
    #[expect(unsafe_code, reason = "what nobody writes meanwhile")]
    pub unsafe fn whole<'s>(self) -> Chunk<'s> {
        let all = Span { single: false, ..self };
        // SAFETY: as the caller says.
        unsafe { all.part(self.first, self.end) }
    }

    /// Where element number `at` is, for prefetching; it need not be there.
    #[inline]
    pub fn address(self, at: usize) -> *const u8 {
        self.start.wrapping_add(at.wrapping_sub(self.first).wrapping_mul(self.dtype.size()))
    }
}
