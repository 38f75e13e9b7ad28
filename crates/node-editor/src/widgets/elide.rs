//! Names that are too long for their place: their ends stay, since names of one family begin alike.

/// `text`, or the longest form of it with `…` in its middle that `fits`; of what stays a fifth is its beginning.
pub fn middle(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| -> String {
        let begin = word_end(&chars, kept / 5);
        let end = word_start(&chars, chars.len() - (kept - kept / 5));
        chars[..begin].iter().chain(&['…']).chain(&chars[end..]).collect()
    };
    let (mut fitting, mut too_long) = (0, chars.len());
    while too_long - fitting > 1 {
        let kept = usize::midpoint(fitting, too_long);
        if fits(&shortened(kept)) {
            fitting = kept;
        } else {
            too_long = kept;
        }
    }
    shortened(fitting)
}

/// Words are cut off whole if no more than this goes with it.
const PART: usize = 4;

fn begins_word(chars: &[char], at: usize) -> bool {
    let is = |at: usize, class: fn(char) -> bool| chars.get(at).copied().is_some_and(class);
    let digit_after_letter = is(at, |c| c.is_ascii_digit()) && at > 0 && is(at - 1, char::is_alphabetic);
    is(at, char::is_uppercase) || digit_after_letter || (at > 0 && chars.get(at - 1) == Some(&'_'))
}

/// The end of the last whole word before `at`, if it is near.
fn word_end(chars: &[char], at: usize) -> usize {
    (at.saturating_sub(PART)..=at).rev().find(|i| *i > 0 && begins_word(chars, *i)).unwrap_or(at)
}

/// The begin of the first whole word from `at`, if it is near.
fn word_start(chars: &[char], at: usize) -> usize {
    (at..(at + PART).min(chars.len())).find(|i| begins_word(chars, *i)).unwrap_or(at)
}

/// A number in at most `room` characters, behind an arrow maybe: digits behind the point are left out, and a sign says so.
/// Where that would leave none that counts, it is written with an exponent. One that does not fit even so is the sign
/// alone, for what is left of it would be another number.
pub fn number(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let arrow: String =
        text.chars().take_while(|c| !c.is_ascii()).chain(text.chars().filter(|c| *c == ' ').take(1)).collect();
    let arrow = if text.starts_with(['↑', '↓']) { arrow } else { String::new() };
    let (own, room) = (&text[arrow.len()..], room.saturating_sub(arrow.chars().count()));
    let all: Vec<char> = own.chars().collect();
    let exponent = all.iter().position(|c| *c == 'e').unwrap_or(all.len());
    let kept = room.saturating_sub(all.len() - exponent + 1);
    let cut: Option<String> = match all[..exponent].iter().position(|c| *c == '.') {
        Some(point) if kept > point + 1 => Some(all[..kept].iter().chain(&['…']).chain(&all[exponent..]).collect()),
        _ => None,
    };
    let other = match own {
        "Infinity" => Some("inf".to_owned()),
        "-Infinity" => Some("-inf".to_owned()),
        _ => with_exponent(own, room),
    };
    let other = other.filter(|short| short.chars().count() <= room);
    // The one that tells more.
    let short = match (&cut, &other) {
        (Some(cut), Some(other)) if significant(other) > significant(cut) => Some(other.clone()),
        (Some(_), _) => cut,
        (None, _) => other,
    };
    short.map_or_else(|| "…".to_owned(), |short| format!("{arrow}{short}"))
}

/// How many digits of a number count: not the zeros before them.
fn significant(text: &str) -> usize {
    let digits = text.chars().take_while(|c| *c != 'e').filter(char::is_ascii_digit);
    digits.skip_while(|c| *c == '0').count()
}

/// A number with an exponent, and as many digits as there is room for.
fn with_exponent(text: &str, room: usize) -> Option<String> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    let exact = format!("{value:e}");
    if exact.chars().count() <= room {
        return Some(exact);
    }
    let of = |digits: usize| {
        let (digits, exponent) =
            format!("{value:.digits$e}").split_once('e').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        Some(format!("{digits}…e{exponent}"))
    };
    (0..9).rev().filter_map(of).find(|short| short.chars().count() <= room)
}

/// A text in at most `room` characters: its beginning.
pub fn end(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_stay() {
        let short = |text: &str, most: usize| middle(text, |shown| shown.chars().count() <= most);
        assert_eq!(short("inputs", 6), "inputs");
        assert_eq!(short("backprop_wrt_min", 10), "ba…wrt_min");
        assert_eq!(short("backprop_wrt_min", 4), "…min");
        assert_eq!(short("größe_länge", 7), "g…länge");
        assert_eq!(short("FakeQuantWithMinMaxArgsGradient", 24), "Fake…MinMaxArgsGradient");
        assert_eq!(short("abc", 0), "…");
        assert_eq!(short("", 0), "");
    }

    #[test]
    fn numbers_keep_sign_and_size() {
        for (text, room, short) in [
            ("-0.13210486", 11, "-0.13210486"),
            ("-0.13210486", 8, "-0.1321…"),
            ("↓ -2.5", 6, "↓ -2.5"),
            ("↓ -2.5678", 7, "↓ -2.5…"),
            ("1.2345678e-7", 9, "1.234…e-7"),
            ("123456789", 5, "1…e8"),
            ("123456789", 4, "1…e8"),
            ("123456789", 3, "…"),
            ("12345.678", 6, "1.2…e4"),
            ("0.000012345678", 8, "1.23…e-5"),
            ("0.00012", 6, "1.2e-4"),
            ("-0.0000", 6, "-0.00…"),
            ("-330000000000000000000000000000000000000", 8, "-3.3e38"),
            ("↓ -Infinity", 6, "↓ -inf"),
            ("↑ 123456.78", 9, "↑ 1.23…e5"),
            ("12345.678", 8, "12345.6…"),
            ("NaN", 2, "…"),
            ("0.5", 0, "…"),
        ] {
            assert_eq!(number(text, room), short, "{text} in {room}");
        }
    }
}
