//! Sizes, in points at 100 %.

/// Text in panels.
pub const TEXT: f32 = 13.0;
/// Text on blocks.
pub const BLOCK_TEXT: f32 = 12.5;
/// Small text.
pub const CAPTION: f32 = 11.0;
/// A panel's heading.
pub const HEADING: f32 = 15.0;
/// A row of a block or a list.
pub const ROW: f32 = 24.0;
/// A block's width.
pub const BLOCK_WIDTH: f32 = 218.0;
/// A pin's diameter.
pub const PIN: f32 = 11.0;
/// How far from a pin's centre a pointer still hits it.
pub const PIN_REACH: f32 = 11.0;
/// A block's corners.
pub const BLOCK_RADIUS: f32 = 8.0;
/// A field's corners.
pub const FIELD_RADIUS: u8 = 5;
/// The grid's spacing.
pub const GRID: f32 = 20.0;
/// A wire's width.
pub const WIRE: f32 = 2.2;
/// The palette's width.
pub const PALETTE: f32 = 236.0;
/// The height of a docked panel's title.
pub const TAB: f32 = 26.0;
/// The inspector's width.
pub const INSPECTOR: f32 = 372.0;
