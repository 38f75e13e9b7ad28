//! Graphs as files.

use std::path::Path;

use node_core::{PortRef, Problem};
use prost::Message as _;

use crate::graph::Edge;
use crate::lower::Lowered;
use crate::proto::NodeDef;
use crate::{python, text};

/// Protocol buffers hold less than so many bytes.
const LIMIT: usize = 1 << 31;

/// A form in which a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `GraphDef` as bytes.
    Pb,
    /// `GraphDef` as text.
    Pbtxt,
    /// A Python program.
    Python,
}

impl Format {
    /// The endings, in the order in which they are told.
    pub const ENDINGS: [&'static str; 3] = [".pb", ".pbtxt", ".py"];

    /// The format that a file's ending says.
    pub fn of(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "pb" => Some(Format::Pb),
            "pbtxt" => Some(Format::Pbtxt),
            "py" => Some(Format::Python),
            _ => None,
        }
    }
}

/// The bytes of a file that holds a page's graph; `scope` is the page's name. A program prints what `fetched` gives.
pub fn bytes(
    lowered: &Lowered,
    format: Format,
    scope: &str,
    fetched: &[(PortRef, Edge)],
) -> Result<Vec<u8>, Vec<Problem>> {
    let def = lowered.graph.to_def();
    let size = def.encoded_len();
    if size >= LIMIT {
        let largest = def.node.iter().enumerate().max_by_key(|(_, node)| node.encoded_len());
        return Err(vec![too_large(lowered, size, largest)]);
    }
    match format {
        Format::Pb => Ok(def.encode_to_vec()),
        Format::Pbtxt => text::write(&def).map(String::into_bytes).map_err(|why| vec![Problem::page(why)]),
        Format::Python => python::write(lowered, scope, fetched).map(String::into_bytes),
    }
}

fn too_large(lowered: &Lowered, size: usize, largest: Option<(usize, &NodeDef)>) -> Problem {
    let gib = |bytes: usize| bytes as f64 / f64::from(1 << 30);
    let message = format!("the graph is {:.1} GiB, and TensorFlow's files hold less than 2", gib(size));
    match largest.and_then(|(index, node)| Some((lowered.graph.nodes[index].block.as_ref()?, node))) {
        Some((block, node)) => {
            let most = format!(
                "{message}; {:.1} of them are this constant: feed it to a Placeholder",
                gib(node.encoded_len())
            );
            Problem::block(block, most)
        }
        None => Problem::page(message),
    }
}
