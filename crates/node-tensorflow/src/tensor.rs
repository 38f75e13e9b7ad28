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
        DType::String => spread(shape, &proto.string_val, |bytes| {
            std::str::from_utf8(bytes).map(Arc::from).map_err(|_| "a string that is no UTF-8".to_owned())
        }),
    }
}

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
