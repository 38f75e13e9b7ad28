//! Where a page may read: a stranger's page is not to look around on one's disk.

use std::path::{Path, PathBuf};

use crate::page_file::io_message;

/// Where files may be.
#[derive(Clone, Debug)]
pub enum Within {
    /// In the page's folder, if it has one, and in others that the user allows; all without links.
    Folders {
        /// The page's.
        own: Option<PathBuf>,
        /// The others.
        allowed: Vec<PathBuf>,
    },
    /// Anywhere.
    Anywhere,
}

/// Why a file is not read.
#[derive(Debug)]
pub struct Refusal {
    pub why: String,
    /// The folder that would have to be allowed.
    pub folder: Option<PathBuf>,
    /// The file that is not there, and may be read once it is.
    pub missing: Option<PathBuf>,
}

fn refusal(why: impl Into<String>) -> Refusal {
    Refusal { why: why.into(), folder: None, missing: None }
}

impl Within {
    /// In these folders.
    pub fn folders(own: Option<&Path>, allowed: &[PathBuf]) -> Within {
        let real = |path: &Path| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            path.canonicalize().ok()
        };
        Within::Folders { own: own.and_then(real), allowed: allowed.iter().filter_map(|path| real(path)).collect() }
    }

    /// The file at a path that begins in the page's folder: all links followed, and then still within.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, Refusal> {
        if path.is_empty() {
            return Err(refusal("path is empty; name a file"));
        }
        let (own, allowed) = match self {
            Within::Anywhere => return Ok(PathBuf::from(path)),
            Within::Folders { own, allowed } => (own.as_deref(), allowed),
        };
        let whole = match own {
            Some(own) => own.join(path),
            None if Path::new(path).is_absolute() => PathBuf::from(path),
            None => return Err(refusal("begins at the page's folder, and the page is not saved yet; save it first")),
        };
        let is_within =
            |path: &Path| own.into_iter().chain(allowed.iter().map(PathBuf::as_path)).any(|f| path.starts_with(f));
        let outside = |folder: PathBuf| Refusal {
            why: format!(
                "lies outside the page's folder, where a page reads nothing unless you allow it (on the command line: \
                 --allow-files {})",
                folder.display()
            ),
            folder: Some(folder),
            missing: None,
        };
        match whole.canonicalize() {
            Ok(real) if is_within(&real) => Ok(real),
            Ok(real) => Err(outside(real.parent().map_or_else(|| real.clone(), Path::to_owned))),
            // What is outside does not even tell whether it is there.
            Err(_) if !is_within(&lexically(&whole)) => {
                let plain = lexically(&whole);
                Err(outside(plain.parent().map_or_else(|| plain.clone(), Path::to_owned)))
            }
            Err(error) => {
                let why = format!("cannot be read: {}", io_message(&error));
                Err(Refusal { missing: Some(lexically(&whole)), ..refusal(why) })
            }
        }
    }
}

/// A path without `.` and `..`, as it is written.
fn lexically(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
