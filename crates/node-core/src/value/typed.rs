//! What a person types for a value: JSON, numbers as NumPy prints them or as a comma list, else text.

use super::Value;

/// How deep lists may lie in each other, as in JSON.
const DEEPEST: usize = 128;

impl Value {
    /// Reads what was typed: JSON, else the text itself.
    pub fn from_typed(text: &str) -> Value {
        Value::parse(text).unwrap_or_else(|_| Value::String(text.to_owned()))
    }

    /// Reads what was typed: JSON; numbers or bools as NumPy prints them, `[[1. 2.]\n [3. nan]]`, or in a row, `1 2 3` or
    /// `1, 2, 3`; else the text itself. What begins like a list, an object or a number and is none is an error, in words
    /// for people.
    pub fn parse_typed(text: &str) -> Result<Value, String> {
        Value::read_typed(text.trim(), numbers)
    }

    /// Reads what was typed where texts are wanted: JSON, else the text itself, be it `1 2` or `nan`.
    pub fn parse_typed_text(text: &str) -> Result<Value, String> {
        Value::read_typed(text.trim(), |_| None)
    }

    fn read_typed(text: &str, numbers: impl Fn(&str) -> Option<Value>) -> Result<Value, String> {
        let error = match Value::parse(text) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if let Some(value) = numbers(text) {
            return Ok(value);
        }
        let said = error.to_string();
        if text.starts_with(['[', '{']) {
            return Err(if text.contains("...") {
                "... stands for numbers that were left out; all of them are needed".to_owned()
            } else if error.is_eof() || text.matches('[').count() > text.matches(']').count() {
                "a bracket or a quote is not closed".to_owned()
            } else {
                format!("this cannot be read: {said}")
            });
        }
        if said.starts_with("number out of range") {
            return Err(format!("{text} is beyond float64"));
        }
        Ok(Value::String(text.to_owned()))
    }

    /// What a person types to get this value: text without quotes where nothing else could be meant.
    pub fn typed_text(&self) -> String {
        let is_read_back =
            |text: &str| Value::from_typed(text) == *self && Value::parse_typed(text).as_ref() == Ok(self);
        match self {
            Value::String(text) if is_read_back(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// Numbers and bools as NumPy prints them, in brackets or in a row; one alone only if it is a number that ends or begins
/// with its point, since `nan` and `True` may be meant as text.
fn numbers(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    if text.starts_with('[') {
        let list = reader.list(0)?;
        return reader.rest.trim().is_empty().then(|| of_numbers(list));
    }
    let items = reader.items(None, 0)?;
    match &items[..] {
        [] => None,
        [Value::Int(_) | Value::Float(_)] => items.into_iter().next(),
        [_] => None,
        _ => Some(of_numbers(Value::list(items))),
    }
}

/// A list of nothing but `nan` and `inf`, which would be read as texts, says that it is of numbers.
fn of_numbers(list: Value) -> Value {
    fn is_text(value: &Value) -> bool {
        match value {
            Value::List(items) => items.iter().all(is_text),
            other => matches!(other, Value::String(_)),
        }
    }
    let float32 = Value::String("float32".to_owned());
    match list.leaves(1) > 0 && is_text(&list) {
        true => Value::Object(vec![("dtype".to_owned(), float32), ("data".to_owned(), list)]),
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
            // Text.
            ("nan", "\"nan\""),
            ("True", "\"True\""),
            ("1 two 3", "\"1 two 3\""),
            ("1,, 2", "\"1,, 2\""),
            ("1, 2,", "\"1, 2,\""),
            ("1 1e400", "\"1 1e400\""),
            ("", "\"\""),
            (",", "\",\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("007", "\"007\""),
            ("01 02", "\"01 02\""),
        ] {
            let read = Value::parse_typed(text).unwrap();
            assert_eq!(read, Value::parse(json).unwrap(), "{text}");
        }
        for (text, part) in [
            ("[1 2", "not closed"),
            ("[1 2]]", "cannot be read"),
            ("[1 two]", "cannot be read"),
            ("[0. 1. ... 9.]", "left out"),
            ("1e400", "beyond float64"),
            (&"[".repeat(100_000), "not closed"),
            (&format!("{}{}", "[".repeat(200), "]".repeat(200)), "cannot be read"),
        ] {
            let message = Value::parse_typed(text).unwrap_err();
            assert!(message.contains(part), "{text:.20}: {message}");
        }
    }

    #[test]
    fn where_texts_are_wanted_they_stay_texts() {
        for text in ["1 2", "1, 2", "007", "+5", "5.", "True False", "nan inf"] {
            assert_eq!(Value::parse_typed_text(text), Ok(Value::String(text.to_owned())));
        }
        assert_eq!(Value::parse_typed_text("[\"a\"]"), Ok(Value::list(vec![Value::String("a".to_owned())])));
        assert!(Value::parse_typed_text("[a").is_err());
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
        for text in texts {
            let value = Value::String(text.to_owned());
            assert_eq!(Value::parse_typed(&value.typed_text()), Ok(value), "{text}");
        }
    }
}
