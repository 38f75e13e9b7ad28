//! Why an element is what it is, for blocks that compute it from many.

use node_core::why::Origin;
use node_core::{Fault, Reason, WhyCx};

/// A formula over these elements, of which as many are named as are wanted.
pub fn from(cx: &WhyCx<'_>, because: impl Into<String>, from: Vec<Origin>) -> Reason {
    let mut from = from;
    let omitted = from.len().saturating_sub(cx.terms());
    from.truncate(cx.terms());
    Reason { because: because.into(), from, omitted, ..Reason::default() }
}

/// The sum of these elements, in order.
pub fn sum(cx: &WhyCx<'_>, from: Vec<Origin>) -> Result<Reason, Vec<Fault>> {
    joined(cx, from, " + ", "0, the sum of nothing")
}

/// These elements joined by a sign.
pub fn joined(cx: &WhyCx<'_>, origins: Vec<Origin>, sign: &str, of_none: &str) -> Result<Reason, Vec<Fault>> {
    if origins.is_empty() {
        return Ok(Reason::of_itself(of_none));
    }
    let reason = from(cx, "", origins);
    let told = cx.told(&reason.from)?;
    let mut names: Vec<String> = told.iter().map(|told| told.name.clone()).collect();
    let mut values: Vec<String> = told.iter().map(|told| told.value.to_string()).collect();
    if reason.omitted > 0 {
        names.push(format!("{} others", reason.omitted));
        values.push("…".to_owned());
    }
    let because = match names.len() {
        1 => names.remove(0),
        _ => format!("{} = {}", names.join(sign), values.join(sign)),
    };
    Ok(Reason { because, ..reason })
}
