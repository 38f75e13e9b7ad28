//! What an element-wise block gives over one of its inputs, computed by the block itself.

use node_core::kernel::{self, Kernel};
use node_core::{DType, InferCx, InputType, Name, Setup, Shape, Tensor, TensorType};

use super::Stop;
use super::numbers::Numbers;

/// A block, and which of its inputs is varied.
#[derive(Clone)]
pub struct Varied {
    /// The block as it is set up.
    pub setup: Setup,
    /// What is known of its inputs: their types, and values as far as they are at hand.
    pub inputs: Vec<Vec<InputType>>,
    /// Which input is varied.
    pub input: usize,
    /// Which output is looked at.
    pub output: usize,
    /// Which channel of the last dimension, and of how many, where a channel has parameters of its own.
    pub channel: Option<[usize; 2]>,
}

/// An output over an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Inputs, ascending, and what comes of them. Where the output jumps, the two neighbouring numbers between which it does.
    pub points: Vec<[f64; 2]>,
    /// Inputs that were held at 1, since they have an element for each of the varied input's.
    pub held: Vec<Name>,
}

/// The most jumps whose places are looked for.
const MOST_JUMPS: usize = 2_048;

/// Computes it from one number to another at `samples` places, and at those of `also` that lie between; `is_stepped` says
/// to find where exactly it jumps. `None` where the block is not element-wise in that input, or an input that decides is not at hand.
pub fn curve(
    varied: &Varied,
    [from, to]: [f64; 2],
    (samples, also): (usize, &[f64]),
    is_stepped: bool,
    stop: &Stop,
) -> Option<Curve> {
    let at = |nth: usize| from + (to - from) * (nth as f64 / (samples.max(2) - 1) as f64);
    let is_narrow = varied.dtype()? == DType::Float32;
    let representable = |value: f64| if is_narrow { f64::from(value as f32) } else { value };
    let mut inputs: Vec<f64> = (0..samples.max(2)).map(|nth| representable(at(nth))).collect();
    inputs.extend(also.iter().copied().filter(|value| (from..=to).contains(value)).map(representable));
    inputs.sort_by(f64::total_cmp);
    inputs.dedup();
    let outputs = varied.outputs(&inputs)?;
    let mut points: Vec<[f64; 2]> = inputs.iter().zip(&outputs).map(|(x, y)| [*x, *y]).collect();
    if is_stepped {
        points = with_jumps(varied, points, is_narrow, stop)?;
    }
    Some(Curve { points, held: varied.held() })
}

/// With the neighbouring numbers between which it jumps, found by halving, all jumps at once.
fn with_jumps(varied: &Varied, points: Vec<[f64; 2]>, is_narrow: bool, stop: &Stop) -> Option<Vec<[f64; 2]>> {
    let is_jump = |pair: &[[f64; 2]]| pair[0][1].to_bits() != pair[1][1].to_bits();
    let mut jumps: Vec<[[f64; 2]; 2]> = points.windows(2).filter(|pair| is_jump(pair)).map(|p| [p[0], p[1]]).collect();
    let mut all = points;
    let mut count = 0;
    while !jumps.is_empty() {
        count += jumps.len();
        if count > MOST_JUMPS {
            break;
        }
        let ends: Vec<[f64; 2]> = jumps.iter().map(|jump| jump[1]).collect();
        halve(varied, &mut jumps, is_narrow, stop)?;
        all.extend(jumps.iter().flatten());
        // Between two places there may be several.
        jumps = jumps.iter().zip(ends).map(|(jump, end)| [jump[1], end]).filter(|pair| is_jump(pair)).collect();
    }
    all.sort_by(|a, b| a[0].total_cmp(&b[0]));
    all.dedup_by(|a, b| a[0].to_bits() == b[0].to_bits());
    Some(all)
}

/// Halves until the two places of each are neighbouring numbers between which the output is another for the first time.
fn halve(varied: &Varied, jumps: &mut [[[f64; 2]; 2]], is_narrow: bool, stop: &Stop) -> Option<()> {
    loop {
        if stop.is_set() {
            return None;
        }
        let halves: Vec<f64> = jumps.iter().map(|[a, b]| half(a[0], b[0], is_narrow)).collect();
        let open = |(half, [a, b]): (&f64, &[[f64; 2]; 2])| *half > a[0] && *half < b[0];
        if !halves.iter().zip(&*jumps).any(open) {
            return Some(());
        }
        for (jump, (x, y)) in jumps.iter_mut().zip(halves.iter().zip(varied.outputs(&halves)?)) {
            let side = usize::from(y.to_bits() != jump[0][1].to_bits());
            jump[side] = [*x, y];
        }
    }
}

/// The number in the middle of those between two, counted as they can be represented; the first if there is none.
fn half(a: f64, b: f64, is_narrow: bool) -> f64 {
    let ordered = |bits: i64, least: i64| if bits < 0 { least - bits } else { bits };
    if is_narrow {
        let place = |v: f64| ordered(i64::from((v as f32).to_bits() as i32), i64::from(i32::MIN));
        let back = |place: i64| f32::from_bits(ordered(place, i64::from(i32::MIN)) as i32 as u32);
        return f64::from(back(place(a) + (place(b) - place(a)) / 2));
    }
    let place = |v: f64| ordered(v.to_bits() as i64, i64::MIN);
    let middle = (i128::from(place(a)) + i128::from(place(b))).div_euclid(2) as i64;
    f64::from_bits(ordered(middle, i64::MIN) as u64)
}

impl Varied {
    fn dtype(&self) -> Option<DType> {
        let dtype = self.inputs.get(self.input)?.first()?.ty.dtype;
        matches!(dtype, DType::Float32 | DType::Float64).then_some(dtype)
    }

    /// The inputs that are held at 1.
    fn held(&self) -> Vec<Name> {
        let ports = self.setup.spec().inputs().zip(&self.inputs).enumerate();
        let held = ports.filter(|(nth, (port, tensors))| {
            *nth != self.input && !port.parameter && tensors.iter().any(|input| !is_one(input))
        });
        held.map(|(_, (port, _))| port.name.clone()).collect()
    }

    /// A parameter; where it has an element for each channel, that of the one alone.
    fn of_channel(&self, parameter: &Tensor) -> Option<Tensor> {
        match self.channel {
            Some([channel, channels]) if channels > 1 && parameter.len() == channels => {
                Some(Tensor::vector(vec![*parameter.slice::<f32>()?.get(channel)?]))
            }
            _ => Some(parameter.clone()),
        }
    }

    /// What the block gives for each of these values of the input.
    fn outputs(&self, values: &[f64]) -> Option<Vec<f64>> {
        // Of several channels one alone, with its own parameters.
        let dims = if self.channel.is_some() { vec![values.len(), 1] } else { vec![values.len()] };
        let shape = Shape::new(dims).ok()?;
        let whole = self.inputs.get(self.input)?.first()?.ty.shape.known()?;
        let filled = |dtype: DType, value: &dyn Fn(usize) -> f64| {
            let values = (0..shape.elements()).map(value);
            match dtype {
                DType::Float32 => Tensor::new(shape.clone(), values.map(|v| v as f32).collect::<Vec<f32>>()).ok(),
                DType::Float64 => Tensor::new(shape.clone(), values.collect::<Vec<f64>>()).ok(),
                _ => None,
            }
        };
        let mut inputs = Vec::new();
        for (nth, (port, tensors)) in self.setup.spec().inputs().zip(&self.inputs).enumerate() {
            let mut replaced = Vec::new();
            for input in tensors {
                let dtype = input.ty.dtype;
                let value = match () {
                    () if nth == self.input => filled(dtype, &|at| values[at])?,
                    () if port.parameter => self.of_channel(input.value.as_ref()?)?,
                    () if is_one(input) => input.value.clone()?,
                    () if input.ty.shape.known()? == whole => filled(dtype, &|_| 1.0)?,
                    () => return None,
                };
                let ty = TensorType::new(dtype, value.shape().into());
                replaced.push(InputType { ty, value: Some(value) });
            }
            inputs.push(replaced);
        }
        let cx = InferCx::new(&self.setup, &inputs);
        let kernels = self.setup.ty.code.as_ref()?.kernels(&cx).ok()?;
        let kernel = kernels.get(self.output).filter(|kernel| !matches!(kernel, Kernel::Reduce(..)))?;
        let ports = self.setup.spec().inputs().zip(&inputs).filter(|(port, _)| !port.parameter);
        let operands: Vec<&Tensor> = ports.flat_map(|(_, tensors)| tensors).filter_map(|i| i.value.as_ref()).collect();
        let result = kernel::apply(kernel, &operands, &shape).ok()?;
        let numbers = Numbers::of(&result).filter(|numbers| numbers.len() == shape.elements())?;
        Some((0..values.len()).map(|at| numbers.at(at)).collect())
    }
}

fn is_one(input: &InputType) -> bool {
    input.ty.shape.known().is_some_and(|shape| shape.elements() == 1)
}
