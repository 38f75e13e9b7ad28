//! What a person sees. A panel is shown what is open and says what is asked for; it changes nothing.

pub mod analysis;
pub mod banner;
pub mod canvas;
pub mod dialog;
pub mod find;
mod help;
pub mod inspector;
pub mod keys;
pub mod palette;
pub mod status_bar;
pub mod top_bar;
