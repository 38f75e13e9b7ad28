//! What a block, a port, a tensor, a page and a checked page are.
//!
//! This crate knows no execution, no screen and no file. A crate with blocks of its own needs nothing else: it
//! implements [`Block`] and calls [`register_block!`].

pub mod access;
pub mod attr;
pub mod attr_text;
pub mod block;
pub mod check;
pub mod dtype;
pub mod edit;
pub mod history;
pub mod kernel;
pub mod literal;
pub mod number;
pub mod page;
pub mod port;
pub mod problem;
pub mod registry;
pub mod shape;
pub mod spec;
pub mod tensor;
pub mod value;

pub use inventory;

pub use attr::{Attr, AttrKey, AttrSpec, AttrType, Attrs};
pub use block::{Block, InferCx, InputType, KnownType, QuantRange, Quantization, RunCx, Warning};
pub use check::{CheckedPage, Feeds, check};
pub use dtype::{DType, Element};
pub use edit::Edit;
pub use history::History;
pub use kernel::Kernel;
pub use page::{BlockId, BlockNode, Page, Placement, PortRef, Wire};
pub use port::{ATTRS, ATTRS_OUT, Direction, In, Out, PortKind, PortSpec, SCOPE};
pub use problem::{Fault, Problem};
pub use registry::Registry;
pub use shape::{PartialShape, Shape};
pub use spec::{BlockSpec, Role};
pub use tensor::{Scalar, Tensor, TensorType};
pub use value::Value;
