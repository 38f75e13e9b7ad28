//! NumPy's `.npy` files, versions 1 to 3 of the format (NEP 1).
//!
//! Read here rather than with a library so that a header's claims are checked against the file's length before anything
//! is allocated.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};
use node_core::{Element, Tensor};

mod header;
mod literal;
mod mapped;
mod sink;

use header::{Header, Stored};
pub use sink::NpySink;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Why a file is no tensor.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not what the format says.
    #[error("is no .npy file that can be read: {0}")]
    Format(String),
    /// Its elements are of a type that there is not.
    #[error(
        "holds elements of type '{0}'; Nudge reads float32, float64, int32, int64 and bool, and converts float16, int8, \
         int16, uint8 and uint16"
    )]
    Type(String),
}

fn broken<T>(what: impl Into<String>) -> Result<T, NpyError> {
    Err(NpyError::Format(what.into()))
}

/// A tensor that was in a file.
pub struct Opened {
    /// The tensor.
    pub tensor: Tensor,
    /// The type of the file's elements, if it is none of Nudge's: the tensor holds the same values in a wider type.
    pub converted_from: Option<&'static str>,
}

/// The tensor in the file at `path`: mapped where its elements lie in the file as they do in memory, read where not.
/// What is no file on a disk, such as a pipe, is read to its end.
pub fn open(path: &Path) -> Result<Opened, NpyError> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let (header, used) = header::read(&mut file)?;
    let converted_from = header.stored.converted();
    if !metadata.is_file() {
        return Ok(Opened { tensor: to_the_end(&mut file, &header)?, converted_from });
    }
    matches(&header, metadata.len().saturating_sub(used))?;
    let tensor = match mapped::map(&file, &header, used) {
        Some(tensor) => tensor,
        None => elements_from(&mut file, &header)?,
    };
    Ok(Opened { tensor, converted_from })
}

/// The file must hold as many bytes as the header says.
fn matches(header: &Header, there: u64) -> Result<(), NpyError> {
    let wanted = header.bytes()?;
    if there == wanted {
        return Ok(());
    }
    let (name, shape) = (header.stored.converted().unwrap_or(header.stored.dtype().name()), &header.shape);
    broken(format!("{name} {shape} takes {wanted} bytes, but the file holds {there} bytes"))
}

/// Reads elements whose number only the header knows; memory is taken as they come.
fn to_the_end(reader: &mut impl Read, header: &Header) -> Result<Tensor, NpyError> {
    let mut bytes = Vec::new();
    let wanted = header.bytes()?;
    reader.by_ref().take(wanted).read_to_end(&mut bytes)?;
    matches(header, bytes.len() as u64)?;
    if reader.read(&mut [0])? != 0 {
        return broken(format!("more than the {wanted} bytes of {} come", header.shape));
    }
    decoded(header, &bytes)
}

/// An empty vector with room for so many elements, if the system gives it.
fn room<T>(elements: u64) -> Result<Vec<T>, NpyError> {
    let mut vec = Vec::new();
    let given = usize::try_from(elements).ok().and_then(|elements| vec.try_reserve_exact(elements).ok());
    match given {
        Some(()) => Ok(vec),
        None => Err(io::Error::other("it does not fit into memory, where it must be converted").into()),
    }
}

fn elements_from(reader: &mut impl Read, header: &Header) -> Result<Tensor, NpyError> {
    let wanted = header.bytes()?;
    let mut bytes = room(wanted)?;
    reader.take(wanted).read_to_end(&mut bytes)?;
    decoded(header, &bytes)
}

fn decoded(header: &Header, bytes: &[u8]) -> Result<Tensor, NpyError> {
    let big = header.big_endian;
    let two = |b| if big { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) };
    match header.stored {
        Stored::Float32 => elements(header, bytes, |b| if big { f32::from_be_bytes(b) } else { f32::from_le_bytes(b) }),
        Stored::Float64 => elements(header, bytes, |b| if big { f64::from_be_bytes(b) } else { f64::from_le_bytes(b) }),
        Stored::Int32 => elements(header, bytes, |b| if big { i32::from_be_bytes(b) } else { i32::from_le_bytes(b) }),
        Stored::Int64 => elements(header, bytes, |b| if big { i64::from_be_bytes(b) } else { i64::from_le_bytes(b) }),
        Stored::Bool => elements(header, bytes, |[b]: [u8; 1]| b != 0),
        Stored::Float16 => elements(header, bytes, |b| wide(two(b))),
        Stored::Int8 => elements(header, bytes, |[b]: [u8; 1]| i32::from(b.cast_signed())),
        Stored::UInt8 => elements(header, bytes, |[b]: [u8; 1]| i32::from(b)),
        Stored::Int16 => elements(header, bytes, |b| i32::from(two(b).cast_signed())),
        Stored::UInt16 => elements(header, bytes, |b| i32::from(two(b))),
    }
}

/// The float32 that is the float16 with these bits (IEEE 754, binary16): the same value, a NaN with the same payload.
fn wide(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let (exponent, fraction) = (u32::from(half >> 10 & 0x1f), u32::from(half & 0x3ff));
    match exponent {
        // Below the normal numbers a step is 2^-24; both factors are exact.
        0 => f32::from_bits(sign | (fraction as f32 * 2f32.powi(-24)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13),
    }
}

fn elements<T: Element, const N: usize>(
    header: &Header,
    bytes: &[u8],
    decode: impl Fn([u8; N]) -> T,
) -> Result<Tensor, NpyError> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    let mut values: Vec<T> = room(chunks.len() as u64)?;
    values.extend(chunks.iter().map(|chunk| decode(*chunk)));
    if !rest.is_empty() || values.len() != header.shape.elements() {
        return broken("the file ends in the middle of an element");
    }
    let values = if header.fortran_order {
        let shape = IxDyn(header.shape.dims()).f();
        let view = ArrayViewD::from_shape(shape, &values).map_err(|e| NpyError::Format(e.to_string()))?;
        view.iter().cloned().collect()
    } else {
        values
    };
    Tensor::new(header.shape.clone(), values).map_err(|e| NpyError::Format(e.to_string()))
}

#[cfg(test)]
mod tests {
    use node_core::Shape;
    use node_core::access::Sink;
    use node_core::kernel::Chunk;

    use super::*;

    /// From a file, where it is mapped or read, and from a pipe: the same tensor, or refused both times.
    fn back(bytes: &[u8]) -> Result<Tensor, NpyError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let opened = open(file.path()).map(|opened| opened.tensor);
        let mut pipe = bytes;
        let piped = header::read(&mut pipe).and_then(|(header, _)| to_the_end(&mut pipe, &header));
        match (&opened, &piped) {
            (Ok(opened), Ok(piped)) => assert!(opened.same_bits(piped)),
            (Err(_), Err(_)) => {}
            _ => panic!("{opened:?}, but from a pipe {piped:?}"),
        }
        opened
    }

    #[test]
    fn what_is_written_reads_back() {
        let shape = |dims: &[usize]| Shape::new(dims).unwrap();
        for tensor in [
            Tensor::scalar(1.5f32),
            Tensor::vector(vec![f32::NAN, -0.0, f32::INFINITY]),
            Tensor::new(shape(&[2, 0, 3]), Vec::<f64>::new()).unwrap(),
            Tensor::new(shape(&[2, 2]), vec![1i32, -2, 3, 4]).unwrap(),
            Tensor::vector(vec![i64::MIN, i64::MAX]),
            Tensor::vector(vec![true, false]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("t.npy");
            let sink = NpySink::create(&path).unwrap();
            let elements = Chunk::of(&tensor).unwrap();
            let middle = tensor.len() / 2;
            // Parts come in any order.
            for (begin, end) in [(middle, tensor.len()), (0, middle)] {
                sink.write(begin, &elements.part(begin, end), tensor.shape()).unwrap();
            }
            sink.finish().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            assert!(back(&bytes).unwrap().same_bits(&tensor), "{tensor:?}");
            let data = tensor.len() * tensor.dtype().size();
            assert_eq!((bytes.len() - data) % 64, 0, "the data is aligned");
        }
    }

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[1, 0]].concat();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn other_orders() {
        let data: Vec<u8> = [1i32, 4, 2, 5, 3, 6].iter().flat_map(|v| v.to_be_bytes()).collect();
        let bytes = file("{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3)}", &data);
        let expected = Tensor::new(Shape::new([2, 3]).unwrap(), vec![1i32, 2, 3, 4, 5, 6]).unwrap();
        assert!(back(&bytes).unwrap().same_bits(&expected));
    }

    /// What NumPy reads is read, and what it refuses is refused.
    #[test]
    fn as_numpy_reads() {
        type Read = Option<(String, Vec<usize>, String)>;
        #[derive(serde::Deserialize)]
        struct Files {
            cases: Vec<(String, Read)>,
        }
        let files: Files = serde_json::from_str(include_str!("../../../assets/golden/npy_files.json")).unwrap();
        let bytes_of = |hex: &str| -> Vec<u8> {
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
        };
        let mut read = 0;
        for (hex, expected) in &files.cases {
            let bytes = bytes_of(hex);
            let says = String::from_utf8_lossy(&bytes[..bytes.len().min(90)]).into_owned();
            match (back(&bytes), expected) {
                (Ok(tensor), Some((dtype, shape, values))) => {
                    read += 1;
                    assert_eq!((tensor.dtype().name(), tensor.shape().dims()), (&**dtype, &**shape), "{says}");
                    let little =
                        format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({},)}}", tensor.len());
                    let flat = back(&file(&little, &bytes_of(values))).unwrap();
                    let same = Chunk::of(&tensor).unwrap();
                    assert_eq!(format!("{same:?}"), format!("{:?}", Chunk::of(&flat).unwrap()), "{says}");
                }
                (Err(_), None) => {}
                (here, there) => panic!("{says}: {here:?}, but NumPy {there:?}"),
            }
        }
        assert!(read > 100 && files.cases.len() - read > 100, "{read} of {} were read", files.cases.len());
    }

    #[test]
    fn float16_becomes_float32_with_its_value() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff) / 1024.0);
            let size = match exponent {
                0 => fraction * 2f64.powi(-14),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
            };
            let value = (if bits >> 15 == 1 { -size } else { size }) as f32;
            let wide = wide(bits);
            assert!(wide.to_bits() == value.to_bits() || wide.is_nan() && value.is_nan(), "{bits:#x}: {wide} {value}");
        }
    }

    #[test]
    fn broken_files() {
        let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
        for (bytes, part) in [
            (b"PK\x03\x04 not this".to_vec(), "does not begin"),
            (b"\x93NU".to_vec(), "does not begin"),
            (file(good, &[0; 7]), "takes 8 bytes, but the file holds 7"),
            (file(good, &[0; 12]), "takes 8 bytes"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 2)}", &[]), "overflows"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000000,)}", &[]), "but the file holds 0"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", &[]), "no whole number"),
            (file("{'descr': '<c8', 'fortran_order': False, 'shape': (2,)}", &[0; 16]), "'<c8'"),
            (file("{'descr': 'é4', 'fortran_order': False, 'shape': (2,)}", &[0; 8]), "'é4'"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", &[0; 8]), "no tuple"),
            (file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", &[0; 8]), "structure"),
            (file("{'descr': '<f4', 'shape': (2,)}", &[0; 8]), "no 'fortran_order'"),
            (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), "claims 4294967295"),
            (b"\x93NUMPY\x09\x00\x00\x00".to_vec(), "version 9"),
        ] {
            let message = back(&bytes).unwrap_err().to_string();
            assert!(message.contains(part), "{message} should say {part}");
        }
    }
}
