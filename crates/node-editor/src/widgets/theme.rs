//! Fonts and egui's visuals, made from the tokens.

use std::sync::Arc;

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke, Style,
    TextStyle, Theme, Visuals,
};

use crate::size;
use crate::widgets::tokens::Tokens;

const INTER: &[u8] = include_bytes!("../../../../assets/fonts/Inter-Regular.otf");
const INTER_SEMIBOLD: &[u8] = include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf");
const MONO: &[u8] = include_bytes!("../../../../assets/fonts/JetBrainsMono-Regular.ttf");

/// The family of headings and block ids.
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Sets up fonts and both themes; call it once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| apply(style, theme == Theme::Dark));
    }
    ctx.options_mut(|options| {
        options.zoom_with_keyboard = false;
        options.quit_shortcuts.clear();
    });
}

/// The fonts of texts, and what stands in for letters that they lack.
pub fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in [("Inter", INTER), ("Inter SemiBold", INTER_SEMIBOLD), ("JetBrains Mono", MONO)] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let mut family = |family: FontFamily, first: &str, like: FontFamily| {
        let mut names = vec![first.to_owned()];
        names.extend(fonts.families.get(&like).cloned().unwrap_or_default());
        fonts.families.insert(family, names);
    };
    family(semibold(), "Inter SemiBold", FontFamily::Proportional);
    family(FontFamily::Proportional, "Inter", FontFamily::Proportional);
    family(FontFamily::Monospace, "JetBrains Mono", FontFamily::Monospace);
    fonts
}

fn apply(style: &mut Style, dark: bool) {
    let tokens = Tokens::of_theme(dark);
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(size::CAPTION)),
        (TextStyle::Body, FontId::proportional(size::TEXT)),
        (TextStyle::Button, FontId::proportional(size::TEXT)),
        (TextStyle::Monospace, FontId::monospace(size::TEXT - 1.0)),
        (TextStyle::Heading, FontId::new(size::HEADING, semibold())),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(8.0, 5.0);
    style.spacing.button_padding = egui::vec2(8.0, 3.0);
    style.spacing.interact_size.y = size::ROW;
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.interaction.selectable_labels = false;
    style.always_scroll_the_only_direction = true;
    style.visuals = visuals(tokens, dark);
}

fn visuals(tokens: &Tokens, dark: bool) -> Visuals {
    let mut visuals = if dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(size::FIELD_RADIUS);
    visuals.panel_fill = tokens.panel;
    visuals.window_fill = tokens.raised;
    visuals.window_stroke = Stroke::new(1.0, tokens.line);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(8);
    let shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: tokens.shadow };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.extreme_bg_color = tokens.sunken;
    visuals.text_edit_bg_color = Some(tokens.sunken);
    visuals.faint_bg_color = tokens.sunken;
    visuals.code_bg_color = tokens.sunken;
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.warning;
    visuals.error_fg_color = tokens.error;
    visuals.weak_text_color = Some(tokens.muted);
    visuals.selection.bg_fill =
        if dark { tokens.accent.gamma_multiply(0.35) } else { Color32::from_rgb(0xbf, 0xdb, 0xfb) };
    visuals.selection.stroke = Stroke::new(1.0, tokens.accent);
    let widgets = &mut visuals.widgets;
    for (widget, fill, line, text) in [
        (&mut widgets.noninteractive, tokens.panel, tokens.line, tokens.text),
        (&mut widgets.inactive, tokens.sunken, tokens.line, tokens.text),
        (&mut widgets.hovered, tokens.selected, tokens.faint, tokens.text),
        (&mut widgets.active, tokens.selected, tokens.accent, tokens.text),
        (&mut widgets.open, tokens.selected, tokens.line, tokens.text),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, line);
        widget.fg_stroke = Stroke::new(1.0, text);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
    visuals
}
