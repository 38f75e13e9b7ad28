//! How the editor looks, apart from any page: panels and theme.

use egui::{Context, ThemePreference};
use serde::{Deserialize, Serialize};

use crate::editor::Editor;

/// The theme that a person has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// The system's.
    #[default]
    System,
}

/// How the editor looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// The palette's width in points, once it is known.
    pub palette: Option<f32>,
    /// The inspector's.
    pub inspector: Option<f32>,
    /// Whether the palette is shown.
    pub palette_open: bool,
    /// Whether the inspector is shown.
    pub inspector_open: bool,
    /// The theme.
    pub theme: Theme,
}

impl Default for Look {
    fn default() -> Look {
        Look { palette: None, inspector: None, palette_open: true, inspector_open: true, theme: Theme::default() }
    }
}

impl Editor {
    /// How it looks now.
    pub fn look(&self, ctx: &Context) -> Look {
        Look {
            palette: self.look.palette.map(f32::round),
            inspector: self.look.inspector.map(f32::round),
            palette_open: self.palette_open,
            inspector_open: self.inspector_open,
            theme: match ctx.options(|options| options.theme_preference) {
                ThemePreference::Light => Theme::Light,
                ThemePreference::Dark => Theme::Dark,
                ThemePreference::System => Theme::System,
            },
        }
    }

    /// Makes it look so. Call it before the first frame.
    pub fn set_look(&mut self, ctx: &Context, look: Look) {
        self.palette_open = look.palette_open;
        self.inspector_open = look.inspector_open;
        ctx.set_theme(match look.theme {
            Theme::Light => ThemePreference::Light,
            Theme::Dark => ThemePreference::Dark,
            Theme::System => ThemePreference::System,
        });
        self.look = look;
    }
}
