//! The bar at the top: menus, the open pages, and whether pages run as they are edited.

use egui::{
    Align, Button, Color32, CornerRadius, Layout, Rect, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use crate::actions::{Action, Keymap, Menu};
use crate::command::Command;
use crate::state::State;
use crate::widgets::names;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;

/// Draws the bar.
pub fn show(ui: &mut Ui, state: &State, keymap: &Keymap, commands: &mut Vec<Command>) {
    let bar = ui.max_rect();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(RichText::new("Nudge").family(semibold()));
        ui.add_space(6.0);
        flat(ui);
        Menu::ALL.into_iter().for_each(|of| menu(ui, of, state, keymap, commands));
        ui.add_space(16.0);
        let tabs_width = (ui.available_width() - 200.0).max(60.0);
        ui.allocate_ui_with_layout(vec2(tabs_width, bar.height()), Layout::left_to_right(Align::Center), |ui| {
            let hidden = egui::scroll_area::ScrollBarVisibility::AlwaysHidden;
            egui::ScrollArea::horizontal().id_salt("tabs").scroll_bar_visibility(hidden).show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                for index in 0..state.tabs.len() {
                    tab(ui, state, index, bar, commands);
                }
            });
        });
        if state.tabs.len() > 1 {
            all_pages(ui, state, commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| switch(ui, state, commands));
    });
}

fn flat(ui: &mut Ui) {
    let widgets = &mut ui.visuals_mut().widgets;
    for widget in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
        widget.bg_stroke = Stroke::NONE;
    }
    widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
}

fn menu(ui: &mut Ui, menu: Menu, state: &State, keymap: &Keymap, commands: &mut Vec<Command>) {
    ui.menu_button(menu.name(), |ui| {
        ui.set_min_width(200.0);
        flat(ui);
        let mut group = 0;
        for action in Action::ALL.iter().copied() {
            let row = action.row();
            let Some((_, of)) = row.menu.filter(|(of, _)| *of == menu) else { continue };
            if of != group {
                ui.separator();
                group = of;
            }
            let is_on = row.on.is_some_and(|on| on(state, ui.ctx()));
            let keys = keymap.text(action);
            let right = if is_on && keys.is_empty() { "✓".to_owned() } else { keys };
            let text =
                (row.what)(state.tab()).map_or_else(|| row.name.to_owned(), |what| format!("{}: {what}", row.name));
            let button = Button::new(text).right_text(RichText::new(right).weak());
            let response = ui.add_enabled(action.is_enabled(state, state.active), button).accessible_name(row.name);
            if response.on_hover_text(row.help).clicked() {
                commands.push(Command::Do(action));
            }
            if action == Action::Open && !state.recent.is_empty() {
                recent(ui, state, commands);
            }
        }
    });
}

/// The files that were opened or saved last.
fn recent(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.menu_button("Open recent", |ui| {
        ui.set_min_width(260.0);
        flat(ui);
        for path in &state.recent {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let folder = path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
            let short: String = folder.chars().rev().take(40).collect::<Vec<char>>().into_iter().rev().collect();
            let short = if short.len() < folder.len() { format!("…{short}") } else { short };
            let button = Button::new(&name).right_text(RichText::new(short).weak());
            let response = ui.add(button).accessible_name(format!("recent {name}"));
            if response.on_hover_text(path.display().to_string()).clicked() {
                commands.push(Command::OpenPath(path.clone()));
            }
        }
    });
}

/// A list of all pages, for when there are more than the bar shows.
fn all_pages(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let button = ui.menu_button("▼", |ui| {
        flat(ui);
        for (index, tab) in state.tabs.iter().enumerate() {
            let mark = if index == state.active { "✓" } else { "" };
            let button = Button::new(tab.document.name()).right_text(RichText::new(mark).weak());
            if ui.add(button).clicked() {
                commands.push(Command::ShowPage(tab.id));
            }
        }
    });
    button.response.accessible_name("all pages");
}

fn tab(ui: &mut Ui, state: &State, index: usize, bar: Rect, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let document = &state.tabs[index].document;
    let active = index == state.active;
    let name = document.name();
    let color = if active { tokens.text } else { tokens.muted };
    let font = egui::FontId::proportional(12.5);
    let file = document.path.as_ref().and_then(|p| p.file_stem()).map(|s| s.to_string_lossy().into_owned());
    let shown = match file {
        Some(file) if file != name => format!("{name} · {file}"),
        _ => name.to_owned(),
    };
    let mut job = egui::text::LayoutJob::simple_singleline(shown, font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(190.0);
    let galley = ui.painter().layout_job(job);
    let width = galley.size().x + 46.0;
    let (_, space) = ui.allocate_space(vec2(width, bar.height()));
    let rect = Rect::from_x_y_ranges(space.x_range(), bar.y_range());
    let id = egui::Id::unique(("tab", index));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Tab, true, active, names::page(name)));
    let shown = egui::Id::unique("shown tab");
    let now = (index, bar.width() as u32);
    if active && ui.data(|d| d.get_temp::<(usize, u32)>(shown)) != Some(now) {
        ui.data_mut(|d| d.insert_temp(shown, now));
        ui.scroll_to_rect(rect, None);
    }
    let painter = ui.painter();
    if active {
        painter.rect_filled(rect, 0, tokens.canvas);
        let top = Rect::from_min_size(rect.min, vec2(rect.width(), 2.0));
        painter.rect_filled(top, 0, tokens.accent);
    }
    painter.vline(rect.right(), rect.y_range(), Stroke::new(1.0, tokens.line));
    if index == 0 {
        painter.vline(rect.left(), rect.y_range(), Stroke::new(1.0, tokens.line));
    }
    let text_at = egui::pos2(rect.left() + 14.0, rect.center().y - galley.size().y / 2.0);
    painter.galley(text_at, galley, color);
    let tab = state.tabs[index].id;
    if response.clicked() {
        commands.push(Command::ShowPage(tab));
    }
    if response.middle_clicked() {
        commands.push(Command::ClosePage(tab));
    }
    let hovered = response.contains_pointer();
    let path = document.path.as_ref().map_or_else(|| "not saved yet".to_owned(), |p| p.display().to_string());
    response.on_hover_text(path);

    let close = Rect::from_center_size(egui::pos2(rect.right() - 16.0, rect.center().y), vec2(18.0, 18.0));
    let response = ui.interact(close, id.with("close"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("close page {name}")));
    if hovered || response.hovered() {
        let c = close.center();
        let color = if response.hovered() { tokens.text } else { tokens.muted };
        for sign in [-1.0, 1.0] {
            ui.painter().line_segment([c - vec2(3.5, 3.5 * sign), c + vec2(3.5, 3.5 * sign)], Stroke::new(1.3, color));
        }
    } else if state.tabs[index].is_changed() {
        ui.painter().circle_filled(close.center(), 4.0, tokens.accent);
    }
    if response.clicked() {
        commands.push(Command::ClosePage(tab));
    }
}

fn switch(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let on = state.run_as_you_edit;
    let (rect, response) = ui.allocate_exact_size(vec2(28.0, 16.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Switch, true, on, Action::RunAsYouEdit.row().name));
    let fill = if on { tokens.accent } else { tokens.line };
    ui.painter().rect(rect, CornerRadius::same(8), fill, Stroke::NONE, StrokeKind::Inside);
    let x = if on { rect.right() - 8.0 } else { rect.left() + 8.0 };
    ui.painter().circle_filled(egui::pos2(x, rect.center().y), 5.5, Color32::WHITE);
    if response.clicked() {
        commands.push(Command::Do(Action::RunAsYouEdit));
    }
    ui.add_space(6.0);
    ui.label(RichText::new(Action::RunAsYouEdit.row().name).color(tokens.muted));
}
