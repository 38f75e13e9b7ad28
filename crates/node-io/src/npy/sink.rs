//! A `.npy` file that is written as a tensor is made, part by part and by several threads.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use node_core::DType;
use node_core::Shape;
use node_core::access::Sink;
use node_core::kernel::Chunk;

use crate::page_file::io_message;
use crate::save::{Expect, SaveError, finish, is_writable, resolve_links, temporary_beside};
use crate::unfinished::Unfinished;

/// Writes a tensor to a file beside the one that it is for, which it replaces at the end.
pub struct NpySink {
    file: Unfinished,
    target: PathBuf,
    /// Where the elements begin, once the header has been written.
    begin: Mutex<Option<u64>>,
}

impl NpySink {
    /// A sink for the file at `path`, which stays as it is until [`finish`](NpySink::finish).
    pub fn create(path: &Path) -> Result<NpySink, SaveError> {
        let target = resolve_links(path);
        is_writable(&target)?;
        let file = temporary_beside(&target)?;
        Ok(NpySink { file, target, begin: Mutex::new(None) })
    }

    /// Puts what has been written in the place of the file.
    pub fn finish(self) -> Result<(), SaveError> {
        finish(self.file, &self.target, Expect::Anything)
    }

    /// Where the elements begin; the first who asks writes the header.
    fn begin(&self, dtype: DType, shape: &Shape) -> Result<u64, String> {
        let mut begin = self.begin.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(begin) = *begin {
            return Ok(begin);
        }
        let header = super::header::write(dtype, shape)?;
        let at = header.len() as u64;
        let bytes = shape.elements() as u64 * dtype.size() as u64;
        let file = self.file.as_file();
        file.set_len(at + bytes).and_then(|()| write_at(file, &header, 0)).map_err(failed)?;
        *begin = Some(at);
        Ok(at)
    }
}

impl Sink for NpySink {
    fn write(&self, start: usize, elements: &Chunk<'_>, shape: &Shape) -> Result<(), String> {
        let dtype = elements.dtype();
        let at = self.begin(dtype, shape)? + start as u64 * dtype.size() as u64;
        let file = self.file.as_file();
        let written = match cfg!(target_endian = "big") {
            true => write_at(file, &swapped(elements.bytes(), dtype.size()), at),
            false => write_at(file, elements.bytes(), at),
        };
        written.map_err(failed)
    }
}

fn failed(error: io::Error) -> String {
    format!("cannot be written: {}", io_message(&error))
}

/// Elements of `size` bytes with their bytes in the other order.
fn swapped(bytes: &[u8], size: usize) -> Vec<u8> {
    bytes.chunks_exact(size).flat_map(|element| element.iter().rev().copied()).collect()
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}
