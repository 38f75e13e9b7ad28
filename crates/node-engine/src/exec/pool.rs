//! Memory that is used again: what a run lets go of, the next one takes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use node_core::tensor::{Buffer, Storage};
use node_core::{KnownType, Tensor, for_operand};

use super::memory::{Memory, Stored};

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
    float32: Vec<Memory<f32>>,
    float64: Vec<Memory<f64>>,
    int32: Vec<Memory<i32>>,
    int64: Vec<Memory<i64>>,
    bool: Vec<Memory<bool>>,
    bytes: u64,
}

/// An element type that has a shelf.
trait Shelved: Stored {
    fn shelf(shelf: &mut Shelf) -> &mut Vec<Memory<Self>>;
}

macro_rules! shelved {
    ($($t:ty => $field:ident),*) => {$(
        impl Shelved for $t {
            fn shelf(shelf: &mut Shelf) -> &mut Vec<Memory<Self>> {
                &mut shelf.$field
            }
        }
    )*};
}

shelved!(f32 => float32, f64 => float64, i32 => int32, i64 => int64, bool => bool);

impl Pool {
    /// A pool that keeps at most `budget` bytes that nobody uses.
    pub fn new(budget: u64) -> Pool {
        Pool(Arc::new(Shelves { shelves: Mutex::default(), budget }))
    }

    /// A tensor with elements of any value; `None` for strings.
    pub fn tensor(&self, ty: &KnownType) -> Option<Tensor> {
        for_operand!(ty.dtype, T => {
            let elements: Memory<T> = self.take(ty.shape.elements());
            let buffer = Buffer::new(Pooled { elements, home: self.clone() });
            Tensor::from_buffer(ty.shape.clone(), buffer).ok()
        }, else None)
    }

    fn take<T: Shelved>(&self, len: usize) -> Memory<T> {
        let mut shelf = self.lock();
        let found = T::shelf(&mut shelf).iter().rposition(|free| free.len() == len);
        match found {
            Some(place) => {
                let elements = T::shelf(&mut shelf).remove(place);
                shelf.bytes -= elements.bytes();
                elements
            }
            None => T::zeroed(len),
        }
    }

    fn give<T: Shelved>(&self, elements: Memory<T>) {
        let size = elements.bytes();
        if size < LEAST as u64 || size > self.0.budget {
            return;
        }
        let mut shelf = self.lock();
        while shelf.bytes + size > self.0.budget {
            // The largest and oldest memory of this type goes first.
            let list = T::shelf(&mut shelf);
            let Some(place) = (0..list.len()).max_by_key(|i| (list[*i].len(), std::cmp::Reverse(*i))) else { return };
            let gone = list.remove(place).bytes();
            shelf.bytes -= gone;
        }
        T::shelf(&mut shelf).push(elements);
        shelf.bytes += size;
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that goes back to its pool.
struct Pooled<T: Shelved> {
    elements: Memory<T>,
    home: Pool,
}

impl<T: Shelved> Storage<T> for Pooled<T> {
    fn as_slice(&self) -> &[T] {
        self.elements.as_slice()
    }

    fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        Some(self.elements.as_mut_slice())
    }
}

impl<T: Shelved> Drop for Pooled<T> {
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
