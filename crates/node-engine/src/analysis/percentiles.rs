//! Below which value so many in a hundred elements lie.

use node_core::{Scalar, Tensor};

/// The percentiles that are told.
pub const TOLD: [f64; 9] = [0.1, 1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0, 99.9];

/// Percentiles of the finite elements, between two of them in proportion, as NumPy's `percentile` does; NaN where there is
/// no finite element, `None` for text and where the system gives no memory.
pub fn percentiles(tensor: &Tensor, wanted: &[f64]) -> Option<Vec<f64>> {
    let mut finite = Vec::new();
    finite.try_reserve_exact(tensor.len()).ok()?;
    for number in 0..tensor.len() {
        let value = tensor.element(number).as_ref().and_then(Scalar::as_f64)?;
        finite.extend(value.is_finite().then_some(value));
    }
    finite.sort_unstable_by(f64::total_cmp);
    Some(wanted.iter().map(|percent| at(&finite, percent / 100.0)).collect())
}

/// The value at a part of a sorted list.
fn at(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part * last as f64;
    let below = (place.floor() as usize).min(last);
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    let share = place - below as f64;
    // NumPy begins at the nearer end.
    if share >= 0.5 { b - (b - a) * (1.0 - share) } else { a + (b - a) * share }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `np.percentile` says.
    #[test]
    fn as_numpy() {
        let tensor = Tensor::vector(vec![4f32, 1.0, f32::NAN, 3.0, f32::INFINITY, 2.0]);
        let wanted = [0.0, 0.1, 25.0, 50.0, 99.0, 99.9, 100.0];
        let numpy = [1.0, 1.003, 1.75, 2.5, 3.9699999999999998, 3.9970000000000003, 4.0];
        assert_eq!(percentiles(&tensor, &wanted).unwrap(), numpy);
        assert_eq!(percentiles(&Tensor::vector(vec![7i32]), &[1.0, 99.0]).unwrap(), [7.0, 7.0]);
        assert!(percentiles(&Tensor::vector(Vec::<f32>::new()), &[50.0]).unwrap()[0].is_nan());
        assert_eq!(percentiles(&Tensor::vector(vec![std::sync::Arc::<str>::from("a")]), &[50.0]), None);
    }
}
