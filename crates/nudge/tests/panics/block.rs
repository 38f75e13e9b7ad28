//! A block whose own code panics, at the place that its attribute names.

use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Kernel, Out, PartialShape, Quantization, RunCx, Tensor, TensorType,
    Warning, register_block,
};

/// Where it can panic.
pub const PLACES: [&str; 14] = [
    "infer",
    "infer in a run",
    "warnings",
    "warnings in a run",
    "quantization",
    "kernels",
    "kernel",
    "kernel of channels",
    "kernel that is summed",
    "kernel that is folded",
    "finish",
    "finish over axes",
    "finish of many",
    "compute",
];

const X: In<f32> = In::new("x", "Two dimensions.");
const SEEN: In<f32> = In::new("seen", "A scalar whose value is seen.").parameter();
const AT: AttrKey<i64> = AttrKey::int("at", -1, "Where it panics: a number in the list of places.");
const OUTPUT: Out<f32> = Out::new("output", "`x`, or a fold of it.");

register_block!(
    BlockSpec::new("Panics", "Test", "Panics.", "Panics where it is told to.")
        .ports([X.port(), SEEN.port()])
        .attrs([AT.spec()])
        .ports([OUTPUT.port()])
        .code(Panics)
);

struct Panics;

fn boom(at: &str) -> ! {
    panic!("boom in {at}")
}

/// Where it is to panic.
fn at(cx: &InferCx<'_>) -> &'static str {
    let number = cx.find_attr(AT).and_then(|at| usize::try_from(at).ok());
    number.and_then(|at| PLACES.get(at)).copied().unwrap_or("nowhere")
}

/// Panics if told to do so here.
fn here(cx: &InferCx<'_>, place: &str) {
    let (place, in_run) = match place.strip_suffix(" in a run") {
        Some(_) => (place, cx.find(SEEN).is_some_and(|seen| seen.value.is_some())),
        None => (place, true),
    };
    if in_run && at(cx) == place {
        boom(place);
    }
}

impl Block for Panics {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        here(cx, "infer");
        here(cx, "infer in a run");
        let x = cx.input(X)?.ty.clone();
        let shape = match (at(cx), x.shape.dims()) {
            ("kernel that is summed" | "finish", _) => PartialShape::of_dims(Vec::new()),
            ("kernel that is folded" | "finish over axes", Some([_, columns])) => PartialShape::of_dims(vec![*columns]),
            ("finish of many", Some([rows, _])) => PartialShape::of_dims(vec![*rows]),
            _ => x.shape,
        };
        Ok(vec![TensorType::new(x.dtype, shape)])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        here(cx, "kernels");
        let odd = |x: f32| if x == 7.0 { boom("a kernel") } else { x };
        let fail = |_: f64, _: usize| -> f32 { boom("finish") };
        Ok(match at(cx) {
            "compute" => Vec::new(),
            "kernel" => vec![Kernel::map(odd)],
            "kernel of channels" => vec![Kernel::map_channels(vec![(); 1000], move |(), x: f32| odd(x))],
            "kernel that is summed" => vec![Kernel::map(odd).sum::<f32>(&[true, true], |sum, _| sum as f32)],
            "kernel that is folded" => vec![Kernel::map(odd).max::<f32>(&[true, false])],
            "finish" => vec![Kernel::elements::<f32>().sum(&[true, true], fail)],
            "finish over axes" => vec![Kernel::elements::<f32>().sum(&[true, false], fail)],
            "finish of many" => vec![Kernel::elements::<f32>().sum(&[false, true], fail)],
            _ => vec![Kernel::map(|x: f32| x)],
        })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        here(cx, "compute");
        Ok(vec![cx.tensor(X)?.clone()])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        here(cx, "quantization");
        None
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        here(cx, "warnings");
        here(cx, "warnings in a run");
        Vec::new()
    }
}
