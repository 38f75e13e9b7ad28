//! Numbers as text, separated by commas, semicolons or tabs: float32, one line a row; a line of names at the top is left
//! out, and so are lines that begin with `#`.

use std::fs::File;
use std::io::{self, BufReader, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use node_core::access::Host;
use node_core::{DType, PartialShape, Shape, Tensor, TensorType};

use super::{Reading, from_begin, within};
use crate::page_file::io_message;
use crate::watched::Watched;

/// The longest line that is read.
const LONGEST: usize = 16 << 20;
/// Files of at most so many bytes are counted through before a run.
const SHORT: u64 = 1 << 20;

/// How a file is laid out.
#[derive(Debug, PartialEq)]
pub struct Layout {
    delimiter: u8,
    /// Whether the first line holds names.
    has_names: bool,
    columns: usize,
    /// How many lines of numbers there are, where they were counted.
    rows: Option<usize>,
}

impl Layout {
    /// float32 [rows, columns], or [rows] where there is one column.
    pub fn ty(&self) -> TensorType {
        let columns = (self.columns > 1).then_some(Some(self.columns));
        let dims: Vec<Option<usize>> = std::iter::once(self.rows).chain(columns).collect();
        TensorType::new(DType::Float32, PartialShape::of_dims(dims))
    }
}

/// How a file is laid out; where it is long, its lines are counted only if that is to be `exact`.
pub fn layout(file: &File, exact: bool) -> Result<Layout, String> {
    let (bytes, delimiter) = start(file)?;
    let mut reader = reader(file, delimiter, bytes, &node_core::access::Alone)?;
    let mut record = ByteRecord::new();
    if !next(&mut reader, &mut record)? {
        return Err("is no CSV file that can be read: it holds no numbers".to_owned());
    }
    let (columns, has_names) = (record.len(), record.iter().any(is_name));
    if has_names && let Some(number) = record.iter().find(|field| number(field).is_ok()) {
        let name = record.iter().find(|field| is_name(field)).unwrap_or_default();
        let [name, number] = [name, number].map(|field| String::from_utf8_lossy(field).into_owned());
        return Err(format!(
            "the first line holds '{name}', which is no number, beside {number}; names stand without numbers"
        ));
    }
    let mut rows = usize::from(!has_names);
    if !exact && bytes > SHORT {
        return Ok(Layout { delimiter, has_names, columns, rows: None });
    }
    while next(&mut reader, &mut record)? {
        rows += 1;
    }
    Ok(Layout { delimiter, has_names, columns, rows: Some(rows) })
}

/// How long a file is, and what its first line separates by.
fn start(file: &File) -> Result<(u64, u8), String> {
    let bytes = file.metadata().map_err(|e| io_message(&e))?.len();
    let mut first = Vec::new();
    from_begin(file).and_then(|begin| begin.take(1 << 16).read_to_end(&mut first)).map_err(|e| io_message(&e))?;
    let lines = first.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let signs = || lines.clone().flatten().filter(|byte| [b',', b';', b'\t'].contains(byte));
    Ok((bytes, signs().next().copied().unwrap_or(b',')))
}

fn reader<'f>(file: &'f File, delimiter: u8, bytes: u64, host: &'f dyn Host) -> Result<Reader<impl Read + 'f>, String> {
    let begin = from_begin(file).map_err(|e| io_message(&e))?;
    let lines = Lines { reader: Watched::new(BufReader::new(begin), bytes, host), length: 0 };
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).comment(Some(b'#')).trim(Trim::All).quoting(false);
    Ok(builder.from_reader(lines))
}

fn next(reader: &mut Reader<impl Read>, record: &mut ByteRecord) -> Result<bool, String> {
    reader.read_byte_record(record).map_err(|error| match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line} holds {len} values, but those before it {expected_len}")
        }
        csv::ErrorKind::Io(error) => io_message(error),
        _ => error.to_string(),
    })
}

/// Whether a field is neither a number nor missing.
fn is_name(field: &[u8]) -> bool {
    let text = String::from_utf8_lossy(field);
    let text = text.trim_matches('"').trim();
    !text.is_empty() && text.parse::<f32>().is_err()
}

/// A number as it is written, or why it is none.
fn number(field: &[u8]) -> Result<f32, String> {
    let text = String::from_utf8_lossy(field);
    let text = text.trim_matches('"').trim();
    match text.parse::<f32>() {
        Ok(number) if number.is_infinite() && !text.contains(['i', 'I']) => Err(format!("{text} is beyond float32")),
        Ok(number) => Ok(number),
        Err(_) if text.is_empty() => Err("a value is missing; write nan for it".to_owned()),
        Err(_) => Err(format!("'{}' is no number", text.chars().take(40).collect::<String>())),
    }
}

/// The numbers.
pub fn read(file: &File, layout: &Layout, reading: &Reading<'_>) -> Result<Tensor, String> {
    let (bytes, _) = start(file)?;
    let mut reader = reader(file, layout.delimiter, bytes, reading.host)?;
    let mut record = ByteRecord::new();
    let mut values: Vec<f32> = Vec::new();
    let mut is_names = layout.has_names;
    while next(&mut reader, &mut record)? {
        if std::mem::take(&mut is_names) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        within((values.len() + record.len()) as u64 * 4, reading.most)?;
        for (column, field) in record.iter().enumerate() {
            values.push(number(field).map_err(|why| format!("line {line}, column {}: {why}", column + 1))?);
        }
    }
    let rows = values.len() / layout.columns.max(1);
    let dims = if layout.columns == 1 { vec![rows] } else { vec![rows, layout.columns] };
    let shape = Shape::new(dims).map_err(|e| e.to_string())?;
    Tensor::new(shape, values).map_err(|e| e.to_string())
}

/// Refuses lines that never end.
struct Lines<R> {
    reader: R,
    length: usize,
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(bytes)?;
        let last = bytes[..read].iter().rposition(|byte| *byte == b'\n');
        self.length = last.map_or(self.length + read, |last| read - 1 - last);
        match self.length > LONGEST {
            true => Err(io::Error::other("it has a line of more than 16 MiB, which is no line of numbers")),
            false => Ok(read),
        }
    }
}
