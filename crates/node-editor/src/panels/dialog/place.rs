//! Asking where a page runs, and where a cluster computes blocks.

use egui::{RichText, ScrollArea, TextEdit, Ui};

use super::buttons::buttons;
use crate::state::State;
use crate::state::dialog::{Answer, DeviceDialog, PlaceDialog};
use crate::widgets::tokens::Tokens;

/// Draws where a page runs.
pub fn body(ui: &mut Ui, dialog: &mut PlaceDialog, state: &State) -> Option<Answer> {
    ui.label("A cluster is TensorFlow's own runtime: tf.distribute.Server on one machine or on several. What the page fetches and what is selected comes back.");
    ui.add_space(6.0);
    ui.radio_value(&mut dialog.on_cluster, false, "On this machine");
    ui.radio_value(&mut dialog.on_cluster, true, "On a TensorFlow cluster");
    if !dialog.on_cluster {
        ui.add_space(6.0);
        return buttons(ui, &[("OK", Answer::Yes), ("Cancel", Answer::Cancel)], Some(0));
    }
    let mut asked = None;
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(&mut dialog.target).desired_width(300.0).hint_text("grpc://HOST:PORT");
        ui.add(edit.id_salt("target")).accessible_name("target");
        if ui.button("List devices").clicked() {
            asked = Some(Answer::Reload);
        }
    });
    let tokens = Tokens::of(ui);
    let plain = dialog.target.trim().starts_with("grpc://");
    let kind =
        if plain { "Plain: what goes there can be read on its way. grpcs:// is encrypted." } else { "Encrypted." };
    ui.label(RichText::new(kind).color(tokens.muted));
    devices(ui, state, dialog.target.trim(), &mut None);
    ui.add_space(6.0);
    let answer = buttons(ui, &[("OK", Answer::Yes), ("Cancel", Answer::Cancel)], Some(0));
    asked.or(answer)
}

/// Draws where blocks are computed.
pub fn device(ui: &mut Ui, dialog: &mut DeviceDialog, state: &State) -> Option<Answer> {
    let blocks: Vec<&str> = dialog.blocks.iter().map(|id| id.as_str()).collect();
    let blocks = match blocks.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("{} blocks", several.len()),
    };
    ui.label(format!("Where a cluster computes {blocks}. Empty leaves it to the frame, or to the cluster. A run on this machine does not look at it."));
    ui.add_space(6.0);
    let edit = TextEdit::singleline(&mut dialog.device).desired_width(f32::INFINITY).hint_text("/job:worker/task:1");
    ui.add(edit.id_salt("device")).accessible_name("device");
    if let Some(target) = state.page(dialog.tab).and_then(|tab| tab.target.as_deref()) {
        let mut chosen = None;
        devices(ui, state, target, &mut chosen);
        dialog.device = chosen.unwrap_or_else(|| std::mem::take(&mut dialog.device));
    }
    if let Some(wrong) = &dialog.wrong {
        ui.label(RichText::new(wrong).color(Tokens::of(ui).error));
    }
    ui.add_space(6.0);
    buttons(ui, &[("OK", Answer::Yes), ("Cancel", Answer::Cancel)], Some(0))
}

/// The devices of a cluster that has been asked; a click chooses one.
fn devices(ui: &mut Ui, state: &State, target: &str, chosen: &mut Option<String>) {
    let tokens = Tokens::of(ui);
    if state.clusters.is_asking(target) {
        ui.label(RichText::new("asking …").color(tokens.muted));
    }
    match state.clusters.of(target) {
        None => {}
        Some(Err(why)) => drop(ui.label(RichText::new(why).color(tokens.error))),
        Some(Ok(devices)) => {
            ScrollArea::vertical().max_height(160.0).auto_shrink([false, true]).show(ui, |ui| {
                for device in devices {
                    if ui.link(RichText::new(device).monospace()).clicked() {
                        *chosen = Some(device.clone());
                    }
                }
            });
        }
    }
}
