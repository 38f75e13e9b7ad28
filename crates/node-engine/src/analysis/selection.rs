//! Which of many elements are wanted: a bit for each, and the way from one that is to the next.

use super::Stop;

/// So many words share one count.
const WORDS: usize = 64;

/// Some of many elements.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    bits: Vec<u64>,
    /// How many are selected before every so many words.
    before: Vec<usize>,
    count: usize,
}

impl Selection {
    /// Those of `len` elements for which `is_wanted` says so, asked once each and in order. `None` once stopped, and
    /// where the system gives no memory.
    pub fn of(len: usize, stop: &Stop, mut is_wanted: impl FnMut(usize) -> bool) -> Option<Selection> {
        let words = len.div_ceil(64);
        let mut bits = Vec::new();
        bits.try_reserve_exact(words).ok()?;
        let (mut before, mut count) = (Vec::with_capacity(words.div_ceil(WORDS)), 0);
        for word in 0..words {
            if word % WORDS == 0 {
                if stop.is_set() {
                    return None;
                }
                before.push(count);
            }
            let begin = word * 64;
            let found = (begin..len.min(begin + 64)).filter(|at| is_wanted(*at));
            let found = found.fold(0u64, |bits, at| bits | 1 << (at - begin));
            count += found.count_ones() as usize;
            bits.push(found);
        }
        Some(Selection { bits, before, count })
    }

    /// How many are selected.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Which element the one number `nth` of the selected is.
    pub fn nth(&self, nth: usize) -> Option<usize> {
        if nth >= self.count {
            return None;
        }
        let block = self.before.partition_point(|before| *before <= nth) - 1;
        let mut left = nth - self.before[block];
        for (place, word) in self.bits.iter().enumerate().skip(block * WORDS) {
            let ones = word.count_ones() as usize;
            if left < ones {
                let mut word = *word;
                (0..left).for_each(|_| word &= word - 1);
                return Some(place * 64 + word.trailing_zeros() as usize);
            }
            left -= ones;
        }
        None
    }

    /// How many are selected before an element: the place of that element among them, if it is one.
    pub fn rank(&self, at: usize) -> usize {
        let word = (at / 64).min(self.bits.len());
        let Some(block) = self.before.get(word / WORDS) else { return self.count };
        let whole = self.bits[word / WORDS * WORDS..word].iter().map(|word| word.count_ones() as usize).sum::<usize>();
        let part = self.bits.get(word).map_or(0, |bits| (bits & ((1u64 << (at % 64)) - 1)).count_ones() as usize);
        block + whole + part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_list_of_them() {
        for (len, every) in [(0, 1), (1, 1), (64, 64), (10_000, 1), (10_000, 7), (300_000, 4_097), (9_000, 100_000)] {
            let is_wanted = |at: usize| at % every == every / 2;
            let list: Vec<usize> = (0..len).filter(|at| is_wanted(*at)).collect();
            let selection = Selection::of(len, &Stop::default(), is_wanted).unwrap();
            assert_eq!(selection.count(), list.len());
            for (nth, at) in list.iter().enumerate() {
                assert_eq!((selection.nth(nth), selection.rank(*at)), (Some(*at), nth), "{len} {every}");
                assert_eq!(selection.rank(at + 1), nth + 1);
            }
            assert_eq!(selection.nth(list.len()), None);
            assert_eq!(selection.rank(len + 500), list.len());
        }
        let stop = Stop::default();
        stop.set();
        assert!(Selection::of(5, &stop, |_| true).is_none());
    }
}
