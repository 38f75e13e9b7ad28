//! Blocks that go wrong, and what the tests of runs share.

use node_core::check::{CheckedPage, Feeds};
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Registry, Role, SCOPE, TensorType};
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
    let plan = plan(&checked, &Request::fetch(&ports(fetch)), &feeds);
    (checked, plan)
}

/// A block that goes wrong in one of several ways.
pub struct Wrong(pub &'static BlockSpec, pub fn(&InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>>);

pub const X: In<f32> = In::new("x", "Any shape.");
pub const OUTPUT: Out<f32> = Out::new("output", "Nothing good.");

pub static PORTS: [node_core::PortSpec; 3] = [SCOPE, X.port(), OUTPUT.port()];

pub const fn spec(name: &'static str) -> BlockSpec {
    BlockSpec {
        name,
        category: "Test",
        summary: "Goes wrong.",
        docs: "Goes wrong.",
        role: Role::Operation,
        ports: &PORTS,
        attrs: &[],
    }
}

impl Block for Wrong {
    fn spec(&self) -> &'static BlockSpec {
        self.0
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        (self.1)(cx)
    }
}

pub fn with_wrong_blocks() -> Registry {
    static PANICS: BlockSpec = spec("Panics");
    static FAILS: BlockSpec = spec("Fails");
    static MISFITS: BlockSpec = spec("Misfits");
    let panics: &'static Wrong = Box::leak(Box::new(Wrong(&PANICS, |_| {
        Ok(vec![Kernel::map(|x: f32| if x > 7.9 { panic!("boiled over at {x}") } else { x })])
    })));
    let fails: &'static Wrong = Box::leak(Box::new(Wrong(&FAILS, |_| Err(vec![Fault::at("x", "is not liked")]))));
    let misfits: &'static Wrong = Box::leak(Box::new(Wrong(&MISFITS, |_| Ok(vec![Kernel::map(|x: i32| x)]))));
    let mut registry = registry();
    for block in [panics, fails, misfits] {
        registry.add(block).unwrap();
    }
    registry
}
