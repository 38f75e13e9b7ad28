//! Which tensor of a subject is shown, and which plane of it.

use std::sync::Arc;

use egui::{ComboBox, DragValue, RichText, Ui};
use node_core::{PortRef, Shape, Tensor};
use node_engine::Studies;
use node_engine::analysis::Stop;
use node_engine::analysis::compare::difference;
use node_engine::analysis::numbers::STRETCH;
use node_engine::analysis::plane::Plane;
use node_engine::studies::{Key, Reply};

use super::subject::{Cells, Column, Subject, range_of};
use crate::size;
use crate::state::results::Shown;

/// The column that is shown: the one that was chosen, else the one called `most`, else the output.
pub fn column<'s>(subject: &'s Subject, shown: &Shown, most: Option<&str>) -> Option<&'s Column> {
    let chosen = shown.column.as_deref().and_then(|title| subject.column(title));
    chosen.or_else(|| subject.column(most?)).or_else(|| subject.own())
}

/// Chooses the column, where there are several.
pub fn choose_column(ui: &mut Ui, subject: &Subject, column: &Column, now: &mut Shown) {
    let numbers: Vec<&Column> = subject.columns.iter().filter(|column| column.reader().is_some()).collect();
    if numbers.len() < 2 {
        return;
    }
    let text = RichText::new(&column.title).size(size::CAPTION);
    let combo = ComboBox::from_id_salt(("column", &subject.port)).width(90.0).selected_text(text);
    let response = combo.show_ui(ui, |ui| {
        for offered in numbers {
            if ui.selectable_label(offered.title == column.title, &offered.title).clicked() {
                now.column = Some(offered.title.clone());
            }
        }
    });
    response.response.accessible_name(format!("shown of {}", subject.port));
}

/// The tensor that a column holds; what is not there as one is worked out.
pub fn tensor(subject: &Subject, column: &Column, studies: &mut Studies) -> Reply<Arc<Tensor>> {
    if let Cells::Elements(tensor) = &column.cells {
        return Reply::Answer(Arc::new(tensor.clone()));
    }
    let question = format!("tensor {} {}", column.title, subject.ranges_key);
    studies.ask(Key::new(question, column.tensors()), subject.output.len(), || {
        let cells = column.cells.clone();
        move |stop: &Stop| match &cells {
            Cells::Elements(tensor) => Some(tensor.clone()),
            Cells::Differences(a, b) => difference(a, b, stop),
            Cells::Codes(tensor, quantization) => {
                let values = tensor.slice::<f32>()?;
                let mut codes: Vec<f64> = Vec::new();
                codes.try_reserve_exact(values.len()).ok()?;
                for (nth, stretch) in values.chunks(STRETCH).enumerate() {
                    if stop.is_set() {
                        return None;
                    }
                    let code = |(at, value): (usize, &f32)| {
                        let range = range_of(quantization, nth * STRETCH + at);
                        range.and_then(|range| range.code(*value)).map_or(f64::NAN, |code| code as f64)
                    };
                    codes.extend(stretch.iter().enumerate().map(code));
                }
                Tensor::new(tensor.shape().clone(), codes).ok()
            }
        }
    })
}

/// The plane that is shown.
pub fn plane(shape: &Shape, shown: &Shown) -> Plane {
    shown.plane.clone().filter(|plane| plane.fits(shape)).unwrap_or_else(|| Plane::first(shape))
}

/// Chooses the axes of the plane, and where it lies along the others. It stands in a row that wraps.
pub fn choose(ui: &mut Ui, port: &PortRef, shape: &Shape, now: &mut Shown) {
    let mut plane = plane(shape, now);
    let before = plane.clone();
    if shape.rank() < 2 {
        return;
    }
    let caption = |text: String| RichText::new(text).size(size::CAPTION);
    let mut rows = plane.rows.unwrap_or(0);
    let mut columns = plane.columns.unwrap_or(0);
    for (what, axis) in [("rows", &mut rows), ("columns", &mut columns)] {
        let combo = ComboBox::from_id_salt((what, port)).width(40.0);
        let response = combo.selected_text(caption(format!("{what}: axis {axis}"))).show_ui(ui, |ui| {
            for (number, dim) in shape.dims().iter().enumerate() {
                ui.selectable_value(axis, number, format!("axis {number}, of {dim}"));
            }
        });
        response.response.accessible_name(format!("axis of {what} of {port}"));
    }
    if rows == columns {
        // The other takes the place of the one that was chosen in its stead.
        let (old_rows, old_columns) = (plane.rows.unwrap_or(0), plane.columns.unwrap_or(0));
        if rows == old_rows { rows = old_columns } else { columns = old_rows }
    }
    (plane.rows, plane.columns) = (Some(rows), Some(columns));
    let others: Vec<usize> = plane.others().collect();
    for axis in others {
        let dim = shape.dims()[axis];
        plane.at[axis] = plane.at[axis].min(dim.saturating_sub(1));
        let index = DragValue::new(&mut plane.at[axis]).range(0..=dim.saturating_sub(1)).speed(0.1);
        let index = index.prefix(format!("axis {axis}: ")).suffix(format!(" of {dim}"));
        ui.add(index).accessible_name(format!("index along axis {axis} of {port}"));
    }
    if plane != before {
        now.plane = Some(plane);
    }
}
