//! Models of ONNX become pages that give what ONNX's reference gives. `onnx/node_tests.py` runs all of ONNX's own node
//! tests, where the package is installed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/onnx")
}

fn nudge(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nudge")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Imports a model, and says what was told.
fn imported(name: &str, page: &Path) -> String {
    let model = assets().join(format!("{name}.onnx"));
    let output = nudge(&["import", model.to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stderr)
}

fn results() -> Value {
    serde_json::from_str(&std::fs::read_to_string(assets().join("results.json")).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().unwrap_or_else(|| panic!("{other}"))],
    }
}

/// Runs a page and holds what it fetches against the reference.
fn agrees(name: &str, page: &Path, fetch: &[&str]) {
    let all = results();
    let of = &all[name];
    let feed = format!("x.output={}", of["x"]);
    let mut arguments = vec!["run", page.to_str().unwrap(), "--feed", &feed, "--format", "json"];
    let ports: Vec<String> = fetch.iter().map(|output| format!("{output}.output")).collect();
    ports.iter().for_each(|port| arguments.extend(["--fetch", port]));
    let output = nudge(&arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (output, port) in fetch.iter().zip(&ports) {
        let (found, wanted) = (&found["results"][port], &of["outputs"][*output]);
        assert_eq!((&found["dtype"], &found["shape"]), (&wanted["dtype"], &wanted["shape"]), "{name} {output}");
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-5 * b.abs().max(1.0);
        let (found, wanted) = (numbers(&found["data"]), numbers(&wanted["data"]));
        assert!(
            found.len() == wanted.len() && found.iter().zip(&wanted).all(is_near),
            "{name} {output}: {found:?}, not {wanted:?}"
        );
    }
}

#[test]
fn networks_and_quantized_layers_give_what_the_reference_gives() {
    let folder = tempfile::tempdir().unwrap();
    for (name, outputs) in [("network", &["y", "part"][..]), ("quantized", &["y", "yq", "ys", "whole"])] {
        let page = folder.path().join(format!("{name}.json"));
        let told = imported(name, &page);
        assert!(!told.contains("cannot run"), "{told}");
        agrees(name, &page, outputs);
    }
    let network = std::fs::read_to_string(folder.path().join("network.json")).unwrap();
    assert!(folder.path().join("network.constants.safetensors").exists(), "initialisers are beside the page");
    assert!(network.contains("\"first_conv") && network.contains("network.constants.safetensors"), "{network}");
}

#[test]
fn what_no_block_stands_for_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("kept.json");
    let told = imported("kept", &page);
    assert!(told.contains("Trilu (is not covered): lower/part is kept as the model has it, and cannot run"), "{told}");
    let text_of_page = std::fs::read_to_string(&page).unwrap();
    assert!(
        text_of_page.contains(r#""type": "OnnxOperation", "attrs": {"op_type": "Trilu", "num_outputs": 1}"#),
        "{text_of_page}"
    );
    assert!(text_of_page.contains("onnx_node"));
    agrees("kept", &page, &["y"]);
    let whole = nudge(&["run", page.to_str().unwrap(), "--feed", "x.output=[[1, 1, 1], [1, 1, 1], [1, 1, 1]]"]);
    assert!(
        text(&whole.stderr).contains("lower_part: OnnxOperation cannot be computed here"),
        "{}",
        text(&whole.stderr)
    );
}

#[test]
fn what_is_no_model_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.json");
    let whole = std::fs::read(assets().join("network.onnx")).unwrap();
    for (bytes, words) in [
        (&b"{}"[..], "no model of ONNX, or is cut off"),
        (b"", "a model without a graph"),
        (&whole[..whole.len() / 2], "no model of ONNX, or is cut off"),
    ] {
        let path = folder.path().join("broken.onnx");
        std::fs::write(&path, bytes).unwrap();
        let output = nudge(&["import", path.to_str().unwrap(), "-o", page.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
        assert!(!page.exists());
    }
}
