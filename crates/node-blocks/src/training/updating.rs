//! What blocks that update variables have in common.

use node_core::dtype::Narrow;
use node_core::kernel::Operand;
use node_core::why::Words;
use node_core::{Block, DType, Fault, InferCx, Kernel, Reason, RunCx, Tensor, TensorType, WhyCx, half};

use crate::numbers::Arithmetic;

/// An update of one variable, element by element.
pub struct Updating {
    /// The inputs that must be scalars.
    pub scalars: &'static [&'static str],
    /// The kernel over all inputs, for a data type.
    pub kernel: fn(DType) -> Option<Kernel>,
    /// What it does, with port names for elements.
    pub formula: &'static str,
}

impl Block for Updating {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        infer(cx, self.scalars)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let dtype = cx.inputs().first().and_then(|input| input.first()).map(|input| input.ty.dtype);
        Ok(dtype.and_then(self.kernel).into_iter().collect())
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        cx.by_kernels(&self.kernels(cx)?, Some(&Words::Formula(self.formula)))
    }
}

/// The types of the variables after the step: those that they are of. All inputs but `scalars` have one shape.
pub fn infer(cx: &InferCx<'_>, scalars: &[&str]) -> Result<Vec<TensorType>, Vec<Fault>> {
    let ports: Vec<_> =
        cx.spec().inputs().zip(cx.inputs()).filter_map(|(port, input)| Some((port, input.first()?))).collect();
    let Some((_, variable)) = ports.first() else { return Err(vec![Fault::block("has no variable")]) };
    let mut shape = variable.ty.shape.clone();
    for (port, input) in &ports {
        let own = &input.ty.shape;
        if scalars.contains(&&*port.name) {
            if own.rank().is_some_and(|rank| rank != 0) {
                return Err(vec![Fault::at(port.name.clone(), format!("must be a scalar, but has shape {own}"))]);
            }
            continue;
        }
        let message = || format!("has shape {own}, but the variable has {}", variable.ty.shape);
        shape = shape.merge(own).ok_or_else(|| vec![Fault::at(port.name.clone(), message())])?;
    }
    Ok(vec![TensorType::new(variable.ty.dtype, shape); cx.output_count()])
}

/// A floating-point type whose every operation is rounded to it, as TensorFlow's updates are computed.
pub trait Grade: Operand + Arithmetic + Default {
    /// The quotient.
    fn over(self, other: Self) -> Self;
    /// The square root.
    fn root(self) -> Self;
    /// 1.
    fn one() -> Self;
}

macro_rules! grade {
    ($($t:ty),*) => {$(
        impl Grade for $t {
            fn over(self, other: $t) -> $t {
                self / other
            }

            fn root(self) -> $t {
                self.sqrt()
            }

            fn one() -> $t {
                1.0
            }
        }
    )*};
    (narrow $($t:ty),*) => {$(
        impl Grade for $t {
            fn over(self, other: $t) -> $t {
                <$t>::nearest(self.wide() / other.wide())
            }

            fn root(self) -> $t {
                <$t>::nearest(self.wide().sqrt())
            }

            fn one() -> $t {
                <$t>::nearest(1.0)
            }
        }
    )*};
}

grade!(f32, f64);
grade!(narrow half::f16, half::bf16);

/// The number that a scalar input is.
pub fn number<T: Grade>(cx: &RunCx<'_>, port: &str) -> Result<T, Vec<Fault>> {
    let input = cx.spec().input_index(port).and_then(|at| cx.inputs().get(at)?.first()?.value.as_ref());
    let number = input.and_then(|tensor| tensor.slice::<T>()?.first().copied());
    number.ok_or_else(|| vec![Fault::at(port.to_owned(), "must be a scalar")])
}

/// The elements of an input.
pub fn elements<'c, T: Grade>(cx: &RunCx<'c>, port: &str) -> &'c [T] {
    let input = cx.spec().input_index(port).and_then(|at| cx.inputs().get(at)?.first()?.value.as_ref());
    input.and_then(|tensor| tensor.slice::<T>()).unwrap_or_default()
}

/// Code for the type that an update is computed in.
macro_rules! for_grade {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            node_core::DType::Float64 => {
                type $t = f64;
                $body
            }
            node_core::DType::Float16 => {
                type $t = node_core::half::f16;
                $body
            }
            node_core::DType::BFloat16 => {
                type $t = node_core::half::bf16;
                $body
            }
            _ => {
                type $t = f32;
                $body
            }
        }
    };
}
pub(super) use for_grade;

/// The tensors that come of `one`, which makes output number so many from an element's place.
pub fn each<T: Grade>(cx: &RunCx<'_>, one: impl Fn(usize, usize) -> T + Sync) -> Result<Vec<Tensor>, Vec<Fault>> {
    let make = |(nth, ty): (usize, &node_core::KnownType)| {
        cx.write::<T>(&ty.shape, 1 << 14, |first, out| {
            for (at, out) in (first..).zip(out) {
                *out = one(nth, at);
            }
        })
    };
    cx.outputs().iter().enumerate().map(make).collect()
}
