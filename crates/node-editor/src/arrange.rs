//! Where blocks go when they are put in order: by layers, in line, at equal distances. Knows no screen and no page, only
//! rectangles.

mod align;
mod layers;
mod link;
mod order;
mod shelves;
mod spread;
mod tidy;

pub use align::{Side, align, distribute};
pub use link::Link;
pub use tidy::tidy;
