//! What the topics of the panel share: what is known of a page, and how it is drawn.

use std::sync::Arc;

use egui::{RichText, Ui};
use node_engine::against_float::AgainstFloat;
use node_engine::analysis::audit::Audits;
use node_engine::studies::Reply;

use crate::command::{Command, Glance};
use crate::size;
use crate::state::analysis::Analysis;
use crate::widgets::tokens::Tokens;

/// The newest answer to a question.
pub struct Told<T> {
    found: Option<Arc<T>>,
    /// Whether a newer one is on its way.
    pub is_old: bool,
}

impl<T> Default for Told<T> {
    fn default() -> Told<T> {
        Told { found: None, is_old: true }
    }
}

impl<T> Told<T> {
    /// Takes in a reply; until the next answer is there the last one stands.
    pub fn take(&mut self, reply: Reply<Arc<T>>) {
        match reply {
            Reply::Answer(found) => *self = Told { found: Some(found), is_old: false },
            Reply::Soon => self.is_old = true,
            Reply::Nothing => *self = Told { found: None, is_old: false },
        }
    }

    /// What was found.
    pub fn found(&self) -> Option<&T> {
        self.found.as_deref()
    }
}

/// What is known of the page that is shown.
#[derive(Default)]
pub struct Studied {
    /// Where its error arises.
    pub error: Told<AgainstFloat>,
    /// What becomes of its gradients.
    pub audits: Told<Audits>,
}

/// Something else is asked.
pub fn look(analysis: Analysis) -> Command {
    Command::Look(Glance::Analysis(Box::new(analysis)))
}

/// What stands where nothing is found, or not yet. Whether something is found.
pub fn is_there<T>(ui: &mut Ui, told: &Told<T>) -> bool {
    let tokens = Tokens::of(ui);
    if told.is_old {
        let text =
            if told.found().is_some() { "Of the page as it was; working it out …" } else { "Working it out …" };
        ui.label(RichText::new(text).color(tokens.muted));
    }
    told.found().is_some()
}

/// What a heading of a column says.
pub fn head(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).size(size::CAPTION).color(Tokens::of(ui).muted));
}

/// A figure of a table.
pub fn cell(ui: &mut Ui, text: impl Into<String>) {
    ui.label(RichText::new(text).monospace().size(size::CAPTION + 0.5));
}
