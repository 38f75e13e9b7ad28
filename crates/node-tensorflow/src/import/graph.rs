//! Graphs as files, and what comes to each of their nodes.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use node_core::Problem;
use prost::Message as _;

use crate::proto::GraphDef;
use crate::text;

/// The graph in a file's bytes, by the ending of its name: `.pbtxt` as text, else as bytes.
///
/// # Errors
/// What is wrong with the file.
pub fn read(name: &Path, bytes: Vec<u8>) -> Result<GraphDef, Vec<Problem>> {
    let is_text = name.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pbtxt"));
    let graph = if is_text { of_text(&bytes) } else { of_bytes(bytes) };
    let graph = graph.map_err(|why| vec![Problem::page(why)])?;
    match graph.node.is_empty() {
        true => Err(vec![Problem::page("the file holds a graph without nodes; is it one of TensorFlow's?")]),
        false => Ok(graph),
    }
}

fn of_text(bytes: &[u8]) -> Result<GraphDef, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        format!("the file is no text: byte {} is not UTF-8; a graph as bytes is a .pb file", error.valid_up_to())
    })?;
    text::read(text).map_err(|why| format!("the file is no GraphDef as text: {why}"))
}

/// What the first field of a `SavedModel` begins with, which no graph does: its version, a number.
const SAVED_MODEL: u8 = 0x08;

fn of_bytes(bytes: Vec<u8>) -> Result<GraphDef, String> {
    let first = bytes.first().copied();
    // Tensors stay where they are until they are read.
    let decoded = GraphDef::decode(Bytes::from(bytes));
    decoded.map_err(|why| match first {
        Some(SAVED_MODEL) => {
            "the file is part of a SavedModel, or a model of ONNX, and no GraphDef; freeze the model, and import the graph"
                .to_owned()
        }
        _ => format!("the file is no GraphDef, or is cut off ({why})"),
    })
}

/// No operation gives more tensors.
const MOST_OUTPUTS: usize = 1 << 16;

/// What comes to a node.
#[derive(Default)]
pub struct Comes {
    /// What comes to its inputs, lists counted out: which output of which node.
    pub data: Vec<(usize, usize)>,
    /// The nodes that have to be done before.
    pub control: Vec<usize>,
}

/// What comes to each node of a graph.
pub struct Incoming(pub Vec<Comes>);

impl Incoming {
    /// Finds every input, or tells all that are not there.
    pub fn of(def: &GraphDef) -> Result<Incoming, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut names: HashMap<&str, usize> = HashMap::with_capacity(def.node.len());
        for (index, node) in def.node.iter().enumerate() {
            if names.insert(&node.name, index).is_some() {
                problems.push(Problem::page(format!("the graph has two nodes called '{}'", node.name)));
            }
        }
        let mut incoming = Vec::with_capacity(def.node.len());
        for node in &def.node {
            let mut comes = Comes::default();
            for input in &node.input {
                let (is_control, name) = input.strip_prefix('^').map_or((false, &**input), |name| (true, name));
                let output = name.rsplit_once(':').and_then(|(name, output)| Some((name, output.parse().ok()?)));
                let (name, output) = output.filter(|_| !names.contains_key(name)).unwrap_or((name, 0));
                match names.get(name) {
                    Some(from) if is_control => comes.control.push(*from),
                    Some(_) if output >= MOST_OUTPUTS => {
                        let message = format!("the node '{}' reads '{input}', a number that no output has", node.name);
                        problems.push(Problem::page(message));
                    }
                    Some(from) => comes.data.push((*from, output)),
                    None => {
                        let message = format!("the node '{}' reads '{input}', which is not there", node.name);
                        problems.push(Problem::page(message));
                    }
                }
            }
            incoming.push(comes);
        }
        if problems.is_empty() { Ok(Incoming(incoming)) } else { Err(problems) }
    }
}
