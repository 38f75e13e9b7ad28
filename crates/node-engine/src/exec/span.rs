//! Memory of a tensor that is being made: threads write disjoint parts of it.

use node_core::DType;
use node_core::kernel::{Chunk, ChunkMut};
use node_core::tensor::Data;

/// Memory of a tensor that is being made. It borrows nothing: whoever makes one keeps the tensor alive and untouched
/// while it is used.
#[derive(Clone, Copy)]
pub struct Span {
    start: *mut u8,
    len: usize,
    dtype: DType,
}

#[expect(unsafe_code, reason = "threads share a span, and write disjoint parts of it")]
// SAFETY: the elements are plain numbers; who may touch which is the contract of the methods.
unsafe impl Send for Span {}
#[expect(unsafe_code, reason = "threads share a span, and write disjoint parts of it")]
// SAFETY: as above.
unsafe impl Sync for Span {}

impl Span {
    /// The memory of a tensor, if nobody else holds it; `None` for strings too.
    pub fn of(data: &mut Data) -> Option<Span> {
        macro_rules! span {
            ($buffer:expr, $dtype:ident) => {{
                let elements = $buffer.unique()?;
                Some(Span { start: elements.as_mut_ptr().cast(), len: elements.len(), dtype: DType::$dtype })
            }};
        }
        match data {
            Data::Float32(buffer) => span!(buffer, Float32),
            Data::Float64(buffer) => span!(buffer, Float64),
            Data::Int32(buffer) => span!(buffer, Int32),
            Data::Int64(buffer) => span!(buffer, Int64),
            Data::Bool(buffer) => span!(buffer, Bool),
            Data::String(_) => None,
        }
    }

    /// The elements from `start` to `end`, to write.
    ///
    /// # Safety
    /// The tensor is alive, and nobody else reads or writes these elements while the result is used.
    #[expect(unsafe_code, reason = "disjoint parts of one tensor, written by several threads")]
    pub unsafe fn part_mut<'s>(self, start: usize, end: usize) -> ChunkMut<'s> {
        assert!(start <= end && end <= self.len, "a part of the span");
        macro_rules! part {
            ($variant:ident, $t:ty) => {
                // SAFETY: in bounds as asserted, of this type as `of` made it, and nobody else's as the caller says.
                ChunkMut::$variant(unsafe {
                    std::slice::from_raw_parts_mut(self.start.cast::<$t>().add(start), end - start)
                })
            };
        }
        match self.dtype {
            DType::Float64 => part!(Float64, f64),
            DType::Int32 => part!(Int32, i32),
            DType::Int64 => part!(Int64, i64),
            DType::Bool => part!(Bool, bool),
            // `of` makes no span of strings.
            DType::Float32 | DType::String => part!(Float32, f32),
        }
    }

    /// The elements from `start` to `end`, to read.
    ///
    /// # Safety
    /// The tensor is alive, and nobody writes these elements while the result is used.
    #[expect(unsafe_code, reason = "a part that this thread has written")]
    pub unsafe fn part<'s>(self, start: usize, end: usize) -> Chunk<'s> {
        assert!(start <= end && end <= self.len, "a part of the span");
        macro_rules! part {
            ($variant:ident, $t:ty) => {
                // SAFETY: as for `part_mut`.
                Chunk::$variant(unsafe { std::slice::from_raw_parts(self.start.cast::<$t>().add(start), end - start) })
            };
        }
        match self.dtype {
            DType::Float64 => part!(Float64, f64),
            DType::Int32 => part!(Int32, i32),
            DType::Int64 => part!(Int64, i64),
            DType::Bool => part!(Bool, bool),
            DType::Float32 | DType::String => part!(Float32, f32),
        }
    }

    /// Where element number `at` is, for prefetching.
    pub fn address(self, at: usize) -> *const u8 {
        self.start.wrapping_add(at * self.dtype.size())
    }
}
