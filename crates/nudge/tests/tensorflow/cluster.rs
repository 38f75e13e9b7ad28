//! `nudge run --target` on a cluster of two workers: what it gives, and what goes wrong.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use node_core::{BlockId, Feeds, PortRef, Tensor, check};
use node_engine::{BlockResult, Executor as _, Job, Outcome, Report};
use node_io::page_file;
use node_tensorflow::cluster::page::PageRun;
use node_tensorflow::cluster::runner::ClusterRunner;
use node_tensorflow::cluster::{Cluster, Target};
use node_tensorflow::lower::{Subject, lower};

use crate::jobs::{python, registry};
use crate::workers::{Running, Workers, free_port};

/// Within so long what is wrong must be told.
const SOON: Duration = Duration::from_secs(20);

const DOCUMENTED: &str = r#"{"nudge": 1, "blocks": {
    "g": {"type": "Const", "attrs": {"value": [1, 2, 3, 4]}},
    "x": {"type": "Const", "attrs": {"value": [-7, 2, 9, 4]}},
    "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "device": "/job:worker/task:1"}},
  "wires": [["g.output", "grad.gradients"], ["x.output", "grad.inputs"]]}"#;

/// Products that take a worker several seconds.
const LONG: &str = r#"{"nudge": 1, "blocks": {
    "a": {"type": "RandomUniform", "attrs": {"seed": 1}, "inputs": {"shape": [9000, 9000]}},
    "b": {"type": "MatMul"}, "c": {"type": "MatMul"}, "d": {"type": "MatMul"}, "s": {"type": "Sum"}},
  "frames": {"f1": {"title": "there", "rect": [0, 0, 1, 1], "blocks": ["a", "b", "c", "d", "s"], "device": "/job:worker/task:1"}},
  "wires": [["a.output", "b.a"], ["a.output", "b.b"], ["b.output", "c.a"], ["a.output", "c.b"], ["c.output", "d.a"],
    ["a.output", "d.b"], ["d.output", "s.input"]]}"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn page(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn nudge(arguments: &[&str], page: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    command.arg("run").arg(page).args(arguments).env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
    command
}

fn ran(arguments: &[&str], page: &Path) -> Output {
    nudge(arguments, page).output().unwrap()
}

fn gives(arguments: &[&str], page: &Path, wanted: &str) {
    let output = ran(arguments, page);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains(wanted), "{arguments:?}: {out}{err}");
}

/// As `gives`, once TensorFlow has found a worker that was not there: it asks for it more and more seldom.
fn gives_again(arguments: &[&str], page: &Path, wanted: &str) {
    let begun = Instant::now();
    while !ran(arguments, page).status.success() && begun.elapsed() < Duration::from_secs(60) {}
    gives(arguments, page, wanted);
}

/// It fails soon, with exit status 1, and says all of these.
fn fails(begun: Instant, output: Output, words: &[&str]) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{words:?}: {out}{err}");
    assert!(begun.elapsed() < SOON, "{words:?}: {:?}", begun.elapsed());
    let error = err.lines().find(|line| line.starts_with("error:")).unwrap_or_else(|| panic!("{err}"));
    assert!(words.iter().all(|word| error.contains(word)), "{words:?}: {error}");
}

#[test]
fn pages_on_a_cluster_give_the_same() {
    let Some(python) = python("pages on a cluster") else { return };
    let (mut workers, folder) = (Workers::start(&python), Folder(tempfile::tempdir().unwrap()));
    let target = workers.target();
    let documented = folder.page("documented.json", DOCUMENTED);
    gives(&["--target", &target], &documented, "grad.output: float32 [4]\n[0. 2. 0. 4.]");
    training(&folder, &target);
    the_same_bits(&folder, &target);
    crate::pages::agree_on_cluster(&target);
    imported_graphs(&folder, &target);
    said_by_the_page(&folder, &target);
    too_much_is_fed(&target);
    in_the_editor(&mut workers, &target);
}

/// A hundred steps of training have the same losses here and there.
fn training(folder: &Folder, target: &str) {
    let page = folder.page(
        "training.json",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "Const", "attrs": {"value": [[0.5, -1], [2, 0.25], [-1.5, 1], [0.1, 3]]}},
            "t": {"type": "Const", "attrs": {"value": [[1], [-2], [0.5], [4]]}},
            "w": {"type": "Variable", "inputs": {"initial": [[0.1], [-0.3]]}, "device": "/job:worker/task:1"},
            "fq": {"type": "FakeQuantWithMinMaxArgs", "device": "/job:worker/task:1"},
            "y": {"type": "MatMul"}, "e": {"type": "Sub"}, "loss": {"type": "L2Loss"},
            "xt": {"type": "Transpose", "inputs": {"perm": [1, 0]}},
            "g": {"type": "MatMul"},
            "step": {"type": "ApplyGradientDescent", "inputs": {"alpha": 0.02}, "device": "/job:worker/task:0"}},
          "wires": [["w.output", "fq.inputs"], ["x.output", "y.a"], ["fq.output", "y.b"], ["y.output", "e.x"],
            ["t.output", "e.y"], ["e.output", "loss.t"], ["x.output", "xt.x"], ["xt.output", "g.a"], ["e.output", "g.b"],
            ["w.output", "step.var"], ["g.output", "step.delta"]]}"#,
    );
    let losses = |target: &str| -> Vec<f64> {
        let output = ran(&["--steps", "100", "--format", "json", "--target", target], &page);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(json["steps"], 100);
        json["history"]["loss.output"].as_array().unwrap().iter().map(|loss| loss.as_f64().unwrap()).collect()
    };
    let (here, there) = (losses("local"), losses(target));
    assert_eq!((here.len(), there.len()), (100, 100));
    assert!(here[99] < here[0] / 2.0, "{here:?}");
    let far = here.iter().zip(&there).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far < 1e-4, "{far}");
}

/// What nobody computes here runs there: operations known by their description, functions, loops, what comes before.
fn imported_graphs(folder: &Folder, target: &str) {
    let import = |name: &str| {
        let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/graphs").join(format!("{name}.pbtxt"));
        let page = folder.0.path().join(format!("{name}.json"));
        let output = Command::new(env!("CARGO_BIN_EXE_nudge")).arg("import").arg(graph).arg("-o").arg(&page).output();
        assert!(output.unwrap().status.success(), "{name}");
        page
    };
    let page = import("functions");
    let gives_all = |fetch: &str, wanted: &str| {
        let feed = ["--feed", "in_x.output=[1, -2]", "--target", target, "--fetch", fetch];
        gives(&feed, &page, wanted);
    };
    gives_all("absolute.y", "absolute.y: float32 [2]\n[1.4142135 2.828427 ]");
    gives_all("sum.output", "sum.output: float32 [2]\n[ 5. -7.]");
    gives_all("product.output", "[[ 1. -2.]\n [-2.  4.]]");
    let none = ran(&["--feed", "in_x.output=[1, -2]", "--target", target, "--fetch", "Complex.out"], &page);
    assert!(String::from_utf8_lossy(&none.stderr).contains("gives data type complex64"), "{none:?}");
    let n = r#"n.output={"dtype": "int32", "shape": [], "data": [5]}"#;
    gives(
        &["--feed", n, "--target", target, "--fetch", "power.output"],
        &import("loops"),
        "power.output: float32 []\n32.",
    );
    gives(
        &["--feed", "x.output=[1, 2, 3]", "--target", target],
        &import("custom"),
        "sum.output: float32 [3]\n[ 5. 13. 25.]",
    );
}

/// Where bits differ, what begins it and why is told.
fn the_same_bits(folder: &Folder, target: &str) {
    let compared = |page: &Path, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
        let output = command.arg("compare").arg(page).args(["--target", target]).args(more).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, text) = compared(&folder.page("documented.json", DOCUMENTED), &[]);
    assert!(status == Some(0) && text.starts_with("all 3 ports have the same bits"), "{text}");
    let page = folder.page(
        "differs.json",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "RandomUniform", "attrs": {"seed": 3}, "inputs": {"shape": [1000]}},
            "small": {"type": "Const", "attrs": {"value": [1e-40, 1e-45, -1e-39, 3]}},
            "half": {"type": "Mul", "inputs": {"y": 0.5}},
            "fed": {"type": "Placeholder"},
            "e": {"type": "Exp"}, "t": {"type": "Mul"}, "n": {"type": "Neg"}},
          "wires": [["x.output", "e.x"], ["e.output", "t.x"], ["fed.output", "t.y"], ["small.output", "half.x"],
            ["x.output", "n.x"]]}"#,
    );
    let (status, text) = compared(&page, &["--feed", "fed.output=3"]);
    assert_eq!(status, Some(1), "{text}");
    let line = |begin: &str| text.lines().find(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("{text}"));
    assert!(line("e.output differs first").contains("a library's polynomial: Exp"));
    assert!(line("half.output differs first: 2 of 4 elements").contains("subnormal numbers"), "{text}");
    assert!(line("t.output differs:").contains("follows from e.output"));
    assert!(!text.contains("n.output"), "{text}");
    let (_, json) = compared(&page, &["--feed", "fed.output=3", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["ports"].as_u64(), json["differing"][0]["begins"].as_bool()), (Some(7), Some(true)));
}

/// A page may say itself where it runs; the command line wins.
fn said_by_the_page(folder: &Folder, target: &str) {
    let says = |target: &str| {
        let session =
            format!("\"cs\": {{\"type\": \"ClientSession\", \"attrs\": {{\"target\": \"{target}\"}}}}, \"g\": ");
        let page = DOCUMENTED.replacen("\"g\": ", &session, 1);
        folder.page("says.json", &page.replace("\"wires\": [", "\"wires\": [[\"grad.output\", \"cs.fetch_outputs\"], "))
    };
    gives(&[], &says(target), "[0. 2. 0. 4.]");
    let nowhere = format!("grpc://127.0.0.1:{}", free_port());
    fails(Instant::now(), ran(&[], &says(&nowhere)), &["says.json", &nowhere, "refuses the connection"]);
    gives(&["--target", "local"], &says(&nowhere), "[0. 2. 0. 4.]");
    fails(Instant::now(), ran(&[], &says("cluster")), &["cs.attrs", "'cluster'", "grpc://HOST:PORT"]);
}

/// The editor's executor tells of what is fetched, looked at or known anyway; a worker that ends breaks the run off, and
/// the next one begins anew.
fn in_the_editor(workers: &mut Workers, target: &str) {
    let registry = registry();
    let page = page_file::parse(DOCUMENTED.as_bytes()).unwrap();
    let checked = std::sync::Arc::new(check(&std::sync::Arc::new(page), &registry, &Feeds::new()));
    let mut runner = ClusterRunner::start(1 << 30, std::sync::Arc::new(|| {})).unwrap();
    let mut number = 0;
    let mut run = |looked_at: &[&str]| -> (BTreeMap<String, BlockResult>, Option<String>) {
        number += 1;
        let looked_at = looked_at.iter().map(|id| BlockId::new(id).unwrap()).collect();
        let files = std::sync::Arc::new(node_core::access::NoFiles);
        runner.submit(number, Job { checked: checked.clone(), looked_at, files, target: Some(target.into()) });
        let mut found = BTreeMap::new();
        loop {
            for report in runner.reports() {
                assert_eq!(report.revision(), number);
                match report {
                    Report::Block { id, result, .. } => drop(found.insert(id.to_string(), *result)),
                    Report::Finished { .. } => return (found, None),
                    Report::BrokeOff { why, .. } => return (found, Some(why)),
                    Report::Progress { .. } => {}
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let (found, why) = run(&["grad", "x"]);
    assert_eq!(why, None);
    let grad = &found["grad"];
    assert!(grad.tensor(0).unwrap().same_bits(&Tensor::vector(vec![0.0_f32, 2.0, 0.0, 4.0])));
    assert_eq!(grad.preview(0).unwrap().text(8), "[0, 2, 0, 4]");
    assert_eq!(grad.stats[0].as_ref().unwrap().zeros, 2);
    assert_eq!(grad.quantization.as_ref().unwrap().ranges.len(), 1);
    assert!(found.contains_key("x") && found.contains_key("g"));
    workers.kill(1);
    let (found, why) = run(&["grad"]);
    assert!(why.is_some_and(|why| why.contains("/job:worker/task:1") && why.contains(target)));
    assert!(matches!(&found["grad"].outcome, Outcome::Failed(problem) if problem.message.contains(target)));
    workers.restart(1);
    let begun = Instant::now();
    while run(&[]).1.is_some() {
        assert!(begun.elapsed() < Duration::from_secs(90));
    }
}

/// What protocol buffers do not hold is refused before it is sent, by its block.
fn too_much_is_fed(target: &str) {
    let registry = registry();
    let page = r#"{"nudge": 1, "blocks": {"x": {"type": "Placeholder", "attrs": {"dtype": "uint8"}}, "n": {"type": "Size", "attrs": {"out_type": "int64"}}},
        "wires": [["x.output", "n.input"]]}"#;
    let page = page_file::parse(page.as_bytes()).unwrap();
    let huge = Tensor::zeros(node_core::DType::UInt8, &node_core::Shape::vector(1 << 31)).unwrap();
    let feeds = Feeds::from([(PortRef::parse("x.output").unwrap(), huge)]);
    let checked = check(&std::sync::Arc::new(page), &registry, &feeds);
    let needed = checked.blocks.keys().cloned().collect();
    let subject = Subject { checked: &checked, scope: "page", needed: &needed, file: &|_| Err(String::new()) };
    let cluster = std::sync::Arc::new(Cluster::connect(&Target::parse(target).unwrap(), &|_| false).unwrap());
    let lowered = lower(&subject).unwrap();
    let edge = lowered.edge(&checked, &PortRef::parse("n.output").unwrap()).unwrap();
    let run = PageRun::begin(&cluster, &checked, lowered, &|_| false).unwrap();
    let failure = run.step(&[edge], &[], &|_| false).unwrap_err().problem();
    assert_eq!(failure.block.unwrap().as_str(), "x");
    assert!(failure.message.contains("2 GiB") && failure.message.contains(target), "{}", failure.message);
}

#[test]
fn whatever_goes_wrong_is_told_soon() {
    let Some(python) = python("clusters that break") else { return };
    let (mut workers, folder) = (Workers::start(&python), Folder(tempfile::tempdir().unwrap()));
    let target = workers.target();
    let there = ["--target", target.as_str()];
    let documented = folder.page("documented.json", DOCUMENTED);
    let long = folder.page("long.json", LONG);
    let elsewhere = folder.page("elsewhere.json", &DOCUMENTED.replace("task:1", "task:7"));
    fails(
        Instant::now(),
        ran(&there, &elsewhere),
        &["elsewhere.json: grad:", &target, "/job:worker/task:7", "task:1/device:CPU:0"],
    );
    let nowhere = folder.page("nowhere.json", &DOCUMENTED.replace("/job:worker/task:1", "worker one"));
    fails(Instant::now(), ran(&there, &nowhere), &["nowhere.json: grad:", "'worker one' is no device"]);
    only_a_block_fails(&folder, &target);

    // A worker that dies in the middle, and one that is not there; then it is started anew.
    let begun = Instant::now();
    let run =
        nudge(&there, &long).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    workers.kill(1);
    fails(begun, run.wait_with_output().unwrap(), &["long.json: a:", &target, "/job:worker/task:1"]);
    fails(Instant::now(), ran(&there, &documented), &["grad:", &target, "/job:worker/task:1"]);
    workers.restart(1);
    gives_again(&there, &documented, "[0. 2. 0. 4.]");

    // Whoever hangs: a worker, and the master.
    for (index, words) in [(1, "/job:worker/task:1"), (0, "answers no more")] {
        let begun = Instant::now();
        let mut run = nudge(&there, &long);
        let run = run.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_secs(3));
        workers.signal(index, "STOP");
        let output = run.wait_with_output().unwrap();
        workers.signal(index, "CONT");
        fails(begun, output, &["long.json", &target, words]);
    }
    gives_again(&there, &documented, "[0. 2. 0. 4.]");
    encrypted(&python, &workers, &folder);
}

/// What TensorFlow finds wrong while it runs is the block's; what does not need it is given, and so are the steps before.
fn only_a_block_fails(folder: &Folder, target: &str) {
    let page = folder.page(
        "fails.json",
        r#"{"nudge": 1, "blocks": {
            "v": {"type": "Variable", "inputs": {"initial": 2}},
            "u": {"type": "AssignSub", "inputs": {"value": 1}},
            "log": {"type": "Log"},
            "fine": {"type": "CheckNumerics", "attrs": {"message": "too far"}},
            "broken": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"num_bits": 99}}},
          "wires": [["v.output", "u.ref"], ["v.output", "log.x"], ["log.output", "fine.tensor"]]}"#,
    );
    let arguments = ["--target", target, "--steps", "6", "--format", "json"];
    let output = ran(&arguments, &page);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("fine: ") && err.contains("too far") && err.contains(target), "{err}");
    assert!(err.contains("broken.attrs: num_bits"), "{err}");
    assert_eq!(json["history"]["u.output"].as_array().unwrap().len(), 2, "{json}");
    let only = ran(&["--target", target, "--fetch", "u.output"], &page);
    assert!(String::from_utf8_lossy(&only.stdout).contains("u.output: float32 []\n1."), "{only:?}");
}

/// With TLS: trusted, not trusted, and none where there should be some.
fn encrypted(python: &Path, workers: &Workers, folder: &Folder) {
    let page = folder.page("documented.json", DOCUMENTED);
    let [key, certificate] = ["key.pem", "cert.pem"].map(|name| folder.0.path().join(name).display().to_string());
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = free_port();
    let arguments = [port.to_string(), certificate.clone(), key, workers.port().to_string()];
    let _tls = Running::start(python, "tls.py", &arguments);
    let target = format!("grpcs://localhost:{port}");
    let trusted = nudge(&["--target", &target], &page).env("SSL_CERT_FILE", &certificate).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&trusted.stdout), String::from_utf8_lossy(&trusted.stderr));
    assert!(out.contains("[0. 2. 0. 4.]") && err.contains("encrypted"), "{out}{err}");
    fails(Instant::now(), ran(&["--target", &target], &page), &[&target, "certificate", "SSL_CERT_FILE"]);
    let other = format!("grpcs://127.0.0.1:{port}");
    let named = nudge(&["--target", &other], &page).env("SSL_CERT_FILE", &certificate).output().unwrap();
    fails(Instant::now(), named, &[&other, "certificate"]);
    let plain = format!("grpcs://127.0.0.1:{}", workers.port());
    fails(Instant::now(), ran(&["--target", &plain], &page), &[&plain, "does not speak TLS"]);
}

/// What a server does with a connection.
type Answer = fn(&mut std::net::TcpStream);

/// These need no TensorFlow: servers that are none.
#[test]
#[allow(clippy::disallowed_methods, reason = "a server is not the program")]
fn servers_that_are_none() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let page = folder.page("documented.json", DOCUMENTED);
    let answers: [(&str, Answer); 4] = [
        ("does not answer", |stream| {
            let _ = stream.read_to_end(&mut Vec::new());
        }),
        ("broke off", |stream| {
            let _ = stream.write_all(&[b'\0', 255, 7, 1].repeat(2000));
        }),
        ("broke off", |stream| {
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        }),
        ("broke off", |stream| {
            let _ = stream.read(&mut [0; 8]);
        }),
    ];
    for (words, answer) in answers {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = format!("grpc://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || answer(&mut stream.unwrap()));
            }
        });
        fails(Instant::now(), ran(&["--target", &target], &page), &["documented.json", &target, words]);
    }
    for (target, words) in [("grpc://no.such.host.invalid:2222", "not known"), ("grpc://127.0.0.1:1", "refuses")] {
        fails(Instant::now(), ran(&["--target", target], &page), &["documented.json", target, words]);
    }
    let usage = ran(&["--target", "127.0.0.1:2222"], &page);
    assert_eq!(usage.status.code(), Some(2));
}
