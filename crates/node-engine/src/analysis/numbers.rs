//! Elements of any type as numbers, a stretch at a time.

use node_core::kernel::{Chunk, Lane as _, Operand};
use node_core::{DType, Tensor, for_operand};

use super::Stop;

/// So many elements are read between two looks at whether to stop.
pub const STRETCH: usize = 16_384;

/// The elements of a tensor of anything but texts.
#[derive(Clone, Copy)]
pub struct Numbers<'t> {
    chunk: Chunk<'t>,
    len: usize,
}

impl<'t> Numbers<'t> {
    /// Those of a tensor; `None` for texts.
    pub fn of(tensor: &'t Tensor) -> Option<Numbers<'t>> {
        let chunk = Chunk::of(tensor)?;
        Some(Numbers { len: chunk.len(), chunk })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number `at` as float64, NaN behind the end. Whole numbers beyond 2^53 are rounded.
    pub fn at(&self, at: usize) -> f64 {
        for_operand!(self.chunk.dtype(), T => {
            T::read(&self.chunk).and_then(|elements| elements.get(at)).map_or(f64::NAN, |v| v.as_f64())
        }, else f64::NAN)
    }

    /// Where number `at` stands among all of its type, and its magnitude, where float64 does not hold all of them.
    pub fn whole_at(&self, at: usize) -> Option<(u64, u64)> {
        match self.chunk.dtype() {
            DType::Int64 => i64::read(&self.chunk)?.get(at).map(|v| (key_of(*v), v.unsigned_abs())),
            DType::UInt64 => u64::read(&self.chunk)?.get(at).map(|v| (*v, *v)),
            _ => None,
        }
    }

    /// Those from `start` on, `count` of them, as float64 in the place of what `into` held.
    pub fn read(&self, start: usize, count: usize, into: &mut Vec<f64>) {
        into.clear();
        for_operand!(self.chunk.dtype(), T => {
            let elements = T::read(&self.chunk).unwrap_or_default();
            into.extend(elements[start..start + count].iter().map(|v| v.as_f64()));
        }, else {});
    }

    /// Every `step`th from `start` on, `count` of them.
    pub fn read_spaced(&self, start: usize, step: usize, count: usize, into: &mut Vec<f64>) {
        if step == 1 {
            return self.read(start, count, into);
        }
        into.clear();
        for_operand!(self.chunk.dtype(), T => {
            let elements = T::read(&self.chunk).unwrap_or_default();
            into.extend((0..count).map(|i| elements[start + i * step].as_f64()));
        }, else {});
    }

    /// Has all of them seen in order, stretch by stretch, with the place of each stretch's first. `None` once stopped.
    pub fn each(&self, stop: &Stop, mut see: impl FnMut(usize, &[f64])) -> Option<()> {
        let mut stretch = Vec::with_capacity(STRETCH.min(self.len));
        for start in (0..self.len).step_by(STRETCH) {
            if stop.is_set() {
                return None;
            }
            self.read(start, STRETCH.min(self.len - start), &mut stretch);
            see(start, &stretch);
        }
        Some(())
    }

    /// The keys of those from `start` on: whole numbers that stand in the order of the elements. NaN comes last, negative
    /// NaN first.
    pub fn keys(&self, start: usize, count: usize, into: &mut Vec<u64>) {
        into.clear();
        for_operand!(self.chunk.dtype(), T => {
            let elements = T::read(&self.chunk).unwrap_or_default();
            into.extend(elements[start..start + count].iter().map(|v| key_of(*v)));
        }, else {});
    }

    /// The number that a key stands for.
    pub fn of_key(&self, key: u64) -> f64 {
        for_operand!(self.chunk.dtype(), T => of_key::<T>(key), else f64::NAN)
    }
}

const SIGN: u64 = 1 << 63;

fn key_of<T: Operand>(value: T) -> u64 {
    let bits = value.widen().to_bits64();
    match <T::Sum as node_core::dtype::Element>::DTYPE {
        DType::Float64 if bits & SIGN == 0 => bits | SIGN,
        DType::Float64 => !bits,
        DType::Int64 => bits ^ SIGN,
        _ => bits,
    }
}

fn of_key<T: Operand>(key: u64) -> f64 {
    let bits = match <T::Sum as node_core::dtype::Element>::DTYPE {
        DType::Float64 if key & SIGN != 0 => key ^ SIGN,
        DType::Float64 => !key,
        DType::Int64 => key ^ SIGN,
        _ => key,
    };
    T::Sum::from_bits64(bits).as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_the_order_of_values() {
        let values = vec![f64::NEG_INFINITY, -1e300, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, f64::INFINITY, f64::NAN];
        let tensor = Tensor::vector(values.clone());
        let numbers = Numbers::of(&tensor).unwrap();
        let mut keys = Vec::new();
        numbers.keys(0, values.len(), &mut keys);
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        for (key, value) in keys.iter().zip(&values) {
            assert_eq!(numbers.of_key(*key).to_bits(), value.to_bits());
        }
        let whole = Tensor::vector(vec![i64::MIN, -1, 0, i64::MAX - 1, i64::MAX]);
        Numbers::of(&whole).unwrap().keys(0, 5, &mut keys);
        assert!(keys.is_sorted_by(|a, b| a < b), "beyond 2^53 too: {keys:?}");
        let whole = |at| Numbers::of(&whole).unwrap().whole_at(at).unwrap();
        assert!(whole(3).0 < whole(4).0 && whole(0).1 == 1 << 63, "exactly");
        let narrow = Tensor::vector([-2.0, 0.5].map(node_core::half::f16::from_f32).to_vec());
        Numbers::of(&narrow).unwrap().keys(0, 2, &mut keys);
        assert_eq!(Numbers::of(&narrow).unwrap().of_key(keys[1]), 0.5);
        let flags = Tensor::vector(vec![false, true]);
        Numbers::of(&flags).unwrap().keys(0, 2, &mut keys);
        assert!(keys[0] < keys[1]);
        assert!(Numbers::of(&Tensor::vector(vec![std::sync::Arc::<str>::from("a")])).is_none());
    }
}
