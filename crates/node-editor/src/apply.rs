//! The only place that changes anything: every command becomes an edit of the page, or a change of how it is seen.

mod analysing;
mod answers;
mod appearance;
mod arranging;
mod blocks;
mod clipboard;
mod data;
mod decorating;
mod disk;
mod docking;
mod feeding;
mod files;
mod finding;
mod glances;
mod gradient;
mod history;
mod imports;
mod kept;
mod looking;
mod pages;
mod placing;
mod results;
mod running;
mod sets;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests;
mod training;
mod typing;
mod wires;
pub(crate) mod work;

pub(crate) use data::waking;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::Context;
use node_core::{Edit, Fix};

use crate::command::{Asked, Command, OfDisk};
use crate::state::State;
use crate::state::dock::Pin;
use crate::state::tab::Tab;
use crate::typed::fixed;
use work::Work;

impl State {
    /// Does what a command says, to the page that it is for.
    pub(crate) fn apply(&mut self, ctx: &Context, asked: Asked) {
        let Asked { page, canvas, command } = asked;
        let index = match self.index_of(page) {
            Some(index) => index,
            None if command.is_about_a_page() => return,
            None => self.active,
        };
        self.tabs[index].look_through(canvas.unwrap_or(self.dock.focus));
        Work { state: self, index, ctx }.apply(command);
    }
}

impl Work<'_> {
    fn apply(&mut self, command: Command) {
        match command {
            Command::Do(action) if action.is_enabled(self.state, self.index) => (action.row().run)(self),
            Command::Do(_) => {}
            Command::Look(glance) => self.state.glance(self.tab().id, glance),
            Command::Answer(dialog, answer) => self.answer(*dialog, answer),
            Command::ShowPage(page) => self.state.show_page(page),
            Command::ClosePage(page) => self.state.close_page(page),
            Command::Select(ids) => self.select(ids),
            Command::SelectWire(wire) => {
                let Tab { document, view, .. } = self.tab_mut();
                view.selection = Arc::default();
                view.picked = None;
                // It may have gone in the same frame.
                view.wire = wire.filter(|wire| document.page.wires.contains(wire));
            }
            Command::Inspect(id) => {
                self.state.appearance.inspector_open = true;
                self.select([id].into());
            }
            Command::Reveal(id) => self.reveal(id),
            Command::ShowRemarks => {
                self.state.appearance.inspector_open = true;
                self.select(BTreeSet::new());
            }
            Command::EditValue(field) => self.edit_value(field),
            Command::Add { type_name, at, connect, onto } => self.add(&type_name, at, connect, onto),
            Command::Connect { wire, instead_of, row } => self.connect(wire, instead_of, row),
            Command::Disconnect(wire) => {
                let label = format!("disconnect {wire}");
                self.edit(&label, Edit::Disconnect(wire));
            }
            Command::Escape if self.tab().view.layers() > 0 => self.tab_mut().view.close_layer(),
            Command::Escape => self.select(BTreeSet::new()),
            Command::Move { by, out, onto } => self.move_blocks(by, out, onto),
            Command::Cut(wires) => self.take_off("cut wires", wires),
            Command::Unplug(end) => self.unplug(&end),
            Command::MakeConstant(end) => self.make_constant(&end),
            Command::SetAttr { block, name, value } => {
                let label = format!("set {block}.{name}");
                let edit = Edit::set_attr(&block, self.tab().document.checked.written_as(&block, &name), value);
                self.edit(&label, edit);
            }
            Command::SetAttrs { block, values } => {
                let checked = &self.tab().document.checked;
                let set = |(name, value): (String, _)| Edit::set_attr(&block, checked.written_as(&block, &name), value);
                let edits = Edit::Batch(values.into_iter().map(set).collect());
                self.edit(&format!("set attributes of {block}"), edits);
            }
            Command::Fix(block, Fix { share: Some(other), .. }) => self.share_with(&other, &block),
            Command::Fix(block, fix) => match fixed::edits(&self.tab().document.checked, &block, &fix) {
                Some(edits) => drop(self.edit(&fix.title, Edit::Batch(edits))),
                None => self.say(format!("{block} is not as it was any more.")),
            },
            Command::Assign(label, values) => self.assign(&label, &values),
            Command::BeginSweep => self.begin_sweep(),
            Command::StopSweep => self.stop_sweep(),
            Command::Train(steps) => self.train(steps),
            Command::StopTraining => self.stop_training(),
            Command::ResetTraining => self.reset_training(),
            Command::KeepValues => self.keep_values(),
            Command::SetInput { block, name, value } => {
                let label = format!("set {block}.{name}");
                self.edit(&label, Edit::set_input(&block, &name, value));
            }
            Command::Scrub { command, goes_on } => self.scrub(*command, goes_on),
            Command::Rename { from, to } => self.rename(from, to),
            Command::NamePage(name) => {
                let name = Some(name).filter(|n| !n.is_empty());
                self.edit("name the page", Edit::SetName(name));
            }
            Command::AttrsFrom { block, at } => self.attrs_from(&block, at),
            Command::Disk(OfDisk::Reload) => self.state.reload_from_disk(self.tab().id),
            Command::Disk(OfDisk::Keep) => self.state.keep_mine(self.tab().id),
            Command::Disk(OfDisk::Compare) => self.state.compare_with_disk(self.tab().id),
            Command::Pin(port) => {
                let page = self.tab().id;
                self.state.dock.add_inspector(Pin { page, port });
            }
            Command::ClosePane(pane) => self.state.close_pane(pane),
            Command::OpenPath(path) => self.state.open_path(&path),
            Command::Drop { paths, at } => self.drop_files(paths, at),
            Command::AskForFeed(port) => self.ask_for_data(Some(port)),
            Command::StopFeeding(port) => self.stop_feeding(port),
            Command::AllowData(folder) => self.state.allow_data(&folder),
            Command::StopImporting => self.state.host.stop_importing(),
            Command::StopWriting => self.state.host.stop_writing(),
            Command::StopComparing => self.state.clusters.stop_comparing(),
            Command::RefuseData => self.tab_mut().asks_for_data = false,
            Command::Bend(wire, bending) => self.bend(&wire, bending),
            Command::Pick(picked) => self.pick(picked),
            Command::Shift { what, by, corner } => self.shift(&what, by, corner),
            Command::TitleFrame(name, title) => self.title_frame(&name, title),
            Command::ColorFrame(name, color) => self.color_frame(&name, color),
            Command::RemoveFrame(name) => self.remove_frame(&name),
            Command::WriteNote(name, text) => self.write_note(&name, text),
            Command::DisconnectSelected => self.disconnect_selected(),
            Command::FindNext { back } => self.find_next(back),
            Command::Search(search) => self.tab_mut().view.search = Some(search),
            Command::PasteText(text) => self.paste(&text),
            Command::Notice(notice) => self.say(notice),
        }
    }
}
