//! What is different in two states of a page, in words.

use std::collections::BTreeSet;

use node_core::check::Changes;
use node_core::page::Entries;
use node_core::value::Wanted;
use node_core::{BlockId, Page, Value};

/// One line for each difference of `there`, compared with `here`.
pub fn differences(here: &Page, there: &Page) -> Vec<String> {
    let changes = Changes::between(here, there);
    let ty =
        |page: &Page, id: &BlockId| page.block(id.as_str()).map_or(String::new(), |b| format!(" ({})", b.type_name));
    let mut lines: Vec<String> = Vec::new();
    if here.name != there.name {
        let name = |page: &Page| page.name.clone().unwrap_or_else(|| "none".to_owned());
        lines.push(format!("~ name: {} → {}", name(here), name(there)));
    }
    lines.extend(changes.added.iter().map(|id| format!("+ {id}{}", ty(there, id))));
    lines.extend(changes.removed.iter().map(|id| format!("− {id}{}", ty(here, id))));
    changes.altered.iter().for_each(|id| of_block(here, there, id, &mut lines));
    lines.extend(changes.on.iter().filter(|wire| !here.wires.contains(wire)).map(|wire| format!("+ wire {wire}")));
    lines.extend(changes.off.iter().filter(|wire| !there.wires.contains(wire)).map(|wire| format!("− wire {wire}")));
    let moved = changes.places.iter().filter(|id| here.blocks.contains_key(**id) && there.blocks.contains_key(**id));
    match moved.count() {
        0 => {}
        1 => lines.push("~ 1 block stands elsewhere".to_owned()),
        count => lines.push(format!("~ {count} blocks stand elsewhere")),
    }
    if here.decor != there.decor {
        lines.push("~ notes, frames, bends or bookmarks".to_owned());
    }
    if here.unknown != there.unknown {
        lines.push("~ keys that this version does not know".to_owned());
    }
    lines
}

fn of_block(here: &Page, there: &Page, id: &BlockId, lines: &mut Vec<String>) {
    let (Some(a), Some(b)) = (here.block(id.as_str()), there.block(id.as_str())) else { return };
    if a.type_name != b.type_name {
        lines.push(format!("~ {id}: {} → {}", a.type_name, b.type_name));
    }
    if a.mute != b.mute {
        lines.push(format!("~ {id}: {}", if b.mute { "muted" } else { "not muted" }));
    }
    for (a, b) in [(&a.attrs, &b.attrs), (&a.inputs, &b.inputs)] {
        let names: BTreeSet<&str> = a.names().chain(b.names()).collect();
        let differs = names.into_iter().filter(|name| a.get(name) != b.get(name));
        lines.extend(differs.map(|name| format!("~ {id}.{name}: {} → {}", shown(a, name), shown(b, name))));
    }
}

fn shown(entries: &Entries, name: &str) -> String {
    const MOST: usize = 40;
    let text = |value: &Value| match value.leaves(MOST) >= MOST {
        true => value.excerpt(),
        false => value.typed_text(Wanted::Numbers),
    };
    entries.get(name).map_or_else(|| "default".to_owned(), text)
}
