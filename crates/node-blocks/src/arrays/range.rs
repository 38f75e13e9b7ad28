//! `Range`: numbers at equal steps.
//!
//! No edge cases: its inputs are three numbers, and what leads nowhere is refused.

use node_core::dtype::Narrow;
use node_core::half::{bf16, f16};
use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Scalar, Tensor, TensorType, WhyCx,
    for_operand, register_block,
};

use crate::given;
use crate::numbers::{Arithmetic, Castable, Exact};

const KINDS: &[DType] = &[DType::Int32, DType::Int64, DType::Float32, DType::Float64, DType::Float16, DType::BFloat16];
const START: In<Real> = In::new("start", "The first number; a scalar.").of("Tidx").among(KINDS).parameter();
const LIMIT: In<Real> =
    In::new("limit", "Where it ends, itself not in it; a scalar.").of("Tidx").among(KINDS).parameter();
const DELTA: In<Real> = In::new("delta", "The step, not 0; a scalar.").of("Tidx").among(KINDS).parameter();
const OUTPUT: Out<Real> = Out::new("output", "The numbers; a vector.").of("Tidx").among(KINDS);

register_block!(
    BlockSpec::new(
        "Range",
        "Arrays",
        "Numbers at equal steps.",
        "`start`, `start + delta`, … up to `limit`, which is not one of them. Element i is `start + i × delta`, \
         computed in the data type.",
    )
    .ports([START.port(), LIMIT.port(), DELTA.port(), OUTPUT.port()])
    .code(Range)
);

struct Range;

impl Block for Range {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        [START, LIMIT, DELTA].iter().try_for_each(|port| given::must_be_scalar(cx, *port))?;
        Ok(vec![TensorType::new(cx.dtype(START)?, PartialShape::of_dims(vec![count(cx)?]))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let origin = |port| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat: 0 });
        let from = vec![origin(START)?, origin(DELTA)?];
        let told = cx.told(&from)?;
        let because = format!("start + {0} × delta = {1} + {0} × {2}", cx.flat(), told[0].value, told[1].value);
        Ok(Reason { because, from, ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        for_operand!(ty.dtype, T => {
            let first = |port| Ok::<T, Vec<Fault>>(cx.tensor(port)?.slice::<T>().and_then(|v| v.first().copied()).unwrap_or_default());
            let (start, delta) = (first(START)?, first(DELTA)?);
            let place = |i: usize| <T as Castable>::of(Exact::Whole(i as i128));
            Ok(vec![cx.write::<T>(&ty.shape, 1 << 15, |from, out| {
                for (i, out) in out.iter_mut().enumerate() {
                    *out = start.plus(place(from + i).times(delta));
                }
            })?])
        }, else Err(vec![Fault::at("start", "must be a number")]))
    }
}

/// How many numbers there are, if that is known.
fn count(cx: &InferCx<'_>) -> Result<Option<usize>, Vec<Fault>> {
    let scalar = |port| cx.find_tensor(port).and_then(|value| value.element(0));
    let (Some(start), Some(limit), Some(delta)) = (scalar(START), scalar(LIMIT), scalar(DELTA)) else {
        return Ok(None);
    };
    let count = match (&start, &limit, &delta) {
        (Scalar::Int(start), Scalar::Int(limit), Scalar::Int(delta)) => {
            let (span, delta) = (i128::from(*limit) - i128::from(*start), i128::from(*delta));
            check(
                delta == 0,
                (span > 0 && delta < 0) || (span < 0 && delta > 0),
                [&start.to_string(), &limit.to_string(), &delta.to_string()],
            )?;
            (span.abs() as f64 / delta.abs() as f64, ((span.abs() + delta.abs() - 1) / delta.abs()) as usize)
        }
        _ => {
            let number = |scalar: &Scalar| scalar.as_f64().unwrap_or(f64::NAN);
            let (span, step) = (number(&limit) - number(&start), number(&delta));
            if !span.is_finite() || !step.is_finite() {
                return Err(vec![Fault::at("limit", "start, limit and delta must be finite numbers")]);
            }
            check(step == 0.0, span * step < 0.0, [&start.to_string(), &limit.to_string(), &delta.to_string()])?;
            // Counted in the data type's own arithmetic, as TensorFlow does.
            let count = match cx.dtype(START)? {
                DType::Float64 => (span / step).abs().ceil(),
                DType::Float32 => {
                    f64::from(((number(&limit) as f32 - number(&start) as f32) / step as f32).abs().ceil())
                }
                DType::Float16 => f64::from(quotient::<f16>([number(&start), number(&limit), step]).ceil()),
                _ => f64::from(quotient::<bf16>([number(&start), number(&limit), step]).ceil()),
            };
            (count, count as usize)
        }
    };
    if count.0 >= node_core::shape::MAX_ELEMENTS as f64 {
        return Err(vec![Fault::at("limit", format!("makes {:e} numbers, more than can be addressed", count.0))]);
    }
    Ok(Some(count.1))
}

/// `|(limit - start) / delta|`, rounded at each step.
fn quotient<N: Narrow>([start, limit, delta]: [f64; 3]) -> f32 {
    let span = N::nearest(limit as f32 - start as f32).wide();
    N::nearest(span / delta as f32).wide().abs()
}

fn check(is_zero: bool, goes_away: bool, [start, limit, delta]: [&str; 3]) -> Result<(), Vec<Fault>> {
    if is_zero {
        return Err(vec![Fault::at("delta", "is 0, with which there is no end")]);
    }
    if goes_away {
        let message = format!("is {delta}, which does not lead from {start} to {limit}");
        return Err(vec![Fault::at("delta", message)]);
    }
    Ok(())
}
