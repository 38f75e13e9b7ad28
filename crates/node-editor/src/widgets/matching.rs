//! Searching things that have a name and a summary by what was typed.

use node_core::{BlockSpec, Registry};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Those that match `text`, best first, a name counting more than a summary; all as they come when nothing was typed.
pub fn matching<T: Copy>(things: Vec<T>, text: &str, texts: impl Fn(T) -> (String, String)) -> Vec<T> {
    if text.trim().is_empty() {
        return things;
    }
    let pattern = Pattern::parse(text.trim(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, String, T)> = Vec::new();
    for thing in things {
        let (name, summary) = texts(thing);
        let by_name = pattern.score(Utf32Str::new(&name, &mut buffer), &mut matcher).map(|score| score * 2);
        let by_summary = pattern.score(Utf32Str::new(&summary, &mut buffer), &mut matcher);
        if let Some(score) = by_name.max(by_summary) {
            scored.push((score, name, thing));
        }
    }
    scored.sort_by(|(a, one, _), (b, other, _)| (b, one.len(), one).cmp(&(a, other.len(), other)));
    scored.into_iter().map(|(.., thing)| thing).collect()
}

/// The block types that match `text`, best first; all, sorted by category and name, when nothing was typed.
pub fn blocks<'r>(registry: &'r Registry, text: &str) -> Vec<&'r BlockSpec> {
    let mut specs: Vec<&BlockSpec> = registry.iter().map(|ty| &ty.spec).collect();
    specs.sort_by_key(|s| (category_rank(&s.category), &s.category, &s.name));
    matching(specs, text, |spec| (spec.name.to_string(), format!("{} {}", spec.aliases.join(" "), spec.summary)))
}

/// The same, but those that were added last come first when nothing was typed.
pub fn recent_first<'r>(registry: &'r Registry, text: &str, recent: &[String]) -> Vec<&'r BlockSpec> {
    let mut specs = blocks(registry, text);
    if text.trim().is_empty() {
        let rank = |spec: &&BlockSpec| recent.iter().position(|name| spec.name == *name).unwrap_or(usize::MAX);
        specs.sort_by_key(rank);
    }
    specs
}

/// What a page begins with comes first, then what Nudge is for.
fn category_rank(category: &str) -> usize {
    const ORDER: [&str; 12] = [
        "Sources",
        "Quantization",
        "Run",
        "Math",
        "Activations",
        "Neural networks",
        "Training",
        "Reductions",
        "Logic",
        "Arrays",
        "Gather and scatter",
        "Random",
    ];
    ORDER.iter().position(|c| *c == category).unwrap_or(usize::MAX)
}
