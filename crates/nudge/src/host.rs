//! Files for the editor, which knows none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use node_core::{Page, Problem, Registry};
use node_editor::host::{Entry, Host, OnDisk, Over, Recovered, SaveRefusal, Unsaved};
use node_io::page_file;
use node_io::recovery::{self, Keeper, Kept};
use node_io::save::{Expect, SaveError, save};

/// The folder whose pages are opened by default.
const PAGES: &str = "pages";

/// Files on the disk; remembers what each held, so as not to write over what somebody else wrote.
pub struct FileHost {
    registry: Arc<Registry>,
    seen: BTreeMap<PathBuf, Seen>,
    /// The program's data folder, if it remembers.
    data: Option<PathBuf>,
    keeper: Option<Keeper>,
}

/// What a file held when it was read or written here.
struct Seen {
    bytes: Vec<u8>,
    /// Its time and length then: as long as they are the same, so is it.
    stamp: Option<(SystemTime, u64)>,
}

/// A file's time and length.
fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl FileHost {
    fn has_seen(&mut self, path: &Path, bytes: Vec<u8>) {
        // Who writes within the clock's own step would not be told by time: the next look reads it once.
        let seen = Seen { bytes, stamp: None };
        self.seen.insert(self.identity(path), seen);
    }

    /// A host for pages with the block types of `registry`.
    pub fn new(registry: Arc<Registry>) -> FileHost {
        FileHost { registry, seen: BTreeMap::new(), data: None, keeper: None }
    }

    /// The same, which keeps what is not saved in the program's data folder.
    pub fn keeping(self, data: PathBuf) -> FileHost {
        let registry = self.registry.clone();
        let keeper = Keeper::start(&data, move |page| page_text(page, &registry));
        let keeper = match keeper {
            Ok(keeper) => Some(keeper),
            Err(error) => {
                let why = page_file::io_message(&error);
                eprintln!("note: {}: {why}; what is not saved is lost if Nudge breaks off", data.display());
                None
            }
        };
        FileHost { data: Some(data), keeper, ..self }
    }

    /// The page files that `paths` stand for: pages, and all pages of folders; without any, those of the folder `pages`.
    pub fn pages(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let default = [PathBuf::from(PAGES)];
        let given = !paths.is_empty();
        let paths = if given { paths } else { &default };
        let mut pages = Vec::new();
        for path in paths {
            if path.is_dir() {
                let entries = self.entries(path).unwrap_or_default();
                pages.extend(entries.into_iter().filter(|e| e.is_file).map(|e| path.join(e.name)));
            } else if given {
                pages.push(path.clone());
            }
        }
        pages
    }
}

impl Host for FileHost {
    fn load(&mut self, path: &Path) -> Result<Page, Vec<Problem>> {
        let loaded = page_file::load(path)?;
        self.has_seen(path, loaded.bytes);
        Ok(loaded.page)
    }

    fn peek(&mut self, path: &Path) -> Result<Page, Vec<Problem>> {
        page_file::load(path).map(|loaded| loaded.page)
    }

    fn on_disk(&mut self, path: &Path) -> OnDisk {
        let file = self.identity(path);
        let Some(seen) = self.seen.get_mut(&file) else { return OnDisk::Same };
        let now = stamp(path);
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return OnDisk::Gone,
            // Out of reach for now, or no file any more: nothing that could be read.
            Err(_) => return OnDisk::Same,
            Ok(metadata) if !metadata.is_file() => return OnDisk::Same,
            Ok(_) if now.is_some() && now == seen.stamp => return OnDisk::Same,
            Ok(_) => {}
        }
        match std::fs::read(path) {
            Ok(bytes) if bytes == seen.bytes => {
                seen.stamp = now;
                OnDisk::Same
            }
            Ok(_) => OnDisk::Other,
            Err(_) => OnDisk::Same,
        }
    }

    fn accept(&mut self, path: &Path) {
        match std::fs::read(path) {
            Ok(bytes) => self.has_seen(path, bytes),
            Err(_) => self.unsee(path),
        }
    }

    fn save(&mut self, path: &Path, page: &Page, over: Over) -> Result<(), SaveRefusal> {
        let text = self.to_text(page);
        let expect = match (over, self.seen.get(&self.identity(path))) {
            (Over::EvenReadOnly, _) => Expect::EvenReadOnly,
            (Over::Anything, _) => Expect::Anything,
            (Over::Own, Some(seen)) => Expect::Content(&seen.bytes),
            _ => Expect::Nothing,
        };
        match save(path, text.as_bytes(), expect) {
            Ok(()) => {
                self.has_seen(path, text.into_bytes());
                Ok(())
            }
            Err(SaveError::Changed) => Err(SaveRefusal::Changed),
            Err(SaveError::Exists) => Err(SaveRefusal::Exists),
            Err(SaveError::ReadOnly) => Err(SaveRefusal::ReadOnly),
            Err(error) => Err(SaveRefusal::Failed(error.to_string())),
        }
    }

    fn recovered(&mut self) -> Vec<Recovered> {
        let Some(data) = &self.data else { return Vec::new() };
        let kept = recovery::abandoned(data).into_iter();
        let recovered = kept.filter_map(|Kept { name, path, base, kept }| {
            let page = page_file::load(&kept).ok()?.page;
            let now = path.as_deref().and_then(|path| std::fs::read(path).ok());
            let is_current = now.map(|bytes| recovery::fingerprint(&bytes)) == base;
            Some(Recovered { page, name, path, is_current, kept })
        });
        recovered.collect()
    }

    fn discard(&mut self, recovered: &[Recovered]) {
        if let Some(data) = &self.data {
            recovery::discard(data, &files_of(recovered));
        }
    }

    fn keep(&mut self, unsaved: Vec<Unsaved>, instead_of: &[Recovered]) {
        let base = |path: &PathBuf| self.seen.get(&self.identity(path)).map(|seen| recovery::fingerprint(&seen.bytes));
        let unsaved = unsaved.into_iter().map(|Unsaved { key, page, name, path }| {
            let base = path.as_ref().and_then(base);
            recovery::Unsaved { key, page, name, path, base }
        });
        if let Some(keeper) = &self.keeper {
            keeper.keep(unsaved.collect(), files_of(instead_of));
        }
    }

    fn unsee(&mut self, path: &Path) {
        self.seen.remove(&self.identity(path));
    }

    fn finish(&mut self) -> Vec<PathBuf> {
        self.keeper.take().map(|mut keeper| keeper.finish()).unwrap_or_default()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        // Links and `..` of a file that is not there yet are those of its folder.
        path.canonicalize().unwrap_or_else(|_| match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(name)
            }
            _ => path.to_owned(),
        })
    }

    fn entries(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let listed = std::fs::read_dir(folder).map_err(|error| page_file::io_message(&error))?;
        let mut entries: Vec<Entry> = listed
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let is_file = !entry.path().is_dir();
                let wanted = !name.starts_with('.') && (!is_file || name.ends_with(".json"));
                wanted.then_some(Entry { is_file, name })
            })
            .collect();
        entries.sort();
        Ok(entries)
    }

    fn folder(&self) -> PathBuf {
        let here = std::env::current_dir().unwrap_or_default();
        let pages = here.join(PAGES);
        if pages.is_dir() { pages } else { here }
    }

    fn to_text(&self, page: &Page) -> String {
        page_text(page, &self.registry)
    }

    fn parse(&self, text: &str) -> Option<Page> {
        page_file::parse(text.as_bytes()).ok()
    }
}

fn files_of(recovered: &[Recovered]) -> Vec<PathBuf> {
    recovered.iter().map(|recovered| recovered.kept.clone()).collect()
}

fn page_text(page: &Page, registry: &Registry) -> String {
    page_file::to_text(page, registry)
}
