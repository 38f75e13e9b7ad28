//! `FusedBatchNormGradV3`: gradient of batch normalization.
//!
//! No edge cases: it is made of sums, products and a square root, each with cases of its own.

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
const Y_BACKPROP: In<Floating> = In::new("y_backprop", "Gradients for `y`, of its shape.").among(KINDS);
const X: In<Floating> = In::new("x", "The pictures; four dimensions, or five.").among(KINDS);
const SCALE: In<f32> = In::new("scale", "What each channel was multiplied by; a vector.");
const RESERVE_SPACE_1: In<f32> = In::new("reserve_space_1", "The mean as it was used; a vector.");
const RESERVE_SPACE_2: In<f32> = In::new("reserve_space_2", "The variance as it was used; a vector.");
const RESERVE_SPACE_3: In<f32> = In::new("reserve_space_3", "Not used on CPUs.");
const EPSILON: AttrKey<f32> =
    AttrKey::float("epsilon", 1e-4, "What is added to the variance, so that nothing is divided by 0.");
const DATA_FORMAT: AttrKey<Arc<str>> =
    AttrKey::one_of("data_format", &["NHWC", "NCHW", "NDHWC", "NCDHW"], "Where the channels are: last, or second.");
const IS_TRAINING: AttrKey<bool> = AttrKey::bool("is_training", true, "Whether mean and variance were those of `x`.");
const X_BACKPROP: Out<Floating> = Out::new("x_backprop", "Gradients for the pictures; shape of `x`.").among(KINDS);
const SCALE_BACKPROP: Out<f32> = Out::new("scale_backprop", "Gradients for the scale; a vector.");
const OFFSET_BACKPROP: Out<f32> = Out::new("offset_backprop", "Gradients for the offset; a vector.");
const RESERVE_SPACE_4: Out<f32> = Out::new("reserve_space_4", "No elements.");
const RESERVE_SPACE_5: Out<f32> = Out::new("reserve_space_5", "No elements.");

register_block!(
    BlockSpec::new(
        "FusedBatchNormGradV3",
        "Neural networks",
        "Gradient of batch normalization.",
        "Gradients of FusedBatchNormV3 for its pictures, scale and offset. In training, those for the pictures \
         count that mean and variance are theirs. Sums are taken in double precision; TensorFlow agrees to about \
         1e-4.",
    )
    .ports([
        Y_BACKPROP.port(),
        X.port(),
        SCALE.port(),
        RESERVE_SPACE_1.port(),
        RESERVE_SPACE_2.port(),
        RESERVE_SPACE_3.port()
    ])
    .attrs([EPSILON.spec(), DATA_FORMAT.spec(), IS_TRAINING.spec()])
    .ports([
        X_BACKPROP.port(),
        SCALE_BACKPROP.port(),
        OFFSET_BACKPROP.port(),
        RESERVE_SPACE_4.port(),
        RESERVE_SPACE_5.port()
    ])
    .code(FusedBatchNormGradV3)
);

struct FusedBatchNormGradV3;

impl Block for FusedBatchNormGradV3 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let ty = &cx.input(X)?.ty;
        let shape = cx.same_shape(Y_BACKPROP, X)?;
        let mut channels = norm::channels(ty, &cx.attr(DATA_FORMAT)?, "x")?;
        for port in [SCALE, RESERVE_SPACE_1, RESERVE_SPACE_2] {
            let own = given::dims(cx, port, 1)?.and_then(|dims| dims[0]);
            norm::fit(&mut channels, own, port.name())?;
        }
        let vector = |len| TensorType::new(DType::Float32, PartialShape::of_dims(vec![len]));
        Ok(vec![TensorType::new(ty.dtype, shape), vector(channels), vector(channels), vector(Some(0)), vector(Some(0))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (x, gradients) = (cx.input_number(X)?, cx.input_number(Y_BACKPROP)?);
        let lie = Lie::of(&cx.operand_type(x, 0)?.shape, &cx.attr(DATA_FORMAT)?);
        let channel = if cx.output() == 0 { lie.channel(cx.flat()) } else { cx.flat() };
        let vector =
            |port: In<f32>| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat: channel });
        let of = |input: usize| lie.elements(channel).map(move |flat| Origin { input, item: 0, flat });
        let (scale, mean, variance) = (vector(SCALE)?, vector(RESERVE_SPACE_1)?, vector(RESERVE_SPACE_2)?);
        let (because, from): (String, Vec<Origin>) = match (cx.output(), cx.attr(IS_TRAINING)?) {
            (0, true) => {
                let because = format!(
                    "y_backprop × scale / sqrt(variance + epsilon), less what mean and variance of channel {channel} take of it"
                );
                let own = [Origin { input: gradients, item: 0, flat: cx.flat() }, scale, variance, mean];
                (because, own.into_iter().chain(of(gradients).filter(|o| o.flat != cx.flat())).chain(of(x)).collect())
            }
            (0, false) => {
                let own = Origin { input: gradients, item: 0, flat: cx.flat() };
                ("y_backprop × scale / sqrt(variance + epsilon)".to_owned(), vec![own, scale, variance])
            }
            (1, _) => {
                let because =
                    format!("the sum of y_backprop × (x - mean) / sqrt(variance + epsilon) over channel {channel}");
                (because, [mean, variance].into_iter().chain(of(gradients)).chain(of(x)).collect())
            }
            _ => (format!("the sum of y_backprop over channel {channel}"), of(gradients).collect()),
        };
        Ok(computed::from(cx, because, from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let (x, gradients) = (products::widened(cx, cx.tensor(X)?)?, products::widened(cx, cx.tensor(Y_BACKPROP)?)?);
        let (x, gradients) = (x.slice::<f32>().unwrap_or_default(), gradients.slice::<f32>().unwrap_or_default());
        let lie = Lie::of(&ty.shape, &cx.attr(DATA_FORMAT)?);
        let (scale, mean, variance) = (cx.slice(SCALE)?, cx.slice(RESERVE_SPACE_1)?, cx.slice(RESERVE_SPACE_2)?);
        let (epsilon, is_training) = (f64::from(cx.attr(EPSILON)?), cx.attr(IS_TRAINING)?);
        let sums = lie.sums(cx, |channel, flat| {
            let gradient = f64::from(gradients[flat]);
            [gradient, gradient * (f64::from(x[flat]) - f64::from(mean[channel]))]
        })?;
        let one = |channel: usize| {
            let [sum, with_x] = sums[channel];
            let below = (f64::from(variance[channel]) + epsilon).sqrt();
            (sum, with_x / below, below)
        };
        let count = lie.count() as f64;
        let x_backprop = lie.each(cx, &ty.shape, |channel, flat| {
            let ((sum, with_x, below), gradient) = (one(channel), f64::from(gradients[flat]));
            let factor = f64::from(scale[channel]) / below;
            let normalized = (f64::from(x[flat]) - f64::from(mean[channel])) / below;
            let taken = if is_training { sum / count + normalized * with_x / count } else { 0.0 };
            (factor * (gradient - taken)) as f32
        })?;
        let vector = |part: &dyn Fn(usize) -> f64| Tensor::vector((0..sums.len()).map(|c| part(c) as f32).collect());
        let (scale_backprop, offset_backprop) = (vector(&|channel| one(channel).1), vector(&|channel| one(channel).0));
        let none = || Tensor::vector(Vec::<f32>::new());
        Ok(vec![products::narrowed(cx, x_backprop, ty.dtype)?, scale_backprop, offset_backprop, none(), none()])
    }
}
