//! Folders in the place of pages: all pages in them and in the folders below.

use std::io;
use std::path::{Path, PathBuf};

use node_io::page_file::io_message;

use super::output::Output;

/// The pages that paths stand for, in order. `false` if a folder cannot be read or holds none, which is told.
pub fn pages_in(paths: &[PathBuf], output: &Output) -> (Vec<PathBuf>, bool) {
    let (mut pages, mut good) = (Vec::new(), true);
    for path in paths {
        if !path.is_dir() {
            pages.push(path.clone());
            continue;
        }
        let before = pages.len();
        let mut unreadable = Vec::new();
        collect(path, &mut pages, &mut unreadable);
        if unreadable.is_empty() && pages.len() == before {
            output.error(format!("{}: there is no page in this folder; pages end with .json", path.display()));
            good = false;
        }
        for (folder, error) in unreadable {
            output.error(format!("{}: {}", folder.display(), io_message(&error)));
            good = false;
        }
    }
    (pages, good)
}

/// A folder's own pages, then those of the folders in it. Hidden folders are passed over, and so are links to folders,
/// which may lead back, and what is no file, such as a pipe that nobody writes to.
fn collect(folder: &Path, pages: &mut Vec<PathBuf>, unreadable: &mut Vec<(PathBuf, io::Error)>) {
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => return unreadable.push((folder.to_owned(), error)),
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !entry.file_name().to_string_lossy().starts_with('.') {
                folders.push(path);
            }
        } else if path.extension().is_some_and(|ending| ending == "json") && may_be_page(&path) {
            pages.push(path);
        }
    }
    folders.iter().for_each(|below| collect(below, pages, unreadable));
}

/// What cannot be looked at is a page that cannot be read, which is told like any other.
fn may_be_page(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}
