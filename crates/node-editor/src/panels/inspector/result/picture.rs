//! The picture: a plane of a tensor in colours, or an image as it is.

mod eye;
mod strip;

use std::sync::Arc;

use egui::{
    Align2, ColorImage, ComboBox, FontId, Id, Mesh, Rect, RichText, Sense, Shape, TextureHandle, TextureOptions, Ui,
    pos2, vec2,
};
use node_core::{PortRef, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::numbers::Numbers;
use node_engine::analysis::percentiles::percentiles;
use node_engine::analysis::picture::{colour, scale};
use node_engine::analysis::plane::{Plane, Window, cells, image, is_image, plane_scale};
use node_engine::studies::{Key, Reply};

use super::planes;
use super::subject::Subject;
use super::why;
use crate::panels::inspector::inspecting::Inspecting;
use crate::size;
use crate::state::results::{Ends, Shown};
use crate::widgets::names::{Told, tell};
use crate::widgets::number_format;
use crate::widgets::tokens::{Tokens, sample, samples};
use eye::Eye;

/// The height of the scale beneath, with its numbers.
const SCALE: f32 = 30.0;
/// Cells of this size have their numbers written into them.
const ROOMY: [f32; 2] = [46.0, 15.0];

/// A picture that was painted, and the part of the plane that it shows.
#[derive(Clone)]
struct Painted {
    texture: TextureHandle,
    window: Window,
    /// What it shows: of this another window may stand for the one that is not there yet.
    shows: Key,
    /// Which answer it was made of: the address of its first sample, which lives as long as this.
    of: Arc<dyn std::any::Any + Send + Sync>,
    most: f64,
}

/// Draws it in `height`. Returns how high it is.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, shown: &Shown, height: f32) -> f32 {
    let mut now = shown.clone();
    let port = &subject.port;
    let Some(column) = planes::column(subject, shown, None) else { return 0.0 };
    let told = planes::tensor(subject, column, inspecting.studies);
    let begun = ui.cursor().top();
    let mut plane = None;
    if let Reply::Answer(tensor) = &told {
        let is_image = is_image(tensor.dtype(), tensor.shape());
        let found = if is_image { whole_image(tensor) } else { planes::plane(tensor.shape(), shown) };
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(5.0, 3.0);
            planes::choose_column(ui, subject, column, &mut now);
            if !is_image {
                planes::choose(ui, port, tensor.shape(), &mut now);
                choose_ends(ui, port, &mut now);
            }
        });
        if !is_image {
            // Each plane has its own end where the colours end at the plane's.
            let most = (shown.ends != Ends::Plane).then(|| magnitude(inspecting, tensor, &found, shown.ends)).flatten();
            strip::show(ui, inspecting.studies, port, (tensor, &found), &mut now, most);
        }
        plane = Some((tensor.clone(), found, is_image));
    } else {
        let said = if matches!(told, Reply::Soon) { "Working it out …" } else { "There is no memory for it." };
        ui.label(RichText::new(said).color(Tokens::of(ui).muted));
    }
    if let Some((tensor, plane, is_image)) = plane {
        let left = (height - (ui.cursor().top() - begun)).max(90.0);
        let looked = Looked { subject, tensor: &tensor, plane: &plane, is_image, shown };
        looked.draw(ui, inspecting, left);
    }
    if now != *shown {
        inspecting.show(port, now);
    }
    ui.cursor().top() - begun
}

/// The plane of an image's rows and columns.
fn whole_image(tensor: &Tensor) -> Plane {
    Plane { rows: Some(0), columns: Some(1), at: vec![0; tensor.shape().rank()] }
}

/// Chooses where the colours end.
fn choose_ends(ui: &mut Ui, port: &PortRef, now: &mut Shown) {
    let text = RichText::new(now.ends.name()).size(size::CAPTION);
    let combo = ComboBox::from_id_salt(("ends", port)).width(96.0).selected_text(text);
    let response = combo.show_ui(ui, |ui| {
        for ends in Ends::ALL {
            ui.selectable_value(&mut now.ends, ends, ends.name());
        }
    });
    response.response.accessible_name(format!("colours of {port}")).on_hover_text("Where the colours end");
}

/// The magnitude where the colours end.
fn magnitude(inspecting: &mut Inspecting<'_>, tensor: &Arc<Tensor>, plane: &Plane, ends: Ends) -> Option<f64> {
    let plane = (ends == Ends::Plane).then(|| plane.clone());
    let key = Key::new(format!("ends {ends:?} {plane:?}"), [&**tensor]);
    let told = inspecting.studies.ask(key, tensor.len(), || {
        let tensor = tensor.clone();
        move |stop: &Stop| match (ends, plane) {
            (Ends::Plane, Some(plane)) => plane_scale(&tensor, &plane, stop),
            (Ends::Most, _) => {
                let ends = percentiles(&tensor, &[0.5, 99.5], stop)?;
                Some(ends.into_iter().map(f64::abs).fold(0.0, f64::max))
            }
            _ => scale(&tensor, stop),
        }
    });
    told.answer().map(|most| *most)
}

/// What is looked at.
struct Looked<'a> {
    subject: &'a Subject,
    tensor: &'a Arc<Tensor>,
    plane: &'a Plane,
    is_image: bool,
    shown: &'a Shown,
}

impl Looked<'_> {
    fn draw(&self, ui: &mut Ui, inspecting: &mut Inspecting<'_>, height: f32) {
        let port = &self.subject.port;
        let tokens = Tokens::of(ui);
        let [rows, columns] = self.plane.size(self.tensor.shape());
        if rows == 0 || columns == 0 {
            ui.label(RichText::new("no elements").color(tokens.muted));
            return;
        }
        let Some(most) =
            (if self.is_image { Some(255.0) } else { magnitude(inspecting, self.tensor, self.plane, self.shown.ends) })
        else {
            ui.label(RichText::new("Working it out …").color(tokens.muted));
            return;
        };
        let width = ui.available_width();
        let [wide, high] = eye::extent([rows, columns], width, height - SCALE - 20.0);
        let (rect, response) = ui.allocate_exact_size(vec2(wide, high), Sense::click_and_drag());
        let response = response.accessible_name(format!("picture of {port}"));
        let id = Id::unique(("eye", ui.scope_id(), port));
        let mut eye = Eye::kept(ui, id, [rows, columns]);
        eye.hear(ui, &response, rect);
        let window = eye.window(rect, ui.pixels_per_point());
        let painted = self.paint(ui, inspecting, &window, most);
        ui.painter().rect_filled(rect, 0.0, tokens.sunken);
        if let Some(painted) = &painted {
            let at = eye.on_screen(rect, &painted.window);
            let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(painted.texture.id(), at, uv, egui::Color32::WHITE);
        }
        self.write_numbers(ui, rect, &eye, most);
        if response.has_focus() {
            let stroke = egui::Stroke::new(1.5, tokens.accent);
            ui.painter().rect_stroke(rect, 0.0, stroke, egui::StrokeKind::Inside);
        }
        let pointed = response.hover_pos().and_then(|at| eye.element(rect, at)).or(eye.marked());
        let value = pointed.map(|[row, column]| self.value(row, column));
        if let Some([row, column]) = pointed {
            let cell = eye.cell(rect, row, column).intersect(rect);
            let stroke = egui::Stroke::new(1.0, tokens.text);
            ui.painter().rect_stroke(cell.expand(0.5), 0.0, stroke, egui::StrokeKind::Outside);
        }
        if !self.is_image {
            legend(ui, rect.width(), most, value.as_ref().map(|(v, _)| *v));
        }
        let said = match &value {
            Some((_, said)) => said.clone(),
            None => format!("{rows} × {columns}; wheel or + and − zoom; NaN is yellow, infinities as the ends"),
        };
        ui.label(RichText::new(&said).monospace().size(size::CAPTION).color(tokens.muted));
        let told = Told {
            role: egui::Role::Image,
            name: format!("element in the picture of {port}"),
            value: Some(said),
            description: None,
            selected: None,
            rect,
            key: &("picture", port),
        };
        tell(ui, told);
        let entered = response.has_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        if (response.clicked() || entered)
            && let Some([row, column]) = pointed
        {
            let position = self.plane.index(row, column);
            let dims = self.subject.output.shape().dims();
            let flat = dims.iter().zip(position).fold(0, |flat, (dim, at)| flat * dim + at);
            why::ask(inspecting, port, flat);
        }
        eye.keep(ui, id);
    }

    /// The newest picture: of this part, or of the one before as long as this is not there.
    fn paint(&self, ui: &Ui, inspecting: &mut Inspecting<'_>, window: &Window, most: f64) -> Option<Painted> {
        let id = Id::unique(("painted", ui.scope_id(), &self.subject.port));
        let key = Key::new(format!("cells {:?} {window:?} {}", self.plane, self.is_image), [&**self.tensor]);
        let elements = (window.rows[1] - window.rows[0]) * (window.columns[1] - window.columns[0]);
        let (tensor, plane, is_image, own) = (self.tensor.clone(), self.plane.clone(), self.is_image, window.clone());
        let prepare = || {
            move |stop: &Stop| match is_image {
                true => image(&tensor, &own, stop).map(|samples| (samples, Vec::new())),
                false => cells(&tensor, &plane, &own, stop).map(|cells| (Vec::new(), cells)),
            }
        };
        let shows = Key::new(format!("{:?} {}", self.plane, self.is_image), [&**self.tensor]);
        let kept: Option<Painted> = ui.data(|data| data.get_temp(id));
        let kept = kept.filter(|painted| painted.shows == shows);
        let Reply::Answer(answer) = inspecting.studies.ask::<(Vec<u8>, Vec<f64>), _>(key, elements, prepare) else {
            return kept;
        };
        let of: Arc<dyn std::any::Any + Send + Sync> = answer.clone();
        let is_same = |painted: &Painted| Arc::ptr_eq(&painted.of, &of) && painted.most.to_bits() == most.to_bits();
        if let Some(painted) = kept.filter(is_same) {
            return Some(painted);
        }
        let size = [window.cells[1], window.cells[0]];
        let colours = match is_image {
            true => samples(&answer.0),
            false => answer.1.iter().map(|value| sample(colour(*value, most))).collect(),
        };
        let picture = ColorImage::new(size, colours);
        let texture = ui.ctx().load_texture(format!("{id:?}"), picture, TextureOptions::NEAREST);
        let painted = Painted { texture, window: window.clone(), shows, of, most };
        ui.data_mut(|data| data.insert_temp(id, painted.clone()));
        Some(painted)
    }

    /// An element: its number, and what is said of it.
    fn value(&self, row: usize, column: usize) -> (f64, String) {
        let index = self.plane.index(row, column);
        let [first, rows, columns] = self.plane.strides(self.tensor.shape());
        let flat = first + row * rows + column * columns;
        let number = Numbers::of(self.tensor).map_or(f64::NAN, |numbers| numbers.at(flat));
        let index = index.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let text = |flat: usize| {
            let value = self.tensor.element(flat);
            value.map_or_else(String::new, |v| number_format::text(&v, self.tensor.dtype(), self.shown.format))
        };
        if self.is_image {
            let channels = self.tensor.shape().dims()[2];
            let samples: Vec<String> = (0..channels).map(|channel| text(flat + channel)).collect();
            return (number, format!("[{row}, {column}] = {}", samples.join(", ")));
        }
        (number, format!("[{index}] = {}", text(flat)))
    }

    /// Numbers in the cells, where these are large enough.
    fn write_numbers(&self, ui: &Ui, rect: Rect, eye: &Eye, most: f64) {
        let [wide, high] = eye.size_of_cell(rect);
        if self.is_image || wide < ROOMY[0] || high < ROOMY[1] {
            return;
        }
        let [rows, columns] = eye.seen();
        for row in rows {
            for column in columns.clone() {
                let (value, said) = self.value(row, column);
                let text = said.split(" = ").nth(1).unwrap_or_default();
                let cell = eye.cell(rect, row, column);
                let room = ((cell.width() - 6.0) / 6.6).max(0.0) as usize;
                let [red, green, blue] = colour(value, most).map(f32::from);
                let is_light = red * 0.3 + green * 0.59 + blue * 0.11 > 140.0;
                let color = Tokens::of_theme(!is_light).text;
                let painter = ui.painter().with_clip_rect(cell.intersect(rect).intersect(ui.clip_rect()));
                let text = crate::widgets::elide::number(text, room);
                painter.text(cell.center(), Align2::CENTER_CENTER, text, FontId::monospace(size::CAPTION), color);
            }
        }
    }
}

/// The colours from end to end, and where a value stands among them.
fn legend(ui: &mut Ui, width: f32, most: f64, value: Option<f64>) {
    let tokens = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, SCALE), Sense::hover());
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 4.0), vec2(width, 9.0));
    const STEPS: usize = 64;
    let mut mesh = Mesh::default();
    for step in 0..STEPS {
        let part = |step: usize| step as f32 / STEPS as f32;
        let x = |step: usize| bar.left() + bar.width() * part(step);
        let middle = (f64::from(part(step)) + 0.5 / STEPS as f64) * 2.0 - 1.0;
        let piece = Rect::from_x_y_ranges(x(step)..=x(step + 1), bar.y_range());
        mesh.add_colored_rect(piece, sample(colour(middle, 1.0)));
    }
    ui.painter().add(Shape::mesh(mesh));
    let font = FontId::monospace(size::CAPTION);
    let number = |value: f64| node_core::number::f32_text(value as f32);
    let ends = [(0.0, Align2::LEFT_CENTER, number(-most)), (0.5, Align2::CENTER_CENTER, "0".to_owned())];
    for (part, align, text) in ends.into_iter().chain([(1.0, Align2::RIGHT_CENTER, number(most))]) {
        let at = pos2(bar.left() + bar.width() * part, bar.bottom() + 9.0);
        ui.painter().text(at, align, text, font.clone(), tokens.muted);
    }
    if let Some(value) = value.filter(|value| !value.is_nan()) {
        let part = if most > 0.0 { (value / most).clamp(-1.0, 1.0) } else { 0.0 };
        let x = bar.left() + bar.width() * ((part + 1.0) / 2.0) as f32;
        let tip = pos2(x, bar.top());
        let triangle = vec![tip + vec2(-4.0, -5.0), tip + vec2(4.0, -5.0), tip];
        ui.painter().add(Shape::convex_polygon(triangle, tokens.text, egui::Stroke::NONE));
    }
}
