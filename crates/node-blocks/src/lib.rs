//! The block library: one file a block, or a family that shares a kernel.
//!
//! A new block is a new file with a `register_block!` line, and one `mod` line. A block that works element by element or
//! folds elements is a line of its family ([`elementwise`], [`reductions::fold`]) with its documentation and its kernel; others
//! implement [`Block`](node_core::Block). Folders are the palette's headings.

mod activations;
mod arrays;
mod axis;
mod batches;
mod computed;
mod division;
mod elementwise;
mod gather;
mod given;
mod gradients;
mod logic;
mod math;
mod nn;
mod numbers;
mod products;
mod quantization;
mod random;
mod reductions;
mod run;
mod sources;
mod training;
mod transcendental;

/// Makes the linker keep this crate, whose blocks nobody names: call it once in a program's main and in tests.
pub fn link() {
    std::hint::black_box(&sources::Const);
}
