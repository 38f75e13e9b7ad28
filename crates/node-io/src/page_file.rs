//! Page files: read with every problem and its place, written in the canonical form.
//!
//! Loading and saving a canonical file changes no byte. What this version does not know is kept word for word.

mod position;
mod read;
mod write;

use std::io::{self, Read};
use std::path::Path;

use node_core::page::scope_of;
use node_core::{Page, Problem};

pub use read::parse;
pub use write::to_text;

/// The version of the format that this program writes.
pub const FORMAT: i64 = 1;

/// The largest page file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// A page file as read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The page.
    pub page: Page,
    /// The file's bytes, to tell later whether somebody else changed it.
    pub bytes: Vec<u8>,
}

/// Reads the page file at `path`, or tells all that is wrong with it.
pub fn load(path: &Path) -> Result<Loaded, Vec<Problem>> {
    let bytes = read_bytes(path).map_err(|error| vec![Problem::page(io_message(&error))])?;
    let page = parse(&bytes)?;
    Ok(Loaded { page, bytes })
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("the file is larger than 1 GiB, which is no page"));
    }
    Ok(bytes)
}

/// What the system says, in words for people.
pub fn io_message(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "the system does not permit it".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
        _ => error.to_string(),
    }
}

/// The name of a page that has none of its own: its file's.
pub fn name_from_path(path: &Path) -> String {
    path.file_stem().map_or_else(|| "page".to_owned(), |stem| scope_of(&stem.to_string_lossy()))
}
