//! How the window looks, remembered between starts. Never a document.

use std::path::{Path, PathBuf};

use node_editor::state::appearance::Appearance;
use node_io::save::{Expect, save};
use serde::{Deserialize, Serialize};

/// The settings file.
const FILE: &str = "settings.json";

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The window's inner size, in points.
    pub window: Option<[f32; 2]>,
    /// Panels and theme.
    pub look: Appearance,
}

impl Settings {
    /// What the folder holds; the defaults where it holds nothing that can be read.
    pub fn load(folder: &Path) -> Settings {
        let path = folder.join(FILE);
        let Ok(text) = std::fs::read_to_string(&path) else { return Settings::default() };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            eprintln!("note: {}: these settings cannot be read ({error}); the defaults are used", path.display());
            Settings::default()
        })
    }

    /// Writes them.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        save(&path, text.as_bytes(), Expect::Anything).map_err(|error| error.to_string())?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn settings_are_read_back_and_broken_ones_are_not_fatal() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::load(folder.path()), Settings::default());
        let settings = Settings {
            window: Some([1000.0, 700.0]),
            look: Appearance { palette: Some(300.0), inspector_open: false, ..Appearance::default() },
        };
        let path = settings.save(&folder.path().join("deeper")).unwrap();
        assert_eq!(Settings::load(&folder.path().join("deeper")), settings);
        std::fs::write(&path, r#"{"window": [800, 600], "of a newer version": 1}"#).unwrap();
        assert_eq!(Settings::load(&folder.path().join("deeper")).window, Some([800.0, 600.0]));
        std::fs::write(&path, "{").unwrap();
        assert_eq!(Settings::load(&folder.path().join("deeper")), Settings::default());
    }
}
