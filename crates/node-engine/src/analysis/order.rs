//! Elements in the order of their values.

use super::Stop;

/// How elements are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The least first, NaN last.
    Ascending,
    /// The greatest first, NaN last.
    Descending,
    /// The largest magnitude first, NaN last.
    Magnitude,
}

/// So many are put in order, of more those that come first.
pub const MOST: usize = 1 << 20;

/// So many values are taken between two looks at whether to stop.
const STRETCH: usize = 16_384;

impl By {
    /// A key that is the smaller the earlier the value comes.
    pub fn key(self, value: f64) -> u64 {
        const SIGN: u64 = 1 << 63;
        if value.is_nan() {
            return u64::MAX;
        }
        let ascending = |value: f64| match value.to_bits() {
            bits if bits & SIGN == 0 => bits | SIGN,
            bits => !bits,
        };
        match self {
            By::Ascending => ascending(value),
            By::Descending => !ascending(value),
            By::Magnitude => !ascending(value.abs()),
        }
    }

    /// The same for a whole number, of which is given where it stands among all of its type, and its magnitude.
    pub fn whole(self, (place, magnitude): (u64, u64)) -> u64 {
        match self {
            By::Ascending => place,
            By::Descending => !place,
            By::Magnitude => !magnitude,
        }
    }
}

/// The first [`MOST`] of `len`, by their numbers; equal ones in the order in which they stand. `key` is asked once for
/// each. `None` once stopped.
pub fn order(len: usize, stop: &Stop, mut key: impl FnMut(usize) -> u64) -> Option<Vec<usize>> {
    let mut first: Vec<(u64, usize)> = Vec::with_capacity(len.min(2 * MOST));
    let mut limit = u64::MAX;
    for start in (0..len).step_by(STRETCH) {
        if stop.is_set() {
            return None;
        }
        let keyed = (start..len.min(start + STRETCH)).map(|at| (key(at), at));
        first.extend(keyed.filter(|(key, _)| *key <= limit));
        if first.len() + STRETCH > 2 * MOST {
            let (_, last, _) = first.select_nth_unstable(MOST - 1);
            limit = last.0;
            first.truncate(MOST);
        }
    }
    first.sort_unstable();
    first.truncate(MOST);
    Some(first.into_iter().map(|(_, at)| at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_stable_sort() {
        let values = [3.0, -7.0, f64::NAN, 0.0, -0.0, f64::INFINITY, 3.0, f64::NEG_INFINITY, -2.5];
        let sorted = |by: By| order(values.len(), &Stop::default(), |at| by.key(values[at])).unwrap();
        assert_eq!(sorted(By::Ascending), [7, 1, 8, 4, 3, 0, 6, 5, 2]);
        assert_eq!(sorted(By::Descending), [5, 0, 6, 3, 4, 8, 1, 7, 2]);
        assert_eq!(sorted(By::Magnitude), [5, 7, 1, 0, 6, 8, 3, 4, 2]);
    }

    #[test]
    fn of_many_the_first() {
        let len = 3 * MOST + 17;
        let value = |at: usize| (at.wrapping_mul(2_654_435_761) % 1_000_003) as f64;
        let mut expected: Vec<usize> = (0..len).collect();
        expected.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
        expected.truncate(MOST);
        assert!(order(len, &Stop::default(), |at| By::Descending.key(value(at))).unwrap() == expected);
    }
}
