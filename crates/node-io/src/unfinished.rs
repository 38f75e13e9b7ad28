//! Files that are not finished: a program that is told to end removes them first.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every file of this process that is not finished, and lets no other be begun: the process is about to end.
pub fn remove_all() {
    let unfinished = unfinished();
    unfinished.iter().for_each(|path| drop(std::fs::remove_file(path)));
    std::mem::forget(unfinished);
}

/// A file that is not finished. It is removed when this is dropped, or when the process is told to end.
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// The file that `create` makes.
    pub fn new(create: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<Unfinished> {
        // Nobody removes what is unfinished between the making of the file and its being known here.
        let mut unfinished = unfinished();
        let file = create()?;
        let path = file.path().to_owned();
        unfinished.insert(path.clone());
        Ok(Unfinished { file, path })
    }

    /// The file.
    pub fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It is finished: puts it in the place of `target`, if need be where nothing is.
    pub fn persist(self, target: &Path, over_nothing: bool) -> io::Result<()> {
        let kept = if over_nothing { self.file.persist_noclobber(target) } else { self.file.persist(target) };
        unfinished().remove(&self.path);
        kept.map(drop).map_err(|refused| refused.error)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
