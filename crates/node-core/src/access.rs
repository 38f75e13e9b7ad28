//! What blocks and runs may reach beyond their own memory: only what implements these, which the program hands in.

use std::path::PathBuf;

use crate::cx::KnownType;
use crate::kernel::Chunk;
use crate::number::bytes_text;
use crate::problem::{Fault, panicked};
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorType};

/// Something that takes a tensor's elements as they are made, part by part, in any order, from several threads.
pub trait Sink: Sync {
    /// Takes the elements from number `start` on of a tensor of `shape`. An error is said in words for people.
    fn write(&self, start: usize, elements: &Chunk<'_>, shape: &Shape) -> Result<(), String>;
}

/// What stands for a file's contents: another stamp, other contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp(pub u128);

/// What is known of a tensor in a file without reading its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its type.
    pub ty: TensorType,
    /// What stands for its contents.
    pub stamp: Stamp,
    /// Whether the elements stay in the file, so that a run which opens it need not hold them in memory.
    pub stays: bool,
}

/// The files that a page may read. Paths are relative to the page's folder; `part` names one tensor of a file that holds
/// several, and is empty for one that holds one. Errors are said in words for people.
pub trait Files: Send + Sync {
    /// What is known of a tensor: cheap, for the check. Dimensions that only reading the file could tell are unknown, but
    /// not in a run.
    fn describe(&self, path: &str, part: &str) -> Result<Described, String>;

    /// The tensor, for the run. `host` is told of the progress, and asked whether to stop.
    fn open(&self, path: &str, part: &str, host: &dyn Host) -> Result<Tensor, String>;

    /// What there is to choose from where a file holds several tensors; nothing where it cannot be read.
    fn parts(&self, path: &str) -> Vec<String> {
        let _ = path;
        Vec::new()
    }

    /// The folder that would have to be allowed for this file to be read, if it lies outside those that are.
    fn outside(&self, path: &str) -> Option<PathBuf> {
        let _ = path;
        None
    }
}

/// A program without files.
pub struct NoFiles;

/// A program without files.
pub static NO_FILES: NoFiles = NoFiles;

impl Files for NoFiles {
    fn describe(&self, path: &str, _: &str) -> Result<Described, String> {
        Err(format!("'{path}' cannot be read: this program hands no files to blocks"))
    }

    fn open(&self, path: &str, part: &str, _: &dyn Host) -> Result<Tensor, String> {
        self.describe(path, part).and_then(|_| Err(format!("'{path}' cannot be read")))
    }
}

/// A file that a block has looked at, as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUse {
    /// Where it is.
    pub path: String,
    /// Which part of it.
    pub part: String,
    /// What stood for its contents; nothing if it could not be read.
    pub stamp: Option<Stamp>,
    /// Whether its elements stay in the file.
    pub stays: bool,
}

/// What a run lends to a block that computes by itself. Unless its methods are given others, it has one thread, and stops
/// for nobody.
pub trait Host: Sync {
    /// Calls `work` for every piece below `pieces`, each once, on as many threads as there are. Between pieces it is asked
    /// whether to stop. If it is to, or if a piece panics, the pieces that nobody has begun are left out, and the fault
    /// says why.
    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) -> Result<(), Vec<Fault>> {
        let all = std::panic::AssertUnwindSafe(|| (0..pieces).for_each(work));
        std::panic::catch_unwind(all).map_err(|panic| vec![panicked(&*panic)])
    }

    /// A tensor of zeros that nobody else holds; a fault if it goes beyond the memory limit.
    fn zeros(&self, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        Tensor::zeros(ty.dtype, &ty.shape).ok_or_else(|| vec![no_memory(ty)])
    }

    /// The same, with elements of any value: memory that was used before may stand in for it.
    fn room(&self, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        self.zeros(ty)
    }

    /// Takes note of how much is done.
    fn progress(&self, _done: usize, _all: usize) {}

    /// Whether to stop.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// That the system gives no memory for a tensor, which the memory limit would allow.
pub fn no_memory(ty: &KnownType) -> Fault {
    Fault::block(format!(
        "the system gives no {} of memory for {} {}; make it smaller, or close what else needs memory",
        bytes_text(ty.bytes()),
        ty.dtype,
        ty.shape
    ))
}

/// A host of one thread that stops for nobody: for small things that are computed while a page is checked.
pub struct Alone;

impl Host for Alone {}
