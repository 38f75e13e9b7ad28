//! Names: of ports, attributes and block types. Most stand in the program's text; those of block types that are loaded or
//! imported while it runs do not.

use std::borrow::Cow;

/// A name, or documentation; cheap to copy where it stands in the program's text.
pub type Name = Cow<'static, str>;

/// The name of one part of a list port: `values[2]`.
pub fn of_item(list: &str, item: usize) -> String {
    format!("{list}[{item}]")
}

/// A port's name and which part of a list it is: `("values", Some(2))` for `values[2]`.
pub fn split_item(name: &str) -> (&str, Option<usize>) {
    let item = |name: &'_ str| -> Option<(usize, usize)> {
        let (at, digits) = (name.find('[')?, name.strip_suffix(']')?);
        let digits = digits.get(at + 1..)?;
        let plain = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()));
        Some((at, digits.parse().ok().filter(|_| plain)?))
    };
    match item(name) {
        Some((at, item)) => (&name[..at], Some(item)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items() {
        for (name, expected) in [
            ("output[1]", ("output", Some(1))),
            ("output[0]", ("output", Some(0))),
            ("output", ("output", None)),
            ("output[01]", ("output[01]", None)),
            ("output[-1]", ("output[-1]", None)),
            ("output[]", ("output[]", None)),
            ("output[1", ("output[1", None)),
            ("output]1[", ("output]1[", None)),
            ("output[99999999999999999999]", ("output[99999999999999999999]", None)),
        ] {
            assert_eq!(split_item(name), expected);
        }
        assert_eq!(of_item("values", 2), "values[2]");
    }
}
