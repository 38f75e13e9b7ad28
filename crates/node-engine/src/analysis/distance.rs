//! How far a tensor is from a reference as a whole: error, noise, and whether it points the same way.

use std::sync::OnceLock;

use node_core::kernel::LANES;
use node_core::kernel::simd::fold_pair;
use node_core::{DType, Tensor};

use super::Stop;
use super::compare::{Misfit, apart};
use super::numbers::{Numbers, STRETCH};

/// Elements of one piece; sums over pieces are added in their order, whoever made them.
const PIECE: usize = 65_536;

/// Elements of a piece that stay at hand between its sums.
const BLOCK: usize = 4_096;

/// How far a tensor is from its reference. An element that is the same NaN or infinity in both is no difference and is not
/// counted; a NaN, or an infinity, that meets anything else makes the figures NaN or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// The elements that are counted.
    pub count: u64,
    /// The mean of the squares of the differences.
    pub mse: f64,
    /// The largest difference, without its sign.
    pub max_abs: f64,
    /// The squares of the reference over those of the differences, in decibels; infinite where there is none.
    pub sqnr_db: f64,
    /// The cosine of the angle between both, taken as vectors; NaN where one of them is 0 throughout.
    pub cosine: f64,
}

/// Which figures are asked for: sums over elements take their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figures {
    /// All of them.
    All,
    /// What follows from squares alone: `mse` and `sqnr_db`; the others are NaN.
    Squares,
}

/// Sums over elements.
#[derive(Clone, Copy, Default)]
struct Sums {
    left_out: u64,
    noise: f64,
    signal: f64,
    squares: f64,
    product: f64,
    max_abs: f64,
    odd: bool,
}

impl Sums {
    /// One pair; `d` is their difference.
    fn see(&mut self, a: f64, b: f64, d: f64) {
        let is_same = (a.is_nan() && b.is_nan()) || (a == b && a.is_infinite());
        let keep = |value: f64| if is_same { 0.0 } else { value };
        let d = keep(d);
        self.left_out += u64::from(is_same);
        self.noise += d * d;
        self.signal += keep(b * b);
        self.squares += keep(a * a);
        self.product += keep(a * b);
        self.odd |= d.is_nan();
        self.max_abs = if d.abs() > self.max_abs { d.abs() } else { self.max_abs };
    }

    fn add(&mut self, other: &Sums) {
        self.left_out += other.left_out;
        self.noise += other.noise;
        self.signal += other.signal;
        self.squares += other.squares;
        self.product += other.product;
        self.odd |= other.odd;
        self.max_abs = self.max_abs.max(other.max_abs);
    }

    fn told(&self, len: usize) -> Distance {
        let count = len as u64 - self.left_out;
        let length = self.signal.sqrt() * self.squares.sqrt();
        let cosine = match () {
            () if length == 0.0 => f64::NAN,
            () if self.noise == 0.0 => 1.0,
            () => (self.product / length).clamp(-1.0, 1.0),
        };
        Distance {
            count,
            mse: if count == 0 { 0.0 } else { self.noise / count as f64 },
            max_abs: if self.odd { f64::NAN } else { self.max_abs },
            sqnr_db: if self.noise == 0.0 { f64::INFINITY } else { 10.0 * (self.signal / self.noise).log10() },
            cosine,
        }
    }
}

/// Who does pieces of work, each once, on as many threads as there are; `false` where one was left out.
pub type Each<'e> = &'e mut dyn FnMut(usize, &(dyn Fn(usize) + Sync)) -> bool;

/// How far `tensor` is from `reference`.
pub fn distance(tensor: &Tensor, reference: &Tensor, stop: &Stop) -> Result<Distance, Misfit> {
    let mut alone = |pieces: usize, work: &(dyn Fn(usize) + Sync)| {
        (0..pieces).for_each(work);
        true
    };
    distance_with(tensor, reference, Figures::All, stop, &mut alone)
}

/// The same with the work done by `each`; the same bits, whoever does it.
pub fn distance_with(
    tensor: &Tensor,
    reference: &Tensor,
    figures: Figures,
    stop: &Stop,
    each: Each<'_>,
) -> Result<Distance, Misfit> {
    if tensor.dtype() != reference.dtype() {
        return Err(Misfit::Types(tensor.dtype(), reference.dtype()));
    }
    if tensor.shape() != reference.shape() {
        return Err(Misfit::Shapes(tensor.shape().clone(), reference.shape().clone()));
    }
    let sums = match (tensor.slice::<f32>(), reference.slice::<f32>()) {
        (Some(a), Some(b)) => of_floats(a, b, figures, stop, each)?,
        _ => of_any(tensor, reference, stop)?,
    };
    Ok(sums.told(tensor.len()))
}

fn of_floats(a: &[f32], b: &[f32], figures: Figures, stop: &Stop, each: Each<'_>) -> Result<Sums, Misfit> {
    let (a, b): (Vec<&[f32]>, Vec<&[f32]>) = (a.chunks(PIECE).collect(), b.chunks(PIECE).collect());
    let found: Vec<OnceLock<Sums>> = a.iter().map(|_| OnceLock::new()).collect();
    let work = |piece: usize| {
        if !stop.is_set() {
            found[piece].get_or_init(|| of_piece(a[piece], b[piece], figures));
        }
    };
    let mut all = Sums::default();
    let is_done = each(a.len(), &work);
    for sums in &found {
        all.add(sums.get().filter(|_| is_done && !stop.is_set()).ok_or(Misfit::Stopped)?);
    }
    Ok(all)
}

fn of_piece(a: &[f32], b: &[f32], figures: Figures) -> Sums {
    let mut all = Sums::default();
    a.chunks(BLOCK).zip(b.chunks(BLOCK)).for_each(|(a, b)| all.add(&of_block(a, b, figures)));
    all
}

fn sum(a: &[f32], b: &[f32], f: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0f64; LANES];
    fold_pair(&mut lanes, a, b, |a: f32, b: f32| f(f64::from(a), f64::from(b)), |x, y| x + y);
    lanes.iter().sum()
}

/// Where all is finite, as it mostly is, sums of squares say so: no float32 has one that float64 does not hold.
fn of_block(a: &[f32], b: &[f32], figures: Figures) -> Sums {
    let noise = sum(a, b, |a, b| (a - b) * (a - b));
    let signal = sum(a, b, |_, b| b * b);
    if noise.is_finite() && signal.is_finite() && figures == Figures::Squares {
        return Sums { noise, signal, squares: f64::NAN, odd: true, ..Sums::default() };
    }
    if noise.is_finite() && signal.is_finite() {
        let mut largest = [0f32; LANES];
        // Of float32 that is the rounded difference, which is largest where the exact one is.
        fold_pair(&mut largest, a, b, |a: f32, b: f32| (a - b).abs(), |x: f32, y: f32| if y > x { y } else { x });
        let rounded = largest.iter().copied().fold(0f32, f32::max);
        let exact = |(a, b): (&f32, &f32)| (f64::from(*a) - f64::from(*b)).abs();
        let largest = a.iter().zip(b).filter(|(a, b)| (*a - *b).abs() == rounded).map(exact);
        let max_abs = largest.fold(0f64, f64::max);
        let (squares, product) = (sum(a, b, |a, _| a * a), sum(a, b, |a, b| a * b));
        return Sums { left_out: 0, noise, signal, squares, product, max_abs, odd: false };
    }
    let mut sums = Sums::default();
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        sums.see(a, b, a - b);
    }
    sums
}

fn of_any(tensor: &Tensor, reference: &Tensor, stop: &Stop) -> Result<Sums, Misfit> {
    let texts = || Misfit::Types(tensor.dtype(), DType::Float32);
    let (a, b) = (Numbers::of(tensor).ok_or_else(texts)?, Numbers::of(reference).ok_or_else(texts)?);
    // Of these two numbers of float64 can be equal that are not.
    let is_whole = matches!(tensor.dtype(), DType::Int64 | DType::UInt64);
    let mut all = Sums::default();
    for at in 0..tensor.len() {
        if at % STRETCH == 0 && stop.is_set() {
            return Err(Misfit::Stopped);
        }
        let (x, y) = (a.at(at), b.at(at));
        let exact = || tensor.element(at).zip(reference.element(at)).and_then(|(x, y)| apart(&x, &y));
        let difference = if is_whole { exact().unwrap_or(f64::NAN) } else { x - y };
        all.see(x, y, difference);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::compare::compare;

    fn of(a: &Tensor, b: &Tensor) -> Distance {
        distance(a, b, &Stop::default()).unwrap()
    }

    #[test]
    fn figures() {
        let told = of(&Tensor::vector(vec![1f32, 2.0, 3.0]), &Tensor::vector(vec![1f32, 0.0, 4.0]));
        assert_eq!((told.count, told.mse, told.max_abs), (3, 5.0 / 3.0, 2.0));
        assert_eq!(told.sqnr_db, 10.0 * (17f64 / 5.0).log10());
        assert!((told.cosine - 13.0 / (14f64.sqrt() * 17f64.sqrt())).abs() < 1e-15);
        let odd = vec![1f32, f32::NAN, f32::INFINITY];
        let same = of(&Tensor::vector(odd.clone()), &Tensor::vector(odd));
        assert_eq!((same.count, same.mse, same.max_abs, same.sqnr_db), (1, 0.0, 0.0, f64::INFINITY));
        let nan = of(&Tensor::vector(vec![f32::NAN, 0.0]), &Tensor::vector(vec![1f32, 0.0]));
        assert!(nan.mse.is_nan() && nan.max_abs.is_nan() && nan.cosine.is_nan());
        let far = of(&Tensor::vector(vec![f32::INFINITY]), &Tensor::vector(vec![1f32]));
        assert_eq!((far.mse, far.max_abs), (f64::INFINITY, f64::INFINITY));
        let empty = of(&Tensor::vector(Vec::<f32>::new()), &Tensor::vector(Vec::<f32>::new()));
        assert_eq!((empty.count, empty.mse, empty.sqnr_db), (0, 0.0, f64::INFINITY));
        let whole = of(&Tensor::vector(vec![i64::MAX]), &Tensor::vector(vec![i64::MAX - 1]));
        assert_eq!(whole.max_abs, 1.0, "exactly, beyond 2^53");
        let misfit = distance(&Tensor::vector(vec![1f32]), &Tensor::vector(vec![1i32]), &Stop::default());
        assert_eq!(misfit, Err(Misfit::Types(DType::Float32, DType::Int32)));
    }

    /// Element by element, the other way through the program.
    #[test]
    fn as_comparing_element_by_element() {
        let mut state = 11u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match (state >> 33) % 9_000 {
                0 => f32::NAN,
                1 => f32::INFINITY,
                _ => ((state >> 40) as f32 / 16_777_216.0 - 0.5) * 8.0,
            }
        };
        for len in [0, 1, 31, 32, 33, 4_097, 70_000, 150_001] {
            let a: Vec<f32> = (0..len).map(|_| next()).collect();
            // Where one is not finite both are.
            let b: Vec<f32> = a.iter().map(|a| if a.is_finite() { a + next().clamp(-1.0, 1.0) } else { *a }).collect();
            let b: Vec<f32> = b.iter().zip(&a).map(|(b, a)| if b.is_nan() { *a } else { *b }).collect();
            let (a, b) = (Tensor::vector(a), Tensor::vector(b));
            let mut alone = |pieces: usize, work: &(dyn Fn(usize) + Sync)| {
                (0..pieces).rev().for_each(work);
                true
            };
            let squares = distance_with(&a, &b, Figures::Squares, &Stop::default(), &mut alone).unwrap();
            let (found, slow) = (of(&a, &b), compare(&a, &b, 0.0, &Stop::default()).unwrap());
            assert_eq!((squares.count, squares.mse, squares.sqnr_db), (found.count, found.mse, found.sqnr_db));
            let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-12 * b.abs();
            assert!(near(found.mse, slow.mse), "{found:?} {slow:?}");
            assert!(near(found.max_abs, slow.max_abs) && near(found.sqnr_db, slow.sqnr_db), "{found:?} {slow:?}");
        }
    }
}
