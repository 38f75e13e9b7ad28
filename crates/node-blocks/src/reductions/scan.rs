//! Going along an axis and keeping what comes together on the way.

use node_core::kernel::Operand;
use node_core::type_rule::{Index, Real};
use node_core::{Fault, In, InferCx, KnownType, RunCx, Shape, Tensor, TensorType};

use crate::{axis, given};

/// How an axis is gone along.
pub struct Scan {
    len: usize,
    stride: usize,
    exclusive: bool,
    reverse: bool,
}

impl Scan {
    /// Along the axis that is given.
    pub fn new(shape: &Shape, given: Option<i64>, exclusive: bool, reverse: bool) -> Result<Scan, Vec<Fault>> {
        let axis = axis::of(given.unwrap_or_default(), shape.rank(), "axis")?;
        let stride = shape.dims()[axis + 1..].iter().product();
        Ok(Scan { len: shape.dims()[axis], stride, exclusive, reverse })
    }

    /// The elements that have come together in element `flat`, in the order in which they are met.
    pub fn up_to(&self, flat: usize) -> Vec<usize> {
        let place = flat / self.stride % self.len;
        let first = flat - place * self.stride;
        let flats = |places: &mut dyn Iterator<Item = usize>| places.map(|at| first + at * self.stride).collect();
        match (self.reverse, self.exclusive) {
            (false, false) => flats(&mut (0..=place)),
            (false, true) => flats(&mut (0..place)),
            (true, false) => flats(&mut (place..self.len).rev()),
            (true, true) => flats(&mut (place + 1..self.len).rev()),
        }
    }

    /// Goes along the axis for all others at once.
    pub fn run<T: Operand>(
        &self,
        cx: &RunCx<'_>,
        elements: &[T],
        ty: &KnownType,
        start: T,
        join: impl Fn(T, T) -> T + Sync,
    ) -> Result<Tensor, Vec<Fault>> {
        let slab = self.len * self.stride;
        let slabs = ((1 << 14) / slab.max(1)).max(1);
        cx.write::<T>(&ty.shape, slabs.saturating_mul(slab), |first, out| {
            let mut held = vec![start; self.stride];
            for (out, from) in out.chunks_mut(slab.max(1)).zip(elements[first..].chunks(slab.max(1))) {
                held.fill(start);
                self.slab(from, out, &mut held, &join);
            }
        })
    }

    /// Goes along the axis in one slab of elements.
    fn slab<T: Operand>(&self, from: &[T], out: &mut [T], held: &mut [T], join: impl Fn(T, T) -> T) {
        for nth in 0..self.len {
            let at = if self.reverse { self.len - 1 - nth } else { nth } * self.stride;
            for (lane, held) in held.iter_mut().enumerate() {
                let joined = join(*held, from[at + lane]);
                out[at + lane] = if self.exclusive { *held } else { joined };
                *held = joined;
            }
        }
    }
}

/// The type of the output: that of the input.
pub fn infer(cx: &InferCx<'_>, x: In<Real>, at: In<Index>) -> Result<Vec<TensorType>, Vec<Fault>> {
    let ty = &cx.input(x)?.ty;
    if let (Some(rank), Some(given)) = (ty.shape.rank(), given::scalar(cx, at)?) {
        axis::of(given, rank, "axis")?;
    }
    Ok(vec![ty.clone()])
}
