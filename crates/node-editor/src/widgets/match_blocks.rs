//! Searching block types by what was typed.

use node_core::{BlockSpec, Registry};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The block types that match `text`, best first; all, sorted by category and name, when nothing was typed.
pub fn matching<'r>(registry: &'r Registry, text: &str) -> Vec<&'r BlockSpec> {
    let mut specs: Vec<&BlockSpec> = registry.iter().map(|ty| &ty.spec).collect();
    if text.trim().is_empty() {
        specs.sort_by_key(|s| (category_rank(&s.category), &s.category, &s.name));
        return specs;
    }
    let pattern = Pattern::parse(text.trim(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, &BlockSpec)> = Vec::new();
    for spec in specs {
        let name = pattern.score(Utf32Str::new(&spec.name, &mut buffer), &mut matcher).map(|s| s * 2);
        let summary = pattern.score(Utf32Str::new(&spec.summary, &mut buffer), &mut matcher);
        if let Some(score) = name.max(summary) {
            scored.push((score, spec));
        }
    }
    scored.sort_by_key(|(score, spec)| (std::cmp::Reverse(*score), spec.name.len(), &spec.name));
    scored.into_iter().map(|(_, spec)| spec).collect()
}

/// What a page begins with comes first, then what Nudge is for.
pub fn category_rank(category: &str) -> usize {
    ["Sources", "Quantization", "Math", "Run"].iter().position(|c| *c == category).unwrap_or(usize::MAX)
}
