//! What a run gives does not depend on what else is asked of it: on random pages with folds of every kind, with every
//! set of axes and data type, all ports are fetched, or some, or one, watched or not, in a new session and in one with an
//! engine that has run with another request before.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{Random, health, literal, naively, registry};
use node_core::check::{CheckedPage, Feeds};
use node_core::page::Entries;
use node_core::{BlockId, BlockNode, Edit, Page, PortRef, Tensor, Value, Wire, check};
use node_engine::{Engine, Request, RunOptions, Session, plan};

fn add(page: &mut Page, id: &str, type_name: &str, attrs: Entries, wires: &[(&PortRef, &str)]) -> PortRef {
    let id = BlockId::new(id).unwrap();
    let block = Arc::new(BlockNode { attrs, ..BlockNode::new(type_name) });
    Edit::AddBlock { id: id.clone(), block, place: None }.apply(page).unwrap();
    for (from, port) in wires {
        let wire = Wire { from: (*from).clone(), to: PortRef::new(&id, port) };
        Edit::Connect { wire }.apply(page).unwrap();
    }
    PortRef::new(&id, "output")
}

/// A page in the making: blocks that do not fit are left out again.
struct Maker<'r> {
    random: &'r mut Random,
    page: Page,
    outputs: Vec<PortRef>,
    count: usize,
}

impl Maker<'_> {
    /// Among blocks that could come next the least id goes first: so what is made comes sooner or later than the rest.
    fn id(&mut self) -> String {
        self.count += 1;
        format!("{}{}", char::from(b'a' + self.random.below(26) as u8), self.count)
    }

    fn add(&mut self, type_name: &str, attrs: Entries, wires: &[(&PortRef, &str)]) -> Option<PortRef> {
        let (id, before) = (self.id(), self.page.clone());
        let made = add(&mut self.page, &id, type_name, attrs, wires);
        if check(&Arc::new(self.page.clone()), &registry_of_all(), &Feeds::new()).problems.is_empty() {
            return Some(made);
        }
        self.page = before;
        None
    }

    fn map(&mut self, from: &PortRef) -> Option<PortRef> {
        let other = self.outputs[self.random.below(self.outputs.len())].clone();
        match self.random.below(7) {
            0..4 => {
                let kind = self.random.one_of(&["AddV2", "Sub", "Mul"]);
                self.add(kind, Entries::default(), &[(from, "x"), (&other, "y")])
            }
            4 => self.add("Square", Entries::default(), &[(from, "x")]),
            5 => self.add("Relu6", Entries::default(), &[(from, "features")]),
            _ => self.add("Identity", Entries::default(), &[(from, "input")]),
        }
    }

    fn fold(&mut self, from: &PortRef, rank: usize) -> Option<PortRef> {
        let kind = self.random.one_of(&["Sum", "Sum", "Mean", "Min", "Max"]);
        let attrs = self.random.once_in(2).then_some(("keep_dims", Value::Bool(true))).into_iter().collect();
        if self.random.once_in(2) || rank == 0 {
            return self.add(kind, attrs, &[(from, "input")]);
        }
        let chosen = Value::Int(self.random.below(rank) as i64);
        let literal = Value::Object(vec![
            ("dtype".into(), Value::String("int32".into())),
            ("data".into(), Value::list(vec![chosen])),
        ]);
        let axis = self.add("Const", [("value", literal)].into_iter().collect(), &[])?;
        self.add(kind, attrs, &[(from, "input"), (&axis, "axis")])
    }
}

/// A page whose blocks are of one shape for the most part, so that they run together. Chains grow, and beside them there
/// are ends: a value that nothing but a fold reads. That is where a value can be lost while other work goes on.
fn page(random: &mut Random) -> CheckedPage {
    let rank = random.below(4);
    let dims: Vec<usize> = (0..rank).map(|_| 1 + random.below(3) * random.below(4)).collect();
    let dtype = random.one_of(&["float32", "float32", "float32", "float64", "int32", "int64"]);
    let mut maker = Maker { random, page: Page::default(), outputs: Vec::new(), count: 0 };
    for number in 0..1 + maker.random.below(3) {
        let own: Vec<usize> = match maker.random.below(4) {
            1 if number > 0 => dims.iter().map(|dim| if maker.random.once_in(2) { 1 } else { *dim }).collect(),
            0 if number > 0 => Vec::new(),
            _ => dims.clone(),
        };
        let attrs = [("value", literal(maker.random, &own, dtype, false))].into_iter().collect();
        let made = maker.add("Const", attrs, &[]);
        maker.outputs.extend(made);
    }
    let mut chain = maker.outputs[0].clone();
    for _ in 0..4 + maker.random.below(10) {
        if maker.random.once_in(6) {
            chain = maker.outputs[maker.random.below(maker.outputs.len())].clone();
        }
        if maker.random.once_in(3) {
            let end = if maker.random.once_in(4) { Some(chain.clone()) } else { maker.map(&chain) };
            let folded = end.and_then(|end| maker.fold(&end, rank));
            if maker.random.once_in(3) {
                maker.outputs.extend(folded);
            }
        } else if let Some(made) = maker.map(&chain) {
            maker.outputs.push(made.clone());
            chain = made;
        }
    }
    check(&Arc::new(maker.page), &registry_of_all(), &Feeds::new())
}

fn registry_of_all() -> node_core::Registry {
    thread_local!(static ALL: node_core::Registry = registry());
    ALL.with(Clone::clone)
}

struct Found {
    expected: BTreeMap<PortRef, Tensor>,
}

impl Found {
    fn agrees(&self, seed: u64, what: &str, session: &Session, request: &Request) {
        let results = session.results();
        assert_eq!(results.problems().next(), None, "seed {seed}, {what}");
        for port in &request.fetch {
            let got = results.tensor(port.block.as_str(), 0).unwrap();
            let expected = &self.expected[port];
            assert!(
                got.same_bits(expected),
                "seed {seed}, {what}: {port} is {}, not {}; fetched {:?}",
                got.preview(20),
                expected.preview(20),
                request.fetch.iter().map(ToString::to_string).collect::<Vec<_>>()
            );
        }
        for port in &request.health {
            let found = results.blocks[&port.block].health[0];
            assert_eq!(found, health(&self.expected[port]), "seed {seed}, {what}: the health of {port}");
        }
        for port in &request.preview {
            let preview = results.blocks[&port.block].preview(0).map(|preview| preview.text(24));
            let expected = self.expected[port].preview(24);
            assert_eq!(preview, Some(expected), "seed {seed}, {what}: the first elements of {port}");
        }
    }
}

#[test]
fn what_is_fetched_does_not_depend_on_what_else_is() {
    let mut runs = 0;
    for seed in 0..6_000 {
        let mut random = Random::new(seed);
        let checked = page(&mut random);
        if !checked.problems.is_empty() {
            continue;
        }
        let ports: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "output")).collect();
        let all = plan(&checked, &Request::fetch(&ports));
        let expected = naively(&all);
        let found = Found {
            expected: ports
                .iter()
                .map(|port| (port.clone(), expected[all.output(port.block.as_str(), 0).unwrap()].clone().unwrap()))
                .collect(),
        };
        let one = ports[random.below(ports.len())].clone();
        let few: Vec<PortRef> = ports.iter().filter(|_| random.once_in(3)).cloned().collect();
        let watch: Vec<PortRef> = ports.iter().filter(|_| random.once_in(4)).cloned().collect();
        let requests = [
            Request::fetch(&ports),
            Request::fetch(&few),
            Request::fetch(&[one]),
            Request { fetch: few.clone(), watch: watch.clone(), shares: random.once_in(2), ..Request::default() },
            Request { fetch: ports.clone(), watch, shares: true, ..Request::default() },
            Request { preview: ports.clone(), health: ports.clone(), shares: true, ..Request::default() },
            Request {
                fetch: few,
                preview: ports.iter().filter(|_| random.once_in(2)).cloned().collect(),
                ..Request::default()
            },
            Request { health: ports.iter().filter(|_| random.once_in(2)).cloned().collect(), ..Request::default() },
        ];
        // An engine that keeps results, one that does not, and what each has run before.
        let mut keeps = Engine::new(1, 1 << 20).with_cache(1 << 20);
        let mut plain = Engine::new(1, 1 << 20);
        let options = RunOptions::with_memory_limit(1 << 30);
        let first = random.below(requests.len());
        for number in 0..requests.len() {
            let request = &requests[(first + number) % requests.len()];
            let plan = plan(&checked, request);
            for (what, engine) in [("kept", &mut keeps), ("not kept", &mut plain)] {
                let mut session = Session::new(plan.clone());
                for turn in 0..2 {
                    session.run(engine, &options, &mut |_, _| {});
                    found.agrees(seed, &format!("{what}, turn {turn}"), &session, request);
                    runs += 1;
                }
            }
        }
    }
    assert!(runs > 100_000, "only {runs} runs");
}
