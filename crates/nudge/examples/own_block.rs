//! A whole program with a block of its own: `cargo run --release --example own_block`.

use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, TensorType, register_block};

const X: In<f32> = In::new("x", "Any shape.");
const OUTPUT: Out<f32> = Out::new("output", "`x` where it is positive, `x / 8` elsewhere; shape of `x`.");

register_block!(
    BlockSpec::new(
        "ShiftLeakyRelu",
        "Math",
        "x > 0 ? x : x / 8.",
        "A leaky ReLU whose slope is a shift by three bits, as integer hardware likes it.",
    )
    .ports([X.port(), OUTPUT.port()])
    .code(ShiftLeakyRelu)
);

struct ShiftLeakyRelu;

impl Block for ShiftLeakyRelu {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn kernels(&self, _: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![Kernel::map(|x: f32| if x > 0.0 { x } else { x * 0.125 })])
    }
}

fn main() -> std::process::ExitCode {
    nudge::main()
}
