//! Sums whose bits do not depend on how a run is cut up.

/// Elements that are summed together before their sum joins the total.
const CHUNK: usize = 4096;
const LANES: usize = 8;

/// The sum of `f(i)` for `i` in `0..len`, in double precision: eight lanes over chunks of fixed length, chunk totals
/// added in order.
pub fn sum(len: usize, f: impl Fn(usize) -> f64) -> f64 {
    let mut total = 0.0;
    for start in (0..len).step_by(CHUNK) {
        let mut lanes = [0.0; LANES];
        for i in start..len.min(start + CHUNK) {
            lanes[(i - start) % LANES] += f(i);
        }
        total += lanes.iter().sum::<f64>();
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums() {
        for (len, expected) in [(0, 0.0), (1, 1.0), (4096, 8_390_656.0), (10_000, 50_005_000.0)] {
            assert_eq!(sum(len, |i| (i + 1) as f64), expected, "{len}");
        }
    }

    #[test]
    fn infinities_and_nan_come_through() {
        let values = [1.0, f64::INFINITY, -1.0];
        assert_eq!(sum(3, |i| values[i]), f64::INFINITY);
        assert!(sum(3, |i| if i == 1 { f64::NAN } else { 1.0 }).is_nan());
    }
}
