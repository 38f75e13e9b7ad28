//! Operations over axes.

use node_core::Value as Written;

use super::{Outputs, axis_of};
use crate::operation::{Operation, Value, typed, typed_scalar};

/// The axes that are folded over.
enum Axes<'o> {
    All,
    None,
    These(Vec<i64>),
    /// Those that a run tells.
    Wired(&'o Value),
}

fn axes<'o>(op: &mut Operation<'o, '_>) -> Result<Axes<'o>, String> {
    let none_is_none = op.int("noop_with_empty_axes", 0) != 0;
    let written = match (op.ints("axes"), op.given(1)) {
        (Some(axes), _) => Some(axes),
        (None, Some(axes)) => match (axes.ints(), axes.dims()?) {
            (Ok(axes), _) => Some(axes),
            (Err(_), [Some(count)]) if *count > 0 => return Ok(Axes::Wired(axes)),
            (Err(why), _) => return Err(why),
        },
        (None, None) => None,
    };
    Ok(match written {
        Some(axes) if !axes.is_empty() => Axes::These(axes),
        _ if none_is_none => Axes::None,
        _ => Axes::All,
    })
}

fn folded(op: &mut Operation<'_, '_>, block: &str, x: &Value, axes: &Axes<'_>) -> Result<Value, String> {
    let keep = Written::Bool(op.int("keepdims", 1) != 0);
    let mut inputs = vec![("input", x.into())];
    inputs.extend(match axes {
        Axes::All => None,
        Axes::None => return Ok(x.clone()),
        Axes::These(axes) => Some(("axis", typed(axes))),
        Axes::Wired(axes) => Some(("axis", (*axes).into())),
    });
    op.one(block, vec![("keep_dims", keep)], inputs)
}

/// A fold of what one block makes of the elements, and what another makes of the result.
fn fold(op: &mut Operation<'_, '_>, before: &[&str], block: &str, after: &[&str]) -> Outputs {
    let axes = axes(op)?;
    let mut x = op.input(0)?.clone();
    for each in before {
        let port = op.ports(each).into_iter().next().unwrap_or_default();
        x = op.one(each, Vec::new(), vec![(&*port, (&x).into())])?;
    }
    let mut found = folded(op, block, &x, &axes)?;
    op.ignore("keepdims");
    for each in after {
        let port = op.ports(each).into_iter().next().unwrap_or_default();
        found = op.one(each, Vec::new(), vec![(&*port, (&found).into())])?;
    }
    Ok(vec![op.one("Identity", Vec::new(), vec![("input", (&found).into())])?])
}

pub fn sum(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &[], "Sum", &[])
}

pub fn mean(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &[], "Mean", &[])
}

pub fn max(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &[], "Max", &[])
}

pub fn min(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &[], "Min", &[])
}

pub fn prod(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &[], "Prod", &[])
}

pub fn l1(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &["Abs"], "Sum", &[])
}

pub fn l2(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &["Square"], "Sum", &["Sqrt"])
}

pub fn sum_square(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &["Square"], "Sum", &[])
}

pub fn log_sum(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &[], "Sum", &["Log"])
}

pub fn log_sum_exp(op: &mut Operation<'_, '_>) -> Outputs {
    fold(op, &["Exp"], "Sum", &["Log"])
}

fn arg(op: &mut Operation<'_, '_>, block: &str) -> Outputs {
    if op.int("select_last_index", 0) != 0 {
        return Err("selects the last of equals".to_owned());
    }
    let x = op.input(0)?;
    let axis = axis_of(op.int("axis", 0), x.dims()?.len())? as i64;
    let found = op.one(block, Vec::new(), vec![("input", x.into()), ("dimension", typed_scalar(axis))])?;
    match op.int("keepdims", 1) {
        0 => Ok(vec![found]),
        _ => op.block("ExpandDims", Vec::new(), vec![("input", (&found).into()), ("axis", typed_scalar(axis))]),
    }
}

pub fn arg_max(op: &mut Operation<'_, '_>) -> Outputs {
    arg(op, "ArgMax")
}

pub fn arg_min(op: &mut Operation<'_, '_>) -> Outputs {
    arg(op, "ArgMin")
}

pub fn cum_sum(op: &mut Operation<'_, '_>) -> Outputs {
    let flag = |on: i64| Written::Bool(on != 0);
    let (exclusive, reverse) = (flag(op.int("exclusive", 0)), flag(op.int("reverse", 0)));
    let (x, axis) = (op.input(0)?, op.input(1)?);
    op.block(
        "Cumsum",
        vec![("exclusive", exclusive), ("reverse", reverse)],
        vec![("x", x.into()), ("axis", axis.into())],
    )
}
