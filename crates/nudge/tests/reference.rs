//! The documentation of blocks in `docs/blocks` is what the program makes of their descriptions.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn files(folder: &Path) -> BTreeMap<String, String> {
    let read = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
    };
    std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn the_documentation_of_blocks_is_current() {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path().join("deep/er");
    let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    let status = command.args(["blocks", "--format", "markdown", "-o"]).arg(&folder).status().unwrap();
    assert!(status.success());
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/blocks");
    let (made, own) = (files(&folder), files(&own));
    assert_eq!(made.keys().collect::<Vec<_>>(), own.keys().collect::<Vec<_>>());
    for (name, text) in &made {
        let differs = text.lines().zip(own[name].lines()).find(|(made, own)| made != own);
        assert!(
            *text == own[name],
            "docs/blocks/{name} is not current, first here: {differs:?}; run nudge blocks --format markdown -o docs/blocks"
        );
    }
}

/// Every block, port, attribute and alias is in it, and every link leads somewhere.
#[test]
fn the_documentation_is_whole() {
    node_blocks::link();
    let own = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/blocks"));
    for spec in node_core::Registry::linked().unwrap().iter().map(|ty| &ty.spec) {
        let file = format!("{}.md", spec.category.to_lowercase().replace(' ', "-"));
        let begin = own[&file].find(&format!("\n## {}\n", spec.name)).unwrap();
        let section = own[&file][begin + 1..].split("\n## ").next().unwrap();
        let names = spec.ports.iter().skip(1).filter(|port| port.name != "attrs").map(|port| &port.name);
        for name in names.chain(spec.attrs.iter().map(|attr| &attr.name)).chain(&spec.aliases).chain(&spec.gradients) {
            assert!(section.contains(&format!("`{name}`")), "{}: {name}", spec.name);
        }
        assert!(own["README.md"].contains(&format!("({file}#{})", spec.name.to_lowercase())), "{}", spec.name);
    }
}
