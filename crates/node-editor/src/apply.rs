//! The only place that changes anything: every command becomes an edit of the page, or a change of how it is seen.

mod answers;
mod appearance;
mod clipboard;
mod files;
mod glances;
mod kept;
mod pages;
mod running;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests;
mod typing;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Context, Pos2, Rect, ThemePreference, Vec2, ViewportCommand};
use node_core::check::Origin;
use node_core::page::{Entries, Written};
use node_core::{BlockId, BlockNode, Direction, Edit, Page, Placement, PortKind, PortRef, Role, Wire};

use crate::actions::Action;
use crate::command::{Asked, Command};
use crate::fit::Fit;
use crate::state::State;
use crate::state::dialog::{Dialog, FileDialog, Then, ValueDialog};
use crate::state::document::gone;
use crate::state::tab::Tab;
use crate::state::view::{Field, PortEnd, Search};
use work::Work;

impl State {
    /// Does what a command says, to the page that it is for.
    pub(crate) fn apply(&mut self, ctx: &Context, asked: Asked) {
        let Asked { page, command } = asked;
        let index = match self.index_of(page) {
            Some(index) => index,
            None if command.is_about_a_page() => return,
            None => self.active,
        };
        Work { state: self, index, ctx }.apply(command);
    }
}

impl Work<'_> {
    fn apply(&mut self, command: Command) {
        match command {
            Command::Do(action) => self.act(action),
            Command::Look(glance) => self.state.glance(self.tab().id, glance),
            Command::Answer(dialog, answer) => self.answer(*dialog, answer),
            Command::ShowPage(page) => self.state.show_page(page),
            Command::ClosePage(page) => self.state.close_page(page),
            Command::Select(ids) => self.select(ids),
            Command::SelectWire(wire) => {
                let Tab { document, view, .. } = self.tab_mut();
                view.selection.clear();
                // It may have gone in the same frame.
                view.wire = wire.filter(|wire| document.page.wires.contains(wire));
            }
            Command::Reveal(id) => self.reveal(id),
            Command::ShowRemarks => {
                self.state.appearance.inspector_open = true;
                self.select(BTreeSet::new());
            }
            Command::EditValue(field) => self.edit_value(field),
            Command::Add { type_name, at, connect } => self.add(&type_name, at, connect),
            Command::Connect { wire, instead_of, row } => self.connect(wire, instead_of, row),
            Command::Disconnect(wire) => {
                let label = format!("disconnect {wire}");
                self.edit(&label, Edit::Disconnect(wire));
            }
            Command::Escape if self.tab().view.layers() > 0 => self.tab_mut().view.close_layer(),
            Command::Escape => self.select(BTreeSet::new()),
            Command::Move(delta) => self.move_selection(delta),
            Command::SetAttr { block, name, value } => {
                let label = format!("set {block}.{name}");
                self.edit(&label, Edit::set_attr(&block, &name, value));
            }
            Command::SetAttrs { block, values } => {
                let edits = values.into_iter().map(|(name, value)| Edit::set_attr(&block, &name, value));
                let edits = Edit::Batch(edits.collect());
                self.edit(&format!("set attributes of {block}"), edits);
            }
            Command::SetInput { block, name, value } => {
                let label = format!("set {block}.{name}");
                self.edit(&label, Edit::set_input(&block, &name, value));
            }
            Command::Rename { from, to } => self.rename(from, to),
            Command::NamePage(name) => {
                let name = Some(name).filter(|n| !n.is_empty());
                self.edit("name the page", Edit::SetName(name));
            }
            Command::AttrsFrom { block, at } => self.attrs_from(&block, at),
            Command::DisconnectSelected => self.disconnect_selected(),
            Command::Search(search) => self.tab_mut().view.search = Some(search),
            Command::PasteText(text) => self.paste(&text),
            Command::Notice(notice) => self.say(notice),
        }
    }

    fn act(&mut self, action: Action) {
        if !self.state.is_enabled(action, self.index) {
            return;
        }
        let ctx = self.ctx;
        match action {
            Action::New => {
                let name = self.state.fresh_page_name();
                self.state.open_page(Page::default(), &name, None);
            }
            Action::Open => {
                let folder = self.state.folder_for(&self.tab().document);
                self.state.dialog = Some(Dialog::Open(FileDialog::new(folder, String::new())));
            }
            Action::Save => self.state.save(self.tab().id, Then::Stay),
            Action::SaveAs => self.state.ask_where(self.tab().id, Then::Stay),
            Action::Close => self.state.close_page(self.tab().id),
            Action::Quit => self.state.quitting = true,
            Action::Undo | Action::Redo => self.travel(action),
            Action::Cut => {
                self.copy();
                self.delete();
            }
            Action::Copy => self.copy(),
            Action::Paste => ctx.send_viewport_cmd(ViewportCommand::RequestPaste),
            Action::Duplicate => {
                let fragment = self.fragment();
                self.insert("duplicate", &fragment);
            }
            Action::Delete => self.delete(),
            Action::SelectAll => {
                let ids = self.tab().document.page.blocks.keys().cloned().collect();
                self.select(ids);
            }
            Action::AddBlock => self.open_search(),
            Action::Fit => self.tab_mut().view.camera_set = false,
            Action::ZoomReset => {
                let canvas = self.canvas();
                let camera = &mut self.tab_mut().view.camera;
                let factor = 1.0 / camera.zoom;
                camera.zoom_at(canvas, canvas.center(), factor);
            }
            Action::Palette => self.state.appearance.palette_open ^= true,
            Action::Inspector => self.state.appearance.inspector_open ^= true,
            Action::Light => ctx.set_theme(ThemePreference::Light),
            Action::Dark => ctx.set_theme(ThemePreference::Dark),
            Action::System => ctx.set_theme(ThemePreference::System),
            Action::Run => self.state.run_now(ctx, self.index),
            Action::Stop => self.state.stop_run(self.index),
            Action::RunAsYouEdit => self.state.run_as_you_edit ^= true,
            Action::NextPage => self.state.show_next_page(1),
            Action::PreviousPage => self.state.show_next_page(self.state.tabs.len() - 1),
            Action::Help => self.state.dialog = Some(Dialog::Help),
            Action::Rename => {
                let view = &mut self.tab_mut().view;
                view.in_place = view.selected_block().cloned().map(Field::Id);
            }
        }
    }

    /// Changes the page; what does not fit is said in the status bar.
    fn edit(&mut self, label: &str, edit: Edit) -> bool {
        let registry = self.state.registry.clone();
        let before = self.tab().document.page.clone();
        let result = self.tab_mut().document.edit(label, edit, &registry);
        self.state.notice = result.as_ref().err().map(|error| format!("Cannot {label}: {error}."));
        self.after_change(&before);
        result.is_ok()
    }

    fn travel(&mut self, action: Action) {
        let registry = self.state.registry.clone();
        let document = &mut self.tab_mut().document;
        let before = document.page.clone();
        let label = if action == Action::Undo { document.undo_label() } else { document.redo_label() };
        let said = format!("{}: {}", action.text(), label.unwrap_or_default());
        let result = if action == Action::Undo { document.undo(&registry) } else { document.redo(&registry) };
        self.state.notice = Some(match result {
            Ok(_) => said,
            Err(error) => format!("{} failed: {error}.", action.text()),
        });
        self.after_change(&before);
        // What has come back is what the person looks at.
        let now = &self.tab().document.page;
        let back: BTreeSet<BlockId> =
            now.blocks.keys().filter(|id| !before.blocks.contains_key(*id)).cloned().collect();
        if !back.is_empty() {
            self.select(back);
        }
    }

    fn after_change(&mut self, before: &Page) {
        let tab = self.tab_mut();
        let page = tab.document.page.clone();
        let gone = gone(before, &page);
        let was_running = tab.run.is_running();
        if !gone.is_empty() {
            tab.sent = None;
        }
        tab.run.follow(&gone);
        if !gone.is_empty() && was_running {
            tab.submitted = None;
            // With every edit a new run begins; else the old one ends here, and says so.
            if !self.state.run_as_you_edit {
                self.state.break_off_run(self.index);
            }
        }
        let tab = self.tab_mut();
        tab.view.retain(|id| page.blocks.contains_key(id), |wire| page.wires.contains(wire));
    }

    fn select(&mut self, mut ids: BTreeSet<BlockId>) {
        let Tab { document, view, .. } = self.tab_mut();
        // They may have gone in the same frame.
        ids.retain(|id| document.page.blocks.contains_key(id));
        view.bring_to_front(&ids);
        view.selection = ids;
        view.wire = None;
        view.text_open = false;
    }

    fn reveal(&mut self, id: BlockId) {
        self.select([id].into());
        self.bring_into_view();
    }

    /// Moves the view, no farther than it must, so that the selected blocks are in it; the first of them where not all
    /// can be.
    fn bring_into_view(&mut self) {
        let canvas = self.canvas();
        let tab = self.tab_mut();
        let rects = tab.view.selection.iter().filter_map(|id| tab.document.block_rect(id));
        let rects: Vec<Rect> = rects.collect();
        let Some(all) = rects.iter().copied().reduce(Rect::union) else { return };
        let room = canvas.shrink2(Vec2::new(24.0, 24.0)).size() / tab.view.camera.zoom;
        let fits = all.width() <= room.x && all.height() <= room.y;
        let wanted = if fits { all } else { rects[0] };
        let camera = &mut tab.view.camera;
        let seen = Rect::from_min_max(
            camera.to_world(canvas, canvas.min + Vec2::splat(24.0)),
            camera.to_world(canvas, canvas.max - Vec2::splat(24.0)),
        );
        let step = |least: f32, most: f32, from: f32, to: f32| {
            if from < least || to - from > most - least { from - least } else { (to - most).max(0.0) }
        };
        camera.origin.x += step(seen.left(), seen.right(), wanted.left(), wanted.right());
        camera.origin.y += step(seen.top(), seen.bottom(), wanted.top(), wanted.bottom());
    }

    fn open_search(&mut self) {
        let canvas = self.canvas();
        let pointer = self.ctx.pointer_latest_pos().filter(|p| canvas.contains(*p)).unwrap_or(canvas.center());
        let view = &mut self.tab_mut().view;
        let at = view.camera.to_world(canvas, pointer);
        view.search =
            Some(Search { at, screen: pointer, text: String::new(), marked: 0, connect: None, opened: false });
    }

    fn add(&mut self, type_name: &str, at: Option<Pos2>, connect: Option<PortEnd>) {
        let canvas = self.canvas();
        let registry = self.state.registry.clone();
        let tab = self.tab_mut();
        let middle = || tab.view.camera.to_world(canvas, canvas.center()) - Vec2::new(109.0, 80.0);
        let at = free_spot(at.unwrap_or_else(middle), tab.document.places.values());

        let Some(id) = tab.document.fresh_id(type_name) else { return };
        let mut node = BlockNode::new(type_name);
        let spec = registry.get(type_name).map(|ty| &ty.spec);
        // A constant without a value would be born with a problem.
        if let Some(spec) = spec.filter(|s| s.role == Role::Constant) {
            let required = spec.attrs.iter().filter(|a| a.default == node_core::attr::AttrDefault::Required);
            node.attrs = required.map(|a| (a.name.clone(), node_core::Value::Int(0))).collect();
        }
        let place = Placement::at(f64::from(at.x.round()), f64::from(at.y.round())).kept_within();
        let mut edits = vec![Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) }];
        if let (Some(spec), Some(end)) = (spec, connect) {
            edits.extend(first_fit(tab, &id, spec, &end));
        }
        if self.edit(&format!("add {id}"), Edit::Batch(edits)) {
            self.select([id].into());
            self.bring_into_view();
        }
    }

    fn connect(&mut self, wire: Wire, instead_of: Option<Wire>, row: Option<Wire>) {
        let tab = self.tab();
        let takes_many = tab.document.checked.blocks.get(&wire.to.block).and_then(|b| b.spec()).is_none_or(|spec| {
            let port = spec.port(Direction::In, &wire.to.port);
            port.is_none_or(|p| p.is_list() || p.kind == PortKind::Attrs)
        });
        let mut edits: Vec<Edit> = instead_of.iter().cloned().map(Edit::Disconnect).collect();
        let in_the_way = tab.document.page.wires.iter().filter(|w| w.to == wire.to && Some(*w) != instead_of.as_ref());
        if !takes_many {
            edits.extend(in_the_way.cloned().map(Edit::Disconnect));
        } else if in_the_way.clone().any(|w| *w == wire) && wire.to.port.as_ref() == node_core::port::ATTRS_PORT {
            self.say(format!("{} feeds {} already.", wire.from, wire.to));
            return;
        }
        let label = format!("connect {wire}");
        let place = |wire: &Wire| tab.document.page.wires.iter().position(|w| w == wire);
        match row.as_ref().and_then(|row| Some((row, place(row)?))) {
            Some((row, at)) if Some(row) == instead_of.as_ref() => edits.push(Edit::PutBack { wire, at }),
            Some((row, at)) => {
                // What was taken off before it moves it up.
                let at = at - usize::from(instead_of.as_ref().and_then(place).is_some_and(|taken| taken < at));
                edits.extend([Edit::TakeOff { wire: row.clone(), at }, Edit::PutBack { wire, at }]);
            }
            None => edits.push(Edit::Connect { wire }),
        }
        self.edit(&label, Edit::Batch(edits));
    }

    fn move_selection(&mut self, delta: Vec2) {
        let document = &self.tab().document;
        let edits: Vec<Edit> = self
            .tab()
            .view
            .selection
            .iter()
            .filter_map(|id| {
                let place = *document.places.get(id)?;
                let to = Placement {
                    x: (place.x + f64::from(delta.x)).round(),
                    y: (place.y + f64::from(delta.y)).round(),
                    ..place
                }
                .kept_within();
                (to != place).then(|| Edit::Place { block: id.clone(), to: Some(to) })
            })
            .collect();
        if !edits.is_empty() {
            self.edit("move", Edit::Batch(edits));
        }
    }

    fn rename(&mut self, from: BlockId, to: BlockId) {
        if from == to {
            return;
        }
        let tab = self.tab_mut();
        let selected = tab.view.selection.remove(&from);
        if self.edit(&format!("rename {from} to {to}"), Edit::Rename { from: from.clone(), to: to.clone() }) {
            if selected {
                self.tab_mut().view.selection.insert(to);
            }
        } else if selected {
            self.tab_mut().view.selection.insert(from);
        }
    }

    fn attrs_from(&mut self, block: &BlockId, at: Pos2) {
        let registry = self.state.registry.clone();
        let set_type = registry.iter().map(|ty| &ty.spec).find(|s| s.role == Role::AttributeSet);
        let Some(set_spec) = set_type else {
            self.say("No block type of this program is a set of attributes.");
            return;
        };
        let tab = self.tab_mut();
        let Some(checked) = tab.document.checked.blocks.get(block) else { return };
        let mut free = checked.effective.iter().filter(|e| !matches!(e.origin, Origin::Wired(_))).peekable();
        if free.peek().is_none() {
            self.say(format!("All attributes of {block} are wired already."));
            return;
        }
        // What is as by default needs no saying; the inspector offers it.
        let others = free.filter(|e| e.value != e.spec.default.value());
        let attrs: Entries =
            others.filter_map(|e| Some((e.spec.name.clone(), Written::from(e.value.clone()?)))).collect();
        let Some(id) = tab.document.fresh_id(&set_spec.name) else { return };
        let Some(output) = set_spec.ports.iter().find(|p| p.direction == Direction::Out) else { return };
        let node = BlockNode { attrs, ..BlockNode::new(&set_spec.name) };
        let corner = clear_spot(at - Vec2::new(218.0, 60.0), tab.document.places.values());
        let place = Placement::at(f64::from(corner.x.round()), f64::from(corner.y.round())).kept_within();
        let wire = Wire { from: PortRef::new(&id, &output.name), to: PortRef::new(block, node_core::port::ATTRS_PORT) };
        let edits =
            vec![Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) }, Edit::Connect { wire }];
        if self.edit(&format!("add {id}"), Edit::Batch(edits)) {
            self.select([id].into());
            self.bring_into_view();
        }
    }

    fn disconnect_selected(&mut self) {
        let tab = self.tab();
        let touches =
            |w: &&Wire| tab.view.selection.contains(&w.from.block) || tab.view.selection.contains(&w.to.block);
        let wires = tab.document.page.wires.iter().filter(touches).cloned();
        let edits: Vec<Edit> = wires.map(Edit::Disconnect).collect();
        if !edits.is_empty() {
            self.edit("disconnect", Edit::Batch(edits));
        }
    }

    fn edit_value(&mut self, field: Field) {
        // A wired value is another block's.
        match self.tab().why_fixed(&field) {
            Some(notice) => self.say(notice),
            None => self.state.dialog = ValueDialog::new(self.tab(), field).map(Dialog::Value),
        }
    }

    fn delete(&mut self) {
        let view = &self.tab().view;
        let (blocks, wire) = (view.selection.clone(), view.wire.clone());
        if !blocks.is_empty() {
            let edits = blocks.into_iter().map(Edit::RemoveBlock).collect();
            self.edit("delete", Edit::Batch(edits));
        } else if let Some(wire) = wire {
            self.edit("delete", Edit::Disconnect(wire));
        }
    }
}

/// The wire from or to the first port of a new block that fits.
fn first_fit(tab: &Tab, id: &BlockId, spec: &node_core::BlockSpec, end: &PortEnd) -> Option<Edit> {
    let fit = Fit::new(&tab.document.checked, end, None);
    // Of a list of outputs the first.
    let name = |p: &node_core::PortSpec| match p.direction == Direction::Out && p.is_list() {
        true => node_core::name::of_item(&p.name, 0),
        false => p.name.to_string(),
    };
    let ports =
        spec.ports.iter().map(|p| PortEnd { port: PortRef::new(id, &name(p)), direction: p.direction, kind: p.kind });
    let wire = ports.filter(|p| p.direction != end.direction && p.kind == end.kind).find_map(|p| fit.wire(&p).ok())?;
    Some(Edit::Connect { wire })
}

/// A spot near `at` where no block begins.
fn free_spot<'p>(mut at: Pos2, places: impl Iterator<Item = &'p Placement> + Clone) -> Pos2 {
    let taken = |at: Pos2| places.clone().any(|p| (p.x as f32 - at.x).abs() < 24.0 && (p.y as f32 - at.y).abs() < 24.0);
    for _ in 0..1000 {
        if !taken(at) {
            break;
        }
        at += Vec2::splat(32.0);
    }
    at
}

/// The first spot below `at` where a block of usual size covers no other.
fn clear_spot<'p>(mut at: Pos2, places: impl Iterator<Item = &'p Placement> + Clone) -> Pos2 {
    let covers =
        |at: Pos2| places.clone().any(|p| (p.x as f32 - at.x).abs() < 230.0 && (p.y as f32 - at.y).abs() < 160.0);
    for _ in 0..100 {
        if !covers(at) {
            break;
        }
        at.y += 40.0;
    }
    at
}
