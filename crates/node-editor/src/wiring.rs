//! Which wires there can be, and what becomes of them when blocks come between or go. Knows no screen.

pub mod at;
pub mod fit;
pub mod free;
pub mod heal;
pub mod splice;
