//! `Placeholder`: a tensor fed from outside.

use node_core::type_rule::Same;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, InferCx, Out, PartialShape, Reason, Role, RunCx, Tensor, TensorType,
    WhyCx, register_block,
};

const DTYPE: AttrKey<DType> = AttrKey::dtype("dtype", "The data type; the default's if not set, else float32.");
const SHAPE: AttrKey<PartialShape> = AttrKey::shape("shape", "The shape, -1 for unknown dimensions; any if not set.");
const DEFAULT: AttrKey<Tensor> = AttrKey::tensor("default", "dtype", "The value while nothing is fed.");
const OUTPUT: Out<Same> = Out::new("output", "What is fed, else the default.").of("dtype");

register_block!(
    BlockSpec::new(
        "Placeholder",
        "Sources",
        "Fed from outside.",
        "Takes its tensor from outside: `nudge run page.json --feed x.output=@x.npy`. \
           With a `default` it is TensorFlow's PlaceholderWithDefault. Without one it passes check, with unknown \
           dimensions shown as `?`, and a run that needs it fails until it is fed.",
    )
    .role(Role::Feed)
    .attrs([DTYPE.spec(), SHAPE.spec(), DEFAULT.spec()])
    .ports([OUTPUT.port()])
    .code(Placeholder)
);

struct Placeholder;

impl Block for Placeholder {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let default = cx.find_attr(DEFAULT);
        let declared = cx.find_attr(DTYPE).or(default.as_ref().map(Tensor::dtype)).unwrap_or(DType::Float32);
        let shape = cx.find_attr(SHAPE).unwrap_or_default();
        if let Some(default) = &default
            && !shape.admits(default.shape())
        {
            let message = format!("default has shape {}, but shape says {shape}", default.shape());
            return Err(vec![Fault::attrs(message)]);
        }
        match (cx.fed(), default) {
            (Some(fed), _) if fed.dtype() != declared => {
                let remedy = match declared.numpy() {
                    Some(_) => format!("convert what is fed (NumPy: .astype('{declared}'))"),
                    None if declared.is_floating() && fed.dtype().is_floating() => {
                        format!("declare {} and wire a Cast behind it", fed.dtype())
                    }
                    None => format!("feed {declared}, or declare {}", fed.dtype()),
                };
                let message = format!("is fed {}, but is declared {declared}; {remedy}", fed.dtype());
                Err(vec![Fault::at("output", message)])
            }
            (Some(fed), _) if !shape.admits(fed.shape()) => {
                Err(vec![Fault::at("output", format!("is fed shape {}, but is declared {shape}", fed.shape()))])
            }
            (Some(fed), _) => Ok(vec![fed.tensor_type()]),
            (None, Some(default)) => Ok(vec![default.tensor_type()]),
            (None, None) => Ok(vec![TensorType::new(declared, shape)]),
        }
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(Reason::of_itself(if cx.fed().is_some() {
            "as it is fed"
        } else {
            "as the default says, since nothing is fed"
        }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let value = cx.fed().cloned().or_else(|| cx.find_attr(DEFAULT));
        let unfed = "is not fed and has no default; set a default, or feed it (a file dropped on it, --feed)";
        Ok(vec![value.ok_or_else(|| vec![Fault::at("output", unfed).still_open()])?])
    }
}
