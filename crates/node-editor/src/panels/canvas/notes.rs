//! Notes: Markdown on the canvas.

use egui::{
    Align2, CornerRadius, FontId, Id, Key, Rect, Role, ScrollArea, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, vec2,
};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use super::decor::{Moved, note_rect};
use crate::command::{Command, Glance};
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::{Field, Picked};
use crate::widgets::names::{self, Told, tell};
use crate::widgets::tokens::Tokens;

/// Farther away than this a note is a box.
const FAR: f32 = 0.3;

/// Draws the notes that are in view.
pub fn show(
    ui: &mut Ui,
    canvas: Rect,
    tab: &Tab,
    moved: Moved<'_>,
    markdown: &mut CommonMarkCache,
    commands: &mut Vec<Command>,
) {
    for (name, note) in &tab.document.page.decor.notes {
        let rect = tab.view.camera.rect_to_screen(canvas, note_rect(name, note, moved));
        if rect.intersects(canvas) {
            one(ui, canvas, tab, (name, &note.text), rect, markdown, commands);
        }
        let field = Field::Note(name.clone());
        let is_drawn = rect.intersects(canvas) && tab.view.camera.zoom >= FAR;
        if tab.view.in_place.as_ref() == Some(&field) && !is_drawn {
            // Nobody can see the field: it is left.
            let typed = tab.view.typing.get(&field).filter(|typed| **typed != note.text).cloned();
            commands.extend(typed.map(|typed| Command::WriteNote(name.clone(), typed)));
            commands.push(Command::Look(Glance::Typing(field, None)));
            commands.push(Command::Look(Glance::InPlace(None)));
        }
    }
}

fn one(
    ui: &mut Ui,
    canvas: Rect,
    tab: &Tab,
    (name, text): (&str, &str),
    rect: Rect,
    markdown: &mut CommonMarkCache,
    commands: &mut Vec<Command>,
) {
    let (tokens, zoom) = (Tokens::of(ui), tab.view.camera.zoom);
    let picked = tab.view.picked.as_ref() == Some(&Picked::Note(name.to_owned()));
    let painter = ui.painter_at(canvas);
    let radius = CornerRadius::same((4.0 * zoom).clamp(1.0, 6.0) as u8);
    painter.rect_filled(rect, radius, tokens.panel);
    let strip = Rect::from_min_size(rect.min, vec2((4.0 * zoom).max(2.0), rect.height()));
    painter.rect_filled(strip, radius, tokens.warning);
    let edge = if picked { Stroke::new(2.0, tokens.accent) } else { Stroke::new(1.0, tokens.line) };
    painter.rect_stroke(rect, radius, edge, StrokeKind::Inside);
    let told = Told {
        role: Role::Note,
        name: names::note(name),
        value: Some(text.to_owned()),
        description: None,
        selected: Some(picked),
        rect: rect.intersect(canvas),
        key: &("note", tab.id, name),
    };
    if tell(ui, told) {
        commands.push(Command::Pick(Picked::Note(name.to_owned())));
    }
    if zoom < FAR {
        return;
    }
    let inner = Rect::from_min_max(rect.min + vec2(14.0, 10.0) * zoom, rect.max - vec2(10.0, 8.0) * zoom);
    if !inner.is_positive() {
        return;
    }
    let field = Field::Note(name.to_owned());
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(("note", tab.id, name)));
    child.set_clip_rect(inner.expand(4.0).intersect(canvas));
    if tab.view.in_place.as_ref() == Some(&field) {
        edit(&mut child, tab, name, text, field, commands);
    } else if text.trim().is_empty() {
        let hint = "Double-click to write, in Markdown.";
        child.painter().text(inner.min, Align2::LEFT_TOP, hint, FontId::proportional(size::TEXT * zoom), tokens.muted);
    } else {
        scale(&mut child, zoom);
        CommonMarkViewer::new().show(&mut child, markdown, text);
    }
    if picked {
        let corner = rect.max - vec2(4.0, 4.0);
        for step in [4.0, 8.0] {
            let line = [corner - vec2(step, 0.0), corner - vec2(0.0, step)];
            painter.line_segment(line, Stroke::new(1.0, tokens.muted));
        }
    }
}

/// Texts as large as the canvas shows them; nothing in them takes the pointer from the canvas but links.
fn scale(ui: &mut Ui, zoom: f32) {
    let style = ui.style_mut();
    style.interaction.selectable_labels = false;
    style.text_styles.values_mut().for_each(|font| font.size *= zoom);
    style.spacing.item_spacing *= zoom;
    style.spacing.indent *= zoom;
}

fn edit(ui: &mut Ui, tab: &Tab, name: &str, text: &str, field: Field, commands: &mut Vec<Command>) {
    let typed = tab.view.typing.get(&field);
    let mut now = typed.cloned().unwrap_or_else(|| text.to_owned());
    let id = Id::unique(("edit note", tab.id, name));
    let response = ScrollArea::vertical()
        .show(ui, |ui| {
            let edit = TextEdit::multiline(&mut now).id(id).desired_width(f32::INFINITY).frame(egui::Frame::NONE);
            ui.add(edit).accessible_name(names::on_canvas(&names::note(name)))
        })
        .inner;
    if response.lost_focus() {
        let given_up = ui.input(|i| i.key_pressed(Key::Escape));
        if !given_up && now != text {
            commands.push(Command::WriteNote(name.to_owned(), now));
        }
        commands.push(Command::Look(Glance::Typing(field, None)));
        commands.push(Command::Look(Glance::InPlace(None)));
        return;
    }
    if !response.has_focus() {
        response.request_focus();
    }
    if response.changed() {
        commands.push(Command::Look(Glance::Typing(field, Some(now))));
    }
}
