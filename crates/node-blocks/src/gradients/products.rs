//! Matrix products and Einstein's summation.

use node_core::gradient::{Flow, Step};
use node_core::{PartialShape, Shape, register_gradient};

use super::shapes::{dynamic, summed_to};
use crate::math::equation::{Equation, Label};

register_gradient!(
    "MatMul" => By(|s| product(s, "MatMul", ["a", "b"], ["transpose_a", "transpose_b"])),
    "BatchMatMulV2" => By(|s| product(s, "BatchMatMulV2", ["x", "y"], ["adj_x", "adj_y"])),
    "Einsum" => By(einsum),
);

fn product(
    s: &mut Step<'_, '_>,
    type_name: &'static str,
    [a, b]: [&str; 2],
    turns: [&'static str; 2],
) -> Result<(), String> {
    let (turned_a, turned_b): (bool, bool) = (s.attr(turns[0])?, s.attr(turns[1])?);
    let (x, y, dy) = (s.x(a)?, s.x(b)?, s.dy(0)?);
    let put = |s: &mut Step<'_, '_>, [x, y]: [Flow; 2], turned: [bool; 2]| -> Result<Flow, String> {
        let mut put = s.putting(type_name)?.inputs([x, y]);
        for (name, turned) in turns.iter().zip(turned).filter(|(_, turned)| *turned) {
            put = put.attr(name, turned);
        }
        Ok(put.end()?.output(0))
    };
    if s.wants(a) {
        let dx = match turned_a {
            false => put(s, [dy.clone(), y.clone()], [false, !turned_b])?,
            true => put(s, [y, dy.clone()], [turned_b, true])?,
        };
        let dx = of_batches(s, dx, a, b)?;
        s.give(a, dx)?;
    }
    if s.wants(b) {
        let dx = match turned_b {
            false => put(s, [x, dy], [!turned_a, false])?,
            true => put(s, [dy, x], [true, turned_a])?,
        };
        let dx = of_batches(s, dx, b, a)?;
        s.give(b, dx)?;
    }
    Ok(())
}

/// Summed over batches that served several.
fn of_batches(s: &mut Step<'_, '_>, flow: Flow, port: &str, other: &str) -> Result<Flow, String> {
    let rank = |port: &str| s.ty(port).and_then(|ty| ty.shape.rank());
    if rank(port) == Some(2) && rank(other) == Some(2) {
        return Ok(flow);
    }
    if let (Some(own), Some(other)) = (s.shape(port), s.shape(other)) {
        let batch = |shape: &Shape| Shape::new(&shape.dims()[..shape.rank().saturating_sub(2)]).ok();
        let all = batch(&own).and_then(|own| own.broadcast(&batch(&other)?)).ok_or("the batches do not broadcast")?;
        let matrix = &own.dims()[own.rank() - 2..];
        let all = Shape::new([all.dims(), matrix].concat()).map_err(|error| error.to_string())?;
        return summed_to(s, flow, &own, &all);
    }
    // Of the two shapes, the matrices' sides of the other's are of no account: this one's stand in for them.
    let (x, y) = (s.x(port)?, s.x(other)?);
    let own = s.put("Shape", [x])?;
    let all = s.put("Shape", [y])?;
    let ints = |numbers: &[i32]| Flow::Literal(node_core::Tensor::vector(numbers.to_vec()));
    let part = |s: &mut Step<'_, '_>, shape: Flow, ends: [i32; 2], mask: (&str, i64)| -> Result<Flow, String> {
        let put = s.putting("StridedSlice")?.inputs([shape, ints(&ends[..1]), ints(&ends[1..]), ints(&[1])]);
        Ok(put.attr(mask.0, mask.1).end()?.output(0))
    };
    let batch = part(s, all, [0, -2], ("begin_mask", 1))?;
    let matrix = part(s, own.clone(), [-2, 0], ("end_mask", 1))?;
    let put = s.putting("ConcatV2")?.input("values", batch).input("values", matrix).input("axis", Flow::int(0));
    let all = put.end()?.output(0);
    dynamic(s, flow, own, all)
}

/// For each input the summation of the others with the gradient; axes that it alone has are broadcast.
fn einsum(s: &mut Step<'_, '_>) -> Result<(), String> {
    let equation: std::sync::Arc<str> = s.attr("equation")?;
    let count = s.count("inputs");
    let types: Option<Vec<PartialShape>> = (0..count).map(|item| Some(s.item_ty("inputs", item)?.shape)).collect();
    let ranks: Option<Vec<usize>> = types.iter().flatten().map(PartialShape::rank).collect();
    let (Some(types), Some(ranks)) = (types, ranks) else {
        return Err("Einsum's gradient needs the ranks of its inputs before the run".to_owned());
    };
    let equation = Equation::parse(&equation, &ranks)?;
    let dims: Vec<&[Option<usize>]> = types.iter().map(|ty| ty.dims().unwrap_or_default()).collect();
    if broadcasts(&equation, &dims) {
        return Err("Einsum's gradient is not made where '...' broadcasts; take BatchMatMulV2 or Mul".to_owned());
    }
    let letters = Letters::of(&equation)?;
    for item in (0..count).filter(|item| s.wants_item("inputs", *item)).collect::<Vec<_>>() {
        let own = &equation.inputs[item];
        if own.iter().enumerate().any(|(at, label)| own[..at].contains(label)) {
            return Err(
                "Einsum's gradient is not made where an input names an axis twice; take MatrixDiagPart".to_owned()
            );
        }
        let others: Vec<usize> = (0..count).filter(|other| *other != item).collect();
        let is_elsewhere = |label: &&Label| {
            equation.output.contains(label) || others.iter().any(|other| equation.inputs[*other].contains(label))
        };
        let found: Vec<Label> = own.iter().filter(is_elsewhere).copied().collect();
        let parts = std::iter::once(&equation.output).chain(others.iter().map(|other| &equation.inputs[*other]));
        let parts: Vec<String> = parts.map(|labels| letters.text(labels)).collect();
        let text = format!("{}->{}", parts.join(","), letters.text(&found));
        let mut put = s.dy(0).and_then(|dy| {
            Ok((dy, others.iter().map(|other| s.item("inputs", *other)).collect::<Result<Vec<_>, _>>()?))
        })?;
        let (dy, others) = (put.0, std::mem::take(&mut put.1));
        let put =
            others.into_iter().fold(s.putting("Einsum")?.input("inputs", dy), |put, other| put.input("inputs", other));
        let mut dx = put.attr("equation", text).end()?.output(0);
        if found.len() < own.len() {
            let not_known =
                "Einsum's gradient needs to know before the run the shape of an input whose axis it sums by itself";
            let shape = types[item].known().ok_or(not_known)?;
            let kept = own.iter().zip(shape.dims()).map(|(label, dim)| if found.contains(label) { *dim } else { 1 });
            dx = s.put("Reshape", [dx, Flow::ints(&kept.collect::<Vec<_>>())])?;
            dx = s.put("BroadcastTo", [dx, Flow::ints(shape.dims())])?;
        }
        s.give_item("inputs", item, dx)?;
    }
    Ok(())
}

/// Whether an axis of `...` has several lengths, or may have.
fn broadcasts(equation: &Equation, dims: &[&[Option<usize>]]) -> bool {
    let mut lengths = std::collections::BTreeMap::new();
    let all = equation.inputs.iter().zip(dims).flat_map(|(labels, dims)| labels.iter().zip(*dims));
    all.filter(|(label, _)| matches!(label, Label::Ellipsis(_)))
        .any(|(label, dim)| lengths.insert(*label, *dim).is_some_and(|other| other.is_none() || other != *dim))
}

/// A letter for each axis, those of `...` too.
struct Letters(Vec<(Label, char)>);

impl Letters {
    fn of(equation: &Equation) -> Result<Letters, String> {
        let labels: std::collections::BTreeSet<Label> = equation.inputs.iter().flatten().copied().collect();
        let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
        if labels.len() > letters.len() {
            return Err(format!("there are more than {} axes", letters.len()));
        }
        Ok(Letters(labels.into_iter().zip(letters).collect()))
    }

    fn text(&self, labels: &[Label]) -> String {
        labels
            .iter()
            .filter_map(|label| self.0.iter().find(|(known, _)| known == label))
            .map(|(_, letter)| *letter)
            .collect()
    }
}
