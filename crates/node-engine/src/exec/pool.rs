//! Memory that is used again: what a run lets go of, the next one takes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use node_core::erased::{Erased, Family};
use node_core::tensor::{Buffer, Storage};
use node_core::{Element, KnownType, Tensor, for_operand};

use super::pages::{Memory, Stored};

/// Smaller memory is left to the allocator.
const LEAST: usize = 1 << 14;

/// Memory that is used again.
#[derive(Clone, Default)]
pub struct Pool(Arc<Shelves>);

#[derive(Default)]
struct Shelves {
    shelves: Mutex<Shelf>,
    budget: u64,
}

#[derive(Default)]
struct Shelf {
    /// The oldest first.
    free: Vec<Erased<Memories>>,
    bytes: u64,
}

/// Memory that nobody uses.
struct Memories;

impl Family for Memories {
    type Of<T: Element> = Memory<T>;

    fn fmt<T: Element>(_: &Memory<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

impl Pool {
    /// A pool that keeps at most `budget` bytes that nobody uses.
    pub fn new(budget: u64) -> Pool {
        Pool(Arc::new(Shelves { shelves: Mutex::default(), budget }))
    }

    /// A tensor with elements of any value; `None` for strings, and if the system gives no memory.
    pub fn tensor(&self, ty: &KnownType) -> Option<Tensor> {
        for_operand!(ty.dtype, T => {
            let elements: Memory<T> = self.take(ty.shape.elements())?;
            let buffer = Buffer::new(Pooled { elements, home: self.clone() });
            Tensor::from_buffer(ty.shape.clone(), buffer).ok()
        }, else None)
    }

    fn take<T: Stored>(&self, len: usize) -> Option<Memory<T>> {
        let mut shelf = self.lock();
        let fits = |free: &Erased<Memories>| T::peel::<Memories>(free).is_some_and(|free| free.len() == len);
        let found = shelf.free.iter().rposition(fits).and_then(|place| T::peel_off(shelf.free.remove(place)));
        match found {
            Some(elements) => {
                shelf.bytes -= elements.bytes();
                Some(elements)
            }
            None => T::memory(len),
        }
    }

    /// Gives memory that nobody uses back to the system.
    pub fn give_back(&self) {
        *self.lock() = Shelf::default();
    }

    fn give<T: Stored>(&self, elements: Memory<T>) {
        let size = elements.bytes();
        if size < LEAST as u64 || size > self.0.budget {
            return;
        }
        let mut shelf = self.lock();
        while shelf.bytes + size > self.0.budget {
            // The largest and oldest memory goes first.
            let list = &mut shelf.free;
            let Some(place) = (0..list.len()).max_by_key(|i| (bytes(&list[*i]), std::cmp::Reverse(*i))) else { return };
            let gone = bytes(&list.remove(place));
            shelf.bytes -= gone;
        }
        shelf.free.push(T::wrap(elements));
        shelf.bytes += size;
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of memory that nobody uses.
fn bytes(free: &Erased<Memories>) -> u64 {
    for_operand!(free.dtype(), T => T::peel::<Memories>(free).map_or(0, Memory::bytes), else 0)
}

/// Memory that goes back to its pool.
struct Pooled<T: Stored> {
    elements: Memory<T>,
    home: Pool,
}

impl<T: Stored> Storage<T> for Pooled<T> {
    fn as_slice(&self) -> &[T] {
        self.elements.as_slice()
    }

    fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        Some(self.elements.as_mut_slice())
    }
}

impl<T: Stored> Drop for Pooled<T> {
    fn drop(&mut self) {
        self.home.give(std::mem::replace(&mut self.elements, Memory::Small(Vec::new())));
    }
}

#[cfg(test)]
mod tests {
    use node_core::{DType, Shape};

    use super::*;

    #[test]
    fn memory_comes_back() {
        let pool = Pool::new(1 << 20);
        let ty = KnownType { dtype: DType::Float32, shape: Shape::vector(10_000) };
        let address = |tensor: &Tensor| tensor.slice::<f32>().map(<[f32]>::as_ptr);
        let first = pool.tensor(&ty).unwrap();
        let (second, place) = (pool.tensor(&ty).unwrap(), address(&first));
        drop(first);
        let third = pool.tensor(&ty).unwrap();
        assert_eq!(address(&third), place, "what was let go of is used again");
        assert_ne!(address(&second), place);
    }

    #[test]
    fn the_budget_holds() {
        let pool = Pool::new(100_000);
        let tensor = |len| pool.tensor(&KnownType { dtype: DType::Float32, shape: Shape::vector(len) }).unwrap();
        let held: Vec<Tensor> = (10_000..10_010).map(tensor).collect();
        drop(held);
        assert!(pool.lock().bytes <= 100_000);
        assert!(pool.lock().bytes >= 40_000);
    }
}
