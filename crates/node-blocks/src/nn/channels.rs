//! Where the channels of pictures are.

use node_core::Fault;

/// The axis of the channels in a format: the last, or the second. The fault is `at`'s.
pub fn axis(format: &str, rank: usize, at: &'static str) -> Result<usize, Vec<Fault>> {
    if rank < 2 {
        return Err(vec![Fault::at(at, format!("has {rank} dimensions, but must have two or more"))]);
    }
    Ok(if format == "NCHW" { 1 } else { rank - 1 })
}
