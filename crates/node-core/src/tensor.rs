//! Tensors: a data type, a shape and shared storage, cheap to clone.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{ArrayViewD, IxDyn};

use crate::dtype::{DType, Element, Narrow as _, Text};
use crate::erased::{Cloned, Erased, Family};
use crate::kernel::Operand;
use crate::number;
use crate::shape::{PartialShape, Shape};
use crate::value::quoted;
use crate::{each_data_type, for_dtype, for_erased, for_operand};

/// What a tensor's elements live in: owned, from a pool, or memory-mapped.
pub trait Storage<T>: Send + Sync {
    /// The elements, row-major.
    fn as_slice(&self) -> &[T];

    /// The elements to write to, where that is possible.
    fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        None
    }

    /// Whether they are in a file, from which the system brings what is read: they take no memory that it could not
    /// have back at any time.
    fn is_in_file(&self) -> bool {
        false
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

/// Shared storage of elements.
#[derive(Clone, Copy, Debug)]
pub struct Buffers;

impl Family for Buffers {
    type Of<T: Element> = Buffer<T>;

    fn fmt<T: Element>(of: &Buffer<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(of, f)
    }
}

impl Cloned for Buffers {
    fn cloned<T: Element>(of: &Buffer<T>) -> Buffer<T> {
        of.clone()
    }
}

/// A tensor's storage, by data type.
pub type Data = Erased<Buffers>;

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

    /// A tensor of zeros: false for booleans, empty texts for strings; `None` if the system gives no memory for it.
    pub fn zeros(dtype: DType, shape: &Shape) -> Option<Tensor> {
        let len = shape.elements();
        let texts = || {
            let mut texts = Vec::new();
            texts.try_reserve_exact(len).ok()?;
            texts.resize(len, Text::default());
            Some(Text::wrap(Buffer::new(texts)))
        };
        let data = for_operand!(dtype, T => T::wrap(Buffer::new(zeros::<T>(len)?)), else texts()?);
        Some(Tensor { shape: shape.clone(), data })
    }

    /// The same values in a wider type that holds all of this one's; `None` if that does not, or if there is no memory
    /// for them.
    pub fn widened(&self, dtype: DType) -> Option<Tensor> {
        if !dtype.holds_all_of(self.dtype()) {
            return None;
        }
        fn of<T: ToScalar>(tensor: &Tensor) -> Option<Tensor> {
            let mut elements = Vec::new();
            elements.try_reserve_exact(tensor.len()).ok()?;
            for number in 0..tensor.len() {
                elements.push(T::of_scalar(&tensor.element(number)?)?);
            }
            Tensor::new(tensor.shape.clone(), elements).ok()
        }
        if dtype == self.dtype() {
            return Some(self.clone());
        }
        for_dtype!(dtype, T => of::<T>(self))
    }

    /// The elements as whole numbers, if they are of a type of whole numbers.
    pub fn integers(&self) -> Option<Vec<i64>> {
        self.dtype().is_whole().then(|| {
            let whole = |number| match self.element(number) {
                Some(Scalar::Int(v)) => v,
                Some(Scalar::Uint(v)) => i64::try_from(v).unwrap_or(i64::MAX),
                _ => 0,
            };
            (0..self.len()).map(whole).collect()
        })
    }

    /// The elements to write to, if they are of type `T`, nobody else holds them and they are not read-only.
    pub fn slice_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        T::peel_mut::<Buffers>(&mut self.data)?.unique()
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> DType {
        self.data.dtype()
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
        for_erased!(&mut self.data, T, buffer => buffer.can_be_written())
    }

    /// Whether both are the same shape over the same storage, and so have the same elements.
    pub fn same_storage(&self, other: &Tensor) -> bool {
        let serial = |tensor: &Tensor| for_erased!(&tensor.data, T, buffer => buffer.serial());
        self.shape == other.shape && serial(self) == serial(other)
    }

    /// Bytes that the elements take in memory.
    pub fn bytes(&self) -> u64 {
        self.len() as u64 * self.dtype().size() as u64
    }

    /// Whether the elements are in a file, from which the system brings what is read.
    pub fn is_in_file(&self) -> bool {
        for_erased!(&self.data, T, buffer => buffer.storage.is_in_file())
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
        T::peel::<Buffers>(&self.data).map(Buffer::as_slice)
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
        for_erased!(&self.data, T, buffer => buffer.as_slice().get(flat).map(ToScalar::to_scalar))
    }

    /// The first `limit` values as on a block: `[0, 2, 0, …]`, nested by dimension. Where there are no elements, the
    /// first `limit` empty lists.
    pub fn preview(&self, limit: usize) -> String {
        preview(&self.shape, limit, |number| self.element(number))
    }
}

/// As many zeros, or false; `None` if the system gives no memory for them. Large memory is not touched until it is
/// written.
pub fn zeros<T: Operand>(len: usize) -> Option<Vec<T>> {
    bytemuck::try_zeroed_vec(len).ok()
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
    /// An element of a tensor of narrow floats, as the float32 that it is, with its type.
    Narrow(f32, DType),
    /// An element of a tensor of whole numbers with a sign.
    Int(i64),
    /// An element of a tensor of whole numbers without a sign.
    Uint(u64),
    /// An element of a `bool` tensor.
    Bool(bool),
    /// An element of a `string` tensor.
    String(Arc<str>),
}

impl Scalar {
    /// As JSON: what JSON has no number for is a string.
    pub fn json(&self) -> String {
        match self {
            Scalar::Float32(v) => number::f32_json(*v),
            Scalar::Float64(v) => number::f64_json(*v),
            Scalar::Narrow(v, _) => number::json(f64::from(*v), number::f32_text(*v)),
            Scalar::Int(_) | Scalar::Uint(_) | Scalar::Bool(_) => self.to_string(),
            Scalar::String(v) => quoted(v),
        }
    }

    /// The whole number, if it is one of a type of whole numbers.
    fn whole(&self) -> Option<i128> {
        match self {
            Scalar::Int(v) => Some(i128::from(*v)),
            Scalar::Uint(v) => Some(i128::from(*v)),
            _ => None,
        }
    }

    /// The number (booleans count as 0 and 1), or `None` for text.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Scalar::Float32(v) => Some(f64::from(*v)),
            Scalar::Float64(v) => Some(*v),
            Scalar::Narrow(v, _) => Some(f64::from(*v)),
            Scalar::Int(v) => Some(*v as f64),
            Scalar::Uint(v) => Some(*v as f64),
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
            (Scalar::Narrow(a, x), Scalar::Narrow(b, y)) => {
                x == y && (a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
            }
            (Scalar::Int(a), Scalar::Int(b)) => a == b,
            (Scalar::Uint(a), Scalar::Uint(b)) => a == b,
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
            Scalar::Narrow(v, dtype) => f.write_str(&number::narrow_text(*v, *dtype)),
            Scalar::Int(v) => write!(f, "{v}"),
            Scalar::Uint(v) => write!(f, "{v}"),
            Scalar::Bool(v) => write!(f, "{v}"),
            Scalar::String(v) => write!(f, "{v:?}"),
        }
    }
}

/// An element as a [`Scalar`], and back.
pub trait ToScalar: Element {
    /// It.
    fn to_scalar(&self) -> Scalar;

    /// The element nearest to a number if it is a floating-point type, else the same value if there is one.
    fn of_scalar(scalar: &Scalar) -> Option<Self>;
}

macro_rules! to_scalar {
    (float $variant:ident $t:ty) => {
        to_scalar!(# $t, |v| Scalar::$variant(*v), |scalar| scalar.as_f64().map(|v| v as $t));
    };
    (narrow $variant:ident $t:ty) => {
        to_scalar!(# $t, |v| Scalar::Narrow(v.wide(), DType::$variant),
            |scalar| scalar.as_f64().map(<$t>::nearest_to));
    };
    (int $variant:ident $t:ty) => {
        to_scalar!(# $t, |v| Scalar::Int(*v as i64), |scalar| <$t>::try_from(scalar.whole()?).ok());
    };
    (uint $variant:ident $t:ty) => {
        to_scalar!(# $t, |v| Scalar::Uint(*v as u64), |scalar| <$t>::try_from(scalar.whole()?).ok());
    };
    (bool $variant:ident $t:ty) => {
        to_scalar!(# $t, |v| Scalar::Bool(*v), |scalar| match scalar {
            Scalar::Bool(v) => Some(*v),
            _ => None,
        });
    };
    (text $variant:ident $t:ty) => {
        to_scalar!(# $t, |v| Scalar::String(v.clone()), |scalar| match scalar {
            Scalar::String(v) => Some(v.clone()),
            _ => None,
        });
    };
    (# $t:ty, |$v:ident| $to:expr, |$scalar:ident| $of:expr) => {
        impl ToScalar for $t {
            fn to_scalar(&self) -> Scalar {
                let $v = self;
                $to
            }

            fn of_scalar($scalar: &Scalar) -> Option<Self> {
                $of
            }
        }
    };
}

each_data_type!(to_scalar);

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
