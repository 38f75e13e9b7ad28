//! A page as a picture, drawn by the canvas without a window.

mod svg;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Context, Pos2, RawInput, Rect, Theme, Vec2, vec2};
use egui_commonmark::CommonMarkCache;
use node_core::check::CheckedPage;
use node_core::{BlockId, Registry};
use node_engine::BlockResult;

use crate::host::DataFiles;
use crate::panels::canvas::Canvas;
use crate::state::document::Document;
use crate::state::tab::{Tab, TabId};
use crate::widgets::theme;
use crate::widgets::tokens::Tokens;

/// What is drawn.
pub struct Subject<'s> {
    /// The page.
    pub checked: Arc<CheckedPage>,
    /// Its name, where it has none of its own.
    pub name: String,
    /// What a run gave; empty for the page alone.
    pub results: BTreeMap<BlockId, BlockResult>,
    /// All block types.
    pub registry: &'s Registry,
}

/// Left free around what is drawn.
const AROUND: f32 = 36.0;
/// A page without anything on it.
const EMPTY: Vec2 = vec2(640.0, 360.0);
/// Pictures are no wider and no higher: they are scaled down.
const MOST: f32 = 16_000.0;

/// The page as an SVG document, as the canvas shows it at 100 %: blocks, wires, frames and notes.
pub fn svg(subject: Subject<'_>, dark: bool) -> String {
    let Subject { checked, name, results, registry } = subject;
    let page = (*checked.page).clone();
    let mut document = Document::new(page, name, None, DataFiles::default(), registry);
    document.stand_for(checked);
    let mut tab = Tab::new(TabId(0), document);
    // Nothing is as old as it is stale: what there is is shown.
    tab.submitted = Some(tab.document.content());
    tab.run.results = results;
    let ctx = Context::default();
    theme::install(&ctx);
    ctx.set_theme(if dark { Theme::Dark } else { Theme::Light });
    let mut canvas = Canvas::still();
    let bounds = canvas.bounds(&tab).map_or(Rect::from_min_size(Pos2::ZERO, EMPTY), |bounds| bounds.expand(AROUND));
    let zoom = (MOST / bounds.size().max_elem()).min(1.0);
    let rect = Rect::from_min_size(Pos2::ZERO, (bounds.size() * zoom).ceil());
    tab.view.camera.origin = bounds.min.to_vec2();
    tab.view.camera.zoom = zoom;
    (tab.view.camera_set, tab.view.canvas) = (true, Some(rect));
    let mut markdown = CommonMarkCache::default();
    let mut shapes = Vec::new();
    // Sizes of notes are known in the second frame.
    for _ in 0..2 {
        let input = RawInput { screen_rect: Some(rect), ..RawInput::default() };
        let mut drawn = ctx.run_ui(input, |ui| canvas.picture(ui, rect, &tab, &mut markdown));
        // Letters are not drawn from a texture here.
        drawn.textures_delta.clear();
        shapes = std::mem::take(&mut drawn.shapes);
    }
    svg::document(rect.size(), Tokens::of_theme(dark).canvas, &shapes)
}

/// The fonts that texts of a picture are set in.
pub fn fonts() -> Vec<Vec<u8>> {
    theme::fonts().font_data.values().map(|data| (*data.font).as_ref().to_vec()).collect()
}
