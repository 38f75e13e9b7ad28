//! Blocks that go wrong, and what the tests of runs share.

use node_core::check::{CheckedPage, Feeds};
use node_core::tensor::{Buffer, Storage};
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Registry, RunCx, Tensor, TensorType};
use node_engine::{Engine, Plan, Request, RunOptions, Session, plan};

use super::{checked, noise, page, ports, registry};

pub const LIMIT: u64 = 1 << 30;

pub fn run(session: &mut Session, engine: &mut Engine) {
    session.run(engine, &RunOptions::with_memory_limit(LIMIT), &mut |_, _| {});
}

/// `y = x²`, `z = y - mean(y)`: two regions with a fold between them.
pub const CENTRED: &str = r#"{"nudge": 1, "blocks": {
    "x": {"type": "Placeholder"}, "y": {"type": "Square"}, "mean": {"type": "Mean"}, "z": {"type": "Sub"}
}, "wires": [["x.output", "y.x"], ["y.output", "mean.input"], ["y.output", "z.x"], ["mean.output", "z.y"]]}"#;

pub fn fed(text: &str, len: usize, fetch: &[&str]) -> (CheckedPage, Plan) {
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(len, 3)]).collect();
    let checked = checked(page(text), &feeds);
    let plan = plan(&checked, &Request::fetch(&ports(fetch)));
    (checked, plan)
}

/// A block that goes wrong in one of several ways.
pub struct Wrong(pub fn(&InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>>);

pub const X: In<f32> = In::new("x", "Any shape.");
pub const OUTPUT: Out<f32> = Out::new("output", "Nothing good.");

pub fn spec(name: &'static str) -> BlockSpec {
    BlockSpec::new(name, "Test", "Goes wrong.", "Goes wrong.").ports([X.port(), OUTPUT.port()])
}

impl Block for Wrong {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        (self.0)(cx)
    }
}

/// Computes by itself: copies its input, fails, or gives what nobody may write to.
pub struct Computes(pub fn(&RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>>);

impl Block for Computes {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        (self.0)(cx)
    }
}

/// Elements that can be read and not written, as those of a mapped file.
struct ReadOnly(Vec<f32>);

impl Storage<f32> for ReadOnly {
    fn as_slice(&self) -> &[f32] {
        &self.0
    }
}

fn result(cx: &RunCx<'_>, buffer: Buffer<f32>) -> Result<Vec<Tensor>, Vec<Fault>> {
    let tensor = Tensor::from_buffer(cx.outputs()[0].shape.clone(), buffer);
    tensor.map(|tensor| vec![tensor]).map_err(|error| vec![Fault::block(error.to_string())])
}

/// All blocks, and those that go wrong.
pub fn with_wrong_blocks() -> Registry {
    let wrong = [
        ("Panics", Wrong(|_| Ok(vec![Kernel::map(|x: f32| if x > 7.9 { panic!("boiled over at {x}") } else { x })]))),
        ("Fails", Wrong(|_| Err(vec![Fault::at("x", "is not liked")]))),
        ("Misfits", Wrong(|_| Ok(vec![Kernel::map(|x: i32| x)]))),
    ];
    let computes = [
        ("Copies", Computes(|cx| result(cx, Buffer::new(cx.slice(X)?.to_vec())))),
        ("FailsInComputing", Computes(|_| Err(vec![Fault::block("does not work")]))),
        ("GivesReadOnly", Computes(|cx| result(cx, Buffer::new(ReadOnly(cx.slice(X)?.to_vec()))))),
    ];
    let mut registry = registry();
    wrong.into_iter().for_each(|(name, block)| registry.add(spec(name).code(block)).unwrap());
    computes.into_iter().for_each(|(name, block)| registry.add(spec(name).code(block)).unwrap());
    registry
}
