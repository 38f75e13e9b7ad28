//! Where the page's error arises, the worst first.

use egui::{RichText, ScrollArea, Ui};
use node_core::BlockId;
use node_engine::against_float::{AgainstFloat, Arising, badness};
use node_engine::analysis::distance::Distance;

use super::shared::{Told, cell, head, is_there, look};
use crate::command::Command;
use crate::size;
use crate::state::analysis::Analysis;
use crate::state::tab::Tab;
use crate::widgets::figures::figure;
use crate::widgets::tokens::Tokens;

/// What the figure means, in one line.
const MEANING: &str =
    "SQNR is how much stronger values are than their error: 20 dB is an error of 10 %, and each bit adds 6 dB.";

/// Draws it.
pub fn show(ui: &mut Ui, tab: &Tab, told: &Told<AgainstFloat>, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    if !is_there(ui, told) {
        return;
    }
    let Some(found) = told.found() else { return };
    if found.muted.is_empty() {
        ui.label("No block that quantizes has run on this page, so there is no error to tell.");
        return;
    }
    let analysis = &tab.view.analysis;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        head(ui, "worst first by");
        for (by, text) in [(false, "what a block adds"), (true, "what has come together")] {
            if ui.radio(analysis.by_accumulated == by, RichText::new(text).size(size::CAPTION)).clicked() {
                commands.push(look(Analysis { by_accumulated: by, ..analysis.clone() }));
            }
        }
        let muted = found.muted.iter().map(BlockId::as_str).collect::<Vec<_>>().join(", ");
        head(ui, &format!("Beside the page with {muted} muted. {MEANING}"));
    });
    let rows = ordered(found, analysis.by_accumulated);
    ScrollArea::both().auto_shrink([false, false]).show(ui, |ui| {
        egui::Grid::new("errors").striped(true).spacing([16.0, 3.0]).show(ui, |ui| {
            let heads = ["output", "adds: SQNR", "adds: MSE", "so far: SQNR", "MSE", "largest", "cosine"];
            heads.into_iter().for_each(|text| head(ui, text));
            ui.end_row();
            rows.iter().for_each(|arising| row(ui, arising, commands));
        });
        let same = found.ports.len() - rows.len();
        let mut rest = format!("{same} of {} outputs are the same on both paths.", found.ports.len());
        if !found.without.is_empty() {
            let without = found.without.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            rest.push_str(&format!(" Without a counterpart, since nothing is clipped there: {without}."));
        }
        ui.label(RichText::new(rest).size(size::CAPTION).color(tokens.muted));
    });
}

/// So many outputs are listed.
const LISTED: usize = 500;

/// The outputs that differ, or whose blocks add something, the worst first.
fn ordered(found: &AgainstFloat, by_accumulated: bool) -> Vec<&Arising> {
    let mut rows: Vec<&Arising> =
        found.ports.iter().filter(|arising| arising.differs() || arising.local.is_some()).collect();
    let key = |arising: &Arising| {
        let accumulated = badness(&arising.accumulated);
        match arising.local.as_ref().filter(|_| !by_accumulated) {
            Some(local) => (false, badness(local), accumulated),
            None => (!by_accumulated, accumulated, accumulated),
        }
    };
    rows.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
    });
    rows.truncate(LISTED);
    rows
}

fn row(ui: &mut Ui, arising: &Arising, commands: &mut Vec<Command>) {
    let port = arising.port.to_string();
    if ui.link(&port).accessible_name(format!("error of {port}")).clicked() {
        commands.push(Command::Reveal(arising.port.block.clone()));
    }
    match &arising.local {
        Some(local) => {
            cell(ui, decibels(local));
            cell(ui, figure(local.mse));
        }
        None => {
            cell(ui, "–");
            cell(ui, "");
        }
    }
    let Distance { mse, max_abs, cosine, .. } = arising.accumulated;
    cell(ui, decibels(&arising.accumulated));
    cell(ui, figure(mse));
    cell(ui, figure(max_abs));
    cell(ui, if cosine.is_nan() { "–".to_owned() } else { format!("{cosine:.6}") });
    ui.end_row();
}

fn decibels(distance: &Distance) -> String {
    match distance.sqnr_db {
        _ if !distance.mse.is_finite() => "not finite".to_owned(),
        f64::INFINITY => "exact".to_owned(),
        f64::NEG_INFINITY => "0 in float".to_owned(),
        decibels => format!("{decibels:.2} dB"),
    }
}

/// From so many decibels on nobody minds an error.
const GOOD: f64 = 50.0;

/// What is said of a block with this error, and how bad it is.
pub fn badness_of(distance: &Distance) -> (String, f32) {
    let part = match distance.sqnr_db {
        _ if !distance.mse.is_finite() => 1.0,
        f64::NEG_INFINITY => 0.0,
        decibels => (1.0 - decibels / GOOD).clamp(0.0, 1.0),
    };
    let text = match distance.sqnr_db {
        _ if !distance.mse.is_finite() => "not finite any more".to_owned(),
        f64::NEG_INFINITY => format!("MSE {}", figure(distance.mse)),
        _ => format!("SQNR {}", decibels(distance)),
    };
    (text, part as f32)
}
