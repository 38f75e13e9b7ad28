//! How things are looked at.

use std::sync::Arc;

use crate::command::Glance;
use crate::state::State;
use crate::state::tab::TabId;

impl State {
    /// Looks at a page, or at what stands around it, otherwise.
    pub(crate) fn glance(&mut self, page: TabId, glance: Glance) {
        if let Glance::WarnClipped(percent) = glance {
            self.appearance.warn_clipped = percent;
            return self.tabs.iter_mut().for_each(|tab| tab.find(percent / 100.0));
        }
        let State { tabs, find, palette_search, appearance, dialog, .. } = self;
        let Some(tab) = tabs.iter_mut().find(|tab| tab.id == page) else { return };
        let view = &mut tab.view;
        match glance {
            Glance::Canvas(rect, camera) => {
                (view.canvas, view.camera, view.camera_set) = (Some(rect), camera, true);
            }
            Glance::WheelPans(pans) => view.wheel_pans = pans,
            Glance::CloseLayer => view.close_layer(),
            Glance::Gesture(gesture) => view.gesture = gesture,
            Glance::Selection(selection) => (view.selection, view.picked) = (Arc::new(selection), None),
            Glance::Wire(wire) => (view.wire, view.picked) = (wire, None),
            Glance::Picked(picked) => (view.picked, view.wire) = (picked, None),
            Glance::Search(search) => view.search = search,
            Glance::InPlace(field) => view.in_place = field,
            Glance::AttrsOf(block) => view.attrs_open = block,
            Glance::Hovered(block) => view.hovered = block,
            Glance::Menu(menu) => view.menu = menu,
            Glance::Typing(field, Some(text)) => {
                view.typing.insert(field, text);
            }
            Glance::Typing(field, None) => {
                view.typing.remove(&field);
            }
            Glance::Documentation(open) => view.docs_open = open,
            Glance::AsText(on) => view.text_open = on,
            Glance::TextHadFocus(had) => view.text_had_focus = had,
            Glance::View(inspector, to) => view.results.look(inspector, to),
            Glance::Shown(inspector, port, shown) => view.results.show(inspector, port, *shown),
            Glance::Cell(open) => view.results.open = open,
            Glance::Why(element) => tab.ask_why(element),
            Glance::Keep(port, tensor) => view.results.keep(port, tensor),
            Glance::Analysis(analysis) => view.analysis = *analysis,
            Glance::Training(typed, drawn) => (tab.training.typed, tab.training.drawn) = (typed, drawn),
            Glance::WarnClipped(_) => {}
            Glance::Find(open) => *find = open,
            Glance::PaletteSearch(text) => *palette_search = text,
            Glance::Fold(category) => appearance.fold(category),
            Glance::Dialog(open) => *dialog = open.map(|open| *open),
        }
    }
}
