//! NumPy's `.npy` files, versions 1 to 3 of the format (NEP 1).
//!
//! Read here rather than with a library so that a header's claims are checked against the file's length before anything
//! is allocated.

use std::io::{self, Read};

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};
use node_core::kernel::Operand;
use node_core::tensor::zeros;
use node_core::{DType, Tensor, each_data_type, for_operand};

pub(crate) mod header;
mod literal;
mod sink;

pub(crate) use header::Header;
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

/// The tensor that comes from a pipe or the like, which is read to its end.
pub(crate) fn from_pipe(mut reader: impl Read) -> Result<Tensor, NpyError> {
    let (header, _) = header::read(&mut reader)?;
    let tensor = read_elements(&header, &mut reader)?;
    match reader.read(&mut [0])? {
        0 => Ok(tensor),
        _ => broken(format!("more than the {} bytes of {} come", header.bytes()?, header.shape)),
    }
}

/// A file must hold as many bytes as the header says.
pub(crate) fn matches(header: &Header, there: u64) -> Result<(), NpyError> {
    let wanted = header.bytes()?;
    if there == wanted {
        return Ok(());
    }
    let (dtype, shape) = (header.dtype, &header.shape);
    broken(format!("{dtype} {shape} takes {wanted} bytes, but the file holds {there} bytes"))
}

/// Reads the elements that a header announces.
pub(crate) fn read_elements(header: &Header, reader: &mut impl Read) -> Result<Tensor, NpyError> {
    for_operand!(header.dtype, T => elements::<T>(header, reader), else Err(NpyError::Type(header.dtype.name().to_owned())))
}

/// An element that can be made of the bytes of a file.
trait FromBytes: Operand {
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

/// So many elements are read at one time.
const PIECE: usize = 1 << 16;

fn no_room() -> NpyError {
    io::Error::other("it does not fit into memory").into()
}

fn elements<T: FromBytes>(header: &Header, reader: &mut impl Read) -> Result<Tensor, NpyError> {
    let size = T::DTYPE.size();
    let len = header.shape.elements();
    // Memory is not touched before it is read to: what is announced and does not come takes none.
    let mut values: Vec<T> = zeros(len).ok_or_else(no_room)?;
    let mut bytes = vec![0; PIECE.min(len) * size];
    let mut there = 0;
    for piece in values.chunks_mut(PIECE) {
        let bytes = &mut bytes[..piece.len() * size];
        let read = fill(reader, bytes)?;
        there += read as u64;
        if read < bytes.len() {
            matches(header, there)?;
        }
        for (value, bytes) in piece.iter_mut().zip(bytes.chunks_exact_mut(size)) {
            if header.big_endian != cfg!(target_endian = "big") {
                bytes.reverse();
            }
            *value = T::from_bytes(bytes);
        }
    }
    let values = if header.fortran_order { row_major(header, &values)? } else { values };
    Tensor::new(header.shape.clone(), values).map_err(|e| NpyError::Format(e.to_string()))
}

/// Reads until `bytes` is full or nothing comes any more; how many came.
pub(crate) fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match reader.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The elements of column-major order in row-major order.
fn row_major<T: FromBytes>(header: &Header, values: &[T]) -> Result<Vec<T>, NpyError> {
    let shape = IxDyn(header.shape.dims()).f();
    let view = ArrayViewD::from_shape(shape, values).map_err(|e| NpyError::Format(e.to_string()))?;
    let mut row_major = Vec::new();
    row_major.try_reserve_exact(values.len()).map_err(|_| no_room())?;
    row_major.extend(view.iter().cloned());
    Ok(row_major)
}

#[cfg(test)]
mod tests {
    use node_core::Shape;
    use node_core::access::{Alone, Sink};
    use node_core::half::f16;
    use node_core::kernel::Chunk;

    use super::*;

    /// From a file, where it is mapped or read, and from a pipe: the same tensor, or refused both times.
    fn back(bytes: &[u8]) -> Result<Tensor, String> {
        let file = tempfile::Builder::new().suffix(".npy").tempfile().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let files = crate::files::TensorFiles::anywhere();
        let opened = files.open_path(file.path(), "", &Alone);
        let piped = from_pipe(bytes);
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
            (b"PK\x03\x04 not this".to_vec(), "is no .npz file"),
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
            let message = back(&bytes).unwrap_err();
            assert!(message.contains(part), "{message} should say {part}");
        }
    }
}
