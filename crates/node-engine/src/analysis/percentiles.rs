//! Below which value so many in a hundred elements lie.

use node_core::Tensor;

use super::Stop;
use super::numbers::{Numbers, STRETCH};

/// The percentiles that are told.
pub const TOLD: [f64; 9] = [0.1, 1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0, 99.9];

/// So many elements are few.
const FEW: usize = 65_536;

/// Bits of a key that one pass over the elements finds.
const DIGIT: u32 = 16;

/// Percentiles of the finite elements, between two of them in proportion, as NumPy's `percentile` does; NaN where there is
/// no finite element, `None` for text and once stopped. Exact however many there are, in a few megabytes: the elements
/// that are asked for are found digit by digit, in as many passes as their keys have digits.
pub fn percentiles(tensor: &Tensor, wanted: &[f64], stop: &Stop) -> Option<Vec<f64>> {
    let numbers = Numbers::of(tensor)?;
    let mut finite = 0;
    numbers.each(stop, |_, stretch| finite += stretch.iter().filter(|value| value.is_finite()).count())?;
    let Some(last) = finite.checked_sub(1) else { return Some(vec![f64::NAN; wanted.len()]) };
    let places: Vec<f64> = wanted.iter().map(|percent| percent / 100.0 * last as f64).collect();
    let neighbours = |place: &f64| {
        let below = (place.floor() as usize).min(last);
        [below, (below + 1).min(last)]
    };
    let mut ranks: Vec<usize> = places.iter().flat_map(neighbours).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let keys = if numbers.len() <= FEW { sorted_keys(&numbers, &ranks) } else { keys_at(&numbers, &ranks, stop)? };
    let value = |rank: usize| ranks.binary_search(&rank).map_or(f64::NAN, |at| numbers.of_key(keys[at]));
    let between = places.iter().map(|place| {
        let [below, above] = neighbours(place);
        let (a, b, share) = (value(below), value(above), place - below as f64);
        // NumPy begins at the nearer end.
        if share >= 0.5 { b - (b - a) * (1.0 - share) } else { a + (b - a) * share }
    });
    Some(between.collect())
}

/// The same of few elements, which are sorted sooner than their digits are counted.
fn sorted_keys(numbers: &Numbers<'_>, ranks: &[usize]) -> Vec<u64> {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    numbers.keys(0, numbers.len(), &mut keys);
    numbers.read(0, numbers.len(), &mut values);
    let finite = keys.iter().zip(&values).filter(|(_, value)| value.is_finite());
    let mut finite: Vec<u64> = finite.map(|(key, _)| *key).collect();
    finite.sort_unstable();
    ranks.iter().map(|rank| finite[*rank]).collect()
}

/// Elements that begin alike, and which of them are looked for.
struct Group {
    /// The digits that they have in common.
    prefix: u64,
    /// How many elements come before them.
    before: usize,
    /// Those that are looked for: from this to that place among the ranks.
    wanted: std::ops::Range<usize>,
    /// How many have which next digit.
    counts: Vec<u64>,
}

/// The keys of the finite elements that have these ranks, which are sorted.
fn keys_at(numbers: &Numbers<'_>, ranks: &[usize], stop: &Stop) -> Option<Vec<u64>> {
    let fresh = || vec![0; 1 << DIGIT];
    let mut groups = vec![Group { prefix: 0, before: 0, wanted: 0..ranks.len(), counts: fresh() }];
    let (mut keys, mut values) = (Vec::with_capacity(STRETCH), Vec::with_capacity(STRETCH));
    for shift in (0..u64::BITS / DIGIT).rev().map(|digit| digit * DIGIT) {
        for start in (0..numbers.len()).step_by(STRETCH) {
            if stop.is_set() {
                return None;
            }
            let count = STRETCH.min(numbers.len() - start);
            numbers.keys(start, count, &mut keys);
            numbers.read(start, count, &mut values);
            for (key, _) in keys.iter().zip(&values).filter(|(_, value)| value.is_finite()) {
                let prefix = key.checked_shr(shift + DIGIT).unwrap_or(0);
                if let Ok(at) = groups.binary_search_by_key(&prefix, |group| group.prefix) {
                    groups[at].counts[(key >> shift) as usize & ((1 << DIGIT) - 1)] += 1;
                }
            }
        }
        groups = groups.iter().flat_map(|group| split(group, ranks)).collect();
    }
    Some(groups.iter().flat_map(|group| group.wanted.clone().map(|_| group.prefix)).collect())
}

/// The groups of one digit more in which something is looked for.
fn split(group: &Group, ranks: &[usize]) -> Vec<Group> {
    let mut split = Vec::new();
    let mut before = group.before;
    let mut wanted = group.wanted.start;
    for (digit, count) in group.counts.iter().enumerate() {
        let end = before + *count as usize;
        let until = wanted + ranks[wanted..group.wanted.end].partition_point(|rank| *rank < end);
        if until > wanted {
            let prefix = group.prefix << DIGIT | digit as u64;
            split.push(Group { prefix, before, wanted: wanted..until, counts: vec![0; 1 << DIGIT] });
        }
        (before, wanted) = (end, until);
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tensor: &Tensor, wanted: &[f64]) -> Option<Vec<f64>> {
        percentiles(tensor, wanted, &Stop::default())
    }

    /// As `np.percentile` says.
    #[test]
    fn as_numpy() {
        let tensor = Tensor::vector(vec![4f32, 1.0, f32::NAN, 3.0, f32::INFINITY, 2.0]);
        let wanted = [0.0, 0.1, 25.0, 50.0, 99.0, 99.9, 100.0];
        let numpy = [1.0, 1.003, 1.75, 2.5, 3.9699999999999998, 3.9970000000000003, 4.0];
        assert_eq!(of(&tensor, &wanted).unwrap(), numpy);
        assert_eq!(of(&Tensor::vector(vec![7i32]), &[1.0, 99.0]).unwrap(), [7.0, 7.0]);
        assert!(of(&Tensor::vector(Vec::<f32>::new()), &[50.0]).unwrap()[0].is_nan());
        assert_eq!(of(&Tensor::vector(vec![std::sync::Arc::<str>::from("a")]), &[50.0]), None);
    }

    /// However alike the elements are.
    #[test]
    fn as_sorting_them() {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let wide: Vec<f64> = (0..5_000).map(|_| next() * 10f64.powf(next() * 600.0)).collect();
        let near: Vec<f64> = (0..5_000).map(|_| 1.0 + next() * 1e-13).collect();
        let few: Vec<f64> = (0..50_000).map(|_| (next() * 5.0).round()).collect();
        let many: Vec<f64> = (0..70_000).map(|_| next()).collect();
        for mut values in [wide, near, few, many, vec![-0.0, 0.0]] {
            let found = of(&Tensor::vector(values.clone()), &TOLD).unwrap();
            values.sort_by(f64::total_cmp);
            for (percent, found) in TOLD.iter().zip(found) {
                let place = percent / 100.0 * (values.len() - 1) as f64;
                let (a, b) = (values[place as usize], values[(place as usize + 1).min(values.len() - 1)]);
                let expected = a + (b - a) * place.fract();
                assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{percent}: {found} {expected}");
                assert!((a..=b).contains(&found) || a == found);
            }
        }
    }
}
