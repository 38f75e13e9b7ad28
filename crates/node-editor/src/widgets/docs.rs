//! Documentation as it is shown: the code in it looks like code.

use egui::text::LayoutJob;
use egui::{FontId, TextFormat, Ui};

use crate::size;
use crate::widgets::tokens::Tokens;

/// Shows paragraphs; what stands between backticks is monospaced, without them.
pub fn show(ui: &mut Ui, text: &str) {
    let tokens = Tokens::of(ui);
    let mut job = LayoutJob::default();
    for (i, part) in text.split('`').enumerate() {
        let font = if i % 2 == 1 { FontId::monospace(size::TEXT - 1.0) } else { FontId::proportional(size::TEXT) };
        job.append(part, 0.0, TextFormat::simple(font, tokens.text));
    }
    job.wrap.max_width = ui.available_width();
    ui.add(egui::Label::new(job).wrap());
}
