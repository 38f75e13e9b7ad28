//! Tensors as TensorFlow writes them.
//!
//! Elements go as bytes, the least first, whatever the type (`tensor_content`); strings one by one. TensorFlow itself
//! writes small tensors as lists of numbers, of which the last stands for all that follow: both are read.

use std::sync::Arc;

use bytes::Bytes;
use node_core::half::{bf16, f16};
use node_core::{DType, Element, PartialShape, Shape, Tensor};

use crate::data_type;
use crate::proto::tensor_shape_proto::Dim;
use crate::proto::{TensorProto, TensorShapeProto};

/// `tensor` as TensorFlow writes it. The elements are shared, not copied.
pub fn to_proto(tensor: &Tensor) -> TensorProto {
    let mut proto = TensorProto {
        dtype: data_type::number(tensor.dtype()),
        tensor_shape: Some(shape_to_proto(&tensor.shape().into())),
        ..TensorProto::default()
    };
    match tensor.slice::<Arc<str>>() {
        Some(texts) => proto.string_val = texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect(),
        None => proto.tensor_content = content(tensor),
    }
    proto
}

/// The elements as bytes, the least first.
pub fn content(tensor: &Tensor) -> Bytes {
    macro_rules! bytes_of {
        ($($t:ty),*) => {
            $(if tensor.slice::<$t>().is_some() {
                return Bytes::from_owner(Held::<$t>(tensor.clone(), std::marker::PhantomData));
            })*
        };
    }
    if cfg!(target_endian = "little") {
        bytes_of!(f32, f64, i32, i64, f16, bf16, i8, i16, u8, u16, u32, u64);
    }
    match tensor.slice::<bool>() {
        Some(bools) => bools.iter().map(|b| u8::from(*b)).collect(),
        None => Bytes::new(),
    }
}

/// A tensor whose elements are lent as bytes.
struct Held<T>(Tensor, std::marker::PhantomData<fn() -> T>);

impl<T: Element + bytemuck::Pod> AsRef<[u8]> for Held<T> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(self.0.slice::<T>().unwrap_or_default())
    }
}

/// A shape as TensorFlow writes it, -1 where unknown.
pub fn shape_to_proto(shape: &PartialShape) -> TensorShapeProto {
    match shape.dims() {
        None => TensorShapeProto { unknown_rank: true, ..TensorShapeProto::default() },
        Some(dims) => {
            let dim = |dim: &Option<usize>| Dim { size: dim.map_or(-1, |d| d as i64), name: String::new() };
            TensorShapeProto { dim: dims.iter().map(dim).collect(), unknown_rank: false }
        }
    }
}

/// The shape that TensorFlow wrote, or what is wrong with it.
pub fn shape_from_proto(proto: &TensorShapeProto) -> Result<Shape, String> {
    if proto.unknown_rank {
        return Err("a tensor of unknown rank".to_owned());
    }
    let dim = |dim: &Dim| usize::try_from(dim.size).map_err(|_| format!("a dimension of {}", dim.size));
    Shape::new(proto.dim.iter().map(dim).collect::<Result<Vec<_>, _>>()?).map_err(|error| error.to_string())
}

/// The tensor that TensorFlow wrote, or what is wrong with it.
pub fn from_proto(proto: &TensorProto) -> Result<Tensor, String> {
    let dtype = data_type::of_number(proto.dtype)?;
    let shape = shape_from_proto(proto.tensor_shape.as_ref().unwrap_or(&TensorShapeProto::default()))?;
    let content = &proto.tensor_content;
    match dtype {
        DType::Float32 => read(shape, content, &proto.float_val, |v| *v),
        DType::Float64 => read(shape, content, &proto.double_val, |v| *v),
        DType::Float16 => read(shape, content, &proto.half_val, |v| f16::from_bits(*v as u16)),
        DType::BFloat16 => read(shape, content, &proto.half_val, |v| bf16::from_bits(*v as u16)),
        DType::Int8 => read(shape, content, &proto.int_val, |v| *v as i8),
        DType::Int16 => read(shape, content, &proto.int_val, |v| *v as i16),
        DType::Int32 => read(shape, content, &proto.int_val, |v| *v),
        DType::Int64 => read(shape, content, &proto.int64_val, |v| *v),
        DType::UInt8 => read(shape, content, &proto.int_val, |v| *v as u8),
        DType::UInt16 => read(shape, content, &proto.int_val, |v| *v as u16),
        DType::UInt32 => read(shape, content, &proto.uint32_val, |v| *v),
        DType::UInt64 => read(shape, content, &proto.uint64_val, |v| *v),
        DType::Bool if content.is_empty() => spread(shape, &proto.bool_val, |v| Ok(*v)),
        DType::Bool if content.len() == shape.elements() => {
            tensor(shape, content.iter().map(|byte| *byte != 0).collect::<Vec<bool>>())
        }
        DType::Bool => Err(wrong_length(&shape, content.len())),
        DType::String if content.is_empty() => spread(shape, &proto.string_val, text),
        DType::String => {
            let texts = texts(&shape, content)?;
            tensor(shape, texts)
        }
    }
}

fn text(bytes: &Bytes) -> Result<Arc<str>, String> {
    std::str::from_utf8(bytes).map(Arc::from).map_err(|_| "a string that is no UTF-8".to_owned())
}

/// Strings as workers send them: the length of each, then all of them.
fn texts(shape: &Shape, content: &Bytes) -> Result<Vec<Arc<str>>, String> {
    let broken = || wrong_length(shape, content.len());
    let mut rest = content.clone();
    let mut lengths = Vec::new();
    for _ in 0..shape.elements() {
        // Each takes a byte at least, so a shape that lies ends here.
        lengths.push(prost::encoding::decode_varint(&mut rest).map_err(|_| broken())?);
    }
    let mut texts = Vec::with_capacity(lengths.len());
    for length in lengths {
        let length = usize::try_from(length).ok().filter(|length| *length <= rest.len()).ok_or_else(broken)?;
        texts.push(text(&rest.split_to(length))?);
    }
    if rest.is_empty() { Ok(texts) } else { Err(broken()) }
}

/// Values that are fewer than elements are repeated for at most so many: a few bytes could ask for all memory.
const MOST_SPREAD: usize = 1 << 26;

fn wrong_length(shape: &Shape, bytes: usize) -> String {
    format!("{bytes} bytes for a tensor of shape {shape}")
}

fn tensor<T: Element>(shape: Shape, elements: Vec<T>) -> Result<Tensor, String> {
    Tensor::new(shape, elements).map_err(|error| error.to_string())
}

/// The elements of a type whose bytes are elements as they are.
fn read<T, V>(shape: Shape, content: &Bytes, values: &[V], one: impl Fn(&V) -> T) -> Result<Tensor, String>
where
    T: Element + bytemuck::Pod,
{
    if content.is_empty() {
        return spread(shape, values, |value| Ok(one(value)));
    }
    if Some(content.len()) != shape.elements().checked_mul(size_of::<T>()) {
        return Err(wrong_length(&shape, content.len()));
    }
    if cfg!(target_endian = "big") {
        return Err("elements as bytes, which this machine reads the other way round".to_owned());
    }
    let mut elements: Vec<T> = Vec::new();
    if elements.try_reserve_exact(shape.elements()).is_err() {
        return Err(format!("shape {shape}, for which there is no memory"));
    }
    elements.extend(content.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>));
    tensor(shape, elements)
}

/// Values written one by one, of which the last stands for all that follow; none are zeros.
fn spread<T: Element, V>(shape: Shape, values: &[V], one: impl Fn(&V) -> Result<T, String>) -> Result<Tensor, String> {
    let len = shape.elements();
    if len > MOST_SPREAD && values.len() < len {
        return Err(format!(
            "{} values that are to be spread over shape {shape}, which is too large for that",
            values.len()
        ));
    }
    if values.len() > len {
        return Err(format!("{} values for a tensor of shape {shape}", values.len()));
    }
    let mut elements: Vec<T> = Vec::new();
    if elements.try_reserve_exact(len).is_err() {
        return Err(format!("shape {shape}, for which there is no memory"));
    }
    for value in values {
        elements.push(one(value)?);
    }
    let last = elements.last().cloned().unwrap_or_default();
    elements.resize(len, last);
    tensor(shape, elements)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn proto(dtype: DType, dims: &[usize]) -> TensorProto {
        let shape = PartialShape::from(&Shape::new(dims).unwrap());
        TensorProto {
            dtype: data_type::number(dtype),
            tensor_shape: Some(shape_to_proto(&shape)),
            ..TensorProto::default()
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let tensors = [
            Tensor::scalar(-0.0_f32),
            Tensor::new(Shape::new([2, 0]).unwrap(), Vec::<f64>::new()).unwrap(),
            Tensor::vector(vec![f32::NAN, f32::from_bits(0xffc0_1234), f32::INFINITY, 1e-45]),
            Tensor::vector(vec![true, false, true]),
            Tensor::vector(vec![u64::MAX, 0]),
            Tensor::vector(vec![f16::from_f32(0.1), f16::NEG_INFINITY]),
            Tensor::vector(vec![bf16::from_f32(3e38)]),
            Tensor::vector::<Arc<str>>(vec!["é".into(), "".into()]),
        ];
        for tensor in tensors {
            assert!(from_proto(&to_proto(&tensor)).unwrap().same_bits(&tensor), "{tensor:?}");
        }
    }

    #[test]
    fn the_last_value_stands_for_all_that_follow() {
        let some = TensorProto { float_val: vec![1.0, 2.0], ..proto(DType::Float32, &[4]) };
        assert!(from_proto(&some).unwrap().same_bits(&Tensor::vector(vec![1.0_f32, 2.0, 2.0, 2.0])));
        let half = TensorProto { half_val: vec![0x3c00], ..proto(DType::Float16, &[2]) };
        assert!(from_proto(&half).unwrap().same_bits(&Tensor::vector(vec![f16::ONE; 2])));
        let none = proto(DType::Int8, &[2]);
        assert!(from_proto(&none).unwrap().same_bits(&Tensor::vector(vec![0_i8; 2])));
    }

    #[test]
    fn strings_come_as_lengths_and_bytes() {
        let sent = |content: &'static [u8]| {
            from_proto(&TensorProto { tensor_content: Bytes::from_static(content), ..proto(DType::String, &[2]) })
        };
        assert!(sent(b"\x01\x02abc").unwrap().same_bits(&Tensor::vector::<Arc<str>>(vec!["a".into(), "bc".into()])));
        for broken in
            [&b"\x01"[..], b"\x01\x02ab", b"\x01\x02abcd", b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x00", b"\x01\x00\xff"]
        {
            assert!(sent(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let content =
            |content: &'static [u8], proto| TensorProto { tensor_content: Bytes::from_static(content), ..proto };
        assert!(from_proto(&content(b"abc", proto(DType::Float32, &[1]))).is_err());
        assert!(from_proto(&content(b"ab", proto(DType::Bool, &[1]))).is_err());
        assert!(from_proto(&TensorProto { int_val: vec![1, 2], ..proto(DType::Int32, &[1]) }).is_err());
        let mut negative = proto(DType::Float32, &[1]);
        negative.tensor_shape.iter_mut().for_each(|shape| shape.dim[0].size = -1);
        assert!(from_proto(&negative).is_err());
        assert!(from_proto(&TensorProto { dtype: 8, ..TensorProto::default() }).is_err());
    }
}
