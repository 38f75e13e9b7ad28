//! The list of all commands, to be searched and done.

use egui::{Align2, FontId, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::actions::{Action, Keymap};
use crate::size;
use crate::state::State;
use crate::state::dialog::{Answer, CommandList};
use crate::widgets::chooser::{self, Chosen};
use crate::widgets::matching::matching;
use crate::widgets::tokens::Tokens;

/// Draws it. An action that can be taken is `chosen`.
pub fn body(
    ui: &mut Ui,
    list: &mut CommandList,
    state: &State,
    keymap: &Keymap,
    chosen: &mut Option<Action>,
) -> Option<Answer> {
    let others = Action::ALL.iter().copied().filter(|action| *action != Action::Commands).collect();
    let found =
        matching(others, &list.text, |action: Action| (action.row().name.to_owned(), action.row().help.to_owned()));
    let pressed = chooser::keys(ui, &mut list.marked, found.len());
    chooser::field(ui, &mut list.text, &mut list.marked, "Search commands");
    ui.add_space(4.0);
    let mut taken = found.get(list.marked).copied().filter(|_| pressed == Chosen::Marked);
    ScrollArea::vertical().max_height(380.0).min_scrolled_height(380.0).auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (nth, action) in found.iter().enumerate() {
            let is_enabled = action.is_enabled(state, state.active);
            if row(ui, *action, keymap, is_enabled, nth == list.marked) {
                taken = Some(*action);
            }
        }
        if found.is_empty() {
            ui.label(RichText::new("No command matches.").color(Tokens::of(ui).muted));
        }
    });
    *chosen = taken.filter(|action| action.is_enabled(state, state.active));
    (pressed == Chosen::GivenUp).then_some(Answer::Cancel)
}

/// One action: its name, what it does, its keys. Returns whether it was clicked.
fn row(ui: &mut Ui, action: Action, keymap: &Keymap, is_enabled: bool, is_marked: bool) -> bool {
    let (tokens, row) = (Tokens::of(ui), action.row());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, is_enabled, format!("command {}", row.name)));
    if is_marked || (is_enabled && response.hovered()) {
        ui.painter().rect_filled(rect, size::FIELD_RADIUS, tokens.selected);
    }
    if is_marked {
        ui.scroll_to_rect(rect, None);
    }
    let (painter, color) = (ui.painter(), if is_enabled { tokens.text } else { tokens.faint });
    let text = |at, align, text: &str, size, color| painter.text(at, align, text, FontId::proportional(size), color);
    text(rect.left_top() + vec2(8.0, 4.0), Align2::LEFT_TOP, row.name, size::TEXT, color);
    text(rect.left_top() + vec2(8.0, 21.0), Align2::LEFT_TOP, row.help, size::CAPTION, tokens.muted);
    let keys = keymap.text(action);
    text(rect.right_top() + vec2(-8.0, 4.0), Align2::RIGHT_TOP, &keys, size::CAPTION + 0.5, tokens.muted);
    response.clicked()
}
