//! A program with a block of its own, in one file, with node-core and `nudge::main()` only.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::PathBuf;
use std::process::Command;

/// Cargo builds examples beside the tests, but not when a single test file is asked for.
fn example() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--quiet", "--package", "nudge", "--example", "own_block"];
    assert!(Command::new(cargo).args(build).status().unwrap().success());
    let tests = std::env::current_exe().unwrap();
    tests.ancestors().nth(2).unwrap().join("examples").join(format!("own_block{}", std::env::consts::EXE_SUFFIX))
}

#[test]
fn the_example_runs_its_own_block_beside_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.json");
    let text = r#"{"nudge": 1, "blocks": {
        "own": {"type": "ShiftLeakyRelu", "inputs": {"x": [-8, 2]}},
        "sq": {"type": "Square"}}, "wires": [["own.output", "sq.x"]]}"#;
    std::fs::write(&page, text).unwrap();
    let output = Command::new(example()).arg("run").arg(&page).output().expect("the example is built with the tests");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "sq.output: float32 [2]\n[1. 4.]\n");

    let library = Command::new(env!("CARGO_BIN_EXE_nudge")).arg("run").arg(&page).output().unwrap();
    assert!(String::from_utf8(library.stderr).unwrap().contains("'ShiftLeakyRelu' is unknown"));
}

#[test]
fn the_readme_shows_the_example_whole() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("../../README.md")).unwrap();
    let example = std::fs::read_to_string(root.join("examples/own_block.rs")).unwrap();
    assert!(readme.contains(example.trim()), "README.md and crates/nudge/examples/own_block.rs differ");
}
