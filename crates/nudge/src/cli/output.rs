//! What a command prints: results on stdout, problems on stderr.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::Path;

use node_core::{BlockId, Problem, Warning};
use node_io::page_file::io_message;

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

    /// Something that is done otherwise than a person might think.
    pub fn note(&self, message: impl Display) {
        self.print_error(&format!("note: {message}"));
    }

    /// A problem of the page in `file`.
    pub fn problem(&self, file: &Path, problem: &Problem) {
        self.print_error(&format!("error: {}", problem.in_file(file.display())));
    }

    /// A problem that the page in `file` has with some values.
    pub fn problem_with(&self, file: &Path, values: &str, problem: &Problem) {
        self.print_error(&format!("error: {} (with {values})", problem.in_file(file.display())));
    }

    /// A warning about a block of the page in `file`.
    pub fn warning(&self, file: &Path, block: &BlockId, warning: &Warning) {
        let port = warning.port.as_ref().map(|port| format!(".{port}")).unwrap_or_default();
        self.print_error(&format!("warning: {}: {block}{port}: {warning}", file.display()));
    }

    fn print_error(&self, line: &str) {
        // One line whatever a name in a file holds; nobody to tell when stderr is closed.
        let line = line.replace(['\n', '\r'], " ");
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Writes what has been collected for stdout. `false`, and a line that says why, if it could not be written.
    pub fn flush(&mut self) -> bool {
        let mut stdout = std::io::stdout();
        let written = stdout.write_all(self.out.as_bytes()).and_then(|()| stdout.flush());
        self.out.clear();
        match written {
            // Who reads may have read enough (`nudge run … | head`).
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.error(format!("the output cannot be written: {}", io_message(&error)));
                false
            }
            _ => true,
        }
    }
}
