//! Why an element of an output has its value: what was done to which elements, with the numbers in it.

mod fold;
mod kernels;
pub mod words;

use std::ops::Deref;

use crate::cx::{InferCx, KnownType};
use crate::kernel::Kernel;
use crate::problem::Fault;
use crate::shape::Shape;
use crate::tensor::{Scalar, Tensor};
use crate::type_rule::PortTypes;
use crate::{In, for_dtype, name};
pub use words::{Named, Words};

/// An element of an input of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Which tensor input.
    pub input: usize,
    /// Which tensor of it, where it is a list.
    pub item: usize,
    /// Which element, row-major.
    pub flat: usize,
}

/// A step of a computation, to be done again with pencil or NumPy. All numbers are float32, and so is every operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it gives.
    pub name: String,
    /// How, by names.
    pub formula: String,
    /// How, with the numbers in it.
    pub numbers: String,
    /// What comes of it.
    pub value: String,
    /// What is to be known of it.
    pub note: Option<String>,
}

/// Why an element has its value, one block back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// In words: a formula by names, the same with the numbers in it, and why so.
    pub because: String,
    /// The steps of longer computations.
    pub steps: Vec<Step>,
    /// The elements that it comes from, the most important first.
    pub from: Vec<Origin>,
    /// How many others it comes from.
    pub omitted: usize,
}

impl Reason {
    /// One that needs no other elements.
    pub fn of_itself(because: impl Into<String>) -> Reason {
        Reason { because: because.into(), ..Reason::default() }
    }
}

/// The elements of a block's inputs, wherever they are kept or can be worked out.
pub trait Elements {
    /// The type of a tensor of an input.
    fn ty(&self, input: usize, item: usize) -> Option<KnownType>;

    /// An element, as a vector of one.
    fn element(&self, origin: Origin) -> Option<Tensor>;

    /// A whole tensor, if it is at hand.
    fn tensor(&self, input: usize, item: usize) -> Option<Tensor>;
}

/// What a block sees when it is asked why an element of an output has its value. Parameters have values.
pub struct WhyCx<'a> {
    known: InferCx<'a>,
    elements: &'a dyn Elements,
    outputs: &'a [KnownType],
    output: usize,
    flat: usize,
    terms: usize,
}

impl<'a> Deref for WhyCx<'a> {
    type Target = InferCx<'a>;

    fn deref(&self) -> &InferCx<'a> {
        &self.known
    }
}

impl<'a> WhyCx<'a> {
    /// For element `flat` of output number `output`; of sums at most `terms` terms are to be named.
    pub fn new(
        known: InferCx<'a>,
        elements: &'a dyn Elements,
        outputs: &'a [KnownType],
        (output, flat): (usize, usize),
        terms: usize,
    ) -> WhyCx<'a> {
        WhyCx { known, elements, outputs, output, flat, terms }
    }

    /// Which output.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Which element of it, row-major.
    pub fn flat(&self) -> usize {
        self.flat
    }

    /// The shapes of all outputs.
    pub fn outputs(&self) -> &'a [KnownType] {
        self.outputs
    }

    /// The shape of the output.
    pub fn shape(&self) -> &'a Shape {
        &self.outputs[self.output].shape
    }

    /// How many terms are to be named.
    pub fn terms(&self) -> usize {
        self.terms
    }

    /// The type of a tensor of an input.
    pub fn operand_type(&self, input: usize, item: usize) -> Result<KnownType, Vec<Fault>> {
        self.elements.ty(input, item).ok_or_else(|| self.unknown(input, item))
    }

    /// A whole tensor of an input: as it is at hand, or put together of its elements.
    pub fn operand(&self, input: usize, item: usize) -> Result<Tensor, Vec<Fault>> {
        if let Some(tensor) = self.elements.tensor(input, item) {
            return Ok(tensor);
        }
        let ty = self.operand_type(input, item)?;
        let together = for_dtype!(ty.dtype, T => {
            let element = |flat| self.elements.element(Origin { input, item, flat })?.slice::<T>()?.first().cloned();
            let elements: Option<Vec<T>> = (0..ty.shape.elements()).map(element).collect();
            elements.and_then(|elements| Tensor::new(ty.shape.clone(), elements).ok())
        });
        together.ok_or_else(|| self.unknown(input, item))
    }

    /// An element of an input, as a vector of one.
    pub fn element(&self, origin: Origin) -> Result<Tensor, Vec<Fault>> {
        self.elements.element(origin).ok_or_else(|| self.unknown(origin.input, origin.item))
    }

    /// An element of an input.
    pub fn scalar_at(&self, origin: Origin) -> Result<Scalar, Vec<Fault>> {
        self.element(origin)?.element(0).ok_or_else(|| self.unknown(origin.input, origin.item))
    }

    /// An element of an input of float32.
    pub fn float_at(&self, origin: Origin) -> Result<f32, Vec<Fault>> {
        let of_float32 = |tensor: Tensor| tensor.slice::<f32>().and_then(|v| v.first().copied());
        of_float32(self.element(origin)?).ok_or_else(|| self.unknown(origin.input, origin.item))
    }

    fn unknown(&self, input: usize, item: usize) -> Vec<Fault> {
        let (port, is_list) = self.port(input);
        let port = if is_list { name::of_item(&port, item) } else { port };
        vec![Fault::at(port, "its elements are not at hand; run the page")]
    }

    fn port(&self, input: usize) -> (String, bool) {
        let port = self.spec().inputs().nth(input);
        port.map_or((String::new(), false), |port| (port.name.to_string(), port.is_list()))
    }

    /// Which tensor input a port is.
    pub fn input_number<T: PortTypes>(&self, port: In<T>) -> Result<usize, Vec<Fault>> {
        let missing = || vec![Fault::at(port.name(), "is no port of the block; this is a bug in the block")];
        self.spec().input_index(port.name()).ok_or_else(missing)
    }

    /// The name of an element: `gradients[2]`; of a scalar that of the port alone.
    pub fn name_of(&self, origin: Origin) -> String {
        let (mut port, is_list) = self.port(origin.input);
        if is_list {
            port = name::of_item(&port, origin.item);
        }
        match self.elements.ty(origin.input, origin.item) {
            Some(ty) => words::indexed(&port, &ty.shape, origin.flat),
            None => port,
        }
    }

    /// The element of a tensor of an input that meets the output's element where it is spread over the output's shape.
    pub fn met(&self, input: usize, item: usize) -> Result<Origin, Vec<Fault>> {
        let flat = met(&self.operand_type(input, item)?.shape, self.shape(), self.flat);
        Ok(Origin { input, item, flat })
    }

    /// The reason from the block's kernels; `words` says what they do, if the block knows it.
    pub fn by_kernels(&self, kernels: &[Kernel], words: Option<&Words<'_>>) -> Result<Reason, Vec<Fault>> {
        kernels::reason(self, kernels, words)
    }

    /// Elements with their names and values.
    pub fn told(&self, from: &[Origin]) -> Result<Vec<Named>, Vec<Fault>> {
        from.iter().map(|origin| Ok(Named { name: self.name_of(*origin), value: self.scalar_at(*origin)? })).collect()
    }

    /// The operands of an element-wise kernel that meet the element, with their names and values.
    pub fn operands_met(&self) -> Result<Vec<Named>, Vec<Fault>> {
        let met = self.operands().into_iter().map(|(input, item)| self.met(input, item));
        self.told(&met.collect::<Result<Vec<_>, _>>()?)
    }

    /// That the element is another one, as it is.
    pub fn moved(&self, origin: Origin) -> Reason {
        Reason { because: self.name_of(origin), steps: Vec::new(), from: vec![origin], omitted: 0 }
    }

    /// The tensors of inputs that are not parameters, in order: the operands of kernels.
    pub(crate) fn operands(&self) -> Vec<(usize, usize)> {
        let ports = self.spec().inputs().zip(self.inputs()).enumerate().filter(|(_, (port, _))| !port.parameter);
        ports.flat_map(|(input, (_, tensors))| (0..tensors.len()).map(move |item| (input, item))).collect()
    }
}

/// The element of a tensor of shape `own` that meets element `flat` of `whole`, to which it is spread.
pub fn met(own: &Shape, whole: &Shape, flat: usize) -> usize {
    if own == whole {
        return flat;
    }
    let position = whole.position(flat);
    let places = own.dims().iter().rev().zip(position.iter().rev());
    let (mut met, mut stride) = (0, 1);
    for (dim, at) in places {
        met += if *dim == 1 { 0 } else { at * stride };
        stride *= dim;
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_meets_an_element() {
        let shape = |dims: &[usize]| Shape::new(dims).unwrap();
        for (own, whole, flat, expected) in [
            (&[2, 3][..], &[2, 3][..], 4, 4),
            (&[3], &[2, 3], 4, 1),
            (&[2, 1], &[2, 3], 4, 1),
            (&[], &[2, 3], 4, 0),
            (&[1, 3], &[4, 2, 3], 23, 2),
        ] {
            assert_eq!(met(&shape(own), &shape(whole), flat), expected, "{own:?} in {whole:?}");
        }
    }
}
