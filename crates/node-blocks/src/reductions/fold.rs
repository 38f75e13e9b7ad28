//! The family of blocks that fold a tensor over axes: such a block is its name, its documentation and its kernel.

use node_core::type_rule::{Index, Real};
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, BlockType, DType, Fault, In, InferCx, Kernel, KnownType, Out, PartialShape, Reason,
    RunCx, Shape, Tensor, TensorType, WhyCx,
};

use super::groups::Groups;

use crate::axis;

/// The tensor to reduce.
const INPUT: In<Real> = In::new("input", INPUT_DOCS);
const INPUT_DOCS: &str = "The tensor to reduce; any shape.";
/// The axes to reduce.
const AXIS: In<Index> =
    In::new("axis", "The axes to reduce, a scalar or a vector; negative ones count from the end. All if unconnected.")
        .aliases(&["reduction_indices"])
        .optional()
        .parameter();
/// Whether the reduced axes stay.
const KEEP_DIMS: AttrKey<bool> = AttrKey::bool("keep_dims", false, "Keep reduced axes, with length 1.");

/// The kernel for a data type and the axes that are folded.
type KernelOf = fn(DType, &[bool]) -> Option<Kernel>;

/// The result, for what no kernel folds.
type ComputeOf = fn(&RunCx<'_>, &Tensor, &Groups, &KnownType) -> Result<Tensor, Vec<Fault>>;

/// Why an element of the result is what it is, for what no kernel can tell.
type WhyOf = fn(&WhyCx<'_>, Vec<Origin>) -> Result<Reason, Vec<Fault>>;

/// A block that folds a tensor, as it is put together.
pub struct Fold {
    spec: BlockSpec,
    output: &'static str,
    is_of_booleans: bool,
    code: Code,
}

/// A block that folds `input` over the axes in `axis`.
pub fn fold(name: &'static str, summary: &'static str, docs: &'static str) -> Fold {
    let spec = BlockSpec::new(name, "Reductions", summary, docs);
    let code = Code { kernel: |_, _| None, compute: None, why: None, is_mean: false, of_none: |_| true };
    Fold { spec, output: "", is_of_booleans: false, code }
}

impl Fold {
    /// The same block, with what its output is.
    pub fn output(mut self, docs: &'static str) -> Fold {
        self.output = docs;
        self
    }

    /// The same block, computed by these kernels.
    pub fn kernel(mut self, kernel: KernelOf) -> Fold {
        self.code.kernel = kernel;
        self
    }

    /// The same block, which no kernel computes.
    pub fn compute(mut self, compute: ComputeOf) -> Fold {
        self.code.compute = Some(compute);
        self
    }

    /// The same block, which says this of an element.
    pub fn why(mut self, why: WhyOf) -> Fold {
        self.code.why = Some(why);
        self
    }

    /// The same block, of booleans.
    pub fn of_booleans(mut self) -> Fold {
        self.is_of_booleans = true;
        self
    }

    /// The same block, which divides by how many elements it has folded.
    pub fn mean(mut self) -> Fold {
        self.code.is_mean = true;
        self
    }

    /// The same block, which folds no elements of the types for which `is_defined` does not hold.
    pub fn of_none(mut self, is_defined: fn(DType) -> bool) -> Fold {
        self.code.of_none = is_defined;
        self
    }
}

impl From<Fold> for BlockType {
    fn from(fold: Fold) -> BlockType {
        let (input, output) = match fold.is_of_booleans {
            true => (In::<bool>::new("input", INPUT_DOCS).port(), Out::<bool>::new("output", fold.output).port()),
            false => (INPUT.port(), Out::<Real>::new("output", fold.output).port()),
        };
        let spec = fold.spec.ports([input, AXIS.port()]).attrs([KEEP_DIMS.spec()]).ports([output]);
        spec.code(fold.code)
    }
}

struct Code {
    kernel: KernelOf,
    compute: Option<ComputeOf>,
    why: Option<WhyOf>,
    /// Whether what comes of a fold is divided by the number of elements.
    is_mean: bool,
    of_none: fn(DType) -> bool,
}

impl Block for Code {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let input = cx.input(INPUT)?;
        let keep = cx.attr(KEEP_DIMS)?;
        let axis = cx.find(AXIS);
        if let Some(rank) = axis.and_then(|a| a.ty.shape.rank()).filter(|rank| *rank > 1) {
            return Err(vec![Fault::at("axis", format!("must be a scalar or a vector, but has rank {rank}"))]);
        }
        let shape = match (input.ty.shape.dims(), axis.map(|a| a.value.as_ref())) {
            (Some(dims), None) => reduced(dims, &vec![true; dims.len()], keep),
            (Some(dims), Some(Some(axes))) => reduced(dims, &mask(axes, dims.len())?, keep),
            (Some(dims), Some(None)) if keep => PartialShape::of_dims(vec![None; dims.len()]),
            (None, None) if !keep => PartialShape::from(&Shape::scalar()),
            _ => PartialShape::unknown(),
        };
        self.refuse_none(cx)?;
        Ok(vec![TensorType::new(input.ty.dtype, shape)])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok((self.kernel)(cx.dtype(INPUT)?, &axes(cx)?).into_iter().collect())
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (tensor, ty) = (cx.tensor(INPUT)?, &cx.outputs()[0]);
        if let Some(compute) = self.compute {
            if ty.shape.elements() == 0 {
                return Ok(vec![cx.zeros(ty)?]);
            }
            return Ok(vec![compute(cx, tensor, &Groups::new(tensor.shape(), &axes(cx)?), ty)?]);
        }
        let kernels = self.kernels(cx)?;
        let apply = |kernel| node_core::kernel::apply(kernel, &[tensor], &ty.shape).map_err(|fault| vec![fault]);
        kernels.iter().map(apply).collect()
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        if let Some(why) = self.why {
            let input = cx.input_number(INPUT)?;
            let groups = Groups::new(&cx.operand_type(input, 0)?.shape, &axes(cx)?);
            return why(cx, groups.of(cx.flat()).map(|flat| Origin { input, item: 0, flat }).collect());
        }
        let mut reason = cx.by_kernels(&self.kernels(cx)?, None)?;
        if self.is_mean
            && let Some((names, numbers)) = reason.because.split_once(" = ")
        {
            let dims = cx.operand_type(cx.input_number(INPUT)?, 0)?.shape;
            let folded = dims.dims().iter().zip(axes(cx)?).filter(|(_, folded)| *folded).map(|(dim, _)| dim);
            let count: usize = folded.product();
            reason.because = format!("({names}) / {count} = ({numbers}) / {count}");
        }
        Ok(reason)
    }
}

impl Code {
    /// What comes of no elements is not defined for every type.
    fn refuse_none(&self, cx: &InferCx<'_>) -> Result<(), Vec<Fault>> {
        let (dtype, Some(dims)) = (cx.dtype(INPUT)?, cx.shape(INPUT)?.dims()) else { return Ok(()) };
        let is_known = cx.find(AXIS).is_none_or(|axis| axis.value.is_some());
        if (self.of_none)(dtype) || !is_known {
            return Ok(());
        }
        let axes = axes(cx)?;
        let is_empty = |reduced: bool| dims.iter().zip(&axes).any(|(dim, axis)| *axis == reduced && *dim == Some(0));
        if is_empty(true) && !is_empty(false) {
            let what = cx.spec().name.to_lowercase();
            let message = format!("has no elements; the {what} of no {dtype} is not defined");
            return Err(vec![Fault::at("input", message)]);
        }
        Ok(())
    }
}

/// For each axis of the input whether it is reduced.
fn axes(cx: &InferCx<'_>) -> Result<Vec<bool>, Vec<Fault>> {
    let rank = cx.shape(INPUT)?.rank().unwrap_or_default();
    match cx.find(AXIS) {
        Some(_) => mask(cx.tensor(AXIS)?, rank),
        None => Ok(vec![true; rank]),
    }
}

fn reduced(dims: &[Option<usize>], mask: &[bool], keep: bool) -> PartialShape {
    let kept = dims.iter().zip(mask).filter_map(|(dim, reduce)| match (reduce, keep) {
        (false, _) => Some(*dim),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    });
    PartialShape::of_dims(kept.collect())
}

fn mask(axes: &Tensor, rank: usize) -> Result<Vec<bool>, Vec<Fault>> {
    axis::set(&axes.integers().unwrap_or_default(), rank, "axis")
}
