//! Arithmetic and folds written down once more, with nothing of the engine or of the kernels: loops over every index.

use node_core::{Attr, Attrs, DType, Shape, Tensor};

/// Every index of a shape, in row-major order.
pub fn indices(dims: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for dim in dims {
        all = all.iter().flat_map(|begin: &Vec<usize>| (0..*dim).map(|i| [begin.as_slice(), &[i]].concat())).collect();
    }
    all
}

/// Where the element of a broadcast index is in a tensor of these dimensions.
fn place(index: &[usize], dims: &[usize]) -> usize {
    let own = &index[index.len() - dims.len()..];
    own.iter().zip(dims).fold(0, |at, (i, dim)| at * dim + if *dim == 1 { 0 } else { *i })
}

fn broadcast(a: &[usize], b: &[usize]) -> Vec<usize> {
    let rank = a.len().max(b.len());
    let at = |dims: &[usize], axis: usize| if axis + dims.len() < rank { 1 } else { dims[axis + dims.len() - rank] };
    (0..rank).map(|axis| if at(a, axis) == 1 { at(b, axis) } else { at(a, axis) }).collect()
}

/// For each axis whether it is reduced.
fn reduced(axis: Option<&Tensor>, rank: usize) -> Vec<bool> {
    let Some(axes) = axis else { return vec![true; rank] };
    let mut mask = vec![false; rank];
    for axis in axes.slice::<i32>().unwrap() {
        mask[if *axis < 0 { (*axis + rank as i32) as usize } else { *axis as usize }] = true;
    }
    mask
}

/// A number type, as the blocks treat it.
pub trait Number: node_core::Element + Copy + PartialOrd {
    type Wide: Copy;
    const LEAST: Self;
    const GREATEST: Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn small(v: u8) -> Self;
    fn zero() -> Self::Wide;
    fn join(sum: Self::Wide, wide: Self::Wide) -> Self::Wide;
    fn wide(self) -> Self::Wide;
    fn sum(sum: Self::Wide) -> Self;
    fn mean(sum: Self::Wide, count: usize) -> Self;
}

macro_rules! float {
    ($t:ty) => {
        impl Number for $t {
            type Wide = f64;
            const LEAST: Self = <$t>::NEG_INFINITY;
            const GREATEST: Self = <$t>::INFINITY;
            fn plus(self, other: Self) -> Self {
                self + other
            }
            fn minus(self, other: Self) -> Self {
                self - other
            }
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn small(v: u8) -> Self {
                Self::from(v)
            }
            fn zero() -> f64 {
                0.0
            }
            fn join(sum: f64, wide: f64) -> f64 {
                sum + wide
            }
            fn wide(self) -> f64 {
                self as f64
            }
            fn sum(sum: f64) -> Self {
                sum as $t
            }
            fn mean(sum: f64, count: usize) -> Self {
                sum as $t / count as $t
            }
        }
    };
}

macro_rules! whole {
    ($t:ty) => {
        impl Number for $t {
            type Wide = i64;
            const LEAST: Self = <$t>::MIN;
            const GREATEST: Self = <$t>::MAX;
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            fn small(v: u8) -> Self {
                Self::from(v)
            }
            fn zero() -> i64 {
                0
            }
            fn join(sum: i64, wide: i64) -> i64 {
                sum.wrapping_add(wide)
            }
            fn wide(self) -> i64 {
                self as i64
            }
            fn sum(sum: i64) -> Self {
                sum as $t
            }
            fn mean(sum: i64, count: usize) -> Self {
                (sum / count as i64) as $t
            }
        }
    };
}

float!(f32);
float!(f64);
whole!(i32);
whole!(i64);

/// Elements joined as the documentation says: 32 lanes over blocks of 4,096, lanes and blocks in order.
fn joined<T: Copy, W: Copy>(elements: &[T], start: W, wide: impl Fn(T) -> W, join: impl Fn(W, W) -> W) -> W {
    let mut total = start;
    for block in elements.chunks(4096) {
        let mut lanes = [start; 32];
        for (i, element) in block.iter().enumerate() {
            lanes[i % 32] = join(lanes[i % 32], wide(*element));
        }
        let mut of_block = start;
        for lane in lanes {
            of_block = join(of_block, lane);
        }
        total = join(total, of_block);
    }
    total
}

fn fold<T: Number>(op: &str, input: &Tensor, axis: Option<&Tensor>, keep_dims: bool) -> Tensor {
    let (dims, values) = (input.shape().dims(), input.slice::<T>().unwrap());
    let mask = reduced(axis, dims.len());
    let kept: Vec<usize> = dims.iter().zip(&mask).map(|(dim, folded)| if *folded { 1 } else { *dim }).collect();
    let lesser = |a: T, b: T| if a < b || a.partial_cmp(&a).is_none() { a } else { b };
    let greater = |a: T, b: T| if a > b || a.partial_cmp(&a).is_none() { a } else { b };
    let mut parts: Vec<Vec<T>> = vec![Vec::new(); kept.iter().product()];
    for index in indices(dims) {
        // A folded axis counts as one of length 1: it does not matter for where the result is.
        parts[place(&index, &kept)].push(values[place(&index, dims)]);
    }
    let results = parts.iter().map(|elements| match op {
        "Sum" => T::sum(joined(elements, T::zero(), T::wide, T::join)),
        "Mean" => T::mean(joined(elements, T::zero(), T::wide, T::join), elements.len()),
        "Min" => joined(elements, T::GREATEST, |v| v, lesser),
        _ => joined(elements, T::LEAST, |v| v, greater),
    });
    let results: Vec<T> = results.collect();
    let left: Vec<usize> = match keep_dims {
        true => kept,
        false => dims.iter().zip(&mask).filter(|(_, folded)| !**folded).map(|(dim, _)| *dim).collect(),
    };
    Tensor::new(Shape::new(left).unwrap(), results).unwrap()
}

fn map<T: Number>(inputs: &[&Tensor], f: impl Fn(&[T]) -> T) -> Tensor {
    let dims = inputs.iter().fold(Vec::new(), |dims: Vec<usize>, t| broadcast(&dims, t.shape().dims()));
    let at = |index: &Vec<usize>| -> Vec<T> {
        inputs.iter().map(|t| t.slice::<T>().unwrap()[place(index, t.shape().dims())]).collect()
    };
    let elements: Vec<T> = indices(&dims).iter().map(|index| f(&at(index))).collect();
    Tensor::new(Shape::new(dims).unwrap(), elements).unwrap()
}

fn of_type<T: Number>(op: &str, attrs: &Attrs, inputs: &[Option<&Tensor>]) -> Option<Tensor> {
    let [zero, one, six] = [0, 1, 6].map(T::small);
    let operands: Vec<&Tensor> = inputs.iter().flatten().copied().collect();
    Some(match op {
        "Identity" => operands[0].clone(),
        "AddV2" => map::<T>(&operands, |v| v[0].plus(v[1])),
        "Sub" => map::<T>(&operands, |v| v[0].minus(v[1])),
        "Mul" => map::<T>(&operands, |v| v[0].times(v[1])),
        "Square" => map::<T>(&operands, |v| v[0].times(v[0])),
        "Relu6" => map::<T>(&operands, |v| {
            if v[0] <= zero {
                zero
            } else if v[0] > six {
                six
            } else {
                v[0]
            }
        }),
        "Relu6Grad" => map::<T>(&operands, |v| v[0].times(if v[1] > zero && v[1] < six { one } else { zero })),
        "Sum" | "Mean" | "Min" | "Max" => {
            let keep_dims = matches!(attrs.get("keep_dims"), Some(Attr::Bool(true)));
            fold::<T>(op, inputs[0]?, inputs.get(1).copied().flatten(), keep_dims)
        }
        _ => return None,
    })
}

/// The result of a block with one output, if it is one of those written down here.
pub fn evaluate(op: &str, attrs: &Attrs, inputs: &[Option<&Tensor>]) -> Option<Tensor> {
    match inputs.first().copied().flatten()?.dtype() {
        DType::Float32 => of_type::<f32>(op, attrs, inputs),
        DType::Float64 => of_type::<f64>(op, attrs, inputs),
        DType::Int32 => of_type::<i32>(op, attrs, inputs),
        DType::Int64 => of_type::<i64>(op, attrs, inputs),
        _ => None,
    }
}
