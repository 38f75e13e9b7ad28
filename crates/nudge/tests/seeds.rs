//! What fuzzing begins with, and what it has found: replayed without a fuzzer.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../../../fuzz/checks.rs"]
mod checks;

use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&std::fs::read(path).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 5, "only {replayed} seeds for {target}");
}

#[test]
fn pages() {
    replay("page", checks::page);
}

#[test]
fn attributes() {
    replay("attributes", checks::attributes);
}

#[test]
fn literals() {
    replay("literal", checks::literal);
}

#[test]
fn npy_files() {
    replay("npy", checks::npy);
}

#[test]
fn options() {
    replay("options", checks::options);
}

#[test]
fn npz_files() {
    replay("npz", checks::npz);
}

#[test]
fn safetensors_files() {
    replay("safetensors", checks::safetensors);
}

#[test]
fn csv_files() {
    replay("csv", checks::csv);
}

#[test]
fn images() {
    replay("image", checks::image);
}

#[test]
fn protocol_buffers() {
    replay("protobuf", checks::protobuf);
}
