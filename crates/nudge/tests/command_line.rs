//! The command line against recorded transcripts, bad input included.
//!
//! `tests/transcripts/*.txt` hold commands (`$ nudge …`), what they print (`!` before each line of stderr) and their
//! exit status (`= 1`). `UPDATE_TRANSCRIPTS=1` records them anew: read the difference before you commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Splits as a shell does: spaces part, single quotes hold together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The files of a folder.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

/// A folder with the example pages, and with files that are wrong in several ways.
fn scene() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["pages", "pages/trained"] {
        fs::create_dir(folder.path().join(part)).unwrap();
        for path in files_of(&root().join(part)) {
            fs::copy(&path, folder.path().join(part).join(path.file_name().unwrap())).unwrap();
        }
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/files");
    for entry in fs::read_dir(fixtures).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let npy = |name: &str, tensor: &node_core::Tensor| {
        let sink = node_io::npy::NpySink::create(&folder.path().join(name)).unwrap();
        let elements = node_core::kernel::Chunk::of(tensor).unwrap();
        node_core::access::Sink::write(&sink, 0, &elements, tensor.shape()).unwrap();
        sink.finish().unwrap();
    };
    npy("x.npy", &node_core::Tensor::vector(vec![1f32, 5.0, 9.0]));
    npy("ints.npy", &node_core::Tensor::vector(vec![1i32, 2]));
    for entry in fs::read_dir(root().join("assets/golden/arrays")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    fs::write(folder.path().join("short.npy"), b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'").unwrap();
    folder
}

fn run(folder: &Path, line: &str) -> String {
    let words = words(line);
    let (program, arguments) = words.split_first().unwrap();
    if program == "cat" {
        return fs::read_to_string(folder.join(&arguments[0])).unwrap();
    }
    assert_eq!(program, "nudge", "{line}");
    let output = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        text.push_str(&format!("! {line}\n"));
    }
    text.push_str(&format!("= {}\n", output.status.code().unwrap()));
    text
}

fn transcript(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(name);
    let recorded = fs::read_to_string(&path).unwrap();
    let folder = scene();
    let mut replayed = String::new();
    for line in recorded.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            replayed.push_str(&format!("{line}\n{}\n", run(folder.path(), command)));
        } else if line.starts_with('#') {
            replayed.push_str(&format!("{line}\n"));
        }
    }
    let replayed = format!("{}\n", replayed.trim_end());
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, replayed).unwrap();
    } else if recorded != replayed {
        let wrong = recorded.lines().zip(replayed.lines()).find(|(a, b)| a != b);
        panic!("{name} differs, first here: {wrong:?}\n--- replayed\n{replayed}");
    }
}

#[test]
fn running() {
    transcript("run.txt");
}

#[test]
fn checking() {
    transcript("check.txt");
}

#[test]
fn formatting() {
    transcript("fmt.txt");
}

#[test]
fn blocks() {
    transcript("blocks.txt");
}

#[test]
fn profiling() {
    transcript("profile.txt");
}

#[test]
fn statistics_and_comparisons() {
    transcript("stats.txt");
}

#[test]
fn ranges_from_data() {
    transcript("ranges.txt");
}

#[test]
fn one_value_after_the_other() {
    transcript("sweep.txt");
}

#[test]
fn exporting_to_tensorflow() {
    transcript("export.txt");
}

#[test]
fn why_an_element_has_its_value() {
    transcript("why.txt");
}

#[test]
fn arrays_in_files() {
    transcript("arrays.txt");
}

#[test]
fn a_profile_tells_times_and_memory_whole_and_by_block() {
    let folder = scene();
    let text = run(
        folder.path(),
        "nudge profile pages/qat_step.json --runs 3 --fetch mse.output --fetch dx.output --format json",
    );
    let text = text.strip_suffix("= 0\n").unwrap();
    let profile: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(profile["page"], "qat_step");
    assert_eq!(profile["runs"], 3);
    assert_eq!(profile["peak_bytes"], 4 * 5 + 4, "dx, and the mean");
    assert_eq!(profile["peak_known"], true);
    let median = profile["median_ms"].as_f64().unwrap();
    assert!(profile["min_ms"].as_f64().unwrap() <= median && median > 0.0);
    let blocks = profile["blocks"].as_array().unwrap();
    let named = |name: &str| blocks.iter().find(|b| b["block"] == name).unwrap();
    assert_eq!(named("fq")["type"], "FakeQuantWithMinMaxArgs");
    assert_eq!(named("dx")["walk"], named("mse")["walk"], "all run in one walk");
    assert_eq!(named("w")["median_ms"], 0.0, "a constant takes no time");
    let sum: f64 = blocks.iter().map(|b| b["median_ms"].as_f64().unwrap()).sum();
    assert!((sum - median).abs() <= 1e-5, "{sum} is not {median}");
    let text = run(folder.path(), "nudge profile pages/qat_step.json --runs 2");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("qat_step: 2 runs, median "), "{text}");
    assert_eq!(lines[1], "peak memory of the tensors it makes: 24 bytes, known before a run");
    assert!(lines.iter().any(|line| line.starts_with("fq ")), "{text}");
}

#[test]
fn without_a_display() {
    transcript("window.txt");
}

#[test]
fn every_example_page_is_canonical_and_without_problems() {
    for path in files_of(&root().join("pages")) {
        let run = |command: &str| {
            let flag = if command == "fmt" { vec!["fmt", "--check"] } else { vec![command] };
            Command::new(env!("CARGO_BIN_EXE_nudge")).args(flag).arg(&path).output().unwrap()
        };
        for command in ["check", "fmt", "run"] {
            let output = run(command);
            assert!(output.status.success(), "{command} {}: {output:?}", path.display());
        }
    }
}

fn read(path: &Path, part: &str) -> node_core::Tensor {
    node_io::files::TensorFiles::anywhere().open_path(path, part, &node_core::access::Alone).unwrap()
}

#[test]
fn results_written_to_npy_read_back() {
    let folder = scene();
    let text = run(folder.path(), "nudge run pages/fake_quant_gradient.json -o out.npy");
    assert!(text.starts_with("! warning: ") && text.ends_with("\n= 0\n") && text.lines().count() == 3, "{text}");
    let tensor = read(&folder.path().join("out.npy"), "");
    assert!(tensor.same_bits(&node_core::Tensor::vector(vec![0f32, 2.0, 0.0, 4.0])));
}

/// Shapes that are all edge: refused or printed in a moment, whichever way they come in.
#[test]
fn odd_shapes() {
    let folder = scene();
    let path = |name: &str| folder.path().join(name);
    let ones = |rank: usize| vec!["1"; rank].join(", ");
    let page = |literal: &str| {
        format!(r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": {literal}}}}}}}}}"#)
    };
    let npy = |dims: &str| {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({dims},), }}");
        let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(1f32.to_le_bytes());
        bytes
    };
    let refused = "a tensor has at most 254, as in TensorFlow";
    for rank in [255, 20_000] {
        let literal = format!(r#"{{"shape": [{}], "data": [1]}}"#, ones(rank));
        fs::write(path("deep.json"), page(&literal)).unwrap();
        fs::write(path("deep.npy"), npy(&ones(rank))).unwrap();
        let declared = format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Placeholder", "attrs": {{"shape": [{}]}}}}}}}}"#,
            vec!["-1"; rank].join(", ")
        );
        fs::write(path("declared.json"), declared).unwrap();
        for command in [
            "nudge run deep.json",
            "nudge check deep.json",
            "nudge check declared.json",
            "nudge run fed.json --feed x.output=@deep.npy",
        ] {
            let text = run(folder.path(), command);
            assert!(text.contains(refused) && text.ends_with("= 1\n"), "{command}, rank {rank}: {text}");
        }
        let text = run(folder.path(), &format!("nudge run fed.json --feed 'x.output={literal}'"));
        assert!(text.contains(refused) && text.ends_with("= 2\n"), "rank {rank}: {text}");
    }
    fs::write(path("most.json"), page(&format!(r#"{{"shape": [{}], "data": [1]}}"#, ones(254)))).unwrap();
    fs::write(path("none.json"), page(r#"{"shape": [1073741824, 0], "data": []}"#)).unwrap();
    fs::write(
        path("pairs.json"),
        page(&format!(r#"{{"shape": [{}], "data": [{}]}}"#, vec!["2"; 16].join(", "), vec!["1"; 1 << 16].join(", "))),
    )
    .unwrap();
    for page in ["most", "none", "pairs"] {
        for format in ["text", "json"] {
            let text = run(folder.path(), &format!("nudge run {page}.json --format {format}"));
            assert!(text.ends_with("= 0\n") && text.len() < 400_000, "{page}: {} bytes", text.len());
        }
    }
}

#[test]
fn folders_are_walked_and_an_empty_or_unreadable_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("all/of/them");
    for name in ["empty/hidden/.git", "all/of/them"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    let good = r#"{"nudge": 1, "blocks": {}}"#;
    fs::write(below.join("deep.json"), good).unwrap();
    fs::write(folder.path().join("all/first.json"), good).unwrap();
    fs::write(folder.path().join("empty/hidden/.git/no.json"), good).unwrap();
    #[cfg(unix)]
    {
        // Neither a way round nor something that waits for a writer for ever.
        std::os::unix::fs::symlink("..", below.join("round")).unwrap();
        assert!(Command::new("mkfifo").arg(below.join("pipe.json")).status().unwrap().success());
    }
    assert_eq!(
        run(folder.path(), "nudge check all"),
        "all/first.json: no problems\nall/of/them/deep.json: no problems\n= 0\n"
    );
    for command in ["nudge check empty", "nudge fmt --check empty"] {
        let told = "! error: empty: there is no page in this folder; pages end with .json\n= 1\n";
        assert_eq!(run(folder.path(), command), told);
    }
    assert!(run(folder.path(), "nudge check --format json empty").contains("= 1"));
    assert_eq!(run(folder.path(), "nudge fmt all/of").lines().count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_an_error() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let page = root().join("pages/fake_quant_gradient.json");
    let page = page.to_str().unwrap();
    for arguments in [&["run", page][..], &["check", page], &["blocks"], &["profile", page, "--runs", "1"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_nudge")).args(arguments).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("error: the output cannot be written: No space left"), "{arguments:?}: {said}");
    }
    // Who reads no further has read enough.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_nudge")).arg("blocks").stdout(writer).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A file of float16, as NumPy writes it.
#[cfg(unix)]
fn halves() -> Vec<u8> {
    let header = "{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }\n";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    // 1, -0.5 and the smallest number, 2^-24.
    bytes.extend([0x3c00u16, 0xb800, 1].into_iter().flat_map(u16::to_le_bytes));
    bytes
}

#[cfg(unix)]
#[test]
fn feeds_come_from_pipes_and_in_narrow_types() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {"x": {"type": "Placeholder"}, "y": {"type": "Identity"}},
        "wires": [["x.output", "y.input"]]}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    fs::write(folder.path().join("x.npy"), halves()).unwrap();
    let fed = |file: &str, input: &[u8]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(["run", "page.json", "--feed", &format!("x.output=@{file}")])
            .current_dir(folder.path())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(input).unwrap();
        let output = program.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let expected = "y.output: float32 [3]\n[ 1.0000000e+00 -5.0000000e-01  5.9604645e-08]\n";
    for (file, input) in [("x.npy", Vec::new()), ("/dev/stdin", halves())] {
        let note = format!("note: {file}: holds float16, fed as float32; every value is the same\n");
        assert_eq!(fed(file, &input), (expected.to_owned(), note));
    }
    let short = &halves()[..halves().len() - 1];
    assert!(fed("/dev/stdin", short).1.contains("takes 6 bytes, but the file holds 5"));
    let long = [halves(), vec![0]].concat();
    assert!(fed("/dev/stdin", &long).1.contains("more than the 6 bytes of [3] come"));
}

#[cfg(unix)]
#[test]
fn files_without_write_permission_are_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = scene();
    for (name, command) in [
        ("loose.json", "nudge fmt loose.json"),
        ("out.json", "nudge run pages/qat_step.json --fetch mse.output -o out.json"),
        ("out.npy", "nudge run pages/qat_step.json --fetch mse.output -o out.npy"),
    ] {
        let path = folder.path().join(name);
        let text = r#"{"blocks": {}, "nudge": 1}"#;
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        let said = run(folder.path(), command);
        assert!(said.contains("cannot be written: the file is read-only") && said.ends_with("= 1\n"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn results_do_not_replace_the_page_that_gives_them() {
    let folder = scene();
    let page = folder.path().join("pages/qat_step.json");
    let before = fs::read(&page).unwrap();
    for spelling in ["pages/qat_step.json", "pages/../pages/qat_step.json"] {
        let said = run(folder.path(), &format!("nudge run pages/qat_step.json -o {spelling}"));
        assert!(said.contains("this is the page that runs; name another file") && said.ends_with("= 2\n"), "{said}");
        assert_eq!(fs::read(&page).unwrap(), before);
    }
}

#[test]
fn texts_that_look_like_numbers_stay_texts() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": "a", "dtype": "string"}},
        "p": {"type": "Placeholder", "attrs": {"dtype": "string"}}, "y": {"type": "Identity"}},
        "wires": [["p.output", "y.input"]]}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    for text in ["1 2", "1, 2", "007", "5.", "True False", "nan inf"] {
        let command = format!("nudge run page.json '--set' 'x.value={text}' --feed 'p.output={text}'");
        assert_eq!(
            run(folder.path(), &command),
            format!("x.output: string []\n{text}\ny.output: string []\n{text}\n= 0\n")
        );
    }
}

/// Nobody reads the pipe, nor could the file fit in memory: both are told, and nothing waits or aborts.
#[cfg(target_os = "linux")]
#[test]
fn pipes_and_files_beyond_memory_are_refused() {
    let folder = scene();
    for name in ["p.npy", "p.json"] {
        assert!(Command::new("mkfifo").arg(folder.path().join(name)).status().unwrap().success());
        let said = run(folder.path(), &format!("nudge run pages/qat_step.json --fetch mse.output -o {name}"));
        assert!(said.contains("this is no file that can be replaced") && said.ends_with("= 1\n"), "{said}");
    }
    let page = r#"{"nudge": 1, "blocks": {"p": {"type": "Placeholder", "attrs": {"dtype": "int32"}}}}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    let elements = 1u64 << 43;
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({elements},), }}");
    let file = fs::File::create(folder.path().join("big.npy")).unwrap();
    std::io::Write::write_all(&mut &file, b"\x93NUMPY\x01\x00").unwrap();
    std::io::Write::write_all(&mut &file, &(header.len() as u16).to_le_bytes()).unwrap();
    std::io::Write::write_all(&mut &file, header.as_bytes()).unwrap();
    // Some file systems have no files as large as this.
    if file.set_len(10 + header.len() as u64 + elements).is_ok() {
        let said = run(folder.path(), "nudge run page.json --feed p.output=@big.npy --fetch p.output");
        assert!(said.contains("does not fit into memory") && said.ends_with("= 1\n"), "{said}");
    }
}

/// File names are bytes here, and a feed's may be any.
#[cfg(target_os = "linux")]
#[test]
fn a_feed_may_have_any_file_name() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {"p": {"type": "Placeholder", "attrs": {"dtype": "float32"}}}}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    let said = run(folder.path(), "nudge run page.json --feed p.output=[1,2] -o plain.npy");
    assert!(said.ends_with("= 0\n"), "{said}");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9=@.npy");
    fs::rename(folder.path().join("plain.npy"), folder.path().join(name)).unwrap();
    let mut feed = std::ffi::OsString::from("p.output=@");
    feed.push(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    let output = command.args(["run", "page.json", "--feed"]).arg(feed).current_dir(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "p.output: float32 [2]\n[1. 2.]\n", "{output:?}");
    let bad = std::ffi::OsStr::from_bytes(b"p.output=\xe9");
    let output = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(["run", "page.json", "--feed"])
        .arg(bad)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not UTF-8"));
}

#[test]
fn what_is_set_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {
        "c": {"type": "Const", "attrs": {"value": 0}}, "d": {"type": "Const", "attrs": {"value": 0, "dtype": "int32"}},
        "r": {"type": "Attrs", "attrs": {"num_bits": 8}},
        "fq": {"type": "FakeQuantWithMinMaxArgs", "inputs": {"inputs": [1]}}}, "wires": [["r.attrs", "fq.attrs"]]}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    for (set, fetch, printed) in [
        ("c.value=1 2 3", "c.output", "float32 [3]\n[1. 2. 3.]"),
        ("c.value=NaN", "c.output", "float32 []\nnan"),
        ("c.value=\"NaN\"", "c.output", "string []\nNaN"),
        ("c.value=[[1. nan]\n [3. 4.]]", "c.output", "float32 [2, 2]\n[[ 1. nan]\n [ 3.  4.]]"),
        ("d.value=7 8", "d.output", "int32 [2]\n[7 8]"),
    ] {
        let command = format!("nudge run page.json '--set' '{set}' --fetch {fetch}");
        assert_eq!(run(folder.path(), &command), format!("{fetch}: {printed}\n= 0\n"));
    }
    for (set, why) in [
        ("d.value=1.5", "has a fraction, but int32 is whole"),
        ("d.value=one", "is no int32"),
        ("d.dtype=int31", "is no data type"),
        ("r.num_bits=99", "fq: num_bits is 99, but must be from 2 to 16"),
        ("r.min=1; max=2", "fq: min is"),
        ("c.value=", "value must be set"),
    ] {
        let said = run(folder.path(), &format!("nudge run page.json '--set' '{set}'"));
        assert!(said.contains(why) && said.ends_with("= 2\n"), "{set}: {said}");
    }
    // Literals come last, whatever the order: another attribute says what they may be.
    let said = run(folder.path(), "nudge run page.json --set d.value=1.5 --set d.dtype=float64 --fetch d.output");
    assert_eq!(said, "d.output: float64 []\n1.5\n= 0\n");
}

#[test]
fn an_output_that_goes_on_is_not_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {"c": {"type": "Const", "attrs": {"value": 1}},
        "d": {"type": "Const", "attrs": {"value": 2}}, "u": {"type": "Unknown"}}, "wires": [["c.output", "u.in"]]}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    let said = run(folder.path(), "nudge run page.json");
    assert!(said.starts_with("d.output: float32 []\n2.0\n!"), "{said}");
}

#[test]
fn results_do_not_replace_what_is_fed() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"nudge": 1, "blocks": {"p": {"type": "Placeholder", "attrs": {"dtype": "float32"}}}}"#;
    fs::write(folder.path().join("page.json"), page).unwrap();
    assert!(run(folder.path(), "nudge run page.json --feed p.output=[1,2] -o x.npy").ends_with("= 0\n"));
    let before = fs::read(folder.path().join("x.npy")).unwrap();
    for name in ["x.npy", "./x.npy"] {
        let said = run(folder.path(), &format!("nudge run page.json --feed p.output=@x.npy -o {name}"));
        assert!(said.contains("this is a file that is fed") && said.ends_with("= 2\n"), "{said}");
    }
    assert_eq!(fs::read(folder.path().join("x.npy")).unwrap(), before);
}

/// Pages as pictures and reports: whole documents that name every block, whatever its page is called.
#[test]
fn pages_are_drawn_and_reported() {
    let folder = scene();
    let odd = r#"{"nudge": 1, "blocks": {"a": {"type": "Const", "attrs": {"value": ["<b> & \"c\"", "\u0007]]>"]}},
        "n": {"type": "Nobody", "attrs": {"<x>": 1}}, "f": {"type": "FakeQuantWithMinMaxArgs", "inputs": {"inputs": ["NaN", 1]}}},
        "notes": {"n1": {"text": "<script>alert(1)</script> & **bold** ]]>", "at": [400, 100], "size": [220, 120]}}}"#;
    std::fs::write(folder.path().join("odd.json"), odd).unwrap();
    let mut pages = files_of(&folder.path().join("pages"));
    pages.push(folder.path().join("odd.json"));
    for page in pages.iter().filter(|page| page.extension().is_some_and(|ending| ending == "json")) {
        let name = page.strip_prefix(folder.path()).unwrap().display().to_string();
        for theme in ["light", "dark"] {
            let said = run(folder.path(), &format!("nudge render {name} -o out.svg --values --theme {theme}"));
            assert!(said.contains("\n= 0\n") || said == "= 0\n" || name == "odd.json", "{name}: {said}");
            let svg = std::fs::read_to_string(folder.path().join("out.svg")).unwrap();
            let tree = resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
            assert!(tree.size().width() > 100.0 && !svg.contains("<script>"), "{name}");
            let loaded = node_io::page_file::load(page).unwrap().page;
            for (id, _) in &loaded.blocks {
                assert!(svg.contains(&format!(">{id}<")), "{name}: {id} is drawn");
            }
        }
        run(folder.path(), &format!("nudge report {name} -o out.html"));
        let html = std::fs::read_to_string(folder.path().join("out.html")).unwrap();
        assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</body></html>\n"), "{name}");
        assert!(
            !html.contains("<script") && !html.contains("http://")
                || html.matches("http").count() == html.matches("http://www.w3.org").count()
        );
        assert!(html.contains("<svg xmlns") && html.contains(".svg") == name.contains(".svg"));
    }
    let said = run(folder.path(), "nudge render pages/qat_step.json -o out.png --values");
    assert_eq!(said, "= 0\n");
    let png = std::fs::read(folder.path().join("out.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() > 20_000, "{} bytes", png.len());
    for (line, why) in [
        ("nudge render pages/qat_step.json -o out.gif", "a picture is .svg or .png"),
        ("nudge render pages/qat_step.json -o none/out.svg", "none/out.svg"),
        ("nudge report pages/qat_step.json -o out.txt", "a report is .html"),
        ("nudge render pages/qat_step.json -o pages/qat_step.json", "a picture is .svg or .png"),
    ] {
        let said = run(folder.path(), line);
        assert!(said.contains(why) && !said.ends_with("= 0\n"), "{line}: {said}");
    }
    // What is read is not written over.
    let page =
        r#"{"nudge": 1, "blocks": {"f": {"type": "File", "attrs": {"path": "x.png"}}, "p": {"type": "Placeholder"}}}"#;
    std::fs::write(folder.path().join("reads.json"), page).unwrap();
    for (line, file) in [
        ("nudge render reads.json -o x.png", "x.png"),
        ("nudge render pages/qat_step.json --feed x.output=@y.png -o y.png", "y.png"),
        ("nudge report pages/qat_step.json --feed x.output=@z.html -o z.html", "z.html"),
    ] {
        std::fs::copy(folder.path().join("out.png"), folder.path().join(file)).unwrap();
        let said = run(folder.path(), line);
        assert!(!said.ends_with("= 0\n"), "{line}: {said}");
        assert_eq!(std::fs::read(folder.path().join(file)).unwrap(), png, "{line}");
    }
    // The figures of a report are those of the other commands.
    run(folder.path(), "nudge report pages/qat_step.json -o out.html");
    let html = std::fs::read_to_string(folder.path().join("out.html")).unwrap();
    for text in
        ["31.03 dB", "40.00 %", "63.25 %", "least squared error", "grad.output lets through 77.46 %", "0 to 5.8"]
    {
        assert!(html.contains(text), "{text}");
    }
}
