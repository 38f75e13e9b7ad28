//! Tensors: a data type, a shape and shared storage, cheap to clone.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{ArrayViewD, IxDyn};

use crate::dtype::{DType, Element};
use crate::number;
use crate::shape::{PartialShape, Shape};

/// What a tensor's elements live in: owned, from a pool, or memory-mapped.
pub trait Storage<T>: Send + Sync {
    /// The elements, row-major.
    fn as_slice(&self) -> &[T];

    /// The elements to write to, where that is possible.
    fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        None
    }
}

impl<T: Send + Sync> Storage<T> for Vec<T> {
    fn as_slice(&self) -> &[T] {
        self
    }

    fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        Some(self)
    }
}

/// Shared storage of elements of one type; immutable while it is shared.
#[derive(Clone)]
pub struct Buffer<T> {
    storage: Arc<dyn Storage<T>>,
    serial: u64,
}

/// The number that the next buffer gets.
static NEXT_SERIAL: AtomicU64 = AtomicU64::new(0);

impl<T> Buffer<T> {
    /// A buffer over any storage.
    pub fn new(storage: impl Storage<T> + 'static) -> Buffer<T> {
        Buffer { storage: Arc::new(storage), serial: NEXT_SERIAL.fetch_add(1, Ordering::Relaxed) }
    }

    /// A number that this storage and its clones have, and no other in this process: what it holds may stand under it
    /// as long as nobody has written to it.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// Whether the elements can be written to: nobody else holds them, and they are not read-only.
    pub fn can_be_written(&mut self) -> bool {
        Arc::get_mut(&mut self.storage).is_some_and(|storage| storage.as_mut_slice().is_some())
    }

    /// The elements to write to, if nobody else holds them and they are not read-only; the buffer then counts as new.
    pub fn unique(&mut self) -> Option<&mut [T]> {
        let elements = Arc::get_mut(&mut self.storage)?.as_mut_slice()?;
        self.serial = NEXT_SERIAL.fetch_add(1, Ordering::Relaxed);
        Some(elements)
    }

    /// The elements, row-major.
    pub fn as_slice(&self) -> &[T] {
        self.storage.as_slice()
    }
}

impl<T: fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

/// A tensor's storage, by data type.
#[derive(Clone, Debug)]
pub enum Data {
    /// `float32` elements.
    Float32(Buffer<f32>),
    /// `float64` elements.
    Float64(Buffer<f64>),
    /// `int32` elements.
    Int32(Buffer<i32>),
    /// `int64` elements.
    Int64(Buffer<i64>),
    /// `bool` elements.
    Bool(Buffer<bool>),
    /// `string` elements.
    String(Buffer<Arc<str>>),
}

/// The type of a tensor, as far as it is known before a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorType {
    /// The data type.
    pub dtype: DType,
    /// The shape; dimensions can be unknown.
    pub shape: PartialShape,
}

impl TensorType {
    /// A tensor type.
    pub fn new(dtype: DType, shape: PartialShape) -> TensorType {
        TensorType { dtype, shape }
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype, self.shape)
    }
}

/// A dense, immutable tensor in row-major order.
#[derive(Clone, Debug)]
pub struct Tensor {
    shape: Shape,
    data: Data,
}

/// Elements that do not fill a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{elements} elements do not fill shape {shape}, which has {}", shape.elements())]
pub struct LengthMismatch {
    /// How many elements there are.
    pub elements: usize,
    /// The shape that they should fill.
    pub shape: Shape,
}

impl Tensor {
    /// A tensor over `elements`, refused when they do not fill `shape`.
    pub fn new<T: Element>(shape: Shape, elements: Vec<T>) -> Result<Tensor, LengthMismatch> {
        Tensor::from_buffer(shape, Buffer::new(elements))
    }

    /// A tensor over storage of any kind, refused when it does not fill `shape`.
    pub fn from_buffer<T: Element>(shape: Shape, buffer: Buffer<T>) -> Result<Tensor, LengthMismatch> {
        let elements = buffer.as_slice().len();
        if elements != shape.elements() {
            return Err(LengthMismatch { elements, shape });
        }
        Ok(Tensor { shape, data: T::wrap(buffer) })
    }

    /// A vector.
    pub fn vector<T: Element>(elements: Vec<T>) -> Tensor {
        Tensor { shape: Shape::vector(elements.len()), data: T::wrap(Buffer::new(elements)) }
    }

    /// A scalar.
    pub fn scalar<T: Element>(value: T) -> Tensor {
        Tensor { shape: Shape::scalar(), data: T::wrap(Buffer::new(vec![value])) }
    }

    /// A tensor of zeros: false for booleans, empty texts for strings.
    pub fn zeros(dtype: DType, shape: &Shape) -> Tensor {
        fn of<T: Element>(len: usize) -> Data {
            T::wrap(Buffer::new(vec![T::default(); len]))
        }
        let len = shape.elements();
        let data = match dtype {
            DType::Float32 => of::<f32>(len),
            DType::Float64 => of::<f64>(len),
            DType::Int32 => of::<i32>(len),
            DType::Int64 => of::<i64>(len),
            DType::Bool => of::<bool>(len),
            DType::String => of::<Arc<str>>(len),
        };
        Tensor { shape: shape.clone(), data }
    }

    /// The elements as whole numbers, if they are of a type of whole numbers.
    pub fn integers(&self) -> Option<Vec<i64>> {
        match &self.data {
            Data::Int32(b) => Some(b.as_slice().iter().map(|v| i64::from(*v)).collect()),
            Data::Int64(b) => Some(b.as_slice().to_vec()),
            _ => None,
        }
    }

    /// The elements to write to, if they are of type `T`, nobody else holds them and they are not read-only.
    pub fn slice_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        T::peel_mut(&mut self.data)?.unique()
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> DType {
        match self.data {
            Data::Float32(_) => DType::Float32,
            Data::Float64(_) => DType::Float64,
            Data::Int32(_) => DType::Int32,
            Data::Int64(_) => DType::Int64,
            Data::Bool(_) => DType::Bool,
            Data::String(_) => DType::String,
        }
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Data type and shape.
    pub fn tensor_type(&self) -> TensorType {
        TensorType::new(self.dtype(), (&self.shape).into())
    }

    /// The storage.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The storage, to write to it where nobody shares it.
    pub fn data_mut(&mut self) -> &mut Data {
        &mut self.data
    }

    /// The same elements in another shape; `None` if they do not fill it.
    pub fn reshaped(self, shape: &Shape) -> Option<Tensor> {
        (self.len() == shape.elements()).then(|| Tensor { shape: shape.clone(), data: self.data })
    }

    /// Whether the elements can be written to: nobody else holds them, and they are not read-only.
    pub fn can_be_written(&mut self) -> bool {
        match &mut self.data {
            Data::Float32(b) => b.can_be_written(),
            Data::Float64(b) => b.can_be_written(),
            Data::Int32(b) => b.can_be_written(),
            Data::Int64(b) => b.can_be_written(),
            Data::Bool(b) => b.can_be_written(),
            Data::String(b) => b.can_be_written(),
        }
    }

    /// Whether both are the same shape over the same storage, and so have the same elements.
    pub fn same_storage(&self, other: &Tensor) -> bool {
        let serial = |tensor: &Tensor| match &tensor.data {
            Data::Float32(b) => b.serial(),
            Data::Float64(b) => b.serial(),
            Data::Int32(b) => b.serial(),
            Data::Int64(b) => b.serial(),
            Data::Bool(b) => b.serial(),
            Data::String(b) => b.serial(),
        };
        self.shape == other.shape && serial(self) == serial(other)
    }

    /// Bytes that the elements take in memory.
    pub fn bytes(&self) -> u64 {
        self.len() as u64 * self.dtype().size() as u64
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.elements()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements in row-major order, if they are of type `T`.
    pub fn slice<T: Element>(&self) -> Option<&[T]> {
        T::peel(&self.data).map(Buffer::as_slice)
    }

    /// The tensor as an ndarray view, if its elements are of type `T`.
    pub fn view<T: Element>(&self) -> Option<ArrayViewD<'_, T>> {
        ArrayViewD::from_shape(IxDyn(self.shape.dims()), self.slice()?).ok()
    }

    /// Whether type, shape and every bit agree; any NaN equals any NaN.
    pub fn same_bits(&self, other: &Tensor) -> bool {
        self.shape == other.shape
            && self.dtype() == other.dtype()
            && (0..self.len()).all(|i| self.element(i).is_some_and(|a| Some(a) == other.element(i)))
    }

    /// Element number `flat` in row-major order.
    pub fn element(&self, flat: usize) -> Option<Scalar> {
        Some(match &self.data {
            Data::Float32(b) => Scalar::Float32(*b.as_slice().get(flat)?),
            Data::Float64(b) => Scalar::Float64(*b.as_slice().get(flat)?),
            Data::Int32(b) => Scalar::Int(i64::from(*b.as_slice().get(flat)?)),
            Data::Int64(b) => Scalar::Int(*b.as_slice().get(flat)?),
            Data::Bool(b) => Scalar::Bool(*b.as_slice().get(flat)?),
            Data::String(b) => Scalar::String(b.as_slice().get(flat)?.clone()),
        })
    }

    /// The first `limit` values as on a block: `[0, 2, 0, …]`, nested by dimension. Where there are no elements, the
    /// first `limit` empty lists.
    pub fn preview(&self, limit: usize) -> String {
        preview(&self.shape, limit, |number| self.element(number))
    }
}

/// What [`Tensor::preview`] says of a tensor of `shape` of which the first `limit` elements are known.
pub fn preview(shape: &Shape, limit: usize, element: impl Fn(usize) -> Option<Scalar>) -> String {
    let dims = shape.dims();
    // What is listed: elements, or the lists of none that an axis of length 0 leaves.
    let axes = dims.iter().position(|dim| *dim == 0).unwrap_or(dims.len());
    let count = dims[..axes].iter().product::<usize>();
    let shown = count.min(limit.max(1));
    let mut out = String::new();
    for number in 0..shown {
        let begun = lists_at(number, &dims[..axes]);
        if number > 0 {
            out.push_str(", ");
        }
        out.extend(std::iter::repeat_n('[', begun));
        match element(number).filter(|_| axes == dims.len()) {
            Some(value) => out.push_str(&value.to_string()),
            None => out.push_str("[]"),
        }
        out.extend(std::iter::repeat_n(']', lists_at(number + 1, &dims[..axes])));
    }
    if shown < count {
        out.push_str(", …");
        out.extend(std::iter::repeat_n(']', axes - lists_at(shown, &dims[..axes])));
    }
    out
}

/// How many lists begin with item number `number`, which is how many end before it.
fn lists_at(mut number: usize, dims: &[usize]) -> usize {
    let mut lists = 0;
    for dim in dims.iter().rev() {
        if !number.is_multiple_of(*dim) {
            break;
        }
        number /= dim;
        lists += 1;
    }
    lists
}

/// One element of a tensor.
#[derive(Clone, Debug)]
pub enum Scalar {
    /// An element of a `float32` tensor.
    Float32(f32),
    /// An element of a `float64` tensor.
    Float64(f64),
    /// An element of an `int32` or `int64` tensor.
    Int(i64),
    /// An element of a `bool` tensor.
    Bool(bool),
    /// An element of a `string` tensor.
    String(Arc<str>),
}

impl Scalar {
    /// The number (booleans count as 0 and 1), or `None` for text.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Scalar::Float32(v) => Some(f64::from(*v)),
            Scalar::Float64(v) => Some(*v),
            Scalar::Int(v) => Some(*v as f64),
            Scalar::Bool(v) => Some(f64::from(u8::from(*v))),
            Scalar::String(_) => None,
        }
    }
}

impl PartialEq for Scalar {
    /// Equality of bits: `0.0` differs from `-0.0`, and any NaN equals any NaN.
    fn eq(&self, other: &Scalar) -> bool {
        match (self, other) {
            (Scalar::Float32(a), Scalar::Float32(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Scalar::Float64(a), Scalar::Float64(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Scalar::Int(a), Scalar::Int(b)) => a == b,
            (Scalar::Bool(a), Scalar::Bool(b)) => a == b,
            (Scalar::String(a), Scalar::String(b)) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Scalar {
    /// The shortest text that stands for exactly this value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Float32(v) => f.write_str(&number::f32_text(*v)),
            Scalar::Float64(v) => f.write_str(&number::f64_text(*v)),
            Scalar::Int(v) => write!(f, "{v}"),
            Scalar::Bool(v) => write!(f, "{v}"),
            Scalar::String(v) => write!(f, "{v:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews() {
        let shaped = |dims: &[usize], v: Vec<f32>| Tensor::new(Shape::new(dims).unwrap(), v).unwrap();
        for (tensor, limit, expected) in [
            (Tensor::scalar(1.5f32), 4, "1.5"),
            (Tensor::vector(vec![0f32, 2.0, 0.0, 4.0]), 4, "[0, 2, 0, 4]"),
            (Tensor::vector(vec![5.9764705f32, -6.0, 1.0]), 2, "[5.9764705, -6, …]"),
            (shaped(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]), 4, "[[1, 2], [3, 4]]"),
            (shaped(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]), 2, "[[1, 2], …]"),
            (shaped(&[2, 0], vec![]), 4, "[[], []]"),
            (shaped(&[0], vec![]), 4, "[]"),
            (shaped(&[0, 3], vec![]), 4, "[]"),
            (shaped(&[1 << 30, 0], vec![]), 3, "[[], [], [], …]"),
            (shaped(&[2, 1 << 20, 0, 7], vec![]), 2, "[[[], [], …]]"),
            (shaped(&[2, 2, 2], (1..9).map(|v| v as f32).collect()), 4, "[[[1, 2], [3, 4]], …]"),
            (shaped(&[2, 2, 2], (1..9).map(|v| v as f32).collect()), 5, "[[[1, 2], [3, 4]], [[5, …]]]"),
            (Tensor::vector(vec![f32::NAN, f32::NEG_INFINITY, -0.0]), 4, "[NaN, -Infinity, -0]"),
        ] {
            assert_eq!(tensor.preview(limit), expected);
        }
    }

    #[test]
    fn previews_are_short_whatever_the_shape() {
        let ones = Tensor::new(Shape::new(vec![1; 254]).unwrap(), vec![1f32]).unwrap();
        assert_eq!(ones.preview(8).len(), 2 * 254 + 1);
    }

    #[test]
    fn bits_decide_equality() {
        let v = |x: f32| Tensor::vector(vec![x]);
        assert!(v(f32::NAN).same_bits(&v(-f32::NAN)));
        assert!(!v(0.0).same_bits(&v(-0.0)));
        assert!(!v(1.0).same_bits(&Tensor::scalar(1f32)));
        assert!(!v(1.0).same_bits(&Tensor::vector(vec![1f64])));
    }

    #[test]
    fn elements_must_fill_the_shape() {
        assert!(Tensor::new(Shape::vector(3), vec![1f32]).is_err());
    }
}
