//! A file's header: what it says of the elements, read as strictly as NumPy reads it, and written.

use std::io::Read;

use node_core::{DType, Shape};

use super::literal::{Literal, dictionary};
use super::{MAGIC, NpyError, broken};

const MAX_HEADER: usize = 1 << 20;

/// What the elements of a file are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stored {
    Float16,
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    Bool,
}

impl Stored {
    /// The type that NumPy's `descr` names, and whether its bytes are in big-endian order.
    fn named(descr: &str) -> Option<(Stored, bool)> {
        let (order, code) = match descr.chars().next()? {
            order @ ('<' | '>' | '=' | '|') => (Some(order), &descr[1..]),
            _ => (None, descr),
        };
        let stored = match code {
            "f2" | "e" => Stored::Float16,
            "f4" | "f" => Stored::Float32,
            "f8" | "d" => Stored::Float64,
            "i1" | "b" => Stored::Int8,
            "i2" | "h" => Stored::Int16,
            "i4" | "i" => Stored::Int32,
            "i8" | "q" => Stored::Int64,
            "u1" | "B" => Stored::UInt8,
            "u2" | "H" => Stored::UInt16,
            "b1" | "?" => Stored::Bool,
            name if order.is_none() => Stored::with_name(name)?,
            _ => return None,
        };
        let big_endian = match order {
            Some('<') => false,
            Some('>') => true,
            _ => cfg!(target_endian = "big"),
        };
        Some((stored, big_endian))
    }

    fn with_name(name: &str) -> Option<Stored> {
        Some(match name {
            "float16" | "half" => Stored::Float16,
            "float32" | "single" => Stored::Float32,
            "float64" | "double" | "float" => Stored::Float64,
            "int8" | "byte" => Stored::Int8,
            "int16" | "short" => Stored::Int16,
            "int32" | "intc" => Stored::Int32,
            "int64" | "longlong" => Stored::Int64,
            "uint8" | "ubyte" => Stored::UInt8,
            "uint16" | "ushort" => Stored::UInt16,
            "bool" => Stored::Bool,
            _ => return None,
        })
    }

    /// The bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Stored::Int8 | Stored::UInt8 | Stored::Bool => 1,
            Stored::Float16 | Stored::Int16 | Stored::UInt16 => 2,
            Stored::Float32 | Stored::Int32 => 4,
            Stored::Float64 | Stored::Int64 => 8,
        }
    }

    /// The type of the tensor: one that holds every value.
    pub fn dtype(self) -> DType {
        match self {
            Stored::Float16 | Stored::Float32 => DType::Float32,
            Stored::Float64 => DType::Float64,
            Stored::Int8 | Stored::UInt8 | Stored::Int16 | Stored::UInt16 | Stored::Int32 => DType::Int32,
            Stored::Int64 => DType::Int64,
            Stored::Bool => DType::Bool,
        }
    }

    /// The type's name, if the tensor's is another.
    pub fn converted(self) -> Option<&'static str> {
        match self {
            Stored::Float16 => Some("float16"),
            Stored::Int8 => Some("int8"),
            Stored::Int16 => Some("int16"),
            Stored::UInt8 => Some("uint8"),
            Stored::UInt16 => Some("uint16"),
            _ => None,
        }
    }
}

/// What a header says.
#[derive(Debug, PartialEq)]
pub struct Header {
    pub stored: Stored,
    pub big_endian: bool,
    pub fortran_order: bool,
    pub shape: Shape,
}

impl Header {
    /// The bytes that the elements take.
    pub fn bytes(&self) -> Result<u64, NpyError> {
        let bytes = (self.shape.elements() as u64).checked_mul(self.stored.size() as u64);
        bytes.ok_or_else(|| NpyError::Format(format!("{} takes more bytes than there can be", self.shape)))
    }
}

/// Reads a header; how many bytes it took comes with it.
pub fn read(reader: &mut impl Read) -> Result<(Header, u64), NpyError> {
    let mut start = [0u8; 8];
    let foreign = || NpyError::Format("it does not begin with \\x93NUMPY".to_owned());
    fill(reader, &mut start, foreign)?;
    if start[..6] != *MAGIC {
        return Err(foreign());
    }
    let short = || NpyError::Format("it ends in its header".to_owned());
    let (length, before) = match start[6..] {
        [1, 0] => {
            let mut n = [0u8; 2];
            fill(reader, &mut n, short)?;
            (usize::from(u16::from_le_bytes(n)), 10)
        }
        [2 | 3, 0] => {
            let mut n = [0u8; 4];
            fill(reader, &mut n, short)?;
            (u32::from_le_bytes(n) as usize, 12)
        }
        _ => return broken(format!("version {}.{} of the format is unknown", start[6], start[7])),
    };
    if length > MAX_HEADER {
        return broken(format!("its header claims {length} bytes"));
    }
    let mut text = vec![0u8; length];
    fill(reader, &mut text, short)?;
    let text = String::from_utf8_lossy(&text);
    Ok((parse(&text, start[6] < 3)?, (before + length) as u64))
}

/// Fills `bytes`; `short` says what it means that there are fewer.
fn fill(reader: &mut impl Read, bytes: &mut [u8], short: impl FnOnce() -> NpyError) -> Result<(), NpyError> {
    reader.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => short(),
        _ => NpyError::Io(error),
    })
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`. Python 2 wrote whole numbers as `3L`.
fn parse(text: &str, of_python_2: bool) -> Result<Header, NpyError> {
    let Some(entries) = dictionary(text, of_python_2) else { return broken("its header is no dictionary") };
    let value_of = |key: &str| {
        // Of a key that is there twice Python keeps the last.
        let found = entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value);
        found.ok_or_else(|| NpyError::Format(format!("its header has no '{key}'")))
    };
    let (descr, fortran_order, shape) = (value_of("descr")?, value_of("fortran_order")?, value_of("shape")?);
    if let Some((key, _)) = entries.iter().find(|(key, _)| !["descr", "fortran_order", "shape"].contains(&key.as_str()))
    {
        return broken(format!("its header has a '{key}' that the format does not know"));
    }
    let Literal::Text(descr) = descr else { return Err(NpyError::Type("a structure".to_owned())) };
    let Literal::Bool(fortran_order) = *fortran_order else {
        return broken("'fortran_order' is neither True nor False");
    };
    let Literal::Tuple(dims) = shape else { return broken("'shape' is no tuple") };
    let whole = |dim: &Literal| match dim {
        Literal::Whole(dim) => usize::try_from(*dim).ok(),
        _ => None,
    };
    let Some(dims) = dims.iter().map(whole).collect::<Option<Vec<usize>>>() else {
        return broken("'shape' has a dimension that is no whole number");
    };
    let shape = Shape::new(dims).map_err(|e| NpyError::Format(e.to_string()))?;
    let Some((stored, big_endian)) = Stored::named(descr) else { return Err(NpyError::Type(descr.clone())) };
    Ok(Header { stored, big_endian, fortran_order, shape })
}

/// The header of a file that holds elements of this type in this shape, or why there is none.
pub fn write(dtype: DType, shape: &Shape) -> Result<Vec<u8>, String> {
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
