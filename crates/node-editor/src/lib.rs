//! The egui widgets: canvas, palette, inspector, dialogs. Knows no window and no file.
//!
//! What is open is a [`state::State`], which draws nothing. Panels are shown it and push commands; `apply` alone changes
//! it; the [`Editor`] is the shell that draws the one and does the other.

pub mod actions;
mod apply;
pub mod arrange;
mod command;
pub mod drawing;
pub mod editor;
pub mod host;
pub mod layout;
mod panels;
mod size;
pub mod state;
mod typed;
pub mod widgets;
mod wiring;

pub use editor::Editor;
pub use host::Host;
