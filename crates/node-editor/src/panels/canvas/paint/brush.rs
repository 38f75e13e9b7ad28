//! What painting needs to know at every place.

use egui::{Painter, Pos2, Rect};

use crate::fit::Fit;
use crate::state::tab::Tab;
use crate::state::view::{Camera, PortEnd};
use crate::widgets::tokens::Tokens;

/// What painting needs to know at every place.
pub struct Brush<'a> {
    /// Where to paint.
    pub painter: Painter,
    /// Where the canvas is.
    pub canvas: Rect,
    /// What it shows.
    pub camera: Camera,
    /// The colours.
    pub tokens: &'static Tokens,
    /// The page.
    pub tab: &'a Tab,
    /// While a wire is drawn: which ports it may go to.
    pub fit: Option<Fit<'a>>,
    /// The end that stays.
    pub from: Option<&'a PortEnd>,
}

impl Brush<'_> {
    /// A point, from the page to the screen.
    pub fn at(&self, world: Pos2) -> Pos2 {
        self.camera.to_screen(self.canvas, world)
    }

    /// A rectangle, from the page to the screen.
    pub fn rect(&self, world: Rect) -> Rect {
        self.camera.rect_to_screen(self.canvas, world)
    }

    /// A length, from the page to the screen.
    pub fn px(&self, length: f32) -> f32 {
        length * self.camera.zoom
    }

    /// Whether a wire that is being drawn may go to this port; any port while none is.
    pub fn fits(&self, end: &PortEnd) -> bool {
        match (&self.fit, self.from) {
            (Some(fit), Some(from)) => end == from || fit.wire(end).is_ok(),
            _ => true,
        }
    }
}
