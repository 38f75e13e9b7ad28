//! Families of blocks that work element by element: such a block is its name, its documentation and its kernel.

use node_core::name::Name;
use node_core::type_rule::{PortTypes, Real};
use node_core::why::{Named, Words};
use node_core::{
    Block, BlockSpec, BlockType, DType, Fault, In, InferCx, Kernel, Out, PartialShape, PortSpec, Reason, TensorType,
    WhyCx,
};

/// The kernel for a data type, if there is one.
type KernelOf = fn(DType) -> Option<Kernel>;

/// What it does to operands, in words.
type WordsOf = fn(&[Named]) -> Words<'static>;

/// A block that works element by element, as it is put together.
pub struct Elementwise {
    spec: BlockSpec,
    operands: Vec<PortSpec>,
    output: Option<PortSpec>,
    kernel: KernelOf,
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
    Elementwise { spec, operands: Vec::new(), output: None, kernel: |_| None, words: None, shapes }
}

/// `x` to something of its shape.
pub fn unary(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Broadcast)
}

/// `x` and `y`, broadcast, to something.
pub fn binary(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Broadcast)
        .operand(In::<Real>::new("x", "The first operand; any shape."))
        .operand(In::<Real>::new("y", "The second operand; its shape broadcasts with `x`'s."))
}

/// Gradients, and what the block whose gradient it is was given or gave, to gradients for its input.
pub fn gradient(name: &'static str, summary: &'static str, docs: &'static str) -> Elementwise {
    elementwise([name, summary, docs], Shapes::Same)
        .operand(In::<Real>::new("gradients", "Gradients from downstream; any shape."))
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

    /// The same block, computed by these kernels; they are asked for the data type of the last operand.
    pub fn kernel(mut self, kernel: KernelOf) -> Elementwise {
        self.kernel = kernel;
        self
    }
}

impl Elementwise {
    /// The same block, which says in these words what it does to its operands.
    pub fn words(mut self, words: WordsOf) -> Elementwise {
        self.words = Some(words);
        self
    }
}

impl From<Elementwise> for BlockType {
    fn from(block: Elementwise) -> BlockType {
        let Elementwise { spec, operands, output, kernel, words, shapes } = block;
        let fixed = output.as_ref().and_then(|output| output.types.fixed());
        let names = operands.iter().map(|port| port.name.clone()).collect();
        spec.ports(operands).ports(output).code(Code { names, fixed, kernel, words, shapes })
    }
}

struct Code {
    names: Vec<Name>,
    /// The type of the output, where it is not that of the last operand.
    fixed: Option<DType>,
    kernel: KernelOf,
    words: Option<WordsOf>,
    shapes: Shapes,
}

impl Code {
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
        let dtype = self.fixed.map_or_else(|| self.dtype(cx), Ok)?;
        Ok(vec![TensorType::new(dtype, shape.unwrap_or_default())])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok((self.kernel)(self.dtype(cx)?).into_iter().collect())
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let words = match self.words {
            Some(words) => Some(words(&cx.operands_met()?)),
            None => None,
        };
        cx.by_kernels(&self.kernels(cx)?, words.as_ref())
    }
}
