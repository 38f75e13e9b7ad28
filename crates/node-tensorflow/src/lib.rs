//! Pages as graphs of TensorFlow's: written as `GraphDef` (`.pb`, `.pbtxt`) and as Python, run on its clusters
//! ([`cluster`]), and compared with what those give ([`same_bits`]).
//!
//! This crate is the one place that knows how blocks correspond to operations ([`lower`]), and how TensorFlow writes
//! graphs down ([`proto`], [`definitions`]). Most blocks *are* operations: names of types, ports and attributes are
//! TensorFlow's, and the operation's own definition says in which order they go.

mod attr;
pub mod cluster;
mod data_type;
pub mod definitions;
pub mod described;
pub mod file;
pub mod graph;
pub mod import;
mod kept;
pub mod lower;
mod older;
pub mod page;
pub mod proto;
pub mod python;
pub mod same_bits;
pub mod tensor;
pub mod text;

pub use graph::Graph;
pub use lower::{Lowered, lower};
