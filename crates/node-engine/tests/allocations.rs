//! The second run of a plan allocates nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, unsafe_code, reason = "a test, with an allocator that counts")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{checked, example, noise, page, ports};
use node_core::check::Feeds;
use node_engine::{Engine, Request, RunOptions, Session, plan};

/// Counts what is asked of the system.
struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations the second and the third run make.
fn later_runs(session: &mut Session, engine: &mut Engine) -> usize {
    let options = RunOptions::with_memory_limit(1 << 30);
    let mut run = || session.run(engine, &options, &mut |_, _| {});
    run();
    let before = COUNT.load(Ordering::Relaxed);
    run();
    run();
    COUNT.load(Ordering::Relaxed) - before
}

// Without the test harness: what its main thread, or another test, does at the same time would be counted too.
fn main() {
    // A thread allocates as it starts, which may be after the first run of an engine that has just been made.
    let mut engines = [Engine::new(1, 1 << 30), Engine::new(2, 1 << 30)];
    std::thread::sleep(std::time::Duration::from_millis(500));
    let qat = ["mse.output", "dx.output"];
    for (len, threads) in [(4, 1), (1024, 1), (5000, 2), (100_000, 2)] {
        let feeds: Feeds = ports(&["g.output", "x.output"]).into_iter().zip([noise(len, 1), noise(len, 2)]).collect();
        let checked = checked(example("qat_step"), &feeds);
        let mut session = Session::new(plan(&checked, &Request::fetch(&ports(&qat))));
        assert_eq!(
            later_runs(&mut session, &mut engines[threads - 1]),
            0,
            "qat_step, {len} elements, {threads} threads"
        );
        assert!(session.tensor("dx", 0).is_some_and(|t| t.len() == len));
    }
    // Two regions with a fold between them, and an output that takes over an input's memory.
    let centred = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "y": {"type": "Square"}, "mean": {"type": "Mean"}, "z": {"type": "Sub"}
    }, "wires": [["x.output", "y.x"], ["y.output", "mean.input"], ["y.output", "z.x"], ["mean.output", "z.y"]]}"#;
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(50_000, 3)]).collect();
    let centred = checked(page(centred), &feeds);
    let mut session = Session::new(plan(&centred, &Request::fetch(&ports(&["z.output"]))));
    assert_eq!(later_runs(&mut session, &mut engines[1]), 0, "two regions");
    // Folds over some axes: side by side, one after the other, and in blocks that threads share.
    for (dims, axis) in [([300, 400], 0), ([300, 400], 1), ([20_000, 3], 0), ([3, 20_000], 1)] {
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Placeholder"}}, "sum": {{"type": "Sum", "inputs": {{
            "axis": {{"dtype": "int32", "data": {axis}}}}}}}}}, "wires": [["x.output", "sum.input"]]}}"#
        );
        let x = noise(dims[0] * dims[1], 3).reshaped(&node_core::Shape::new(dims).unwrap()).unwrap();
        let feeds: Feeds = ports(&["x.output"]).into_iter().zip([x]).collect();
        let checked = checked(page(&text), &feeds);
        let mut session = Session::new(plan(&checked, &Request::fetch(&ports(&["sum.output"]))));
        assert_eq!(later_runs(&mut session, &mut engines[1]), 0, "{dims:?} over {axis}");
    }
}
