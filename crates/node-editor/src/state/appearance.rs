//! How the editor looks, apart from any page: panels and theme.

use std::collections::BTreeSet;

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
    /// The palette's headings whose blocks are not shown.
    pub folded: BTreeSet<String>,
    /// The block types that were added last, the last one first.
    pub recent_blocks: Vec<String>,
}

/// How many block types that were added last are kept.
const RECENT: usize = 6;

impl Appearance {
    /// Takes note of a block type that is added.
    pub fn added(&mut self, type_name: &str) {
        self.recent_blocks.retain(|name| name != type_name);
        self.recent_blocks.insert(0, type_name.to_owned());
        self.recent_blocks.truncate(RECENT);
    }

    /// Folds a heading of the palette, or unfolds it.
    pub fn fold(&mut self, category: String) {
        if !self.folded.remove(&category) {
            self.folded.insert(category);
        }
    }
}

impl Default for Appearance {
    fn default() -> Appearance {
        let theme = Theme::default();
        let layout = Layout::default();
        let warn_clipped = node_engine::analysis::findings::CLIPPED * 100.0;
        // What most pages need stays open; the rest is found by its name.
        let long = ["Activations", "Arrays", "Gather and scatter", "Logic", "Math", "Neural networks", "Reductions"];
        Appearance {
            layout,
            palette_open: true,
            inspector_open: true,
            minimap: true,
            theme,
            warn_clipped,
            folded: long.map(str::to_owned).into(),
            recent_blocks: Vec::new(),
        }
    }
}
