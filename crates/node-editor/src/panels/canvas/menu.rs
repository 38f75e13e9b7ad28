//! The menu of blocks, of a wire, of a port.

use egui::{Popup, Pos2, Rect, Response, Ui, vec2};
use node_core::{Direction, PortKind};

use super::scene::Scene;
use crate::actions::Action;
use crate::command::{Command, Glance};
use crate::state::tab::Tab;
use crate::state::view::{Field, Menu, Picked, PortEnd, Search};
use crate::widgets::tokens::COLORS;
use crate::wiring::at::wires_at;

/// How far beside a port a block is put that is added at it, from pin to edge.
const BESIDE: f32 = 60.0;

/// Draws it where it is open.
pub fn show(response: &Response, canvas: Rect, tab: &Tab, scene: &Scene, commands: &mut Vec<Command>) {
    let Some(menu) = &tab.view.menu else { return };
    Popup::context_menu(response).show(|ui| {
        ui.set_min_width(170.0);
        match menu {
            Menu::Blocks => of_blocks(ui, tab, commands),
            Menu::Decor(Picked::Note(name)) => {
                entry(ui, "Write", Command::Look(Glance::InPlace(Some(Field::Note(name.clone())))), commands);
                action(ui, Action::Delete, commands);
            }
            Menu::Decor(Picked::Frame(name)) => of_frame(ui, name, commands),
            Menu::Wire => action(ui, Action::Delete, commands),
            Menu::Port(end) => {
                let pin = scene.block(&end.port.block).and_then(|block| block.port(end.direction, &end.port.port));
                let at = pin.map(|port| port.pin);
                of_port(ui, canvas, tab, end, at, commands);
            }
        }
    });
}

fn of_blocks(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    if tab.view.selected_block().is_some() {
        action(ui, Action::Rename, commands);
        let has_result = tab.view.selected_block().and_then(|id| tab.result(id)).is_some_and(|r| r.tensors().is_some());
        if has_result {
            action(ui, Action::SaveResult, commands);
        }
    }
    action(ui, Action::Duplicate, commands);
    action(ui, Action::Copy, commands);
    action(ui, Action::Cut, commands);
    entry(ui, "Disconnect", Command::DisconnectSelected, commands);
    ui.separator();
    let muted = tab.view.selection.iter().all(|id| tab.document.is_muted(id));
    let name = if muted { "Unmute" } else { Action::Mute.row().name };
    entry(ui, name, Command::Do(Action::Mute), commands);
    action(ui, Action::Extract, commands);
    if tab.view.selected_block().is_some() {
        action(ui, Action::Pin, commands);
    }
    action(ui, Action::Frame, commands);
    let framed = |id| tab.document.page.decor.frames.values().any(|frame| frame.blocks.contains(id));
    if tab.view.selection.iter().any(framed) {
        action(ui, Action::LeaveFrame, commands);
    }
    if tab.view.selection.len() > 1 {
        action(ui, Action::ShareAttributes, commands);
        action(ui, Action::Tidy, commands);
    }
    ui.separator();
    action(ui, Action::Dissolve, commands);
    action(ui, Action::Delete, commands);
}

fn of_frame(ui: &mut Ui, name: &str, commands: &mut Vec<Command>) {
    entry(ui, "Rename", Command::Look(Glance::InPlace(Some(Field::Title(name.to_owned())))), commands);
    ui.menu_button("Color", |ui| {
        for (color, _) in COLORS {
            entry(ui, color, Command::ColorFrame(name.to_owned(), Some(color)), commands);
        }
        entry(ui, "none", Command::ColorFrame(name.to_owned(), None), commands);
    });
    entry(ui, "Remove the frame", Command::RemoveFrame(name.to_owned()), commands);
}

fn of_port(ui: &mut Ui, canvas: Rect, tab: &Tab, end: &PortEnd, pin: Option<Pos2>, commands: &mut Vec<Command>) {
    let is_wired = !wires_at(&tab.document.checked, end).is_empty();
    if is_wired {
        entry(ui, "Disconnect", Command::Unplug(end.clone()), commands);
    }
    if let Some(pin) = pin {
        let aside = if end.direction == Direction::In { -BESIDE - 218.0 } else { BESIDE };
        let at = pin + vec2(aside, -24.0);
        let screen = tab.view.camera.to_screen(canvas, pin);
        let search = Search { at, screen, text: String::new(), marked: 0, connect: Some(end.clone()), opened: false };
        entry(ui, "Add a block here…", Command::Search(search), commands);
    }
    if end.kind == PortKind::Tensor {
        entry(ui, "Pin in an inspector", Command::Pin(end.port.clone()), commands);
    }
    let can_be_constant = end.kind == PortKind::Tensor && (end.direction == Direction::Out || !is_wired);
    if can_be_constant {
        entry(ui, "Make a constant of it", Command::MakeConstant(end.clone()), commands);
    }
}

fn action(ui: &mut Ui, action: Action, commands: &mut Vec<Command>) {
    entry(ui, action.row().name, Command::Do(action), commands);
}

fn entry(ui: &mut Ui, text: &str, command: Command, commands: &mut Vec<Command>) {
    if ui.button(text).clicked() {
        commands.push(command);
    }
}
