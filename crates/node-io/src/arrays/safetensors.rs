//! `.safetensors` files: a header of JSON, then bytes.

use std::fs::File;
use std::io::Read;

use node_core::{DType, Shape};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::{Array, Place, from_begin, one_line};
use crate::npy::{self, Header};
use crate::page_file::io_message;

/// The longest header that the format allows.
const MOST: u64 = 100_000_000;

/// The data types that both have.
const DTYPES: [(Dtype, DType); 13] = [
    (Dtype::BOOL, DType::Bool),
    (Dtype::U8, DType::UInt8),
    (Dtype::I8, DType::Int8),
    (Dtype::I16, DType::Int16),
    (Dtype::U16, DType::UInt16),
    (Dtype::F16, DType::Float16),
    (Dtype::BF16, DType::BFloat16),
    (Dtype::I32, DType::Int32),
    (Dtype::U32, DType::UInt32),
    (Dtype::F32, DType::Float32),
    (Dtype::F64, DType::Float64),
    (Dtype::I64, DType::Int64),
    (Dtype::U64, DType::UInt64),
];

/// What the format calls a data type, if it has it.
pub fn of_dtype(dtype: DType) -> Option<Dtype> {
    DTYPES.into_iter().find(|(_, own)| *own == dtype).map(|(theirs, _)| theirs)
}

/// What a file holds, sorted by name.
pub fn list(file: &File) -> Result<Vec<Array>, String> {
    let broken = |what: String| format!("is no .safetensors file that can be read: {what}");
    let all = file.metadata().map_err(|e| io_message(&e))?.len();
    let mut reader = from_begin(file).map_err(|e| io_message(&e))?;
    let mut length = [0; 8];
    let is_whole = npy::fill(&mut reader, &mut length).map_err(|e| io_message(&e))? == 8;
    let length = u64::from_le_bytes(length);
    if !is_whole || length > MOST || length > all.saturating_sub(8) {
        return Err(broken(format!("it claims a header of {length} bytes, but holds {all}")));
    }
    let mut header = Vec::new();
    reader.take(length).read_to_end(&mut header).map_err(|e| io_message(&e))?;
    let metadata: Metadata = serde_json::from_slice(&header).map_err(|error| broken(one_line(&error)))?;
    let begin = 8 + length;
    let there = all - begin;
    let wanted = metadata.data_len() as u64;
    if there != wanted {
        return Err(broken(format!("its arrays take {wanted} bytes, but it holds {there}")));
    }
    let mut arrays: Vec<Array> =
        metadata.tensors().into_iter().map(|(name, info)| Array { name, place: place(info, begin) }).collect();
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(arrays)
}

fn place(info: &TensorInfo, begin: u64) -> Result<Place, String> {
    let dtype = DTYPES.into_iter().find(|(theirs, _)| *theirs == info.dtype).map(|(_, own)| own);
    let dtype = dtype.ok_or_else(|| format!("holds elements of type {:?}, which Nudge does not have", info.dtype))?;
    let shape = Shape::new(info.shape.clone()).map_err(|e| e.to_string())?;
    let header = Header { dtype, big_endian: false, fortran_order: false, shape };
    let (from, to) = info.data_offsets;
    npy::matches(&header, (to as u64).saturating_sub(from as u64)).map_err(|e| e.to_string())?;
    Ok(Place::Raw(header, begin + from as u64))
}
