//! What a block sees: when it infers, when it makes its kernels, when it computes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::access::{Files, Host, NO_FILES};
use crate::attr::{AttrKey, AttrValue, Attrs};
use crate::dtype::{DType, Element};
use crate::port::In;
use crate::ports::Ports;
use crate::problem::Fault;
use crate::shape::{PartialShape, Shape};
use crate::spec::{BlockSpec, BlockType};
use crate::tensor::{Tensor, TensorType};
use crate::type_rule::PortTypes;

/// A block as it is set up: all that decides what it does, but for its inputs.
#[derive(Clone)]
pub struct Setup {
    /// Its type.
    pub ty: Arc<BlockType>,
    /// The ports that it has.
    pub ports: Arc<Ports>,
    /// Its attributes, resolved.
    pub attrs: Attrs,
}

impl Setup {
    /// The description of its type.
    pub fn spec(&self) -> &BlockSpec {
        &self.ty.spec
    }

    /// The name of output number `index`.
    pub fn output_name(&self, index: usize) -> &str {
        self.ports.output_name(index).map_or("output", |name| name)
    }
}

/// What is known of an input before a run.
#[derive(Clone, Debug)]
pub struct InputType {
    /// Its type.
    pub ty: TensorType,
    /// Its value, if it is known.
    pub value: Option<Tensor>,
}

/// What a block sees before it computes: when it infers, and when it makes its kernels.
#[derive(Clone, Copy)]
pub struct InferCx<'a> {
    setup: &'a Setup,
    inputs: &'a [Vec<InputType>],
    fed: Option<&'a Tensor>,
    files: &'a dyn Files,
}

impl<'a> InferCx<'a> {
    /// For a block that is set up so, with what is known of each tensor input in order: of none, one, or a list.
    pub fn new(setup: &'a Setup, inputs: &'a [Vec<InputType>]) -> InferCx<'a> {
        InferCx { setup, inputs, fed: None, files: &NO_FILES }
    }

    /// The same with the tensor given from outside, for a block that can be fed.
    pub fn with_fed(self, fed: Option<&'a Tensor>) -> InferCx<'a> {
        InferCx { fed, ..self }
    }

    /// The same with files.
    pub fn with_files(self, files: &'a dyn Files) -> InferCx<'a> {
        InferCx { files, ..self }
    }

    /// The block type's description.
    pub fn spec(&self) -> &'a BlockSpec {
        &self.setup.ty.spec
    }

    /// How many tensor outputs the block has.
    pub fn output_count(&self) -> usize {
        self.setup.ports.outputs().len()
    }

    /// For each tensor input in order, what is known of its tensors.
    pub fn inputs(&self) -> &'a [Vec<InputType>] {
        self.inputs
    }

    /// The tensor given from outside, for a block that can be fed.
    pub fn fed(&self) -> Option<&'a Tensor> {
        self.fed
    }

    /// The files that the page may read.
    pub fn files(&self) -> &'a dyn Files {
        self.files
    }
}

impl<'a> InferCx<'a> {
    /// An attribute.
    pub fn attr<T: AttrValue>(&self, key: AttrKey<T>) -> Result<T, Vec<Fault>> {
        key.read(&self.setup.attrs).map_err(|fault| vec![fault])
    }

    /// An attribute that may be left out.
    pub fn find_attr<T: AttrValue>(&self, key: AttrKey<T>) -> Option<T> {
        key.find(&self.setup.attrs)
    }

    /// What is known of an input that may be unconnected.
    pub fn find<T: PortTypes>(&self, port: In<T>) -> Option<&'a InputType> {
        self.list(port).first()
    }

    /// What is known of the tensors of a list, in order; of an input of one tensor those that are there.
    pub fn list<T: PortTypes>(&self, port: In<T>) -> &'a [InputType] {
        let index = self.setup.ty.spec.input_index(port.name());
        index.and_then(|index| self.inputs.get(index)).map_or(&[], Vec::as_slice)
    }

    /// What is known of an input.
    pub fn input<T: PortTypes>(&self, port: In<T>) -> Result<&'a InputType, Vec<Fault>> {
        self.find(port).ok_or_else(|| vec![Fault::at(port.name(), "is not connected")])
    }

    /// An input's shape.
    pub fn shape<T: PortTypes>(&self, port: In<T>) -> Result<&'a PartialShape, Vec<Fault>> {
        self.input(port).map(|input| &input.ty.shape)
    }

    /// An input's data type.
    pub fn dtype<T: PortTypes>(&self, port: In<T>) -> Result<DType, Vec<Fault>> {
        self.input(port).map(|input| input.ty.dtype)
    }

    /// The value of an input, if it is known by now.
    pub fn find_tensor<T: PortTypes>(&self, port: In<T>) -> Option<&'a Tensor> {
        self.find(port)?.value.as_ref()
    }

    /// The value of an input: of one that is a parameter or a constant, and in a computation of any.
    pub fn tensor<T: PortTypes>(&self, port: In<T>) -> Result<&'a Tensor, Vec<Fault>> {
        let unknown = || vec![Fault::at(port.name(), "is not known before the run; this is a bug in the block")];
        self.input(port)?.value.as_ref().ok_or_else(unknown)
    }

    /// The elements of an input of one fixed type, as [`tensor`](InferCx::tensor).
    pub fn slice<T: PortTypes + Element>(&self, port: In<T>) -> Result<&'a [T], Vec<Fault>> {
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

impl KnownType {
    /// The bytes that the elements take.
    pub fn bytes(&self) -> u64 {
        (self.shape.elements() as u64).saturating_mul(self.dtype.size() as u64)
    }
}

/// What a block sees when it computes: what it saw before, now with the values of all inputs, of types that its
/// inference has accepted; threads, memory, and whether to stop.
pub struct RunCx<'a> {
    known: InferCx<'a>,
    outputs: &'a [KnownType],
    host: &'a dyn Host,
}

impl<'a> std::ops::Deref for RunCx<'a> {
    type Target = InferCx<'a>;

    fn deref(&self) -> &InferCx<'a> {
        &self.known
    }
}

impl<'a> RunCx<'a> {
    /// For a block that is to make `outputs`, with what it saw before and all values.
    pub fn new(known: InferCx<'a>, outputs: &'a [KnownType], host: &'a dyn Host) -> RunCx<'a> {
        RunCx { known, outputs, host }
    }

    /// The types that inference gave the outputs.
    pub fn outputs(&self) -> &'a [KnownType] {
        self.outputs
    }

    /// Calls `work` for every piece below `pieces`, each once, on as many threads as the run has. Asks between pieces
    /// whether the run is to stop; then, or if one panics, the others are left out, and the fault says so. Results must not
    /// depend on how many threads there are: cut up the work by its size alone.
    pub fn each(&self, pieces: usize, work: impl Fn(usize) + Sync) -> Result<(), Vec<Fault>> {
        self.host.each(pieces, &work)
    }

    /// Tells how much of the work is done.
    pub fn progress(&self, done: usize, all: usize) {
        self.host.progress(done, all);
    }

    /// Whether the run is to stop; work that is not cut into pieces asks now and then.
    pub fn is_cancelled(&self) -> bool {
        self.host.is_cancelled()
    }

    /// A tensor in a file that the page may read.
    pub fn open(&self, path: &str, part: &str) -> Result<Tensor, String> {
        self.files.open(path, part, self.host)
    }

    /// A tensor of zeros to be written to, within the run's memory limit.
    pub fn zeros(&self, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        self.host.zeros(ty)
    }

    /// A tensor made in pieces of `piece` elements, on as many threads as the run has: `work` gets the number of the first
    /// element and the piece, zeroed.
    pub fn fill<T: Element>(
        &self,
        shape: &Shape,
        piece: usize,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) -> Result<Tensor, Vec<Fault>> {
        self.write(shape, piece, |first, part: &mut [T]| {
            part.fill(T::default());
            work(first, part);
        })
    }

    /// As [`fill`](RunCx::fill), for work that writes every element of its piece: what it gets holds any values.
    pub fn write<T: Element>(
        &self,
        shape: &Shape,
        piece: usize,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) -> Result<Tensor, Vec<Fault>> {
        let mut tensor = self.host.room(&KnownType { dtype: T::DTYPE, shape: shape.clone() })?;
        let unwritable = || vec![Fault::block("its memory cannot be written; this is a bug in the engine")];
        let elements = tensor.slice_mut::<T>().ok_or_else(unwritable)?;
        let (piece, all) = (piece.max(1), elements.len());
        let pieces: Vec<Mutex<&mut [T]>> = elements.chunks_mut(piece).map(Mutex::new).collect();
        let done = AtomicUsize::new(0);
        self.each(pieces.len(), |number| {
            let mut part = pieces[number].lock().unwrap_or_else(PoisonError::into_inner);
            work(number * piece, &mut part);
            self.progress(done.fetch_add(part.len(), Ordering::Relaxed) + part.len(), all);
        })?;
        drop(pieces);
        Ok(tensor)
    }
}
