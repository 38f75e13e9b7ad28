//! The arrows between crates point one way, as ARCHITECTURE.md says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Which crates of the workspace each may depend on, development aside.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("node-core", &[]),
    ("node-blocks", &["node-core"]),
    ("node-engine", &["node-core"]),
    ("node-io", &["node-core"]),
    ("node-editor", &["node-core", "node-engine"]),
    ("node-onnx", &["node-core"]),
    ("node-tensorflow", &["node-core", "node-engine"]),
    ("nudge", &["node-blocks", "node-core", "node-editor", "node-engine", "node-io", "node-onnx", "node-tensorflow"]),
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

/// Files of a crate's sources, but those that are tests as a whole.
fn sources(name: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
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

/// Names of blocks that are words of the interface too.
const WORDS: [&str; 2] = ["All", "Less"];

#[test]
fn engine_and_editor_name_no_block_type() {
    node_blocks::link();
    let registry = node_core::Registry::linked().unwrap();
    for name in ["node-engine", "node-editor"] {
        for (path, text) in sources(name) {
            let code = code(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
            // The title of a menu is a block's name too.
            let code = code.filter(|line| !line.contains("Menu::File => \"File\""));
            for (number, line) in code.enumerate() {
                for block in registry.iter().map(|ty| &ty.spec.name).filter(|name| !WORDS.contains(&&***name)) {
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

/// In the engine files that name each other do not exist, but for one room: a session's methods stand in the files of
/// `run`, beside its fields.
#[test]
fn files_of_the_engine_have_no_circles() {
    let arrows = arrows("node-engine", |file| if file[0] == "run" { "run".to_owned() } else { file.join("::") });
    assert!(arrows["run"].contains("demand") && arrows["exec::region"].contains("program"), "{arrows:#?}");
    assert_eq!(circles(arrows), BTreeMap::new(), "these name each other");
}

/// The shell draws panels and applies what they ask for; panels know what is open, and that knows neither.
#[test]
fn files_of_the_editor_have_no_circles() {
    let arrows = arrows("node-editor", |file| file.join("::"));
    assert!(
        arrows["editor"].contains("panels::canvas") && arrows["panels::canvas"].contains("state::tab"),
        "{arrows:#?}"
    );
    let above = ["actions", "apply", "command", "editor", "panels", "typed", "widgets"];
    for (from, to) in arrows.iter().filter(|(from, _)| from.starts_with("state")) {
        let up = to.iter().find(|to| above.contains(&to.split("::").next().unwrap()));
        assert_eq!(up, None, "{from} is beneath it");
    }
    assert_eq!(circles(arrows), BTreeMap::new(), "these name each other");
}

/// What is open draws nothing, and what draws changes nothing: it is shown what is open and asks.
#[test]
fn state_draws_nothing_and_panels_change_nothing() {
    for (path, text) in sources("node-editor") {
        let words: &[&str] = match module(&path)[0].as_str() {
            "state" => &["Ui", "Context", "Painter", "Response"],
            "panels" | "widgets" => &["&mut State", "&mut Tab", "&mut Document", "&mut ViewState", "tab_mut"],
            _ => &[],
        };
        for word in words {
            let is_named = code(&text).split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == *word);
            let is_there = if word.contains(' ') { code(&text).contains(word) } else { is_named };
            assert!(!is_there, "{path} names {word}");
        }
    }
}

/// Which files name which, `room` telling what counts as one.
fn arrows(name: &str, room: impl Fn(&[String]) -> String) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<Vec<String>, String> =
        sources(name).into_iter().map(|(path, text)| (module(&path), text)).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, text) in files.iter().filter(|(from, _)| *from != &["lib"]) {
        for to in named(from, code(text)).into_iter().filter_map(|path| file_of(&path, &files)) {
            arrows.entry(room(from)).or_default().insert(room(&to));
        }
    }
    arrows
}

/// What is left of arrows when those that lead to an end are taken away.
fn circles(mut arrows: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let left: BTreeSet<String> = arrows.keys().cloned().collect();
        for (from, to) in &mut arrows {
            to.retain(|to| to != from && left.contains(to));
        }
        let before = arrows.len();
        arrows.retain(|_, to| !to.is_empty());
        if arrows.len() == before {
            return arrows;
        }
    }
}

/// `…/src/a/b.rs` → `["a", "b"]`.
fn module(path: &str) -> Vec<String> {
    let inner = path.rsplit_once("/src/").unwrap().1.strip_suffix(".rs").unwrap();
    inner.split('/').map(str::to_owned).collect()
}

/// The file in which a path's item stands, if it is one of the crate's.
fn file_of(path: &[String], files: &BTreeMap<Vec<String>, String>) -> Option<Vec<String>> {
    (1..=path.len()).rev().map(|len| path[..len].to_vec()).find(|file| files.contains_key(file))
}

/// The paths of the crate that a file's code names.
fn named(file: &[String], code: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = lines.join("\n");
    let children = lines.iter().filter_map(|line| line.split_once("mod ")?.1.strip_suffix(';'));
    let mut found = Vec::new();
    for start in children.chain(["crate", "super", "self"]) {
        for (at, _) in code.match_indices(&format!("{start}::")) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                let mut tree = Vec::new();
                use_tree(&mut code[at..].chars().peekable(), &[], &mut tree);
                found.extend(tree.into_iter().map(|path| absolute(file, path)));
            }
        }
    }
    found
}

fn absolute(file: &[String], path: Vec<String>) -> Vec<String> {
    let rest = |from: &[String]| from.iter().cloned().chain(path[1..].iter().cloned()).collect();
    match path[0].as_str() {
        "crate" => rest(&[]),
        "self" => rest(file),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            file[..file.len() - ups].iter().chain(&path[ups..]).cloned().collect()
        }
        _ => file.iter().chain(&path).cloned().collect(),
    }
}

/// The paths of `a::{b, c::d}`.
fn use_tree(code: &mut std::iter::Peekable<std::str::Chars<'_>>, before: &[String], found: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        while code.next_if(|c| c.is_whitespace()).is_some() {}
        if code.next_if_eq(&'{').is_some() {
            while code.peek().is_some_and(|c| *c != '}') {
                use_tree(code, &path, found);
                while code.next_if(|c| *c != ',' && *c != '}').is_some() {}
                code.next_if_eq(&',');
                while code.next_if(|c| c.is_whitespace()).is_some() {}
            }
            code.next();
            return;
        }
        let mut word = String::new();
        while let Some(c) = code.next_if(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
        }
        path.push(word);
        if code.next_if_eq(&':').is_none() || code.next_if_eq(&':').is_none() {
            found.push(path);
            return;
        }
    }
}
