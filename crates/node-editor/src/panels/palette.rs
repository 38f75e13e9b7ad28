//! The palette: all block types by category, to drag onto the canvas.

use egui::{DragAndDrop, Frame, Margin, Rect, RichText, ScrollArea, Sense, Stroke, TextEdit, Ui, WidgetInfo, vec2};
use node_core::{BlockSpec, Name};

use crate::command::{Command, Glance};
use crate::size;
use crate::state::State;
use crate::widgets::elide;
use crate::widgets::matching;
use crate::widgets::names;
use crate::widgets::tokens::Tokens;

/// A block type that is dragged from the palette.
#[derive(Clone, Debug)]
pub struct Dragged(pub Name);

/// Draws the palette.
pub fn show(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let mut text = state.palette_search.clone();
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 12, bottom: 4 }).show(ui, |ui| {
        let frame = Frame::new()
            .fill(tokens.sunken)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(size::FIELD_RADIUS)
            .inner_margin(Margin::symmetric(8, 5));
        let search = TextEdit::singleline(&mut text)
            .id(egui::Id::unique(names::PALETTE))
            .hint_text("Search blocks…")
            .frame(frame)
            .desired_width(f32::INFINITY);
        let response = ui.add(search).accessible_name("Search blocks");
        if response.lost_focus()
            && ui.input(|i| i.key_pressed(egui::Key::Enter))
            && let Some(first) = matching::blocks(&state.registry, &text).first()
        {
            commands.push(Command::Add { type_name: first.name.to_string(), at: None, connect: None, onto: None });
            text.clear();
        }
    });
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 12, right: 12, top: 2, bottom: 12 }).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let specs = matching::blocks(&state.registry, &text);
            if specs.is_empty() {
                ui.label(RichText::new(format!("No block matches '{}'.", text)).color(tokens.muted));
            }
            if !text.trim().is_empty() {
                specs.iter().for_each(|spec| entry(ui, spec, "palette", commands));
                return;
            }
            recent(ui, state, commands);
            let mut rest = specs.as_slice();
            while let Some(first) = rest.first() {
                let n = rest.iter().take_while(|s| s.category == first.category).count();
                let is_folded = state.appearance.folded.contains(&*first.category);
                if heading(ui, &first.category, n, Some(is_folded)) {
                    commands.push(Command::Look(Glance::Fold(first.category.to_string())));
                }
                rest[..n].iter().filter(|_| !is_folded).for_each(|spec| entry(ui, spec, "palette", commands));
                rest = &rest[n..];
            }
        });
    });
    if text != state.palette_search {
        commands.push(Command::Look(Glance::PaletteSearch(text)));
    }
}

/// The blocks that were added last.
fn recent(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let recent = &state.appearance.recent_blocks;
    let specs: Vec<_> = recent.iter().filter_map(|name| state.registry.get(name)).map(|ty| &ty.spec).collect();
    if !specs.is_empty() {
        heading(ui, "Recent", specs.len(), None);
        specs.iter().for_each(|spec| entry(ui, spec, "recent", commands));
    }
}

/// A heading; of one that folds, whether it is to be folded or unfolded.
fn heading(ui: &mut Ui, category: &str, n: usize, folded: Option<bool>) -> bool {
    let tokens = Tokens::of(ui);
    ui.add_space(8.0);
    let sense = if folded.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), sense);
    let hot = folded.is_some() && (response.hovered() || response.has_focus());
    let color = if hot { tokens.text } else { tokens.muted };
    let font = egui::FontId::proportional(size::CAPTION);
    let mut left = rect.left_center();
    if let Some(is_folded) = folded {
        response.widget_info(|| {
            let verb = if is_folded { "unfold" } else { "fold" };
            WidgetInfo::labeled(egui::Role::Button, true, format!("{verb} {category}"))
        });
        arrow(ui, left + vec2(4.0, 0.0), is_folded, color);
        left.x += 14.0;
    }
    let title = RichText::new(category.to_uppercase()).size(size::CAPTION).color(color).extra_letter_spacing(0.5);
    let title = egui::WidgetText::from(title).into_galley(ui, None, f32::INFINITY, font.clone());
    let painter = ui.painter();
    painter.galley(left - vec2(0.0, title.size().y / 2.0), title, color);
    painter.text(rect.right_center(), egui::Align2::RIGHT_CENTER, n.to_string(), font, color);
    if folded.is_none() {
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, category));
    }
    response.clicked()
}

/// A small triangle: to the right if what is below is folded away, else down.
fn arrow(ui: &Ui, at: egui::Pos2, is_folded: bool, color: egui::Color32) {
    let points = match is_folded {
        true => vec![at + vec2(-2.0, -4.0), at + vec2(3.0, 0.0), at + vec2(-2.0, 4.0)],
        false => vec![at + vec2(-4.0, -2.0), at + vec2(4.0, -2.0), at + vec2(0.0, 3.0)],
    };
    ui.painter().add(egui::Shape::convex_polygon(points, color, Stroke::NONE));
}

/// An entry in the part of the palette that is called `part`.
fn entry(ui: &mut Ui, spec: &BlockSpec, part: &str, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 41.0), Sense::hover());
    let id = egui::Id::unique((part, &spec.name));
    // What is scrolled away takes no time, unless it is being dragged.
    if !ui.is_rect_visible(rect) && !ui.ctx().is_being_dragged(id) && !ui.memory(|memory| memory.has_focus(id)) {
        return;
    }
    let response = ui.interact(rect, id, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, names::in_palette(part, &spec.name)));
    ui.accesskit_node_builder(response.id, |node| node.set_description(spec.summary.to_string()));
    let hot = response.hovered() || response.has_focus() || response.dragged();
    paint_entry(ui, rect, spec, hot);
    if response.drag_started() {
        response.dnd_set_drag_payload(Dragged(spec.name.clone()));
    }
    if response.dragged()
        && let Some(at) = ui.pointer_latest_pos()
    {
        let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::unique("palette drag"));
        let painter = ui.ctx().layer_painter(layer);
        let galley =
            painter.layout_no_wrap(spec.name.to_string(), egui::FontId::proportional(size::BLOCK_TEXT), tokens.text);
        let ghost = Rect::from_min_size(at + vec2(10.0, 8.0), galley.size() + vec2(20.0, 12.0));
        painter.rect(
            ghost,
            6,
            tokens.raised,
            Stroke::new(1.0, tokens.category(&spec.category)),
            egui::StrokeKind::Inside,
        );
        painter.galley(ghost.min + vec2(10.0, 6.0), galley, tokens.text);
        ui.set_cursor_icon(egui::CursorIcon::Grabbing);
    }
    if response.double_clicked()
        || (response.clicked() && response.has_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)))
    {
        commands.push(Command::Add { type_name: spec.name.to_string(), at: None, connect: None, onto: None });
    }
    response.on_hover_ui(|ui| {
        ui.set_max_width(320.0);
        ui.label(RichText::new(&*spec.name).family(crate::widgets::theme::semibold()));
        ui.label(&*spec.summary);
        ui.label(RichText::new("Drag it onto the canvas, or double-click.").color(tokens.muted));
    });
}

/// A row with the category's colour, the type and its summary.
pub fn paint_entry(ui: &Ui, rect: Rect, spec: &BlockSpec, hot: bool) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if hot {
        painter.rect_filled(rect, size::FIELD_RADIUS, tokens.selected);
    }
    let edge = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
    painter.rect_filled(edge, 2, tokens.category(&spec.category));
    let room = rect.width() - 18.0;
    let font = egui::FontId::proportional(size::TEXT - 0.5);
    let whole = |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), tokens.text);
    let name = whole(&elide::middle(&spec.name, |text| whole(text).size().x <= room));
    painter.galley(rect.min + vec2(11.0, 5.0), name, tokens.text);
    let font = egui::FontId::proportional(size::CAPTION);
    let mut job = egui::text::LayoutJob::simple_singleline(spec.summary.to_string(), font, tokens.muted);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    painter.galley(rect.min + vec2(11.0, 22.0), painter.layout_job(job), tokens.muted);
}

/// The block type that was let go over the canvas, if one was.
pub fn dropped(response: &egui::Response) -> Option<Name> {
    let dragged = response.dnd_release_payload::<Dragged>()?;
    DragAndDrop::clear_payload(&response.ctx);
    Some(dragged.0.clone())
}
