//! What goes wrong with a cluster, in words for people: where, why, what to do.

use std::collections::HashMap;
use std::error::Error as _;

use node_core::{BlockId, Problem};
use tonic::{Code, Status};

use super::target::Target;
use crate::graph::Graph;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The block that it is about, where one is named.
    pub block: Option<BlockId>,
    /// Its port, where one is named.
    pub port: Option<String>,
    /// What, beginning with the target.
    pub message: String,
    /// Whether it was stopped, and nothing is wrong.
    pub stopped: bool,
    /// Whether a session that was open may be gone.
    pub lost: bool,
}

impl Failure {
    /// Something about the cluster as a whole.
    pub fn of(target: &Target, message: impl AsRef<str>) -> Failure {
        let message = format!("{target} {}", message.as_ref());
        Failure { block: None, port: None, message, stopped: false, lost: true }
    }

    /// Something about a block.
    pub fn of_block(target: &Target, block: Option<&BlockId>, message: impl AsRef<str>) -> Failure {
        Failure { block: block.cloned(), ..Failure::of(target, message) }
    }

    /// Something about a block that no cluster has to do with.
    pub fn of_page(block: Option<&BlockId>, message: String) -> Failure {
        Failure { block: block.cloned(), port: None, message, stopped: false, lost: false }
    }

    /// That a person stopped it.
    pub fn stopped(target: &Target) -> Failure {
        Failure { stopped: true, ..Failure::of(target, "was not waited for") }
    }

    /// As a problem of the page.
    pub fn problem(&self) -> Problem {
        match (&self.block, &self.port) {
            (Some(block), Some(port)) => Problem::port(block, port.clone(), self.message.clone()),
            (Some(block), None) => Problem::block(block, self.message.clone()),
            (None, _) => Problem::page(self.message.clone()),
        }
    }
}

/// That no connection came about.
pub fn unconnected(target: &Target, error: &tonic::transport::Error) -> Failure {
    let mut why = String::new();
    let mut next = error.source();
    while let Some(error) = next {
        // The innermost says it best.
        why = error.to_string();
        next = error.source();
    }
    let what = if why.contains("certificate") {
        format!("has a certificate that is not trusted ({why}); SSL_CERT_FILE names a file with those that are to be")
    } else if why.contains("corrupt message") || why.contains("InvalidContentType") {
        "does not speak TLS; write grpc:// for a plain connection".to_owned()
    } else if why.contains("deadline") || why.contains("timed out") {
        "does not answer: no connection came about in time; look at the address and at firewalls".to_owned()
    } else if why.contains("refused") {
        "refuses the connection: nothing listens at that port; start the worker, or look at the address".to_owned()
    } else if why.contains("lookup") || why.contains("resolve") || why.contains("Name or service") {
        format!("has a host that is not known ({why}); look at the address")
    } else {
        format!("cannot be reached ({why}); look at the address")
    };
    Failure::of(target, what)
}

/// What a cluster says of a call that failed. `names` are the graph's nodes.
pub fn told(target: &Target, status: &Status, names: &Names) -> Failure {
    let inner = innermost(status);
    let text = inner.map_or_else(|| status.message().to_owned(), ToString::to_string);
    let block = names.block_in(&text);
    let said = tidy(&text);
    let what = match status.code() {
        Code::Unimplemented if block.is_none() => {
            format!("answers, but is no TensorFlow server that takes graphs ({said}); look at the address")
        }
        Code::Unavailable if worker_in(&text).is_some() => {
            format!("lost {}: {said}; start it, then try again", worker_in(&text).unwrap_or_default())
        }
        // What a server says comes of nothing else: whatever has a source was met on the way.
        _ if inner.is_some() => broken_off(&said),
        Code::Unavailable | Code::Unknown | Code::Internal if is_of_transport(&said) => broken_off(&said),
        Code::Unavailable => {
            format!("lost {}: {said}; start it, then try again", worker_in(&text).unwrap_or("a worker".to_owned()))
        }
        Code::Aborted => format!("aborted the run: {said}; try again"),
        Code::ResourceExhausted => format!("has no room: {said}"),
        Code::Cancelled => format!("cancelled the run: {said}"),
        _ => format!("says: {said}"),
    };
    const OF_BLOCKS: [Code; 5] =
        [Code::InvalidArgument, Code::OutOfRange, Code::FailedPrecondition, Code::NotFound, Code::Unimplemented];
    let lost = inner.is_some() || !OF_BLOCKS.contains(&status.code());
    Failure { lost, ..Failure::of_block(target, block, what) }
}

fn broken_off(said: &str) -> String {
    format!(
        "broke off the connection ({said}): the worker has ended or is no TensorFlow server; start it, then try again"
    )
}

/// What an error comes of in the end.
fn innermost(status: &Status) -> Option<&(dyn std::error::Error + 'static)> {
    let mut inner = status.source()?;
    while let Some(next) = inner.source() {
        inner = next;
    }
    Some(inner)
}

fn is_of_transport(text: &str) -> bool {
    ["h2 protocol", "transport error", "broken pipe", "connection", "frame", "grpc-status"]
        .iter()
        .any(|word| text.to_ascii_lowercase().contains(word))
}

/// The worker that a text names, as `/job:worker/task:1`.
pub fn worker_in(text: &str) -> Option<String> {
    let name = &text[text.find("/job:")?..];
    let end = |c: char| !(c.is_ascii_alphanumeric() || "/:_".contains(c));
    let name = name.split(end).next()?.trim_end_matches(':');
    super::device::Device::parse(name).ok()?.worker()
}

/// The first line, without what only TensorFlow's own programs make use of.
fn tidy(text: &str) -> String {
    // Where it comes from stands in a line of its own.
    let says =
        |line: &&str| !(line.trim().is_empty() || line.starts_with("From /job:") && line.trim_end().ends_with(':'));
    let first = text.lines().find(says).unwrap_or("it gives no reason");
    let mut tidy = String::new();
    let mut rest = first;
    while let Some((before, marked)) = rest.split_once("{{") {
        let (inner, after) = marked.split_once("}}").unwrap_or((marked, ""));
        tidy.push_str(before);
        tidy.push_str(inner.trim_start_matches("node ").trim());
        rest = after;
    }
    tidy.push_str(rest);
    let tidy = tidy.trim().trim_end_matches(['.', ';', ':']);
    match tidy.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &tidy[..end]),
        None => tidy.to_owned(),
    }
}

/// The blocks that a graph's nodes are part of, by the nodes' names.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<String, BlockId>);

impl Names {
    /// Those of a graph.
    pub fn of(graph: &Graph) -> Names {
        let named = graph.nodes.iter().filter_map(|node| Some((node.name.clone(), node.block.clone()?)));
        Names(named.collect())
    }

    /// The first block that a text names by a node of it.
    fn block_in(&self, text: &str) -> Option<&BlockId> {
        let end = |c: char| !(c.is_ascii_alphanumeric() || "/_.->".contains(c));
        text.split(end).find_map(|word| self.0.get(word.trim_end_matches(['.', '-'])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection that closes is met in many places, each with another code of its own.
    #[test]
    fn a_broken_connection_is_one_whatever_its_code() {
        let target = Target::parse("grpc://127.0.0.1:2222").unwrap();
        for code in (1..=16).map(Code::from_i32).filter(|code| *code != Code::Unimplemented) {
            let mut status = Status::new(code, "operation was canceled");
            status.set_source(std::sync::Arc::new(std::io::Error::other("connection closed")));
            let failure = told(&target, &status, &Names::default());
            assert!(failure.message.contains("broke off the connection"), "{code:?}: {}", failure.message);
            assert!(failure.lost && !failure.stopped, "{code:?}");
        }
        let said = told(&target, &Status::cancelled("Step 3 was cancelled"), &Names::default());
        assert!(said.message.contains("cancelled the run: Step 3"), "{}", said.message);
    }
}
