//! A block's own code may panic wherever it runs, on whatever thread: that is one problem that names the block, the rest
//! of the page runs, and the program lives.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod block;
#[path = "../common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use block::PLACES;
use common::Person;

/// A page on which one block panics: one waits for it, and others have nothing to do with it. `seen` is computed, so that
/// its value is known in a run alone.
fn page(at: i64, x: &str) -> String {
    format!(
        r#"{{"nudge": 1, "blocks": {{
            "x": {x}, "zero": {{"type": "Mul", "inputs": {{"x": 0, "y": 1}}}},
            "before": {{"type": "Square"}}, "bad": {{"type": "Panics", "attrs": {{"at": {at}}}}},
            "behind": {{"type": "Square"}}, "beside": {{"type": "Relu6"}}, "mean": {{"type": "Mean"}}
        }}, "wires": [["x.output", "before.x"], ["before.output", "mean.input"], ["x.output", "bad.x"],
            ["zero.output", "bad.seen"], ["bad.output", "behind.x"], ["x.output", "beside.features"]]}}"#
    )
}

/// Cargo builds examples beside the tests, but not when a single test file is asked for.
fn program() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--quiet", "--package", "nudge", "--example", "panics"];
    assert!(Command::new(cargo).args(build).status().unwrap().success());
    let tests = std::env::current_exe().unwrap();
    tests.ancestors().nth(2).unwrap().join("examples").join(format!("panics{}", std::env::consts::EXE_SUFFIX))
}

#[test]
fn on_the_command_line() {
    let program = program();
    let folder = tempfile::tempdir().unwrap();
    let (path, fed) = (folder.path().join("page.json"), folder.path().join("x.npy"));
    // Enough for several threads to take part; 7 is the last of the elements.
    let mut elements = vec![1f32; 200_000];
    elements[199_999] = 7.0;
    let x = node_core::Tensor::new(node_core::Shape::new([200, 1000]).unwrap(), elements).unwrap();
    let sink = node_io::npy::NpySink::create(&fed).unwrap();
    node_core::access::Sink::write(&sink, 0, &node_core::kernel::Chunk::of(&x).unwrap(), x.shape()).unwrap();
    sink.finish().unwrap();
    for (number, at) in PLACES.into_iter().enumerate() {
        std::fs::write(&path, page(number as i64, r#"{"type": "Placeholder"}"#)).unwrap();
        let mut command = Command::new(&program);
        command.arg("run").arg(&path).arg("--feed").arg(format!("x.output=@{}", fed.display()));
        command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let begun = Instant::now();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let read = std::thread::scope(|scope| {
            let out = scope.spawn(move || std::io::read_to_string(&mut out).unwrap());
            let err = scope.spawn(move || std::io::read_to_string(&mut err).unwrap());
            while child.try_wait().unwrap().is_none() {
                if begun.elapsed() > Duration::from_secs(60) {
                    child.kill().unwrap();
                    panic!("{at}: it hangs");
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            (out.join().unwrap(), err.join().unwrap())
        });
        assert_eq!(child.wait().unwrap().code(), Some(1), "{at}: {}", read.1);
        let errors: Vec<&str> = read.1.lines().filter(|line| line.starts_with("error: ")).collect();
        let [only] = errors.as_slice() else { panic!("{at}: one problem, not {errors:?}") };
        assert!(only.contains(": bad: the block's own code panicked (boom in"), "{at}: {only}");
        let results: serde_json::Value = serde_json::from_str(&read.0).unwrap();
        let results = results["results"].as_object().unwrap();
        assert_eq!(results.keys().collect::<Vec<_>>(), ["beside.output", "mean.output"], "{at}");
    }
}

#[test]
fn in_the_editor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.json");
    let x = r#"{"type": "Const", "attrs": {"value": {"shape": [2, 1000], "data": [REST 7]}}}"#;
    let x = x.replace("REST", &"1, ".repeat(1999));
    std::fs::write(&path, page(-1, &x)).unwrap();
    let mut person = Person::at(&[path]);
    assert!(!person.reads("problem"), "{:?}", person.hears());
    person.click("block bad");
    for (number, at) in PLACES.into_iter().enumerate() {
        person.enter("attribute bad.at", &number.to_string());
        assert!(person.reads("1 problem"), "{at}");
        assert!(person.description("block bad").contains("panicked (boom in"), "{at}");
        assert_eq!(person.value("block mean"), "1.024", "{at}: what does not need it has run");
        person.enter("attribute bad.at", "-1");
        assert!(!person.reads("problem"), "{at}: the worker lives");
        assert!(person.value("block behind").starts_with("[[1, 1"), "{at}");
    }
}
