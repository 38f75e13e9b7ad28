//! `Mean`: the mean over axes.

use node_core::port::Real;
use node_core::{ATTRS, Block, BlockSpec, DType, Fault, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::reduce::{AXIS, INPUT, KEEP_DIMS, axes, infer};

const OUTPUT: Out<Real> = Out::new("output", "The means; the shape of `input` without the reduced axes.");

static SPEC: BlockSpec = BlockSpec {
    name: "Mean",
    category: "Math",
    summary: "Mean over axes.",
    docs: "The mean over the axes in `axis`, or over all when it is left unconnected. float32 is summed in double \
           precision in a fixed order, so the bits never depend on threads; TensorFlow agrees to about 1e-6. \
           The mean of no elements is NaN, that of no integers is refused (TensorFlow gives 0). \
           Integers are summed as int64, which wraps around, and divided towards zero, as in TensorFlow.",
    role: Role::Operation,
    ports: &[SCOPE, INPUT.port(), AXIS.port(), ATTRS, OUTPUT.port()],
    attrs: &[KEEP_DIMS.spec()],
};

struct Mean;
register_block!(Mean);

impl Block for Mean {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let types = infer(cx)?;
        refuse_no_integers(cx)?;
        Ok(types)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let axes = axes(cx)?;
        Ok(match cx.dtype(INPUT)? {
            DType::Float32 => vec![Kernel::elements::<f32>().sum(&axes, |sum, n| sum as f32 / n as f32)],
            DType::Float64 => vec![Kernel::elements::<f64>().sum::<f64>(&axes, |sum, n| sum / n as f64)],
            DType::Int32 => vec![Kernel::elements::<i32>().sum(&axes, |sum, n| (sum / n as i64) as i32)],
            DType::Int64 => vec![Kernel::elements::<i64>().sum::<i64>(&axes, |sum, n| sum / n as i64)],
            DType::Bool | DType::String => Vec::new(),
        })
    }
}

/// The mean of no integers is not defined.
fn refuse_no_integers(cx: &InferCx<'_>) -> Result<(), Vec<Fault>> {
    let (dtype, Some(dims)) = (cx.dtype(INPUT)?, cx.shape(INPUT)?.dims()) else { return Ok(()) };
    let is_known = cx.find(AXIS).is_none_or(|axis| axis.value.is_some());
    if dtype.is_floating() || !is_known {
        return Ok(());
    }
    let axes = axes(cx)?;
    let is_empty = |reduced: bool| dims.iter().zip(&axes).any(|(dim, axis)| *axis == reduced && *dim == Some(0));
    if is_empty(true) && !is_empty(false) {
        return Err(vec![Fault::at("input", format!("has no elements; the mean of no {dtype} is not defined"))]);
    }
    Ok(())
}
