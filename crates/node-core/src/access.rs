//! What blocks and runs may reach beyond their own memory: only what implements these, which the program hands in.

use crate::kernel::Chunk;
use crate::shape::Shape;

/// Something that takes a tensor's elements as they are made, part by part, in any order, from several threads.
pub trait Sink: Sync {
    /// Takes the elements from number `start` on of a tensor of `shape`. An error is said in words for people.
    fn write(&self, start: usize, elements: &Chunk<'_>, shape: &Shape) -> Result<(), String>;
}
