//! A file's header: what it says of the elements, read as strictly as NumPy reads it, and written.

use std::io::Read;

use node_core::{DType, Shape};

use super::literal::{Literal, dictionary};
use super::{MAGIC, NpyError, broken};

const MAX_HEADER: usize = 1 << 20;

/// The type that NumPy's `descr` names, and whether its bytes are in big-endian order.
fn named(descr: &str) -> Option<(DType, bool)> {
    let (order, code) = match descr.chars().next()? {
        order @ ('<' | '>' | '=' | '|') => (Some(order), &descr[1..]),
        _ => (None, descr),
    };
    let is_code = |dtype: &DType| dtype.numpy() == Some(code) || is_letter(*dtype, code);
    let is_name = |dtype: &DType| order.is_none() && is_called(*dtype, code);
    let dtype = DType::ALL.into_iter().find(|dtype| is_code(dtype) || is_name(dtype))?;
    let big_endian = match order {
        Some('<') => false,
        Some('>') => true,
        _ => cfg!(target_endian = "big"),
    };
    Some((dtype, big_endian))
}

/// Whether `code` is NumPy's letter for a type.
fn is_letter(dtype: DType, code: &str) -> bool {
    code.len() == 1 && dtype.numpy_names().contains(&code)
}

/// Whether NumPy calls a type so.
fn is_called(dtype: DType, name: &str) -> bool {
    let is_known = dtype.numpy().is_some() && name.len() > 1;
    is_known && (dtype.name() == name || dtype.numpy_names().contains(&name))
}

/// What a header says.
#[derive(Debug, PartialEq)]
pub struct Header {
    pub dtype: DType,
    pub big_endian: bool,
    pub fortran_order: bool,
    pub shape: Shape,
}

impl Header {
    /// The bytes that the elements take.
    pub fn bytes(&self) -> Result<u64, NpyError> {
        let bytes = (self.shape.elements() as u64).checked_mul(self.dtype.size() as u64);
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
    let Some((dtype, big_endian)) = named(descr) else { return Err(NpyError::Type(descr.clone())) };
    Ok(Header { dtype, big_endian, fortran_order, shape })
}

/// The header of a file that holds elements of this type in this shape, or why there is none.
pub fn write(dtype: DType, shape: &Shape) -> Result<Vec<u8>, String> {
    let Some(code) = dtype.numpy() else {
        let cast = if dtype.is_floating() { ", or fetch a Cast to float32" } else { "" };
        return Err(format!("a .npy file cannot hold {dtype}, which NumPy does not have; write .json{cast}"));
    };
    let order = if dtype.size() == 1 { '|' } else { '<' };
    let descr = format!("{order}{code}");
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
