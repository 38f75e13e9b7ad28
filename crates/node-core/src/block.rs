//! The trait that every block type implements, and what a block sees when it infers and computes.

use crate::attr::{AttrKey, AttrValue, Attrs};
use crate::dtype::{DType, Element};
use crate::kernel::Kernel;
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

    /// The element-wise kernel, for blocks that treat every element by itself.
    fn kernel(&self, cx: &RunCx<'_>) -> Result<Option<Kernel>, Fault> {
        let _ = cx;
        Ok(None)
    }

    /// The result vector: one tensor for each tensor output. By default the kernel, run over all inputs.
    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Fault> {
        let kernel =
            self.kernel(cx)?.ok_or_else(|| Fault::block("the block has neither a kernel nor a computation"))?;
        let inputs: Vec<&Tensor> = cx.inputs.iter().flatten().collect();
        Ok(vec![kernel.apply(&inputs, cx.output_shape(0)?)?])
    }

    /// The quantization in force, for blocks that quantize: one range, or one for each channel of the last dimension.
    fn quantization(&self, cx: &RunCx<'_>) -> Option<Quantization> {
        let _ = cx;
        None
    }

    /// What a person should know although nothing is wrong.
    fn warnings(&self, cx: &InferCx<'_>) -> Vec<String> {
        let _ = cx;
        Vec::new()
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

/// What a block sees when it infers.
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

/// What a block sees when it computes: actual tensors, of types that its inference has accepted.
pub struct RunCx<'a> {
    /// The block type's description.
    pub spec: &'a BlockSpec,
    /// The attributes, resolved.
    pub attrs: &'a Attrs,
    /// For each tensor input in order, the tensors wired to it.
    pub inputs: &'a [Vec<Tensor>],
    /// The types that inference gave the outputs.
    pub outputs: &'a [KnownType],
    /// The tensor given from outside, for a block that can be fed.
    pub fed: Option<&'a Tensor>,
}

impl RunCx<'_> {
    /// An attribute.
    pub fn attr<T: AttrValue>(&self, key: AttrKey<T>) -> Result<T, Fault> {
        key.read(self.attrs)
    }

    /// An attribute that may be left out.
    pub fn find_attr<T: AttrValue>(&self, key: AttrKey<T>) -> Option<T> {
        key.find(self.attrs)
    }

    /// The tensor at an input that may be unconnected.
    pub fn find<T: PortTypes>(&self, port: In<T>) -> Option<&Tensor> {
        self.inputs.get(self.spec.input_index(port.name())?)?.first()
    }

    /// The tensor at an input.
    pub fn input<T: PortTypes>(&self, port: In<T>) -> Result<&Tensor, Fault> {
        self.find(port).ok_or_else(|| Fault::at(port.name(), "is not connected"))
    }

    /// The elements at an input of one fixed type.
    pub fn slice<T: PortTypes + Element>(&self, port: In<T>) -> Result<&[T], Fault> {
        let tensor = self.input(port)?;
        tensor.slice().ok_or_else(|| Fault::at(port.name(), format!("takes {}, not {}", T::DTYPE, tensor.dtype())))
    }

    /// The one element at an input of one fixed type.
    pub fn scalar<T: PortTypes + Element + Copy>(&self, port: In<T>) -> Result<T, Fault> {
        match self.slice(port)? {
            [value] => Ok(*value),
            _ => Err(Fault::at(port.name(), "must be a scalar")),
        }
    }

    /// The data type of output number `index`.
    pub fn output_dtype(&self, index: usize) -> Result<DType, Fault> {
        self.outputs.get(index).map(|ty| ty.dtype).ok_or_else(|| Fault::block("the block has no such output"))
    }

    /// The shape of output number `index`.
    pub fn output_shape(&self, index: usize) -> Result<&Shape, Fault> {
        self.outputs.get(index).map(|ty| &ty.shape).ok_or_else(|| Fault::block("the block has no such output"))
    }
}
