//! `FusedBatchNormV3`: batch normalization.
//!
//! No edge cases: it is made of means, squares and a square root, each with cases of its own.

use std::sync::Arc;

use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::norm::{self, Lie};
use crate::{computed, given, products};

const KINDS: &[DType] = &[DType::Float32, DType::Float16, DType::BFloat16];
const X: In<Floating> = In::new("x", "Pictures; four dimensions, or five.").among(KINDS);
const SCALE: In<f32> = In::new("scale", "What each channel is multiplied by; a vector.");
const OFFSET: In<f32> = In::new("offset", "What is added to each channel; a vector.");
const MEAN: In<f32> =
    In::new("mean", "The mean of each channel; in training what `batch_mean` is mixed with, or no elements.");
const VARIANCE: In<f32> = In::new(
    "variance",
    "The variance of each channel; in training what `batch_variance` is mixed with, or no elements.",
);
const EPSILON: AttrKey<f32> =
    AttrKey::float("epsilon", 1e-4, "What is added to the variance, so that nothing is divided by 0.");
const FACTOR: AttrKey<f32> =
    AttrKey::float("exponential_avg_factor", 1.0, "How much of `batch_mean` and `batch_variance` is new, from 0 to 1.");
const DATA_FORMAT: AttrKey<Arc<str>> =
    AttrKey::one_of("data_format", &["NHWC", "NCHW", "NDHWC", "NCDHW"], "Where the channels are: last, or second.");
const IS_TRAINING: AttrKey<bool> =
    AttrKey::bool("is_training", true, "Whether mean and variance are those of `x`; else they are given.");
const Y: Out<Floating> = Out::new("y", "The normalized pictures; shape of `x`.").among(KINDS);
const BATCH_MEAN: Out<f32> = Out::new("batch_mean", "The running mean; a vector.");
const BATCH_VARIANCE: Out<f32> = Out::new("batch_variance", "The running variance; a vector.");
const RESERVE_SPACE_1: Out<f32> = Out::new("reserve_space_1", "The mean as it was used; a vector.");
const RESERVE_SPACE_2: Out<f32> = Out::new("reserve_space_2", "The variance as it was used; a vector.");
const RESERVE_SPACE_3: Out<f32> = Out::new("reserve_space_3", "0, as on every CPU; a scalar.");

register_block!(
    BlockSpec::new(
        "FusedBatchNormV3",
        "Neural networks",
        "Batch normalization.",
        "`(x - mean) × scale / sqrt(variance + epsilon) + offset` for each channel. In training, mean and variance \
         are those of `x` over all axes but the channels'; else they are given. `batch_mean` and `batch_variance` \
         are for the running ones: the variance with Bessel's correction, mixed with what is given by \
         `exponential_avg_factor`. The reserve spaces are for FusedBatchNormGradV3: mean and variance as they were \
         used, and on CPUs a 0. Sums are taken in double precision; TensorFlow agrees to about 1e-4.",
    )
    .ports([X.port(), SCALE.port(), OFFSET.port(), MEAN.port(), VARIANCE.port()])
    .attrs([EPSILON.spec(), FACTOR.spec(), DATA_FORMAT.spec(), IS_TRAINING.spec()])
    .ports([
        Y.port(),
        BATCH_MEAN.port(),
        BATCH_VARIANCE.port(),
        RESERVE_SPACE_1.port(),
        RESERVE_SPACE_2.port(),
        RESERVE_SPACE_3.port()
    ])
    .gradients(["FusedBatchNormGradV3"])
    .aliases(["BatchNormalization"])
    .code(FusedBatchNormV3)
);

struct FusedBatchNormV3;

impl Block for FusedBatchNormV3 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let ty = &cx.input(X)?.ty;
        let mut channels = norm::channels(ty, &cx.attr(DATA_FORMAT)?, "x")?;
        let mixes = cx.attr(IS_TRAINING)? && cx.attr(FACTOR)? == 1.0;
        for port in [SCALE, OFFSET, MEAN, VARIANCE] {
            let own = given::dims(cx, port, 1)?.and_then(|dims| dims[0]);
            let may_be_empty = mixes && matches!(port.name(), "mean" | "variance");
            norm::fit(&mut channels, own.filter(|own| !(may_be_empty && *own == 0)), port.name())?;
        }
        let vector = TensorType::new(DType::Float32, PartialShape::of_dims(vec![channels]));
        let scalar = TensorType::new(DType::Float32, PartialShape::of_dims(Vec::new()));
        Ok(vec![ty.clone(), vector.clone(), vector.clone(), vector.clone(), vector, scalar])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(X)?;
        let shape = cx.operand_type(input, 0)?.shape;
        let lie = Lie::of(&shape, &cx.attr(DATA_FORMAT)?);
        let is_training = cx.attr(IS_TRAINING)?;
        let channel = if cx.output() == 0 { lie.channel(cx.flat()) } else { cx.flat() };
        let vector =
            |port: In<f32>| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat: channel });
        let whole = || lie.elements(channel).map(|flat| Origin { input, item: 0, flat });
        let is_given =
            |port: In<f32>| Ok::<_, Vec<Fault>>(cx.operand_type(cx.input_number(port)?, 0)?.shape.elements() > 0);
        let (because, from): (String, Vec<Origin>) = match (cx.output(), is_training) {
            (0, true) => {
                let own = [Origin { input, item: 0, flat: cx.flat() }, vector(SCALE)?, vector(OFFSET)?];
                let others = whole().filter(|origin| origin.flat != cx.flat());
                let because = format!("normalized by the mean and variance of channel {channel}");
                (because, own.into_iter().chain(others).collect())
            }
            (0, false) => {
                let own = Origin { input, item: 0, flat: cx.flat() };
                let because = "(x - mean) × scale / sqrt(variance + epsilon) + offset".to_owned();
                (because, vec![own, vector(SCALE)?, vector(OFFSET)?, vector(MEAN)?, vector(VARIANCE)?])
            }
            (1 | 3, false) => return Ok(cx.moved(vector(MEAN)?)),
            (2 | 4, false) => return Ok(cx.moved(vector(VARIANCE)?)),
            (5.., _) => return Ok(Reason::of_itself("0, as on every CPU")),
            (output, true) => {
                let what = if output % 2 == 1 { "mean" } else { "variance" };
                let mixed = if output % 2 == 1 { MEAN } else { VARIANCE };
                let mut from: Vec<Origin> = whole().collect();
                if output < 3 && cx.attr(FACTOR)? != 1.0 && is_given(mixed)? {
                    from.insert(0, vector(mixed)?);
                }
                (format!("the {what} of channel {channel}"), from)
            }
        };
        Ok(computed::from(cx, because, from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (x, ty) = (products::widened(cx, cx.tensor(X)?)?, &cx.outputs()[0]);
        let (lie, elements) = (Lie::of(&ty.shape, &cx.attr(DATA_FORMAT)?), x.slice::<f32>().unwrap_or_default());
        let (scale, offset, mean, variance) =
            (cx.slice(SCALE)?, cx.slice(OFFSET)?, cx.slice(MEAN)?, cx.slice(VARIANCE)?);
        let (epsilon, factor) = (cx.attr(EPSILON)?, cx.attr(FACTOR)?);
        let (used, running) = if cx.attr(IS_TRAINING)? {
            let used = lie.moments(cx, elements)?;
            let bessel = lie.count() as f32 / lie.count().saturating_sub(1).max(1) as f32;
            let mix = |new: f32, old: Option<&f32>| match old {
                Some(old) if factor != 1.0 => (1.0 - factor) * old + factor * new,
                _ => new,
            };
            let running: Vec<(f32, f32)> = used
                .iter()
                .enumerate()
                .map(|(c, (m, v))| (mix(*m, mean.get(c)), mix(v * bessel, variance.get(c))))
                .collect();
            (used, running)
        } else {
            let given: Vec<(f32, f32)> = mean.iter().copied().zip(variance.iter().copied()).collect();
            (given.clone(), given)
        };
        let factors: Vec<(f32, f32, f32)> = used
            .iter()
            .enumerate()
            .map(|(c, (mean, variance))| (*mean, scale[c] / (variance + epsilon).sqrt(), offset[c]))
            .collect();
        let y = lie.each(cx, &ty.shape, |channel, flat| {
            let (mean, factor, offset) = factors[channel];
            (elements[flat] - mean) * factor + offset
        })?;
        let vector = |of: &[(f32, f32)], part: fn(&(f32, f32)) -> f32| Tensor::vector(of.iter().map(part).collect());
        Ok(vec![
            products::narrowed(cx, y, ty.dtype)?,
            vector(&running, |(mean, _)| *mean),
            vector(&running, |(_, variance)| *variance),
            vector(&used, |(mean, _)| *mean),
            vector(&used, |(_, variance)| *variance),
            Tensor::scalar(0f32),
        ])
    }
}
