//! What a table shows, as text for other programs.

use std::fmt::Write as _;

use node_core::{DType, Scalar, Shape};
use node_engine::analysis::plane::Plane;

use super::listing::Listing;
use super::subject::{Column, Subject};
use crate::state::results::{Format, Shown};
use crate::widgets::number_format;

/// So many rows go to the clipboard.
const MOST: usize = 200_000;

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Rows of the table, their cells with tabs between them, as spreadsheets take them.
    Tsv,
    /// The output's elements as NumPy reads them.
    Numpy,
    /// The output's elements as JSON.
    Json,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::Tsv, Form::Numpy, Form::Json];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Form::Tsv => "As a table (TSV)",
            Form::Numpy => "As NumPy",
            Form::Json => "As JSON",
        }
    }
}

/// What is listed, as text; or why it is not made.
pub fn text(form: Form, subject: &Subject, shown: &Shown, listing: &Listing) -> Result<String, String> {
    if listing.len() > MOST {
        let what = "Save the result, or copy a part of it";
        return Err(format!("{} rows are more than the clipboard is for ({MOST}). {what}.", listing.len()));
    }
    if listing.is_soon {
        return Err("The rows are still being found; copy them once they are there.".to_owned());
    }
    Ok(match form {
        Form::Tsv => table(subject, shown, listing),
        Form::Numpy => {
            let element = |scalar: &Scalar| numpy(scalar);
            if listing.len() == 0 {
                let dims = listing.dims().unwrap_or(&[0]).iter().map(|dim| format!("{dim}, ")).collect::<String>();
                return Ok(format!("np.empty(({dims}), dtype={})", numpy_type(subject.output.dtype())));
            }
            let inner = nested(subject, listing, &element);
            format!("np.array({inner}, dtype={})", numpy_type(subject.output.dtype()))
        }
        Form::Json => nested(subject, listing, &|scalar| scalar.json()),
    })
}

fn table(subject: &Subject, shown: &Shown, listing: &Listing) -> String {
    let titles = subject.columns.iter().map(|column| column.title.as_str());
    let mut text = format!("index\t{}\n", titles.collect::<Vec<_>>().join("\t"));
    for row in 0..listing.len() {
        let flat = listing.flat(row);
        let index = subject.output.shape().position(flat).iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        text.push_str(&index);
        for column in &subject.columns {
            let cell = column.element(flat).map(|value| number_format::text(&value, column.dtype(), shown.format));
            // Writing to a String cannot fail.
            let _ = write!(text, "\t{}", cell.unwrap_or_default().replace(['\t', '\n'], " "));
        }
        text.push('\n');
    }
    text
}

/// A plane of a column as rows of cells with tabs between them, as spreadsheets take it; or why it is not made.
pub fn plane(column: &Column, plane: &Plane, shape: &Shape, format: Format) -> Result<String, String> {
    let [rows, columns] = plane.size(shape);
    if rows.saturating_mul(columns) > MOST {
        return Err(format!("A plane of {rows} × {columns} elements is more than the clipboard is for ({MOST})."));
    }
    let [first, row_stride, column_stride] = plane.strides(shape);
    let cell = |row: usize, at: usize| {
        let value = column.element(first + row * row_stride + at * column_stride);
        value.map_or_else(String::new, |value| number_format::text(&value, column.dtype(), format))
    };
    let lines = (0..rows).map(|row| (0..columns).map(|at| cell(row, at)).collect::<Vec<_>>().join("\t"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// The output's listed elements in nested lists; in one where they are not a part of the tensor as it lies.
fn nested(subject: &Subject, listing: &Listing, element: &dyn Fn(&Scalar) -> String) -> String {
    // Lists of empty lists would be as many as the other dimensions say.
    if listing.len() == 0 {
        return "[]".to_owned();
    }
    let one = [listing.len()];
    let dims = listing.dims().unwrap_or(&one);
    let mut next = 0..listing.len();
    let mut element = || {
        let flat = next.next().map(|row| listing.flat(row));
        flat.and_then(|flat| subject.output.element(flat)).map_or_else(String::new, |value| element(&value))
    };
    list(dims, &mut element)
}

fn list(dims: &[usize], element: &mut dyn FnMut() -> String) -> String {
    match dims {
        [] => element(),
        [dim, inner @ ..] => {
            let parts: Vec<String> = (0..*dim).map(|_| list(inner, element)).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}

fn numpy(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Bool(v) => if *v { "True" } else { "False" }.to_owned(),
        Scalar::String(_) => scalar.json(),
        _ => match scalar.as_f64() {
            Some(v) if v.is_nan() => "np.nan".to_owned(),
            Some(v) if v.is_infinite() => if v > 0.0 { "np.inf" } else { "-np.inf" }.to_owned(),
            _ => scalar.json(),
        },
    }
}

fn numpy_type(dtype: DType) -> String {
    match dtype {
        DType::Bool => "bool".to_owned(),
        DType::String => "object".to_owned(),
        // NumPy itself has none.
        DType::BFloat16 => "np.float32".to_owned(),
        _ => format!("np.{}", dtype.name()),
    }
}
