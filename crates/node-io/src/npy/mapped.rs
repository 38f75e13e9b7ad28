//! Tensors that stay in their file: the system brings in what is read, and drops it again when memory is short.

use std::fs::File;
use std::marker::PhantomData;

use bytemuck::Pod;
use memmap2::Mmap;
use node_core::tensor::{Buffer, Storage};
use node_core::{DType, Element, Tensor, data_types};

use super::header::Header;

/// Elements in a file.
struct Mapped<T> {
    map: Mmap,
    begin: usize,
    elements: PhantomData<fn() -> T>,
}

impl<T: Pod + Send + Sync> Storage<T> for Mapped<T> {
    fn as_slice(&self) -> &[T] {
        bytemuck::try_cast_slice(&self.map[self.begin..]).unwrap_or_default()
    }
}

/// The tensor in a file, if its elements lie there as they do in memory. The file has been found as long as its header
/// says.
///
/// As with every mapped file: if somebody else shortens it while it is used, the system ends the program.
pub fn map(file: &File, header: &Header, begin: u64) -> Option<Tensor> {
    let as_in_memory = !header.fortran_order && header.big_endian == cfg!(target_endian = "big");
    if !as_in_memory || header.shape.elements() == 0 {
        return None;
    }
    #[expect(unsafe_code, reason = "mapping a file")]
    // SAFETY: the mapping is only read. What the file holds may be changed by others, and is any number then.
    let map = unsafe { Mmap::map(file) }.ok()?;
    #[cfg(unix)]
    {
        // A hint; a system that does not take it reads all the same.
        let _ = map.advise(memmap2::Advice::Sequential);
    }
    let begin = usize::try_from(begin).ok()?;
    macro_rules! typed {
        ({} $($variant:ident = $rust:ty, $name:literal, $short:literal, $proto:literal, $numpy:literal
            [$($also:literal),*], $kind:ident;)*) => {
            match header.dtype {
                $(DType::$variant => typed!(@ $kind, $rust),)*
            }
        };
        (@ text, $t:ty) => { None };
        // A byte of a file may be neither 0 nor 1.
        (@ bool, $t:ty) => { None };
        (@ $kind:ident, $t:ty) => { tensor::<$t>(map, begin, header) };
    }
    data_types!({ typed })
}

fn tensor<T: Pod + Element>(map: Mmap, begin: usize, header: &Header) -> Option<Tensor> {
    // An old file's data may begin at any place.
    bytemuck::try_cast_slice::<u8, T>(map.get(begin..)?).ok()?;
    let buffer = Buffer::new(Mapped::<T> { map, begin, elements: PhantomData });
    Tensor::from_buffer(header.shape.clone(), buffer).ok()
}
