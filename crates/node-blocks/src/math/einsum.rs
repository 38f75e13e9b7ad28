//! `Einsum`: sums of products over axes named by letters.
//!
//! No edge cases: it adds products, as MatMul does, and looks at no element.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Shape, Tensor,
    TensorType, WhyCx, name, register_block,
};

use super::equation::{Equation, Label};
use crate::arrays::moves::{Along, Moves, moved, strides};
use crate::batches::Batches;
use crate::products::{self, Factor, for_factor};
use crate::{computed, given};

const KINDS: &[DType] = &[DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int32, DType::Int64];
const INPUTS: In<Real> = In::new("inputs", "One tensor or two.").among(KINDS).list(Some("N"));
const EQUATION: AttrKey<Arc<str>> =
    AttrKey::text("equation", "", "The axes of the inputs, `->`, and those of the output: `ij,jk->ik`.").required();
const OUTPUT: Out<Real> = Out::new("output", "The sums; an axis for each letter behind `->`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "Einsum",
        "Math",
        "Sums of products over axes named by letters.",
        "Each letter names an axis: those that are not in the output are summed over, after what meets has been \
         multiplied; `ij,jk->ik` is the product of two matrices, `ii->i` the diagonal, `ij->ji` the transpose. \
         `...` stands for axes that broadcast. One input or two. Floats are summed with fused multiply-add where \
         the processor has it, in an order that does not depend on threads; TensorFlow agrees to about 1e-5. \
         Integers wrap.",
    )
    .ports([INPUTS.port()])
    .attrs([EQUATION.spec()])
    .ports([OUTPUT.port()])
    .code(Einsum)
);

struct Einsum;

impl Block for Einsum {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let inputs = cx.list(INPUTS);
        let dtype = inputs.first().map(|input| input.ty.dtype).ok_or_else(|| vec![Fault::at("inputs", "is empty")])?;
        if inputs.len() > 2 {
            return Err(vec![Fault::at("inputs", format!("has {} tensors, but takes one or two", inputs.len()))]);
        }
        let dims: Option<Vec<&[Option<usize>]>> = inputs.iter().map(|input| input.ty.shape.dims()).collect();
        let Some(dims) = dims else { return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]) };
        let (equation, lengths) = equation(cx, &dims)?;
        let out = equation.output.iter().map(|label| lengths.get(label).copied().flatten()).collect();
        Ok(vec![TensorType::new(dtype, given::shape(out, "inputs")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(INPUTS)?;
        let shapes = (0..cx.list(INPUTS).len())
            .map(|item| Ok(cx.operand_type(input, item)?.shape))
            .collect::<Result<Vec<_>, Vec<Fault>>>()?;
        let plan = Plan::of(cx, &shapes)?;
        let at = cx.shape().position(cx.flat());
        let summed: Vec<usize> = plan.summed.iter().map(|label| plan.length(*label)).collect();
        let count: usize = summed.iter().product();
        let origin = |item: usize, nth: usize| {
            let mut left = nth;
            let mut place: BTreeMap<Label, usize> =
                plan.equation.output.iter().copied().zip(at.iter().copied()).collect();
            for (label, len) in plan.summed.iter().zip(&summed).rev() {
                place.insert(*label, left % len);
                left /= len;
            }
            let labels = plan.equation.inputs[item].iter().zip(shapes[item].dims()).zip(strides(shapes[item].dims()));
            let flat = labels.map(|((label, len), stride)| if *len == 1 { 0 } else { place[label] * stride }).sum();
            Origin { input, item, flat }
        };
        match shapes.len() {
            1 => computed::sum(cx, (0..count).map(|nth| origin(0, nth)).collect()),
            _ => computed::products(cx, (0..count).map(|nth| (origin(0, nth), origin(1, nth)))),
        }
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let tensors: Vec<&Tensor> = cx.list(INPUTS).iter().filter_map(|input| input.value.as_ref()).collect();
        let shapes: Vec<Shape> = tensors.iter().map(|tensor| tensor.shape().clone()).collect();
        let plan = Plan::of(cx, &shapes)?;
        let wide = tensors.iter().map(|tensor| products::widened(cx, tensor)).collect::<Result<Vec<_>, _>>()?;
        let made = for_factor!(ty.dtype, T => plan.run::<T>(cx, &wide, ty))?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}

type Lengths = BTreeMap<Label, Option<usize>>;

fn equation(cx: &InferCx<'_>, dims: &[&[Option<usize>]]) -> Result<(Equation, Lengths), Vec<Fault>> {
    let ranks: Vec<usize> = dims.iter().map(|dims| dims.len()).collect();
    let equation =
        Equation::parse(&cx.attr(EQUATION)?, &ranks).map_err(|why| vec![Fault::attrs(format!("equation {why}"))])?;
    let lengths = equation.lengths(dims);
    let lengths = lengths.map_err(|(item, why)| vec![Fault::at(name::of_item("inputs", item), why)])?;
    Ok((equation, lengths))
}

/// How the sums are taken: as a product of matrices, batch by batch.
struct Plan {
    equation: Equation,
    lengths: Lengths,
    /// What is summed over.
    summed: Vec<Label>,
}

impl Plan {
    fn of(cx: &InferCx<'_>, shapes: &[Shape]) -> Result<Plan, Vec<Fault>> {
        let dims: Vec<Vec<Option<usize>>> =
            shapes.iter().map(|shape| shape.dims().iter().map(|dim| Some(*dim)).collect()).collect();
        let (equation, lengths) = equation(cx, &dims.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        let summed = lengths.keys().filter(|label| !equation.output.contains(label)).copied().collect();
        Ok(Plan { equation, lengths, summed })
    }

    fn length(&self, label: Label) -> usize {
        self.lengths.get(&label).copied().flatten().unwrap_or(1)
    }

    fn product(&self, labels: &[Label]) -> usize {
        labels.iter().map(|label| self.length(*label)).product()
    }

    /// The elements of an input with these axes, in this order; axes of one name are gone along together.
    fn arranged<T: Factor>(
        &self,
        cx: &RunCx<'_>,
        item: usize,
        tensor: &Tensor,
        labels: &[Label],
    ) -> Result<Tensor, Vec<Fault>> {
        let own = self.equation.inputs[item].iter().zip(tensor.shape().dims()).zip(strides(tensor.shape().dims()));
        let own: Vec<(Label, usize)> =
            own.map(|((label, len), stride)| (*label, if *len == 1 { 0 } else { stride })).collect();
        let step = |label: &Label| own.iter().filter(|(own, _)| own == label).map(|(_, stride)| stride).sum::<usize>();
        let axes = labels.iter().map(|label| (self.length(*label), Along::Step(step(label) as isize)));
        let lengths: Vec<usize> = labels.iter().map(|label| self.length(*label)).collect();
        let shape = Shape::new(&lengths).map_err(|error| vec![Fault::at("inputs", error.to_string())])?;
        moved(cx, tensor, None, &Moves::axes(0, axes), &KnownType { dtype: T::DTYPE, shape })
    }

    /// Arranged with these axes first, and the others, of no other input, summed away.
    fn gathered<T: Factor>(
        &self,
        cx: &RunCx<'_>,
        item: usize,
        tensor: &Tensor,
        labels: &[Label],
    ) -> Result<Tensor, Vec<Fault>> {
        let others: Vec<Label> =
            self.lengths.keys().copied().filter(|label| self.has(item, label) && !labels.contains(label)).collect();
        let arranged = self.arranged::<T>(cx, item, tensor, &[labels, &others].concat())?;
        let count = self.product(&others);
        if others.is_empty() {
            return Ok(arranged);
        }
        let elements = arranged.slice::<T>().unwrap_or_default();
        cx.fill::<T>(&Shape::vector(self.product(labels)), 1 << 12, |first, out| {
            for (nth, out) in (first..).zip(out) {
                let own = &elements[nth * count..(nth + 1) * count];
                *out = sum(own);
            }
        })
    }

    fn has(&self, item: usize, label: &Label) -> bool {
        self.equation.inputs.get(item).is_some_and(|labels| labels.contains(label))
    }

    fn run<T: Factor>(&self, cx: &RunCx<'_>, tensors: &[Tensor], ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        let misfit = || vec![Fault::block("its sums do not fill the output; this is a bug in the block")];
        let output = &self.equation.output;
        let [x, y] = tensors else {
            let one = tensors.first().ok_or_else(misfit)?;
            return self.gathered::<T>(cx, 0, one, output)?.reshaped(&ty.shape).ok_or_else(misfit);
        };
        let pick = |keep: &dyn Fn(&Label) -> bool| {
            self.lengths.keys().copied().filter(|label| keep(label)).collect::<Vec<_>>()
        };
        let is_out = |label: &Label| output.contains(label);
        let batch = pick(&|label| is_out(label) && self.has(0, label) && self.has(1, label));
        let inner = pick(&|label| !is_out(label) && self.has(0, label) && self.has(1, label));
        let rows = pick(&|label| is_out(label) && self.has(0, label) && !self.has(1, label));
        let columns = pick(&|label| is_out(label) && !self.has(0, label) && self.has(1, label));
        let x = self.gathered::<T>(cx, 0, x, &[&batch[..], &rows, &inner].concat())?;
        let y = self.gathered::<T>(cx, 1, y, &[&batch[..], &inner, &columns].concat())?;
        let sizes = [&batch, &rows, &inner, &columns].map(|labels| self.product(labels));
        let shape = |dims: [usize; 3]| Shape::new(dims).map_err(|error| vec![Fault::at("inputs", error.to_string())]);
        let [batches, rows_len, inner_len, columns_len] = sizes;
        let product = KnownType { dtype: T::DTYPE, shape: shape([batches, rows_len, columns_len])? };
        let (of_x, of_y) = (shape([batches, rows_len, inner_len])?, shape([batches, inner_len, columns_len])?);
        let (x, y) = (x.slice::<T>().unwrap_or_default(), y.slice::<T>().unwrap_or_default());
        let made = Batches::new(&of_x, &of_y, &product.shape, (false, false)).multiplied(cx, x, y, &product)?;
        // The product's axes, put into the output's order.
        let labels = [&batch[..], &rows, &columns].concat();
        let lengths: Vec<usize> = labels.iter().map(|label| self.length(*label)).collect();
        let apart = strides(&lengths);
        let step = |label: &Label| labels.iter().position(|own| own == label).map_or(0, |at| apart[at]);
        let axes = output.iter().map(|label| (self.length(*label), Along::Step(step(label) as isize)));
        moved(cx, &made, None, &Moves::axes(0, axes), &KnownType { dtype: T::DTYPE, shape: ty.shape.clone() })
    }
}

/// The sum of elements, halves first, so that long sums lose little.
fn sum<T: Factor>(elements: &[T]) -> T {
    const SHORT: usize = 64;
    if elements.len() <= SHORT {
        return elements.iter().fold(T::default(), |sum, element| sum.plus(*element));
    }
    let (first, second) = elements.split_at(elements.len() / 2);
    sum(first).plus(sum(second))
}
