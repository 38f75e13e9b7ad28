//! What things are called in Python.

use std::collections::HashSet;

use crate::graph::{Graph, NodeIndex};

/// Words that are taken: Python's own, and what the program uses.
const TAKEN: [&str; 62] = [
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "base64",
    "dict",
    "feeds",
    "fetched",
    "float",
    "given",
    "ValueError",
    "__name__",
    "_",
    "fed",
    "hasattr",
    "list",
    "name",
    "shape",
    "int",
    "main",
    "np",
    "page",
    "port",
    "print",
    "range",
    "steps",
    "super",
    "sys",
    "tensor",
    "tf",
    "type",
];

/// Where Python's `tf.raw_ops` calls an argument otherwise than the operation does.
const RENAMED: [(&str, &str, &str); 15] = [
    ("All", "reduction_indices", "axis"),
    ("Any", "reduction_indices", "axis"),
    ("EuclideanNorm", "reduction_indices", "axis"),
    ("ExpandDims", "dim", "axis"),
    ("Max", "reduction_indices", "axis"),
    ("Mean", "reduction_indices", "axis"),
    ("Min", "reduction_indices", "axis"),
    ("Prod", "reduction_indices", "axis"),
    ("Select", "e", "y"),
    ("Select", "t", "x"),
    ("Split", "split_dim", "axis"),
    ("SplitV", "split_dim", "axis"),
    ("Squeeze", "squeeze_dims", "axis"),
    ("Sum", "reduction_indices", "axis"),
    ("Where", "input", "condition"),
];

/// What `tf.raw_ops` calls an input or attribute of an operation.
pub fn argument<'a>(op: &str, name: &'a str) -> &'a str {
    RENAMED.iter().find(|(of, from, _)| *of == op && *from == name).map_or(name, |(_, _, to)| to)
}

/// The variables of a program, one for each node.
pub struct Names(Vec<String>);

impl Names {
    /// For the nodes of a graph, without the scope that all have in common.
    pub fn of(graph: &Graph, scope: &str) -> Names {
        let mut taken: HashSet<String> = TAKEN.iter().map(|word| (*word).to_owned()).collect();
        let mut name = |full: &str| {
            let own = full.strip_prefix(scope).and_then(|rest| rest.strip_prefix('/')).unwrap_or(full);
            let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            let mut name: String = own.chars().map(letter).collect();
            if name.starts_with(|c: char| c.is_ascii_digit()) {
                name.insert(0, '_');
            }
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        };
        Names(graph.nodes.iter().map(|node| name(&node.name)).collect())
    }

    /// The variable of a node.
    pub fn of_node(&self, index: NodeIndex) -> &str {
        &self.0[index]
    }
}
