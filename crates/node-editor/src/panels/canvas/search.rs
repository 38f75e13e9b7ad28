//! The search for a block, at the pointer.

use egui::{Area, Frame, Id, Order, Rect, RichText, Sense, Ui, WidgetInfo, vec2};
use node_core::{BlockSpec, Name, Registry};

use crate::command::{Command, Glance};
use crate::panels::palette::paint_entry;
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::{PortEnd, Search};
use crate::widgets::chooser::{self, Chosen};
use crate::widgets::matching;
use crate::widgets::tokens::Tokens;

const SHOWN: usize = 8;

/// Draws the search if it is open.
pub fn show(
    ui: &mut Ui,
    canvas: Rect,
    tab: &Tab,
    (registry, recent): (&Registry, &[String]),
    commands: &mut Vec<Command>,
) {
    let Some(was) = &tab.view.search else { return };
    let mut search = was.clone();
    let matches: Vec<&BlockSpec> = matching::recent_first(registry, &search.text, recent)
        .into_iter()
        .filter(|spec| fits(spec, search.connect.as_ref()))
        .collect();
    let mut chosen: Option<Name> = None;
    let pressed = chooser::keys(ui, &mut search.marked, matches.len().min(SHOWN));
    let mut open = pressed != Chosen::GivenUp;
    if pressed == Chosen::Marked {
        chosen = matches.get(search.marked).map(|spec| spec.name.clone());
    }
    let area = Area::new(Id::unique("search")).order(Order::Foreground).fixed_pos(search.screen).constrain_to(canvas);
    let response = area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_width(280.0);
            chooser::field(ui, &mut search.text, &mut search.marked, "Add a block");
            list(ui, &search, &matches, &mut chosen);
        });
    });
    let clicked_elsewhere = ui.input(|i| i.pointer.any_pressed())
        && ui.pointer_latest_pos().is_some_and(|at| !response.response.rect.contains(at));
    if clicked_elsewhere && search.opened {
        open = false;
    }
    search.opened = true;
    let search = if open && chosen.is_none() { Some(search) } else { None };
    if let Some(type_name) = chosen {
        let at = was.at - vec2(if was.connect.is_some() { 0.0 } else { 109.0 }, 24.0);
        let (type_name, connect) = (type_name.into_owned(), was.connect.clone());
        commands.push(Command::Add { type_name, at: Some(at), connect, onto: None });
    }
    if search.as_ref() != Some(was) {
        commands.push(Command::Look(Glance::Search(search)));
    }
}

/// A block can be wired if one of its ports goes the other way and carries the same.
fn fits(spec: &BlockSpec, end: Option<&PortEnd>) -> bool {
    end.is_none_or(|end| spec.ports.iter().any(|p| p.direction != end.direction && p.kind == end.kind))
}

fn list(ui: &mut Ui, search: &Search, matches: &[&BlockSpec], chosen: &mut Option<Name>) {
    let tokens = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    if matches.is_empty() {
        ui.label(RichText::new("No block matches.").color(tokens.muted));
    }
    for (i, spec) in matches.iter().take(SHOWN).enumerate() {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 41.0), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("add {}", spec.name)));
        paint_entry(ui, rect, spec, i == search.marked || response.hovered());
        if response.clicked() {
            *chosen = Some(spec.name.clone());
        }
    }
    if matches.len() > SHOWN {
        let more = format!("{} more; type to narrow down", matches.len() - SHOWN);
        ui.label(RichText::new(more).size(size::CAPTION).color(tokens.muted));
    }
}
