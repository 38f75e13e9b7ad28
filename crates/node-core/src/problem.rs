//! Problems: what is wrong, where, why, and what to do, as values.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::name::Name;
use crate::page::BlockId;

/// Something wrong with a block, as the block itself sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The port that is concerned, if it is one.
    pub port: Option<Name>,
    /// Whether nothing is wrong but that something is still to be wired, fed or set.
    pub open: bool,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    /// The same, of something that is merely still to be done.
    pub fn still_open(self) -> Fault {
        Fault { open: true, ..self }
    }

    /// A fault of the block as a whole.
    pub fn block(message: impl Into<String>) -> Fault {
        Fault { port: None, open: false, message: message.into() }
    }

    /// A fault at the port called `port`.
    pub fn at(port: impl Into<Name>, message: impl Into<String>) -> Fault {
        Fault { port: Some(port.into()), open: false, message: message.into() }
    }

    /// A fault of the attributes.
    pub fn attrs(message: impl Into<String>) -> Fault {
        Fault::at(crate::port::ATTRS_PORT, message)
    }
}

/// Runs a block's own code; a panic in it becomes a fault, so that a broken block takes nothing down.
pub fn guarded<T>(code: impl FnOnce() -> Result<T, Vec<Fault>>) -> Result<T, Vec<Fault>> {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|panic| Err(vec![panicked(&*panic)]))
}

/// The fault of a block whose own code panicked.
pub fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    Fault::block(format!("the block's own code panicked ({}); this is a bug in the block", panic_text(panic)))
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Something wrong with a page or its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The block concerned.
    pub block: Option<BlockId>,
    /// The port concerned, by its first name.
    pub port: Option<String>,
    /// Where in the file, from 1, if the file itself is broken.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// Whether nothing is wrong but that something is still to be wired or set.
    pub open: bool,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// The same, of something that is merely still to be done.
    pub fn still_open(self) -> Problem {
        Problem { open: true, ..self }
    }

    /// A problem of a page as a whole.
    pub fn page(message: impl Into<String>) -> Problem {
        Problem { message: message.into(), ..Problem::default() }
    }

    /// A problem of a block.
    pub fn block(block: &BlockId, message: impl Into<String>) -> Problem {
        Problem { block: Some(block.clone()), ..Problem::page(message) }
    }

    /// A problem of a port.
    pub fn port(block: &BlockId, port: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { port: Some(port.into()), ..Problem::block(block, message) }
    }

    /// A block's own fault, now with the block's name.
    pub fn of(block: &BlockId, fault: Fault) -> Problem {
        Problem { port: fault.port.map(Name::into_owned), open: fault.open, ..Problem::block(block, fault.message) }
    }

    /// A problem of the file itself.
    pub fn file(line: usize, column: usize, message: impl Into<String>) -> Problem {
        Problem { line: Some(line), column: Some(column), ..Problem::page(message) }
    }

    /// The whole line for the file called `file`: `FILE: grad.inputs: …`, `FILE:3:14: …`.
    pub fn in_file(&self, file: impl fmt::Display) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}: {self}"),
            _ => format!("{file}: {self}"),
        }
    }
}

impl fmt::Display for Problem {
    /// Block, port and message; the file is the reader's to name ([`Problem::in_file`]).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.block, &self.port) {
            (Some(block), Some(port)) => write!(f, "{block}.{port}: {}", self.message),
            (Some(block), None) => write!(f, "{block}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

/// The name among `names` that `wrong` most likely was meant to be.
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = wrong.to_lowercase();
    names
        .into_iter()
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .min()
        .filter(|(distance, name)| *distance <= (name.len() + 1) / 3 && *distance < name.len())
        .map(|(_, name)| name)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(200).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            let least = substituted.min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], least);
        }
    }
    row[b.len()]
}

/// `; did you mean 'x'?`, or what there is to choose from.
pub fn suggestion<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> String {
    if let Some(name) = nearest(wrong, names.clone()) {
        return format!("; did you mean '{name}'?");
    }
    let all: Vec<_> = names.into_iter().collect();
    match all.len() {
        0 => "; there are none".to_owned(),
        1 => format!("; there is only {}", all[0]),
        2..=12 => format!("; there are {}", all.join(", ")),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let id = BlockId::new("grad").unwrap();
        for (problem, line) in [
            (Problem::port(&id, "inputs", "too short"), "p.json: grad.inputs: too short"),
            (Problem::block(&id, "unknown type"), "p.json: grad: unknown type"),
            (Problem::page("empty"), "p.json: empty"),
            (Problem::file(3, 14, "unexpected ]"), "p.json:3:14: unexpected ]"),
        ] {
            assert_eq!(problem.in_file("p.json"), line);
        }
    }

    #[test]
    fn nearest_names() {
        let names = ["gradients", "inputs", "attrs"];
        assert_eq!(nearest("input", names), Some("inputs"));
        assert_eq!(nearest("Gradient", names), Some("gradients"));
        assert_eq!(nearest("zzz", names), None);
    }
}
