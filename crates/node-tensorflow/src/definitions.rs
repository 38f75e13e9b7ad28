//! What operations there are: TensorFlow's own list, with the ports and attributes of each.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use prost::Message as _;

use crate::proto::{OpDef, OpList};

/// The version of graphs that is written: that of TensorFlow 2.21, whose definitions these are.
pub const GRAPH_VERSION: i32 = 2474;

static PACKED: &[u8] = include_bytes!("../data/ops.pb.zlib");

static OPS: LazyLock<BTreeMap<String, OpDef>> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    // A test reads it: what is part of the program cannot be broken.
    let read = flate2::read::ZlibDecoder::new(PACKED).read_to_end(&mut bytes).is_ok();
    let list = read.then(|| OpList::decode(&bytes[..]).ok()).flatten().unwrap_or_default();
    list.op.into_iter().map(|op| (op.name.clone(), op)).collect()
});

/// The operation called `name`, if TensorFlow has it.
pub fn op(name: &str) -> Option<&'static OpDef> {
    OPS.get(name)
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static OpDef> {
    OPS.values()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn operations_are_read() {
        assert!(OPS.len() > 1000, "{}", OPS.len());
        let op = op("FakeQuantWithMinMaxArgsGradient").unwrap();
        let inputs: Vec<&str> = op.input_arg.iter().map(|arg| arg.name.as_str()).collect();
        assert_eq!(inputs, ["gradients", "inputs"]);
        assert!(op.attr.iter().any(|attr| attr.name == "num_bits" && attr.default_value.is_some()));
    }
}
