//! What is linked with what, and where.

/// A link between two nodes.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Where it begins, by number.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// How far below its node's upper edge it begins.
    pub from_y: f32,
    /// How far below its node's upper edge it ends.
    pub to_y: f32,
}
