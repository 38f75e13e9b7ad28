//! The docked panels: what each is shown, and what is asked for there.

use egui::{Button, CursorIcon, Event, Frame, Response, RichText, Ui, UiBuilder, WidgetText};
use egui_tiles::{Behavior, Tile, TileId, Tiles, UiResponse};

use super::Editor;
use crate::command::{Asked, Command};
use crate::panels::inspector::Inspecting;
use crate::panels::{analysis, banner, find, inspector, palette};
use crate::size;
use crate::state::dock::Pane;
use crate::state::tab::TabId;
use crate::widgets::tokens::Tokens;

impl Editor {
    /// Who presses a button on a canvas gives it the keys, before anything of that frame is heard.
    pub(super) fn focus_canvas(&mut self, ui: &Ui) {
        let pressed = ui.input(|i| {
            let at = |event: &Event| match event {
                Event::PointerButton { pos, pressed: true, .. } => Some(*pos),
                _ => None,
            };
            i.events.iter().find_map(at)
        });
        let Some(at) = pressed.filter(|_| self.state.dialog.is_none()) else { return };
        // What lies above a canvas hears for itself.
        let is_beneath = ui.ctx().layer_id_at(at).is_none_or(|layer| layer == ui.layer_id());
        if let Some(canvas) = self.state.dock.canvas_at(at).filter(|_| is_beneath) {
            self.state.focus_canvas(canvas);
        }
    }

    /// Draws all that is docked.
    pub(super) fn docked(&mut self, ui: &mut Ui, asked: &mut Vec<Asked>) {
        let state = &mut self.state;
        for (pane, shown) in
            [(Pane::Palette, state.appearance.palette_open), (Pane::Inspector(0), state.appearance.inspector_open)]
        {
            if state.dock.is_shown(pane) != shown {
                state.dock.set_shown(pane, shown);
                state.dock.resize();
            }
        }
        state.dock.keep_widths(ui.available_width());
        let lone = state.dock.lone_canvas();
        let mut tree = state.dock.lend();
        let mut panes = Panes { editor: self, asked, closed: Vec::new(), lone, tokens: Tokens::of(ui) };
        tree.ui(&mut panes, ui);
        let closed = panes.closed;
        self.state.dock.take_back(tree);
        let page = self.tab().id;
        for pane in closed {
            asked.push(Asked { page, canvas: None, command: Command::ClosePane(pane) });
        }
        self.state.look_through_focus();
    }

    /// A canvas, and what lies over it.
    fn canvas(&mut self, ui: &mut Ui, asked: &mut Vec<Asked>, number: u32) {
        let page = self.state.page_on(number);
        let Some(index) = self.state.index_of(page) else { return };
        self.state.tabs[index].look_through(number);
        self.drawn = Some(number);
        let key = (number, page);
        let mut canvas = self.canvases.remove(&key).unwrap_or_default();
        let heard =
            self.draw(asked, page, |editor, commands| canvas.hear(ui, number, &editor.state.tabs[index], commands));
        let has_keys = number == self.state.dock.focus;
        self.draw(asked, page, |Editor { state, markdown, .. }, commands| {
            let shown = (&state.tabs[index], state.appearance.minimap);
            let blocks = (&*state.registry, &state.appearance.recent_blocks[..]);
            canvas.draw(ui, &heard, shown, blocks, markdown, commands);
            if has_keys {
                banner::show(ui, heard.rect(), &state.tabs[index], commands);
                find::show(ui, heard.rect(), state, commands);
            }
        });
        self.canvases.insert(key, canvas);
        self.drawn = None;
    }

    fn inspector(&mut self, ui: &mut Ui, asked: &mut Vec<Asked>, number: u32) {
        let pin = self.state.dock.pin(number).cloned();
        let page = pin.as_ref().map_or(self.tab().id, |pin| pin.page);
        self.draw(asked, page, |Editor { state, remarks, markdown, studies, .. }, commands| {
            let Some(tab) = state.page(page) else { return inspector::gone(ui, number, commands) };
            let mut inspecting = Inspecting { tab, number, studies, commands };
            match &pin {
                Some(pin) => inspector::pinned(ui, &mut inspecting, &pin.port, markdown),
                None => inspector::show(ui, &mut inspecting, remarks, markdown),
            }
        });
    }

    fn pane(&mut self, ui: &mut Ui, asked: &mut Vec<Asked>, pane: Pane) {
        let page: TabId = self.tab().id;
        match pane {
            Pane::Canvas(number) => self.canvas(ui, asked, number),
            Pane::Inspector(number) => contained(ui, |ui| self.inspector(ui, asked, number)),
            Pane::Palette => contained(ui, |ui| {
                self.draw(asked, page, |editor, commands| palette::show(ui, &editor.state, commands));
            }),
            Pane::Analysis => contained(ui, |ui| {
                self.draw(asked, page, |Editor { state, analysing, .. }, commands| {
                    analysis::show(ui, state.tab(), analysing.studied(), commands);
                });
            }),
            Pane::Problems => contained(ui, |ui| {
                self.draw(asked, page, |Editor { state, remarks, .. }, commands| {
                    inspector::problems(ui, state.tab(), remarks, commands);
                });
            }),
        }
    }
}

/// Draws a panel's content without letting it widen the panel: its width is the person's.
fn contained(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let rect = ui.available_rect_before_wrap();
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.shrink_clip_rect(rect);
    content(&mut child);
    ui.advance_cursor_after_rect(rect);
}

/// Draws what the tree places.
struct Panes<'e> {
    editor: &'e mut Editor,
    asked: &'e mut Vec<Asked>,
    closed: Vec<Pane>,
    /// The canvas, if there is one alone.
    lone: Option<TileId>,
    tokens: &'static Tokens,
}

impl Panes<'_> {
    fn of(tiles: &Tiles<Pane>, tile: TileId) -> Option<Pane> {
        match tiles.get(tile) {
            Some(Tile::Pane(pane)) => Some(*pane),
            _ => None,
        }
    }
}

impl Behavior<Pane> for Panes<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, pane: &mut Pane) -> UiResponse {
        let fill = if matches!(pane, Pane::Canvas(_)) { self.tokens.canvas } else { self.tokens.panel };
        Frame::new().fill(fill).show(ui, |ui| self.editor.pane(ui, self.asked, *pane));
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        let state = &self.editor.state;
        match pane {
            Pane::Canvas(number) => {
                let page = state.page(state.page_on(*number));
                page.map_or("Canvas", |tab| tab.document.name()).into()
            }
            Pane::Inspector(number) => match state.dock.pin(*number) {
                Some(pin) if pin.port.port.is_empty() => pin.port.block.as_str().into(),
                Some(pin) => pin.port.to_string().into(),
                None => pane.name().into(),
            },
            Pane::Palette | Pane::Problems | Pane::Analysis => pane.name().into(),
        }
    }

    /// A cross that closes the panel in front.
    fn top_bar_right_ui(&mut self, tiles: &Tiles<Pane>, ui: &mut Ui, _: TileId, tabs: &egui_tiles::Tabs, _: &mut f32) {
        let Some(pane) = tabs.active.and_then(|tile| Panes::of(tiles, tile)) else { return };
        let canvases = || tiles.tiles().filter(|tile| matches!(tile, Tile::Pane(Pane::Canvas(_)))).count();
        if matches!(pane, Pane::Canvas(_)) && canvases() < 2 {
            return;
        }
        let title = self.tab_title_for_pane(&pane).text().to_owned();
        ui.add_space(6.0);
        let cross = Button::new(RichText::new("×").color(self.tokens.muted)).frame(false);
        if ui.add(cross).accessible_name(format!("close panel {title}")).clicked() {
            // It is closed with all else that this frame asks for.
            self.closed.push(pane);
        }
    }

    fn on_tab_button(&mut self, tiles: &mut Tiles<Pane>, tile: TileId, button: Response) -> Response {
        if let Some(Pane::Canvas(number)) = Panes::of(tiles, tile).filter(|_| button.clicked()) {
            self.editor.state.focus_canvas(number);
        }
        button
    }

    /// One canvas among no others needs no bar that says so.
    fn is_tab_bar_visible(&self, _: TileId, tabs: &egui_tiles::Tabs) -> bool {
        self.lone.is_none_or(|lone| tabs.children != [lone])
    }

    fn simplification_options(&self) -> egui_tiles::SimplificationOptions {
        egui_tiles::SimplificationOptions { all_panes_must_have_tabs: true, ..Default::default() }
    }

    fn cycle_tabs_with_keyboard(&self) -> bool {
        false
    }

    fn tab_bar_height(&self, _: &egui::Style) -> f32 {
        size::TAB
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        90.0
    }

    fn tab_hover_cursor_icon(&self) -> CursorIcon {
        CursorIcon::Grab
    }

    fn tab_bar_color(&self, _: &egui::Visuals) -> egui::Color32 {
        self.tokens.background
    }

    fn tab_bg_color(
        &self,
        _: &egui::Visuals,
        _: &Tiles<Pane>,
        _: TileId,
        state: &egui_tiles::TabState,
    ) -> egui::Color32 {
        if state.active { self.tokens.panel } else { self.tokens.background }
    }

    fn tab_outline_stroke(
        &self,
        _: &egui::Visuals,
        _: &Tiles<Pane>,
        _: TileId,
        _: &egui_tiles::TabState,
    ) -> egui::Stroke {
        egui::Stroke::NONE
    }

    fn tab_text_color(
        &self,
        _: &egui::Visuals,
        tiles: &Tiles<Pane>,
        tile: TileId,
        state: &egui_tiles::TabState,
    ) -> egui::Color32 {
        let has_keys = Panes::of(tiles, tile) == Some(Pane::Canvas(self.editor.state.dock.focus));
        match state.active {
            // Of several canvases the one that has the keys.
            true if has_keys && self.lone.is_none() => self.tokens.accent,
            true => self.tokens.text,
            false => self.tokens.muted,
        }
    }

    fn tab_bar_hline_stroke(&self, _: &egui::Visuals) -> egui::Stroke {
        egui::Stroke::new(1.0, self.tokens.line)
    }

    fn resize_stroke(&self, _: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        match state {
            egui_tiles::ResizeState::Idle => egui::Stroke::new(1.0, self.tokens.line),
            _ => egui::Stroke::new(2.0, self.tokens.accent),
        }
    }
}
