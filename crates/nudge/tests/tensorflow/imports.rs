//! Graphs that TensorFlow has made become pages and graphs again, and TensorFlow makes of both the same.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::jobs::python;

fn ran(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {out}{err}");
    out.into_owned()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tensorflow").join(name)
}

fn nudge() -> Command {
    Command::new(env!("CARGO_BIN_EXE_nudge"))
}

/// Imports a graph, exports the page, and has TensorFlow hold both against each other.
fn come_back(python: &Path, graph: &Path, folder: &Path) {
    let name = graph.file_stem().unwrap().to_string_lossy().into_owned();
    let (page, back) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.back.pb")));
    ran(nudge().arg("import").arg(graph).arg("-o").arg(&page));
    ran(nudge().arg("export").arg(&page).arg("-o").arg(&back));
    let told = ran(Command::new(python).arg(script("same_graphs.py")).arg(graph).arg(&back));
    println!("{name}: {told}");
}

#[test]
fn graphs_come_back_as_they_were() {
    let Some(python) = python("graphs that become pages") else { return };
    let folder = tempfile::tempdir().unwrap();
    ran(Command::new(&python).arg(script("graphs.py")).arg(folder.path()));
    let mut graphs: Vec<PathBuf> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    graphs.sort();
    assert!(graphs.len() >= 5, "{graphs:?}");
    graphs.iter().for_each(|graph| come_back(&python, graph, folder.path()));
}

/// What a graph has and a program of operations has not is refused by name.
#[test]
fn programs_refuse_what_they_cannot_say() {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in [
        ("functions", ["PartitionedCall: calls functions", "cond: calls functions"]),
        ("loops", ["while_Enter: is the operation Enter, which TensorFlow has in graphs alone", "export .pb instead"]),
        ("custom", ["Squares: is the operation Squares, which tf.raw_ops does not have", "export .pb instead"]),
    ] {
        let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../assets/graphs/{name}.pbtxt"));
        let (page, program) = (folder.path().join(format!("{name}.json")), folder.path().join("page.py"));
        ran(nudge().arg("import").arg(graph).arg("-o").arg(&page));
        let output = nudge().arg("export").arg(&page).arg("-o").arg(&program).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1));
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
        assert!(!program.exists());
    }
}

#[test]
fn circles_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let [graph, page, back] = ["circle.pbtxt", "circle.json", "back.pb"].map(|name| folder.path().join(name));
    let node = |name: &str, input: &str| {
        format!(
            "node {{ name: '{name}' op: 'Relu' input: '{input}' attr {{ key: 'T' value {{ type: DT_FLOAT }} }} }}\n"
        )
    };
    std::fs::write(&graph, node("a", "b") + &node("b", "a")).unwrap();
    let output = nudge().arg("import").arg(&graph).arg("-o").arg(&page).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("a: 2 blocks are part of a loop, which nothing can run"), "{told}");
    let output = nudge().arg("export").arg(&page).arg("-o").arg(&back).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("is part of a loop: a → b → a"), "{told}");
}
