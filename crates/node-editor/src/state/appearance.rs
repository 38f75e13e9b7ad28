//! How the editor looks, apart from any page: panels and theme.

use serde::{Deserialize, Serialize};

use super::dock::Layout;

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
pub struct Appearance {
    /// Where panels are.
    pub layout: Layout,
    /// Whether the palette is shown.
    pub palette_open: bool,
    /// Whether the inspector is shown.
    pub inspector_open: bool,
    /// Whether there is a small map where not all of a page is in view.
    pub minimap: bool,
    /// The theme.
    pub theme: Theme,
    /// Of how many percent of clipped elements a warning tells.
    pub warn_clipped: f64,
}

impl Default for Appearance {
    fn default() -> Appearance {
        let theme = Theme::default();
        let layout = Layout::default();
        let warn_clipped = node_engine::analysis::findings::CLIPPED * 100.0;
        Appearance { layout, palette_open: true, inspector_open: true, minimap: true, theme, warn_clipped }
    }
}
