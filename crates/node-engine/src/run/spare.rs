//! Memory that a session lays aside for its next tensors.

use node_core::{KnownType, Tensor};

/// Tensors that nobody needs any more, to be written over.
#[derive(Default)]
pub struct Spare {
    tensors: Vec<Tensor>,
    bytes: u64,
}

impl Spare {
    /// With room for so many, so that laying aside need not allocate.
    pub fn with_capacity(tensors: usize) -> Spare {
        Spare { tensors: Vec::with_capacity(tensors), bytes: 0 }
    }

    /// Lays a tensor aside.
    pub fn push(&mut self, tensor: Tensor) {
        self.bytes += tensor.bytes();
        self.tensors.push(tensor);
    }

    /// One of as many elements of the same type; the newest, which is likely to be in the cache.
    pub fn take(&mut self, ty: &KnownType) -> Option<Tensor> {
        let elements = ty.shape.elements();
        let fits = |tensor: &Tensor| tensor.dtype() == ty.dtype && tensor.len() == elements;
        let tensor = self.tensors.swap_remove(self.tensors.iter().rposition(fits)?);
        self.bytes -= tensor.bytes();
        Some(tensor)
    }

    /// Gives all of it back.
    pub fn clear(&mut self) {
        self.tensors.clear();
        self.bytes = 0;
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
