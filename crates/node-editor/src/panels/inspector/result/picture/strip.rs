//! A strip of planes: the neighbours along another axis, small, to choose from.

use std::sync::Arc;

use egui::{ColorImage, Id, Rect, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, pos2, vec2};
use node_core::{PortRef, Tensor};
use node_engine::Studies;
use node_engine::analysis::Stop;
use node_engine::analysis::picture::colour;
use node_engine::analysis::plane::{Plane, Window, cells};
use node_engine::studies::{Key, Reply};

use crate::state::results::Shown;
use crate::widgets::tokens::{Tokens, sample};

/// The side of a small picture.
const SIDE: f32 = 34.0;
const GAP: f32 = 4.0;

/// Draws the planes beside the one that is shown, as many as there is room for, along the last axis that has several.
pub fn show(
    ui: &mut Ui,
    studies: &mut Studies,
    port: &PortRef,
    (tensor, plane): (&Arc<Tensor>, &Plane),
    now: &mut Shown,
    most: Option<f64>,
) {
    let dims = tensor.shape().dims();
    let Some(axis) = plane.others().filter(|axis| dims[*axis] > 1).last() else { return };
    let room = ((ui.available_width() + GAP) / (SIDE + GAP)).floor().max(1.0) as usize;
    let first = plane.at[axis].saturating_sub(room / 2).min(dims[axis].saturating_sub(room));
    let (strip, _) = ui.allocate_exact_size(vec2(ui.available_width(), SIDE), Sense::hover());
    for (nth, at) in (first..dims[axis].min(first + room)).enumerate() {
        let mut own = plane.clone();
        own.at[axis] = at;
        let rect = Rect::from_min_size(strip.min + vec2(nth as f32 * (SIDE + GAP), 0.0), vec2(SIDE, SIDE));
        let id = Id::unique(("strip", ui.scope_id(), port, at));
        let response = ui.interact(rect, id, Sense::click());
        let response = response.accessible_name(format!("plane {at} along axis {axis} of {port}"));
        let is_shown = plane.at[axis] == at;
        if response.clicked() {
            now.plane = Some(own.clone());
        }
        let slot = Id::unique(("strip picture", ui.scope_id(), port, nth));
        match texture(ui, studies, slot, (tensor, &own), most) {
            Some(texture) => {
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter().image(texture.id(), rect, uv, egui::Color32::WHITE);
            }
            None => {
                ui.painter().rect_filled(rect, 0.0, Tokens::of(ui).sunken);
            }
        }
        let tokens = Tokens::of(ui);
        let (width, color) = if is_shown { (2.0, tokens.accent) } else { (1.0, tokens.line) };
        let color = if response.has_focus() || response.hovered() { tokens.text } else { color };
        ui.painter().rect_stroke(rect, 0.0, Stroke::new(width, color), StrokeKind::Outside);
        response.on_hover_text(format!("axis {axis}: {at}"));
    }
}

/// A small picture, in colours that end at a magnitude; at its own largest where none is given.
fn texture(
    ui: &Ui,
    studies: &mut Studies,
    id: Id,
    (tensor, plane): (&Arc<Tensor>, &Plane),
    most: Option<f64>,
) -> Option<TextureHandle> {
    type Kept = (Arc<Vec<f64>>, Option<f64>, TextureHandle);
    let [rows, columns] = plane.size(tensor.shape());
    let side = |of: usize| of.clamp(1, SIDE as usize);
    let window = Window { rows: [0, rows], columns: [0, columns], cells: [side(rows), side(columns)] };
    let key = Key::new(format!("strip {plane:?} {window:?}"), [&**tensor]);
    let told = studies.ask::<Vec<f64>, _>(key, rows.saturating_mul(columns), || {
        let (tensor, plane, window) = (tensor.clone(), plane.clone(), window.clone());
        move |stop: &Stop| cells(&tensor, &plane, &window, stop)
    });
    let kept: Option<Kept> = ui.data(|data| data.get_temp(id));
    let Reply::Answer(cells) = told else { return None };
    if let Some((.., texture)) = kept.filter(|(of, to, _)| Arc::ptr_eq(of, &cells) && *to == most) {
        return Some(texture);
    }
    let own = || cells.iter().map(|value| value.abs()).filter(|value| value.is_finite()).fold(0.0, f64::max);
    let end = most.unwrap_or_else(own);
    let samples = cells.iter().map(|value| sample(colour(*value, end))).collect();
    let picture = ColorImage::new([window.cells[1], window.cells[0]], samples);
    let texture = ui.ctx().load_texture(format!("{id:?}"), picture, TextureOptions::NEAREST);
    ui.data_mut(|data| data.insert_temp(id, (cells, most, texture.clone())));
    Some(texture)
}
