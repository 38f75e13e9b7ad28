//! `BatchMatMulV2`: products of matrices, batch by batch.
//!
//! No edge cases: it adds products, as MatMul does, and looks at no element.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Shape, Tensor, TensorType,
    WhyCx, register_block,
};

use crate::batches::Batches;
use crate::products::{self, Sides, for_factor};
use crate::{computed, given};

const KINDS: &[DType] =
    &[DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int16, DType::Int32, DType::Int64];
const X: In<Real> = In::new("x", "Matrices; at least two dimensions.").among(KINDS);
const Y: In<Real> = In::new("y", "Matrices; as many rows as those of `x` have columns.").among(KINDS);
const ADJ_X: AttrKey<bool> = AttrKey::bool("adj_x", false, "Whether rows and columns of `x` are exchanged.");
const ADJ_Y: AttrKey<bool> = AttrKey::bool("adj_y", false, "Whether rows and columns of `y` are exchanged.");
const OUTPUT: Out<Real> =
    Out::new("output", "The products: the batches broadcast, the rows of `x`, the columns of `y`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "BatchMatMulV2",
        "Math",
        "Products of matrices, batch by batch.",
        "The matrices lie along the last two axes; the axes before are the batch, and broadcast as NumPy's do. \
         Floats are summed with fused multiply-add where the processor has it, in an order that does not depend on \
         threads; TensorFlow agrees to about 1e-5. Narrow floats are summed as float32; integers wrap.",
    )
    .ports([X.port(), Y.port()])
    .attrs([ADJ_X.spec(), ADJ_Y.spec()])
    .ports([OUTPUT.port()])
    .aliases(["BatchMatMul"])
    .code(BatchMatMulV2)
);

struct BatchMatMulV2;

impl Block for BatchMatMulV2 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let dtype = cx.dtype(X)?;
        let (x, y) = (sides(cx, X, cx.attr(ADJ_X)?)?, sides(cx, Y, cx.attr(ADJ_Y)?)?);
        let (Some((x, rows, inner)), Some((y, rows_y, columns))) = (x, y) else {
            return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]);
        };
        if let (Some(inner), Some(rows)) = (inner, rows_y)
            && inner != rows
        {
            return Err(vec![Fault::at(
                "y",
                format!("has matrices of {rows} rows, but those of x have {inner} columns"),
            )]);
        }
        let Some(batch) = x.broadcast(&y) else {
            return Err(vec![Fault::at("y", format!("has batches of shape {y}, which do not broadcast with x's {x}"))]);
        };
        let dims = batch.dims().unwrap_or_default().iter().copied().chain([rows, columns]);
        Ok(vec![TensorType::new(dtype, given::shape(dims.collect(), "y")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (x, y) = (cx.input_number(X)?, cx.input_number(Y)?);
        let (shape_x, shape_y) = (cx.operand_type(x, 0)?.shape, cx.operand_type(y, 0)?.shape);
        let batches = batches(cx, &shape_x, &shape_y, cx.shape())?;
        let matrix = batches.rows * batches.sides.columns;
        let (batch, within) = (cx.flat() / matrix, cx.flat() % matrix);
        let (row, column) = (within / batches.sides.columns, within % batches.sides.columns);
        let (first_x, first_y) = batches.first(batch);
        let Sides { a, b, inner, .. } = batches.sides;
        let pairs = (0..inner).map(|k| {
            let x = Origin { input: x, item: 0, flat: first_x + row * a.column + k * a.row };
            (x, Origin { input: y, item: 0, flat: first_y + k * b.column + column * b.row })
        });
        computed::products(cx, pairs)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (x, y, ty) = (cx.tensor(X)?, cx.tensor(Y)?, &cx.outputs()[0]);
        let batches = batches(cx, x.shape(), y.shape(), &ty.shape)?;
        let (x, y) = (products::widened(cx, x)?, products::widened(cx, y)?);
        let made = for_factor!(ty.dtype, T => {
            batches.multiplied(cx, x.slice::<T>().unwrap_or_default(), y.slice::<T>().unwrap_or_default(), ty)
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}

/// The batch, and rows and columns of the matrices, exchanged where that is asked for.
type Matrices = (PartialShape, Option<usize>, Option<usize>);

fn sides(cx: &InferCx<'_>, port: In<Real>, exchanged: bool) -> Result<Option<Matrices>, Vec<Fault>> {
    let shape = cx.shape(port)?;
    match shape.dims() {
        None => Ok(None),
        Some([batch @ .., rows, columns]) => {
            let batch = PartialShape::of_dims(batch.to_vec());
            Ok(Some(if exchanged { (batch, *columns, *rows) } else { (batch, *rows, *columns) }))
        }
        Some(_) => Err(vec![Fault::at(port.name(), format!("must be of matrices, but has shape {shape}"))]),
    }
}

fn batches(cx: &InferCx<'_>, x: &Shape, y: &Shape, output: &Shape) -> Result<Batches, Vec<Fault>> {
    Ok(Batches::new(x, y, output, (cx.attr(ADJ_X)?, cx.attr(ADJ_Y)?)))
}
