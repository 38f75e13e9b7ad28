//! Families of blocks that work element by element: such a block is its name, its documentation and its kernel.

use node_core::name::Name;
use node_core::type_rule::{Floating, PortTypes, Real};
use node_core::why::{Named, Words};
use node_core::{
    AttrKey, Block, BlockSpec, BlockType, DType, Fault, In, InferCx, Kernel, Out, PartialShape, PortSpec, Reason,
    RunCx, Tensor, TensorType, WhyCx,
};

/// The kernel for a data type, if there is one.
type KernelOf = fn(DType) -> Option<Kernel>;

/// The kernel for a data type and a number that an attribute gives.
type KernelWith = fn(DType, f32) -> Option<Kernel>;

/// What operands must not be: for which data types that is asked, and what is wrong with operands, by port.
#[derive(Clone, Copy)]
struct Refused {
    of: fn(DType) -> bool,
    why: fn(&Tensor) -> Result<(), Fault>,
}

/// What it does to operands, in words.
type WordsOf = fn(&[Named]) -> Words<'static>;

/// A block that works element by element, as it is put together.
pub struct Elementwise {
    spec: BlockSpec,
    operands: Vec<PortSpec>,
    output: Option<PortSpec>,
    kernel: KernelOf,
    alpha: Option<(AttrKey<f32>, KernelWith)>,
    refused: Option<Refused>,
    words: Option<WordsOf>,
    shapes: Shapes,
}

/// What shapes operands have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shapes {
    /// They broadcast.
    Broadcast,
    /// They are one.
    Same,
    /// The first has one; the others are single elements, or have it too.
    OfFirst,
}

fn elementwise(spec: [&'static str; 3], shapes: Shapes) -> Elementwise {
    let [name, summary, docs] = spec;
    let spec = BlockSpec::new(name, "Math", summary, docs);
    Elementwise {
        spec,
        operands: Vec::new(),
        output: None,
        kernel: |_| None,
        alpha: None,
        refused: None,
        words: None,
        shapes,
    }
}

/// `x` to something of its shape.
pub fn unary(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Broadcast)
}

/// `x` and `y`, broadcast, to something.
pub fn binary(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    binary_of::<Real>(name, summary, docs, DType::REAL)
}

/// `x` and `y` of these data types, broadcast, to something.
pub fn binary_of<T: PortTypes>(
    name: &'static str,
    summary: &'static str,
    docs: &'static str,
    dtypes: &'static [DType],
) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Broadcast)
        .operand(In::<T>::new("x", "The first operand; any shape.").among(dtypes))
        .operand(In::<T>::new("y", "The second operand; its shape broadcasts with `x`'s.").among(dtypes))
}

/// What a block gave, and gradients for it, to gradients for its input.
pub fn gradient_of_output(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Same)
        .operand(In::<Floating>::new("y", "What the block whose gradient it is gave; any shape."))
        .operand(In::<Floating>::new("dy", "Gradients for it; shape of `y`."))
        .output::<Floating>("Gradients for the block's input; shape of `y`.", &["z"])
}

/// Gradients, and what the block whose gradient it is was given or gave, to gradients for its input.
pub fn gradient<T: PortTypes>(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Same)
        .operand(In::<T>::new("gradients", "Gradients from downstream; any shape."))
}

/// Three operands, broadcast.
pub fn ternary(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Broadcast)
}

impl Elementwise {
    /// The same block, with an operand more.
    pub fn operand<T: PortTypes>(mut self, port: In<T>) -> Elementwise {
        self.operands.push(port.port());
        self
    }

    /// The same block, the operands of which behind the first are single elements, or have its shape.
    pub fn of_first(mut self) -> Elementwise {
        self.shapes = Shapes::OfFirst;
        self
    }

    /// The same block, with its output; `aliases` are TensorFlow's names for it.
    pub fn output<T: PortTypes>(mut self, docs: &'static str, aliases: &'static [&'static str]) -> Elementwise {
        self.output = Some(Out::<T>::new("output", docs).aliases(aliases).port());
        self
    }

    /// The same block, for which people look by these names too.
    pub fn aliases<const N: usize>(mut self, names: [&'static str; N]) -> Elementwise {
        self.spec = self.spec.aliases(names);
        self
    }

    /// The same block, whose gradient a block of this type computes.
    pub fn gradient(mut self, block_type: &'static str) -> Elementwise {
        self.spec = self.spec.gradients([block_type]);
        self
    }

    /// The same block under another of the palette's headings.
    pub fn under(mut self, category: &'static str) -> Elementwise {
        self.spec.category = Name::Borrowed(category);
        self
    }

    /// The same block, computed by these kernels with the number that an attribute gives.
    pub fn kernel_with(mut self, key: AttrKey<f32>, kernel: KernelWith) -> Elementwise {
        self.alpha = Some((key, kernel));
        self
    }

    /// The same block, which refuses a second operand of the types for which `of` holds where `why` says so, if there is
    /// anything to be computed with it.
    pub fn refusing(mut self, of: fn(DType) -> bool, why: fn(&Tensor) -> Result<(), Fault>) -> Elementwise {
        self.refused = Some(Refused { of, why });
        self
    }

    /// The same block, computed by these kernels; they are asked for the data type of the last operand.
    pub fn kernel(mut self, kernel: KernelOf) -> Elementwise {
        self.kernel = kernel;
        self
    }

    /// The same block, which says in these words what it does to its operands.
    pub fn words(mut self, words: WordsOf) -> Elementwise {
        self.words = Some(words);
        self
    }
}

impl From<Elementwise> for BlockType {
    fn from(block: Elementwise) -> BlockType {
        let Elementwise { spec, operands, output, kernel, alpha, refused, words, shapes } = block;
        let fixed = output.as_ref().and_then(|output| output.types.fixed());
        let names = operands.iter().map(|port| port.name.clone()).collect();
        let spec = spec.ports(operands);
        let spec = match &alpha {
            Some((key, _)) => spec.attrs([key.spec()]),
            None => spec,
        };
        spec.ports(output).code(Code { names, fixed, kernel, alpha, refused, words, shapes })
    }
}

struct Code {
    names: Vec<Name>,
    /// The type of the output, where it is not that of the last operand.
    fixed: Option<DType>,
    kernel: KernelOf,
    alpha: Option<(AttrKey<f32>, KernelWith)>,
    refused: Option<Refused>,
    words: Option<WordsOf>,
    shapes: Shapes,
}

impl Code {
    fn kernel(&self, cx: &InferCx<'_>) -> Result<Option<Kernel>, Vec<Fault>> {
        let dtype = self.dtype(cx)?;
        match self.alpha {
            Some((key, kernel)) => Ok(kernel(dtype, cx.attr(key)?)),
            None => Ok((self.kernel)(dtype)),
        }
    }

    /// Whether there are operands that are refused.
    fn looks(&self, cx: &InferCx<'_>) -> Result<Option<Refused>, Vec<Fault>> {
        let dtype = self.dtype(cx)?;
        Ok(self.refused.filter(|refused| (refused.of)(dtype)))
    }

    /// Refuses operands as far as they are known.
    fn refuse(&self, cx: &InferCx<'_>) -> Result<(), Vec<Fault>> {
        let Some(refused) = self.looks(cx)? else { return Ok(()) };
        let operand = |nth: usize| cx.inputs().get(nth).and_then(|operand| operand.first());
        let shape = operand(0).and_then(|first| first.ty.shape.known());
        match operand(1).and_then(|second| second.value.as_ref()) {
            Some(second) if shape.is_some_and(|shape| shape.elements() > 0) => {
                (refused.why)(second).map_err(|fault| vec![fault])
            }
            _ => Ok(()),
        }
    }

    /// The data type that decides: that of the last operand.
    fn dtype(&self, cx: &InferCx<'_>) -> Result<DType, Vec<Fault>> {
        let last = cx.inputs().last().and_then(|operand| operand.first());
        last.map(|operand| operand.ty.dtype).ok_or_else(|| vec![Fault::block("has no operand")])
    }

    fn fits(&self, so_far: &PartialShape, operand: &PartialShape, nth: usize) -> Result<PartialShape, Fault> {
        let (name, first) = (&self.names[nth], &self.names[0]);
        let together = match self.shapes {
            Shapes::Broadcast => so_far.broadcast(operand),
            Shapes::Same => so_far.merge(operand),
            Shapes::OfFirst if operand.rank() == Some(0) || operand.rank().is_none() => Some(so_far.clone()),
            Shapes::OfFirst => so_far.merge(operand),
        };
        together.ok_or_else(|| {
            let message = match self.shapes {
                Shapes::Broadcast if nth == 1 => {
                    format!("shape {operand} does not broadcast with {first}'s shape {so_far}")
                }
                Shapes::Broadcast => format!("shape {operand} does not broadcast with the others' shape {so_far}"),
                Shapes::Same => format!("shape {operand} does not match {first}' shape {so_far}"),
                Shapes::OfFirst => {
                    format!("must be a scalar or have {first}'s shape {so_far}, but has shape {operand}")
                }
            };
            Fault::at(name.clone(), message)
        })
    }
}

impl Block for Code {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let mut shape: Option<PartialShape> = None;
        for (nth, operand) in cx.inputs().iter().enumerate() {
            let missing = || vec![Fault::at(self.names[nth].clone(), "is not connected")];
            let own = &operand.first().ok_or_else(missing)?.ty.shape;
            shape = Some(match shape {
                None => own.clone(),
                Some(so_far) => self.fits(&so_far, own, nth).map_err(|fault| vec![fault])?,
            });
        }
        self.refuse(cx)?;
        let dtype = self.fixed.map_or_else(|| self.dtype(cx), Ok)?;
        Ok(vec![TensorType::new(dtype, shape.unwrap_or_default())])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        // What can be refused must be looked at whole before anything is computed from it.
        if self.looks(cx)?.is_some() {
            return Ok(Vec::new());
        }
        Ok(self.kernel(cx)?.into_iter().collect())
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        self.refuse(cx)?;
        let kernel = self.kernel(cx)?.ok_or_else(|| vec![Fault::block("has no kernel; this is a bug in the block")])?;
        let operands: Vec<&Tensor> = cx.inputs().iter().flatten().filter_map(|input| input.value.as_ref()).collect();
        Ok(vec![node_core::kernel::apply(&kernel, &operands, &cx.outputs()[0].shape).map_err(|fault| vec![fault])?])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let words = match self.words {
            Some(words) => Some(words(&cx.operands_met()?)),
            None => None,
        };
        let kernels: Vec<Kernel> = self.kernel(cx)?.into_iter().collect();
        cx.by_kernels(&kernels, words.as_ref())
    }
}
