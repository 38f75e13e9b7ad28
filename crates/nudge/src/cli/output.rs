//! What a command prints: results on stdout, problems on stderr.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;

use node_core::{BlockId, Problem, Warning};

/// Collects what a command prints.
#[derive(Default)]
pub struct Output {
    out: String,
}

impl Output {
    /// A line on stdout.
    pub fn line(&mut self, line: impl Display) {
        self.out.push_str(&line.to_string());
        self.out.push('\n');
    }

    /// An error of the command itself.
    pub fn error(&self, message: impl Display) {
        self.print_error(&format!("error: {message}"));
    }

    /// A problem of the page in `file`.
    pub fn problem(&self, file: &Path, problem: &Problem) {
        self.print_error(&format!("error: {}", problem.in_file(file.display())));
    }

    /// A warning about a block of the page in `file`.
    pub fn warning(&self, file: &Path, block: &BlockId, warning: &Warning) {
        let port = warning.port.map(|port| format!(".{port}")).unwrap_or_default();
        self.print_error(&format!("warning: {}: {block}{port}: {warning}", file.display()));
    }

    fn print_error(&self, line: &str) {
        // One line whatever a name in a file holds; nobody to tell when stderr is closed.
        let line = line.replace(['\n', '\r'], " ");
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Writes what has been collected for stdout.
    pub fn flush(&mut self) {
        // A closed pipe (`nudge run … | head`) is no error.
        let _ = std::io::stdout().write_all(self.out.as_bytes());
        let _ = std::io::stdout().flush();
        self.out.clear();
    }
}
