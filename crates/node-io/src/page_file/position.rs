//! Where in a text something stands.

/// The line and the column (in characters) of a byte of a text, both from 1.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    (line, column)
}

/// The byte of `text` at a line and a column in bytes, both from 1, as serde_json counts them.
pub fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    (start + column.saturating_sub(1)).min(text.len())
}

/// Where `part`, which must be a part of `text`, begins in it.
pub fn offset_in(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

/// The keys of the objects in which `offset` lies, the outermost first, as far as the text before it can be read.
pub fn keys_at(text: &str, offset: usize) -> Vec<String> {
    // For each open bracket, the key behind which what is being read stands.
    let mut open: Vec<Option<&str>> = Vec::new();
    let (mut string, mut last, mut escaped) = (None, "", false);
    for (at, c) in text.char_indices().take_while(|(at, _)| *at < offset) {
        match (string, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(begin), '"') => {
                last = &text[begin..at];
                string = None;
            }
            (Some(_), _) => {}
            (None, '"') => string = Some(at + 1),
            (None, ':') => open.last_mut().into_iter().for_each(|key| *key = Some(last)),
            (None, '{' | '[') => open.push(None),
            (None, '}' | ']') => {
                open.pop();
            }
            // The next key is still to come.
            (None, ',') => open.last_mut().into_iter().for_each(|key| *key = None),
            _ => {}
        }
    }
    open.into_iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        let text = "ab\nçd\n";
        for (offset, expected) in [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (5, (2, 2)), (7, (3, 1)), (99, (3, 1))] {
            assert_eq!(line_and_column(text, offset), expected, "{offset}");
        }
        assert_eq!(offset_of(text, 2, 1), 3);
        assert_eq!(offset_in(text, &text[3..]), 3);
    }

    #[test]
    fn keys_around_a_place() {
        let text = r#"{"a": {"b": [1, {"c": X}], "d\"": Y, "e": "Z:,{"}, F: 1}"#;
        for (at, keys) in [
            ("X", vec!["a", "b", "c"]),
            ("Y", vec!["a", "d\\\""]),
            ("Z", vec!["a", "e"]),
            ("F", vec![]),
            ("{\"a", vec![]),
        ] {
            assert_eq!(keys_at(text, text.find(at).unwrap_or_default()), keys, "{at}");
        }
    }
}
