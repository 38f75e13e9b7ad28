//! `Bitcast`: the same bits as another data type.
//!
//! No edge cases: it copies bits without looking at them.

use node_core::kernel::Lane as _;
use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    for_operand, register_block,
};

use crate::given;

const INPUT: In<Real> = In::new("input", "Any shape.");
const TYPE: AttrKey<DType> = AttrKey::one_of_dtypes("type", DType::REAL, None, "The data type to be.");
const OUTPUT: Out<Real> = Out::new("output", "The same bytes as `type`.").of("type");

register_block!(
    BlockSpec::new(
        "Bitcast",
        "Arrays",
        "The same bits as another data type.",
        "Takes the bytes of the elements as elements of `type`. Where these are smaller, an axis is added at the \
         end, the lowest byte first; where they are larger, the last axis must be as long as one has parts, and \
         goes.",
    )
    .ports([INPUT.port()])
    .attrs([TYPE.spec()])
    .ports([OUTPUT.port()])
    .code(Bitcast)
);

struct Bitcast;

impl Block for Bitcast {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (input, to) = (&cx.input(INPUT)?.ty, cx.attr(TYPE)?);
        let (from_size, to_size) = (input.dtype.size(), to.size());
        let Some(dims) = input.shape.dims() else { return Ok(vec![TensorType::new(to, PartialShape::unknown())]) };
        let mut dims = dims.to_vec();
        if from_size > to_size {
            dims.push(Some(from_size / to_size));
        } else if from_size < to_size {
            let parts = to_size / from_size;
            match dims.pop() {
                Some(last) if last.is_none_or(|last| last == parts) => {}
                _ => {
                    let message = format!(
                        "has shape {}, but {parts} {} make one {to}: the last axis must be {parts} long",
                        input.shape, input.dtype
                    );
                    return Err(vec![Fault::at("input", message)]);
                }
            }
        }
        Ok(vec![TensorType::new(to, given::shape(dims, "input")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(INPUT)?;
        let (from, to) = (cx.dtype(INPUT)?, cx.attr(TYPE)?);
        let (from_size, to_size) = (from.size(), to.size());
        let first = cx.flat() * to_size / from_size;
        let from: Vec<Origin> =
            (first..first + (to_size / from_size).max(1)).map(|flat| Origin { input, item: 0, flat }).collect();
        let names: Vec<String> = from.iter().map(|origin| cx.name_of(*origin)).collect();
        Ok(Reason { because: format!("the bits of {} as {to}", names.join(", ")), from, ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (tensor, ty) = (cx.tensor(INPUT)?, &cx.outputs()[0]);
        let (from_size, to_size) = (tensor.dtype().size(), ty.dtype.size());
        let bits: Vec<u64> = for_operand!(tensor.dtype(), T => {
            tensor.slice::<T>().unwrap_or_default().iter().map(|element| element.to_bits64()).collect()
        }, else Vec::new());
        let mask = |size: usize| u64::MAX >> (64 - 8 * size);
        let part = |at: usize| {
            if from_size >= to_size {
                let parts = from_size / to_size;
                bits[at / parts] >> (8 * to_size * (at % parts))
            } else {
                let parts = to_size / from_size;
                (0..parts).fold(0, |all, nth| all | (bits[at * parts + nth] & mask(from_size)) << (8 * from_size * nth))
            }
        };
        for_operand!(ty.dtype, T => Ok(vec![cx.write::<T>(&ty.shape, 1 << 15, |first, out| {
            for (at, out) in (first..).zip(out) {
                *out = T::from_bits64(part(at) & mask(to_size));
            }
        })?]), else Err(vec![Fault::attrs("type must be a number's")]))
    }
}
