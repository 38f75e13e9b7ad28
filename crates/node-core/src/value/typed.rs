//! What a person types for a value: JSON, numbers as NumPy prints them or as a comma list, else text.

use super::Value;
use crate::dtype::DType;

/// What the place is for in which something is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Texts: `1 2` and `nan` are two of them.
    Texts,
    /// Numbers or bools of a known data type: `nan` is one of them.
    Numbers,
    /// A value that says itself what it is: `nan` is a float32, a text that looks like a number has quotes.
    Anything,
}

impl Wanted {
    /// What is wanted where a tensor's data type is known, or is not.
    pub fn of(dtype: Option<DType>) -> Wanted {
        match dtype {
            Some(DType::String) => Wanted::Texts,
            Some(_) => Wanted::Numbers,
            None => Wanted::Anything,
        }
    }
}

/// How deep lists may lie in each other, as in JSON.
const DEEPEST: usize = 128;

impl Value {
    /// Reads what was typed: JSON; where texts are not wanted, numbers or bools as NumPy prints them,
    /// `[[1. 2.]\n [3. nan]]` or `array([1., 2.])`, or in a row, `1 2 3` or `1, 2, 3`; else the text itself, but where
    /// anything may stand only in quotes. What begins like a list, an object or a number and is none is an error, in words
    /// for people.
    pub fn parse_typed(text: &str, wanted: Wanted) -> Result<Value, String> {
        let text = text.trim();
        let error = match Value::parse(text) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if wanted != Wanted::Texts {
            let (inner, dtype) = without_call(text);
            if let Some(value) = numbers(inner) {
                return Ok(match dtype {
                    Some(dtype) if wanted == Wanted::Anything => of_dtype(dtype, value),
                    None if wanted == Wanted::Anything => of_numbers(value),
                    _ => value,
                });
            }
        }
        let said = error.to_string();
        if text.starts_with(['[', '{']) {
            return Err(if text.contains("...") {
                "... stands for numbers that were left out; all of them are needed".to_owned()
            } else if let Some((line, column)) = left_open(text) {
                let place =
                    if text.contains('\n') { format!(" (line {line}, column {column})") } else { String::new() };
                format!("a bracket or a quote is not closed{place}")
            } else {
                format!("this cannot be read: {said}")
            });
        }
        if said.starts_with("number out of range") {
            return Err(format!("{text} is beyond float64"));
        }
        if wanted == Wanted::Anything {
            let quoted = Value::String(text.to_owned());
            return Err(format!("this is no number, bool or list; a text is written in quotes, {}", quoted.excerpt()));
        }
        Ok(Value::String(text.to_owned()))
    }

    /// What a person types to get this value: without quotes and data type where nothing else could be meant.
    pub fn typed_text(&self, wanted: Wanted) -> String {
        let bare = |value: &Value| {
            let words = ["NaN", "Infinity", "-Infinity"];
            words.iter().fold(value.to_string(), |text, word| text.replace(&format!("\"{word}\""), word))
        };
        let plain = match self {
            Value::String(text) => Some(text.clone()),
            Value::List(_) => Some(bare(self)),
            Value::Object(entries) => match &entries[..] {
                [(dtype, _), (data, list)] if dtype == "dtype" && data == "data" => Some(bare(list)),
                _ => None,
            },
            _ => None,
        };
        let is_read_back = |text: &String| Value::parse_typed(text, wanted).as_ref() == Ok(self);
        plain.filter(is_read_back).unwrap_or_else(|| self.to_string())
    }
}

/// Line and column, from 1, of the last bracket or quote that is not closed.
fn left_open(text: &str) -> Option<(usize, usize)> {
    let mut open: Vec<usize> = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote.is_some() => escaped = true,
            '"' => quote = if quote.is_some() { None } else { Some(at) },
            _ if quote.is_some() => {}
            '[' | '{' => open.push(at),
            ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
    }
    let before = &text[..quote.or_else(|| open.pop())?];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
}

/// Numbers and bools as NumPy prints them, in brackets or in a row, or one alone.
fn numbers(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    if text.starts_with('[') {
        let list = reader.list(0)?;
        return reader.rest.trim().is_empty().then_some(list);
    }
    let mut items = reader.items(None, 0)?;
    match items.len() {
        0 => None,
        1 => items.pop(),
        _ => Some(Value::list(items)),
    }
}

/// What stands in a call as NumPy's `repr` writes it, `array([1., 2.], dtype=float32)` or `np.float32(1.5)`, and the data
/// type that it names; all of the text if it is none.
fn without_call(text: &str) -> (&str, Option<DType>) {
    let text = text.trim();
    let name = text.split('(').next().unwrap_or_default();
    let Some(inner) = text.strip_suffix(')').and_then(|text| text.get(name.len() + 1..)) else { return (text, None) };
    let name = ["numpy.", "np."].iter().find_map(|module| name.strip_prefix(module)).unwrap_or(name);
    if name != "array" {
        return match DType::from_name(name) {
            Some(dtype) => (inner, Some(dtype)),
            None => (text, None),
        };
    }
    match inner.rsplit_once(", dtype=") {
        Some((list, dtype)) => {
            let dtype = dtype.trim_start_matches("np.").trim_start_matches("numpy.");
            // A type that does not exist here is not dropped without a word.
            match DType::from_name(dtype.trim_matches(['\'', '"'])) {
                Some(dtype) => (list, Some(dtype)),
                None => (text, None),
            }
        }
        None => (inner, None),
    }
}

/// A list that says its data type.
fn of_dtype(dtype: DType, list: Value) -> Value {
    let dtype = Value::String(dtype.name().to_owned());
    Value::Object(vec![("dtype".to_owned(), dtype), ("data".to_owned(), list)])
}

/// A list of nothing but `nan` and `inf`, which would be read as texts, says that it is of numbers.
fn of_numbers(list: Value) -> Value {
    fn is_text(value: &Value) -> bool {
        match value {
            Value::List(items) => items.iter().all(is_text),
            other => matches!(other, Value::String(_)),
        }
    }
    let holds_some = !matches!(&list, Value::List(_)) || list.leaves(1) > 0;
    match holds_some && is_text(&list) {
        true => of_dtype(DType::Float32, list),
        false => list,
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        if depth == DEEPEST || !self.skip('[') {
            return None;
        }
        self.items(Some(']'), depth + 1).map(Value::list)
    }

    /// Items up to `end`, or to the end of the text; a comma may stand between two of them.
    fn items(&mut self, end: Option<char>, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        loop {
            let comma = self.skip(',');
            let at_end = match end {
                Some(end) => self.skip(end),
                None => self.rest.trim().is_empty(),
            };
            if at_end {
                return (!comma).then_some(items);
            }
            if comma && items.is_empty() {
                return None;
            }
            items.push(self.item(depth)?);
        }
    }

    fn item(&mut self, depth: usize) -> Option<Value> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('[') {
            return self.list(depth);
        }
        let end =
            self.rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let text = |text: &str| Some(Value::String(text.to_owned()));
        match word {
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            "nan" | "NaN" => text("NaN"),
            "inf" | "+inf" | "Infinity" => text("Infinity"),
            "-inf" | "-Infinity" => text("-Infinity"),
            _ => number(word),
        }
    }
}

/// A number as JSON or NumPy writes it: `1.`, `-1.e-05`, `+3`.
fn number(word: &str) -> Option<Value> {
    let digits = word.trim_start_matches(['+', '-']);
    let leading_zero = digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit());
    if leading_zero || !word.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')) {
        return None;
    }
    match word.parse::<i64>() {
        Ok(whole) if word != "-0" => Some(Value::Int(whole)),
        _ if word.parse::<u64>().is_ok() => word.parse().ok().map(Value::Large),
        _ => word.parse().ok().filter(|v: &f64| v.is_finite()).map(Value::number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_numpy_prints_and_what_stands_in_a_row_are_numbers() {
        for (text, json) in [
            ("1 2 3", "[1,2,3]"),
            ("1, 2, 3", "[1,2,3]"),
            (" 1,2 ", "[1,2]"),
            ("[0. 2. 0. 4.]", "[0,2,0,4]"),
            ("[[ 1.  2.]\n [ 3. nan]]", "[[1,2],[3,\"NaN\"]]"),
            ("[1.e-05 -inf inf -0.]", "[0.00001,\"-Infinity\",\"Infinity\",-0.0]"),
            ("[1, NaN]", "[1,\"NaN\"]"),
            ("[ True False]", "[true,false]"),
            ("[[[1]]\n\n [[2]]]", "[[[1]],[[2]]]"),
            ("[]", "[]"),
            ("[[] []]", "[[],[]]"),
            ("[nan inf]", "{\"dtype\": \"float32\", \"data\": [\"NaN\", \"Infinity\"]}"),
            ("nan nan", "{\"dtype\": \"float32\", \"data\": [\"NaN\", \"NaN\"]}"),
            ("1.", "1"),
            (".5", "0.5"),
            ("+3", "3"),
            ("-9223372036854775808 9223372036854775807", "[-9223372036854775808,9223372036854775807]"),
            ("nan", "{\"dtype\": \"float32\", \"data\": \"NaN\"}"),
            ("-inf", "{\"dtype\": \"float32\", \"data\": \"-Infinity\"}"),
            ("True", "true"),
            ("array([1., 2.], dtype=float32)", "{\"dtype\": \"float32\", \"data\": [1, 2]}"),
            ("array([[1, 2],\n       [3, 4]])", "[[1, 2], [3, 4]]"),
            ("array([ True, False])", "[true, false]"),
            ("array(nan)", "{\"dtype\": \"float32\", \"data\": \"NaN\"}"),
            ("np.float32(1.5)", "{\"dtype\": \"float32\", \"data\": 1.5}"),
            ("np.int64(-3)", "{\"dtype\": \"int64\", \"data\": -3}"),
            // Text.
            ("\"nan\"", "\"nan\""),
            ("\"\"", "\"\""),
        ] {
            let read = Value::parse_typed(text, Wanted::Anything).unwrap();
            assert_eq!(read, Value::parse(json).unwrap(), "{text}");
        }
        for (text, part) in [
            ("[1 2", "not closed"),
            ("[[1, 2],\n  [3, 4", "not closed (line 2, column 3)"),
            ("[\"a]\", \"b]", "not closed"),
            ("[1 2]]", "cannot be read"),
            ("[1 two]", "cannot be read"),
            ("[0. 1. ... 9.]", "left out"),
            ("1e400", "beyond float64"),
            ("nano", "a text is written in quotes, \"nano\""),
            ("1 two 3", "in quotes"),
            ("1,, 2", "in quotes"),
            ("1, 2,", "in quotes"),
            ("1 1e400", "in quotes"),
            ("2024-01-01", "in quotes"),
            ("007", "in quotes"),
            ("01 02", "in quotes"),
            ("0x10", "in quotes"),
            ("1_000", "in quotes"),
            ("(1, 2)", "in quotes"),
            ("tf.Tensor([1 2])", "in quotes"),
            ("array(one)", "in quotes"),
            ("array([1, 2], dtype=complex64)", "in quotes"),
            ("", "in quotes"),
            (",", "in quotes"),
            (&"[".repeat(100_000), "not closed"),
            (&format!("{}{}", "[".repeat(200), "]".repeat(200)), "cannot be read"),
        ] {
            let message = Value::parse_typed(text, Wanted::Anything).unwrap_err();
            assert!(message.contains(part), "{text:.20}: {message}");
        }
    }

    #[test]
    fn where_texts_are_wanted_they_stay_texts() {
        for text in ["1 2", "1, 2", "007", "+5", "5.", "True False", "nan inf"] {
            assert_eq!(Value::parse_typed(text, Wanted::Texts), Ok(Value::String(text.to_owned())));
        }
        let texts = Value::list(vec![Value::String("a".to_owned())]);
        assert_eq!(Value::parse_typed("[\"a\"]", Wanted::Texts), Ok(texts));
        assert!(Value::parse_typed("[a", Wanted::Texts).is_err());
    }

    #[test]
    fn where_the_type_is_known_nan_needs_none() {
        for (text, json) in
            [("nan", "\"NaN\""), ("[nan inf]", "[\"NaN\", \"Infinity\"]"), ("1 -inf", "[1, \"-Infinity\"]")]
        {
            assert_eq!(Value::parse_typed(text, Wanted::Numbers).unwrap(), Value::parse(json).unwrap(), "{text}");
        }
    }

    /// Whatever a value is, what stands in its field gives it again.
    #[test]
    fn what_is_shown_is_read_back() {
        let texts = [
            "",
            " outer ",
            "[x",
            "{",
            "1 2",
            "1,2",
            "1.",
            "nan",
            "NaN",
            "true",
            "plain words",
            "\"quoted\"",
            "12",
            "a\nb",
        ];
        let strings = texts.map(|text| Value::String(text.to_owned()));
        let objects =
            [r#"{"dtype": "float32", "data": "NaN"}"#, r#"{"dtype": "float32", "data": ["NaN", "Infinity"]}"#]
                .map(|json| Value::parse(json).unwrap());
        let others = [r#"{"dtype": "int32", "data": [1]}"#, r#"{"dtype": "string", "data": "NaN"}"#, "[[1, \"NaN\"]]"]
            .map(|json| Value::parse(json).unwrap());
        for value in strings.into_iter().chain(objects.clone()).chain(others) {
            for wanted in [Wanted::Texts, Wanted::Numbers, Wanted::Anything] {
                assert_eq!(Value::parse_typed(&value.typed_text(wanted), wanted).as_ref(), Ok(&value), "{wanted:?}");
            }
        }
        assert_eq!(objects.map(|value| value.typed_text(Wanted::Anything)), ["NaN", "[NaN, Infinity]"]);
        let mixed = Value::parse("[\"NaN\", 1]").unwrap();
        assert_eq!(mixed.typed_text(Wanted::Anything), "[NaN, 1]");
        let texts = Value::parse("[\"NaN\", \"a\"]").unwrap();
        assert_eq!(texts.typed_text(Wanted::Anything), "[\"NaN\", \"a\"]");
        let text = Value::String("NaN".to_owned());
        assert_eq!([Wanted::Numbers, Wanted::Anything].map(|w| text.typed_text(w)), ["NaN", "\"NaN\""]);
    }
}
