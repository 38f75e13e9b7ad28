//! Memory of many elements. Large memory is asked for in huge pages: fewer faults when it is first touched, and fewer
//! misses of the address cache when it is walked.

use bytemuck::Pod;
use memmap2::{MmapMut, MmapOptions};
use node_core::each_data_type;
use node_core::kernel::Operand;
use node_core::tensor::zeros;

/// Memory of at least this many bytes is asked for in huge pages.
const LARGE: usize = 4 << 20;

/// Memory of elements.
pub enum Memory<T> {
    /// From the allocator.
    Small(Vec<T>),
    /// Pages of the system's, for this many elements.
    Large(MmapMut, usize),
}

/// An element type that memory can be made of.
pub trait Stored: Operand {
    /// Zeroed memory, if the system gives it.
    fn memory(len: usize) -> Option<Memory<Self>> {
        zeros(len).map(Memory::Small)
    }

    /// The elements that pages hold.
    fn in_pages(_: &[u8]) -> &[Self] {
        &[]
    }

    /// The elements that pages hold.
    fn in_pages_mut(_: &mut [u8]) -> &mut [Self] {
        &mut []
    }
}

macro_rules! stored {
    (text $variant:ident $t:ty) => {};
    // Any byte is no bool.
    (bool $variant:ident $t:ty) => {
        impl Stored for $t {}
    };
    ($kind:ident $variant:ident $t:ty) => {
        impl Stored for $t {
            fn memory(len: usize) -> Option<Memory<Self>> {
                pages::<$t>(len).or_else(|| zeros(len).map(Memory::Small))
            }

            fn in_pages(bytes: &[u8]) -> &[Self] {
                bytemuck::try_cast_slice(bytes).unwrap_or_default()
            }

            fn in_pages_mut(bytes: &mut [u8]) -> &mut [Self] {
                bytemuck::try_cast_slice_mut(bytes).unwrap_or_default()
            }
        }
    };
}

each_data_type!(stored);

/// Zeroed pages, if they are worth it and the system gives them.
fn pages<T: Pod>(len: usize) -> Option<Memory<T>> {
    let bytes = len.checked_mul(size_of::<T>()).filter(|bytes| *bytes >= LARGE)?;
    let map = MmapOptions::new().len(bytes).map_anon().ok()?;
    #[cfg(target_os = "linux")]
    {
        // A hint; without it the pages are small.
        let _ = map.advise(memmap2::Advice::HugePage);
    }
    Some(Memory::Large(map, len))
}

impl<T: Stored> Memory<T> {
    /// The elements.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Memory::Small(elements) => elements,
            Memory::Large(map, _) => T::in_pages(map),
        }
    }

    /// The elements, to write.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Memory::Small(elements) => elements,
            Memory::Large(map, _) => T::in_pages_mut(map),
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match self {
            Memory::Small(elements) => elements.len(),
            Memory::Large(_, len) => *len,
        }
    }

    /// The bytes that they take.
    pub fn bytes(&self) -> u64 {
        (self.len() * size_of::<T>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_memory_is_zeroed_and_can_be_written() {
        for len in [0, 5, LARGE / 4 - 1, LARGE / 4, LARGE / 4 + 3] {
            let mut memory = f32::memory(len).unwrap();
            assert_eq!((memory.len(), memory.as_slice().len()), (len, len));
            assert!(memory.as_slice().iter().all(|v| *v == 0.0));
            memory.as_mut_slice().fill(1.5);
            assert!(memory.as_slice().iter().all(|v| *v == 1.5));
        }
        assert!(matches!(f64::memory(LARGE).unwrap(), Memory::Large(..)));
        assert!(matches!(bool::memory(LARGE).unwrap(), Memory::Small(..)), "any byte is no bool");
    }
}
