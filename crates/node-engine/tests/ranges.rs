//! Proposed ranges, against plain searches and the page that has them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use common::{checked, page};
use node_core::check::Feeds;
use node_core::{BlockId, CheckedPage, PortRef, Shape, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::ranges::{Method, Proposal, Trial, propose};
use node_engine::{Request, Results, RunOptions, plan, run_once};

/// As many numbers of a bell, the same each time.
fn bell(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 16_777_216.0
    };
    (0..len).map(|_| (0..6).map(|_| next()).sum::<f32>() - 3.0).collect()
}

/// A page with a quantizer `q` of `x`, fed.
fn with(type_name: &str, attrs: &str, inputs: &str, x: &Tensor) -> (CheckedPage, Results) {
    let text = format!(
        r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Placeholder"}}, "q": {{"type": "{type_name}", "attrs": {{{attrs}}},
        "inputs": {{{inputs}}}}}}}, "wires": [["x.output", "q.inputs"]]}}"#
    );
    let feeds: Feeds = [(PortRef::parse("x.output").unwrap(), x.clone())].into_iter().collect();
    let checked = checked(page(&text), &feeds);
    let request = Request::fetch(&[PortRef::parse("q.output").unwrap()]);
    let results = run_once(&plan(&checked, &request), &RunOptions::with_memory_limit(1 << 30));
    (checked, results)
}

fn args(low: f32, high: f32, more: &str, x: &Tensor) -> (CheckedPage, Results) {
    with("FakeQuantWithMinMaxArgs", &format!(r#""min": {low}, "max": {high}{more}"#), "", x)
}

fn proposals(
    (checked, results): &(CheckedPage, Results),
    data: &[Tensor],
    gradients: Option<&Tensor>,
) -> Vec<Proposal> {
    let id = BlockId::new("q").unwrap();
    let quantization = results.blocks[&id].quantization.as_ref().unwrap();
    let trial = Trial::of(&checked.blocks[&id], quantization).unwrap();
    propose(&trial, data, gradients, &Stop::default()).unwrap()
}

fn of(proposals: &[Proposal], method: Method) -> &Proposal {
    proposals.iter().find(|proposal| proposal.method == method).unwrap_or_else(|| panic!("no {method:?}"))
}

/// The mean squared error of what a page gives.
fn mse(x: &[f32], results: &Results) -> f64 {
    let y = results.tensor("q", 0).unwrap().slice::<f32>().unwrap();
    x.iter().zip(y).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum::<f64>() / x.len() as f64
}

#[test]
fn figures_are_those_of_the_page_that_has_the_range() {
    let mut x = bell(5000, 1);
    x[17] = 9.5;
    x[400] = -6.0;
    let gradients = bell(5000, 2);
    let (tensor, slopes) = (Tensor::vector(x.clone()), Tensor::vector(gradients.clone()));
    for more in ["", r#", "narrow_range": true"#, r#", "num_bits": 4"#, r#", "num_bits": 16"#] {
        let found = proposals(&args(-6.0, 6.0, more, &tensor), std::slice::from_ref(&tensor), Some(&slopes));
        for proposal in &found {
            let [low, high] = proposal.ends[0];
            let (_, results) = args(low, high, more, &tensor);
            let range = results.blocks.values().find_map(|result| result.quantization.as_ref()).unwrap().ranges[0];
            assert_eq!(proposal.ranges, [range], "{:?}", proposal.method);
            let expected = mse(&x, &results);
            assert!((proposal.damage.mse() - expected).abs() <= 1e-12 * expected, "{:?}", proposal.method);
            let outside = |x: &f32| *x < range.nudged_min || *x > range.nudged_max;
            assert_eq!(proposal.clipped(), x.iter().filter(|x| outside(x)).count() as f64 / 5000.0);
            let norm = |all: bool| {
                let squares = x.iter().zip(&gradients).filter(|(x, _)| all || outside(x));
                squares.map(|(_, g)| f64::from(*g).powi(2)).sum::<f64>()
            };
            let stopped = (norm(false) / norm(true)).sqrt();
            assert!((proposal.stopped().unwrap() - stopped).abs() < 1e-12, "{:?}", proposal.method);
        }
        assert_eq!(of(&found, Method::Now).ends, [[-6.0, 6.0]]);
        assert_eq!(of(&found, Method::MinMax).ends, [[-6.0, 9.5]]);
        assert_eq!(of(&found, Method::SymmetricMinMax).ends, [[-9.5, 9.5]]);
        // What one axis has are no batches, and of 65,536 levels histograms tell nothing.
        assert!(found.iter().all(|p| p.method != Method::MovingAverage));
        assert_eq!(found.iter().any(|p| p.method == Method::Entropy), !more.contains("16"));
        let mut sorted: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |percent: f64| {
            let place = percent / 100.0 * 4999.0;
            let (a, b) = (sorted[place as usize], sorted[place as usize + 1]);
            a + (b - a) * place.fract()
        };
        let [low, high] = of(&found, Method::Percentile(1000)).ends[0];
        assert!((f64::from(low) - at(1.0)).abs() < 1e-6 && (f64::from(high) - at(99.0)).abs() < 1e-6, "{low} {high}");
    }
}

/// Against every range of a grid, run one by one.
#[test]
fn least_squared_error_is_the_least_of_a_grid() {
    for (bits, stretch, floor) in [(4, 1.0f32, f32::MIN), (3, 4.0, 0.0), (2, 1.0, f32::MIN), (8, 2.0, -0.7)] {
        let x: Vec<f32> = bell(800, bits + 3).into_iter().map(|x| (x * x.abs() * stretch).max(floor)).collect();
        let tensor = Tensor::vector(x.clone());
        let more = format!(r#", "num_bits": {bits}"#);
        let found = proposals(&args(-6.0, 6.0, &more, &tensor), std::slice::from_ref(&tensor), None);
        let (least, most) = x.iter().fold((0f32, 0f32), |(a, b), x| (a.min(*x), b.max(*x)));
        let mut best = [f64::INFINITY; 2];
        for i in 0..=40 {
            for j in 1..=40 {
                let (low, high) = (least * i as f32 / 40.0, most * j as f32 / 40.0);
                best[0] = best[0].min(mse(&x, &args(low, high, &more, &tensor).1));
            }
            let end = least.abs().max(most) * (i as f32 + 0.5) / 40.0;
            best[1] = best[1].min(mse(&x, &args(-end, end, &more, &tensor).1));
        }
        for (method, best) in [(Method::LeastError, best[0]), (Method::SymmetricLeastError, best[1])] {
            let found = of(&found, method).damage.mse();
            assert!(found <= best * 1.03, "{bits} bits, {method:?}: {found} where a grid finds {best}");
        }
    }
}

/// As NumPy finds it with pytorch-quantization's `_compute_amax_entropy`, on the same numbers.
#[test]
fn entropy_is_least_where_others_find_it() {
    for (seed, floor, bits, expected) in ENTROPY {
        let mut x: Vec<f32> = bell(20_000, seed).into_iter().map(|x| (x * x * x).max(floor)).collect();
        x[5] = 30.0;
        let tensor = Tensor::vector(x);
        let more = format!(r#", "num_bits": {bits}"#);
        let found = proposals(&args(-6.0, 6.0, &more, &tensor), std::slice::from_ref(&tensor), None);
        let [low, high] = of(&found, Method::Entropy).ends[0];
        assert!((high - expected).abs() < 30.0 / 2048.0 * 0.01, "{seed} {bits}: {high} where NumPy finds {expected}");
        assert_eq!(low, if floor == 0.0 { 0.0 } else { -high });
    }
}

const ENTROPY: [(u64, f32, u32, f32); 4] =
    [(1, f32::MIN, 8, 9.038086), (2, 0.0, 8, 10.649414), (3, f32::MIN, 4, 3.8671875), (4, 0.0, 6, 6.430664)];

#[test]
fn batches_move_an_average() {
    let batches = [[-1f32, 2.0, 0.0], [-3.0, 1.0, 0.5], [0.5, 4.0, 2.0]];
    let expected = |side: usize| {
        let ends = [[-1f64, 2.0], [-3.0, 1.0], [0.5, 4.0]];
        ends[1..].iter().fold(ends[0][side], |average, ends| average + 0.01 * (ends[side] - average)) as f32
    };
    let one = Tensor::new(Shape::new([3, 3]).unwrap(), batches.concat()).unwrap();
    let several: Vec<Tensor> = batches.iter().map(|batch| Tensor::vector(batch.to_vec())).collect();
    let quantizer = args(-6.0, 6.0, "", &one);
    let of_one = proposals(&quantizer, std::slice::from_ref(&one), None);
    assert!(of_one.iter().all(|p| p.method != Method::MovingAverage), "the rows of one tensor may be no batches");
    let all = proposals(&quantizer, &several, None);
    assert_eq!(of(&all, Method::MovingAverage).ends, [[expected(0), expected(1)]]);
    assert_eq!(of(&all, Method::MinMax).ends, [[-3.0, 4.0]]);
    assert_eq!(all[0].damage.shares.total(), 9);
}

#[test]
fn channels_have_ranges_of_their_own() {
    let columns: Vec<Vec<f32>> =
        (0..3).map(|c| bell(400, c + 9).iter().map(|x| x * 10f32.powi(c as i32 - 1)).collect()).collect();
    let rows: Vec<f32> = (0..400).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let tensor = Tensor::new(Shape::new([400, 3]).unwrap(), rows).unwrap();
    let block = "FakeQuantWithMinMaxVarsPerChannel";
    let quantizer = with(block, r#""num_bits": 4"#, r#""min": [-1, -1, -1], "max": [1, 1, 1]"#, &tensor);
    let found = proposals(&quantizer, std::slice::from_ref(&tensor), None);
    for method in
        [Method::MinMax, Method::SymmetricMinMax, Method::Percentile(1000), Method::LeastError, Method::Entropy]
    {
        let together = of(&found, method);
        for (channel, column) in columns.iter().enumerate() {
            let column = Tensor::vector(column.clone());
            let alone = proposals(&args(-1.0, 1.0, r#", "num_bits": 4"#, &column), std::slice::from_ref(&column), None);
            assert_eq!(together.ends[channel], of(&alone, method).ends[0], "{method:?} of channel {channel}");
        }
    }
    let id = BlockId::new("q").unwrap();
    let trial = Trial::of(&quantizer.0.blocks[&id], quantizer.1.blocks[&id].quantization.as_ref().unwrap()).unwrap();
    let typed: Vec<String> =
        trial.typed(&[[-1.0, 2.5]; 3]).into_iter().map(|(name, text)| format!("{name}={text}")).collect();
    assert_eq!(typed, ["min=[-1, -1, -1]", "max=[2.5, 2.5, 2.5]"]);
}

#[test]
fn what_is_odd() {
    let odd = Tensor::vector(vec![f32::NAN, f32::INFINITY, 1.5, -0.5]);
    let found = proposals(&args(-6.0, 6.0, "", &odd), std::slice::from_ref(&odd), None);
    assert_eq!(of(&found, Method::MinMax).ends, [[-0.5, 1.5]]);
    assert_eq!(found[0].damage.shares.nan, 1);
    let quantizer = args(-6.0, 6.0, "", &odd);
    let id = BlockId::new("q").unwrap();
    let trial = Trial::of(&quantizer.0.blocks[&id], quantizer.1.blocks[&id].quantization.as_ref().unwrap()).unwrap();
    for nothing in [vec![0f32, -0.0], vec![f32::NAN], vec![]] {
        assert_eq!(propose(&trial, &[Tensor::vector(nothing)], None, &Stop::default()), None);
    }
    let stopped = Stop::default();
    stopped.set();
    assert_eq!(propose(&trial, &[odd], None, &stopped), None);
}

/// Wider than float32 can say: no range, rather than one that looks perfect.
#[test]
fn a_range_beyond_float32_is_not_proposed() {
    let mask = Tensor::vector(vec![f32::MIN, 0.0, 1.0]);
    let found = proposals(&args(-6.0, 6.0, "", &mask), std::slice::from_ref(&mask), None);
    let sound = |p: &Proposal| p.ranges.iter().all(|range| range.scale.is_finite() && range.nudged_min.is_finite());
    assert!(found.iter().all(sound), "{found:?}");
    assert!(found.iter().all(|p| p.method != Method::SymmetricMinMax), "{found:?}");
}

/// However few the elements and however far an outlier lies: what a histogram tells only roughly is not believed.
#[test]
fn no_other_proposal_has_less_error_than_the_least() {
    let symmetric = |proposal: &Proposal| proposal.ends.iter().all(|ends| ends[0] == -ends[1]);
    for (seed, count, outlier) in
        [(1, 5, 0.3f32), (2, 9, 4.0), (3, 40, 1000.0), (4, 200, 1e6), (5, 3, -7.0), (6, 64, 1e-3)]
    {
        let mut x = bell(count, seed);
        x[1] = outlier;
        let tensor = Tensor::vector(x);
        for more in ["", r#", "num_bits": 3"#, r#", "num_bits": 16"#] {
            let found = proposals(&args(-1.0, 1.5, more, &tensor), std::slice::from_ref(&tensor), None);
            let least = of(&found, Method::LeastError).damage.mse();
            let least_symmetric = of(&found, Method::SymmetricLeastError).damage.mse();
            for other in &found {
                let mse = other.damage.mse();
                assert!(least <= mse, "{seed} {more}: {least}, but {mse} of {:?}", other.method);
                assert!(!symmetric(other) || least_symmetric <= mse, "{seed} {more}: {:?}", other.method);
            }
        }
    }
}
