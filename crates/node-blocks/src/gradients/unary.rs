//! Functions of one element.

use node_core::gradient::{Flow, Step};
use node_core::register_gradient;

use super::shapes::number;

register_gradient!(
    "Abs" => By(|s| times(s, |s, x| s.put("Sign", [x]))),
    "Neg" => By(|s| { let dy = s.dy(0)?; let dx = s.put("Neg", [dy])?; s.give("x", dx) }),
    "Sign" => By(|s| { let x = s.x("x")?; let none = s.put("ZerosLike", [x])?; s.give("x", none) }),
    "Reciprocal" => By(|s| of_output(s, "ReciprocalGrad")),
    "Sqrt" => By(|s| of_output(s, "SqrtGrad")),
    "Rsqrt" => By(|s| of_output(s, "RsqrtGrad")),
    "Tanh" => By(|s| of_output(s, "TanhGrad")),
    "Sigmoid" => By(|s| of_output(s, "SigmoidGrad")),
    "Exp" => By(|s| times(s, |s, _| Ok(s.y(0)))),
    "Expm1" => By(|s| times(s, |s, x| s.put("Exp", [x]))),
    "Log" => By(|s| times(s, |s, x| s.put("Reciprocal", [x]))),
    "Log1p" => By(|s| times(s, |s, x| { let sum = plus_one(s, x)?; s.put("Reciprocal", [sum]) })),
    "Square" => By(|s| times(s, |s, x| { let two = number(s, "x", 2.0)?; s.put("Mul", [x, two]) })),
    "Sinh" => By(|s| times(s, |s, x| s.put("Cosh", [x]))),
    "Cosh" => By(|s| times(s, |s, x| s.put("Sinh", [x]))),
    "Asinh" => By(|s| over(s, |s, _| { let y = s.y(0); s.put("Cosh", [y]) })),
    "Acosh" => By(|s| over(s, |s, _| { let y = s.y(0); s.put("Sinh", [y]) })),
    "Atanh" => By(|s| times(s, |s, x| { let left = one_less_square(s, x)?; s.put("Reciprocal", [left]) })),
    "Sin" => By(|s| times(s, |s, x| s.put("Cos", [x]))),
    "Cos" => By(|s| times(s, |s, x| { let sin = s.put("Sin", [x])?; s.put("Neg", [sin]) })),
    "Tan" => By(|s| times(s, |s, x| {
        let cos = s.put("Cos", [x])?;
        let secant = s.put("Reciprocal", [cos])?;
        s.put("Square", [secant])
    })),
    "Asin" => By(|s| times(s, arcsine)),
    "Acos" => By(|s| times(s, |s, x| { let slope = arcsine(s, x)?; s.put("Neg", [slope]) })),
    "Atan" => By(|s| times(s, |s, x| {
        let square = s.put("Square", [x])?;
        let sum = plus_one(s, square)?;
        s.put("Reciprocal", [sum])
    })),
    "Lgamma" => By(|s| times(s, |s, x| s.put("Digamma", [x]))),
    "Erf" => By(|s| times(s, |s, x| bell(s, x, 1.0))),
    "Erfc" => By(|s| times(s, |s, x| bell(s, x, -1.0))),
    "SqrtGrad" => By(sqrt_grad),
    "RsqrtGrad" => By(rsqrt_grad),
    "ReciprocalGrad" => By(|s| second(s, "ReciprocalGrad", -2.0)),
    "TanhGrad" => By(|s| second(s, "TanhGrad", -2.0)),
    "SigmoidGrad" => By(sigmoid_grad),
);

/// `dy` times a slope that is made of `x`.
fn times(s: &mut Step<'_, '_>, slope: impl Fn(&mut Step<'_, '_>, Flow) -> Result<Flow, String>) -> Result<(), String> {
    let (dy, x) = (s.dy(0)?, s.x("x")?);
    let slope = slope(s, x)?;
    let dx = s.put("Mul", [dy, slope])?;
    s.give("x", dx)
}

/// `dy` divided by what is made of `x`.
fn over(s: &mut Step<'_, '_>, by: impl Fn(&mut Step<'_, '_>, Flow) -> Result<Flow, String>) -> Result<(), String> {
    let (dy, x) = (s.dy(0)?, s.x("x")?);
    let by = by(s, x)?;
    let dx = s.put("RealDiv", [dy, by])?;
    s.give("x", dx)
}

/// The block that takes the output and its gradient.
fn of_output(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let (y, dy) = (s.y(0), s.dy(0)?);
    let dx = s.put(type_name, [y, dy])?;
    s.give("x", dx)
}

fn plus_one(s: &mut Step<'_, '_>, x: Flow) -> Result<Flow, String> {
    let one = number(s, "x", 1.0)?;
    s.put("AddV2", [one, x])
}

/// 1 - x².
fn one_less_square(s: &mut Step<'_, '_>, x: Flow) -> Result<Flow, String> {
    let (square, one) = (s.put("Square", [x])?, number(s, "x", 1.0)?);
    s.put("Sub", [one, square])
}

/// 1 / √(1 - x²).
fn arcsine(s: &mut Step<'_, '_>, x: Flow) -> Result<Flow, String> {
    let left = one_less_square(s, x)?;
    let root = s.put("Sqrt", [left])?;
    s.put("Reciprocal", [root])
}

/// ±2/√π e^(-x²).
fn bell(s: &mut Step<'_, '_>, x: Flow, sign: f64) -> Result<Flow, String> {
    let square = s.put("Square", [x])?;
    let minus = s.put("Neg", [square])?;
    let exp = s.put("Exp", [minus])?;
    let height = number(s, "x", sign * std::f64::consts::FRAC_2_SQRT_PI)?;
    s.put("Mul", [height, exp])
}

/// Of z = f(y, dy) = dy × slope(y), where the slope of y is one of `factor` × dy × y.
fn second(s: &mut Step<'_, '_>, type_name: &'static str, factor: f64) -> Result<(), String> {
    let (y, dy, grad) = (s.x("y")?, s.x("dy")?, s.dy(0)?);
    let both = s.put("Mul", [grad.clone(), dy])?;
    let factor = number(s, "y", factor)?;
    let scaled = s.put("Mul", [factor, both])?;
    let for_y = s.put("Mul", [scaled, y.clone()])?;
    s.give("y", for_y)?;
    let for_dy = s.put(type_name, [y, grad])?;
    s.give("dy", for_dy)
}

fn sigmoid_grad(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (y, dy, grad) = (s.x("y")?, s.x("dy")?, s.dy(0)?);
    let both = s.put("Mul", [grad.clone(), dy])?;
    let two = number(s, "y", 2.0)?;
    let twice = s.put("Mul", [two, both.clone()])?;
    let part = s.put("Mul", [twice, y.clone()])?;
    let for_y = s.put("Sub", [both, part])?;
    s.give("y", for_y)?;
    let for_dy = s.put("SigmoidGrad", [y, grad])?;
    s.give("dy", for_dy)
}

/// Of z = dy / 2 / y.
fn sqrt_grad(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (y, z, grad) = (s.x("y")?, s.y(0), s.dy(0)?);
    let share = s.put("RealDiv", [grad, y])?;
    let (minus, half) = (s.put("Neg", [share.clone()])?, number(s, "y", 0.5)?);
    let for_y = s.put("Mul", [minus, z])?;
    s.give("y", for_y)?;
    let for_dy = s.put("Mul", [half, share])?;
    s.give("dy", for_dy)
}

/// Of z = -dy / 2 y³.
fn rsqrt_grad(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (y, dy, grad) = (s.x("y")?, s.x("dy")?, s.dy(0)?);
    let (factor, square) = (number(s, "y", -1.5)?, s.put("Square", [y.clone()])?);
    let scaled = s.put("Mul", [factor, grad.clone()])?;
    let both = s.put("Mul", [scaled, dy])?;
    let for_y = s.put("Mul", [both, square])?;
    s.give("y", for_y)?;
    let for_dy = s.put("RsqrtGrad", [y, grad])?;
    s.give("dy", for_dy)
}
