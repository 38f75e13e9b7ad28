//! How the window looks, remembered between starts, and keys that the person has chosen. Never a document.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use node_editor::state::appearance::Appearance;
use node_io::save::{Expect, save};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// Keys of actions, in place of those that they have: `"delete": ["Delete", "X"]`, or one text, or none. The program
    /// reads them and never changes them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub shortcuts: Map<String, Value>,
    /// The files that were opened or saved last, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<String>,
    /// Whether a start without a page opens those that were open last, …
    pub reopen: bool,
    /// … and which these are, the one that was shown first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// Folders whose files pages may read, wherever they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// What other versions have written.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Settings {
    /// What the folder holds; the defaults where it holds no settings. `Err` tells where and why they cannot be read.
    pub fn load(folder: &Path) -> Result<Settings, String> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Settings::default()),
            Err(error) => return Err(format!("{}: these settings cannot be read ({error})", path.display())),
        };
        serde_json::from_str(&text)
            .map_err(|error| format!("{}: these settings cannot be read ({error})", path.display()))
    }

    /// Writes them. What a person writes into the file by hand stays as it is there now; a file that cannot be read stays
    /// as a whole.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(FILE);
        let Settings { shortcuts, rest, .. } = Settings::load(folder)?;
        let now = Settings { shortcuts, rest, ..self.clone() };
        let text = serde_json::to_string_pretty(&now).map_err(|error| format!("{}: {error}", path.display()))?;
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        save(&path, text.as_bytes(), Expect::Anything).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }

    /// The keys of actions, and what in them are no texts.
    pub fn keys(&self) -> (BTreeMap<String, Vec<String>>, Vec<String>) {
        let (mut keys, mut wrong) = (BTreeMap::new(), Vec::new());
        for (action, value) in &self.shortcuts {
            let texts: Option<Vec<String>> = match value {
                Value::Null => Some(Vec::new()),
                Value::String(one) => Some(vec![one.clone()]),
                Value::Array(many) => many.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
                _ => None,
            };
            match texts {
                Some(texts) => drop(keys.insert(action.clone(), texts)),
                None => wrong.push(format!("{action}: {value} is not a list of keys, as [\"Ctrl+D\"] is")),
            }
        }
        (keys, wrong)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn settings_are_read_back_and_broken_ones_are_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::load(folder.path()), Ok(Settings::default()));
        let settings = Settings {
            window: Some([1000.0, 700.0]),
            look: Appearance { inspector_open: false, ..Appearance::default() },
            ..Settings::default()
        };
        let folder = folder.path().join("deeper");
        let path = settings.save(&folder).unwrap();
        assert_eq!(Settings::load(&folder), Ok(settings.clone()));
        std::fs::write(&path, "{").unwrap();
        let why = Settings::load(&folder).unwrap_err();
        assert!(why.contains("settings.json") && why.contains("line 1"), "{why}");
        assert_eq!(settings.save(&folder), Err(why), "what a person was writing is not replaced");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{");
    }

    #[test]
    fn what_a_person_or_another_version_wrote_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = Settings::default().save(folder.path()).unwrap();
        let settings = Settings::load(folder.path()).unwrap();
        std::fs::write(&path, r#"{"shortcuts": {"undo": "F9", "run": null, "help": [1]}, "of a newer version": 1}"#)
            .unwrap();
        Settings { window: Some([800.0, 600.0]), ..settings }.save(folder.path()).unwrap();
        let now = Settings::load(folder.path()).unwrap();
        assert_eq!((now.window, now.rest.len()), (Some([800.0, 600.0]), 1));
        let (keys, wrong) = now.keys();
        let expected = [("run".to_owned(), Vec::new()), ("undo".to_owned(), vec!["F9".to_owned()])];
        assert_eq!(keys, BTreeMap::from(expected));
        assert_eq!(wrong, ["help: [1] is not a list of keys, as [\"Ctrl+D\"] is"]);
    }
}
