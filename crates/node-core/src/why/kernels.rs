//! What kernels tell of an element without knowing what they compute.

use super::fold;
use super::words::{Named, filled};
use super::{Origin, Reason, WhyCx, Words};
use crate::kernel::Kernel;
use crate::problem::Fault;

/// The reason from the kernel of the output.
pub fn reason(cx: &WhyCx<'_>, kernels: &[Kernel], words: Option<&Words<'_>>) -> Result<Reason, Vec<Fault>> {
    let operands = cx.operands();
    match kernels.get(cx.output()) {
        Some(Kernel::Same(operand)) => {
            let lost = || vec![Fault::block("has no input to pass on")];
            let (input, item) = operands.get(*operand).copied().ok_or_else(lost)?;
            Ok(cx.moved(Origin { input, item, flat: cx.flat() }))
        }
        Some(Kernel::Map(_)) => {
            let from: Vec<Origin> =
                operands.iter().map(|(input, item)| cx.met(*input, *item)).collect::<Result<_, _>>()?;
            let told = cx.told(&from)?;
            let because = because(cx, (&from, &told), words);
            // Operands that do not come into it are none that it comes from.
            let port = |origin: &Origin| cx.spec().inputs().nth(origin.input).map(|port| port.name.clone());
            let counts = |origin: &Origin, told: &Named| {
                let is_named = |words: &Words<'_>| port(origin).is_some_and(|port| names(words.formula(), &port));
                let is_said = |words: &Words<'_>| words.why().is_some_and(|why| says(why, told));
                words.is_none_or(|words| is_named(words) || is_said(words))
            };
            let from = from.iter().zip(&told).filter(|(origin, told)| counts(origin, told)).map(|(origin, _)| *origin);
            let from = from.collect();
            Ok(Reason { because, steps: Vec::new(), from, omitted: 0 })
        }
        Some(Kernel::Reduce(map, reduction)) => fold::reason(cx, (map, reduction), words),
        None => {
            let name = &cx.spec().name;
            Ok(Reason::of_itself(format!("{name} of its inputs, which it cannot tell apart")))
        }
    }
}

/// Whether a formula is one of this port.
fn names(formula: &str, port: &str) -> bool {
    let found = std::cell::Cell::new(false);
    filled(formula, |name| {
        found.set(found.get() || name == port);
        None
    });
    found.get()
}

/// Whether a text says what an operand is, as a word of its own.
fn says(text: &str, told: &Named) -> bool {
    let said = told.to_string();
    text.match_indices(&said).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// What is done to these elements: by their names, and with their numbers in it.
fn because(cx: &WhyCx<'_>, (from, told): (&[Origin], &[Named]), words: Option<&Words<'_>>) -> String {
    let names: Vec<String> = told.iter().map(|told| told.name.clone()).collect();
    let numbers: Vec<String> = told.iter().map(|told| told.value.to_string()).collect();
    let Some(words) = words else {
        let name = &cx.spec().name;
        return format!("{name}({}) = {name}({})", names.join(", "), numbers.join(", "));
    };
    let port = |origin: &Origin| cx.spec().inputs().nth(origin.input).map(|port| port.name.clone());
    let with = |texts: &[String]| {
        filled(words.formula(), |name| {
            let nth = from.iter().position(|origin| port(origin).is_some_and(|port| port == name))?;
            texts.get(nth).cloned()
        })
    };
    let (by_names, by_numbers) = (with(&names), with(&numbers));
    let formula = if by_names == by_numbers { by_names } else { format!("{by_names} = {by_numbers}") };
    match words.why() {
        Some(why) => format!("{formula}, because {why}"),
        None => formula,
    }
}
