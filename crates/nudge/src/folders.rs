//! Where the program keeps what is its own: settings, and what was not saved.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The program's own folders.
#[derive(Clone, Debug)]
pub struct Folders {
    /// For the settings.
    pub settings: PathBuf,
    /// For what was not saved.
    pub data: PathBuf,
}

impl Folders {
    /// Those of the person who runs the program, as the system has them. `None` without a home.
    pub fn of_user() -> Option<Folders> {
        let folders = ProjectDirs::from("", "", "nudge")?;
        Some(Folders { settings: folders.config_dir().to_owned(), data: folders.data_dir().to_owned() })
    }
}
