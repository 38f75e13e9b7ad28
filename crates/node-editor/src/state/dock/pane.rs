//! The panels that can be docked.

use serde::{Deserialize, Serialize};

/// A panel. Canvases and inspectors have numbers; the first of each is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Pane {
    /// All block types.
    Palette,
    /// A page.
    Canvas(u32),
    /// What is selected, or what it is pinned to.
    Inspector(u32),
    /// What there is to say of the page.
    Problems,
    /// Where its error arises, what becomes of its gradients, what a sweep gives.
    Analysis,
}

impl Pane {
    /// Its title.
    pub fn name(self) -> &'static str {
        match self {
            Pane::Palette => "Blocks",
            Pane::Canvas(_) => "Canvas",
            Pane::Inspector(_) => "Inspector",
            Pane::Problems => "Problems",
            Pane::Analysis => "Analysis",
        }
    }

    /// Whether it is as wide as a person has made it, and canvases have what is left.
    pub(super) fn keeps_width(self) -> bool {
        matches!(self, Pane::Palette | Pane::Inspector(_))
    }
}
