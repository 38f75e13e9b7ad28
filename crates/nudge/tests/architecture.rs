//! The arrows between crates point one way, as ARCHITECTURE.md says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Which crates of the workspace each may depend on, development aside.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("node-core", &[]),
    ("node-blocks", &["node-core"]),
    ("node-engine", &["node-core"]),
    ("node-io", &["node-core"]),
    ("node-editor", &["node-core", "node-engine"]),
    ("nudge", &["node-blocks", "node-core", "node-editor", "node-engine", "node-io"]),
];

#[test]
fn dependencies_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(n, a)| (*n, a.iter().copied().collect())).collect();
    assert_eq!(names, allowed.keys().copied().collect(), "every crate of the workspace is in the table");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let normal = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
        let inner: BTreeSet<&str> = normal.map(|d| d["name"].as_str().unwrap()).filter(|d| names.contains(d)).collect();
        assert_eq!(inner, allowed[name], "what {name} depends on");
    }
}

/// Files of a crate's sources.
fn sources(name: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut found);
    found
}

/// The part of a file that is not its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn engine_and_editor_name_no_block_type() {
    node_blocks::link();
    let registry = node_core::Registry::linked().unwrap();
    for name in ["node-engine", "node-editor"] {
        for (path, text) in sources(name) {
            let code = code(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
            for (number, line) in code.enumerate() {
                for block in registry.iter().map(|ty| &ty.spec.name) {
                    assert!(!line.contains(&format!("\"{block}\"")), "{path}:{}: names {block}", number + 1);
                }
            }
        }
    }
}

#[test]
fn colours_are_named_in_tokens_only() {
    for (path, text) in sources("node-editor") {
        if path.ends_with("tokens.rs") || path.ends_with("theme.rs") {
            continue;
        }
        for (number, line) in code(&text).lines().enumerate() {
            assert!(!line.contains("from_rgb"), "{path}:{}: a colour outside tokens.rs", number + 1);
        }
    }
}

#[test]
fn core_blocks_and_engine_know_no_file() {
    for name in ["node-core", "node-blocks", "node-engine", "node-editor"] {
        for (path, text) in sources(name) {
            for word in ["std::fs", "File::open", "std::net"] {
                assert!(!code(&text).contains(word), "{path} uses {word}");
            }
        }
    }
}
