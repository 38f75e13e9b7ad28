//! The search for blocks of all open pages, at the top of the canvas.

use egui::{Area, Frame, Id, Key, Order, Rect, RichText, TextEdit, Ui, vec2};

use crate::command::{Command, Glance};
use crate::size;
use crate::state::State;
use crate::state::find::Find;
use crate::widgets::tokens::Tokens;

const WIDTH: f32 = 340.0;

/// Draws it over a canvas, if it is open.
pub fn show(ui: &mut Ui, canvas: Rect, state: &State, commands: &mut Vec<Command>) {
    let Some(was) = &state.find else { return };
    let mut find = was.clone();
    let corner = canvas.right_top() + vec2(-WIDTH - 28.0, 10.0);
    let mut open = true;
    Area::new(Id::unique("find")).order(Order::Foreground).fixed_pos(corner).constrain_to(canvas).show(
        ui.ctx(),
        |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(WIDTH.min(canvas.width() - 40.0));
                ui.horizontal(|ui| open = field(ui, &mut find, commands));
            });
        },
    );
    find.opened = true;
    let find = open.then_some(find);
    if find.as_ref() != Some(was) {
        commands.push(Command::Look(Glance::Find(find)));
    }
}

/// The field and what stands beside it; `false` if it is closed.
fn field(ui: &mut Ui, find: &mut Find, commands: &mut Vec<Command>) -> bool {
    let tokens = Tokens::of(ui);
    let edit = TextEdit::singleline(&mut find.text)
        .id(Id::unique("find blocks"))
        .hint_text("Find blocks: id, type, attribute, value")
        .desired_width(ui.available_width() - 132.0);
    let response = ui.add(edit).accessible_name("Find blocks");
    if !find.opened {
        response.request_focus();
    }
    if response.changed() {
        find.at = None;
    }
    let (enter, escape, shift) =
        ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape), i.modifiers.shift));
    if response.lost_focus() && enter {
        commands.push(Command::FindNext { back: shift });
        response.request_focus();
    }
    let says = match find.at {
        Some((_, 0)) => "none".to_owned(),
        Some((at, count)) => format!("{} of {count}", at + 1),
        None if find.text.trim().is_empty() => String::new(),
        None => "Enter".to_owned(),
    };
    ui.add_sized(vec2(62.0, 18.0), egui::Label::new(RichText::new(says).size(size::CAPTION).color(tokens.muted)));
    for (sign, name, back) in [("‹", "find previous", true), ("›", "find next", false)] {
        if ui.small_button(sign).accessible_name(name).clicked() {
            commands.push(Command::FindNext { back });
        }
    }
    let closed = ui.small_button("×").accessible_name("close the search").clicked();
    !(closed || response.lost_focus() && escape)
}
