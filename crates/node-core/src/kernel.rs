//! Element-wise kernels: what a block does to one element, as a function over slices.
//!
//! A block says what happens to an element; walking, broadcasting and (in the engine) fusing and threading are not its
//! business. A kernel may be called on any part of the operands, in any order, so results cannot depend on how a run is
//! cut up.

mod simd;

use crate::dtype::{DType, Element};
use crate::problem::Fault;
use crate::shape::Shape;
use crate::tensor::{Data, Tensor};

type Run = dyn Fn(&[Chunk<'_>], ChunkMut<'_>) -> Option<()> + Send + Sync;

/// An element-wise function of one or more operands.
pub struct Kernel {
    arity: usize,
    output: DType,
    run: Box<Run>,
}

macro_rules! chunks {
    ($($rust:ty => $variant:ident),*) => {
        /// A part of an operand: a stretch of elements, or one element that stands for all.
        #[derive(Clone, Copy, Debug)]
        pub enum Chunk<'a> {
            $(#[doc = concat!("Elements of type `", stringify!($rust), "`.")] $variant(&'a [$rust]),)*
        }

        /// The part of the result that corresponds to the operands' chunks.
        #[derive(Debug)]
        pub enum ChunkMut<'a> {
            $(#[doc = concat!("Elements of type `", stringify!($rust), "`.")] $variant(&'a mut [$rust]),)*
        }

        /// An element type that kernels work on.
        pub trait Operand: Element + Copy {
            /// The elements, if the chunk is of this type.
            fn read<'a>(chunk: &Chunk<'a>) -> Option<&'a [Self]>;
            /// The elements, if the chunk is of this type.
            fn write(chunk: ChunkMut<'_>) -> Option<&mut [Self]>;
            /// A chunk of these elements.
            fn chunk(elements: &[Self]) -> Chunk<'_>;
            /// A chunk of these elements.
            fn chunk_mut(elements: &mut [Self]) -> ChunkMut<'_>;
        }

        $(impl Operand for $rust {
            fn read<'a>(chunk: &Chunk<'a>) -> Option<&'a [Self]> {
                match chunk {
                    Chunk::$variant(elements) => Some(elements),
                    _ => None,
                }
            }

            fn write(chunk: ChunkMut<'_>) -> Option<&mut [Self]> {
                match chunk {
                    ChunkMut::$variant(elements) => Some(elements),
                    _ => None,
                }
            }

            fn chunk(elements: &[Self]) -> Chunk<'_> {
                Chunk::$variant(elements)
            }

            fn chunk_mut(elements: &mut [Self]) -> ChunkMut<'_> {
                ChunkMut::$variant(elements)
            }
        })*

        fn dispatch(dtype: DType, kernel: &Kernel, inputs: &[&Tensor], shape: &Shape) -> Result<Tensor, Fault> {
            match dtype {
                $(DType::$variant => kernel.fill::<$rust>(inputs, shape),)*
                DType::String => Err(Fault::block("element-wise kernels do not work on strings")),
            }
        }

        fn whole(tensor: &Tensor) -> Option<Chunk<'_>> {
            match tensor.data() {
                $(Data::$variant(buffer) => Some(Chunk::$variant(buffer.as_slice())),)*
                Data::String(_) => None,
            }
        }

        fn broadcast(tensor: &Tensor, shape: &Shape) -> Option<Tensor> {
            match tensor.data() {
                $(Data::$variant(_) => repeat::<$rust>(tensor, shape),)*
                Data::String(_) => None,
            }
        }
    };
}

chunks!(f32 => Float32, f64 => Float64, i32 => Int32, i64 => Int64, bool => Bool);

fn repeat<T: Operand>(tensor: &Tensor, shape: &Shape) -> Option<Tensor> {
    let view = tensor.view::<T>()?;
    let repeated = view.broadcast(shape.dims())?.iter().copied().collect();
    Tensor::new(shape.clone(), repeated).ok()
}

impl Kernel {
    /// A kernel of one operand.
    pub fn map<A: Operand, O: Operand>(f: impl Fn(A) -> O + Send + Sync + 'static) -> Kernel {
        let run = move |operands: &[Chunk<'_>], out: ChunkMut<'_>| {
            let [a] = operands else { return None };
            let (a, out) = (A::read(a)?, O::write(out)?);
            if let [a] = a {
                out.fill(f(*a));
            } else {
                simd::each(out, a, &f);
            }
            Some(())
        };
        Kernel { arity: 1, output: O::DTYPE, run: Box::new(run) }
    }

    /// A kernel of two operands.
    pub fn zip<A: Operand, B: Operand, O: Operand>(f: impl Fn(A, B) -> O + Send + Sync + 'static) -> Kernel {
        let run = move |operands: &[Chunk<'_>], out: ChunkMut<'_>| {
            let [a, b] = operands else { return None };
            let (a, b, out) = (A::read(a)?, B::read(b)?, O::write(out)?);
            match (a, b) {
                ([a], [b]) => out.fill(f(*a, *b)),
                ([a], b) => simd::each(out, b, |b| f(*a, b)),
                (a, [b]) => simd::each(out, a, |a| f(a, *b)),
                (a, b) => simd::each_pair(out, a, b, &f),
            }
            Some(())
        };
        Kernel { arity: 2, output: O::DTYPE, run: Box::new(run) }
    }

    /// The number of operands.
    pub fn arity(&self) -> usize {
        self.arity
    }

    /// The data type of the result.
    pub fn output(&self) -> DType {
        self.output
    }

    /// Runs on parts of the operands, each as long as `out` or one element long. `None` if the types are not the
    /// kernel's.
    pub fn run(&self, operands: &[Chunk<'_>], out: ChunkMut<'_>) -> Option<()> {
        (self.run)(operands, out)
    }

    /// Runs on whole tensors, broadcast to `shape`.
    pub fn apply(&self, inputs: &[&Tensor], shape: &Shape) -> Result<Tensor, Fault> {
        dispatch(self.output, self, inputs, shape)
    }

    fn fill<O: Operand>(&self, inputs: &[&Tensor], shape: &Shape) -> Result<Tensor, Fault> {
        let unfit = || Fault::block(format!("the operands do not broadcast to shape {shape}"));
        let operands = inputs
            .iter()
            .map(|t| {
                let direct = t.shape() == shape || t.len() == 1;
                if direct { Some((*t).clone()) } else { broadcast(t, shape) }
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(unfit)?;
        let chunks = operands.iter().map(whole).collect::<Option<Vec<_>>>().ok_or_else(unfit)?;
        let mut out = vec![O::default(); shape.elements()];
        self.run(&chunks, O::chunk_mut(&mut out))
            .ok_or_else(|| Fault::block("the operands' data types are not those of the block's kernel"))?;
        Tensor::new(shape.clone(), out).map_err(|e| Fault::block(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_broadcast() {
        let kernel = Kernel::zip(|a: f32, b: f32| a - b);
        let t = |dims: &[usize], v: &[f32]| Tensor::new(Shape::new(dims).unwrap(), v.to_vec()).unwrap();
        for (a, b, out) in [
            (t(&[2], &[3.0, 4.0]), t(&[], &[1.0]), t(&[2], &[2.0, 3.0])),
            (t(&[1], &[3.0]), t(&[2], &[1.0, 2.0]), t(&[2], &[2.0, 1.0])),
            (t(&[2, 1], &[1.0, 2.0]), t(&[1, 2], &[10.0, 20.0]), t(&[2, 2], &[-9.0, -19.0, -8.0, -18.0])),
            (t(&[0], &[]), t(&[1], &[1.0]), t(&[0], &[])),
            (t(&[1, 1], &[5.0]), t(&[], &[1.0]), t(&[1, 1], &[4.0])),
        ] {
            let result = kernel.apply(&[&a, &b], out.shape()).unwrap();
            assert!(result.same_bits(&out), "{a:?} - {b:?} = {result:?}");
        }
    }

    #[test]
    fn wrong_types_are_a_fault() {
        let kernel = Kernel::map(|a: f32| a);
        assert!(kernel.apply(&[&Tensor::scalar(1i32)], &Shape::scalar()).is_err());
    }
}
