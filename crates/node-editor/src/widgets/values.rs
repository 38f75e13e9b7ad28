//! What an output gives, in a few lines: its type, its first elements, its statistics.

use egui::{RichText, Ui};
use node_core::{DType, PortRef, number};
use node_engine::Stats;

use crate::size;
use crate::state::health::of_output;
use crate::state::tab::Tab;
use crate::widgets::health;
use crate::widgets::tokens::Tokens;

/// Draws it.
pub fn show(ui: &mut Ui, tab: &Tab, output: &PortRef) {
    let tokens = Tokens::of(ui);
    let Some(checked) = tab.document.checked.blocks.get(&output.block) else { return };
    let Some(index) = checked.output_index(&output.port) else { return };
    if checked.is_absent(index) {
        ui.label(
            RichText::new(format!("Nothing: {} is muted, and no input passes.", output.block)).color(tokens.muted),
        );
        return;
    }
    let result = tab.result(&output.block);
    let preview = result.and_then(|result| result.preview(index));
    let ty = preview.map(|preview| format!("{} {}", preview.ty.dtype, preview.ty.shape));
    if let Some(ty) = ty.or_else(|| checked.outputs.get(index).map(ToString::to_string)) {
        ui.label(RichText::new(ty).monospace().color(tokens.muted));
    }
    let Some(preview) = preview else { return };
    let before = if tab.is_stale() { "before: " } else { "" };
    ui.label(RichText::new(format!("{before}{}", preview.text(8))).monospace());
    if let Some(stats) = result.and_then(|result| result.stats.get(index)?.as_deref()) {
        ui.label(RichText::new(figures(stats, preview.ty.dtype)).size(size::CAPTION).color(tokens.muted));
    }
    health::show(ui, &of_output(tab, &output.block, index));
}

/// The least, the greatest, mean and standard deviation of the finite elements, and how many are zero.
fn figures(stats: &Stats, dtype: DType) -> String {
    let zeros = if stats.zeros > 0 { format!(" · {} zero", stats.zeros) } else { String::new() };
    if stats.finite() == 0 {
        return format!("{} elements{zeros}", stats.count);
    }
    // Elements as they are; what is worked out of them as far as anybody reads it.
    let about = |value: f64| number::f32_text(value as f32);
    let exact = |value: f64| if dtype == DType::Float32 { about(value) } else { number::f64_text(value) };
    let (min, max, mean, std) = (exact(stats.min), exact(stats.max), about(stats.mean), about(stats.std));
    format!("min {min} · max {max} · mean {mean} · std {std}{zeros}")
}
