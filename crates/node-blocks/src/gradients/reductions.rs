//! Sums, means, extremes, products along axes.

use node_core::gradient::{Flow, Step};
use node_core::{Shape, register_gradient};

use super::shapes::{axes, known, number_of, shape_of};

register_gradient!(
    "Sum" => By(|s| { let dx = spread(s)?; s.give("input", dx) }),
    "Mean" => By(mean),
    "Max" => By(extreme),
    "Min" => By(extreme),
    "Prod" => By(prod),
    "L2Loss" => By(|s| {
        let (x, dy) = (s.x("t")?, s.dy(0)?);
        let dx = s.put("Mul", [x, dy])?;
        s.give("t", dx)
    }),
    "Cumsum" => By(|s| {
        let dy = s.dy(0)?;
        let dx = scan(s, "Cumsum", dy, true)?;
        s.give("x", dx)
    }),
    "Cumprod" => By(|s| {
        let (x, dy) = (s.x("x")?, s.dy(0)?);
        let product = scan(s, "Cumprod", x.clone(), false)?;
        let weighted = s.put("Mul", [product, dy])?;
        let sums = scan(s, "Cumsum", weighted, true)?;
        let dx = s.put("DivNoNan", [sums, x])?;
        s.give("x", dx)
    }),
);

/// The shape of the input with 1 in place of what is reduced.
fn kept(s: &Step<'_, '_>) -> Option<Shape> {
    let shape = s.shape("input")?;
    let axes = axes(s, "axis", shape.rank())?;
    let dims: Vec<usize> =
        shape.dims().iter().enumerate().map(|(at, dim)| if axes.contains(&at) { 1 } else { *dim }).collect();
    Shape::new(dims).ok()
}

/// A tensor of the output's shape with the axes that were reduced, 1 long.
fn with_axes(s: &mut Step<'_, '_>, flow: Flow) -> Result<Flow, String> {
    if s.attr("keep_dims")? {
        return Ok(flow);
    }
    let shape = match kept(s) {
        Some(shape) => known(&shape)?,
        None => {
            // What the reduction gives with axes kept has the shape, whatever its elements.
            let inputs = with_axis(s, s.x("input")?)?;
            let like = s.putting("Max")?.inputs(inputs).attr("keep_dims", true).end()?.output(0);
            s.put("Shape", [like])?
        }
    };
    s.put("Reshape", [flow, shape])
}

/// A tensor, and the axes that the block reduces, where they are given.
fn with_axis(s: &Step<'_, '_>, flow: Flow) -> Result<Vec<Flow>, String> {
    let axis = (s.count("axis") > 0).then(|| s.x("axis")).transpose()?;
    Ok(std::iter::once(flow).chain(axis).collect())
}

/// The output's gradient, at every element that was summed.
fn spread(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let dy = s.dy(0)?;
    let is_scalar = s.output_shape(0).is_some_and(|shape| shape.rank() == 0);
    let dy = if is_scalar { dy } else { with_axes(s, dy)? };
    let shape = shape_of(s, "input")?;
    s.put("BroadcastTo", [dy, shape])
}

fn mean(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (sum, dtype) = (spread(s)?, s.dtype("input")?);
    let count = match (s.shape("input"), kept(s)) {
        (Some(shape), Some(kept)) => number_of(dtype, (shape.elements() / kept.elements().max(1)) as f64)?,
        _ => {
            let (x, y) = (s.x("input")?, s.y(0));
            let (all, left) = (s.put("Size", [x])?, s.put("Size", [y])?);
            let left = s.put("Maximum", [left, Flow::int(1)])?;
            let count = s.put("FloorDiv", [all, left])?;
            s.putting("Cast")?.inputs([count]).attr("DstT", dtype.name()).end()?.output(0)
        }
    };
    let dx = s.put("RealDiv", [sum, count])?;
    s.give("input", dx)
}

/// Equal extremes share the gradient.
fn extreme(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (x, y, dy, dtype) = (s.x("input")?, s.y(0), s.dy(0)?, s.dtype("input")?);
    let (y, dy) = (with_axes(s, y)?, with_axes(s, dy)?);
    let is_extreme = s.put("Equal", [y, x])?;
    let counts = s.putting("Cast")?.inputs([is_extreme]).attr("DstT", dtype.name()).end()?.output(0);
    let summed = with_axis(s, counts.clone())?;
    let count = s.putting("Sum")?.inputs(summed).attr("keep_dims", true).end()?.output(0);
    let share = s.put("RealDiv", [counts, count])?;
    let dx = s.put("Mul", [share, dy])?;
    s.give("input", dx)
}

/// The product of the others, from both sides, so that zeros divide nothing.
fn prod(s: &mut Step<'_, '_>) -> Result<(), String> {
    let not_known = "the gradient of Prod is made for shapes and axes that are known before the run";
    let shape = s.shape("input").ok_or(not_known)?;
    let reduced = axes(s, "axis", shape.rank()).ok_or(not_known)?;
    let (x, grad) = (s.x("input")?, spread(s)?);
    let other: Vec<usize> = (0..shape.rank()).filter(|axis| !reduced.contains(axis)).collect();
    let perm: Vec<usize> = reduced.iter().chain(&other).copied().collect();
    let mut back = perm.clone();
    perm.iter().enumerate().for_each(|(at, axis)| back[*axis] = at);
    let dims: Vec<usize> = perm.iter().map(|axis| shape.dims()[*axis]).collect();
    let count: usize = dims[..reduced.len()].iter().product();
    let rest: usize = dims[reduced.len()..].iter().product();
    let turned = s.put("Transpose", [x, Flow::ints(&perm)])?;
    let matrix = s.put("Reshape", [turned, Flow::ints(&[count, rest])])?;
    let side = |reverse: bool, s: &mut Step<'_, '_>| -> Result<Flow, String> {
        let put = s.putting("Cumprod")?.inputs([matrix.clone(), Flow::int(0)]).attr("exclusive", true);
        Ok(put.attr("reverse", reverse).end()?.output(0))
    };
    let (left, right) = (side(false, s)?, side(true, s)?);
    let others = s.put("Mul", [left, right])?;
    let turned = s.put("Reshape", [others, Flow::ints(&dims)])?;
    let others = s.put("Transpose", [turned, Flow::ints(&back)])?;
    let dx = s.put("Mul", [grad, others])?;
    s.give("input", dx)
}

/// A scan along the block's axis, the other way round if `turned`.
fn scan(s: &mut Step<'_, '_>, type_name: &'static str, flow: Flow, turned: bool) -> Result<Flow, String> {
    let axis = s.x("axis")?;
    let (exclusive, reverse): (bool, bool) = (s.attr("exclusive")?, s.attr("reverse")?);
    let put = s.putting(type_name)?.inputs([flow, axis]).attr("exclusive", exclusive);
    Ok(put.attr("reverse", reverse != turned).end()?.output(0))
}
