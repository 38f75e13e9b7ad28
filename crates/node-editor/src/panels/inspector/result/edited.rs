//! Cells of a constant, which are edited where they stand.

use egui::{ComboBox, Event, Key, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder};
use node_core::{BlockId, DType, PortRef};

use super::subject::Subject;
use crate::command::{Command, Glance};
use crate::panels::inspector::inspecting::Inspecting;
use crate::state::view::Field;
use crate::typed::{data_type, elements};
use crate::widgets::fields::{FieldLook, takes_paste, text_field};
use crate::widgets::names;
use crate::widgets::tokens::Tokens;

/// A constant whose cells can be edited, and how what is pasted into them goes on.
pub struct Edited<'s> {
    id: &'s BlockId,
    as_list: bool,
}

impl<'s> Edited<'s> {
    /// That of a subject, if it is one; with `as_list` what is pasted goes on in the tensor's order.
    pub fn of(inspecting: &Inspecting<'_>, subject: &'s Subject, as_list: bool) -> Option<Edited<'s>> {
        let id = &subject.port.block;
        let document = &inspecting.tab.document;
        elements::constant(&document.checked, id).map(|_| Edited { id, as_list })
    }

    /// The fields for its shape and its data type.
    pub fn form(&self, ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject) {
        let shape = subject.output.shape().to_string();
        let look = FieldLook::new(format!("shape of {}", self.id), 92.0);
        ui.label(egui::RichText::new("shape").size(crate::size::CAPTION).color(Tokens::of(ui).muted));
        text_field(ui, inspecting.tab, &Field::Shape(self.id.clone()), &shape, look, inspecting.commands);
        self.data_type(ui, inspecting, subject.output.dtype());
    }

    fn data_type(&self, ui: &mut Ui, inspecting: &mut Inspecting<'_>, now: DType) {
        let mut chosen = None;
        let combo = ComboBox::from_id_salt(("data type", self.id)).width(84.0).height(420.0).selected_text(now.name());
        let combo = combo.show_ui(ui, |ui| {
            for dtype in DType::ALL {
                if ui.selectable_label(dtype == now, dtype.name()).clicked() {
                    chosen = Some(dtype);
                }
            }
        });
        combo.response.accessible_name(format!("data type of {}", self.id)).on_hover_text("Its elements stay");
        let Some(dtype) = chosen else { return };
        match data_type::change(&inspecting.tab.document.checked, self.id, dtype) {
            Ok(command) => inspecting.commands.extend(command),
            Err(why) => inspecting.commands.push(Command::Notice(format!("It cannot be {dtype}: {why}."))),
        }
    }

    /// Hears a cell, and draws its field where it is open. `next` is the element below it.
    pub fn cell(
        &self,
        ui: &mut Ui,
        inspecting: &mut Inspecting<'_>,
        rect: Rect,
        (flat, position): (usize, &[usize]),
        next: Option<usize>,
    ) {
        let port = PortRef::new(self.id, "output");
        let open = (inspecting.number, self.id.clone(), flat);
        let is_open = inspecting.tab.view.results.open.as_ref() == Some(&open);
        let name = format!("edit {}", names::cell(&port, position));
        if is_open {
            return self.field(ui, inspecting, rect, name, flat, next);
        }
        let id = egui::Id::unique(("cell of", ui.scope_id(), self.id, flat));
        let response = ui.interact(rect, id, Sense::click()).accessible_name(name);
        if response.has_focus() {
            let stroke = Stroke::new(1.0, Tokens::of(ui).accent);
            ui.painter().rect_stroke(rect.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
            takes_paste(ui, response.id);
            self.hear_paste(ui, inspecting, flat);
        }
        let entered = response.has_focus() && ui.input(|i| i.key_pressed(Key::Enter) || i.key_pressed(Key::F2));
        // A further click at the cell that has the focus, however late, is as good as a double click.
        let is_again = response.clicked() && response.has_focus();
        if is_again || response.double_clicked() || entered {
            inspecting.commands.push(Command::Look(Glance::Cell(Some(open))));
        } else if response.clicked() {
            response.request_focus();
        }
        response.on_hover_text("Double-click or Enter edits it; rows and columns of a spreadsheet can be pasted");
    }

    fn field(
        &self,
        ui: &mut Ui,
        inspecting: &mut Inspecting<'_>,
        rect: Rect,
        name: String,
        flat: usize,
        next: Option<usize>,
    ) {
        self.hear_paste(ui, inspecting, flat);
        let (tab, number) = (inspecting.tab, inspecting.number);
        let element = elements::constant(&tab.document.checked, self.id).and_then(|(_, tensor)| tensor.element(flat));
        let shown = element.map(|value| value.to_string()).unwrap_or_default();
        let look = FieldLook { focus: true, right: true, ..FieldLook::new(name, rect.width()) };
        // What stands there is not seen beside the field.
        ui.painter().rect_filled(rect.shrink2(egui::vec2(0.0, 1.0)), 0.0, Tokens::of(ui).panel);
        let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
        inside.spacing_mut().interact_size.y = rect.height();
        let field = Field::Element(self.id.clone(), flat);
        let entered = text_field(&mut inside, tab, &field, &shown, look, inspecting.commands);
        if entered.done {
            let goes_on = ui.input(|i| i.key_pressed(Key::Enter));
            let open = next.filter(|_| goes_on).map(|next| (number, self.id.clone(), next));
            inspecting.commands.push(Command::Look(Glance::Cell(open)));
        }
    }

    /// Rows and columns that are pasted go into this cell and those beside it.
    fn hear_paste(&self, ui: &Ui, inspecting: &mut Inspecting<'_>, flat: usize) {
        let pasted = ui.input_mut(|i| {
            let is_table =
                |event: &Event| matches!(event, Event::Paste(text) if text.trim_end().contains(['\t', '\n']));
            let at = i.events.iter().position(is_table)?;
            match i.events.remove(at) {
                Event::Paste(text) => Some(text),
                _ => None,
            }
        });
        let Some(text) = pasted else { return };
        let checked = &inspecting.tab.document.checked;
        match elements::meaning(checked, self.id, flat, &text, self.as_list) {
            Ok(command) => {
                inspecting.commands.push(Command::Look(Glance::Typing(Field::Element(self.id.clone(), flat), None)));
                inspecting.commands.push(Command::Look(Glance::Cell(None)));
                inspecting.commands.extend(command);
            }
            Err(why) => inspecting.commands.push(Command::Notice(format!("Not pasted: {why}."))),
        }
    }
}
