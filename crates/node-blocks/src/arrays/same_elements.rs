//! Blocks that give the same elements another shape.

use node_core::type_rule::Same;
use node_core::why::Origin;
use node_core::{Block, Fault, In, InferCx, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx};

/// A block that gives the same elements another shape.
pub trait SameElements: Send + Sync + 'static {
    /// The input whose elements they are.
    const SOURCE: In<Same>;

    /// The shape of the output, as far as it is known.
    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>>;
}

/// The code of a block that gives the same elements another shape.
pub struct Reshaper<R>(pub R);

impl<R: SameElements> Block for Reshaper<R> {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.dtype(R::SOURCE)?, self.0.shape(cx)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(cx.moved(Origin { input: cx.input_number(R::SOURCE)?, item: 0, flat: cx.flat() }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let misfit = || vec![Fault::at(R::SOURCE.name(), "does not hold as many elements")];
        Ok(vec![cx.tensor(R::SOURCE)?.clone().reshaped(&cx.outputs()[0].shape).ok_or_else(misfit)?])
    }
}
