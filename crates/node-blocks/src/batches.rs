//! Products of many matrices, of which each operand may have one for several.

use node_core::{Fault, KnownType, RunCx, Shape, Tensor};

use crate::arrays::moves::strides;
use crate::products::{self, Factor, Sides, Strides};

/// The matrices of two operands, along their last two axes.
pub struct Batches {
    /// The sides of a product.
    pub sides: Sides,
    /// Rows of a product.
    pub rows: usize,
    /// The axes of the batch: how long, and how far apart the operands' matrices are.
    axes: Vec<(usize, usize, usize)>,
}

impl Batches {
    /// Of operands of these shapes, whose batches broadcast to the output's; exchanged as these say.
    pub fn new(x: &Shape, y: &Shape, output: &Shape, exchanged: (bool, bool)) -> Batches {
        let last = |shape: &Shape| {
            let rank = shape.rank();
            (shape.dims()[rank - 2], shape.dims()[rank - 1])
        };
        let ((rows_x, columns_x), (_, columns_y)) = (last(x), last(y));
        let inner = if exchanged.0 { rows_x } else { columns_x };
        let (rows, columns) = last(output);
        let sides =
            Sides { inner, columns, a: Strides::of(columns_x, exchanged.0), b: Strides::of(columns_y, exchanged.1) };
        let batch = output.rank() - 2;
        let apart = |shape: &Shape, axis: usize| {
            let own = (axis + shape.rank()).checked_sub(output.rank());
            own.filter(|own| shape.dims()[*own] != 1).map_or(0, |own| strides(shape.dims())[own])
        };
        let axes = (0..batch).map(|axis| (output.dims()[axis], apart(x, axis), apart(y, axis))).collect();
        Batches { sides, rows, axes }
    }

    /// Where the operands' matrices of product number `batch` begin.
    pub fn first(&self, mut batch: usize) -> (usize, usize) {
        let (mut x, mut y) = (0, 0);
        for (len, apart_x, apart_y) in self.axes.iter().rev() {
            x += batch % len * apart_x;
            y += batch % len * apart_y;
            batch /= len;
        }
        (x, y)
    }

    /// The products. Pieces are some rows of one of them; of small ones, several.
    pub fn multiplied<T: Factor>(
        &self,
        cx: &RunCx<'_>,
        x: &[T],
        y: &[T],
        ty: &KnownType,
    ) -> Result<Tensor, Vec<Fault>> {
        let matrix = self.rows * self.sides.columns;
        let rows = products::piece(&self.sides);
        let piece = match rows < self.rows {
            true => rows * self.sides.columns,
            false => matrix.saturating_mul((rows / self.rows.max(1)).max(1)),
        };
        cx.fill::<T>(&ty.shape, piece, |first, mut out| {
            let mut at = first;
            while !out.is_empty() {
                let (batch, within) = (at / matrix, at % matrix);
                let (now, rest) = out.split_at_mut(out.len().min(matrix - within));
                let (from_x, from_y) = self.first(batch);
                let row = within / self.sides.columns;
                let rows = row..row + now.len() / self.sides.columns;
                T::product(&self.sides, &x[from_x..], &y[from_y..], rows, now, false);
                at += now.len();
                out = rest;
            }
        })
    }
}
