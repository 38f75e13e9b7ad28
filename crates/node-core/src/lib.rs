//! What a block, a port, a tensor, a page and a checked page are.
//!
//! This crate knows no execution, no screen and no file. A crate with blocks of its own needs nothing else: it
//! implements [`Block`] and calls [`register_block!`].

pub mod access;
pub mod attr;
pub mod attr_text;
pub mod block;
pub mod check;
pub mod cx;
pub mod decor;
pub mod dtype;
pub mod edit;
pub mod erased;
pub mod gradient;
pub mod history;
pub mod kernel;
pub mod literal;
pub mod name;
pub mod number;
pub mod page;
pub mod port;
pub mod ports;
pub mod problem;
pub mod registry;
pub mod remark;
pub mod shape;
pub mod spec;
pub mod tensor;
pub mod type_rule;
pub mod value;
pub mod why;

pub use half;
pub use inventory;

pub use attr::{Attr, AttrKey, AttrSpec, AttrType, Attrs};
pub use block::Block;
pub use check::{CheckedPage, Feeds, check};
pub use cx::{InferCx, InputType, KnownType, RunCx, Setup};
pub use dtype::{DType, Element};
pub use edit::Edit;
pub use history::History;
pub use kernel::Kernel;
pub use name::Name;
pub use page::{BlockId, BlockNode, Page, Placement, PortRef, Wire};
pub use port::{Direction, In, Out, PortKind, PortSpec};
pub use ports::Ports;
pub use problem::{Fault, Problem};
pub use registry::Registry;
pub use remark::{Fix, QuantRange, Quantization, Warning};
pub use shape::{PartialShape, Shape};
pub use spec::{BlockSpec, BlockType, Role};
pub use tensor::{Scalar, Tensor, TensorType};
pub use type_rule::TypeRule;
pub use value::Value;
pub use why::{Reason, WhyCx};
