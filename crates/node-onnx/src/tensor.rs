//! Tensors and data types as ONNX writes them.

use std::sync::Arc;

use bytes::Bytes;
use node_core::half::{bf16, f16};
use node_core::{DType, Element, PartialShape, Shape, Tensor};

use crate::proto::{TensorProto, TensorType};

/// Data types by their numbers.
const TYPES: [(i32, DType); 14] = [
    (1, DType::Float32),
    (2, DType::UInt8),
    (3, DType::Int8),
    (4, DType::UInt16),
    (5, DType::Int16),
    (6, DType::Int32),
    (7, DType::Int64),
    (8, DType::String),
    (9, DType::Bool),
    (10, DType::Float16),
    (11, DType::Float64),
    (12, DType::UInt32),
    (13, DType::UInt64),
    (16, DType::BFloat16),
];

/// The data type of a number, if there are tensors of it here.
pub fn dtype(number: i64) -> Result<DType, String> {
    let found = TYPES.iter().find(|(own, _)| i64::from(*own) == number).map(|(_, dtype)| *dtype);
    found.ok_or_else(|| format!("data type number {number} of ONNX's, which there are no tensors of here"))
}

/// The shape of a value, as far as it is known.
pub fn shape(ty: &TensorType) -> PartialShape {
    let Some(shape) = &ty.shape else { return PartialShape::default() };
    let dim = |dim: &crate::proto::Dimension| dim.dim_value.and_then(|dim| usize::try_from(dim).ok());
    PartialShape::of_dims(shape.dim.iter().map(dim).collect())
}

/// The tensor that a model holds, or what is wrong with it.
pub fn tensor(proto: &TensorProto) -> Result<Tensor, String> {
    if proto.data_location != 0 {
        return Err("elements in a file of their own, which are not read".to_owned());
    }
    let dtype = dtype(i64::from(proto.data_type))?;
    let dim = |dim: &i64| usize::try_from(*dim).map_err(|_| format!("a dimension of {dim}"));
    let dims = proto.dims.iter().map(dim).collect::<Result<Vec<_>, _>>()?;
    let shape = Shape::new(dims).map_err(|error| error.to_string())?;
    let (raw, ints) = (&proto.raw_data, &proto.int32_data);
    match dtype {
        DType::Float32 => read(shape, raw, &proto.float_data, |v| *v),
        DType::Float64 => read(shape, raw, &proto.double_data, |v| *v),
        DType::Int32 => read(shape, raw, ints, |v| *v),
        DType::Int64 => read(shape, raw, &proto.int64_data, |v| *v),
        DType::Int8 => read(shape, raw, ints, |v| *v as i8),
        DType::Int16 => read(shape, raw, ints, |v| *v as i16),
        DType::UInt8 => read(shape, raw, ints, |v| *v as u8),
        DType::UInt16 => read(shape, raw, ints, |v| *v as u16),
        DType::UInt32 => read(shape, raw, &proto.uint64_data, |v| *v as u32),
        DType::UInt64 => read(shape, raw, &proto.uint64_data, |v| *v),
        DType::Float16 => read(shape, raw, ints, |v| f16::from_bits(*v as u16)),
        DType::BFloat16 => read(shape, raw, ints, |v| bf16::from_bits(*v as u16)),
        DType::Bool if raw.is_empty() => whole(shape, ints.iter().map(|v| *v != 0).collect()),
        DType::Bool => whole(shape, raw.iter().map(|v| *v != 0).collect::<Vec<bool>>()),
        DType::String => {
            let text = |bytes: &Bytes| std::str::from_utf8(bytes).map(Arc::<str>::from);
            let texts: Result<Vec<Arc<str>>, _> = proto.string_data.iter().map(text).collect();
            whole(shape, texts.map_err(|_| "a string that is no UTF-8".to_owned())?)
        }
    }
}

fn whole<T: Element>(shape: Shape, elements: Vec<T>) -> Result<Tensor, String> {
    if elements.len() != shape.elements() {
        return Err(format!("{} elements for a tensor of shape {shape}", elements.len()));
    }
    Tensor::new(shape, elements).map_err(|error| error.to_string())
}

/// Elements as bytes, the least first, or one by one.
fn read<T, V>(shape: Shape, raw: &Bytes, values: &[V], one: impl Fn(&V) -> T) -> Result<Tensor, String>
where
    T: Element + bytemuck::Pod,
{
    if raw.is_empty() {
        return whole(shape, values.iter().map(one).collect());
    }
    if cfg!(target_endian = "big") {
        return Err("elements as bytes, which this machine reads the other way round".to_owned());
    }
    if shape.elements().checked_mul(size_of::<T>()) != Some(raw.len()) {
        return Err(format!("{} bytes for a tensor of shape {shape}", raw.len()));
    }
    whole(shape, raw.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>).collect())
}
