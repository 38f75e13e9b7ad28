//! ONNX's linear quantization: a scale and a zero point for a whole tensor, for each place along an axis, or for each block
//! of neighbours along it.

mod dequantize_linear;
mod dynamic_quantize_linear;
mod quantize_linear;

use node_core::number::f32_text;
use node_core::type_rule::PortTypes;
use node_core::why::Origin;
use node_core::{AttrKey, DType, Fault, In, InferCx, PartialShape, Tensor, WhyCx};

use crate::axis;

/// The types of the steps.
pub const STEPS: &[DType] = &[DType::UInt8, DType::Int8, DType::UInt16, DType::Int16];

/// The types that scales can be of.
pub const SCALES: &[DType] = &[DType::Float32, DType::Float16, DType::BFloat16];

/// The axis with a scale for each place, or for each block.
pub const AXIS: AttrKey<i64> =
    AttrKey::int("axis", 1, "The axis that has a scale for each place or block; negative from the end.");

/// How many neighbours along the axis share a scale.
pub const BLOCK_SIZE: AttrKey<i64> =
    AttrKey::int("block_size", 0, "How many neighbours along `axis` share a scale; 0 if the scales are no blocks.")
        .range(0.0, i64::MAX as f64);

/// Which scale an element has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// All have the same.
    One,
    /// One for each place along an axis: so many elements lie between two places, and so many places there are.
    Axis { inner: usize, len: usize },
    /// One for each block of so many places along an axis.
    Blocks { inner: usize, len: usize, size: usize },
}

impl Places {
    /// As the shapes of what is quantized and of its scales say, as far as they are known.
    ///
    /// # Errors
    /// Scales that do not go with the shape, the axis, or the size of a block.
    pub fn of<X: PortTypes, S: PortTypes>(
        cx: &InferCx<'_>,
        x: In<X>,
        scale: In<S>,
    ) -> Result<Option<Places>, Vec<Fault>> {
        let (Some(dims), Some(scales)) = (cx.shape(x)?.dims(), cx.shape(scale)?.dims()) else { return Ok(None) };
        let (size, at) = (cx.attr(BLOCK_SIZE)?, cx.attr(AXIS)?);
        let wrong = |message: String| Err(vec![Fault::at(scale.name(), message)]);
        if scales.is_empty() || (scales.len() == 1 && scales[0] == Some(1) && size == 0) {
            return Ok(Some(Places::One));
        }
        if size == 0 && scales.len() > 1 {
            return wrong(format!("has {} dimensions; scales of blocks need a block_size", scales.len()));
        }
        let place = axis::of(at, dims.len(), "attrs")?;
        let after = dims[place + 1..].iter().copied().collect::<Option<Vec<usize>>>();
        let inner = after.map(|after| after.iter().product::<usize>());
        if size == 0 {
            return match (dims[place], scales[0], inner) {
                (Some(len), Some(own), _) if own != len => {
                    wrong(format!("has {own} numbers, but axis {at} is {len} long"))
                }
                (Some(len), Some(_), Some(inner)) => Ok(Some(Places::Axis { inner, len })),
                _ => Ok(None),
            };
        }
        if scales.len() != dims.len() {
            return wrong(format!("has {} dimensions, but {} has {}", scales.len(), x.name(), dims.len()));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        for (nth, (own, dim)) in scales.iter().zip(dims).enumerate() {
            let wanted = dim.map(|dim| if nth == place { dim.div_ceil(size) } else { dim });
            if let (Some(own), Some(wanted)) = (own, wanted)
                && *own != wanted
            {
                let blocks = if nth == place { format!(" in blocks of {size}") } else { String::new() };
                return wrong(format!("is {own} long at axis {nth}, but {} is {wanted}{blocks}", x.name()));
            }
        }
        match (dims[place], inner) {
            (Some(len), Some(inner)) => Ok(Some(Places::Blocks { inner, len, size })),
            _ => Ok(None),
        }
    }

    /// The number of the scale of element number `flat`.
    pub fn place(self, flat: usize) -> usize {
        match self {
            Places::One => 0,
            Places::Axis { inner, len } => flat / inner.max(1) % len.max(1),
            Places::Blocks { inner, len, size } => {
                let (inner, len) = (inner.max(1), len.max(1));
                let (within, along, outer) = (flat % inner, flat / inner % len, flat / inner / len);
                (outer * len.div_ceil(size) + along / size) * inner + within
            }
        }
    }
}

/// Refuses zero points that are not shaped as the scales.
pub fn check_zero_point<S: PortTypes, Z: PortTypes>(
    cx: &InferCx<'_>,
    scale: In<S>,
    zero_point: In<Z>,
) -> Result<(), Vec<Fault>> {
    let Some(own) = cx.find(zero_point).and_then(|input| input.ty.shape.dims()) else { return Ok(()) };
    let Some(scales) = cx.shape(scale)?.dims() else { return Ok(()) };
    let differs = |(a, b): (&Option<usize>, &Option<usize>)| a.zip(*b).is_some_and(|(a, b)| a != b);
    // One number is one number, whether it is written as a list or not.
    let is_one = |dims: &[Option<usize>]| dims.iter().all(|dim| *dim == Some(1));
    if (is_one(own) && is_one(scales) && own.len() <= 1 && scales.len() <= 1)
        || (own.len() == scales.len() && !own.iter().zip(scales).any(differs))
    {
        return Ok(());
    }
    let (own, scales) = (PartialShape::of_dims(own.to_vec()), PartialShape::of_dims(scales.to_vec()));
    Err(vec![Fault::at(zero_point.name(), format!("has shape {own}, but {} has {scales}", scale.name()))])
}

/// An element of a scale or a zero point, as text.
pub fn number_text(cx: &WhyCx<'_>, origin: Origin) -> Result<String, Vec<Fault>> {
    let number = cx.scalar_at(origin)?.as_f64().unwrap_or(f64::NAN);
    Ok(f32_text(number as f32))
}

/// Numbers of a floating type as float32, which holds all of them.
pub fn floats(tensor: &Tensor) -> Vec<f32> {
    use node_core::half::{bf16, f16};
    if let Some(numbers) = tensor.slice::<f32>() {
        return numbers.to_vec();
    }
    if let Some(numbers) = tensor.slice::<f16>() {
        return numbers.iter().map(|number| number.to_f32()).collect();
    }
    tensor.slice::<bf16>().unwrap_or_default().iter().map(|number| number.to_f32()).collect()
}

/// Whole numbers of the types that steps can be of.
pub fn steps(tensor: &Tensor) -> Vec<i64> {
    macro_rules! steps_of {
        ($($t:ty),*) => {
            $(if let Some(numbers) = tensor.slice::<$t>() {
                return numbers.iter().map(|number| i64::from(*number)).collect();
            })*
        };
    }
    steps_of!(u8, i8, u16, i16, i32);
    Vec::new()
}
