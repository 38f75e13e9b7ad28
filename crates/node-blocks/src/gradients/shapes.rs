//! What rules have in common: shapes as inputs of blocks, and sums over what was broadcast.

use node_core::gradient::{Flow, Step};
use node_core::{DType, Shape, Value, literal};

/// A number of the data type of an input.
pub fn number(s: &Step<'_, '_>, like: &str, value: f64) -> Result<Flow, String> {
    number_of(s.dtype(like)?, value)
}

/// A number of a data type.
pub fn number_of(dtype: DType, value: f64) -> Result<Flow, String> {
    literal::tensor(&Value::number(value), Some(dtype)).map(Flow::Literal)
}

/// The shape of what comes to an input: a literal if it is known, else by a Shape block.
pub fn shape_of(s: &mut Step<'_, '_>, port: &str) -> Result<Flow, String> {
    match s.shape(port) {
        Some(shape) => known(&shape),
        None => {
            let x = s.x(port)?;
            s.put("Shape", [x])
        }
    }
}

/// A shape of the data type of an input that is given in its terms.
pub fn shape_like(s: &mut Step<'_, '_>, port: &str, like: &str) -> Result<Flow, String> {
    let shape = shape_of(s, port)?;
    match (s.dtype(like)?, shape) {
        (DType::Int32, shape) => Ok(shape),
        (dtype, Flow::Literal(shape)) => {
            let wide = shape.widened(dtype).ok_or_else(|| format!("a shape is not of {dtype}"))?;
            Ok(Flow::Literal(wide))
        }
        (dtype, shape) => Ok(s.putting("Cast")?.inputs([shape]).attr("DstT", dtype.name()).end()?.output(0)),
    }
}

/// A shape as a literal.
pub fn known(shape: &Shape) -> Result<Flow, String> {
    let too_long = || format!("the shape {shape} has a dimension beyond int32");
    shape.dims().iter().all(|dim| i32::try_from(*dim).is_ok()).then(|| Flow::ints(shape.dims())).ok_or_else(too_long)
}

/// The gradient `flow`, of the shape of two inputs broadcast, as the gradient of the first: summed where it was broadcast.
pub fn unbroadcast(s: &mut Step<'_, '_>, flow: Flow, port: &str, other: &str) -> Result<Flow, String> {
    match (s.shape(port), s.shape(other)) {
        (Some(own), Some(other)) => match own.broadcast(&other) {
            Some(all) => summed_to(s, flow, &own, &all),
            None => Err(format!("{own} and {other} do not broadcast")),
        },
        _ => {
            let (own, other) = (shape_of(s, port)?, shape_of(s, other)?);
            dynamic(s, flow, own, other)
        }
    }
}

/// The same where shapes are known while running.
pub fn dynamic(s: &mut Step<'_, '_>, flow: Flow, own: Flow, other: Flow) -> Result<Flow, String> {
    let axes = s.put("BroadcastGradientArgs", [own.clone(), other])?;
    let sum = s.putting("Sum")?.inputs([flow, axes]).attr("keep_dims", true).end()?.output(0);
    s.put("Reshape", [sum, own])
}

/// A tensor of the shape `all`, to which one of shape `own` broadcasts, summed to that.
pub fn summed_to(s: &mut Step<'_, '_>, flow: Flow, own: &Shape, all: &Shape) -> Result<Flow, String> {
    if own == all {
        return Ok(flow);
    }
    let more = all.rank() - own.rank();
    let is_broadcast = |axis: &usize| *axis < more || (own.dims()[axis - more] == 1 && all.dims()[*axis] != 1);
    let axes: Vec<usize> = (0..all.rank()).filter(is_broadcast).collect();
    let mut flow = flow;
    if !axes.is_empty() {
        flow = s.putting("Sum")?.inputs([flow, Flow::ints(&axes)]).attr("keep_dims", true).end()?.output(0);
    }
    // What is in front, of length 1 by now, goes.
    if more > 0 { s.put("Reshape", [flow, known(own)?]) } else { Ok(flow) }
}

/// Gives the gradients of two inputs that broadcast, each where it is asked for.
pub fn give_both(
    s: &mut Step<'_, '_>,
    [a, b]: [&str; 2],
    of_a: impl FnOnce(&mut Step<'_, '_>) -> Result<Flow, String>,
    of_b: impl FnOnce(&mut Step<'_, '_>) -> Result<Flow, String>,
) -> Result<(), String> {
    if s.wants(a) {
        let flow = of_a(s)?;
        let flow = unbroadcast(s, flow, a, b)?;
        s.give(a, flow)?;
    }
    if s.wants(b) {
        let flow = of_b(s)?;
        let flow = unbroadcast(s, flow, b, a)?;
        s.give(b, flow)?;
    }
    Ok(())
}

/// The axes that a block reduces, if they are known: counted from the front, each once.
pub fn axes(s: &Step<'_, '_>, port: &str, rank: usize) -> Option<Vec<usize>> {
    if s.count(port) == 0 {
        return Some((0..rank).collect());
    }
    let axes = s.value(port)?;
    let number = |at| axes.element(at).and_then(|axis| axis.as_f64()).map(|axis| axis as i64);
    let at =
        |axis: i64| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok().filter(|axis| *axis < rank);
    let mut found: Vec<usize> = (0..axes.len()).map(|nth| number(nth).and_then(at)).collect::<Option<_>>()?;
    found.sort_unstable();
    found.dedup();
    Some(found)
}
