//! How to work here: gestures and keys, on one sheet.

use egui::{Grid, RichText, ScrollArea, Ui};

use crate::actions::{Action, Keymap};
use crate::size;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;

const GESTURES: [(&str, &str); 20] = [
    (
        "Add a block",
        "drag it from the palette, onto a wire to put it in; double-click or right-click the canvas; Space",
    ),
    (
        "Wire",
        "drag from a port to a port, or to a block: its first free port; drag a wire's end to another port, or off",
    ),
    ("Put into a wire", "drag a block without wires onto it"),
    ("Pull out", "Alt-drag a block: what it was wired to is wired past it"),
    ("Cut wires", "draw a line with Ctrl and the right button, or with Ctrl on the empty canvas"),
    ("Bend a wire", "double-click it; drag the bend, double-click it to take it away"),
    ("A port's menu", "right-click it: disconnect, add a block there, make a constant of it"),
    ("Read a value", "rest the pointer on a port or a wire: type, first elements, statistics"),
    ("Drag a number", "to the side, in its field; with Shift in finer steps"),
    ("Frames and notes", "drag a frame by its title, with its blocks; double-click a title or a note to write"),
    ("Share attributes", "drag from an attrs port onto the empty canvas"),
    ("Attributes on a block", "click its attrs port; “as text” there and in the inspector"),
    ("Edit a value", "double-click it on its block, or use the inspector; Enter keeps, Escape gives up"),
    ("Type numbers", "[1, 2, 3], 1 2 3, or as NumPy prints them; a text has quotes"),
    ("Rename a block", "double-click its title"),
    ("Select", "click, Shift-click, or draw a box; arrow keys move, with Shift farther"),
    ("Look around", "wheel zooms; right or middle button pans, or Alt on the empty canvas; touchpad: two fingers"),
    ("Problems", "click them in the status bar: all of them, each a click away"),
    ("Pages", "middle button on a tab closes it"),
    ("Sections", "click a heading of the inspector to fold it"),
];

/// Draws the sheet.
pub fn show(ui: &mut Ui, keymap: &Keymap) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().max_height(520.0).show(ui, |ui| {
        Grid::new("help").num_columns(2).spacing([16.0, 5.0]).show(ui, |ui| {
            let row = |ui: &mut Ui, what: &str, how: &str| {
                ui.label(RichText::new(what).family(semibold()).size(size::BLOCK_TEXT));
                ui.label(RichText::new(how).size(size::BLOCK_TEXT).color(tokens.muted));
                ui.end_row();
            };
            GESTURES.iter().for_each(|(what, how)| row(ui, what, how));
            for action in Action::ALL {
                let keys: Vec<String> = keymap.keys(*action).map(|keys| keys.to_string()).collect();
                if !keys.is_empty() {
                    row(ui, action.row().name, &keys.join(" or "));
                }
            }
        });
    });
}
