//! The program with blocks that panic: one in its own code, one where nothing guards it.

mod block;

use node_core::tensor::{Buffer, Storage};
use node_core::{Block, BlockSpec, DType, Fault, InferCx, Out, Role, RunCx, Shape, Tensor, TensorType, register_block};

const OUTPUT: Out<f32> = Out::new("output", "Elements that cannot always be read.");

register_block!(
    BlockSpec::new("Trap", "Test", "Breaks the program.", "Breaks whoever looks at its elements, when it is told to.")
        .role(Role::Constant)
        .ports([OUTPUT.port()])
        .code(Trap)
);

struct Trap;

impl Block for Trap {
    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(DType::Float32, (&Shape::vector(2)).into())])
    }

    fn compute(&self, _: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let tensor = Tensor::from_buffer(Shape::vector(2), Buffer::new(Elements));
        Ok(vec![tensor.map_err(|error| vec![Fault::block(error.to_string())])?])
    }
}

/// What the inspector reads without being guarded: it is the program's own.
struct Elements;

impl Storage<f32> for Elements {
    fn as_slice(&self) -> &[f32] {
        let is_painting = std::thread::current().name() == Some("main");
        let flag = std::env::var_os("PANIC_WHEN").filter(|_| is_painting);
        if flag.is_some_and(|flag| std::path::Path::new(&flag).exists()) {
            panic!("told to panic");
        }
        &[9.0, 8.0]
    }
}

fn main() -> std::process::ExitCode {
    nudge::main()
}
