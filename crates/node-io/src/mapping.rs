//! Tensors that stay in their file: the system brings in what is read, and drops it again when memory is short.

mod guard;

use std::fs::File;
use std::marker::PhantomData;
use std::ops::Range;

use bytemuck::Pod;
use memmap2::Mmap;
use node_core::tensor::{Buffer, Storage};
use node_core::{DType, Element, Tensor, data_types};

use crate::npy::Header;
use guard::Guard;

/// Elements in a file.
struct Mapped<T> {
    /// Goes before the mapping does.
    _guard: Guard,
    map: Mmap,
    place: Range<usize>,
    elements: PhantomData<fn() -> T>,
}

impl<T: Pod + Send + Sync> Storage<T> for Mapped<T> {
    fn as_slice(&self) -> &[T] {
        bytemuck::try_cast_slice(&self.map[self.place.clone()]).unwrap_or_default()
    }

    fn is_in_file(&self) -> bool {
        true
    }
}

/// Whether elements that begin at byte number `begin` of a file lie there as they do in memory.
pub fn can_map(header: &Header, begin: u64) -> bool {
    let size = header.dtype.size() as u64;
    let as_in_memory = !header.fortran_order && header.big_endian == cfg!(target_endian = "big");
    // A byte of a file may be neither 0 nor 1.
    let is_plain = !matches!(header.dtype, DType::Bool | DType::String);
    as_in_memory && is_plain && header.shape.elements() > 0 && begin.is_multiple_of(size) && guard::is_there()
}

/// The tensor in a file, if its elements lie there as they do in memory. The file has been found as long as its header
/// says. If somebody else shortens it while it is used, what is lost reads as zeros: whoever opened it asks afterwards
/// whether the file is what it was.
pub fn map(file: &File, header: &Header, begin: u64) -> Option<Tensor> {
    if !can_map(header, begin) {
        return None;
    }
    #[expect(unsafe_code, reason = "mapping a file")]
    // SAFETY: the mapping is only read. What the file holds may be changed by others, and is any number then; if it is
    // shortened, the guard puts zeros there.
    let map = unsafe { Mmap::map(file) }.ok()?;
    #[cfg(unix)]
    {
        // A hint; a system that does not take it reads all the same.
        let _ = map.advise(memmap2::Advice::Sequential);
    }
    let begin = usize::try_from(begin).ok()?;
    let end = begin.checked_add(usize::try_from(header.bytes().ok()?).ok()?)?;
    macro_rules! typed {
        ({} $($variant:ident = $rust:ty, $name:literal, $short:literal, $proto:literal, $numpy:literal
            [$($also:literal),*], $kind:ident;)*) => {
            match header.dtype {
                $(DType::$variant => typed!(@ $kind, $rust),)*
            }
        };
        (@ text, $t:ty) => { None };
        (@ bool, $t:ty) => { None };
        (@ $kind:ident, $t:ty) => { tensor::<$t>(map, begin..end, header) };
    }
    data_types!({ typed })
}

fn tensor<T: Pod + Element>(map: Mmap, place: Range<usize>, header: &Header) -> Option<Tensor> {
    bytemuck::try_cast_slice::<u8, T>(map.get(place.clone())?).ok()?;
    let _guard = Guard::over(&map)?;
    let buffer = Buffer::new(Mapped::<T> { _guard, map, place, elements: PhantomData });
    Tensor::from_buffer(header.shape.clone(), buffer).ok()
}
