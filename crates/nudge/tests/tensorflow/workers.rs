//! A cluster of two workers on this machine.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Workers that end with it.
pub struct Workers {
    python: PathBuf,
    ports: Vec<u16>,
    running: Vec<Running>,
}

/// A process that ends with it.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts a script of this folder, and waits until it says that it is up.
    pub fn start(python: &Path, script: &str, arguments: &[String]) -> Running {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tensorflow").join(script);
        let child =
            Command::new(python).arg(script).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "up", "{arguments:?}");
        Running(child)
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Workers {
    /// Two workers.
    pub fn start(python: &Path) -> Workers {
        let mut workers =
            Workers { python: python.to_owned(), ports: vec![free_port(), free_port()], running: Vec::new() };
        workers.running = (0..2).map(|index| workers.started(index)).collect();
        workers
    }

    fn started(&self, index: usize) -> Running {
        let ports: Vec<String> = self.ports.iter().map(u16::to_string).collect();
        Running::start(&self.python, "worker.py", &[ports.join(","), index.to_string()])
    }

    /// Where the first is.
    pub fn target(&self) -> String {
        format!("grpc://127.0.0.1:{}", self.ports[0])
    }

    /// The port of the first.
    pub fn port(&self) -> u16 {
        self.ports[0]
    }

    /// Ends a worker at once.
    pub fn kill(&mut self, index: usize) {
        self.running[index].0.kill().unwrap();
        self.running[index].0.wait().unwrap();
    }

    /// Sends a worker a signal.
    pub fn signal(&self, index: usize, name: &str) {
        self.running[index].signal(name);
    }

    /// Starts a worker that has ended.
    pub fn restart(&mut self, index: usize) {
        self.running[index] = self.started(index);
    }
}
