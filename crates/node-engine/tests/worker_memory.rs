//! What the editor's worker takes and gives back: a page of many large results is run for what is shown of it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use node_core::check::{CheckedPage, Feeds};
use node_core::page::Entries;
use node_core::{BlockId, BlockNode, Edit, Page, PortRef, Value, Wire, check};
use node_engine::{Engine, Executor, Job, Report, Request, RunOptions, Runner, Session, plan};

const ELEMENTS: usize = 100_000;
const BLOCKS: usize = 1_000;

/// Tests look at the whole process's memory: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// A constant and many blocks that square it.
fn fan() -> Arc<CheckedPage> {
    let mut page = Page::default();
    let numbers = Value::list((0..ELEMENTS as i64).map(Value::Int).collect());
    let mut add = |id: &str, type_name: &str, attrs: Entries| {
        let block = Arc::new(BlockNode { attrs, ..BlockNode::new(type_name) });
        Edit::AddBlock { id: BlockId::new(id).unwrap(), block, place: None }.apply(&mut page).unwrap();
    };
    add("x", "Const", [("value", numbers)].into_iter().collect());
    (0..BLOCKS).for_each(|i| add(&format!("s{i}"), "Square", Entries::default()));
    let from = PortRef::parse("x.output").unwrap();
    let wire = |i: usize| Wire { from: from.clone(), to: PortRef::parse(&format!("s{i}.x")).unwrap() };
    page.wires = Arc::new((0..BLOCKS).map(wire).collect());
    let checked = check(&Arc::new(page), &common::registry(), &Feeds::new());
    assert_eq!(checked.problems, []);
    Arc::new(checked)
}

fn finished(runner: &mut Runner, number: u64) -> usize {
    let (begun, mut tensors) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(120) {
        for report in runner.reports() {
            match report {
                Report::Block { revision, result, .. } if revision == number => {
                    assert!(result.preview(0).is_some(), "what every block has is shown");
                    tensors += result.tensors().unwrap_or_default().iter().flatten().count();
                }
                Report::Finished { revision, .. } if revision == number => return tensors,
                _ => {}
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("the run does not end");
}

#[test]
fn a_page_of_many_large_results_takes_little_and_gives_it_back() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let all = (ELEMENTS * BLOCKS * 4) as u64;
    let checked = fan();
    let mut runner = Runner::start(8 << 30, || {}).unwrap();
    let before = resident();
    let mut most = 0;
    for number in 0..6 {
        // Somebody looks at one block after the other.
        let id = BlockId::new(&format!("s{}", number * 7)).unwrap();
        let looked_at = BTreeSet::from([id, BlockId::new("x").unwrap()]);
        runner.submit(
            number,
            Job { checked: checked.clone(), looked_at, files: Arc::new(node_core::access::NoFiles), target: None },
        );
        assert_eq!(finished(&mut runner, number), 2, "the tensors of two blocks are looked at");
        most = most.max(resident().saturating_sub(before));
    }
    assert!(most < all / 8, "{most} bytes for results of {all}");
    runner.forget(100);
    runner.submit(
        101,
        Job {
            checked: Arc::new(check(&Arc::default(), &common::registry(), &Feeds::new())),
            looked_at: BTreeSet::new(),
            files: Arc::new(node_core::access::NoFiles),
            target: None,
        },
    );
    finished(&mut runner, 101);
    let left = resident().saturating_sub(before);
    assert!(left < all / 16, "{left} bytes are left, of {most}");
}

#[test]
fn a_session_takes_no_more_memory_however_often_it_runs() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut page = Page::default();
    let numbers = Value::list((0..1 << 14).map(Value::Int).collect());
    let row = Value::list(vec![numbers]);
    let mut add = |id: &str, type_name: &str, attrs: Entries| {
        let block = Arc::new(BlockNode { attrs, ..BlockNode::new(type_name) });
        Edit::AddBlock { id: BlockId::new(id).unwrap(), block, place: None }.apply(&mut page).unwrap();
    };
    add("x", "Const", [("value", row)].into_iter().collect());
    // One that computes by itself, and one that is walked over.
    add("s", "Softmax", Entries::default());
    add("y", "Neg", Entries::default());
    let wire = |from: &str, to: &str| Wire { from: PortRef::parse(from).unwrap(), to: PortRef::parse(to).unwrap() };
    page.wires = Arc::new(vec![wire("x.output", "s.logits"), wire("s.output", "y.x")]);
    let checked = check(&Arc::new(page), &common::registry(), &Feeds::new());
    assert_eq!(checked.problems, []);
    let fetch = [PortRef::parse("s.output").unwrap(), PortRef::parse("y.output").unwrap()];
    let mut session = Session::new(plan(&checked, &Request::fetch(&fetch)));
    let (mut engine, options) = (Engine::new(1, 1 << 20), RunOptions::with_memory_limit(1 << 30));
    let mut run = |times: usize| (0..times).for_each(|_| session.run(&mut engine, &options, &mut |_, _| {}));
    run(20);
    let before = resident();
    // 64 KiB each time.
    run(2_000);
    let more = resident().saturating_sub(before);
    assert!(more < 16 << 20, "{more} bytes more");
}
