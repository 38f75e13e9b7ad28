//! A plane of a tensor, as many elements to a cell as a picture has room for.

use node_core::{DType, Shape, Tensor};

use super::Stop;
use super::numbers::{Numbers, STRETCH};

/// A plane of a tensor: two axes, and where it lies along the others. Of a tensor of rank 1 the one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plane {
    /// The axis along which rows follow each other; none of a vector.
    pub rows: Option<usize>,
    /// The axis along which columns follow each other; none of a scalar.
    pub columns: Option<usize>,
    /// An index for each axis; those of the two count for nothing.
    pub at: Vec<usize>,
}

impl Plane {
    /// The first plane of the last two axes.
    pub fn first(shape: &Shape) -> Plane {
        let rank = shape.rank();
        Plane { rows: rank.checked_sub(2), columns: rank.checked_sub(1), at: vec![0; rank] }
    }

    /// Whether a tensor of this shape has it.
    pub fn fits(&self, shape: &Shape) -> bool {
        let dims = shape.dims();
        let own = [self.rows, self.columns];
        self.at.len() == dims.len()
            && own.iter().flatten().all(|axis| *axis < dims.len())
            && own.iter().flatten().count() == dims.len().min(2)
            && (self.rows.is_none() || self.rows != self.columns)
            && self.at.iter().zip(dims).enumerate().all(|(axis, (at, dim))| own.contains(&Some(axis)) || at < dim)
    }

    /// How many rows and columns it has in a tensor of this shape.
    pub fn size(&self, shape: &Shape) -> [usize; 2] {
        [self.rows, self.columns].map(|axis| axis.map_or(1, |axis| shape.dims()[axis]))
    }

    /// The axes that it does not lie in.
    pub fn others(&self) -> impl Iterator<Item = usize> {
        let own = [self.rows, self.columns];
        (0..self.at.len()).filter(move |axis| !own.contains(&Some(*axis)))
    }

    /// Where the element at a row and a column stands in the tensor.
    pub fn index(&self, row: usize, column: usize) -> Vec<usize> {
        let mut index = self.at.clone();
        self.rows.into_iter().for_each(|axis| index[axis] = row);
        self.columns.into_iter().for_each(|axis| index[axis] = column);
        index
    }

    /// Where the element at the first row and column lies, and how far neighbours of a column and of a row are apart.
    pub fn strides(&self, shape: &Shape) -> [usize; 3] {
        let stride = |axis: usize| shape.dims()[axis + 1..].iter().product::<usize>();
        let [row, column] = [self.rows, self.columns].map(|axis| axis.map_or(0, stride));
        [self.others().map(|axis| self.at[axis] * stride(axis)).sum(), row, column]
    }
}

/// Which part of a plane is looked at, and how many cells there are for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// The rows, from and to.
    pub rows: [usize; 2],
    /// The columns, from and to.
    pub columns: [usize; 2],
    /// How many cells there are below each other, and beside each other: no more than there are rows and columns.
    pub cells: [usize; 2],
}

/// What stands for the elements of each cell, row by row: NaN if there is one among them, else the one of the largest
/// magnitude, so that nothing that stands out is lost. `None` for texts and once stopped.
pub fn cells(tensor: &Tensor, plane: &Plane, window: &Window, stop: &Stop) -> Option<Vec<f64>> {
    let numbers = Numbers::of(tensor)?;
    let [first, row_stride, column_stride] = plane.strides(tensor.shape());
    let [columns_from, _] = window.columns;
    let [high, wide] = window.cells;
    let mut cells = vec![f64::NAN; high.checked_mul(wide)?];
    let mut elements = Vec::new();
    let ends: Vec<usize> = (0..wide).map(|cell| end(window.columns, wide, cell) - columns_from).collect();
    for (line, out) in cells.chunks_exact_mut(wide.max(1)).enumerate() {
        let begin = if line == 0 { window.rows[0] } else { end(window.rows, high, line - 1) };
        for row in begin..end(window.rows, high, line) {
            if stop.is_set() {
                return None;
            }
            let start = first + row * row_stride + columns_from * column_stride;
            let mut from = 0;
            for (cell, end) in out.iter_mut().zip(&ends) {
                let found = of_stretch(&numbers, start, column_stride.max(1), from..*end, &mut elements, stop)?;
                *cell = if row == begin { found } else { extreme(*cell, found) };
                from = *end;
            }
        }
    }
    Some(cells)
}

/// What stands for the elements of a row from one to another, read in pieces: a row may be the whole tensor.
fn of_stretch(
    numbers: &Numbers<'_>,
    start: usize,
    stride: usize,
    columns: std::ops::Range<usize>,
    elements: &mut Vec<f64>,
    stop: &Stop,
) -> Option<f64> {
    let mut found = None;
    for from in columns.clone().step_by(STRETCH) {
        if columns.len() > STRETCH && stop.is_set() {
            return None;
        }
        let count = STRETCH.min(columns.end - from);
        numbers.read_spaced(start + from * stride, stride, count, elements);
        found = found.into_iter().chain(elements.iter().copied()).reduce(extreme);
    }
    Some(found.unwrap_or(f64::NAN))
}

/// The largest finite magnitude of a plane; 0 if there is none. `None` for texts and once stopped.
pub fn plane_scale(tensor: &Tensor, plane: &Plane, stop: &Stop) -> Option<f64> {
    let numbers = Numbers::of(tensor)?;
    let [first, row_stride, column_stride] = plane.strides(tensor.shape());
    let [rows, columns] = plane.size(tensor.shape());
    let mut elements = Vec::new();
    let mut most = 0.0;
    for row in 0..rows {
        for from in (0..columns).step_by(STRETCH) {
            if stop.is_set() {
                return None;
            }
            let (start, stride) = (first + row * row_stride, column_stride.max(1));
            numbers.read_spaced(start + from * stride, stride, STRETCH.min(columns - from), &mut elements);
            most = elements.iter().map(|value| value.abs()).filter(|value| value.is_finite()).fold(most, f64::max);
        }
    }
    Some(most)
}

/// Where a cell's elements end.
fn end([from, to]: [usize; 2], cells: usize, cell: usize) -> usize {
    from + ((to - from) as u128 * (cell as u128 + 1) / cells.max(1) as u128) as usize
}

fn extreme(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if b.abs() > a.abs() {
        b
    } else {
        a
    }
}

/// Whether a tensor is an image as files hold them: uint8 [height, width, 1, 3 or 4].
pub fn is_image(dtype: DType, shape: &Shape) -> bool {
    dtype == DType::UInt8 && matches!(*shape.dims(), [height, width, 1 | 3 | 4] if height > 0 && width > 0)
}

/// The colours of a part of an image, four samples to a cell, each the mean of its elements. `None` once stopped.
pub fn image(tensor: &Tensor, window: &Window, stop: &Stop) -> Option<Vec<u8>> {
    let [_, width, channels] = *tensor.shape().dims() else { return None };
    let samples = tensor.slice::<u8>()?;
    let [high, wide] = window.cells;
    let mut colours = Vec::with_capacity(high * wide * 4);
    for line in 0..high {
        if stop.is_set() {
            return None;
        }
        let begin = if line == 0 { window.rows[0] } else { end(window.rows, high, line - 1) };
        let rows = begin..end(window.rows, high, line);
        for cell in 0..wide {
            let begin = if cell == 0 { window.columns[0] } else { end(window.columns, wide, cell - 1) };
            let columns = begin..end(window.columns, wide, cell);
            let mean = |channel: usize| {
                let at = |row: usize, column: usize| u64::from(samples[(row * width + column) * channels + channel]);
                let sum: u64 = rows
                    .clone()
                    .flat_map(|row| columns.clone().map(move |column| (row, column)))
                    .map(|(r, c)| at(r, c))
                    .sum();
                let count = (rows.len() * columns.len()).max(1) as u64;
                ((sum + count / 2) / count) as u8
            };
            let grey = channels == 1;
            colours.extend([0, 1, 2].map(|channel| mean(if grey { 0 } else { channel })));
            colours.push(if channels == 4 { mean(3) } else { u8::MAX });
        }
    }
    Some(colours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(dims: &[usize]) -> Tensor {
        let len = dims.iter().product::<usize>();
        Tensor::new(Shape::new(dims).unwrap(), (0..len).map(|v| v as f32).collect()).unwrap()
    }

    #[test]
    fn each_element_where_it_belongs() {
        let tensor = counted(&[2, 3, 4]);
        for (rows, columns) in [(1, 2), (2, 1), (0, 2), (2, 0), (0, 1)] {
            let plane = Plane { rows: Some(rows), columns: Some(columns), at: vec![1, 2, 3] };
            assert!(plane.fits(tensor.shape()));
            let [high, wide] = plane.size(tensor.shape());
            let window = Window { rows: [0, high], columns: [0, wide], cells: [high, wide] };
            let found = cells(&tensor, &plane, &window, &Stop::default()).unwrap();
            for row in 0..high {
                for column in 0..wide {
                    let index = plane.index(row, column);
                    let flat = index[0] * 12 + index[1] * 4 + index[2];
                    assert_eq!(found[row * wide + column], flat as f64, "{plane:?} {row} {column}");
                }
            }
        }
        let plane = Plane { rows: Some(1), columns: Some(2), at: vec![0, 0, 0] };
        assert_eq!(plane_scale(&tensor, &plane, &Stop::default()), Some(11.0));
        let vector = counted(&[5]);
        let plane = Plane::first(vector.shape());
        assert!(plane.fits(vector.shape()) && plane.size(vector.shape()) == [1, 5]);
        let window = Window { rows: [0, 1], columns: [1, 4], cells: [1, 3] };
        assert_eq!(cells(&vector, &plane, &window, &Stop::default()).unwrap(), [1.0, 2.0, 3.0]);
        let scalar = counted(&[]);
        let plane = Plane::first(scalar.shape());
        assert!(plane.fits(scalar.shape()) && plane.size(scalar.shape()) == [1, 1]);
        assert!(!Plane { rows: Some(0), columns: Some(0), at: vec![0, 0] }.fits(&Shape::new([2, 2]).unwrap()));
        assert!(!Plane { rows: Some(1), columns: Some(2), at: vec![2, 0, 0] }.fits(tensor.shape()), "beyond");
    }

    #[test]
    fn what_stands_out_is_seen_from_afar() {
        let mut values = vec![0.5f32; 1000 * 700];
        values[123 * 700 + 456] = -9.0;
        values[999 * 700 + 699] = f32::NAN;
        values[0] = f32::INFINITY;
        let tensor = Tensor::new(Shape::new([1000, 700]).unwrap(), values).unwrap();
        let window = Window { rows: [0, 1000], columns: [0, 700], cells: [33, 21] };
        let found = cells(&tensor, &Plane::first(tensor.shape()), &window, &Stop::default()).unwrap();
        assert_eq!(found[0], f64::INFINITY);
        assert!(found[33 * 21 - 1].is_nan());
        assert_eq!(found.iter().filter(|v| **v == -9.0).count(), 1);
        assert_eq!(found.iter().filter(|v| **v == 0.5).count(), 33 * 21 - 3);
    }

    #[test]
    fn a_row_longer_than_a_piece() {
        let mut values = vec![0.25f32; 5 * STRETCH + 3];
        values[3 * STRETCH + 1] = -4.0;
        let tensor = Tensor::vector(values);
        let plane = Plane::first(tensor.shape());
        let window = Window { rows: [0, 1], columns: [0, tensor.len()], cells: [1, 2] };
        assert_eq!(cells(&tensor, &plane, &window, &Stop::default()).unwrap(), [0.25, -4.0]);
        assert_eq!(plane_scale(&tensor, &plane, &Stop::default()), Some(4.0));
    }

    #[test]
    fn images_are_averaged() {
        let tensor =
            Tensor::new(Shape::new([2, 2, 3]).unwrap(), vec![0u8, 10, 255, 2, 20, 255, 4, 30, 255, 6, 40, 255])
                .unwrap();
        assert!(is_image(tensor.dtype(), tensor.shape()));
        let window = |cells| Window { rows: [0, 2], columns: [0, 2], cells };
        assert_eq!(image(&tensor, &window([1, 1]), &Stop::default()).unwrap(), [3, 25, 255, 255]);
        assert_eq!(image(&tensor, &window([2, 2]), &Stop::default()).unwrap()[4..8], [2, 20, 255, 255]);
    }
}
