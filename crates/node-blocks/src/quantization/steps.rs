//! Whole numbers that stand for the steps of a range: how TensorFlow's QuantizeV2 and Dequantize find them.

use std::sync::Arc;

use node_core::type_rule::Real;
use node_core::{AttrKey, DType, Fault, In, InferCx, Tensor, each_data_type};

use crate::{axis, given};

/// The types of the steps: TensorFlow's `qint8`, `quint8`, `qint16`, `quint16` and `qint32`, by the whole numbers that they are.
pub const CODES: &[DType] = &[DType::UInt8, DType::Int8, DType::UInt16, DType::Int16, DType::Int32];

/// The lower end.
pub const MIN_RANGE: In<f32> =
    In::new("min_range", "The least value; a scalar, or a vector with one for each place along `axis`.").parameter();
/// The upper end.
pub const MAX_RANGE: In<f32> =
    In::new("max_range", "The greatest value; a scalar, or a vector with one for each place along `axis`.").parameter();
/// How steps lie in the range.
pub const MODE: AttrKey<Arc<str>> = AttrKey::one_of(
    "mode",
    &["MIN_COMBINED", "MIN_FIRST", "SCALED"],
    "How steps lie: from the lower end in equal parts, the same with 0 on a step, or whole multiples from 0.",
);
/// Whether the lowest step is left out.
pub const NARROW_RANGE: AttrKey<bool> =
    AttrKey::bool("narrow_range", false, "With SCALED: whether the lowest step is left out.");
/// The axis with a range for each place.
pub const AXIS: AttrKey<i64> = AttrKey::int("axis", -1, "The axis that has a range for each place; -1 for one range.");

/// A type of steps.
pub trait Code: node_core::kernel::Operand {
    /// The least, as TensorFlow computes with it.
    const LOWEST: i64;
    /// The greatest.
    const HIGHEST: i64;

    /// The step of a value that has been rounded.
    fn of_rounded(value: f32) -> Self;

    /// The step as a number.
    fn number(self) -> i64;
}

macro_rules! code {
    (int $variant:ident $t:ty) => { code!(# $t); };
    (uint $variant:ident $t:ty) => { code!(# $t); };
    (# $t:ty) => {
        impl Code for $t {
            const LOWEST: i64 = <$t>::MIN as i64;
            const HIGHEST: i64 = <$t>::MAX as i64;

            fn of_rounded(value: f32) -> $t {
                value as $t
            }

            fn number(self) -> i64 {
                self as i64
            }
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(code);

/// Where steps lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From the lower end in equal parts.
    MinCombined,
    /// The same, with 0 on a step.
    MinFirst,
    /// Whole multiples from 0.
    Scaled,
}

impl Mode {
    /// As the attribute says.
    pub fn given(cx: &InferCx<'_>) -> Result<Mode, Vec<Fault>> {
        Ok(match &*cx.attr(MODE)? {
            "MIN_FIRST" => Mode::MinFirst,
            "SCALED" => Mode::Scaled,
            _ => Mode::MinCombined,
        })
    }
}

/// Refuses ranges that do not go with the input: how many there are, if it is more than one.
pub fn check(cx: &InferCx<'_>, input: In<Real>) -> Result<Option<usize>, Vec<Fault>> {
    let (at, dims) = (cx.attr(AXIS)?, cx.shape(input)?.dims());
    if cx.attr(NARROW_RANGE)? && Mode::given(cx)? != Mode::Scaled {
        return Err(vec![Fault::attrs("narrow_range is true, which only mode SCALED knows")]);
    }
    let count = match (at, dims) {
        (-1, _) | (_, None) => None,
        (at, Some(dims)) => dims[axis::of(at, dims.len(), "attrs")?],
    };
    for port in [MIN_RANGE, MAX_RANGE] {
        if at == -1 {
            given::must_be_scalar(cx, port)?;
        } else if let (Some([Some(own)]), Some(count)) = (given::dims(cx, port, 1)?, count)
            && *own != count
        {
            return Err(vec![Fault::at(port.name(), format!("has {own} numbers, but the axis is {count} long"))]);
        }
    }
    Ok(count)
}

/// Refuses a range whose lower end is above its upper one.
pub fn check_order(cx: &InferCx<'_>) -> Result<(), Vec<Fault>> {
    if let (Some(min), Some(max)) = (cx.find_tensor(MIN_RANGE), cx.find_tensor(MAX_RANGE)) {
        let ends = |tensor: &Tensor| tensor.slice::<f32>().unwrap_or_default().to_vec();
        if let Some((min, max)) = ends(min).into_iter().zip(ends(max)).find(|(min, max)| min > max) {
            return Err(vec![Fault::at("min_range", format!("is {min}, greater than max_range, {max}"))]);
        }
    }
    Ok(())
}

/// Which range an element has.
#[derive(Clone, Copy)]
pub struct Places {
    inner: usize,
    count: usize,
}

impl Places {
    /// In a tensor of these lengths.
    pub fn of(cx: &InferCx<'_>, dims: &[usize]) -> Result<Places, Vec<Fault>> {
        match cx.attr(AXIS)? {
            -1 => Ok(Places { inner: 1, count: 1 }),
            at => {
                let at = axis::of(at, dims.len(), "attrs")?;
                Ok(Places { inner: dims[at + 1..].iter().product(), count: dims[at] })
            }
        }
    }

    /// That of an element.
    pub fn place(self, flat: usize) -> usize {
        flat / self.inner % self.count
    }
}
