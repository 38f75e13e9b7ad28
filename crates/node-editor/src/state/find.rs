//! Finding blocks in all open pages.

use node_core::check::Origin;
use node_core::value::Wanted;
use node_core::{BlockId, Value};

use super::tab::Tab;

/// The search that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// What is typed.
    pub text: String,
    /// Which match was gone to, of how many; none before the first.
    pub at: Option<(usize, usize)>,
    /// Whether its field has had its first frame.
    pub opened: bool,
}

/// The blocks of a page that have every word in their id, their type, or in an attribute, a literal or the value that they
/// give, written as `name=value`; in the order of their ids.
pub(crate) fn blocks_with<'t>(tab: &'t Tab, words: &'t [String]) -> impl Iterator<Item = &'t BlockId> {
    tab.document.page.blocks.keys().filter(move |id| {
        let text = described(tab, id);
        words.iter().all(|word| text.contains(word))
    })
}

/// All that a block is found by, in small letters.
fn described(tab: &Tab, id: &BlockId) -> String {
    /// So many letters of a value are looked at.
    const MOST: usize = 200;
    let shown = |value: &Value| match value.leaves(MOST) >= MOST {
        true => value.excerpt(),
        false => value.typed_text(Wanted::Numbers),
    };
    let Some(node) = tab.document.page.block(id.as_str()) else { return String::new() };
    let mut text = format!("{id} {}", node.type_name);
    let named = |name: &str, value: &Value| format!(" {name}={}", shown(value));
    for (name, written) in node.attrs.iter().chain(node.inputs.iter()) {
        text.push_str(&named(name, &written.value));
    }
    // What a set gives is a block's attribute too.
    let effective = tab.document.checked.blocks.get(id).map(|block| block.effective.as_slice()).unwrap_or_default();
    for entry in effective.iter().filter(|entry| matches!(entry.origin, Origin::Wired(_))) {
        text.extend(entry.value.as_ref().map(|value| named(&entry.spec.name, value)));
    }
    if let Some(preview) = tab.result(id).and_then(|result| result.preview(0)) {
        text.push_str(&format!(" {}", preview.text(usize::MAX)));
    }
    text.to_lowercase()
}
