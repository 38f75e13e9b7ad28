//! `L2Loss`: half the sum of squares.
//!
//! No edge cases: it is a sum of squares, as those of Sum and Square.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Kernel, Out, PartialShape, Reason, Shape, TensorType, WhyCx,
    half::{bf16, f16},
    register_block,
};

use crate::numbers::{Arithmetic, Summed};

const T: In<Floating> = In::new("t", "Any shape.");
const OUTPUT: Out<Floating> = Out::new("output", "Half the sum of the squares; a scalar.");

register_block!(
    BlockSpec::new(
        "L2Loss",
        "Reductions",
        "Half the sum of squares.",
        "`sum(t²) / 2`, as it is added to a loss to keep weights small. The squares are summed in double precision in a \
         fixed order; TensorFlow agrees to about 2e-6.",
    )
    .ports([T.port(), OUTPUT.port()])
    .code(L2Loss)
);

struct L2Loss;

impl Block for L2Loss {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.dtype(T)?, PartialShape::from(&Shape::scalar()))])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let Some(rank) = cx.shape(T)?.rank() else { return Ok(Vec::new()) };
        let axes = vec![true; rank];
        Ok(vec![match cx.dtype(T)? {
            DType::Float64 => Kernel::map(|t: f64| t * t).sum::<f64>(&axes, |sum, _| sum / 2.0),
            DType::Float16 => Kernel::map(|t: f16| t.times(t)).sum::<f16>(&axes, |sum, _| f16::total(sum / 2.0)),
            DType::BFloat16 => Kernel::map(|t: bf16| t.times(t)).sum::<bf16>(&axes, |sum, _| bf16::total(sum / 2.0)),
            _ => Kernel::map(|t: f32| t * t).sum::<f32>(&axes, |sum, _| f32::total(sum / 2.0)),
        }])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let mut reason = cx.by_kernels(&self.kernels(cx)?, Some(&Words::Formula("t × t")))?;
        reason.because = format!("half of {}", reason.because);
        Ok(reason)
    }
}
