//! What a session's tensors take of memory: those that a run has made, and those laid aside to be written over.

use node_core::{KnownType, Tensor};

/// Memory under a limit.
pub struct Budget {
    /// Tensors that nobody needs any more.
    spare: Vec<Tensor>,
    spare_bytes: u64,
    /// The bytes of tensors that this run has made and that are there.
    live: u64,
    limit: Option<u64>,
}

impl Budget {
    /// With room for so many spare tensors, so that laying aside need not allocate.
    pub fn with_capacity(tensors: usize) -> Budget {
        Budget { spare: Vec::with_capacity(tensors), spare_bytes: 0, live: 0, limit: None }
    }

    /// A run begins under a limit; whether it is another than that of the run before.
    pub fn begin(&mut self, limit: u64) -> bool {
        self.live = 0;
        self.limit.replace(limit) != Some(limit)
    }

    /// The bytes of tensors that this run has made and that are there.
    pub fn live(&self) -> u64 {
        self.live
    }

    /// This run has made a tensor.
    pub fn add(&mut self, tensor: &Tensor) {
        self.live += held(tensor);
    }

    /// A tensor that this run has made is not there any more.
    pub fn remove(&mut self, tensor: &Tensor) {
        self.live -= held(tensor);
    }

    /// Whether so many more bytes go beyond the limit.
    pub fn would_exceed(&self, more: u64) -> bool {
        self.live.saturating_add(more) > self.limit.unwrap_or(u64::MAX)
    }

    /// Lays a tensor aside, to be written over.
    pub fn lay_aside(&mut self, tensor: Tensor) {
        self.spare_bytes += tensor.bytes();
        self.spare.push(tensor);
    }

    /// One that was laid aside, of as many elements of the same type; the newest, which is likely to be in the cache.
    pub fn reuse(&mut self, ty: &KnownType) -> Option<Tensor> {
        let elements = ty.shape.elements();
        let fits = |tensor: &Tensor| tensor.dtype() == ty.dtype && tensor.len() == elements;
        let tensor = self.spare.swap_remove(self.spare.iter().rposition(fits)?);
        self.spare_bytes -= tensor.bytes();
        Some(tensor)
    }

    /// Before tensors of these types are made, beside so many bytes more: gives back what was laid aside, if it does not
    /// fit beside them.
    pub fn make_room<'t>(&mut self, making: u64, types: impl IntoIterator<Item = &'t KnownType>) {
        let more = types.into_iter().map(KnownType::bytes).fold(making, u64::saturating_add);
        if self.would_exceed(more.saturating_add(self.spare_bytes)) {
            self.give_back();
        }
    }

    /// Gives back what was laid aside.
    pub fn give_back(&mut self) {
        self.spare.clear();
        self.spare_bytes = 0;
    }
}

/// The bytes that a tensor holds in memory.
fn held(tensor: &Tensor) -> u64 {
    if tensor.is_in_file() { 0 } else { tensor.bytes() }
}
