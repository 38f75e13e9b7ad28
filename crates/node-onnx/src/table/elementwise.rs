//! Operations on each element.

use node_core::{DType, Tensor, Value as Written, literal};

use super::{Outputs, same};
use crate::operation::{From, Operation, Value};
use crate::tensor;

/// A number of a value's own type, to be typed at a port.
fn number(like: &Value, number: f64) -> Result<From<'static>, String> {
    let wanted = Some(like.dtype()?);
    literal::tensor(&Written::number(number), wanted).map(From::Typed)
}

/// One block after the other over all inputs.
fn fold(op: &mut Operation<'_, '_>, block: &str) -> Result<Value, String> {
    let mut so_far = op.input(0)?.clone();
    let ports = op.ports(block);
    for nth in 1..op.inputs.len() {
        let next = op.input(nth)?;
        so_far = op.one(block, Vec::new(), vec![(&*ports[0], (&so_far).into()), (&*ports[1], next.into())])?;
    }
    match op.inputs.len() {
        1 => op.one("Identity", Vec::new(), vec![("input", (&so_far).into())]),
        _ => Ok(so_far),
    }
}

pub fn max(op: &mut Operation<'_, '_>) -> Outputs {
    Ok(vec![fold(op, "Maximum")?])
}

pub fn min(op: &mut Operation<'_, '_>) -> Outputs {
    Ok(vec![fold(op, "Minimum")?])
}

pub fn sum(op: &mut Operation<'_, '_>) -> Outputs {
    Ok(vec![fold(op, "AddV2")?])
}

pub fn mean(op: &mut Operation<'_, '_>) -> Outputs {
    let sum = fold(op, "AddV2")?;
    let count = number(&sum, op.inputs.len() as f64)?;
    Ok(vec![op.one("RealDiv", Vec::new(), vec![("x", (&sum).into()), ("y", count)])?])
}

pub fn div(op: &mut Operation<'_, '_>) -> Outputs {
    let is_float = op.input(0)?.dtype()?.is_floating();
    same(op, if is_float { "RealDiv" } else { "TruncateDiv" })
}

pub fn modulo(op: &mut Operation<'_, '_>) -> Outputs {
    let as_in_c = op.int("fmod", 0) != 0;
    same(op, if as_in_c { "TruncateMod" } else { "FloorMod" })
}

pub fn pow(op: &mut Operation<'_, '_>) -> Outputs {
    let (x, y) = (op.input(0)?, op.input(1)?);
    let exponent = if y.dtype()? == x.dtype()? { y.clone() } else { cast_to(op, y, x.dtype()?)? };
    op.block("Pow", Vec::new(), vec![("x", x.into()), ("y", (&exponent).into())])
}

fn cast_to(op: &mut Operation<'_, '_>, x: &Value, dtype: DType) -> Result<Value, String> {
    if (x.dtype()? == DType::String) != (dtype == DType::String) {
        return Err("makes text of numbers, or numbers of text".to_owned());
    }
    op.one("Cast", vec![("DstT", Written::String(dtype.name().to_owned()))], vec![("x", x.into())])
}

pub fn cast(op: &mut Operation<'_, '_>) -> Outputs {
    op.ignore("saturate");
    let to = op.int("to", 0);
    let x = op.input(0)?;
    Ok(vec![cast_to(op, x, tensor::dtype(to)?)?])
}

pub fn cast_like(op: &mut Operation<'_, '_>) -> Outputs {
    op.ignore("saturate");
    let (x, like) = (op.input(0)?, op.input(1)?);
    Ok(vec![cast_to(op, x, like.dtype()?)?])
}

pub fn clip(op: &mut Operation<'_, '_>) -> Outputs {
    let mut x = op.input(0)?.clone();
    for (nth, name, block) in [(1, "min", "Maximum"), (2, "max", "Minimum")] {
        let written = op.node.attribute.iter().any(|attribute| attribute.name == name);
        let end = match op.given(nth) {
            Some(end) => From::Wire(end),
            None if written => {
                let end = f64::from(op.float(name, 0.0));
                number(&x, end)?
            }
            None => continue,
        };
        x = op.one(block, Vec::new(), vec![("x", (&x).into()), ("y", end)])?;
    }
    Ok(vec![op.one("Identity", Vec::new(), vec![("input", (&x).into())])?])
}

pub fn elu(op: &mut Operation<'_, '_>) -> Outputs {
    if op.float("alpha", 1.0) != 1.0 {
        return Err("has an alpha other than 1".to_owned());
    }
    same(op, "Elu")
}

pub fn selu(op: &mut Operation<'_, '_>) -> Outputs {
    const ALPHA: f32 = 1.673_263_2;
    const GAMMA: f32 = 1.050_701;
    if (op.float("alpha", ALPHA), op.float("gamma", GAMMA)) != (ALPHA, GAMMA) {
        return Err("has an alpha or gamma of its own".to_owned());
    }
    same(op, "Selu")
}

pub fn leaky_relu(op: &mut Operation<'_, '_>) -> Outputs {
    let alpha = Written::number(f64::from(op.float("alpha", 0.01)));
    let x = op.input(0)?;
    op.block("LeakyRelu", vec![("alpha", alpha)], vec![("features", x.into())])
}

pub fn p_relu(op: &mut Operation<'_, '_>) -> Outputs {
    let (x, slope) = (op.input(0)?, op.input(1)?);
    let below = op.one("Less", Vec::new(), vec![("x", x.into()), ("y", number(x, 0.0)?)])?;
    let sloped = op.one("Mul", Vec::new(), vec![("x", x.into()), ("y", slope.into())])?;
    op.block("SelectV2", Vec::new(), vec![("condition", (&below).into()), ("t", (&sloped).into()), ("e", x.into())])
}

/// `max(0, min(1, alpha x + beta))`.
fn hard(op: &mut Operation<'_, '_>, alpha: f32, beta: f32) -> Result<Value, String> {
    let x = op.input(0)?;
    let scaled = op.one("Mul", Vec::new(), vec![("x", x.into()), ("y", number(x, f64::from(alpha))?)])?;
    let moved = op.one("AddV2", Vec::new(), vec![("x", (&scaled).into()), ("y", number(x, f64::from(beta))?)])?;
    let least = op.one("Minimum", Vec::new(), vec![("x", (&moved).into()), ("y", number(x, 1.0)?)])?;
    op.one("Maximum", Vec::new(), vec![("x", (&least).into()), ("y", number(x, 0.0)?)])
}

pub fn hard_sigmoid(op: &mut Operation<'_, '_>) -> Outputs {
    let (alpha, beta) = (op.float("alpha", 0.2), op.float("beta", 0.5));
    Ok(vec![hard(op, alpha, beta)?])
}

pub fn hard_swish(op: &mut Operation<'_, '_>) -> Outputs {
    let (gate, x) = (hard(op, 1.0 / 6.0, 0.5)?, op.input(0)?);
    op.block("Mul", Vec::new(), vec![("x", x.into()), ("y", (&gate).into())])
}

/// Of two blocks on one input and a number: `block(x, number)`.
fn with(op: &mut Operation<'_, '_>, block: &str, x: &Value, by: f64) -> Result<Value, String> {
    op.one(block, Vec::new(), vec![("x", x.into()), ("y", number(x, by)?)])
}

fn times(op: &mut Operation<'_, '_>, x: &Value, y: &Value) -> Result<Value, String> {
    op.one("Mul", Vec::new(), vec![("x", x.into()), ("y", y.into())])
}

pub fn gelu(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    let half = with(op, "Mul", x, 0.5)?;
    let curve = match op.text("approximate", "none").as_str() {
        "none" => {
            let scaled = with(op, "Mul", x, std::f64::consts::FRAC_1_SQRT_2)?;
            op.one("Erf", Vec::new(), vec![("x", (&scaled).into())])?
        }
        "tanh" => {
            let square = op.one("Square", Vec::new(), vec![("x", x.into())])?;
            let cube = times(op, &square, x)?;
            let small = with(op, "Mul", &cube, 0.044715)?;
            let sum = op.one("AddV2", Vec::new(), vec![("x", x.into()), ("y", (&small).into())])?;
            let scaled = with(op, "Mul", &sum, (2.0 / std::f64::consts::PI).sqrt())?;
            op.one("Tanh", Vec::new(), vec![("x", (&scaled).into())])?
        }
        other => return Err(format!("is approximated by {other}")),
    };
    let above = with(op, "AddV2", &curve, 1.0)?;
    Ok(vec![times(op, &half, &above)?])
}

pub fn mish(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    let soft = op.one("Softplus", Vec::new(), vec![("features", x.into())])?;
    let bent = op.one("Tanh", Vec::new(), vec![("x", (&soft).into())])?;
    Ok(vec![times(op, x, &bent)?])
}

pub fn swish(op: &mut Operation<'_, '_>) -> Outputs {
    let alpha = f64::from(op.float("alpha", 1.0));
    let x = op.input(0)?;
    let scaled = with(op, "Mul", x, alpha)?;
    let gate = op.one("Sigmoid", Vec::new(), vec![("x", (&scaled).into())])?;
    Ok(vec![times(op, x, &gate)?])
}

/// `max(0, x) + min(0, alpha (exp(x / alpha) - 1))`.
pub fn celu(op: &mut Operation<'_, '_>) -> Outputs {
    let alpha = f64::from(op.float("alpha", 1.0));
    let x = op.input(0)?;
    let divided = with(op, "RealDiv", x, alpha)?;
    let grown = op.one("Expm1", Vec::new(), vec![("x", (&divided).into())])?;
    let scaled = with(op, "Mul", &grown, alpha)?;
    let below = with(op, "Minimum", &scaled, 0.0)?;
    let above = with(op, "Maximum", x, 0.0)?;
    op.block("AddV2", Vec::new(), vec![("x", (&above).into()), ("y", (&below).into())])
}

pub fn thresholded_relu(op: &mut Operation<'_, '_>) -> Outputs {
    let alpha = f64::from(op.float("alpha", 1.0));
    let x = op.input(0)?;
    let above = with(op, "Greater", x, alpha)?;
    let inputs = vec![("condition", (&above).into()), ("t", x.into()), ("e", number(x, 0.0)?)];
    op.block("SelectV2", Vec::new(), inputs)
}

pub fn is_inf(op: &mut Operation<'_, '_>) -> Outputs {
    if op.int("detect_negative", 1) != 1 || op.int("detect_positive", 1) != 1 {
        return Err("looks for one infinity alone".to_owned());
    }
    same(op, "IsInf")
}

pub fn xor(op: &mut Operation<'_, '_>) -> Outputs {
    same(op, "NotEqual")
}

pub fn dropout(op: &mut Operation<'_, '_>) -> Outputs {
    ["ratio", "seed"].into_iter().for_each(|name| op.ignore(name));
    let is_on = |tensor: &Tensor| tensor.slice::<bool>() != Some(&[false]);
    if op.given(2).is_some_and(|training| training.known.as_ref().is_none_or(is_on)) {
        return Err("drops what it draws, in training".to_owned());
    }
    let x = op.input(0)?;
    op.block("Identity", Vec::new(), vec![("input", x.into())])
}
