//! Two tensors beside each other: how far they are apart, and where first.

use node_core::half::f16;
use node_core::{DType, Scalar, Shape, Tensor};

use super::Stop;
use super::numbers::STRETCH;

/// How far two tensors of one data type and shape are apart. The second is the reference. A NaN that meets a NaN, and an
/// infinity that meets the same, are no difference; a NaN that meets a number makes the figures NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// All elements.
    pub count: u64,
    /// Those that differ by more than is tolerated.
    pub differing: u64,
    /// The largest absolute difference.
    pub max_abs: f64,
    /// The largest difference in parts of the reference's element; infinite where that is 0.
    pub max_rel: f64,
    /// The mean of the squares of the differences, over all elements but those that are the same NaN or infinity in both.
    pub mse: f64,
    /// What the reference's squares come to over those of the differences, in decibels; infinite where there is none.
    pub sqnr_db: f64,
    /// The most representable values that lie between two elements, and one; of types that are counted so.
    pub max_ulp: Option<u64>,
    /// Where the first lies that differs by more than is tolerated.
    pub first_difference: Option<Vec<usize>>,
}

/// Why two tensors are not compared element by element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// In their types.
    #[error("the first holds {0}, the second {1}")]
    Types(DType, DType),
    /// In their shapes.
    #[error("the first has shape {0}, the second {1}")]
    Shapes(Shape, Shape),
    /// Nobody wants to know any more.
    #[error("stopped")]
    Stopped,
}

/// Compares `tensor` with a `reference`. What differs by at most `tolerance` is equal; with 0 the bits decide, so that 0.0
/// and -0.0 differ.
pub fn compare(tensor: &Tensor, reference: &Tensor, tolerance: f64, stop: &Stop) -> Result<Comparison, Misfit> {
    if tensor.dtype() != reference.dtype() {
        return Err(Misfit::Types(tensor.dtype(), reference.dtype()));
    }
    if tensor.shape() != reference.shape() {
        return Err(Misfit::Shapes(tensor.shape().clone(), reference.shape().clone()));
    }
    let (mut max_abs, mut max_rel, mut noise, mut signal) = (0f64, 0f64, 0f64, 0f64);
    let (mut differing, mut first, mut max_ulp, mut left_out) = (0, None, 0, 0u64);
    // Of these two numbers of float64 can be equal that are not.
    let is_whole = matches!(tensor.dtype(), DType::Int64 | DType::UInt64);
    for number in 0..tensor.len() {
        if number % STRETCH == 0 && stop.is_set() {
            return Err(Misfit::Stopped);
        }
        let (Some(a), Some(b)) = (tensor.element(number), reference.element(number)) else { continue };
        let numbers = a.as_f64().zip(b.as_f64());
        signal += numbers.map_or(0.0, |(_, b)| if b.is_finite() { b * b } else { 0.0 });
        // What is equal and no finite number has no difference to be counted.
        left_out += numbers.map_or(0, |(x, y)| u64::from(x.is_nan() && y.is_nan() || x == y && x.is_infinite()));
        if a == b {
            continue;
        }
        let far = match numbers {
            Some((x, y)) => {
                let abs = if x == y && !is_whole { 0.0 } else { apart(&a, &b).map_or(f64::NAN, f64::abs) };
                max_abs = greatest(max_abs, abs);
                max_rel = greatest(max_rel, if abs == 0.0 { 0.0 } else { abs / y.abs() });
                noise += abs * abs;
                abs.is_nan() || abs > tolerance || (tolerance == 0.0)
            }
            None => true,
        };
        max_ulp = max_ulp.max(ulps(&a, &b));
        if far {
            differing += 1;
            first.get_or_insert(number);
        }
    }
    let count = tensor.len() as u64;
    let is_counted = !matches!(tensor.dtype(), DType::Bool | DType::String);
    Ok(Comparison {
        count,
        differing,
        max_abs,
        max_rel,
        mse: if count == left_out { 0.0 } else { noise / (count - left_out) as f64 },
        sqnr_db: if noise == 0.0 { f64::INFINITY } else { 10.0 * (signal / noise).log10() },
        max_ulp: is_counted.then_some(max_ulp),
        first_difference: first.map(|number| index_of(number, tensor.shape())),
    })
}

/// The greater; NaN if one is.
fn greatest(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// The number of steps between two values of one type; none where a value has no place among the others: NaN, text.
fn ulps(a: &Scalar, b: &Scalar) -> u64 {
    match (a, b) {
        (Scalar::Uint(a), Scalar::Uint(b)) => a.abs_diff(*b),
        _ => place(a).zip(place(b)).map_or(0, |(a, b)| a.abs_diff(b)),
    }
}

/// Where a value stands among all of its type: for floats their bits without the sign, counted from 0.
fn place(scalar: &Scalar) -> Option<i64> {
    let (bits, is_negative) = match scalar {
        Scalar::Float32(v) if !v.is_nan() => (i64::from(v.abs().to_bits()), v.is_sign_negative()),
        Scalar::Float64(v) if !v.is_nan() => (v.abs().to_bits() as i64, v.is_sign_negative()),
        Scalar::Narrow(v, DType::BFloat16) if !v.is_nan() => (i64::from(v.abs().to_bits() >> 16), v.is_sign_negative()),
        Scalar::Narrow(v, _) if !v.is_nan() => (i64::from(f16::from_f32(v.abs()).to_bits()), v.is_sign_negative()),
        Scalar::Int(v) => return Some(*v),
        _ => return None,
    };
    Some(if is_negative { -bits } else { bits })
}

/// How far two elements are apart: whole numbers exactly, as far as the result can be. `None` for texts.
pub fn apart(a: &Scalar, b: &Scalar) -> Option<f64> {
    let whole = |scalar: &Scalar| match scalar {
        Scalar::Int(v) => Some(i128::from(*v)),
        Scalar::Uint(v) => Some(i128::from(*v)),
        _ => None,
    };
    match whole(a).zip(whole(b)) {
        Some((a, b)) => Some((a - b) as f64),
        None => Some(a.as_f64()? - b.as_f64()?),
    }
}

/// How far a tensor is from a reference of its shape, element by element: in float32 where both hold that, else in float64.
/// `None` where they do not fit or hold texts, once stopped, and where the system gives no memory.
pub fn difference(tensor: &Tensor, reference: &Tensor, stop: &Stop) -> Option<Tensor> {
    if tensor.shape() != reference.shape() {
        return None;
    }
    if let (Some(a), Some(b)) = (tensor.slice::<f32>(), reference.slice::<f32>()) {
        let mut differences = Vec::new();
        differences.try_reserve_exact(a.len()).ok()?;
        for (a, b) in a.chunks(STRETCH).zip(b.chunks(STRETCH)) {
            if stop.is_set() {
                return None;
            }
            differences.extend(a.iter().zip(b).map(|(a, b)| a - b));
        }
        return Tensor::new(tensor.shape().clone(), differences).ok();
    }
    if [tensor, reference].iter().any(|tensor| tensor.dtype() == DType::String) {
        return None;
    }
    let mut differences: Vec<f64> = Vec::new();
    differences.try_reserve_exact(tensor.len()).ok()?;
    for number in 0..tensor.len() {
        if number % STRETCH == 0 && stop.is_set() {
            return None;
        }
        differences.push(apart(&tensor.element(number)?, &reference.element(number)?)?);
    }
    Tensor::new(tensor.shape().clone(), differences).ok()
}

/// Where element number `number` lies.
pub fn index_of(mut number: usize, shape: &Shape) -> Vec<usize> {
    let mut index: Vec<usize> = shape
        .dims()
        .iter()
        .rev()
        .map(|dim| {
            let at = number % dim.max(&1);
            number /= dim.max(&1);
            at
        })
        .collect();
    index.reverse();
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let compared = |a: Vec<f32>, b: Vec<f32>, tolerance| {
            compare(&Tensor::vector(a), &Tensor::vector(b), tolerance, &Stop::default()).unwrap()
        };
        let same = compared(vec![1.0, f32::NAN, f32::INFINITY], vec![1.0, -f32::NAN, f32::INFINITY], 0.0);
        assert_eq!((same.differing, same.max_abs, same.mse, same.max_ulp), (0, 0.0, 0.0, Some(0)));
        assert_eq!((same.sqnr_db, same.first_difference), (f64::INFINITY, None));
        let some = compared(vec![1.0, f32::NAN, f32::INFINITY], vec![3.0, f32::NAN, f32::INFINITY], 0.0);
        assert_eq!(some.mse, 4.0, "what is no number in both has no difference");
        let close = compared(vec![1.0, 2.5], vec![1.0, 2.0], 0.0);
        assert_eq!((close.differing, close.max_abs, close.max_rel, close.mse), (1, 0.5, 0.25, 0.125));
        assert_eq!((close.first_difference, close.sqnr_db), (Some(vec![1]), 10.0 * 20f64.log10()));
        assert_eq!(compared(vec![2.5], vec![2.0], 0.5).differing, 0);
        assert_eq!(compared(vec![0.0], vec![-0.0], 0.0).differing, 1, "the bits decide");
        assert_eq!(compared(vec![0.0], vec![-0.0], 1e-9).differing, 0);
        assert_eq!(compared(vec![0.0], vec![-0.0], 0.0).max_ulp, Some(0));
        assert_eq!(compared(vec![f32::from_bits(1)], vec![-f32::from_bits(1)], 0.0).max_ulp, Some(2));
        let odd = compared(vec![f32::NAN, 1.0], vec![1.0, 1.0], 1.0);
        assert!(odd.max_abs.is_nan() && odd.mse.is_nan() && odd.differing == 1);
        assert_eq!(compared(vec![f32::INFINITY], vec![1.0], 5.0).max_abs, f64::INFINITY);
        assert_eq!(compared(vec![], vec![], 0.0).count, 0);
    }

    #[test]
    fn whole_numbers_are_apart_exactly() {
        let (a, b) = (Tensor::vector(vec![(1i64 << 53) + 1, i64::MAX]), Tensor::vector(vec![1i64 << 53, i64::MIN]));
        let found = difference(&a, &b, &Stop::default()).unwrap();
        assert_eq!(found.slice::<f64>().unwrap(), [1.0, 18_446_744_073_709_551_615.0]);
        let found = compare(&a, &b, 0.0, &Stop::default()).unwrap();
        assert_eq!((found.differing, found.max_abs), (2, 18_446_744_073_709_551_615.0));
        let one = |v: i64| Tensor::vector(vec![v]);
        let found = compare(&one((1 << 53) + 1), &one(1 << 53), 0.0, &Stop::default()).unwrap();
        assert_eq!((found.max_abs, found.mse), (1.0, 1.0));
        let texts = Tensor::vector(vec![std::sync::Arc::<str>::from("a")]);
        assert!(difference(&texts, &texts, &Stop::default()).is_none());
    }

    #[test]
    fn others_than_floats() {
        let ints =
            compare(&Tensor::vector(vec![i64::MIN]), &Tensor::vector(vec![i64::MAX]), 0.0, &Stop::default()).unwrap();
        assert_eq!(ints.max_ulp, Some(u64::MAX));
        let flags = compare(&Tensor::vector(vec![true]), &Tensor::vector(vec![false]), 0.0, &Stop::default()).unwrap();
        assert_eq!((flags.max_abs, flags.max_ulp), (1.0, None));
        let texts = |text: &str| Tensor::vector(vec![std::sync::Arc::<str>::from(text)]);
        assert_eq!(compare(&texts("a"), &texts("b"), 9.0, &Stop::default()).unwrap().differing, 1);
        let shape = Shape::new([2, 3]).unwrap();
        assert_eq!(index_of(5, &shape), [1, 2]);
        let other = compare(&Tensor::vector(vec![1f32]), &Tensor::vector(vec![1f64]), 0.0, &Stop::default());
        assert_eq!(other, Err(Misfit::Types(DType::Float32, DType::Float64)));
        assert!(matches!(
            compare(&Tensor::scalar(1f32), &Tensor::vector(vec![1f32]), 0.0, &Stop::default()),
            Err(Misfit::Shapes(..))
        ));
    }
}
