//! The block library: one file a block, or a family that shares a kernel.
//!
//! A new block is a new file with a [`Block`](node_core::Block) in it and a `register_block!` line, and one `mod` line.

mod math;
mod quantization;
mod run;
mod sources;

/// Makes the linker keep this crate, whose blocks nobody names: call it once in a program's main and in tests.
pub fn link() {
    std::hint::black_box(&sources::Const);
}
