//! Elements and formulas in words.

use std::fmt;

use crate::shape::Shape;
use crate::tensor::Scalar;

/// An operand: its name, with its index, and its value.
pub struct Named {
    /// What it is called.
    pub name: String,
    /// Its value.
    pub value: Scalar,
}

impl Named {
    /// Its value as float64; NaN for what is no number.
    pub fn number(&self) -> f64 {
        self.value.as_f64().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)
    }
}

/// What a kernel does to elements, in words: from the names, or the numbers, of its operands.
pub enum Words<'a> {
    /// A formula in which the names of ports stand for their elements: `x + y`.
    Formula(&'a str),
    /// A formula, and why it is that one.
    Because(&'a str, String),
}

impl Words<'_> {
    /// The formula.
    pub fn formula(&self) -> &str {
        match self {
            Words::Formula(formula) | Words::Because(formula, _) => formula,
        }
    }

    /// Why it is that one.
    pub fn why(&self) -> Option<&str> {
        match self {
            Words::Formula(_) => None,
            Words::Because(_, why) => Some(why),
        }
    }
}

/// An element of a tensor called `port`: `x[1, 2]`; of a scalar the name alone.
pub fn indexed(port: &str, shape: &Shape, flat: usize) -> String {
    let index: Vec<String> = shape.position(flat).iter().map(usize::to_string).collect();
    if index.is_empty() { port.to_owned() } else { format!("{port}[{}]", index.join(", ")) }
}

/// A formula in which what `stands` for a name takes its place.
pub fn filled(formula: &str, stands: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = formula;
    while let Some(at) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let (before, name) = rest.split_at(at);
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        text.push_str(before);
        // What follows a digit at once is its exponent.
        match stands(name).filter(|_| !before.ends_with(|c: char| c.is_ascii_digit())) {
            Some(other) => text.push_str(&other),
            None => text.push_str(name),
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_filled() {
        let numbers = |name: &str| match name {
            "x" => Some("3".to_owned()),
            "clip_value_max" => Some("-1.5".to_owned()),
            _ => None,
        };
        assert_eq!(filled("max(x, 0) × x2 - clip_value_max", numbers), "max(3, 0) × x2 - -1.5");
        assert_eq!(filled("1e5 + x", |name| (name == "e5" || name == "x").then(|| "9".to_owned())), "1e5 + 9");
        assert_eq!(filled("", numbers), "");
    }

    #[test]
    fn elements_have_indices() {
        assert_eq!(indexed("x", &Shape::new([2, 3]).unwrap(), 5), "x[1, 2]");
        assert_eq!(indexed("x", &Shape::scalar(), 0), "x");
    }
}
