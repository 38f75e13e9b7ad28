//! NumPy's `.npy` files, versions 1 to 3 of the format (NEP 1).
//!
//! Read here rather than with a library so that a header's claims are checked against the file's length before anything
//! is allocated.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};
use node_core::{DType, Element, Shape, Tensor};

mod mapped;
mod sink;

pub use sink::NpySink;

const MAGIC: &[u8] = b"\x93NUMPY";
const MAX_HEADER: usize = 1 << 20;

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
        "holds elements of type '{0}'; Nudge reads <f4, <f8, <i4, <i8 and |b1 (float32, float64, int32, int64, bool)"
    )]
    Type(String),
}

fn broken<T>(what: impl Into<String>) -> Result<T, NpyError> {
    Err(NpyError::Format(what.into()))
}

/// What a header says.
#[derive(Debug, PartialEq)]
struct Header {
    dtype: DType,
    big_endian: bool,
    fortran_order: bool,
    shape: Shape,
}

/// The tensor in the file at `path`: mapped where its elements lie in the file as they do in memory, read where not.
pub fn open(path: &Path) -> Result<Tensor, NpyError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let (header, used) = read_header(&mut file)?;
    header.matches(length.saturating_sub(used))?;
    match mapped::map(&file, &header, used) {
        Some(tensor) => Ok(tensor),
        None => elements_from(&mut file, &header),
    }
}

/// Reads a tensor from `length` bytes.
pub fn read_from(reader: &mut impl Read, length: u64) -> Result<Tensor, NpyError> {
    let (header, used) = read_header(reader)?;
    header.matches(length.saturating_sub(used))?;
    elements_from(reader, &header)
}

impl Header {
    /// The bytes that the elements take.
    fn bytes(&self) -> u64 {
        self.shape.elements() as u64 * self.dtype.size() as u64
    }

    /// The file must hold as many bytes as the header says.
    fn matches(&self, there: u64) -> Result<(), NpyError> {
        let wanted = self.bytes();
        if there == wanted {
            return Ok(());
        }
        broken(format!("{} {} takes {wanted} bytes, but the file holds {there} bytes", self.dtype, self.shape))
    }
}

fn elements_from(reader: &mut impl Read, header: &Header) -> Result<Tensor, NpyError> {
    let wanted = header.bytes();
    let mut bytes = Vec::with_capacity(wanted as usize);
    reader.take(wanted).read_to_end(&mut bytes)?;
    let big = header.big_endian;
    match header.dtype {
        DType::Float32 => elements(header, &bytes, |b| if big { f32::from_be_bytes(b) } else { f32::from_le_bytes(b) }),
        DType::Float64 => elements(header, &bytes, |b| if big { f64::from_be_bytes(b) } else { f64::from_le_bytes(b) }),
        DType::Int32 => elements(header, &bytes, |b| if big { i32::from_be_bytes(b) } else { i32::from_le_bytes(b) }),
        DType::Int64 => elements(header, &bytes, |b| if big { i64::from_be_bytes(b) } else { i64::from_le_bytes(b) }),
        DType::Bool => elements(header, &bytes, |[b]: [u8; 1]| b != 0),
        DType::String => Err(NpyError::Type("string".to_owned())),
    }
}

fn elements<T: Element, const N: usize>(
    header: &Header,
    bytes: &[u8],
    decode: impl Fn([u8; N]) -> T,
) -> Result<Tensor, NpyError> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    let values: Vec<T> = chunks.iter().map(|chunk| decode(*chunk)).collect();
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

fn read_header(reader: &mut impl Read) -> Result<(Header, u64), NpyError> {
    let mut start = [0u8; 8];
    if reader.read_exact(&mut start).is_err() || start[..6] != *MAGIC {
        return broken("it does not begin with \\x93NUMPY");
    }
    let short = |_| NpyError::Format("it ends in its header".to_owned());
    let (length, before) = match start[6] {
        1 => {
            let mut n = [0u8; 2];
            reader.read_exact(&mut n).map_err(short)?;
            (usize::from(u16::from_le_bytes(n)), 10)
        }
        2 | 3 => {
            let mut n = [0u8; 4];
            reader.read_exact(&mut n).map_err(short)?;
            (u32::from_le_bytes(n) as usize, 12)
        }
        version => return broken(format!("version {version} of the format is unknown")),
    };
    if length > MAX_HEADER {
        return broken(format!("its header claims {length} bytes"));
    }
    let mut text = vec![0u8; length];
    reader.read_exact(&mut text).map_err(short)?;
    let text = String::from_utf8_lossy(&text);
    Ok((parse_header(&text)?, (before + length) as u64))
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
fn parse_header(text: &str) -> Result<Header, NpyError> {
    let value_of = |key: &str| {
        let quoted = [format!("'{key}'"), format!("\"{key}\"")];
        let after = quoted.iter().find_map(|q| text.split_once(q.as_str()).map(|(_, rest)| rest.trim_start()));
        after
            .and_then(|rest| rest.strip_prefix(':'))
            .map(str::trim_start)
            .ok_or_else(|| NpyError::Format(format!("its header has no '{key}'")))
    };
    let descr = value_of("descr")?;
    let Some(descr) = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next()) else {
        return Err(NpyError::Type("a structure".to_owned()));
    };
    let fortran_order = match value_of("fortran_order")? {
        v if v.starts_with("True") => true,
        v if v.starts_with("False") => false,
        _ => return broken("'fortran_order' is neither True nor False"),
    };
    let inside = value_of("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let Some((dims, _)) = inside else { return broken("'shape' is no tuple") };
    let dims: Result<Vec<usize>, _> =
        dims.split(',').map(str::trim).filter(|d| !d.is_empty()).map(str::parse::<usize>).collect();
    let Ok(dims) = dims else { return broken("'shape' has a dimension that is no whole number") };
    let shape = Shape::new(dims).map_err(|e| NpyError::Format(e.to_string()))?;
    let (order, kind) = descr.split_at(descr.len().min(1));
    let dtype = match kind {
        "f4" => DType::Float32,
        "f8" => DType::Float64,
        "i4" => DType::Int32,
        "i8" => DType::Int64,
        "b1" => DType::Bool,
        _ => return Err(NpyError::Type(descr.to_owned())),
    };
    let big_endian = match order {
        "<" | "|" => false,
        ">" => true,
        "=" => cfg!(target_endian = "big"),
        _ => return Err(NpyError::Type(descr.to_owned())),
    };
    Ok(Header { dtype, big_endian, fortran_order, shape })
}

/// The header of a file that holds elements of this type in this shape, or why there is none.
fn header(dtype: DType, shape: &Shape) -> Result<Vec<u8>, String> {
    let descr = match dtype {
        DType::Float32 => "<f4",
        DType::Float64 => "<f8",
        DType::Int32 => "<i4",
        DType::Int64 => "<i8",
        DType::Bool => "|b1",
        DType::String => return Err("a .npy file cannot hold strings; write .json".to_owned()),
    };
    let dims = match shape.dims() {
        [only] => format!("({only},)"),
        dims => format!("({})", dims.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {dims}, }}");
    let (long, before) = if header.len() + 11 + 64 > usize::from(u16::MAX) { (true, 12) } else { (false, 10) };
    while (before + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut out = Vec::with_capacity(before + header.len());
    out.extend_from_slice(MAGIC);
    if long {
        out.extend_from_slice(&[2, 0]);
        out.extend_from_slice(&(header.len() as u32).to_le_bytes());
    } else {
        out.extend_from_slice(&[1, 0]);
        out.extend_from_slice(&(header.len() as u16).to_le_bytes());
    }
    out.extend_from_slice(header.as_bytes());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use node_core::access::Sink;
    use node_core::kernel::Chunk;

    use super::*;

    fn back(bytes: &[u8]) -> Result<Tensor, NpyError> {
        read_from(&mut &bytes[..], bytes.len() as u64)
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
            assert!(open(&path).unwrap().same_bits(&tensor), "{tensor:?}, mapped");
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
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        assert!(open(file.path()).unwrap().same_bits(&expected), "what cannot be mapped is read");
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
            (file("{'descr': '<f2', 'fortran_order': False, 'shape': (2,)}", &[0; 4]), "'<f2'"),
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
