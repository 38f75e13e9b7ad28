//! How outputs are, in words and colours.

use egui::{Color32, RichText, Ui};

use crate::size;
use crate::state::health::{Condition, Parts};
use crate::widgets::figures::percent;
use crate::widgets::tokens::Tokens;

/// A colour of any theme.
pub type Color = fn(&Tokens) -> Color32;

/// A part of the elements: how many, their colour, and what they are called.
pub struct Part {
    /// How many.
    pub count: u64,
    /// In which colour.
    pub color: Color,
    /// What they are.
    pub name: &'static str,
}

/// The parts, in the order in which they are drawn; some are of no elements.
pub fn parts(parts: &Parts) -> [Part; 5] {
    let part = |count, color: Color, name| Part { count, color, name };
    [
        part(parts.below, |t| t.below, "below"),
        part(parts.inside, |t| t.inside, "inside"),
        part(parts.above, |t| t.above, "above"),
        part(parts.infinite(), |t| t.warning, "infinite"),
        part(parts.nan, |t| t.error, "NaN"),
    ]
}

/// What there is to say, piece by piece: which range it is about, and each part that there is.
fn pieces(condition: &Condition) -> Vec<(String, Color)> {
    let muted: Color = |tokens| tokens.muted;
    let total = condition.parts.total();
    let is_ranged = condition.quantized_at.is_some();
    let lead = condition.quantized_at.as_ref().map(|port| (format!("{port}:"), muted));
    // What is clipped is clipped, be it infinite or not.
    let clipped = |part: &Part| match part.name {
        "below" => part.count + condition.parts.negative_infinite,
        "above" => part.count + condition.parts.positive_infinite,
        _ => part.count,
    };
    let is_said = |part: &Part| part.count > 0 || is_ranged && clipped(part) > 0;
    let said = parts(&condition.parts).into_iter().filter(is_said).map(|part| {
        let text = match part.name {
            "below" | "inside" | "above" if is_ranged => format!("{} {}", percent(clipped(&part), total), part.name),
            name => {
                let count = if part.count == total { "all".to_owned() } else { part.count.to_string() };
                format!("{count} {}", if name == "inside" { "finite" } else { name })
            }
        };
        (text, if is_ranged || part.name != "inside" { part.color } else { muted })
    });
    let none = (total == 0).then(|| ("no elements".to_owned(), muted));
    lead.into_iter().chain(said).chain(none).collect()
}

/// All that there is to say, as one text.
pub fn words(condition: &Condition) -> String {
    let pieces = pieces(condition);
    let texts: Vec<&str> = pieces.iter().map(|(text, _)| text.as_str()).collect();
    texts.join(" · ").replacen(": ·", ":", 1)
}

/// Says how outputs are, each in a line.
pub fn show<'c>(ui: &mut Ui, conditions: impl IntoIterator<Item = &'c Condition>) {
    let tokens = Tokens::of(ui);
    for condition in conditions {
        ui.horizontal_wrapped(|ui| {
            for (text, color) in pieces(condition) {
                ui.label(RichText::new(text).size(size::CAPTION).color(color(tokens)));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node_core::PortRef;

    #[test]
    fn in_words() {
        let parts = Parts { below: 1, inside: 500_000, above: 0, negative_infinite: 0, positive_infinite: 2, nan: 1 };
        let words = |parts, at: Option<&str>| {
            let quantized_at = at.and_then(|port| PortRef::parse(port).ok());
            super::words(&Condition { parts, quantized_at })
        };
        assert_eq!(
            words(parts, Some("fq.inputs")),
            "fq.inputs: < 0.1 % below · > 99.9 % inside · < 0.1 % above · 2 infinite · 1 NaN"
        );
        let finite = Parts { below: 0, ..parts };
        assert_eq!(words(finite, None), "500000 finite · 2 infinite · 1 NaN");
        assert_eq!(words(Parts { inside: 7, ..Parts::default() }, None), "all finite");
        assert_eq!(words(Parts::default(), None), "no elements");
    }
}
