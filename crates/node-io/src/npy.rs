//! NumPy's `.npy` files, versions 1 to 3 of the format (NEP 1).
//!
//! Read here rather than with a library so that a header's claims are checked against the file's length before anything
//! is allocated.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};
use node_core::{DType, Element, Tensor, each_data_type, for_operand};

mod header;
mod literal;
mod mapped;
mod sink;

use header::Header;
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
        "holds elements of type '{0}'; Nudge reads {types}",
        types = DType::ALL.into_iter().filter(|dtype| dtype.numpy().is_some()).map(DType::name).collect::<Vec<_>>().join(", ")
    )]
    Type(String),
}

fn broken<T>(what: impl Into<String>) -> Result<T, NpyError> {
    Err(NpyError::Format(what.into()))
}

/// The tensor in the file at `path`: mapped where its elements lie in the file as they do in memory, read where not.
/// What is no file on a disk, such as a pipe, is read to its end.
pub fn open(path: &Path) -> Result<Tensor, NpyError> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let (header, used) = header::read(&mut file)?;
    if !metadata.is_file() {
        return to_the_end(&mut file, &header);
    }
    matches(&header, metadata.len().saturating_sub(used))?;
    match mapped::map(&file, &header, used) {
        Some(tensor) => Ok(tensor),
        None => elements_from(&mut file, &header),
    }
}

/// The file must hold as many bytes as the header says.
fn matches(header: &Header, there: u64) -> Result<(), NpyError> {
    let wanted = header.bytes()?;
    if there == wanted {
        return Ok(());
    }
    let (dtype, shape) = (header.dtype, &header.shape);
    broken(format!("{dtype} {shape} takes {wanted} bytes, but the file holds {there} bytes"))
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
    for_operand!(header.dtype, T => elements::<T>(header, bytes), else Err(NpyError::Type(header.dtype.name().to_owned())))
}

/// An element that can be made of the bytes of a file.
trait FromBytes: Element {
    /// From as many bytes as it has, in the machine's order.
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! from_bytes {
    (text $variant:ident $t:ty) => {};
    (bool $variant:ident $t:ty) => {
        impl FromBytes for $t {
            fn from_bytes(bytes: &[u8]) -> Self {
                bytes.iter().any(|byte| *byte != 0)
            }
        }
    };
    ($kind:ident $variant:ident $t:ty) => {
        impl FromBytes for $t {
            fn from_bytes(bytes: &[u8]) -> Self {
                bytemuck::pod_read_unaligned(bytes)
            }
        }
    };
}

each_data_type!(from_bytes);

fn elements<T: FromBytes>(header: &Header, bytes: &[u8]) -> Result<Tensor, NpyError> {
    let size = T::DTYPE.size();
    if bytes.len() != header.shape.elements() * size {
        return broken("the file ends in the middle of an element");
    }
    let mut values: Vec<T> = room(header.shape.elements() as u64)?;
    let mut one = [0u8; 8];
    let one = &mut one[..size];
    for chunk in bytes.chunks_exact(size) {
        one.copy_from_slice(chunk);
        if header.big_endian != cfg!(target_endian = "big") {
            one.reverse();
        }
        values.push(T::from_bytes(one));
    }
    let values = if header.fortran_order {
        let shape = IxDyn(header.shape.dims()).f();
        let view = ArrayViewD::from_shape(shape, &values).map_err(|e| NpyError::Format(e.to_string()))?;
        let mut row_major: Vec<T> = room(values.len() as u64)?;
        row_major.extend(view.iter().cloned());
        row_major
    } else {
        values
    };
    Tensor::new(header.shape.clone(), values).map_err(|e| NpyError::Format(e.to_string()))
}

#[cfg(test)]
mod tests {
    use node_core::Shape;
    use node_core::access::Sink;
    use node_core::half::f16;
    use node_core::kernel::Chunk;

    use super::*;

    /// From a file, where it is mapped or read, and from a pipe: the same tensor, or refused both times.
    fn back(bytes: &[u8]) -> Result<Tensor, NpyError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let opened = open(file.path());
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
            Tensor::vector([1.5, -0.0, f32::NAN].map(f16::from_f32).to_vec()),
            Tensor::vector(vec![u64::MAX, 0]),
            Tensor::vector(vec![i8::MIN, 0, i8::MAX]),
            Tensor::vector(vec![u16::MAX, 7]),
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
