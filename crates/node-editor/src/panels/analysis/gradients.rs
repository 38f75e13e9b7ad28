//! What becomes of the page's gradients: block by block, channel by channel, and along chains.

use egui::{RichText, ScrollArea, Ui};
use node_core::BlockId;
use node_engine::analysis::audit::{Audit, Audits, Passed, Stopped};

use super::shared::{Told, cell, head, is_there};
use crate::command::Command;
use crate::size;
use crate::widgets::figures::{figure, percent};

/// So many channels of a block are listed, those that stop most first.
const CHANNELS: usize = 64;

/// Draws it.
pub fn show(ui: &mut Ui, told: &Told<Audits>, commands: &mut Vec<Command>) {
    if !is_there(ui, told) {
        return;
    }
    let Some(found) = told.found() else { return };
    if found.blocks.is_empty() {
        ui.label("No block of this page stops gradients by where its inputs lie, or none of them has run.");
        return;
    }
    let text = "Elements whose gradients are stopped, and their part of the gradients' norm; parts of a norm add up as squares.";
    head(ui, text);
    // NaN is rare, and room is too.
    let sides = if found.blocks.iter().any(|(_, audit)| audit.all.shares.nan > 0) { 4 } else { 3 };
    ScrollArea::both().auto_shrink([false, false]).show(ui, |ui| {
        egui::Grid::new("audits").striped(true).spacing([16.0, 3.0]).show(ui, |ui| {
            let heads = ["block", "", "below", "norm", "inside", "norm", "above", "norm", "NaN", "norm"];
            heads[..2 + 2 * sides].iter().for_each(|text| head(ui, text));
            ui.end_row();
            found.blocks.iter().for_each(|(id, audit)| block(ui, (id, audit), sides, commands));
        });
        found.chains.iter().for_each(|passed| chain(ui, passed));
    });
}

fn block(ui: &mut Ui, (id, audit): (&BlockId, &Audit), sides: usize, commands: &mut Vec<Command>) {
    if ui.link(id.as_str()).accessible_name(format!("audit of {id}")).clicked() {
        commands.push(Command::Reveal(id.clone()));
    }
    stopped(ui, "in force", &audit.all, sides);
    if audit.typed != audit.all {
        ui.label("");
        stopped(ui, "range as typed", &audit.typed, sides);
    }
    if audit.channels.len() < 2 {
        return;
    }
    let mut worst: Vec<usize> = (0..audit.channels.len()).collect();
    let inside = |channel: &usize| audit.channels[*channel].norm.map_or(1.0, |norm| norm[1]);
    worst.sort_by(|a, b| inside(a).total_cmp(&inside(b)));
    for channel in worst.iter().take(CHANNELS) {
        ui.label("");
        stopped(ui, &format!("channel {channel}"), &audit.channels[*channel], sides);
    }
    if worst.len() > CHANNELS {
        ui.label("");
        head(ui, &format!("… and {} channels more", worst.len() - CHANNELS));
        ui.end_row();
    }
}

fn stopped(ui: &mut Ui, what: &str, stopped: &Stopped, sides: usize) {
    head(ui, what);
    let shares = &stopped.shares;
    for (side, count) in [shares.below, shares.inside, shares.above, shares.nan].into_iter().enumerate().take(sides) {
        cell(ui, format!("{count} ({})", percent(count, shares.total())));
        cell(ui, stopped.norm.map_or("–".to_owned(), |norm| format!("{:.1} %", norm[side] * 100.0)));
    }
    ui.end_row();
}

fn chain(ui: &mut Ui, passed: &Passed) {
    let steps = passed.chain.outputs.iter().zip(&passed.through);
    let steps = steps.map(|(port, part)| format!("{port} lets through {}", part_text(*part))).collect::<Vec<_>>();
    let text = format!(
        "Of the norm of {}: {}; together {}.",
        passed.chain.from,
        steps.join(", "),
        part_text(passed.together())
    );
    ui.label(RichText::new(text).size(size::CAPTION + 0.5));
}

fn part_text(part: f64) -> String {
    if part.is_finite() && part < 100.0 { format!("{:.1} %", part * 100.0) } else { figure(part) }
}
