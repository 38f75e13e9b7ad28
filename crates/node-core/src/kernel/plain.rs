//! Kernels run one after the other over whole tensors, as plainly as can be: what every faster way must agree with.

use super::chunk::{Chunk, Operand};
use super::fold::{self, BLOCK, Lanes};
use super::{Elementwise, Kernel, Reduction};
use crate::dtype::Element;
use crate::for_operand;
use crate::problem::Fault;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Runs a kernel on whole tensors; `shape` is the shape of the result.
pub fn apply(kernel: &Kernel, operands: &[&Tensor], shape: &Shape) -> Result<Tensor, Fault> {
    match kernel {
        Kernel::Same(operand) => {
            operands.get(*operand).map(|t| (*t).clone()).ok_or_else(|| Fault::block("has no input to pass on"))
        }
        Kernel::Map(map) => elements(map, operands, shape),
        Kernel::Reduce(map, reduction) => {
            let shapes = operands.iter().map(|t| t.shape().clone());
            let walked = shapes.map(Some).reduce(|a, b| a?.broadcast(&b?)).flatten();
            let elements = elements(map, operands, &walked.ok_or_else(|| unfit(shape))?)?;
            reduce(reduction, &elements, shape)
        }
    }
}

fn unfit(shape: &Shape) -> Fault {
    Fault::block(format!("the operands do not broadcast to shape {shape}"))
}

fn wrong_types() -> Fault {
    Fault::block("the operands' data types are not those of the block's kernel; this is a bug in the block")
}

fn elements(map: &Elementwise, operands: &[&Tensor], shape: &Shape) -> Result<Tensor, Fault> {
    fn fill<O: Operand>(map: &Elementwise, chunks: &[Chunk<'_>], shape: &Shape) -> Result<Tensor, Fault> {
        let mut out = vec![O::default(); shape.elements()];
        map.run(chunks, 0, O::chunk_mut(&mut out)).ok_or_else(wrong_types)?;
        Tensor::new(shape.clone(), out).map_err(|e| Fault::block(e.to_string()))
    }
    let operands: Option<Vec<Tensor>> = operands.iter().map(|t| broadcast(t, shape)).collect();
    let operands = operands.ok_or_else(|| unfit(shape))?;
    let chunks: Vec<Chunk<'_>> = operands.iter().map(Chunk::of).collect::<Option<_>>().ok_or_else(wrong_types)?;
    for_operand!(map.output(), T => fill::<T>(map, &chunks, shape), else Err(wrong_types()))
}

/// The tensor as it is if it has one element or fills `shape`, else repeated to fill it.
fn broadcast(tensor: &Tensor, shape: &Shape) -> Option<Tensor> {
    fn repeat<T: Element>(tensor: &Tensor, shape: &Shape) -> Option<Tensor> {
        let repeated = tensor.view::<T>()?.broadcast(shape.dims())?.iter().cloned().collect();
        Tensor::new(shape.clone(), repeated).ok()
    }
    if tensor.len() == 1 || tensor.len() == shape.elements() {
        return Some(tensor.clone());
    }
    for_operand!(tensor.dtype(), T => repeat::<T>(tensor, shape), else None)
}

fn reduce(reduction: &Reduction, elements: &Tensor, shape: &Shape) -> Result<Tensor, Fault> {
    fn fill<O: Operand>(reduction: &Reduction, totals: &[u64], count: usize, shape: &Shape) -> Result<Tensor, Fault> {
        let mut out = vec![O::default(); totals.len()];
        reduction.finish(totals, count, O::chunk_mut(&mut out)).ok_or_else(wrong_types)?;
        Tensor::new(shape.clone(), out).map_err(|e| Fault::block(e.to_string()))
    }
    let (dims, axes) = (elements.shape().dims(), reduction.axes());
    let along = |folded: bool| dims.iter().zip(axes).filter(move |(_, axis)| **axis == folded).map(|(dim, _)| *dim);
    let (results, count): (usize, usize) = (along(false).product(), along(true).product());
    let totals: Vec<u64> = for_operand!(elements.dtype(), T => {
        let mut parts: Vec<Vec<T>> = vec![Vec::with_capacity(count); results];
        for (flat, element) in elements.slice::<T>().unwrap_or_default().iter().enumerate() {
            parts[result_of(flat, dims, axes)].push(*element);
        }
        parts.iter().map(|part| total(reduction, part)).collect()
    }, else return Err(wrong_types()));
    for_operand!(reduction.output(), T => fill::<T>(reduction, &totals, count, shape), else Err(wrong_types()))
}

/// The result, numbered row-major, that element number `flat` goes into.
fn result_of(mut flat: usize, dims: &[usize], axes: &[bool]) -> usize {
    let (mut result, mut stride) = (0, 1);
    for (dim, folded) in dims.iter().zip(axes).rev() {
        if !folded {
            result += flat % dim * stride;
            stride *= dim;
        }
        flat /= dim;
    }
    result
}

/// What the elements of one result come to.
fn total<T: Operand>(reduction: &Reduction, elements: &[T]) -> u64 {
    let (fold, dtype) = (reduction.fold(), T::DTYPE);
    elements.chunks(BLOCK).fold(fold::start(fold, dtype), |total, block| {
        let mut lanes = Lanes::new(fold, dtype);
        lanes.take(fold, &T::chunk(block));
        fold::join(fold, dtype, total, lanes.total(fold, dtype))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dims: &[usize], values: &[f32]) -> Tensor {
        Tensor::new(Shape::new(dims).unwrap(), values.to_vec()).unwrap()
    }

    #[test]
    fn operands_broadcast() {
        let kernel = Kernel::zip(|a: f32, b: f32| a - b);
        for (a, b, out) in [
            (tensor(&[2], &[3.0, 4.0]), tensor(&[], &[1.0]), tensor(&[2], &[2.0, 3.0])),
            (tensor(&[1], &[3.0]), tensor(&[2], &[1.0, 2.0]), tensor(&[2], &[2.0, 1.0])),
            (
                tensor(&[2, 1], &[1.0, 2.0]),
                tensor(&[1, 2], &[10.0, 20.0]),
                tensor(&[2, 2], &[-9.0, -19.0, -8.0, -18.0]),
            ),
            (tensor(&[0], &[]), tensor(&[1], &[1.0]), tensor(&[0], &[])),
            (tensor(&[1, 1], &[5.0]), tensor(&[], &[1.0]), tensor(&[1, 1], &[4.0])),
        ] {
            let result = apply(&kernel, &[&a, &b], out.shape()).unwrap();
            assert!(result.same_bits(&out), "{a:?} - {b:?} = {result:?}");
        }
    }

    #[test]
    fn folds() {
        let many: Vec<f32> = (1..=10_000).map(|i| i as f32).collect();
        let square = [1.0, f32::NAN, 3.0, -4.0];
        let sum = |axes: &[bool]| Kernel::elements::<f32>().sum(axes, |total, _| total as f32);
        for (kernel, input, out) in [
            (sum(&[true]), tensor(&[0], &[]), tensor(&[], &[0.0])),
            (sum(&[true]), tensor(&[10_000], &many), tensor(&[], &[50_005_000.0])),
            (sum(&[true, false]), tensor(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), tensor(&[2], &[4.0, 6.0])),
            (sum(&[false, true]), tensor(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), tensor(&[2], &[3.0, 7.0])),
            (sum(&[false, false]), tensor(&[1, 2], &[1.0, 2.0]), tensor(&[1, 2], &[1.0, 2.0])),
            (sum(&[true]), tensor(&[3], &[1.0, f32::INFINITY, -1.0]), tensor(&[], &[f32::INFINITY])),
            (Kernel::elements::<f32>().max::<f32>(&[true]), tensor(&[10_000], &many), tensor(&[], &[10_000.0])),
            (Kernel::elements::<f32>().min::<f32>(&[true]), tensor(&[10_000], &many), tensor(&[], &[1.0])),
            (
                Kernel::elements::<f32>().max::<f32>(&[false, true]),
                tensor(&[2, 2], &square),
                tensor(&[2], &[f32::NAN, 3.0]),
            ),
            (
                Kernel::elements::<f32>().min::<f32>(&[true, false]),
                tensor(&[2, 2], &square),
                tensor(&[2], &[1.0, f32::NAN]),
            ),
            (Kernel::elements::<f32>().min::<f32>(&[true]), tensor(&[0], &[]), tensor(&[], &[f32::INFINITY])),
            (Kernel::elements::<f32>().max::<f32>(&[true]), tensor(&[2], &[-0.0, 0.0]), tensor(&[], &[0.0])),
            (Kernel::elements::<f32>().min::<f32>(&[true]), tensor(&[2], &[0.0, -0.0]), tensor(&[], &[-0.0])),
        ] {
            let result = apply(&kernel, &[&input], out.shape()).unwrap();
            assert!(result.same_bits(&out), "{kernel:?} of {input:?} is {result:?}");
        }
    }

    #[test]
    fn wrong_types_are_a_fault() {
        let kernel = Kernel::map(|a: f32| a);
        assert!(apply(&kernel, &[&Tensor::scalar(1i32)], &Shape::scalar()).is_err());
    }
}
