//! Indices into a tensor, of which each must be within it.

use node_core::type_rule::{Index, PortTypes};
use node_core::{Fault, In, InferCx, PartialShape, Shape};

use crate::given;

/// Refuses an index that is not within `len`, with its place.
pub fn within(indices: &[i64], len: usize, place: impl Fn(usize) -> String) -> Result<(), Vec<Fault>> {
    let is_out = |index: &i64| usize::try_from(*index).map_or(true, |index| index >= len);
    match indices.iter().position(is_out) {
        None => Ok(()),
        Some(flat) => {
            let range = match len {
                0 => "there is nothing to pick".to_owned(),
                1 => "there is only 0".to_owned(),
                _ => format!("there are 0 to {}", len - 1),
            };
            Err(vec![Fault::at("indices", format!("{} is {}, but {range}", place(flat), indices[flat]))])
        }
    }
}

/// Rows of indices, each of which names a part of a tensor: TensorFlow's `…Nd`.
pub struct Rows {
    /// How many numbers a row has: how many axes it names.
    pub depth: usize,
    /// The rows, one after the other, if they are known.
    pub indices: Option<Vec<i64>>,
    /// The axes of the rows.
    pub outer: Vec<Option<usize>>,
}

/// The rows of `indices` into a tensor of `dims`; each number that is known is within. Nothing if their depth is not known.
pub fn rows(cx: &InferCx<'_>, port: In<Index>, dims: &[Option<usize>]) -> Result<Option<Rows>, Vec<Fault>> {
    let shape = cx.shape(port)?;
    let Some(own) = shape.dims() else { return Ok(None) };
    let Some((last, outer)) = own.split_last() else {
        return Err(vec![Fault::at(port.name(), "is a scalar; it must have an axis for the numbers of a row")]);
    };
    let Some(depth) = *last else { return Ok(None) };
    if depth > dims.len() {
        let message = format!("has rows of {depth} numbers, but the tensor has {} dimensions", dims.len());
        return Err(vec![Fault::at(port.name(), message)]);
    }
    let indices = cx.find_tensor(port).and_then(|indices| indices.integers());
    if let Some(indices) = &indices {
        refuse_outside(indices, depth, dims)?;
    }
    Ok(Some(Rows { depth, indices, outer: outer.to_vec() }))
}

fn refuse_outside(indices: &[i64], depth: usize, dims: &[Option<usize>]) -> Result<(), Vec<Fault>> {
    for (nth, row) in indices.chunks_exact(depth.max(1)).enumerate() {
        for (axis, (index, len)) in row.iter().zip(dims).enumerate() {
            let Some(len) = len else { continue };
            if usize::try_from(*index).map_or(true, |index| index >= *len) {
                let message = format!("row {nth} is {row:?}, but axis {axis} is {len} long");
                return Err(vec![Fault::at("indices", message)]);
            }
        }
    }
    Ok(())
}

impl Rows {
    /// Where each row points in a tensor of this shape: its first element. `run` elements belong to each.
    pub fn places(&self, shape: &Shape) -> (Vec<usize>, usize) {
        let (named, rest) = shape.dims().split_at(self.depth);
        let run: usize = rest.iter().product();
        let count = self.outer.iter().flatten().product();
        let indices = self.indices.as_deref().unwrap_or_default();
        let place = |nth: usize| {
            let row = &indices[nth * self.depth..(nth + 1) * self.depth];
            let flat =
                row.iter().zip(named).fold(0, |flat, (index, len)| flat * len + usize::try_from(*index).unwrap_or(0));
            flat * run
        };
        ((0..count).map(place).collect(), run)
    }

    /// The axes of the rows, then those of what each points to.
    pub fn shape(&self, dims: &[Option<usize>]) -> PartialShape {
        PartialShape::of_dims(self.outer.iter().chain(&dims[self.depth..]).copied().collect())
    }
}

/// The shape that a vector gives, if it is known.
pub fn shape_of<T: PortTypes>(cx: &InferCx<'_>, port: In<T>) -> Result<Option<PartialShape>, Vec<Fault>> {
    let Some(lengths) = given::vector(cx, port)? else { return Ok(None) };
    let dims = lengths.iter().map(|len| given::len(*len, port.name()).map(Some)).collect::<Result<_, _>>()?;
    given::shape(dims, port.name()).map(Some)
}
