//! Functions of several operands that broadcast.

use node_core::gradient::{Flow, Step};
use node_core::register_gradient;

use super::shapes::{dynamic, give_both, number, summed_to, unbroadcast};

register_gradient!(
    "AddV2" => By(|s| give_both(s, ["x", "y"], |s| s.dy(0), |s| s.dy(0))),
    "Sub" => By(|s| give_both(s, ["x", "y"], |s| s.dy(0), |s| { let dy = s.dy(0)?; s.put("Neg", [dy]) })),
    "Mul" => By(|s| give_both(s, ["x", "y"],
        |s| { let (dy, y) = (s.dy(0)?, s.x("y")?); s.put("Mul", [dy, y]) },
        |s| { let (x, dy) = (s.x("x")?, s.dy(0)?); s.put("Mul", [x, dy]) },
    )),
    "MulNoNan" => By(|s| give_both(s, ["x", "y"],
        |s| { let (dy, y) = (s.dy(0)?, s.x("y")?); s.put("MulNoNan", [dy, y]) },
        |s| { let (x, dy) = (s.x("x")?, s.dy(0)?); s.put("MulNoNan", [x, dy]) },
    )),
    "RealDiv" => By(|s| quotient(s, "RealDiv")),
    "DivNoNan" => By(|s| quotient(s, "DivNoNan")),
    "FloorMod" => By(|s| give_both(s, ["x", "y"], |s| s.dy(0), |s| {
        let (x, y, dy) = (s.x("x")?, s.x("y")?, s.dy(0)?);
        let whole = s.put("FloorDiv", [x, y])?;
        let minus = s.put("Neg", [whole])?;
        s.put("Mul", [dy, minus])
    })),
    "Maximum" => By(|s| greater_of(s, "GreaterEqual")),
    "Minimum" => By(|s| greater_of(s, "LessEqual")),
    "SquaredDifference" => By(|s| give_both(s, ["x", "y"], twice_difference, |s| {
        let slope = twice_difference(s)?;
        s.put("Neg", [slope])
    })),
    "Pow" => By(|s| give_both(s, ["x", "y"], pow_base, pow_exponent)),
    "Xdivy" => By(|s| give_both(s, ["x", "y"], xdivy_x, xdivy_y)),
    "Atan2" => By(|s| give_both(s, ["y", "x"],
        |s| { let (share, x) = (atan2_share(s)?, s.x("x")?); s.put("Mul", [x, share]) },
        |s| {
            let (share, y) = (atan2_share(s)?, s.x("y")?);
            let minus = s.put("Neg", [y])?;
            s.put("Mul", [minus, share])
        },
    )),
    "AddN" => By(|s| {
        let dy = s.dy(0)?;
        (0..s.count("inputs")).try_for_each(|item| s.give_item("inputs", item, dy.clone()))
    }),
    "ClipByValue" => By(clip),
    "SelectV2" => By(select),
    "Betainc" => By(betainc),
);

fn quotient(s: &mut Step<'_, '_>, divide: &'static str) -> Result<(), String> {
    give_both(
        s,
        ["x", "y"],
        |s| {
            let (dy, y) = (s.dy(0)?, s.x("y")?);
            s.put(divide, [dy, y])
        },
        |s| {
            let (x, y, dy) = (s.x("x")?, s.x("y")?, s.dy(0)?);
            let minus = s.put("Neg", [x])?;
            let once = s.put(divide, [minus, y.clone()])?;
            let twice = s.put(divide, [once, y])?;
            s.put("Mul", [dy, twice])
        },
    )
}

/// The gradient goes where the element came from; of equals to `x`.
fn greater_of(s: &mut Step<'_, '_>, is_x: &'static str) -> Result<(), String> {
    let part = |s: &mut Step<'_, '_>, of_x: bool| {
        let (x, y, dy) = (s.x("x")?, s.x("y")?, s.dy(0)?);
        let zero = number(s, "x", 0.0)?;
        let is_x = s.put(is_x, [x, y])?;
        s.put("SelectV2", if of_x { [is_x, dy, zero] } else { [is_x, zero, dy] })
    };
    give_both(s, ["x", "y"], |s| part(s, true), |s| part(s, false))
}

fn twice_difference(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (x, y, dy, two) = (s.x("x")?, s.x("y")?, s.dy(0)?, number(s, "x", 2.0)?);
    let (twice, difference) = (s.put("Mul", [two, dy])?, s.put("Sub", [x, y])?);
    s.put("Mul", [twice, difference])
}

/// y x^(y - 1).
fn pow_base(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (x, y, dy, one) = (s.x("x")?, s.x("y")?, s.dy(0)?, number(s, "x", 1.0)?);
    let less = s.put("Sub", [y.clone(), one])?;
    let (scaled, power) = (s.put("Mul", [dy, y])?, s.put("Pow", [x, less])?);
    s.put("Mul", [scaled, power])
}

/// x^y ln x; 0 where x is not positive.
fn pow_exponent(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (x, dy, power) = (s.x("x")?, s.dy(0)?, s.y(0));
    let (zero, one) = (number(s, "x", 0.0)?, number(s, "x", 1.0)?);
    let is_positive = s.put("Greater", [x.clone(), zero.clone()])?;
    let safe = s.put("SelectV2", [is_positive.clone(), x, one])?;
    let log = s.put("Log", [safe])?;
    let log = s.put("SelectV2", [is_positive, log, zero])?;
    let scaled = s.put("Mul", [dy, power])?;
    s.put("Mul", [scaled, log])
}

fn xdivy_x(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (x, y, dy, zero) = (s.x("x")?, s.x("y")?, s.dy(0)?, number(s, "x", 0.0)?);
    let dtype = s.dtype("x")?;
    let is_not = s.put("NotEqual", [x, zero])?;
    let counts = s.putting("Cast")?.inputs([is_not]).attr("DstT", dtype.name()).end()?.output(0);
    let slope = s.put("Xdivy", [counts, y])?;
    s.put("Mul", [slope, dy])
}

fn xdivy_y(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (x, y, dy) = (s.x("x")?, s.x("y")?, s.dy(0)?);
    let (minus, square) = (s.put("Neg", [x])?, s.put("Square", [y])?);
    let slope = s.put("Xdivy", [minus, square])?;
    s.put("Mul", [slope, dy])
}

/// dy / (x² + y²).
fn atan2_share(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (x, y, dy) = (s.x("x")?, s.x("y")?, s.dy(0)?);
    let (x, y) = (s.put("Square", [x])?, s.put("Square", [y])?);
    let sum = s.put("AddV2", [x, y])?;
    s.put("RealDiv", [dy, sum])
}

/// What lies within goes to `t`, what lies beyond to the end.
fn clip(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (t, min, max, dy) = (s.x("t")?, s.x("clip_value_min")?, s.x("clip_value_max")?, s.dy(0)?);
    let zero = number(s, "t", 0.0)?;
    let (below, above) = (s.put("Less", [t.clone(), min])?, s.put("Greater", [t, max])?);
    if s.wants("t") {
        let beyond = s.put("LogicalOr", [below.clone(), above.clone()])?;
        let within = s.put("SelectV2", [beyond, zero.clone(), dy.clone()])?;
        s.give("t", within)?;
    }
    for (end, is_beyond) in [("clip_value_min", below), ("clip_value_max", above)] {
        if s.wants(end) {
            let part = s.put("SelectV2", [is_beyond, dy.clone(), zero.clone()])?;
            let part = unbroadcast(s, part, end, "t")?;
            s.give(end, part)?;
        }
    }
    Ok(())
}

fn select(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (condition, dy) = (s.x("condition")?, s.dy(0)?);
    let zero = number(s, "t", 0.0)?;
    let all = s.output_shape(0);
    for (port, flows) in [("t", [condition.clone(), dy.clone(), zero.clone()]), ("e", [condition, zero, dy])] {
        if s.wants(port) {
            let part = s.put("SelectV2", flows)?;
            let part = match (s.shape(port), &all) {
                (Some(own), Some(all)) => summed_to(s, part, &own, all)?,
                _ => broadcast_to_output(s, part, port)?,
            };
            s.give(port, part)?;
        }
    }
    Ok(())
}

/// As [`unbroadcast`], where the other shape is the output's.
fn broadcast_to_output(s: &mut Step<'_, '_>, flow: Flow, port: &str) -> Result<Flow, String> {
    let (x, y) = (s.x(port)?, s.y(0));
    let (own, all) = (s.put("Shape", [x])?, s.put("Shape", [y])?);
    dynamic(s, flow, own, all)
}

/// For `x` alone: x^(a - 1) (1 - x)^(b - 1) / B(a, b), by its logarithm.
fn betainc(s: &mut Step<'_, '_>) -> Result<(), String> {
    if !s.wants("x") {
        return Ok(());
    }
    let (a, b, x, dy) = (s.x("a")?, s.x("b")?, s.x("x")?, s.dy(0)?);
    let one = number(s, "x", 1.0)?;
    let sum = s.put("AddV2", [a.clone(), b.clone()])?;
    let (of_a, of_b, of_sum) = (s.put("Lgamma", [a.clone()])?, s.put("Lgamma", [b.clone()])?, s.put("Lgamma", [sum])?);
    let both = s.put("AddV2", [of_a, of_b])?;
    let log_beta = s.put("Sub", [both, of_sum])?;
    let (a, b) = (s.put("Sub", [a, one.clone()])?, s.put("Sub", [b, one])?);
    let minus = s.put("Neg", [x.clone()])?;
    let (log, log_rest) = (s.put("Log", [x])?, s.put("Log1p", [minus])?);
    let (of_x, of_rest) = (s.put("MulNoNan", [log, a])?, s.put("MulNoNan", [log_rest, b])?);
    let exponent = s.put("AddV2", [of_rest, of_x])?;
    let exponent = s.put("Sub", [exponent, log_beta])?;
    let slope = s.put("Exp", [exponent])?;
    let dx = s.put("Mul", [slope, dy])?;
    let dx = unbroadcast(s, dx, "x", "a")?;
    s.give("x", dx)
}
