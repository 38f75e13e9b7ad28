//! Checking a page that has changed: it finds what checking it anew finds, whatever the edit, and takes a moment.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use node_core::check::{CheckedPage, Feeds, recheck};
use node_core::page::Written;
use node_core::{BlockId, BlockNode, Edit, Page, Placement, PortRef, Registry, Value, Wire, check};

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn one_of<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.below(items.len())]
    }
}

const TYPES: [&str; 16] = [
    "Const",
    "AddV2",
    "Square",
    "Mean",
    "FakeQuantWithMinMaxVars",
    "Attrs",
    "Unknown",
    "ClientSession",
    "Placeholder",
    "Identity",
    "Split",
    "ConcatV2",
    "IdentityN",
    "Shape",
    "Pack",
    "Cast",
];
const OUTPUTS: [&str; 6] = ["output", "output", "output", "output[0]", "output[1]", "attrs"];
const INPUTS: [&str; 13] = [
    "value",
    "x",
    "y",
    "x",
    "y",
    "input",
    "inputs",
    "min",
    "axis",
    "attrs",
    "fetch_outputs",
    "fetch_outputs",
    "values",
];
const VALUES: [&str; 9] =
    ["1", "[1, 2]", "[[1, 2, 3]]", "true", "\"int32\"", "0", "{\"dtype\": \"int32\", \"data\": 1}", "\"wide\"", "3"];
const ATTRS: [&str; 8] = ["value", "dtype", "num_bits", "keep_dims", "shape", "num_split", "axis", "T"];

fn id(n: usize) -> BlockId {
    BlockId::new(&format!("b{n}")).unwrap()
}

/// An edit of any kind of a page of some blocks; many of them leave problems behind, loops too.
fn edit(random: &mut Random, page: &Page, registry: &Registry, blocks: usize) -> Edit {
    let block = id(random.below(blocks));
    let value = Value::parse(random.one_of(&VALUES)).unwrap();
    let value = (random.below(5) > 0).then(|| Written::from(value));
    match random.below(17) {
        0..=1 => {
            let node = BlockNode::new(random.one_of(&TYPES));
            let place = (random.below(3) == 0).then(|| Placement::at(random.below(9) as f64 * 3e5, 0.0));
            Edit::AddBlock { id: block, block: Arc::new(node), place }
        }
        4 => Edit::RemoveBlock(block),
        2 | 3 | 5..=8 => {
            let from = PortRef::new(&id(random.below(blocks)), random.one_of(&OUTPUTS));
            let ty = page.block(block.as_str()).and_then(|node| registry.get(&node.type_name));
            let own: Vec<&str> = ty.map(|ty| ty.spec.inputs().map(|port| &*port.name).collect()).unwrap_or_default();
            let is_own = !own.is_empty() && random.below(5) > 0;
            let to = random.one_of(if is_own { &own } else { &INPUTS });
            Edit::Connect { wire: Wire { from, to: PortRef::new(&block, to) } }
        }
        9 | 10 if !page.wires.is_empty() => Edit::Disconnect(page.wires[random.below(page.wires.len())].clone()),
        11 => Edit::Rename { from: block, to: id(random.below(blocks)) },
        12 => Edit::set_input(&block, random.one_of(&INPUTS), value),
        13 => Edit::Place { block, to: (random.below(2) == 0).then(|| Placement::at(9e6, 1.0)) },
        // What merges leave: a wire or a block that is gone at one end.
        14 => Edit::DropBlock { id: block, place: Some(Placement::at(1.0, 2.0)) },
        15 if random.below(8) == 0 => Edit::Control { block, control: vec![id(random.below(blocks))] },
        15 if random.below(4) == 0 => {
            Edit::Device { block, device: (random.below(2) > 0).then(|| "/job:worker/task:1".into()) }
        }
        15 => Edit::Mute { block, mute: random.below(3) > 0 },
        _ => Edit::set_attr(&block, random.one_of(&ATTRS), value),
    }
}

#[test]
fn any_edit_finds_what_checking_anew_finds() {
    let registry = common::registry();
    let (mut done, mut problems, mut loops) = (0, 0, 0);
    for seed in 0..common::seeds(60) {
        let mut random = Random(seed);
        let blocks = 3 + random.below(12);
        let mut page = Page::default();
        let mut before = check(&Arc::new(page.clone()), &registry, &Feeds::new());
        for step in 0..200 {
            let edit = edit(&mut random, &page, &registry, blocks);
            let what = format!("seed {seed}, step {step}: {edit:?}");
            if edit.apply(&mut page).is_err() {
                continue;
            }
            if random.below(4) == 0 {
                // Several edits between two checks, as undo makes them.
                continue;
            }
            let now = Arc::new(page.clone());
            let again = recheck(&before, &now, &registry, &Feeds::new());
            let anew = check(&now, &registry, &Feeds::new());
            assert_eq!(common::described(&again), common::described(&anew), "{what}");
            problems += usize::from(!anew.problems.is_empty());
            loops += usize::from(anew.order.len() < anew.blocks.len());
            done += 1;
            before = again;
        }
    }
    assert!(
        done > 60 * 50 && problems > done / 2 && loops > 50,
        "{done} edits, {problems} with problems, {loops} loops"
    );
}

/// What is not concerned by an edit is shared with the check before.
#[test]
fn an_edit_leaves_the_others_alone() {
    let registry = common::registry();
    let (mut page, _) = large(1_000);
    let before = check(&Arc::new(page.clone()), &registry, &Feeds::new());
    for (edit, most) in edits() {
        let what = format!("{edit:?}");
        edit.apply(&mut page).unwrap();
        let after = recheck(&before, &Arc::new(page.clone()), &registry, &Feeds::new());
        let other = |(id, block): &(&BlockId, &Arc<_>)| !before.blocks.get(*id).is_some_and(|b| Arc::ptr_eq(b, block));
        let others: Vec<&BlockId> = after.blocks.iter().filter(other).map(|(id, _)| id).collect();
        assert!(others.len() <= most, "{what}: {others:?}");
        page = (*before.page).clone();
    }
}

/// A page of `blocks` blocks, one in two hundred of which has a problem: chains of four.
fn large(blocks: usize) -> (Page, usize) {
    let mut page = Page::default();
    let (mut wires, mut problems) = (Vec::new(), 0);
    let mut layout = std::collections::BTreeMap::new();
    for chain in 0..blocks / 4 {
        let of = |part: &str| BlockId::new(&format!("{part}{chain}")).unwrap();
        let value = [("value", Written::from(Value::Int(chain as i64)))].into_iter().collect();
        page.blocks.insert(of("c"), Arc::new(BlockNode { attrs: value, ..BlockNode::new("Const") }));
        page.blocks.insert(of("s"), Arc::new(BlockNode::new("Square")));
        page.blocks.insert(of("a"), Arc::new(BlockNode::new("AddV2")));
        page.blocks.insert(of("q"), Arc::new(BlockNode::new("FakeQuantWithMinMaxArgs")));
        for (column, part) in ["c", "s", "a", "q"].iter().enumerate() {
            layout.insert(of(part), Placement::at(300.0 * column as f64, 200.0 * chain as f64));
        }
        let mut wire = |from: &str, to: &str, port: &str| {
            wires.push(Wire { from: PortRef::new(&of(from), "output"), to: PortRef::new(&of(to), port) });
        };
        wire("c", "s", "x");
        wire("s", "a", "x");
        if chain % 50 == 7 {
            problems += 1;
        } else {
            wire("c", "a", "y");
        }
        wire("a", "q", "inputs");
    }
    (page.wires, page.layout) = (Arc::new(wires), layout.into_iter().collect());
    (page, problems)
}

/// One edit of each kind in a large page, with how many blocks it may concern.
fn edits() -> Vec<(Edit, usize)> {
    let block = |text: &str| BlockId::new(text).unwrap();
    let port = |text: &str| PortRef::parse(text).unwrap();
    let wire = |from: &str, to: &str| Wire { from: port(from), to: port(to) };
    let new = |type_name: &str| Arc::new(BlockNode::new(type_name));
    vec![
        (Edit::set_attr(&block("c77"), "value", Some(Value::list(vec![Value::Int(1), Value::Int(2)]).into())), 4),
        (Edit::set_attr(&block("q77"), "num_bits", Some(Value::Int(99).into())), 1),
        (Edit::set_input(&block("a107"), "y", Some(Value::Int(5).into())), 2),
        (Edit::Disconnect(wire("c77.output", "a77.y")), 3),
        (Edit::Connect { wire: wire("c78.output", "a107.y") }, 3),
        (Edit::AddBlock { id: block("new"), block: new("Square"), place: Some(Placement::at(1.0, 1.0)) }, 1),
        (Edit::RemoveBlock(block("c77")), 3),
        (Edit::Rename { from: block("s77"), to: block("t77") }, 4),
        (Edit::Place { block: block("s77"), to: Some(Placement::at(5.0, 5.0)) }, 0),
    ]
}

/// One edit of a page of ten thousand blocks, fifty of which have a problem.
#[test]
fn one_edit_of_a_large_page_is_checked_in_a_moment() {
    let registry = common::registry();
    let (mut page, problems) = large(10_000);
    let before = check(&Arc::new(page.clone()), &registry, &Feeds::new());
    assert_eq!(before.problems.len(), problems);
    assert_eq!(problems, 50);
    let whole = median(|| time(|| check(&before.page, &registry, &Feeds::new())));
    for (edit, _) in edits() {
        let what = format!("{edit:?}").chars().take(60).collect::<String>();
        edit.apply(&mut page).unwrap();
        let after = Arc::new(page.clone());
        let one = median(|| time(|| recheck(&before, &after, &registry, &Feeds::new())));
        eprintln!("{what}: {one:?}, the whole page {whole:?}");
        assert!(one * 8 < whole, "{what} takes {one:?}, the whole page {whole:?}");
        page = (*before.page).clone();
    }
}

fn time(work: impl FnOnce() -> CheckedPage) -> Duration {
    let begun = Instant::now();
    let checked = work();
    let elapsed = begun.elapsed();
    drop(checked);
    elapsed
}

fn median(mut measure: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..9).map(|_| measure()).collect();
    times.sort();
    times[4]
}

/// A loop that closes above a long chain is found in about the time of a whole check.
#[test]
fn a_loop_above_a_long_chain_takes_linear_time() {
    let registry = common::registry();
    let blocks = 4000;
    let name = |n: usize| format!("b{n}");
    let list: Vec<String> = (0..blocks).map(|n| format!(r#""{}": {{"type": "AddV2"}}"#, name(n))).collect();
    let wires: Vec<String> = (1..blocks).map(|n| format!(r#"["{}.output", "{}.x"]"#, name(n - 1), name(n))).collect();
    let text = format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, list.join(","), wires.join(","));
    let page = node_io::page_file::parse(text.as_bytes()).unwrap();
    let before = check(&Arc::new(page.clone()), &registry, &Feeds::new());
    let mut page = page;
    let wire = Wire { from: PortRef::parse("b2.output").unwrap(), to: PortRef::parse("b1.y").unwrap() };
    Edit::Connect { wire }.apply(&mut page).unwrap();
    let after = Arc::new(page);
    let whole = median(|| time(|| check(&after, &registry, &Feeds::new())));
    let again = median(|| time(|| recheck(&before, &after, &registry, &Feeds::new())));
    assert!(again < whole * 4, "{again:?}, the whole page {whole:?}");
    assert_eq!(
        recheck(&before, &after, &registry, &Feeds::new()).problems.len(),
        check(&after, &registry, &Feeds::new()).problems.len()
    );
}

/// The registry is a value: another one, another page.
#[test]
fn a_second_registry_is_handed_in() {
    let page = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": 3}}, "y": {"type": "Square"}},
        "wires": [["x.output", "y.x"]]}"#;
    let page = Arc::new(node_io::page_file::parse(page.as_bytes()).unwrap());
    let all = common::registry();
    let mut few = Registry::new();
    few.add(all.get("Const").unwrap().clone()).unwrap();
    assert_eq!(check(&page, &all, &Feeds::new()).problems, vec![]);
    let problems = check(&page, &few, &Feeds::new()).problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("the block type 'Square' is unknown"), "{}", problems[0]);
}
