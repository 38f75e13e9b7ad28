//! Text fields whose content is checked before it counts. What is refused stays, with the reason, until it is mended
//! or given up with Escape.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align2, Id, Key, Margin, Response, RichText, Stroke, TextEdit, Ui};

use crate::command::{Command, Glance};
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Field;
use crate::typed::meaning;
use crate::widgets::scrub;
use crate::widgets::tokens::Tokens;

/// A field is at least so wide.
const LEAST_WIDTH: f32 = 48.0;

/// How a field looks and is called.
pub struct FieldLook {
    /// What a screen reader calls it.
    pub name: String,
    /// What stands in it while it is empty.
    pub hint: String,
    /// Its width.
    pub width: f32,
    /// Whether it takes the focus now.
    pub focus: bool,
    /// Whether its text stands at the right.
    pub right: bool,
}

impl FieldLook {
    /// A field of some width.
    pub fn new(name: String, width: f32) -> FieldLook {
        // A panel may be narrower than what stands beside the field.
        FieldLook { name, hint: String::new(), width: width.max(LEAST_WIDTH), focus: false, right: false }
    }

    /// The same with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> FieldLook {
        self.hint = hint.into();
        self
    }
}

/// Where it is noted which control takes what is pasted.
fn noted() -> Id {
    Id::unique("takes what is pasted")
}

/// The control that has the focus takes what is pasted, although it is no text field.
pub fn takes_paste(ui: &Ui, control: Id) {
    ui.data_mut(|data| data.insert_temp(noted(), control));
}

/// Whether the control that has the focus takes what is pasted.
pub fn is_paste_taken(ui: &Ui) -> bool {
    let control: Option<Id> = ui.data(|data| data.get_temp(noted()));
    control.is_some() && control == ui.memory(|memory| memory.focused())
}

/// What came of a field in this frame.
pub struct Entered {
    /// Whether the field was left or given up.
    pub done: bool,
    /// The field.
    pub response: Response,
}

/// A field that shows `shown` until something is typed; what is entered, if it is good, asks for what it means.
pub fn text_field(
    ui: &mut Ui,
    tab: &Tab,
    field: &Field,
    shown: &str,
    look: FieldLook,
    commands: &mut Vec<Command>,
) -> Entered {
    let parse = |text: &str| meaning(&tab.document.checked, field, text);
    let tokens = Tokens::of(ui);
    let id = Id::unique(("field", field, ui.scope_id()));
    let was_typed = tab.view.typing.get(field);
    let mut text = was_typed.cloned().unwrap_or_else(|| shown.to_owned());
    let error = was_typed.and_then(|text| parse(text).err());
    let edge = if error.is_some() { tokens.error } else { tokens.line };
    let frame = egui::Frame::new()
        .fill(tokens.sunken)
        .stroke(Stroke::new(1.0, edge))
        .corner_radius(size::FIELD_RADIUS)
        .inner_margin(Margin::symmetric(7, 3));
    let align = if look.right { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(egui::FontId::monospace(size::TEXT - 1.0))
        .hint_text(look.hint.clone())
        .desired_width(look.width - 16.0)
        .align(align)
        .frame(frame);
    let response = ui
        .vertical(|ui| {
            ui.set_width(look.width);
            let response = ui.add(edit).accessible_name(look.name.clone());
            if let Some(error) = &error {
                let text = RichText::new(error).size(size::CAPTION).color(tokens.error);
                ui.add(egui::Label::new(text).wrap());
            }
            response
        })
        .inner;
    if look.focus && !response.has_focus() && !response.lost_focus() {
        response.request_focus();
    }
    if response.gained_focus() {
        select_all(ui, id, &text);
    }
    if was_typed.is_none()
        && matches!(field, Field::Attr(..) | Field::Literal(..))
        && let Some((text, goes_on)) = scrub::dragged(ui, &response, shown, |text| parse(text).is_ok())
        && let Ok(Some(command)) = parse(&text)
    {
        commands.push(Command::Scrub { command: Box::new(command), goes_on });
    }
    let mut typed = (was_typed.is_some() || response.changed()).then_some(text);
    let mut done = response.lost_focus();
    if response.lost_focus() {
        if ui.input(|i| i.key_pressed(Key::Escape)) {
            typed = None;
        } else if let Some(meant) = typed.as_deref().map(parse) {
            match meant {
                Ok(command) => {
                    commands.extend(command);
                    typed = None;
                }
                // A field over the canvas is given up by going elsewhere.
                Err(_) if look.focus && !ui.input(|i| i.key_pressed(Key::Enter)) => typed = None,
                Err(_) => {
                    done = false;
                    if ui.input(|i| i.key_pressed(Key::Enter)) {
                        response.request_focus();
                    }
                }
            }
        }
    }
    if typed.as_ref() != was_typed {
        commands.push(Command::Look(Glance::Typing(field.clone(), typed)));
    }
    Entered { done, response }
}

fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::default(), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}
