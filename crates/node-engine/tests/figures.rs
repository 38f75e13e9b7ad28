//! Figures of the trained model's arrays, held against NumPy's (`assets/golden/make_figures.py`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::path::{Path, PathBuf};

use node_core::access::{Alone, Files as _};
use node_core::{QuantRange, Quantization, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::distribution::Distribution;
use node_engine::analysis::quantized::{Around, Damage, damage};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn figures() -> Value {
    let text = std::fs::read_to_string(root().join("assets/golden/figures.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn array(name: &str, part: &str) -> Tensor {
    let files = node_io::files::TensorFiles::of_page(Some(&root().join("pages")), &[]);
    files.open(&format!("trained/{name}"), part, &Alone).unwrap()
}

fn near(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{what}: {found}, NumPy {expected}");
}

#[test]
fn distributions() {
    let figures = figures();
    for (name, tensor) in
        [("activations", array("activations.npy", "")), ("weights", array("weights.safetensors", "conv4.weight"))]
    {
        let (found, numpy) = (Distribution::of(&tensor, None, &Stop::default()).unwrap(), &figures[name]);
        assert_eq!((Some(found.count), Some(found.zeros)), (numpy["count"].as_u64(), numpy["zeros"].as_u64()));
        for (what, value) in [("min", found.min), ("max", found.max), ("mean", found.mean), ("std", found.std)] {
            near(what, value, &numpy[what]);
        }
        for (found, expected) in found.percentiles.iter().zip(numpy["percentiles"].as_array().unwrap()) {
            near("percentile", *found, expected);
        }
        assert_eq!(found.bars.iter().sum::<u64>(), found.count);
    }
}

/// Quantizes as a block would: the range in force, and what comes of the elements.
fn quantized(input: &Tensor, ends: &[(f32, f32)], bits: i64) -> (Quantization, Tensor) {
    let quantization = ranges(ends, bits);
    let channels = quantization.ranges.len();
    let quantize = |(at, x): (usize, &f32)| {
        let range = &quantization.ranges[at % channels];
        let clamped = x.max(range.nudged_min).min(range.nudged_max);
        let inverse = 1.0 / range.scale;
        ((clamped - range.nudged_min) * inverse + 0.5).floor() * range.scale + range.nudged_min
    };
    let values = input.slice::<f32>().unwrap().iter().enumerate().map(quantize).collect();
    (quantization.clone(), Tensor::new(input.shape().clone(), values).unwrap())
}

fn ranges(ends: &[(f32, f32)], bits: i64) -> Quantization {
    let steps = (2f32).powi(bits as i32) - 1.0;
    let nudge = |(min, max): &(f32, f32)| {
        let scale = (max - min) / steps;
        let zero = (0.0 - min / scale).clamp(0.0, steps).round();
        QuantRange {
            min: *min,
            max: *max,
            nudged_min: (0.0 - zero) * scale,
            nudged_max: (steps - zero) * scale,
            scale,
            zero_point: zero as i64,
        }
    };
    let ranges = ends.iter().map(nudge).collect();
    Quantization {
        input: "inputs".into(),
        output: Some("output".into()),
        gradients: None,
        ends: ["min".into(), "max".into()],
        ranges,
    }
}

fn compare(found: &Damage, numpy: &Value) {
    assert_eq!(Some(found.shares.below), numpy["below"].as_u64());
    assert_eq!(Some(found.shares.above), numpy["above"].as_u64());
    assert_eq!(found.levels.map(|[used, _]| used), numpy["levels"].as_u64());
    near("mse", found.mse(), &numpy["mse"]);
    near("largest", found.largest, &numpy["largest"]);
    near("sqnr", found.sqnr_db(), &numpy["sqnr_db"]);
}

#[test]
fn damage_of_one_range() {
    let (input, gradients) = (array("activations.npy", ""), array("gradients.npy", ""));
    let (quantization, output) = quantized(&input, &[(0.0, 27.78)], 4);
    let around = Around { input: &input, output: Some(&output), gradients: Some(&gradients) };
    let found = damage(&around, &quantization.ranges, &Stop::default()).unwrap();
    let numpy = &figures()["fq"];
    compare(&found[0], numpy);
    for (found, expected) in found[0].gradient.iter().zip(numpy["gradient"].as_array().unwrap()) {
        near("gradient", *found, expected);
    }
}

#[test]
fn damage_of_channels() {
    let input = array("weights.safetensors", "conv4.weight");
    let mut ends = vec![(f32::INFINITY, f32::NEG_INFINITY); 128];
    for (at, x) in input.slice::<f32>().unwrap().iter().enumerate() {
        let (min, max) = &mut ends[at % 128];
        (*min, *max) = (min.min(*x), max.max(*x));
    }
    let (quantization, output) = quantized(&input, &ends, 8);
    let around = Around { input: &input, output: Some(&output), gradients: None };
    let found = damage(&around, &quantization.ranges, &Stop::default()).unwrap();
    for (found, numpy) in found.iter().zip(figures()["per_channel"].as_array().unwrap()) {
        compare(found, numpy);
    }
}
