//! Why an element is what it is, for blocks that compute it from many.

use node_core::number;
use node_core::why::Origin;
use node_core::{Fault, Reason, WhyCx};

/// A formula over these elements, of which as many are named as are wanted.
pub fn from(cx: &WhyCx<'_>, because: impl Into<String>, from: Vec<Origin>) -> Reason {
    let mut from = from;
    let omitted = from.len().saturating_sub(cx.terms());
    from.truncate(cx.terms());
    Reason { because: because.into(), from, omitted, ..Reason::default() }
}

/// One element, which is the one since all of these are what they are.
pub fn chosen(cx: &WhyCx<'_>, because: impl Into<String>, one: Origin, among: impl Iterator<Item = Origin>) -> Reason {
    from(cx, because, std::iter::once(one).chain(among.filter(|other| *other != one)).collect())
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

/// Two elements that are multiplied.
pub type Pair = (Origin, Origin);

/// The sum of the products of these pairs, the largest first.
pub fn products(cx: &WhyCx<'_>, pairs: impl Iterator<Item = Pair>) -> Result<Reason, Vec<Fault>> {
    let mut products = Vec::new();
    for (a, b) in pairs {
        let number = |origin| cx.scalar_at(origin).map(|value| value.as_f64().unwrap_or(f64::NAN));
        products.push((number(a)? * number(b)?, (a, b)));
    }
    let size = |product: f64| if product.is_nan() { f64::INFINITY } else { product.abs() };
    products.sort_by(|(a, _), (b, _)| size(*b).total_cmp(&size(*a)));
    let others = products.split_off(cx.terms().min(products.len()));
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    for (_, (a, b)) in &products {
        let told = cx.told(&[*a, *b])?;
        names.push(format!("{} × {}", told[0].name, told[1].name));
        numbers.push(format!("{} × {}", told[0].value, told[1].value));
    }
    if !others.is_empty() {
        names.push(format!("{} others", others.len()));
        numbers.push(number::f64_text(others.iter().map(|(product, _)| product).sum()));
    }
    let because = match names.is_empty() {
        true => "the sum of no products".to_owned(),
        false => format!("{} = {}", names.join(" + "), numbers.join(" + ")),
    };
    let from = products.iter().flat_map(|(_, (a, b))| [*a, *b]).collect();
    Ok(Reason { because, from, omitted: 2 * others.len(), ..Reason::default() })
}
