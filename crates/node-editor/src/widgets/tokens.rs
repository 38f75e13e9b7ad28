//! Colours: the only place that names them.

use egui::Color32;
use node_core::{DType, PortKind};

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// The colour of a picture's samples.
pub fn sample([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// The colours of an image's samples: red, green, blue and how opaque it is.
pub fn samples(rgba: &[u8]) -> Vec<Color32> {
    rgba.chunks_exact(4).map(|s| Color32::from_rgba_unmultiplied(s[0], s[1], s[2], s[3])).collect()
}

/// A colour between two: `part` of the way from the first to the second.
pub fn mixed(from: Color32, to: Color32, part: f32) -> Color32 {
    from.lerp_to_gamma(to, part.clamp(0.0, 1.0))
}

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// Behind everything: bars and the window itself.
    pub background: Color32,
    /// The canvas.
    pub canvas: Color32,
    /// Side panels.
    pub panel: Color32,
    /// Blocks, menus and whatever lies above.
    pub raised: Color32,
    /// Fields and value boxes.
    pub sunken: Color32,
    /// Lines between things.
    pub line: Color32,
    /// The canvas's grid of dots.
    pub grid: Color32,
    /// Text.
    pub text: Color32,
    /// Text that is less important.
    pub muted: Color32,
    /// What can be missed.
    pub faint: Color32,
    /// Selection, focus, links.
    pub accent: Color32,
    /// Text on what is filled with the accent.
    pub on_accent: Color32,
    /// The background of what is selected in a list.
    pub selected: Color32,
    /// Warnings.
    pub warning: Color32,
    /// Errors.
    pub error: Color32,
    /// Tensors of floats.
    pub float: Color32,
    /// Tensors of integers, bools and texts.
    pub integer: Color32,
    /// Sets of attributes.
    pub attrs: Color32,
    /// The scope.
    pub scope: Color32,
    /// Elements below the range.
    pub below: Color32,
    /// Elements inside the range.
    pub inside: Color32,
    /// Elements above the range.
    pub above: Color32,
    /// A block's shadow.
    pub shadow: Color32,
}

const DARK: Tokens = Tokens {
    background: rgb(0x14161a),
    canvas: rgb(0x191c22),
    panel: rgb(0x1d2027),
    raised: rgb(0x262b35),
    sunken: rgb(0x15181d),
    line: rgb(0x323846),
    grid: rgb(0x262a33),
    text: rgb(0xe7eaf0),
    muted: rgb(0x98a2b3),
    faint: rgb(0x667085),
    accent: rgb(0x5aa9ff),
    on_accent: rgb(0x101822),
    selected: rgb(0x243447),
    warning: rgb(0xf0b429),
    error: rgb(0xff6b6b),
    float: rgb(0x4cc9b0),
    integer: rgb(0x8fb3ff),
    attrs: rgb(0xe0995e),
    scope: rgb(0x6b7385),
    below: rgb(0x6d9bf2),
    inside: rgb(0x4cc9b0),
    above: rgb(0xe2725b),
    shadow: Color32::from_black_alpha(90),
};

const LIGHT: Tokens = Tokens {
    background: rgb(0xeef0f3),
    canvas: rgb(0xf7f8fa),
    panel: rgb(0xffffff),
    raised: rgb(0xffffff),
    sunken: rgb(0xeef0f3),
    line: rgb(0xd5dae2),
    grid: rgb(0xdfe3e9),
    text: rgb(0x1d2430),
    muted: rgb(0x57616f),
    faint: rgb(0x8b95a5),
    accent: rgb(0x155fc4),
    on_accent: rgb(0xffffff),
    selected: rgb(0xe8f1fd),
    warning: rgb(0x8f5d0c),
    error: rgb(0xc53030),
    float: rgb(0x0a7263),
    integer: rgb(0x2f5cbf),
    attrs: rgb(0x95500f),
    scope: rgb(0x8b95a5),
    below: rgb(0x2f5cbf),
    inside: rgb(0x0a7263),
    above: rgb(0xad3f28),
    shadow: Color32::from_black_alpha(28),
};

/// A colour, by the name that pages have for it.
type Named = (&'static str, fn(&Tokens) -> Color32);

/// The colours that frames can have.
pub const COLORS: [Named; 6] = [
    ("blue", |tokens| tokens.accent),
    ("green", |tokens| tokens.float),
    ("orange", |tokens| tokens.attrs),
    ("red", |tokens| tokens.error),
    ("yellow", |tokens| tokens.warning),
    ("violet", |tokens| tokens.category("Quantization")),
];

impl Tokens {
    /// The colours of the dark or the light theme.
    pub fn of_theme(dark: bool) -> &'static Tokens {
        if dark { &DARK } else { &LIGHT }
    }

    /// The colour of a name that pages have for colours.
    pub fn named(&self, name: &str) -> Option<Color32> {
        COLORS.iter().find(|(known, _)| *known == name).map(|(_, of)| of(self))
    }

    /// The colours of the theme that `ui` is drawn in.
    pub fn of(ui: &egui::Ui) -> &'static Tokens {
        Tokens::of_theme(ui.visuals().dark_mode)
    }

    /// The colour of a category: a block's top edge, the palette.
    pub fn category(&self, category: &str) -> Color32 {
        let dark = self.canvas == DARK.canvas;
        match (category, dark) {
            ("Quantization", true) => rgb(0x7c6cf2),
            ("Quantization", false) => rgb(0x6a58e0),
            ("Math", true) => rgb(0x3b82c4),
            ("Math", false) => rgb(0x2f6fae),
            ("Activations", true) => rgb(0x2f9c95),
            ("Activations", false) => rgb(0x1f7f79),
            ("Neural networks", true) => rgb(0xb0578f),
            ("Neural networks", false) => rgb(0x984477),
            ("Reductions", true) => rgb(0x9a7a3a),
            ("Reductions", false) => rgb(0x7f6228),
            ("Training", true) => rgb(0xb8674a),
            ("Training", false) => rgb(0x9a5236),
            ("Random", true) => rgb(0x5f8f9f),
            ("Random", false) => rgb(0x4a7886),
            ("Logic", true) => rgb(0x8a6fb0),
            ("Logic", false) => rgb(0x735a97),
            ("Sources", true) => rgb(0x4b8f6a),
            ("Sources", false) => rgb(0x3c7a59),
            _ => self.muted,
        }
    }

    /// The colour of a port's pin and wires.
    pub fn port(&self, kind: PortKind, dtype: Option<DType>) -> Color32 {
        match (kind, dtype) {
            (PortKind::Scope, _) => self.scope,
            (PortKind::Attrs, _) => self.attrs,
            (PortKind::Tensor, Some(dtype)) if !dtype.is_floating() => self.integer,
            (PortKind::Tensor, _) => self.float,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.1, relative luminance.
    fn luminance(color: Color32) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    #[test]
    fn text_can_be_read() {
        for (theme, t) in [("dark", DARK), ("light", LIGHT)] {
            let texts = [
                ("text", t.text),
                ("muted", t.muted),
                ("accent", t.accent),
                ("warning", t.warning),
                ("error", t.error),
                ("attrs", t.attrs),
                ("float", t.float),
                ("integer", t.integer),
                ("below", t.below),
                ("inside", t.inside),
                ("above", t.above),
            ];
            let grounds =
                [("background", t.background), ("panel", t.panel), ("raised", t.raised), ("sunken", t.sunken)];
            for (text, color) in texts {
                for (ground, behind) in grounds {
                    let (a, b) = (luminance(color), luminance(behind));
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast >= 4.5, "{theme}: {text} on {ground} has a contrast of {contrast:.2}");
                }
            }
        }
    }
}
