//! The files that a page may read: which they are, what they hold, and their tensors.

mod identity;
mod place;
mod watcher;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use node_core::Tensor;
use node_core::access::{Described, Files, Host};

use crate::arrays::{self, Array, Reading};
use crate::npy;
use crate::page_file::io_message;
use identity::Identity;
use place::Within;
pub use watcher::Watcher;

/// How a block names one of several arrays, …
const OF_BLOCK: &str = "say which one as its part";
/// … and how a person does.
const OF_PERSON: &str = "name one as FILE:NAME";

/// The files that a page may read: those of its folder and of others that the user allows.
#[derive(Clone)]
pub struct TensorFiles {
    within: Within,
    /// Up to so many bytes are read into memory; larger arrays stay in their file where they can.
    copies: u64,
    /// The most bytes that are read into memory.
    most: u64,
    /// Whether to tell what only reading a file tells.
    exact: bool,
    shared: Arc<Mutex<Shared>>,
}

/// What is remembered of files.
#[derive(Default)]
struct Shared {
    /// What they hold.
    known: BTreeMap<PathBuf, Known>,
    /// Which ones were opened, and what they were then.
    opened: BTreeMap<PathBuf, Identity>,
    /// Files that were asked for and are not there.
    missing: BTreeSet<PathBuf>,
}

struct Known {
    identity: Identity,
    exact: bool,
    arrays: Arc<Result<Vec<Array>, String>>,
}

impl TensorFiles {
    fn new(within: Within) -> TensorFiles {
        TensorFiles { within, copies: 0, most: u64::MAX, exact: false, shared: Arc::default() }
    }

    /// The files of a page in this folder, and of its other folders `allowed`; of none if the page is in no folder yet.
    pub fn of_page(folder: Option<&Path>, allowed: &[PathBuf]) -> TensorFiles {
        TensorFiles::new(Within::folders(folder, allowed))
    }

    /// Any files: those that a person names on the command line.
    pub fn anywhere() -> TensorFiles {
        TensorFiles::new(Within::Anywhere)
    }

    /// The same, with arrays of up to so many bytes read into memory, which nobody can change then.
    pub fn copying(self, bytes: u64) -> TensorFiles {
        TensorFiles { copies: bytes, ..self }
    }

    /// The same, with no more than so many bytes read into memory for one array.
    pub fn with_memory_limit(self, most: u64) -> TensorFiles {
        TensorFiles { most, ..self }
    }

    /// The same for a run, which has to know all.
    pub fn for_run(&self) -> TensorFiles {
        TensorFiles { exact: true, ..self.clone() }
    }

    /// Files that were opened and have been changed in place since, so that what was read of them may be of both.
    pub fn changed_since_opened(&self) -> Vec<PathBuf> {
        let now = |path: &Path| fs::metadata(path).ok().map(|metadata| Identity::of(&metadata));
        let shared = self.shared();
        let changed =
            shared.opened.iter().filter(|(path, was)| now(path).is_some_and(|now| was.was_changed_in_place(&now)));
        changed.map(|(path, _)| path.clone()).collect()
    }

    /// The files that were looked at.
    pub fn looked_at(&self) -> Vec<PathBuf> {
        self.shared().known.keys().cloned().collect()
    }

    /// Whether anything was asked for.
    pub fn is_used(&self) -> bool {
        let shared = self.shared();
        !shared.known.is_empty() || !shared.missing.is_empty()
    }

    /// Whether a file's ending is one of those that hold arrays.
    pub fn may_hold_arrays(path: &Path) -> bool {
        arrays::is_ending(path)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file that may be read, open, and which it is.
    fn look_up(&self, path: &str) -> Result<(PathBuf, File, Identity), String> {
        let found = self.within.resolve(path).map_err(|refusal| {
            if let Some(missing) = refusal.missing {
                self.shared().missing.insert(missing);
            }
            if path.is_empty() { refusal.why } else { format!("'{path}' {}", refusal.why) }
        })?;
        let (file, identity) = settled(&found).map_err(|why| format!("'{path}' {why}"))?;
        Ok((found, file, identity))
    }

    /// What a file holds, from memory if it has not changed.
    fn arrays(&self, path: &Path, file: &File, identity: Identity) -> Arc<Result<Vec<Array>, String>> {
        if let Some(known) = self.shared().known.get(path)
            && known.identity == identity
            && (known.exact || !self.exact)
        {
            return known.arrays.clone();
        }
        let arrays = Arc::new(arrays::list(file, path, self.exact));
        let known = Known { identity, exact: self.exact, arrays: arrays.clone() };
        self.shared().known.insert(path.to_owned(), known);
        arrays
    }

    fn read(
        &self,
        path: &Path,
        file: &File,
        identity: Identity,
        (part, remedy): (&str, &str),
        host: &dyn Host,
    ) -> Result<Tensor, String> {
        let arrays = self.arrays(path, file, identity);
        let place = arrays::find(arrays.as_ref().as_ref().map_err(String::clone)?, part, remedy)?;
        self.shared().opened.insert(path.to_owned(), identity);
        let reading = Reading { copies: self.copies, most: self.most, host };
        let tensor = arrays::read(file, place, &reading)?;
        let now = file.metadata().map(|metadata| Identity::of(&metadata)).map_err(|e| io_message(&e))?;
        if now != identity {
            return Err("was changed while it was read; run again".to_owned());
        }
        Ok(tensor)
    }

    /// The tensor in a file that a person has named. What is no file on a disk, such as a pipe, is read to its end as
    /// `.npy`.
    pub fn open_path(&self, path: &Path, part: &str, host: &dyn Host) -> Result<Tensor, String> {
        let metadata = fs::metadata(path).map_err(|e| io_message(&e))?;
        if !metadata.is_file() && !metadata.is_dir() {
            let pipe = File::open(path).map_err(|e| io_message(&e))?;
            return npy::from_pipe(pipe).map_err(|e| arrays::told(&e));
        }
        let (file, identity) = opened(path)?;
        self.read(path, &file, identity, (part, OF_PERSON), host)
    }
}

/// A file on a disk, open, and which it is: once no further change of it could look the same.
fn settled(path: &Path) -> Result<(File, Identity), String> {
    let (file, identity) = opened(path)?;
    let Some(rest) = identity.settles_in() else { return Ok((file, identity)) };
    std::thread::sleep(rest);
    let identity = file.metadata().map(|metadata| Identity::of(&metadata)).map_err(|e| io_message(&e))?;
    Ok((file, identity))
}

/// A file on a disk, open, and which it is.
fn opened(path: &Path) -> Result<(File, Identity), String> {
    let told = |error: std::io::Error| io_message(&error);
    let no_file = || "is no file, but a folder or a device".to_owned();
    // What is no file is not even opened: that could wait for ever, or do something.
    if !fs::metadata(path).map_err(told)?.is_file() {
        return Err(no_file());
    }
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK);
    }
    let file = options.open(path).map_err(told)?;
    let metadata = file.metadata().map_err(told)?;
    if metadata.is_file() { Ok((file, Identity::of(&metadata))) } else { Err(no_file()) }
}

impl Files for TensorFiles {
    fn describe(&self, path: &str, part: &str) -> Result<Described, String> {
        let (found, file, identity) = self.look_up(path)?;
        let arrays = self.arrays(&found, &file, identity);
        let arrays = arrays.as_ref().as_ref().map_err(|why| format!("'{path}' {why}"))?;
        let place = arrays::find(arrays, part, OF_BLOCK).map_err(|why| format!("'{path}' {why}"))?;
        Ok(Described { ty: place.ty(), stamp: identity.stamp(), stays: place.stays(self.copies) })
    }

    fn open(&self, path: &str, part: &str, host: &dyn Host) -> Result<Tensor, String> {
        let (found, file, identity) = self.look_up(path)?;
        self.read(&found, &file, identity, (part, OF_BLOCK), host).map_err(|why| format!("'{path}' {why}"))
    }

    fn parts(&self, path: &str) -> Vec<String> {
        let Ok((found, file, identity)) = self.look_up(path) else { return Vec::new() };
        let arrays = self.arrays(&found, &file, identity);
        let names = arrays.as_ref().as_ref().map(|arrays| arrays.iter().map(|array| array.name.clone()).collect());
        names.unwrap_or_default()
    }

    fn outside(&self, path: &str) -> Option<PathBuf> {
        self.within.resolve(path).err()?.folder
    }
}
