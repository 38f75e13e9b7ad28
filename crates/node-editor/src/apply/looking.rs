//! What is selected and in view, and what opens.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Id, Rect, Vec2};
use node_core::check::Links;
use node_core::port::ATTRS_PORT;
use node_core::{BlockId, Wire};

use super::work::Work;
use crate::state::decor::near;
use crate::state::dialog::{CommandList, Dialog, FileDialog, ValueDialog};
use crate::state::dock::Pane;
use crate::state::tab::Tab;
use crate::state::view::{Field, MAX_ZOOM, Picked, Search};
use crate::widgets::names::{INSPECTOR, PALETTE};

impl Work<'_> {
    pub(super) fn select(&mut self, mut ids: BTreeSet<BlockId>) {
        let Tab { document, view, .. } = self.tab_mut();
        // They may have gone in the same frame.
        ids.retain(|id| document.page.blocks.contains_key(id));
        view.bring_to_front(&ids);
        view.selection = Arc::new(ids);
        (view.wire, view.picked) = (None, None);
        view.text_open = false;
    }

    pub(super) fn reveal(&mut self, id: BlockId) {
        self.select([id].into());
        self.bring_into_view();
    }

    /// Moves the view, no farther than it must, so that the selected blocks are in it; the first of them where not all
    /// can be.
    pub(super) fn bring_into_view(&mut self) {
        let canvas = self.canvas();
        let rects = self.selected_rects();
        let tab = self.tab_mut();
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

    pub(crate) fn open_search(&mut self) {
        let canvas = self.canvas();
        let pointer = self.ctx.pointer_latest_pos().filter(|p| canvas.contains(*p)).unwrap_or(canvas.center());
        let view = &mut self.tab_mut().view;
        let at = view.camera.to_world(canvas, pointer);
        view.search =
            Some(Search { at, screen: pointer, text: String::new(), marked: 0, connect: None, opened: false });
    }

    /// Selects the block that the selected one gets its first input from; sets of attributes come last.
    pub(crate) fn walk_back(&mut self) {
        let is_set = |wire: &&Wire| &*wire.to.port == ATTRS_PORT;
        let first = self.selected_links().and_then(|links| {
            let tensor = links.incoming.iter().find(|wire| !is_set(wire));
            tensor.or(links.incoming.first()).map(|wire| wire.from.block.clone())
        });
        first.into_iter().for_each(|id| self.walk_to(id));
    }

    /// Selects the first block that takes what the selected one gives.
    pub(crate) fn walk_on(&mut self) {
        let first = self.selected_links().and_then(|links| links.outgoing.first().map(|wire| wire.to.block.clone()));
        first.into_iter().for_each(|id| self.walk_to(id));
    }

    fn selected_links(&self) -> Option<&Links> {
        let Tab { document, view, .. } = self.tab();
        document.checked.links(view.selected_block()?)
    }

    /// A wire may name a block that is not there.
    fn walk_to(&mut self, id: BlockId) {
        if self.tab().document.page.blocks.contains_key(&id) {
            self.reveal(id);
        }
    }

    /// Selects all blocks of the page.
    pub(crate) fn select_all(&mut self) {
        let ids = self.tab().document.page.blocks.keys().cloned().collect();
        self.select(ids);
    }

    /// Shows the selected blocks, as large as they can be.
    pub(crate) fn show_selection(&mut self) {
        let canvas = self.canvas();
        if let Some(all) = self.selected_rects().into_iter().reduce(Rect::union) {
            let camera = &mut self.tab_mut().view.camera;
            camera.fit(canvas, all);
        }
    }

    /// Puts the selected blocks in the middle of the view.
    pub(crate) fn center_selection(&mut self) {
        let canvas = self.canvas();
        if let Some(all) = self.selected_rects().into_iter().reduce(Rect::union) {
            let camera = &mut self.tab_mut().view.camera;
            camera.origin = all.center().to_vec2() - canvas.size() / (2.0 * camera.zoom);
        }
    }

    /// Where the selected blocks stand.
    fn selected_rects(&self) -> Vec<Rect> {
        let tab = self.tab();
        tab.view.selection.iter().filter_map(|id| tab.document.block_rect(id)).collect()
    }

    /// Goes to where the person wanted to come back.
    pub(crate) fn go_to_view(&mut self, key: u8) {
        let Some(view) = self.tab().document.page.decor.views.get(&key.to_string()).copied() else {
            return self.say(format!("There is no bookmark {key}; Ctrl+Shift+{key} sets it."));
        };
        let canvas = self.canvas();
        let camera = &mut self.tab_mut().view.camera;
        let center = Vec2::new(near(view.center.0), near(view.center.1));
        camera.zoom = near(view.zoom).clamp(camera.least, MAX_ZOOM);
        camera.origin = center - canvas.size() / (2.0 * camera.zoom);
        self.tab_mut().view.camera_set = true;
    }

    /// Shows blocks at their own size.
    pub(crate) fn zoom_to_full(&mut self) {
        let canvas = self.canvas();
        let camera = &mut self.tab_mut().view.camera;
        let factor = 1.0 / camera.zoom;
        camera.zoom_at(canvas, canvas.center(), factor);
    }

    /// Gives the keys to the next of the panels that are seen: the palette, inspectors, the canvas.
    pub(crate) fn next_panel(&mut self) {
        let dock = &self.state.dock;
        let mut panels: Vec<Pane> = dock.panes().into_iter().filter(|pane| dock.is_seen(*pane)).collect();
        panels.retain(|pane| matches!(pane, Pane::Palette | Pane::Inspector(_)));
        panels.sort();
        let focused = self.ctx.memory(|memory| memory.focused());
        let at = focused.and_then(|id| self.ctx.read_response(id)).map(|response| response.rect.center());
        let is_in = |pane: &Pane| at.is_some_and(|at| dock.rect(*pane).is_some_and(|rect| rect.contains(at)));
        let next = match panels.iter().position(is_in) {
            Some(here) => panels.get(here + 1),
            None => panels.first(),
        };
        let id = next.map(|pane| match pane {
            Pane::Inspector(number) if *number > 0 => Id::unique((INSPECTOR, *number)),
            Pane::Inspector(_) => Id::unique(INSPECTOR),
            _ => Id::unique(PALETTE),
        });
        match id {
            Some(id) => self.ctx.memory_mut(|memory| memory.request_focus(id)),
            None => focused.into_iter().for_each(|id| self.ctx.memory_mut(|memory| memory.surrender_focus(id))),
        }
    }

    /// Opens the field for another id of the selected block, for the title of a frame, for the text of a note.
    pub(crate) fn rename_in_place(&mut self) {
        let view = &mut self.tab_mut().view;
        view.in_place = match &view.picked {
            Some(Picked::Frame(name)) => Some(Field::Title(name.clone())),
            Some(Picked::Note(name)) => Some(Field::Note(name.clone())),
            None => view.selected_block().cloned().map(Field::Id),
        };
    }

    pub(super) fn edit_value(&mut self, field: Field) {
        // A wired value is another block's.
        match self.tab().why_fixed(&field) {
            Some(notice) => self.say(notice),
            None => self.state.dialog = ValueDialog::new(self.tab(), field).map(Dialog::Value),
        }
    }

    /// Asks which file is to be opened.
    pub(crate) fn ask_what_to_open(&mut self) {
        let folder = self.state.folder_for(&self.tab().document);
        self.state.dialog = Some(Dialog::Open(FileDialog::new(folder, String::new())));
    }

    /// Lists all commands, to be searched.
    pub(crate) fn list_commands(&mut self) {
        self.state.dialog = Some(Dialog::Commands(CommandList::default()));
    }

    /// Tells of gestures and keys.
    pub(crate) fn tell_how(&mut self) {
        self.state.dialog = Some(Dialog::Help);
    }
}
