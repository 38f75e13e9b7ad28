//! Tensors as NumPy prints them (its default print options): columns aligned, eight digits after the point, more than
//! a thousand elements summarised.

use node_core::{Scalar, Tensor};

mod floats;

use floats::{floats, shortest, shortest_exponent, special, with_exponent};

const LINE_WIDTH: usize = 75;
const THRESHOLD: usize = 1000;
const EDGE_ITEMS: usize = 3;
/// The most elements that are shown.
const MOST: usize = 10_000;

/// The text of `tensor`, of one line or more.
pub fn text(tensor: &Tensor) -> String {
    let dims = tensor.shape().dims();
    if dims.is_empty() {
        return tensor.element(0).map(|v| scalar_text(&v)).unwrap_or_default();
    }
    if tensor.is_empty() {
        return "[]".to_owned();
    }
    let shown = shown(dims, tensor.len() > THRESHOLD);
    let mut elements = Vec::new();
    collect(tensor, dims, &shown, 0, &mut elements);
    let cells = Cells::of(&elements);
    let mut printer = Printer { cells: &cells, next: 0 };
    printer.array(&shown, 0)
}

fn scalar_text(value: &Scalar) -> String {
    match value {
        Scalar::Float32(_) | Scalar::Float64(_) | Scalar::Narrow(..) => {
            let size = value.as_f64().unwrap_or_default().abs();
            if size != 0.0 && size.is_finite() && !(1e-4..largest_plain(value)).contains(&size) {
                with_exponent(&shortest_exponent(value), 2).replacen(".e", "e", 1)
            } else {
                let digits = special(value).unwrap_or_else(|| shortest(value));
                if digits.contains('.') || !size.is_finite() { digits } else { format!("{digits}.0") }
            }
        }
        Scalar::Int(v) => v.to_string(),
        Scalar::Uint(v) => v.to_string(),
        Scalar::Bool(v) => if *v { "True" } else { "False" }.to_owned(),
        Scalar::String(v) => v.to_string(),
    }
}

/// From this on NumPy prints a number by itself with an exponent: beyond what its type tells apart.
fn largest_plain(value: &Scalar) -> f64 {
    match value {
        Scalar::Float64(_) => 1e16,
        Scalar::Float32(_) => 1e6,
        _ => 1e3,
    }
}

/// The elements that are shown, in order.
fn collect(tensor: &Tensor, dims: &[usize], shown: &[Vec<Option<usize>>], base: usize, out: &mut Vec<Scalar>) {
    let (Some((_, rest)), Some((indices, inner))) = (dims.split_first(), shown.split_first()) else {
        out.extend(tensor.element(base));
        return;
    };
    let stride: usize = rest.iter().product();
    for i in indices.iter().flatten() {
        collect(tensor, rest, inner, base + i * stride, out);
    }
}

/// For each dimension the indices that are shown; `None` stands for a gap. NumPy shows three at each end of a long
/// dimension, however many dimensions there are; here all together are at most [`MOST`], and of dimensions beyond that
/// the first index alone is shown.
fn shown(dims: &[usize], is_summarised: bool) -> Vec<Vec<Option<usize>>> {
    let mut count = 1;
    let mut shown: Vec<Vec<Option<usize>>> = dims
        .iter()
        .rev()
        .map(|&dim| {
            let indices: Vec<Option<usize>> = if is_summarised && dim > 2 * EDGE_ITEMS {
                (0..EDGE_ITEMS).map(Some).chain([None]).chain((dim - EDGE_ITEMS..dim).map(Some)).collect()
            } else {
                (0..dim).map(Some).collect()
            };
            let these = indices.iter().flatten().count();
            if count * these > MOST {
                return vec![Some(0), None];
            }
            count *= these;
            indices
        })
        .collect();
    shown.reverse();
    shown
}

/// The texts of all shown elements, of equal width.
struct Cells(Vec<String>);

impl Cells {
    fn of(values: &[Scalar]) -> Cells {
        match values.first() {
            Some(Scalar::Float32(_) | Scalar::Float64(_) | Scalar::Narrow(..)) => Cells(floats(values)),
            // NumPy gives every bool the room of "False".
            Some(Scalar::Bool(_)) => Cells(values.iter().map(|v| format!("{:>5}", scalar_text(v))).collect()),
            _ => {
                let texts: Vec<String> = values.iter().map(cell).collect();
                if matches!(values.first(), Some(Scalar::String(_))) {
                    return Cells(texts);
                }
                let width = texts.iter().map(String::len).max().unwrap_or(0);
                Cells(texts.iter().map(|t| format!("{t:>width$}")).collect())
            }
        }
    }
}

fn cell(value: &Scalar) -> String {
    match value {
        Scalar::String(text) => format!("'{}'", text.escape_debug().to_string().replace("\\\"", "\"")),
        other => scalar_text(other),
    }
}

struct Printer<'c> {
    cells: &'c Cells,
    next: usize,
}

impl Printer<'_> {
    fn array(&mut self, shown: &[Vec<Option<usize>>], depth: usize) -> String {
        let Some((indices, inner)) = shown.split_first() else { return String::new() };
        if inner.is_empty() {
            return self.row(indices, 1 + depth);
        }
        let separator = format!("{}{}", "\n".repeat(inner.len()), " ".repeat(depth + 1));
        let part = |index: &Option<usize>| match index {
            Some(_) => self.array(inner, depth + 1),
            None => "...".to_owned(),
        };
        let parts: Vec<String> = indices.iter().map(part).collect();
        format!("[{}]", parts.join(&separator))
    }

    /// One innermost row, wrapped at the line width.
    fn row(&mut self, indices: &[Option<usize>], indent: usize) -> String {
        let indent = " ".repeat(indent);
        let room = LINE_WIDTH.saturating_sub(2 * indent.len());
        let (mut lines, mut line) = (Vec::new(), String::new());
        for index in indices {
            let cell = match index {
                Some(_) => {
                    self.next += 1;
                    self.cells.0.get(self.next - 1).cloned().unwrap_or_default()
                }
                None => "...".to_owned(),
            };
            if !line.is_empty() && line.len() + 1 + cell.len() > room {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&cell);
        }
        lines.push(line);
        format!("[{}]", lines.join(&format!("\n{indent}")))
    }
}

#[cfg(test)]
mod tests {
    use node_core::{DType, Shape, Value, literal};

    use super::*;

    fn tensor(json: &str) -> Tensor {
        literal::tensor(&Value::parse(json).unwrap(), None).unwrap()
    }

    /// What `print(np.array(…))` of NumPy 2 gives.
    #[test]
    fn as_numpy_prints() {
        for (json, expected) in [
            ("[0, 2, 0, 4]", "[0. 2. 0. 4.]"),
            ("[0.1, 0.25]", "[0.1  0.25]"),
            ("[-6.0235295, 5.9764705, 0]", "[-6.0235295  5.9764705  0.       ]"),
            ("[0.047058824]", "[0.04705882]"),
            ("[1, \"NaN\", \"-Infinity\"]", "[  1.  nan -inf]"),
            ("[1e8, 2.5]", "[1.0e+08 2.5e+00]"),
            ("[0.00001]", "[1.e-05]"),
            ("[[1, 2], [3, 40]]", "[[ 1.  2.]\n [ 3. 40.]]"),
            ("[[[1], [2]], [[3], [4]]]", "[[[1.]\n  [2.]]\n\n [[3.]\n  [4.]]]"),
            ("1.5", "1.5"),
            ("3", "3.0"),
            ("-0.0", "-0.0"),
            ("1e-7", "1e-07"),
            ("[]", "[]"),
            ("[true, false]", "[ True False]"),
            ("{\"dtype\": \"int32\", \"data\": [1, -20]}", "[  1 -20]"),
            ("[\"a\", \"bc\"]", "['a' 'bc']"),
        ] {
            assert_eq!(text(&tensor(json)), expected, "{json}");
        }
    }

    /// A tensor of the bytes that NumPy wrote.
    fn of_bytes(dtype: &str, dims: &[usize], bytes: &[u8], file: &std::path::Path) -> Tensor {
        let numpy = DType::from_name(dtype).unwrap().numpy().unwrap();
        let shape: String = dims.iter().map(|dim| format!("{dim},")).collect();
        let header = format!("{{'descr': '{numpy}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        std::fs::write(file, [&b"\x93NUMPY\x01\x00"[..], &length, header.as_bytes(), bytes].concat()).unwrap();
        node_io::files::TensorFiles::anywhere().open_path(file, "", &node_core::access::Alone).unwrap()
    }

    /// Three thousand arrays, printed by NumPy itself.
    #[test]
    fn as_numpy_printed() {
        #[derive(serde::Deserialize)]
        struct Prints {
            cases: Vec<(String, Vec<usize>, String, String)>,
        }
        let prints = include_str!("../../../../assets/golden/numpy_prints.json");
        let prints: Prints = serde_json::from_str(prints).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("array.npy");
        let mut wrong = Vec::new();
        for (dtype, dims, hex, expected) in &prints.cases {
            let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
            let bytes: Vec<u8> = (0..hex.len() / 2).map(byte).collect();
            let tensor = of_bytes(dtype, dims, &bytes, &file);
            let printed = text(&tensor);
            if printed != *expected {
                wrong.push(format!("{dtype} {dims:?}\n{printed}\nNumPy:\n{expected}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {} differ\n{}",
            wrong.len(),
            prints.cases.len(),
            wrong[..wrong.len().min(4)].join("\n\n")
        );
        assert_eq!(prints.cases.len(), 3000);
    }

    #[test]
    fn long_rows_wrap_and_large_tensors_are_summarised() {
        let count = |n: usize| Tensor::vector((0..n).map(|i| i as f32).collect());
        let wrapped = text(&count(30));
        assert_eq!(
            wrapped,
            "[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14. 15. 16. 17.\n 18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29.]"
        );
        assert_eq!(text(&count(1001)), "[   0.    1.    2. ...  998.  999. 1000.]");
        let ones = Tensor::new(Shape::new(vec![1; 254]).unwrap(), vec![1i32]).unwrap();
        assert_eq!(text(&ones), format!("{}1{}", "[".repeat(254), "]".repeat(254)));
        let cube = Tensor::new(Shape::new(vec![2; 20]).unwrap(), vec![1i32; 1 << 20]).unwrap();
        assert!(text(&cube).len() < 400_000, "a shape of many short dimensions is not printed whole");
        let square = Tensor::new(Shape::new([40, 40]).unwrap(), vec![1i32; 1600]).unwrap();
        assert_eq!(
            text(&square),
            "[[1 1 1 ... 1 1 1]\n [1 1 1 ... 1 1 1]\n [1 1 1 ... 1 1 1]\n ...\n [1 1 1 ... 1 1 1]\n [1 1 1 ... 1 1 1]\n [1 1 1 ... 1 1 1]]"
        );
    }
}
