//! Files that results are written to: the formats there are, and how each is written.

use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use node_core::access::Host;
use node_core::kernel::Chunk;
use node_core::{DType, Tensor};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::arrays;
use crate::npy;
use crate::save::{Expect, SaveError, finish, is_writable, resolve_links, temporary_beside};
use crate::watched::Watched;

/// A format of files for results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, of all data types.
    Json,
    /// NumPy's, of one array.
    Npy,
    /// NumPy's, of several.
    Npz,
    /// Of several.
    Safetensors,
    /// Text, of rank 2 at most.
    Csv,
    /// An image.
    Png,
}

impl Format {
    /// Each with its ending.
    const ALL: [(Format, &'static str); 6] = [
        (Format::Npy, ".npy"),
        (Format::Npz, ".npz"),
        (Format::Safetensors, ".safetensors"),
        (Format::Csv, ".csv"),
        (Format::Png, ".png"),
        (Format::Json, ".json"),
    ];

    /// That which a file's ending says.
    pub fn of(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?;
        Format::ALL.into_iter().find(|(_, own)| own[1..].eq_ignore_ascii_case(ending)).map(|(format, _)| format)
    }

    /// The endings that there are.
    pub fn endings() -> [&'static str; 6] {
        Format::ALL.map(|(_, ending)| ending)
    }

    /// Whether a file holds one tensor.
    pub fn holds_one(self) -> bool {
        matches!(self, Format::Npy | Format::Csv | Format::Png)
    }

    /// `a .npy`, `an .npz`, …
    pub fn with_article(self) -> &'static str {
        match self {
            Format::Json => "a .json",
            Format::Npy => "a .npy",
            Format::Npz => "an .npz",
            Format::Safetensors => "a .safetensors",
            Format::Csv => "a .csv",
            Format::Png => "a .png",
        }
    }
}

fn refused<T>(what: impl Into<String>) -> Result<T, SaveError> {
    Err(io::Error::other(what.into()).into())
}

/// Writes tensors to a file in place of the one that may be there, which stays if anything fails. A format of one tensor
/// takes the first. JSON is for others to write, and refused. `host` is told of the progress, and asked whether to stop.
pub fn write(path: &Path, format: Format, tensors: &[(String, &Tensor)], host: &dyn Host) -> Result<(), SaveError> {
    let target = resolve_links(path);
    is_writable(&target)?;
    let Some((_, first)) = tensors.first() else { return refused("there is nothing to write") };
    let temporary = temporary_beside(&target)?;
    let tensors_written = if format.holds_one() { 1 } else { tensors.len() };
    let bytes = tensors.iter().take(tensors_written).map(|(_, tensor)| tensor.bytes()).sum();
    let file = Watched::new(temporary.as_file(), bytes, host);
    match format {
        Format::Npy => npy(&mut BufWriter::new(file), first)?,
        Format::Npz => npz(file, tensors)?,
        Format::Safetensors => safetensors(file, tensors)?,
        Format::Csv => csv(file, first)?,
        Format::Png => png(file, first)?,
        Format::Json => return refused("JSON is not written here; this is a bug in Nudge"),
    }
    finish(temporary, &target, Expect::Anything)
}

/// The bytes of a tensor's elements, in the order that files have.
fn bytes(tensor: &Tensor, write: &mut impl Write) -> io::Result<()> {
    let Some(elements) = Chunk::of(tensor) else { return Err(io::Error::other("text has no bytes of one length")) };
    let bytes = elements.bytes();
    if cfg!(target_endian = "little") {
        return write.write_all(bytes);
    }
    for element in bytes.chunks_exact(tensor.dtype().size()) {
        write.write_all(&element.iter().rev().copied().collect::<Vec<u8>>())?;
    }
    Ok(())
}

fn npy(writer: &mut impl Write, tensor: &Tensor) -> Result<(), SaveError> {
    let header = npy::header::write(tensor.dtype(), tensor.shape()).map_err(io::Error::other)?;
    writer.write_all(&header)?;
    bytes(tensor, writer)?;
    Ok(writer.flush()?)
}

fn npz(file: impl Write + Seek, tensors: &[(String, &Tensor)]) -> Result<(), SaveError> {
    let zipped = |error: zip::result::ZipError| SaveError::Io(io::Error::other(error));
    let mut archive = ZipWriter::new(file);
    let written = tensors.iter().try_for_each(|(name, tensor)| {
        let is_large = tensor.bytes() > u64::from(u32::MAX) - (1 << 20);
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(is_large);
        archive.start_file(format!("{name}.npy"), stored).map_err(zipped)?;
        npy(&mut archive, tensor)
    });
    if let Err(error) = written {
        // Dropped, it would write on, fail again, and complain on the standard error.
        std::mem::forget(archive);
        return Err(error);
    }
    archive.finish().map_err(zipped)?;
    Ok(())
}

fn safetensors(file: impl Write, tensors: &[(String, &Tensor)]) -> Result<(), SaveError> {
    let mut typed: Vec<(Dtype, &String, &Tensor)> = Vec::new();
    for (name, tensor) in tensors {
        let Some(dtype) = arrays::safetensors_dtype(tensor.dtype()) else {
            return refused(format!("a .safetensors file cannot hold {}; write .json", tensor.dtype()));
        };
        typed.push((dtype, name, tensor));
    }
    // The widest elements first, so that each array begins at a multiple of its elements' size.
    typed.sort_by(|(a, one, _), (b, other, _)| b.cmp(a).then(one.cmp(other)));
    let mut end = 0;
    let mut infos = Vec::new();
    for (dtype, name, tensor) in &typed {
        let begin = end;
        end += tensor.bytes() as usize;
        let info = TensorInfo { dtype: *dtype, shape: tensor.shape().dims().to_vec(), data_offsets: (begin, end) };
        infos.push(((*name).clone(), info));
    }
    let metadata = Metadata::new(None, infos).map_err(io::Error::other)?;
    let mut header = serde_json::to_vec(&metadata).map_err(io::Error::other)?;
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut writer = BufWriter::new(file);
    writer.write_all(&(header.len() as u64).to_le_bytes())?;
    writer.write_all(&header)?;
    for (_, _, tensor) in typed {
        bytes(tensor, &mut writer)?;
    }
    Ok(writer.flush()?)
}

/// One line for each element of a vector, one for each row of a matrix; numbers in their shortest exact form.
fn csv(file: impl Write, tensor: &Tensor) -> Result<(), SaveError> {
    let columns = match tensor.shape().dims() {
        [] | [_] => 1,
        [_, columns] => *columns,
        dims => {
            let rank = dims.len();
            return refused(format!(
                "a .csv file holds tensors of rank 2 at most, not {rank}; write .npy, or fetch a slice"
            ));
        }
    };
    let mut writer = csv::Writer::from_writer(BufWriter::new(file));
    let failed = |error: csv::Error| SaveError::Io(io::Error::other(error));
    for row in 0..tensor.len().checked_div(columns).unwrap_or(0) {
        let fields = (0..columns).filter_map(|column| tensor.element(row * columns + column));
        let text = |element: node_core::Scalar| match element {
            node_core::Scalar::String(text) => text.to_string(),
            other => other.to_string(),
        };
        writer.write_record(fields.map(text)).map_err(failed)?;
    }
    Ok(writer.flush()?)
}

fn png(file: impl Write, tensor: &Tensor) -> Result<(), SaveError> {
    use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
    let shape = tensor.shape();
    let (height, width, color) = match (tensor.dtype(), shape.dims()) {
        (DType::UInt8, [height, width, 1]) => (*height, *width, ExtendedColorType::L8),
        (DType::UInt8, [height, width, 3]) => (*height, *width, ExtendedColorType::Rgb8),
        (DType::UInt8, [height, width, 4]) => (*height, *width, ExtendedColorType::Rgba8),
        (dtype, _) => {
            return refused(format!(
                "a .png file holds numbers of rank 2, or uint8 of [height, width, 1, 3 or 4], not {dtype} {shape}"
            ));
        }
    };
    let (Ok(wide), Ok(high)) = (u32::try_from(width), u32::try_from(height)) else {
        return refused(format!("a .png file holds no image of {width} × {height}"));
    };
    if wide == 0 || high == 0 {
        return refused(format!("a .png file holds no image of {width} × {height}"));
    }
    let mut writer = BufWriter::new(file);
    let samples = tensor.slice::<u8>().unwrap_or_default();
    PngEncoder::new(&mut writer).write_image(samples, wide, high, color).map_err(io::Error::other)?;
    Ok(writer.flush()?)
}
