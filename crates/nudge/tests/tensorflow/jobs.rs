//! Graphs that TensorFlow is to run, and what it makes of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use node_core::{CheckedPage, Feeds, PortRef, Registry, Role, Tensor};
use node_engine::default_fetch;
use node_tensorflow::file::{self, Format};
use node_tensorflow::lower::{Subject, lower};
use node_tensorflow::proto::TensorProto;
use node_tensorflow::tensor::{from_proto, to_proto};
use prost::Message as _;
use serde_json::{Value, json};

/// The Python that has TensorFlow, or `None` once it was said what is skipped.
pub fn python(what: &str) -> Option<PathBuf> {
    let python = std::env::var_os("NUDGE_TENSORFLOW").map(PathBuf::from);
    if python.is_none() {
        assert!(std::env::var_os("NUDGE_REQUIRE_TENSORFLOW").is_none(), "NUDGE_TENSORFLOW is not set");
        eprintln!("skipped: {what}; NUDGE_TENSORFLOW names no Python with TensorFlow");
    }
    python
}

pub fn registry() -> Registry {
    nudge::registry().unwrap()
}

/// What is to be run.
pub struct Jobs {
    folder: tempfile::TempDir,
    jobs: Vec<Value>,
}

/// One of them.
pub struct Job<'a> {
    pub name: String,
    pub checked: &'a CheckedPage,
    pub fetch: Vec<PortRef>,
    pub feeds: &'a Feeds,
    pub steps: usize,
}

impl<'a> Job<'a> {
    pub fn of(name: impl Into<String>, checked: &'a CheckedPage, feeds: &'a Feeds) -> Job<'a> {
        Job { name: name.into(), checked, fetch: default_fetch(checked), feeds, steps: 1 }
    }
}

impl Jobs {
    pub fn new() -> Jobs {
        Jobs { folder: tempfile::tempdir().unwrap(), jobs: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a page for TensorFlow.
    pub fn add(&mut self, job: &Job<'_>, format: Format) {
        let needed = job.checked.blocks.keys().cloned().collect();
        // Programs that run in one process would share variables of one name.
        let scope = &format!("page{}", self.jobs.len());
        let subject =
            Subject { checked: job.checked, scope, needed: &needed, file: &|_| Err("no file is read".to_owned()) };
        let told = |problems| panic!("{}: {problems:?}", job.name);
        let lowered = lower(&subject).unwrap_or_else(told);
        let edges: Vec<_> =
            job.fetch.iter().map(|port| (port.clone(), lowered.edge(job.checked, port).unwrap())).collect();
        let bytes = file::bytes(&lowered, format, scope, &edges)
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", job.name));
        let (number, is_program) = (self.jobs.len(), format == Format::Python);
        let ending = match format {
            Format::Pb => "pb",
            Format::Pbtxt => "pbtxt",
            Format::Python => "py",
        };
        let written = format!("{number}.{ending}");
        std::fs::write(self.path(&written), bytes).unwrap();
        let fed = job.feeds.iter().filter(|(port, _)| job.checked.blocks[&port.block].role() == Some(Role::Feed));
        let feeds = fed.enumerate().map(|(nth, (port, tensor))| {
            let name = format!("{number}.fed{nth}");
            std::fs::write(self.path(&name), to_proto(tensor).encode_to_vec()).unwrap();
            let edge = lowered.edge(job.checked, port).unwrap();
            let called = if is_program { port.block.to_string() } else { lowered.graph.tensor_name(edge) };
            (called, Value::String(name))
        });
        let feeds: serde_json::Map<String, Value> = feeds.collect();
        let fetch: Vec<String> = edges
            .iter()
            .map(|(port, edge)| if is_program { port.to_string() } else { lowered.graph.tensor_name(*edge) })
            .collect();
        let init = lowered.init.map(|init| lowered.graph.nodes[init].name.clone());
        self.jobs.push(json!({
            "name": number.to_string(), "file": written, "feeds": feeds, "init": init, "steps": job.steps, "fetch": fetch,
        }));
    }

    /// What TensorFlow makes of each, in order: the tensors that are fetched, or what went wrong.
    pub fn run(self, python: &Path) -> Vec<Result<Vec<Tensor>, String>> {
        std::fs::write(self.path("jobs.json"), serde_json::to_string(&self.jobs).unwrap()).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tensorflow/run_graphs.py");
        let output = Command::new(python).arg(script).arg(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let one = |(number, job): (usize, &Value)| {
            if let Ok(error) = std::fs::read_to_string(self.path(&format!("{number}.error"))) {
                return Err(error);
            }
            let tensor = |nth: usize| {
                let bytes = std::fs::read(self.path(&format!("{number}.{nth}.tensor"))).map_err(|e| e.to_string())?;
                from_proto(&TensorProto::decode(&bytes[..]).map_err(|e| e.to_string())?)
            };
            (0..job["fetch"].as_array().unwrap().len()).map(tensor).collect()
        };
        self.jobs.iter().enumerate().map(one).collect()
    }
}
