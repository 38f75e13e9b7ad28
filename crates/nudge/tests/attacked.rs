//! The command line in bad company: signals in the middle, and pages of thousands of blocks.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn nudge(folder: &Path, arguments: &[&str]) -> Command {
    // A shell's job in the background ignores signals, and so would what it starts.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_nudge")]);
    command.args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn temporary_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name.contains("nudge-")).collect()
}

/// A page whose result takes a while to write.
fn slow(folder: &Path) {
    let page = r#"{"nudge": 1, "blocks": {"p": {"type": "Placeholder", "attrs": {"dtype": "float32"}},
        "s": {"type": "Square"}}, "wires": [["p.output", "s.x"]]}"#;
    fs::write(folder.join("page.json"), page).unwrap();
    let elements = 1u64 << 29;
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({elements},), }}");
    // As NumPy pads it: the elements can be mapped.
    let header = format!("{header:<117}\n");
    let file = File::create(folder.join("big.npy")).unwrap();
    (&file).write_all(b"\x93NUMPY\x01\x00").unwrap();
    (&file).write_all(&(header.len() as u16).to_le_bytes()).unwrap();
    (&file).write_all(header.as_bytes()).unwrap();
    // Holes: nothing is written but the header.
    file.set_len(10 + header.len() as u64 + 4 * elements).unwrap();
}

#[test]
fn a_command_that_is_told_to_end_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    slow(folder.path());
    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let arguments = ["run", "page.json", "--feed", "p.output=@big.npy", "--fetch", "s.output", "-o", "out.npy"];
        let mut child = nudge(folder.path(), &arguments).spawn().unwrap();
        let begun = Instant::now();
        while temporary_files(folder.path()).is_empty() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it wrote anything");
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(number), "{name}: it ends as if nothing were done about it: {status}");
        assert_eq!(temporary_files(folder.path()), Vec::<String>::new(), "{name}");
        assert!(!folder.path().join("out.npy").exists());
    }
}

/// What a block reads may be larger than the memory limit, as what is fed may be: also beside blocks that wait for a value.
#[test]
fn a_block_reads_a_file_beyond_the_memory_limit() {
    let folder = tempfile::tempdir().unwrap();
    slow(folder.path());
    let page = r#"{"nudge": 1, "blocks": {"p": {"type": "File", "attrs": {"path": "big.npy"}},
        "m": {"type": "Mean"}, "s": {"type": "Sum", "inputs": {"axis": {"dtype": "int32", "shape": [1], "data": [0]}}},
        "k": {"type": "Const", "attrs": {"value": [[1, 2], [3, 4]]}}, "a": {"type": "Max", "inputs": {"axis": [0, 1]}},
        "c": {"type": "Cast", "attrs": {"DstT": "int32"}}, "w": {"type": "Sub"}, "t": {"type": "Max"}},
        "wires": [["p.output", "m.input"], ["p.output", "s.input"], ["k.output", "a.input"], ["a.output", "c.x"],
        ["c.output", "w.x"], ["c.output", "w.y"], ["p.output", "t.input"], ["w.output", "t.axis"]]}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    let fetch = ["--fetch", "m.output", "--fetch", "s.output", "--fetch", "t.output"];
    let run = |more: &[&str]| {
        let arguments = [&["run", "page.json", "--memory", "64MiB"], more].concat();
        let mut command = nudge(folder.path(), &arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    };
    let output = run(&fetch);
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("\n0.0\n").count(), 3, "{said} {wrong}");
}

/// As `np.save` begins: the file that is being read is cut off. That is an error which names it, and not the end.
#[test]
fn a_file_that_is_cut_off_while_it_is_read_is_an_error() {
    for by_block in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        slow(folder.path());
        let mut arguments = vec!["run", "page.json", "--fetch", "s.output", "-o", "out.npy"];
        if by_block {
            let page = r#"{"nudge": 1, "blocks": {"p": {"type": "File", "attrs": {"path": "big.npy"}},
                "s": {"type": "Square"}}, "wires": [["p.output", "s.x"]]}"#;
            fs::write(folder.path().join("page.json"), page).unwrap();
        } else {
            arguments.extend(["--feed", "p.output=@big.npy"]);
        }
        let mut command = nudge(folder.path(), &arguments);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while temporary_files(folder.path()).is_empty() {
            assert!(child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(1));
        }
        File::options().write(true).open(folder.path().join("big.npy")).unwrap().set_len(1 << 20).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{} {said}", output.status);
        // It may be cut off before the block has opened it.
        let is_told = said.contains("big.npy: was changed while the run was reading it; run again")
            || said.contains("but the file holds 1048448 bytes");
        assert!(is_told, "{said}");
        assert!(!folder.path().join("out.npy").exists() && temporary_files(folder.path()).is_empty());
    }
}

/// A hangup that is ignored stays ignored.
#[test]
fn what_is_ignored_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    slow(folder.path());
    let line = format!(
        "trap '' HUP; exec '{}' run page.json --feed p.output=@big.npy --fetch s.output -o out.npy",
        env!("CARGO_BIN_EXE_nudge")
    );
    let mut child = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).spawn().unwrap();
    let begun = Instant::now();
    while temporary_files(folder.path()).is_empty() {
        assert!(child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(1));
    }
    Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(15), "not by the hangup");
    assert_eq!(temporary_files(folder.path()), Vec::<String>::new());
}

fn page(blocks: &[String], wires: &[String]) -> String {
    format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "))
}

const X: &str = r#""x": {"type": "Const", "attrs": {"value": [1, 2, 3]}}"#;

/// Many blocks that read one.
fn fan(n: usize) -> String {
    let mut blocks: Vec<String> = (0..n).map(|i| format!(r#""s{i}": {{"type": "Square"}}"#)).collect();
    blocks.push(X.to_owned());
    let wires: Vec<String> = (0..n).map(|i| format!(r#"["x.output", "s{i}.x"]"#)).collect();
    page(&blocks, &wires)
}

/// Blocks one behind the other, each of which is fetched.
fn chain(n: usize) -> String {
    let mut blocks: Vec<String> = (0..n).map(|i| format!(r#""s{i}": {{"type": "Relu6"}}"#)).collect();
    blocks.extend([X.to_owned(), r#""cs": {"type": "ClientSession"}"#.to_owned()]);
    let from = |i: usize| if i == 0 { "x".to_owned() } else { format!("s{}", i - 1) };
    let mut wires: Vec<String> = (0..n).map(|i| format!(r#"["{}.output", "s{i}.features"]"#, from(i))).collect();
    wires.extend((0..n).map(|i| format!(r#"["s{i}.output", "cs.fetch_outputs"]"#)));
    page(&blocks, &wires)
}

/// An object of many keys, in a block of an unknown type.
fn keys(n: usize) -> String {
    let keys: Vec<String> = (0..n).map(|i| format!(r#""k{i}": {i}"#)).collect();
    page(&[format!(r#""x": {{"type": "Unknown", "attrs": {{"value": {{{}}}}}}}"#, keys.join(", "))], &[])
}

/// Eight times as much takes eight times as long, not sixty-four times.
/// A list of `n` parts, all of which are fetched.
fn parts(n: usize) -> String {
    let blocks = [
        format!(r#""a": {{"type": "Fill", "inputs": {{"dims": [{n}], "value": 1}}}}"#),
        format!(r#""o": {{"type": "Unpack", "attrs": {{"num": {n}}}}}"#),
    ];
    page(&blocks, &[r#"["a.output", "o.value"]"#.to_owned()])
}

#[test]
fn time_grows_with_the_page_and_not_with_its_square() {
    let folder = tempfile::tempdir().unwrap();
    let pages = [
        ("a fan", fan as fn(usize) -> String, 8_000),
        ("a fetched chain", chain, 4_000),
        ("keys", keys, 10_000),
        ("parts", parts, 8_000),
    ];
    for (what, make, few) in pages {
        let time = |n: usize| {
            fs::write(folder.path().join("page.json"), make(n)).unwrap();
            let once = || {
                let begun = Instant::now();
                nudge(folder.path(), &["run", "page.json", "--format", "json"]).status().unwrap();
                begun.elapsed().as_secs_f64()
            };
            once().min(once())
        };
        let (short, long) = (time(few), time(8 * few));
        assert!(long < 20.0 * short, "{what}: {few} take {short:.2} s, eight times as many {long:.2} s");
    }
}

/// Memory that the system refuses, though the limit allows it, is told of the block that asked for it; others go on.
#[test]
fn memory_that_the_system_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {
        "big": {"type": "Fill", "inputs": {"dims": [1073741824], "value": 1}},
        "flags": {"type": "Fill", "inputs": {"dims": [2147483647], "value": true}},
        "fused": {"type": "AddV2", "inputs": {"x": 1}},
        "huge": {"type": "Placeholder", "attrs": {"dtype": "float32"}},
        "small": {"type": "Square", "inputs": {"x": 3}}
        }, "wires": [["huge.output", "fused.y"]]}"#;
    slow(folder.path());
    fs::write(folder.path().join("page.json"), page).unwrap();
    // The mapped file is 2 GiB, and so is what comes of it.
    let line = format!(
        "ulimit -v 3500000; exec '{}' run page.json --feed huge.output=@big.npy --memory 64GiB",
        env!("CARGO_BIN_EXE_nudge")
    );
    let output = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{err}");
    for block in ["big", "flags", "fused"] {
        let told = err.lines().any(|line| {
            line.contains(&format!("page.json: {block}: the system gives no 2 GiB"))
                || line.contains(&format!("page.json: {block}: the system gives no 4 GiB"))
        });
        assert!(told, "{block}: {err}");
    }
    assert!(out.contains("small.output: float32 []\n9.0"), "{out}");
}
