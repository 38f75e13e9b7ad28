//! The Python literals of which a header is made.

/// A Python literal.
#[derive(Debug, PartialEq)]
pub enum Literal {
    Text(String),
    Bool(bool),
    Whole(i128),
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
}

/// How deep tuples and lists may lie in each other.
const DEEPEST: usize = 16;

/// The keys and values of a dictionary that is all of `text`; nothing if it is no such thing. With `long_suffix` whole
/// numbers may end with `L`, as Python 2 wrote them.
pub fn dictionary(text: &str, long_suffix: bool) -> Option<Vec<(String, Literal)>> {
    let mut reader = Reader { rest: text, long_suffix };
    let mut entries = Vec::new();
    reader.take('{')?;
    while reader.take('}').is_none() {
        let Literal::Text(key) = reader.literal(0)? else { return None };
        reader.take(':')?;
        entries.push((key, reader.literal(0)?));
        if reader.take(',').is_none() {
            reader.take('}')?;
            break;
        }
    }
    reader.rest.trim().is_empty().then_some(entries)
}

struct Reader<'t> {
    rest: &'t str,
    long_suffix: bool,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(sign)?;
        Some(())
    }

    fn literal(&mut self, depth: usize) -> Option<Literal> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            quote @ ('\'' | '"') => {
                let (text, rest) = self.rest[1..].split_once(quote)?;
                self.rest = rest;
                (!text.contains(['\\', '\n'])).then(|| Literal::Text(text.to_owned()))
            }
            '(' => self.sequence(')', depth),
            '[' => self.sequence(']', depth),
            _ => self.word(),
        }
    }

    /// `(1)` is what is in it; only a comma makes a tuple of it.
    fn sequence(&mut self, end: char, depth: usize) -> Option<Literal> {
        if depth == DEEPEST {
            return None;
        }
        self.rest = &self.rest[1..];
        let (mut items, mut comma) = (Vec::new(), false);
        while self.take(end).is_none() {
            items.push(self.literal(depth + 1)?);
            comma = self.take(',').is_some();
            if !comma {
                self.take(end)?;
                break;
            }
        }
        if end == ']' {
            return Some(Literal::List(items));
        }
        if items.len() == 1 && !comma { items.pop() } else { Some(Literal::Tuple(items)) }
    }

    fn word(&mut self) -> Option<Literal> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "True" => Some(Literal::Bool(true)),
            "False" => Some(Literal::Bool(false)),
            _ => {
                let word = if self.long_suffix { word.strip_suffix('L').unwrap_or(word) } else { word };
                let digits = word.strip_prefix('-').unwrap_or(word);
                let zeros = digits.len() > 1 && digits.starts_with('0');
                (!zeros).then(|| word.parse().ok().map(Literal::Whole))?
            }
        }
    }
}
