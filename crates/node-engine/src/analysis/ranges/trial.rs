//! A quantizer with other ends of its range, tried out beside the page.

use std::sync::Arc;

use node_core::check::CheckedBlock;
use node_core::kernel::{self, Kernel};
use node_core::problem::guarded;
use node_core::{
    Attr, Block, InferCx, InputType, Name, PartialShape, QuantRange, Quantization, Setup, Shape, Tensor, TensorType,
};

/// A quantizer that is tried out: its code, and what it is set up with beside the ends of its range.
#[derive(Clone)]
pub struct Trial {
    setup: Arc<Setup>,
    code: Arc<dyn Block>,
    quantization: Quantization,
    /// What is known of each input: types, and what others than the ends give as parameters.
    inputs: Vec<Vec<InputType>>,
}

/// It with ends.
pub struct Tried {
    /// What is in force.
    pub ranges: Vec<QuantRange>,
    kernel: Kernel,
}

impl Trial {
    /// For a block that quantizes as `quantization` says. `None` where it gives no quantized input, or its ends are neither
    /// attributes nor inputs.
    pub fn of(block: &CheckedBlock, quantization: &Quantization) -> Option<Trial> {
        quantization.output.as_ref()?;
        Trial::of_ends(block, quantization)
    }

    /// The same where only ranges are asked for: of a block that lets gradients through too.
    pub fn of_ends(block: &CheckedBlock, quantization: &Quantization) -> Option<Trial> {
        let setup = block.setup.clone()?;
        let code = setup.ty.code.clone()?;
        let known = |name: &Name| setup.spec().attr(name).is_some() || setup.spec().input_index(name).is_some();
        if block.passes.is_some() || !quantization.ends.iter().all(known) || quantization.ranges.is_empty() {
            return None;
        }
        let unknown =
            || InputType { ty: TensorType::new(node_core::DType::Float32, PartialShape::unknown()), value: None };
        let inputs = block.inputs.iter().map(|sources| sources.iter().map(|_| unknown()).collect()).collect();
        Some(Trial { setup, code, quantization: quantization.clone(), inputs })
    }

    /// How many ranges it has.
    pub fn count(&self) -> usize {
        self.quantization.ranges.len()
    }

    /// Whether it can quantize a tensor: one of float32, of as many channels as it has ranges.
    pub fn takes(&self, tensor: &Tensor) -> bool {
        let channels = tensor.shape().dims().last();
        tensor.slice::<f32>().is_some() && (self.is_one_range() || channels == Some(&self.count()))
    }

    /// The ends as they are asked for now.
    pub fn now(&self) -> Vec<[f32; 2]> {
        self.quantization.ranges.iter().map(|range| [range.min, range.max]).collect()
    }

    /// How many values it can give, told from a range that holds 0 inside.
    pub fn levels(&self) -> Option<u64> {
        let ranges = self.ranges(&vec![[-1.0, 1.0]; self.count()])?;
        let range = ranges.first()?;
        u64::try_from(range.code(range.nudged_max)? - range.code(range.nudged_min)? + 1).ok()
    }

    /// What comes in force with other ends.
    pub fn ranges(&self, ends: &[[f32; 2]]) -> Option<Vec<QuantRange>> {
        self.in_force(ends).map(|(ranges, ..)| ranges)
    }

    /// It with other ends.
    pub fn with(&self, ends: &[[f32; 2]]) -> Option<Tried> {
        let (ranges, setup, inputs) = self.in_force(ends)?;
        let kernels = guarded(|| self.code.kernels(&InferCx::new(&setup, &inputs))).ok()?;
        let output = self.quantization.output.as_ref()?;
        let index = setup.ports.output_index(setup.spec(), output)?;
        Some(Tried { ranges, kernel: kernels.into_iter().nth(index)? })
    }

    fn in_force(&self, ends: &[[f32; 2]]) -> Option<(Vec<QuantRange>, Setup, Vec<Vec<InputType>>)> {
        let (mut setup, mut inputs) = ((*self.setup).clone(), self.inputs.clone());
        for (side, name) in self.quantization.ends.iter().enumerate() {
            let values: Vec<f32> = ends.iter().map(|ends| ends[side]).collect();
            if setup.spec().attr(name).is_some() {
                setup.attrs.insert(name.clone(), Attr::Float(*values.first()?));
                continue;
            }
            let index = setup.spec().input_index(name)?;
            let value = match self.is_one_range() {
                true => Tensor::new(Shape::scalar(), values).ok()?,
                false => Tensor::vector(values),
            };
            inputs[index] = vec![InputType { ty: value.tensor_type(), value: Some(value) }];
        }
        let quantization = self.code.quantization(&InferCx::new(&setup, &inputs));
        Some((quantization?.ranges, setup, inputs))
    }

    /// Whether the block has one range for all elements, rather than a list of ranges that may be of one alone.
    fn is_one_range(&self) -> bool {
        self.count() == 1 && !self.takes_lists()
    }

    /// Whether a list of one end is what the block takes.
    fn takes_lists(&self) -> bool {
        let (setup, mut inputs) = (&*self.setup, self.inputs.clone());
        let list = Tensor::vector(vec![0f32]);
        for name in &self.quantization.ends {
            let Some(index) = setup.spec().input_index(name) else { return false };
            inputs[index] = vec![InputType { ty: list.tensor_type(), value: Some(list.clone()) }];
        }
        guarded(|| self.code.infer(&InferCx::new(setup, &inputs))).is_ok()
    }

    /// What is typed for the ends.
    pub fn typed(&self, ends: &[[f32; 2]]) -> Vec<(Name, String)> {
        let text = |side: usize| {
            let values = ends.iter().map(|ends| node_core::number::f32_text(ends[side])).collect::<Vec<_>>();
            match self.is_one_range() {
                true => values.concat(),
                false => format!("[{}]", values.join(", ")),
            }
        };
        self.quantization.ends.iter().enumerate().map(|(side, name)| (name.clone(), text(side))).collect()
    }
}

impl Tried {
    /// What it makes of a tensor; `None` where that does not fit.
    pub fn run(&self, input: &Tensor) -> Option<Tensor> {
        guarded(|| kernel::apply(&self.kernel, &[input], input.shape()).map_err(|fault| vec![fault])).ok()
    }
}
