//! Levels of detail: how much of a block is shown at a zoom.

/// Below this zoom blocks are boxes with names: no port is seen or hit.
pub const FROM_AFAR: f32 = 0.4;
/// Below this zoom names cannot be read either.
pub const TOO_FAR: f32 = 0.12;
