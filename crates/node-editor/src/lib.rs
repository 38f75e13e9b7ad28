//! The egui widgets: canvas, palette, inspector, dialogs. Knows no window and no file.
//!
//! Drawing never changes the page: it returns commands, and [`editor::Editor`] applies them in one place.

mod apply;
pub mod canvas;
mod command;
mod dialog;
mod docs;
pub mod document;
pub mod editor;
pub mod elide;
mod fields;
mod fit;
mod help;
pub mod host;
mod inspector;
mod kept;
pub mod look;
mod match_blocks;
pub mod names;
mod pages;
mod palette;
mod placement;
mod problem_list;
pub mod run_state;
mod running;
mod shortcuts;
mod status_bar;
mod tab;
pub mod theme;
pub mod tokens;
mod top_bar;
mod typed;
mod value_text;
pub mod view_state;

pub use editor::Editor;
pub use host::Host;
