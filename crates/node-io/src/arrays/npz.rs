//! NumPy's `.npz` files: zip archives of `.npy` files, stored or deflated.

use std::fs::File;
use std::io::{BufReader, Read};

use node_core::Tensor;
use zip::{CompressionMethod, ZipArchive};

use super::{Array, Place, Reading, from_begin, one_line, told};
use crate::npy::{self, Header};
use crate::page_file::io_message;
use crate::watched::Watched;

/// A member of an archive.
pub struct Member {
    pub header: Header,
    /// Which one.
    index: usize,
    /// Where its elements lie in the file, if they lie there as they are.
    pub raw: Option<u64>,
}

fn archive(file: &File) -> Result<ZipArchive<BufReader<&File>>, String> {
    from_begin(file).map_err(|e| io_message(&e))?;
    ZipArchive::new(BufReader::new(file))
        .map_err(|error| format!("is no .npz file that can be read: {}", one_line(&error)))
}

/// What an archive holds.
pub fn list(file: &File) -> Result<Vec<Array>, String> {
    let mut archive = archive(file)?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let (name, place) = look(&mut archive, index);
        arrays.push(Array { name, place: place.map(Place::Member) });
    }
    Ok(arrays)
}

fn look(archive: &mut ZipArchive<BufReader<&File>>, index: usize) -> (String, Result<Member, String>) {
    let mut member = match archive.by_index(index) {
        Ok(member) => member,
        Err(error) => return (format!("member {index}"), Err(format!("cannot be read: {}", one_line(&error)))),
    };
    let full = String::from_utf8_lossy(member.name_raw()).into_owned();
    let Some(name) = full.strip_suffix(".npy").map(str::to_owned) else {
        return (full, Err("is no .npy file".to_owned()));
    };
    let is_stored = member.compression() == CompressionMethod::Stored && !member.encrypted();
    let (begin, size) = (member.data_start(), member.size());
    let (header, used) = match npy::header::read(&mut member) {
        Ok(read) => read,
        Err(error) => return (name, Err(told(&error))),
    };
    if let Err(error) = npy::matches(&header, size.saturating_sub(used)) {
        return (name, Err(told(&error)));
    }
    let raw = begin.filter(|_| is_stored && member.compressed_size() == size).map(|begin| begin + used);
    (name, Ok(Member { header, index, raw }))
}

/// The elements of a member. What it unpacks to is no more than its header says, and is checked against its checksum.
pub fn read(file: &File, member: &Member, reading: &Reading<'_>) -> Result<Tensor, String> {
    let mut archive = archive(file)?;
    let packed = archive.by_index(member.index).map_err(|error| format!("cannot be read: {}", one_line(&error)))?;
    let mut reader = Watched::new(packed, member.header.bytes().unwrap_or(0), reading.host);
    let (header, _) = npy::header::read(&mut reader).map_err(|e| told(&e))?;
    if header != member.header {
        return Err("was changed while it was read".to_owned());
    }
    let tensor = npy::read_elements(&header, &mut reader).map_err(|e| told(&e))?;
    match reader.read(&mut [0]) {
        Ok(0) => Ok(tensor),
        Ok(_) => Err(format!("unpacks to more than the {} that its header says", header.shape)),
        Err(error) => Err(io_message(&error)),
    }
}
