//! Shapes, whole and partly known.

use std::fmt;

use smallvec::SmallVec;

/// The most elements that a tensor may have: eight bytes each must be addressable.
pub const MAX_ELEMENTS: usize = isize::MAX as usize / 8;

/// The most dimensions that a tensor may have: TensorFlow's own limit.
pub const MAX_RANK: usize = 254;

/// A shape that no tensor can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Its elements cannot be addressed.
    #[error("shape {} overflows: {} more elements than can be addressed", dims(.0), overflow(.0))]
    Overflow(Vec<usize>),
    /// It has more than [`MAX_RANK`] dimensions.
    #[error("a shape of {0} dimensions is refused: a tensor has at most {MAX_RANK}, as in TensorFlow")]
    Rank(usize),
}

/// The lengths of a tensor's dimensions; `[]` is a scalar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape(Dims);

/// Most shapes have few dimensions: they are copied without allocating.
type Dims = SmallVec<[usize; 4]>;

impl Shape {
    /// A shape, refused when its dimensions multiply (zeros left out, as NumPy does) beyond what can be addressed, or
    /// when they are more than [`MAX_RANK`].
    pub fn new(dims: impl AsRef<[usize]>) -> Result<Shape, ShapeError> {
        let dims = dims.as_ref();
        if dims.len() > MAX_RANK {
            return Err(ShapeError::Rank(dims.len()));
        }
        let dims = Dims::from_slice(dims);
        let product =
            dims.iter().filter(|&&d| d != 0).try_fold(1usize, |n, &d| n.checked_mul(d).filter(|&n| n <= MAX_ELEMENTS));
        match product {
            Some(_) => Ok(Shape(dims)),
            None => Err(ShapeError::Overflow(dims.to_vec())),
        }
    }

    /// The shape of a scalar.
    pub const fn scalar() -> Shape {
        Shape(Dims::new_const())
    }

    /// The shape of a vector of `len` elements.
    pub fn vector(len: usize) -> Shape {
        Shape(Dims::from_slice(&[len]))
    }

    /// The lengths of the dimensions.
    pub fn dims(&self) -> &[usize] {
        &self.0
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.0.iter().product()
    }

    /// The shape to which both broadcast, or `None` if they do not.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        PartialShape::from(self).broadcast(&other.into())?.known()
    }

    /// The position of element number `flat` (row-major).
    pub fn position(&self, mut flat: usize) -> Vec<usize> {
        let mut position = vec![0; self.0.len()];
        for (axis, &dim) in self.0.iter().enumerate().rev() {
            if dim > 0 {
                position[axis] = flat % dim;
                flat /= dim;
            }
        }
        position
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&dims(&self.0))
    }
}

fn overflow(dims: &[usize]) -> &'static str {
    if dims.contains(&0) { "without its axes of length 0 it has" } else { "it has" }
}

fn dims(dims: &[usize]) -> String {
    bracketed(dims.iter().map(usize::to_string))
}

fn bracketed(parts: impl Iterator<Item = String>) -> String {
    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
}

/// A shape as far as it is known before a run: rank and dimensions can be unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct PartialShape(Option<Vec<Option<usize>>>);

impl PartialShape {
    /// Nothing is known, not even the rank.
    pub const fn unknown() -> PartialShape {
        PartialShape(None)
    }

    /// The rank is known, and those dimensions that are `Some`.
    pub fn of_dims(dims: Vec<Option<usize>>) -> PartialShape {
        PartialShape(Some(dims))
    }

    /// The dimensions, if the rank is known.
    pub fn dims(&self) -> Option<&[Option<usize>]> {
        self.0.as_deref()
    }

    /// The number of dimensions, if known.
    pub fn rank(&self) -> Option<usize> {
        self.0.as_ref().map(Vec::len)
    }

    /// The whole shape, if all of it is known (and addressable).
    pub fn known(&self) -> Option<Shape> {
        let dims: Option<Vec<usize>> = self.0.as_ref()?.iter().copied().collect();
        Shape::new(dims?).ok()
    }

    /// Whether a tensor of `shape` fits.
    pub fn admits(&self, shape: &Shape) -> bool {
        self.0.as_ref().is_none_or(|dims| {
            dims.len() == shape.rank() && dims.iter().zip(shape.dims()).all(|(a, b)| a.is_none_or(|a| a == *b))
        })
    }

    /// What two descriptions of one shape say together, or `None` where they contradict each other.
    pub fn merge(&self, other: &PartialShape) -> Option<PartialShape> {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            return Some(if self.0.is_some() { self.clone() } else { other.clone() });
        };
        if a.len() != b.len() {
            return None;
        }
        let dims = a.iter().zip(b).map(|(a, b)| match (a, b) {
            (Some(a), Some(b)) if a != b => None,
            (Some(a), _) => Some(Some(*a)),
            (None, b) => Some(*b),
        });
        Some(PartialShape(Some(dims.collect::<Option<Vec<_>>>()?)))
    }

    /// The shape of an element-wise result under NumPy's broadcasting, or `None` where the shapes do not broadcast.
    pub fn broadcast(&self, other: &PartialShape) -> Option<PartialShape> {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            return Some(PartialShape(None));
        };
        let rank = a.len().max(b.len());
        let at = |dims: &[Option<usize>], i: usize| match (i + dims.len()).checked_sub(rank) {
            Some(i) => dims[i],
            None => Some(1),
        };
        let dims = (0..rank).map(|i| match (at(a, i), at(b, i)) {
            (Some(1), d) | (d, Some(1)) => Some(d),
            (Some(a), Some(b)) => (a == b).then_some(Some(a)),
            (Some(d), None) | (None, Some(d)) => Some(Some(d)),
            (None, None) => Some(None),
        });
        Some(PartialShape(Some(dims.collect::<Option<Vec<_>>>()?)))
    }
}

impl From<&Shape> for PartialShape {
    fn from(shape: &Shape) -> Self {
        PartialShape(Some(shape.0.iter().map(|&d| Some(d)).collect()))
    }
}

impl fmt::Display for PartialShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("?"),
            Some(dims) => {
                f.write_str(&bracketed(dims.iter().map(|d| d.map_or_else(|| "?".to_owned(), |d| d.to_string()))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partial(dims: &[i64]) -> PartialShape {
        PartialShape::of_dims(dims.iter().map(|&d| usize::try_from(d).ok()).collect())
    }

    #[test]
    fn broadcasting() {
        type Case = (&'static [i64], &'static [i64], Option<&'static [i64]>);
        let table: &[Case] = &[
            (&[2, 3], &[3], Some(&[2, 3])),
            (&[2, 1], &[1, 3], Some(&[2, 3])),
            (&[], &[4], Some(&[4])),
            (&[2, 0], &[1], Some(&[2, 0])),
            (&[0], &[1], Some(&[0])),
            (&[-1], &[4], Some(&[4])),
            (&[-1], &[1], Some(&[-1])),
            (&[2, 3], &[4], None),
            (&[0], &[2], None),
        ];
        for (a, b, expected) in table {
            assert_eq!(partial(a).broadcast(&partial(b)), expected.map(partial), "{a:?} with {b:?}");
        }
    }

    #[test]
    fn overflow_is_refused_even_beside_a_zero() {
        for (dims, fits) in [
            (vec![0, usize::MAX], false),
            (vec![1 << 40, 1 << 40], false),
            (vec![1 << 30, 0], true),
            (vec![MAX_ELEMENTS], true),
        ] {
            assert_eq!(Shape::new(dims.clone()).is_ok(), fits, "{dims:?}");
        }
    }

    #[test]
    fn more_dimensions_than_tensorflow_has_are_refused() {
        assert_eq!(Shape::new(vec![1; MAX_RANK]).map(|s| s.rank()), Ok(MAX_RANK));
        for rank in [MAX_RANK + 1, 20_000] {
            assert_eq!(Shape::new(vec![1; rank]), Err(ShapeError::Rank(rank)));
        }
    }

    #[test]
    fn positions_are_row_major() {
        let shape = Shape::new([2, 3]).unwrap();
        assert_eq!(
            (0..6).map(|i| shape.position(i)).collect::<Vec<_>>(),
            [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
        );
    }
}
