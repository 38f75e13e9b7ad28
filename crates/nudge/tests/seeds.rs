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
        let bytes = std::fs::read(path).unwrap();
        check(&bytes);
        mutated(&bytes, check);
        replayed += 1;
    }
    assert!(replayed >= 5, "only {replayed} seeds for {target}");
}

/// As many changes of each seed are tried: `NUDGE_SEEDS`, else a few.
fn changes() -> u64 {
    std::env::var("NUDGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(20)
}

/// A seed with some bytes changed, left out, repeated, or put elsewhere.
fn mutated(seed: &[u8], check: fn(&[u8])) {
    for number in 0..changes() {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.len() as u64;
        let mut below = |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % limit.max(1) as u64) as usize
        };
        let mut bytes = seed.to_vec();
        for _ in 0..=below(6) {
            let (at, end) = (below(bytes.len()), below(bytes.len()));
            match below(6) {
                0 | 1 if !bytes.is_empty() => bytes[at] = below(256) as u8,
                2 if !bytes.is_empty() => bytes[at] ^= 1 << below(8),
                3 => drop(bytes.drain(at.min(end)..at.max(end).min(at.min(end) + 40))),
                4 => bytes.truncate(end),
                _ => {
                    let part = bytes[at.min(end)..at.max(end).min(at.min(end) + 200)].to_vec();
                    bytes.splice(at..at, part);
                }
            }
        }
        check(&bytes);
    }
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

#[test]
fn graphs() {
    replay("graph", checks::graph);
}

#[test]
fn models() {
    replay("onnx", checks::onnx);
}
