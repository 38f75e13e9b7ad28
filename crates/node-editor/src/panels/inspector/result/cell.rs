//! One element as tables show it: its text, and a colour and a sign where it lies outside the range.

use egui::{Align2, Color32, FontId, Rect, Sense, Ui, vec2};
use node_core::{DType, PortRef};
use node_engine::analysis::Side;

use super::subject::{Column, Subject, range_of};
use crate::size;
use crate::state::results::Format;
use crate::widgets::names::{self, Told, tell};
use crate::widgets::tokens::Tokens;
use crate::widgets::{elide, number_format};

/// What is left free beside a cell's text.
pub const BESIDE: f32 = 8.0;

/// What is shown of an element.
struct Shown {
    text: String,
    said: String,
    color: Color32,
}

fn shown(tokens: &Tokens, subject: &Subject, column: &Column, flat: usize, format: Format) -> Option<Shown> {
    let value = column.element(flat)?;
    let text = number_format::text(&value, column.dtype(), format);
    let is_odd = value.as_f64().is_some_and(|v| !v.is_finite());
    let color = if is_odd { tokens.error } else { tokens.text };
    let range = subject.quantization.as_ref().filter(|_| column.quantized).and_then(|q| range_of(q, flat));
    let side = range.zip(value.as_f64()).map(|(range, v)| Side::of(v as f32, range));
    Some(match side {
        Some(Side::Below) => {
            Shown { said: format!("{text}, below the range"), text: format!("↓ {text}"), color: tokens.below }
        }
        Some(Side::Above) => {
            Shown { said: format!("{text}, above the range"), text: format!("↑ {text}"), color: tokens.above }
        }
        _ => Shown { said: text.clone(), text, color },
    })
}

/// Draws the element number `flat` of a column, whose place in the tensor is `position`, at the right of `rect`.
pub fn draw(
    ui: &mut Ui,
    rect: Rect,
    subject: &Subject,
    column: &Column,
    (flat, position): (usize, &[usize]),
    format: Format,
) {
    let Some(Shown { text, said, color }) = shown(Tokens::of(ui), subject, column, flat, format) else { return };
    let mono = FontId::monospace(size::TEXT - 1.0);
    let character = ui.fonts_mut(|fonts| fonts.glyph_width(&mono, '0'));
    let room = ((rect.width() - BESIDE) / character).floor().max(0.0) as usize;
    let is_text = column.dtype() == DType::String;
    let short = if is_text { elide::end(&text, room) } else { elide::number(&text, room) };
    let key = ("cell", &subject.port, &column.title, flat);
    if short != text {
        let id = egui::Id::unique(("whole", ui.scope_id(), &key));
        ui.interact(rect, id, Sense::hover()).on_hover_text(&said);
    }
    let at = rect.right_center() - vec2(BESIDE, 0.0);
    ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())).text(at, Align2::RIGHT_CENTER, short, mono, color);
    let told = Told {
        role: egui::Role::Cell,
        name: names::cell(&PortRef::new(&subject.port.block, &column.title), position),
        value: Some(said),
        description: None,
        selected: None,
        rect,
        key: &key,
    };
    tell(ui, told);
}
