//! `LinSpace`: numbers at equal distances, both ends included.
//!
//! No edge cases: its inputs are two numbers and a count, which is refused below 1.

use std::ops::{Add, Div, Mul, Sub};

use node_core::kernel::Operand;
use node_core::type_rule::{Index, Real};
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, KnownType, Out, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use crate::given;

const KINDS: &[DType] = &[DType::Float32, DType::Float64];
const START: In<Real> = In::new("start", "The first number; a scalar.").among(KINDS);
const STOP: In<Real> = In::new("stop", "The last number; a scalar.").among(KINDS);
const NUM: In<Index> = In::new("num", "How many; a scalar, at least 1.").parameter();
const OUTPUT: Out<Real> = Out::new("output", "The numbers; a vector of `num`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "LinSpace",
        "Arrays",
        "Numbers at equal distances, both ends included.",
        "`num` numbers from `start` to `stop`: element i is `start + i × (stop - start) / (num - 1)`, and the last \
         is `stop` itself.",
    )
    .ports([START.port(), STOP.port(), NUM.port(), OUTPUT.port()])
    .code(LinSpace)
);

struct LinSpace;

impl Block for LinSpace {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        given::must_be_scalar(cx, START)?;
        given::must_be_scalar(cx, STOP)?;
        let num = match given::scalar(cx, NUM)? {
            Some(num) if num < 1 => return Err(vec![Fault::at("num", format!("is {num}, but must be at least 1"))]),
            Some(num) => Some(given::len(num, "num")?),
            None => None,
        };
        Ok(vec![TensorType::new(cx.dtype(START)?, given::shape(vec![num], "num")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let origin = |port| Ok::<_, Vec<Fault>>(Origin { input: cx.input_number(port)?, item: 0, flat: 0 });
        let (start, stop, last) = (origin(START)?, origin(STOP)?, cx.shape().elements() - 1);
        if cx.flat() == last && last > 0 {
            return Ok(cx.moved(stop));
        }
        let told = cx.told(&[start, stop])?;
        let because = format!(
            "start + {0} × (stop - start) / {1} = {2} + {0} × ({3} - {2}) / {1}",
            cx.flat(),
            last.max(1),
            told[0].value,
            told[1].value
        );
        Ok(Reason { because, from: vec![start, stop], ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        Ok(vec![match ty.dtype {
            DType::Float64 => points::<f64>(cx, ty, |i| i as f64)?,
            _ => points::<f32>(cx, ty, |i| i as f32)?,
        }])
    }
}

fn points<T: Operand + Sub<Output = T> + Div<Output = T> + Mul<Output = T> + Add<Output = T>>(
    cx: &RunCx<'_>,
    ty: &KnownType,
    number: fn(usize) -> T,
) -> Result<Tensor, Vec<Fault>> {
    let first = |tensor: &Tensor| tensor.slice::<T>().and_then(|v| v.first().copied()).unwrap_or_default();
    let (start, stop, len) = (first(cx.tensor(START)?), first(cx.tensor(STOP)?), ty.shape.elements());
    let step = if len > 1 { (stop - start) / number(len - 1) } else { number(0) };
    cx.write::<T>(&ty.shape, 1 << 15, |from, out| {
        for (i, out) in (from..).zip(out) {
            *out = match i {
                0 => start,
                _ if i + 1 == len => stop,
                _ => start + step * number(i),
            };
        }
    })
}
