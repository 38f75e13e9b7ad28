//! A sweep gives for each combination what the page gives that has these values.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;

use common::{example, noise, ports, registry};
use node_core::check::{Feeds, Surroundings};
use node_core::{CheckedPage, Page, PortRef, check};
use node_engine::analysis::Stop;
use node_engine::sweep::{Axis, Measure, Point, Sweep, Sweeper};
use node_engine::{Request, RunOptions, plan, run_once};

fn swept(page: &Page, feeds: &Feeds, axes: &[(&str, &str)], measures: &[&str], threads: usize) -> Vec<Point> {
    let registry = registry();
    let checked = check(&Arc::new(page.clone()), &registry, feeds);
    let axes = axes.iter().map(|(target, text)| Axis::parse(PortRef::parse(target).unwrap(), text).unwrap()).collect();
    let measures = measures.iter().map(|text| Measure::parse(&checked, text).unwrap()).collect();
    let sweep = Sweep { axes, measures };
    assert_eq!(sweep.refused(&checked), Vec::<String>::new());
    let points = sweep.points();
    let around = Surroundings::new(&registry, feeds);
    let mut sweeper = Sweeper::new(sweep, checked, threads, 1 << 20);
    let options = RunOptions::with_memory_limit(1 << 30);
    (0..points).map(|point| sweeper.point(point, &around, &options, &Stop::default()).unwrap()).collect()
}

/// What came of it, where nothing failed.
fn figures(point: &Point) -> Vec<f64> {
    point.iter().map(|figure| *figure.as_ref().unwrap()).collect()
}

/// The page with values set, checked and run by itself.
fn alone(page: &Page, feeds: &Feeds, set: &[(&str, &str)]) -> (CheckedPage, node_engine::Results) {
    let registry = registry();
    let mut page = page.clone();
    for (target, text) in set {
        let checked = check(&Arc::new(page.clone()), &registry, feeds);
        checked.assign(&PortRef::parse(target).unwrap(), text).unwrap().apply(&mut page).unwrap();
    }
    let checked = check(&Arc::new(page), &registry, feeds);
    let fetch: Vec<PortRef> = checked
        .blocks
        .iter()
        .filter(|(_, block)| !block.outputs.is_empty())
        .map(|(id, _)| PortRef::new(id, ""))
        .collect();
    let request = Request { fetch, shares: true, ..Request::default() };
    let results = run_once(&plan(&checked, &request), &RunOptions::with_memory_limit(1 << 30));
    (checked, results)
}

#[test]
fn every_combination_is_the_page_with_its_values() {
    let page = example("qat_step");
    let feeds: Feeds = ports(&["g.output", "x.output"]).into_iter().zip([noise(3000, 1), noise(3000, 2)]).collect();
    let (maxima, bits) = (["0.5", "2", "3.5", "-1"], ["2", "8", "16"]);
    let axes = [("range.max", "0.5,2,3.5,-1"), ("range.num_bits", "2,8,16")];
    let measures =
        ["mse.output", "mse(fq.output,y.output)", "sqnr(fq.output,y.output)", "clipped(fq)", "clipped(grad)"];
    let points = swept(&page, &feeds, &axes, &measures, 2);
    assert_eq!(points.len(), 12);
    for (number, point) in points.iter().enumerate() {
        let (max, bits) = (maxima[number / 3], bits[number % 3]);
        let (_, results) = alone(&page, &feeds, &[("range.max", max), ("range.num_bits", bits)]);
        if max == "-1" {
            assert!(point[0].as_ref().unwrap_err()[0].message.contains("min has to be smaller"), "{point:?}");
            continue;
        }
        let slice = |block: &str| results.tensor(block, 0).unwrap().slice::<f32>().unwrap();
        let (fq, y) = (slice("fq"), slice("y"));
        let noise: f64 = fq.iter().zip(y).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
        let signal: f64 = y.iter().map(|b| f64::from(*b).powi(2)).sum();
        let top = max.parse::<f32>().unwrap();
        let outside = y.iter().filter(|y| **y < 0.0 || **y > top).count() as f64;
        let expected = [
            f64::from(slice("mse")[0]),
            noise / 3000.0,
            10.0 * (signal / noise).log10(),
            outside / 3000.0,
            outside / 3000.0,
        ];
        for ((found, expected), measure) in figures(point).iter().zip(expected).zip(measures) {
            assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{max} {bits} {measure}: {found} {expected}");
        }
    }
    assert_eq!(points, swept(&page, &feeds, &axes, &measures, 1), "whatever the number of threads");
}

/// Literals of inputs, and blocks whose shapes change with what is varied.
#[test]
fn literals_and_shapes_are_varied() {
    let page = common::page(
        r#"{"nudge": 1, "blocks": {"c": {"type": "Const", "attrs": {"value": [1, 2, 3, 4.5]}},
        "q": {"type": "FakeQuantWithMinMaxVars", "inputs": {"min": 0.0, "max": 2.0}}, "s": {"type": "Sum", "inputs": {"axis": [0]}},
        "f": {"type": "Fill", "inputs": {"dims": [3], "value": 1.5}}, "t": {"type": "Sum", "inputs": {"axis": [0]}}},
        "wires": [["c.output", "q.inputs"], ["q.output", "s.input"], ["f.output", "t.input"]]}"#,
    );
    let found = swept(&page, &Feeds::new(), &[("q.max", "1,2,4"), ("f.dims", "[2],[5]")], &["s.output", "t.output"], 1);
    for (number, point) in found.iter().enumerate() {
        let (max, dims) = (["1", "2", "4"][number / 2], ["[2]", "[5]"][number % 2]);
        let (_, results) = alone(&page, &Feeds::new(), &[("q.max", max), ("f.dims", dims)]);
        let one = |block: &str| f64::from(results.tensor(block, 0).unwrap().slice::<f32>().unwrap()[0]);
        assert_eq!(figures(point), [one("s"), one("t")], "{max} {dims}");
        assert_eq!(one("t"), if dims == "[2]" { 3.0 } else { 7.5 });
    }
}

#[test]
fn what_is_no_measure_is_refused() {
    let checked = check(&Arc::new(example("qat_step")), &registry(), &Feeds::new());
    for (text, why) in [
        ("mse", "is no output"),
        ("mse(fq.output)", "takes two outputs"),
        ("mse(fq.output, nobody.output)", "there is no block 'nobody'"),
        ("mad(fq.output, x.output)", "there is no measure 'mad'"),
        ("clipped(nobody)", "there is no block 'nobody'"),
        ("clipped(fq", "a ) is missing"),
        ("fq.outptu", "no output"),
    ] {
        let refused = Measure::parse(&checked, text).unwrap_err();
        assert!(refused.contains(why), "{text}: {refused}");
    }
    let page = example("qat_step");
    let found = swept(&page, &Feeds::new(), &[("range.max", "1,2")], &["fq.output"], 1);
    assert!(found.iter().all(|point| point[0].as_ref().is_err_and(|p| p[0].message.contains("elements"))), "{found:?}");
    let found = swept(&page, &Feeds::new(), &[("range.max", "1,2")], &["clipped(x)"], 1);
    assert!(found.iter().all(|point| point[0].as_ref().is_err_and(|p| p[0].message.contains("does not quantize"))));
}

/// What fails one measure leaves the others as they are, before a run and in it.
#[test]
fn a_measure_that_fails_fails_alone() {
    let page = common::page(
        r#"{"nudge": 1, "blocks": {"c": {"type": "Const", "attrs": {"value": [1, 2, 3]}},
        "q": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 2}}, "s": {"type": "Sum", "inputs": {"axis": [0]}},
        "a": {"type": "Const", "attrs": {"value": [6, 4]}}, "i": {"type": "Const", "attrs": {"value": [2], "dtype": "int32"}},
        "one": {"type": "Const", "attrs": {"value": [1], "dtype": "int32"}}, "m": {"type": "Sub"},
        "v": {"type": "Fill", "inputs": {"value": 3.0}}, "t": {"type": "Sum", "inputs": {"axis": [0]}}},
        "wires": [["c.output", "q.inputs"], ["c.output", "s.input"], ["i.output", "m.x"], ["one.output", "m.y"],
        ["m.output", "v.dims"], ["v.output", "t.input"]]}"#,
    );
    let measures =
        ["s.output", "a.output", "mse(q.outputs,c.output)", "mse(q.outputs,a.output)", "clipped(q)", "t.output"];
    let found = swept(&page, &Feeds::new(), &[("q.max", "-1,1"), ("i.value", "[0],[3]")], &measures, 2);
    let fails = |point: &Point| point.iter().map(Result::is_err).collect::<Vec<_>>();
    assert_eq!(fails(&found[0]), [false, true, true, true, true, true], "{:?}", found[0]);
    assert_eq!(fails(&found[1]), [false, true, true, true, true, false], "{:?}", found[1]);
    assert_eq!(fails(&found[2]), [false, true, false, true, false, true], "{:?}", found[2]);
    assert_eq!(fails(&found[3]), [false, true, false, true, false, false], "{:?}", found[3]);
    assert_eq!(found[3][5], Ok(6.0));
}
