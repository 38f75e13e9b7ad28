//! Curves of blocks, held against what is known of their functions by other ways.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use common::{checked, page, registry};
use node_core::check::{Feeds, Source};
use node_core::{BlockId, InputType, Setup, Tensor, TensorType};
use node_engine::analysis::Stop;
use node_engine::analysis::curve::{Curve, Varied, curve};

/// The block called `b` of a page whose inputs are all literals.
fn varied(block: &str, input: &str, channel: Option<[usize; 2]>) -> Varied {
    let page = page(&format!(r#"{{"nudge": 1, "blocks": {{"b": {block}}}}}"#));
    let page = checked(page, &Feeds::new());
    let block = &page.blocks[&BlockId::new("b").unwrap()];
    let setup: Setup = (**block.setup.as_ref().unwrap()).clone();
    let inputs = block.inputs.iter().enumerate().map(|(nth, sources)| {
        let known = sources.iter().map(|source| match source {
            Source::Literal => {
                let tensor: Tensor = block.literals[nth].as_ref().unwrap().tensor.clone();
                InputType { ty: TensorType::new(tensor.dtype(), tensor.shape().into()), value: Some(tensor) }
            }
            Source::Output { .. } => panic!("literals alone"),
        });
        known.collect()
    });
    let inputs = inputs.collect();
    let input = setup.spec().input_index(input).unwrap();
    Varied { setup, inputs, input, output: 0, channel }
}

fn of(varied: &Varied, ends: [f64; 2], is_stepped: bool) -> Curve {
    curve(varied, ends, (400, &[]), is_stepped, &Stop::default()).expect("a curve")
}

/// Where the output jumps, as float32.
fn jumps(curve: &Curve) -> Vec<[f32; 2]> {
    let pairs = curve.points.windows(2).filter(|pair| pair[0][1] != pair[1][1]);
    pairs.map(|pair| [pair[0][0] as f32, pair[1][0] as f32]).collect()
}

#[test]
fn the_gate_of_a_gradient_is_at_the_nudged_ends() {
    let block = r#"{"type": "FakeQuantWithMinMaxArgsGradient", "inputs": {"gradients": [3, 4], "inputs": [1, 9]}}"#;
    let gate = of(&varied(block, "inputs", None), [-8.0, 8.0], true);
    let [rise, fall] = jumps(&gate)[..] else { panic!("one step up and one down: {:?}", jumps(&gate)) };
    // As TensorFlow nudges -6 to 6.
    assert_eq!((rise[1], fall[0]), (-6.023_529_5, 5.976_470_5));
    assert_eq!((rise[0], fall[1]), (rise[1].next_down(), fall[0].next_up()), "between neighbouring numbers");
    assert_eq!(gate.held.iter().map(|name| &**name).collect::<Vec<_>>(), ["gradients"]);
    assert!(gate.points.iter().all(|point| point[1] == 0.0 || point[1] == 1.0), "gradients are held at 1");
}

#[test]
fn the_staircase_of_a_quantizer() {
    let block = r#"{"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 3, "num_bits": 2},
        "inputs": {"inputs": [0.5]}}"#;
    let steps = of(&varied(block, "inputs", None), [-1.0, 5.0], true);
    // Halves go up; 0.5 less one step does too, since its sum with 0.5 is rounded to 1 in float32.
    let firsts = [0.5f32.next_down(), 1.5, 2.5];
    assert!(firsts[0] < 0.5 && firsts[0] + 0.5 == 1.0);
    assert_eq!(jumps(&steps), firsts.map(|x| [x.next_down(), x]));
    let values: Vec<f64> = steps.points.iter().map(|point| point[1]).collect();
    assert!(values.is_sorted() && values[0] == 0.0 && values[values.len() - 1] == 3.0);
}

/// Places are four apart, a level is 0.047: between two of them there are many.
#[test]
fn all_steps_are_found_however_near() {
    let block = r#"{"type": "FakeQuantWithMinMaxArgs", "inputs": {"inputs": [0.5]}}"#;
    let steps = of(&varied(block, "inputs", None), [-800.0, 800.0], true);
    let found = jumps(&steps);
    assert_eq!(found.len(), 255, "256 levels");
    assert!(found.iter().all(|[a, b]| a.next_up() == *b), "between neighbouring numbers");
}

#[test]
fn a_gate_that_lies_between_two_places_is_met() {
    let block = r#"{"type": "FakeQuantWithMinMaxArgsGradient", "inputs": {"gradients": [3], "inputs": [1]}}"#;
    let varied = varied(block, "inputs", None);
    let met = [f64::from(-6.023_529_5f32), f64::from(5.976_470_5f32)];
    let gate = curve(&varied, [-1e6, 1e6], (400, &met), true, &Stop::default()).unwrap();
    assert_eq!(jumps(&gate).iter().map(|pair| pair[1]).collect::<Vec<_>>(), [-6.023_529_5, 5.976_470_5f32.next_up()]);
}

#[test]
fn channels_have_ranges_of_their_own() {
    let block = r#"{"type": "FakeQuantWithMinMaxVarsPerChannel", "attrs": {"num_bits": 2},
        "inputs": {"inputs": [[0, 1], [1, 2]], "min": [0, 0], "max": [3, 30]}}"#;
    for (channel, firsts) in [(0, 0.5f32), (1, 5.0)] {
        let steps = of(&varied(block, "inputs", Some([channel, 2])), [-1.0, 40.0], true);
        assert!((jumps(&steps)[0][1] / firsts - 1.0).abs() < 2e-7, "{:?}", jumps(&steps));
    }
}

#[test]
fn smooth_functions() {
    let square = of(&varied(r#"{"type": "Square", "inputs": {"x": [1, 2]}}"#, "x", None), [-3.0, 3.0], false);
    assert!(square.points.len() == 400 && square.points.iter().all(|[x, y]| (*x as f32).powi(2) == *y as f32));
    let scaled = varied(r#"{"type": "Mul", "inputs": {"x": [1, 2], "y": 2.5}}"#, "x", None);
    let scaled = of(&scaled, [0.0, 4.0], false);
    assert!(scaled.points.iter().all(|[x, y]| *y as f32 == *x as f32 * 2.5), "a single number is what it is");
    assert!(scaled.held.is_empty());
}

#[test]
fn where_there_is_none() {
    let none =
        |block: &str, input: &str| curve(&varied(block, input, None), [0.0, 1.0], (9, &[]), false, &Stop::default());
    assert_eq!(none(r#"{"type": "Mean", "inputs": {"input": [1, 2]}}"#, "input"), None, "a fold");
    let broadcast = r#"{"type": "AddV2", "inputs": {"x": [[1, 2], [3, 4]], "y": [5, 6]}}"#;
    assert_eq!(none(broadcast, "x"), None, "neither a number nor an element each");
    assert_eq!(
        none(r#"{"type": "Square", "inputs": {"x": {"dtype": "int32", "shape": [1], "data": [1]}}}"#, "x"),
        None
    );
    assert!(registry().get("Square").is_some());
}
