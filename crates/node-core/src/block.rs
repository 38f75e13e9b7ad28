//! The trait that every block type implements, and what a block sees when it infers and computes.

use crate::attr::{AttrKey, AttrValue, Attrs};
use crate::dtype::{DType, Element};
use crate::kernel::{self, Kernel};
use crate::port::{In, PortTypes};
use crate::problem::Fault;
use crate::shape::{PartialShape, Shape};
use crate::spec::BlockSpec;
use crate::tensor::{Tensor, TensorType};

/// A block type: its description, what it computes, and what it can tell about it.
pub trait Block: Send + Sync + 'static {
    /// The description.
    fn spec(&self) -> &'static BlockSpec;

    /// The types of the outputs, from the types of the inputs, the attributes and the values of constant inputs.
    /// Everything that can be wrong is found here, so that it shows before a run; a run infers again with the shapes
    /// that it really has, so computing may rely on it.
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>>;

    /// The kernels, for blocks whose outputs come element by element or by folding elements: one for each output, over
    /// the inputs that are not parameters. Made before these inputs are there: only parameters and constants have values.
    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let _ = cx;
        Ok(Vec::new())
    }

    /// The result vector: one tensor for each tensor output. By default the kernels, run over whole tensors; an engine
    /// that knows how to run kernels does not ask.
    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let kernels = self.kernels(cx)?;
        if kernels.len() != cx.outputs.len() || kernels.is_empty() {
            let message = "the block has neither kernels nor a computation; this is a bug in the block";
            return Err(vec![Fault::block(message)]);
        }
        let ports = cx.spec.inputs().zip(cx.inputs).filter(|(port, _)| !port.parameter);
        let operands: Vec<&Tensor> = ports.flat_map(|(_, tensors)| tensors).filter_map(|i| i.value.as_ref()).collect();
        let results = kernels.iter().zip(cx.outputs).map(|(kernel, ty)| kernel::apply(kernel, &operands, &ty.shape));
        results.collect::<Result<_, _>>().map_err(|fault| vec![fault])
    }

    /// Whether two runs with the same inputs can give different results, so that none may stand for another.
    fn is_stateful(&self) -> bool {
        false
    }

    /// The quantization in force, for blocks that quantize: one range, or one for each channel of the last dimension.
    /// As for kernels, parameters have values, and no others need have.
    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        let _ = cx;
        None
    }

    /// What a person should know although nothing is wrong. Asked before a run, and in it again: then all parameters
    /// have values.
    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        let _ = cx;
        Vec::new()
    }
}

/// What a person should know although nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The port that is concerned, if it is one.
    pub port: Option<&'static str>,
    /// What there is to know.
    pub message: String,
    /// What can be done about it.
    pub remedy: String,
}

impl Warning {
    /// A warning about the port called `port`.
    pub fn at(port: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Warning {
        Warning { port: Some(port), message: message.into(), remedy: remedy.into() }
    }

    /// A warning about the attributes.
    pub fn attrs(message: impl Into<String>, remedy: impl Into<String>) -> Warning {
        Warning::at(crate::port::ATTRS_PORT, message, remedy)
    }
}

impl std::fmt::Display for Warning {
    /// What there is to know, and what can be done about it; whose it is is the reader's to name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.message, self.remedy)
    }
}

/// One quantized range, as it is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantRange {
    /// The range that was asked for.
    pub min: f32,
    /// The range that was asked for.
    pub max: f32,
    /// The least value that can be represented.
    pub nudged_min: f32,
    /// The greatest value that can be represented.
    pub nudged_max: f32,
    /// The distance of two neighbouring values.
    pub scale: f32,
    /// The quantized value that stands for 0.
    pub zero_point: i64,
}

/// How a block quantizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// The input that is quantized.
    pub input: &'static str,
    /// One range, or one for each channel of the last dimension.
    pub ranges: Vec<QuantRange>,
}

/// What is known of an input before a run.
#[derive(Clone, Debug)]
pub struct InputType {
    /// Its type.
    pub ty: TensorType,
    /// Its value, if it is a constant.
    pub value: Option<Tensor>,
}

/// What a block sees before it computes: when it infers, and when it makes its kernels.
#[derive(Clone, Copy)]
pub struct InferCx<'a> {
    /// The block type's description.
    pub spec: &'a BlockSpec,
    /// The attributes, resolved.
    pub attrs: &'a Attrs,
    /// For each tensor input in order, what is wired to it.
    pub inputs: &'a [Vec<InputType>],
    /// The tensor given from outside, for a block that can be fed.
    pub fed: Option<&'a Tensor>,
}

impl InferCx<'_> {
    /// An attribute.
    pub fn attr<T: AttrValue>(&self, key: AttrKey<T>) -> Result<T, Vec<Fault>> {
        key.read(self.attrs).map_err(|fault| vec![fault])
    }

    /// An attribute that may be left out.
    pub fn find_attr<T: AttrValue>(&self, key: AttrKey<T>) -> Option<T> {
        key.find(self.attrs)
    }

    /// What is known of an input that may be unconnected.
    pub fn find<T>(&self, port: In<T>) -> Option<&InputType>
    where
        T: PortTypes,
    {
        self.inputs.get(self.spec.input_index(port.name())?)?.first()
    }

    /// What is known of an input.
    pub fn input<T: PortTypes>(&self, port: In<T>) -> Result<&InputType, Vec<Fault>> {
        self.find(port).ok_or_else(|| vec![Fault::at(port.name(), "is not connected")])
    }

    /// An input's shape.
    pub fn shape<T: PortTypes>(&self, port: In<T>) -> Result<&PartialShape, Vec<Fault>> {
        self.input(port).map(|input| &input.ty.shape)
    }

    /// An input's data type.
    pub fn dtype<T: PortTypes>(&self, port: In<T>) -> Result<DType, Vec<Fault>> {
        self.input(port).map(|input| input.ty.dtype)
    }

    /// The value of an input: of one that is a parameter or a constant, and in a computation of any.
    pub fn tensor<T: PortTypes>(&self, port: In<T>) -> Result<&Tensor, Vec<Fault>> {
        let unknown = || vec![Fault::at(port.name(), "is not known before the run; this is a bug in the block")];
        self.input(port)?.value.as_ref().ok_or_else(unknown)
    }

    /// The elements of an input of one fixed type, as [`tensor`](InferCx::tensor).
    pub fn slice<T: PortTypes + Element>(&self, port: In<T>) -> Result<&[T], Vec<Fault>> {
        let tensor = self.tensor(port)?;
        let wrong = || vec![Fault::at(port.name(), format!("takes {}, not {}", T::DTYPE, tensor.dtype()))];
        tensor.slice().ok_or_else(wrong)
    }

    /// The one element of an input of one fixed type, as [`tensor`](InferCx::tensor).
    pub fn scalar<T: PortTypes + Element + Copy>(&self, port: In<T>) -> Result<T, Vec<Fault>> {
        match self.slice(port)? {
            [value] => Ok(*value),
            _ => Err(vec![Fault::at(port.name(), "must be a scalar")]),
        }
    }

    /// The one shape that two inputs must have; the fault is the first's.
    pub fn same_shape<A, B>(&self, port: In<A>, like: In<B>) -> Result<PartialShape, Vec<Fault>>
    where
        A: PortTypes,
        B: PortTypes,
    {
        let (a, b) = (self.shape(port)?, self.shape(like)?);
        a.merge(b).ok_or_else(|| {
            let message = format!("shape {a} does not match {}' shape {b}", like.name());
            vec![Fault::at(port.name(), message)]
        })
    }
}

/// The type of a tensor with all of its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownType {
    /// The data type.
    pub dtype: DType,
    /// The shape.
    pub shape: Shape,
}

/// What a block sees when it computes: what it saw before, now with the values of all inputs, of types that its
/// inference has accepted.
pub struct RunCx<'a> {
    /// What it saw before, with all values.
    pub known: InferCx<'a>,
    /// The types that inference gave the outputs.
    pub outputs: &'a [KnownType],
}

impl<'a> std::ops::Deref for RunCx<'a> {
    type Target = InferCx<'a>;

    fn deref(&self) -> &InferCx<'a> {
        &self.known
    }
}
