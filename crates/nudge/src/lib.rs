//! The program: the editor window and the command line, as a library with a one-line main.
//!
//! A program with blocks of its own is `fn main() -> std::process::ExitCode { nudge::main() }` in a crate that names
//! the crates of those blocks.

pub mod app;
mod cli;
mod export;
pub mod folders;
mod host;
mod import;
mod importing;
mod places;
mod raster;
mod reference;
mod report;
mod results;
mod settings;
mod tensor_json;
mod warning_json;
mod writing;

use std::process::ExitCode;

use node_core::Registry;
use node_core::registry::DuplicateBlock;

/// All block types of the program: those that are linked, and operations of TensorFlow's and ONNX's by their descriptions.
pub fn registry() -> Result<Registry, DuplicateBlock> {
    node_blocks::link();
    let mut registry = Registry::linked()?;
    let described =
        |name: &str| node_onnx::opaque::block_type(name).or_else(|| node_tensorflow::described::block_type(name));
    registry.describe_others(described);
    Ok(registry)
}

/// Runs the program: reads the command line, then opens the window or does what a command says.
pub fn main() -> ExitCode {
    match registry() {
        Ok(registry) if registry.is_empty() => fail("this program was linked without any blocks, so it can do nothing"),
        Ok(registry) => cli::main(registry),
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}
