//! Panels and theme, as they were when the program ended.

use egui::{Context, ThemePreference};

use crate::state::State;
use crate::state::appearance::{Appearance, Theme};
use crate::state::dock::Dock;

impl State {
    /// How it looks now.
    pub(crate) fn appearance(&self, ctx: &Context) -> Appearance {
        Appearance {
            layout: self.dock.layout.clone(),
            theme: match ctx.options(|options| options.theme_preference) {
                ThemePreference::Light => Theme::Light,
                ThemePreference::Dark => Theme::Dark,
                ThemePreference::System => Theme::System,
            },
            ..self.appearance.clone()
        }
    }

    /// Makes it look so.
    pub(crate) fn set_appearance(&mut self, ctx: &Context, appearance: Appearance) {
        ctx.set_theme(match appearance.theme {
            Theme::Light => ThemePreference::Light,
            Theme::Dark => ThemePreference::Dark,
            Theme::System => ThemePreference::System,
        });
        self.dock = Dock::new(appearance.layout.clone());
        self.appearance = appearance;
    }
}
