//! Graphs of TensorFlow's, dropped onto the window and opened.

use std::path::PathBuf;

use super::data::{drop_files, wait_for};
use crate::common::{Person, root};

/// A graph in a folder of its own.
fn graph(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::copy(root().join("assets/graphs").join(name), &path).unwrap();
    (folder, path)
}

#[test]
fn a_dropped_graph_is_a_page() {
    let (folder, path) = graph("names.pbtxt");
    let mut person = Person::at(&[]);
    drop_files(&mut person, &[path]);
    wait_for(&mut person, "it is open", |person| person.reads("7 blocks · 3 wires"));
    assert!(person.reads("Imported "));
    person.click("block a_b_1");
    assert!(person.reads("a_b"), "its name in the graph");
    assert!(person.page_text().contains(r#""tf_name": "a.b""#), "{}", person.page_text());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
}

#[test]
fn what_cannot_run_here_is_told_and_kept() {
    let (_folder, path) = graph("custom.pbtxt");
    let mut person = Person::at(&[path]);
    wait_for(&mut person, "it is told", |person| person.reads("Not all of the file has a counterpart here"));
    assert!(person.reads("Squares: Squares is kept as written, and cannot run here"), "{:?}", person.hears());
    person.click("OK");
    assert!(person.sees("block Squares"));
    assert!(person.page_text().contains("tf_library"));
}

#[test]
fn large_constants_go_to_a_file_beside_the_page() {
    let (folder, path) = graph("functions.pbtxt");
    let mut person = Person::at(&[path]);
    wait_for(&mut person, "it asks where", |person| person.reads("Save the page of functions.pbtxt"));
    assert!(person.reads("2 of its constants are large"), "{:?}", person.hears());
    person.click("Cancel");
    assert!(person.reads("was not imported"));
    let path = folder.path().join("functions.pbtxt");
    drop_files(&mut person, &[path]);
    wait_for(&mut person, "it asks again", |person| person.reads("Save the page of functions.pbtxt"));
    std::fs::write(folder.path().join("taken.json"), "{}").unwrap();
    person.enter("File name", "taken.json");
    assert!(person.reads("There is a file of that name."), "{:?}", person.hears());
    person.enter("File name", "there.json");
    wait_for(&mut person, "it is told", |person| person.reads("Not all of the file has a counterpart here"));
    person.click("OK");
    let beside = folder.path().join("there.constants.safetensors");
    assert!(beside.exists() && folder.path().join("there.json").exists());
    assert!(person.page_text().contains(r#""path": "there.constants.safetensors""#), "{}", person.page_text());
    wait_for(&mut person, "it runs", |person| person.value("block stack").starts_with("[[0, 1, 2"));
}

#[test]
fn broken_graphs_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.pb");
    std::fs::write(&path, b"\x0a\xffnone").unwrap();
    let mut person = Person::at(&[path]);
    wait_for(&mut person, "it is told", |person| person.reads("This graph cannot be read"));
    assert!(person.reads("broken.pb: the file is no GraphDef, or is cut off"), "{:?}", person.hears());
    person.click("OK");
    assert!(person.reads("0 blocks · 0 wires"));
}
