//! The panel of what is asked of a page as a whole.

mod error;
mod gradients;
mod shared;
mod sweep;
mod training;

use egui::{Frame, Margin, Ui};

use crate::command::Command;
use crate::state::analysis::{Analysis, Topic};
use crate::state::tab::Tab;
pub use error::badness_of;
pub use shared::Studied;
use shared::look;

/// Draws the panel.
pub fn show(ui: &mut Ui, tab: &Tab, studied: &Studied, commands: &mut Vec<Command>) {
    Frame::new().inner_margin(Margin { left: 14, right: 14, top: 6, bottom: 8 }).show(ui, |ui| {
        topics(ui, &tab.view.analysis, commands);
        ui.add_space(2.0);
        ui.push_id(("analysis", tab.id), |ui| match tab.view.analysis.topic {
            Topic::Error => error::show(ui, tab, &studied.error, commands),
            Topic::Gradients => gradients::show(ui, &studied.audits, commands),
            Topic::Sweep => sweep::show(ui, tab, commands),
            Topic::Training => training::show(ui, tab, commands),
        });
    });
}

fn topics(ui: &mut Ui, analysis: &Analysis, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        for topic in Topic::ALL {
            let label = ui.selectable_label(analysis.topic == topic, topic.name());
            if label.accessible_name(format!("analysis {}", topic.name())).clicked() {
                commands.push(look(Analysis { topic, ..analysis.clone() }));
            }
        }
    });
}
