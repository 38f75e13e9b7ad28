//! Models of ONNX as pages: operations that the library covers become its blocks ([`table`]), the others are kept
//! ([`opaque`]).

pub mod import;
pub mod opaque;
mod operation;
pub mod proto;
mod table;
mod tensor;

pub use import::{Import, Imported, import, read};
