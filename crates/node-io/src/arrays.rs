//! The formats of files that hold arrays, a file for each: what one holds, without reading elements, and its elements.

mod csv;
mod image;
mod npz;
mod safetensors;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use node_core::access::Host;
use node_core::number::bytes_text;
use node_core::problem::suggestion;
use node_core::{PartialShape, Tensor, TensorType};

pub use safetensors::of_dtype as safetensors_dtype;

use crate::npy::{self, Header, NpyError};
use crate::page_file::io_message;
use crate::{mapping, watched::Watched};

/// How elements are to be read.
pub struct Reading<'a> {
    /// Up to so many bytes they are read into memory, beyond that they stay in the file where they can.
    pub copies: u64,
    /// The most bytes that may be read into memory.
    pub most: u64,
    /// Told of the progress, and asked whether to stop.
    pub host: &'a dyn Host,
}

/// An array in a file.
pub struct Array {
    /// Its name; empty in a file that holds one array.
    pub name: String,
    /// What it is and where it lies; or why it cannot be read.
    pub place: Result<Place, String>,
}

/// Where an array's elements lie.
pub enum Place {
    /// As bytes at a place in the file.
    Raw(Header, u64),
    /// In a member of a `.npz` file.
    Member(npz::Member),
    /// As text.
    Csv(csv::Layout),
    /// As an image.
    Image(image::Layout),
}

impl Place {
    /// Its type, as far as it is known without reading elements.
    pub fn ty(&self) -> TensorType {
        match self {
            Place::Raw(header, _) => header.ty(),
            Place::Member(member) => member.header.ty(),
            Place::Csv(layout) => layout.ty(),
            Place::Image(layout) => layout.ty(),
        }
    }

    /// Where its elements lie as plain bytes of the file, if they do.
    fn raw(&self) -> Option<(&Header, u64)> {
        match self {
            Place::Raw(header, begin) => Some((header, *begin)),
            Place::Member(member) => member.raw.map(|begin| (&member.header, begin)),
            Place::Csv(_) | Place::Image(_) => None,
        }
    }

    /// What stays in the file if so many bytes are copied.
    fn staying(&self, copies: u64) -> Option<(&Header, u64)> {
        let is_large = |(header, _): &(&Header, u64)| header.bytes().is_ok_and(|bytes| bytes > copies);
        self.raw().filter(is_large).filter(|(header, begin)| mapping::can_map(header, *begin))
    }

    /// Whether the elements stay in the file if so many bytes are copied.
    pub fn stays(&self, copies: u64) -> bool {
        self.staying(copies).is_some()
    }
}

impl Header {
    fn ty(&self) -> TensorType {
        TensorType::new(self.dtype, PartialShape::from(&self.shape))
    }
}

/// What a file of a format holds. `name` is the file's; with `exact` also what only reading it tells.
pub fn list(file: &File, name: &Path, exact: bool) -> Result<Vec<Array>, String> {
    let mut start = [0; 8];
    let mut reader = file;
    reader.seek(SeekFrom::Start(0)).map_err(|e| io_message(&e))?;
    let begun = npy::fill(&mut reader, &mut start).map_err(|e| io_message(&e))?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| io_message(&e))?;
    let ending = name.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    // What a file holds says more than what it is called.
    let kind = match &start[..begun] {
        [0x93, b'N', b'U', b'M', ..] => "npy",
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => "npz",
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => "png",
        _ => ending.as_str(),
    };
    match kind {
        "npy" => one(raw(file).map_err(|e| told(&e))),
        "npz" => npz::list(file),
        "png" | "jpg" | "jpeg" => one(image::layout(file).map(Place::Image)),
        "safetensors" => safetensors::list(file),
        "csv" | "tsv" | "txt" => one(csv::layout(file, exact).map(Place::Csv)),
        _ => Err("is of no kind that Nudge reads: .npy, .npz, .safetensors, .csv, .tsv, .png, .jpg".to_owned()),
    }
}

/// Whether a file's ending is that of a format.
pub fn is_ending(path: &Path) -> bool {
    const ENDINGS: [&str; 8] = ["npy", "npz", "safetensors", "csv", "tsv", "png", "jpg", "jpeg"];
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|own| own.eq_ignore_ascii_case(ending)))
}

fn one(place: Result<Place, String>) -> Result<Vec<Array>, String> {
    Ok(vec![Array { name: String::new(), place: Ok(place?) }])
}

fn raw(mut file: &File) -> Result<Place, NpyError> {
    let (header, begin) = npy::header::read(&mut file)?;
    npy::matches(&header, file.metadata()?.len().saturating_sub(begin))?;
    Ok(Place::Raw(header, begin))
}

/// The array that `part` names, or why there is none; `remedy` says how one is named.
pub fn find<'a>(arrays: &'a [Array], part: &str, remedy: &str) -> Result<&'a Place, String> {
    let names = || arrays.iter().map(|array| array.name.as_str());
    match arrays {
        [] => return Err("holds no array".to_owned()),
        [Array { name, place }] if part.is_empty() || name == part => return place.as_ref().map_err(String::clone),
        [Array { name, .. }] if name.is_empty() => {
            return Err(format!("holds one array without a name, and none called '{part}'; leave out the part"));
        }
        _ => {}
    }
    if let Some(found) = arrays.iter().find(|array| array.name == part) {
        return found.place.as_ref().map_err(|why| format!("'{part}' {why}"));
    }
    const SHOWN: usize = 20;
    let mut listed = names().take(SHOWN).collect::<Vec<_>>().join(", ");
    if arrays.len() > SHOWN {
        listed += &format!(" and {} more", arrays.len() - SHOWN);
    }
    match part {
        "" => Err(format!("holds {} arrays: {listed}; {remedy}", arrays.len())),
        _ => Err(match suggestion(part, names()) {
            hint if hint.is_empty() => format!("holds no array '{part}', but {listed}"),
            hint => format!("holds no array '{part}'{hint}"),
        }),
    }
}

/// The elements of an array.
pub fn read(file: &File, place: &Place, reading: &Reading<'_>) -> Result<Tensor, String> {
    if let Some((header, begin)) = place.staying(reading.copies)
        && let Some(tensor) = mapping::map(file, header, begin)
    {
        return Ok(tensor);
    }
    let known = place.ty().shape.known().map(|shape| shape.elements() as u64 * place.ty().dtype.size() as u64);
    within(known.unwrap_or(0), reading.most)?;
    match place {
        Place::Raw(header, begin) => {
            let mut reader = file;
            reader.seek(SeekFrom::Start(*begin)).map_err(|e| io_message(&e))?;
            let mut reader = Watched::new(reader, header.bytes().unwrap_or(0), reading.host);
            npy::read_elements(header, &mut reader).map_err(|e| told(&e))
        }
        Place::Member(member) => npz::read(file, member, reading),
        Place::Csv(layout) => csv::read(file, layout, reading),
        Place::Image(layout) => image::read(file, layout, reading),
    }
}

/// So many bytes are not too many.
fn within(bytes: u64, most: u64) -> Result<(), String> {
    if bytes <= most {
        return Ok(());
    }
    Err(format!("takes {} in memory, but the memory limit is {}", bytes_text(bytes), bytes_text(most)))
}

/// What a library says of an error, on one line.
fn one_line(error: &impl std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What an error of the reader says, for people.
pub fn told(error: &NpyError) -> String {
    match error {
        NpyError::Io(io) => io_message(io),
        other => other.to_string(),
    }
}

/// Reads a file from its beginning.
fn from_begin(mut file: &File) -> io::Result<impl Read + '_> {
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}
