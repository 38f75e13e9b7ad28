//! Ranges for a quantizer, proposed from the data that reach it by methods that people use, each with what would come of it.

mod entropy;
mod histogram;
mod search;
mod trial;

use node_core::{QuantRange, Tensor};

use self::histogram::Histogram;
pub use self::trial::Trial;
use super::Stop;
use super::percentiles::percentiles;
use super::quantized::{Around, Damage, damage};

/// How a range is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// It is what is in force.
    Now,
    /// From the least to the greatest value.
    MinMax,
    /// As far on both sides of 0 as the largest magnitude.
    SymmetricMinMax,
    /// A moving average of the least and the greatest value of each batch.
    MovingAverage,
    /// Without so many thousandths of a percent of the values on each side.
    Percentile(u32),
    /// Where the entropy that is lost is least, symmetric.
    Entropy,
    /// Where the mean squared error is least.
    LeastError,
    /// Where it is least among ranges that are symmetric.
    SymmetricLeastError,
}

/// What part of each new batch goes into a moving average, as in PyTorch's `MovingAverageMinMaxObserver`.
const AVERAGING: f64 = 0.01;

impl Method {
    /// All that propose something.
    pub const ALL: [Method; 9] = [
        Method::MinMax,
        Method::SymmetricMinMax,
        Method::MovingAverage,
        Method::Percentile(10),
        Method::Percentile(100),
        Method::Percentile(1000),
        Method::Entropy,
        Method::LeastError,
        Method::SymmetricLeastError,
    ];

    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Method::Now => "as it is".to_owned(),
            Method::MinMax => "min-max".to_owned(),
            Method::SymmetricMinMax => "min-max, symmetric".to_owned(),
            Method::MovingAverage => "moving average".to_owned(),
            Method::Percentile(cut) => format!("percentile {}", 100.0 - f64::from(cut) / 1000.0),
            Method::Entropy => "entropy (KL)".to_owned(),
            Method::LeastError => "least squared error".to_owned(),
            Method::SymmetricLeastError => "least squared error, symmetric".to_owned(),
        }
    }

    /// Why one would choose it, and what it costs.
    pub fn reason(self) -> String {
        match self {
            Method::Now => "the range in force".to_owned(),
            Method::MinMax => "nothing is clipped but by nudging; one outlier makes every step wider".to_owned(),
            Method::SymmetricMinMax => "the same with as much below 0 as above: usual for weights".to_owned(),
            Method::MovingAverage => format!(
                "as in training: the first batch's ends, then {AVERAGING} of each next one's, so that rare outliers count little"
            ),
            Method::Percentile(cut) => {
                format!("the outermost {} % on each side are clipped, so that they widen no step", f64::from(cut) / 1000.0)
            }
            Method::Entropy => {
                "the clipped and quantized histogram tells most about the original one (Kullback-Leibler divergence), as \
                 TensorRT calibrates"
                    .to_owned()
            }
            Method::LeastError => "what is clipped and what is rounded add up to the least mean squared error".to_owned(),
            Method::SymmetricLeastError => "the same among ranges with as much below 0 as above".to_owned(),
        }
    }
}

/// A range, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// How it was found.
    pub method: Method,
    /// What is to be typed, for each range.
    pub ends: Vec<[f32; 2]>,
    /// What comes in force then.
    pub ranges: Vec<QuantRange>,
    /// What becomes of the elements, all data and all channels together.
    pub damage: Damage,
}

impl Proposal {
    /// The part of the elements that lies outside.
    pub fn clipped(&self) -> f64 {
        let shares = &self.damage.shares;
        (shares.below + shares.above) as f64 / shares.total() as f64
    }

    /// The part of the gradients' norm that is stopped, where there are gradients and they are not all 0.
    pub fn stopped(&self) -> Option<f64> {
        self.damage.stopped()
    }
}

/// Proposes ranges for a quantizer from the data that reach it: tensors of several files or runs, or of one. `gradients`
/// are of the elements of the first of them. The first proposal is what is in force; methods that the data or the number
/// of bits do not allow are left out. `None` where there is nothing but zeros to propose from, and once stopped.
pub fn propose(trial: &Trial, data: &[Tensor], gradients: Option<&Tensor>, stop: &Stop) -> Option<Vec<Proposal>> {
    let count = trial.count();
    let data: Vec<&Tensor> = data.iter().filter(|tensor| trial.takes(tensor)).collect();
    let channels: Vec<Histogram> =
        (0..count).map(|channel| Histogram::of(&data, channel, count, stop)).collect::<Option<_>>()?;
    if channels.iter().all(|channel| channel.low == 0.0 && channel.high == 0.0) {
        return None;
    }
    let mut found = vec![(Method::Now, trial.now())];
    for method in Method::ALL {
        if stop.is_set() {
            return None;
        }
        let ends = ends(method, trial, &channels, &data, stop);
        // A range may be wider than float32 can say.
        let is_sound = |ends: &Vec<[f32; 2]>| {
            let sound =
                |range: &QuantRange| [range.scale, range.nudged_min, range.nudged_max].iter().all(|v| v.is_finite());
            trial.ranges(ends).is_some_and(|ranges| ranges.iter().all(sound))
        };
        found.extend(ends.filter(is_sound).map(|ends| (method, ends)));
    }
    let mut tried = Vec::new();
    for (method, ends) in found {
        tried.push(try_out(trial, method, ends, &data, gradients, stop)?);
    }
    for method in [Method::LeastError, Method::SymmetricLeastError] {
        let better = better(method, &tried);
        if let Some(place) = tried.iter().position(|(proposal, _)| proposal.method == method) {
            tried[place] = try_out(trial, method, better, &data, gradients, stop)?;
        }
    }
    Some(tried.into_iter().map(|(proposal, _)| proposal).collect())
}

/// For each channel the ends with the least error of all that were tried out: a histogram knows them but roughly.
fn better(method: Method, tried: &[(Proposal, Vec<Damage>)]) -> Vec<[f32; 2]> {
    let symmetric = |ends: &[f32; 2]| ends[0] == -ends[1];
    let counts = tried.iter().filter(|(proposal, _)| {
        proposal.method == method || method == Method::LeastError || proposal.ends.iter().all(symmetric)
    });
    // What is in force may be no range at all.
    let finite = |range: &QuantRange| range.nudged_min.is_finite() && range.nudged_max.is_finite();
    let counts: Vec<&(Proposal, Vec<Damage>)> =
        counts.filter(|(proposal, _)| proposal.ranges.iter().all(finite)).collect();
    let least = |channel: usize| {
        let noise = |(_, channels): &(Proposal, Vec<Damage>)| channels.get(channel).map_or(f64::NAN, |one| one.noise);
        let own = counts.iter().filter(|(proposal, _)| proposal.method == method);
        let best = own.chain(&counts).min_by(|a, b| noise(a).total_cmp(&noise(b)));
        best.and_then(|(proposal, _)| proposal.ends.get(channel).copied()).unwrap_or_default()
    };
    (0..tried.first().map_or(0, |(proposal, _)| proposal.ends.len())).map(least).collect()
}

/// What a method makes of the data.
fn ends(method: Method, trial: &Trial, channels: &[Histogram], data: &[&Tensor], stop: &Stop) -> Option<Vec<[f32; 2]>> {
    let around_zero = |[low, high]: [f64; 2]| [low.min(0.0) as f32, high.max(0.0) as f32];
    let each = |f: &dyn Fn(&Histogram) -> [f64; 2]| Some(channels.iter().map(|one| around_zero(f(one))).collect());
    let widest = |one: &Histogram| one.low.abs().max(one.high.abs());
    match method {
        Method::Now => Some(trial.now()),
        Method::MinMax => each(&|one| [one.low, one.high]),
        Method::SymmetricMinMax => each(&|one| [-widest(one), widest(one)]),
        Method::MovingAverage => averages(data, channels.len()),
        Method::Percentile(cut) => {
            let cut = f64::from(cut) / 1000.0;
            let found = (0..channels.len()).map(|channel| cut_off(data, (channel, channels.len()), cut, stop));
            found.map(|ends| ends.map(around_zero)).collect()
        }
        Method::Entropy => {
            let levels = trial.levels()?;
            let found = channels.iter().map(|one| entropy::threshold(one, levels, channels.len(), stop));
            let found: Vec<f64> = found.collect::<Option<_>>()?;
            let signed = |(one, end): (&Histogram, f64)| around_zero([if one.low < 0.0 { -end } else { 0.0 }, end]);
            Some(channels.iter().zip(found).map(signed).collect())
        }
        Method::LeastError => search::least_error(trial, channels, false, stop),
        Method::SymmetricLeastError => search::least_error(trial, channels, true, stop),
    }
}

/// The ends after all batches: each tensor is one. `None` for one batch, of which an average says nothing.
fn averages(data: &[&Tensor], channels: usize) -> Option<Vec<[f32; 2]>> {
    let batches: Vec<&[f32]> = data.iter().filter_map(|tensor| tensor.slice::<f32>()).collect();
    if batches.len() < 2 {
        return None;
    }
    let mut ends: Vec<Option<[f64; 2]>> = vec![None; channels];
    for batch in batches {
        for (channel, ends) in ends.iter_mut().enumerate() {
            let finite = batch.iter().skip(channel).step_by(channels).filter(|v| v.is_finite()).map(|v| f64::from(*v));
            let fold = finite.fold(None, |ends: Option<[f64; 2]>, v| {
                Some(ends.map_or([v, v], |[low, high]| [low.min(v), high.max(v)]))
            });
            let Some([low, high]) = fold else { continue };
            *ends = Some(ends.map_or([low, high], |[a, b]| [a + AVERAGING * (low - a), b + AVERAGING * (high - b)]));
        }
    }
    let told =
        |ends: Option<[f64; 2]>| ends.map_or([0.0, 0.0], |[low, high]| [low.min(0.0) as f32, high.max(0.0) as f32]);
    Some(ends.into_iter().map(told).collect())
}

/// The percentiles of a channel that leave so many percent on each side; of several tensors those of all elements.
fn cut_off(data: &[&Tensor], (channel, channels): (usize, usize), percent: f64, stop: &Stop) -> Option<[f64; 2]> {
    let joined;
    let tensor = match data {
        [one] if channels == 1 => one,
        many => {
            let of = |tensor: &&Tensor| -> Vec<f32> {
                let all = tensor.slice::<f32>().unwrap_or_default();
                all.iter().skip(channel).step_by(channels).copied().collect()
            };
            joined = Tensor::vector(many.iter().flat_map(of).collect::<Vec<f32>>());
            &joined
        }
    };
    let ends = percentiles(tensor, &[percent, 100.0 - percent], stop)?;
    let known = |end: f64| if end.is_nan() { 0.0 } else { end };
    Some([known(ends[0]), known(ends[1])])
}

fn try_out(
    trial: &Trial,
    method: Method,
    ends: Vec<[f32; 2]>,
    data: &[&Tensor],
    gradients: Option<&Tensor>,
    stop: &Stop,
) -> Option<(Proposal, Vec<Damage>)> {
    let tried = trial.with(&ends)?;
    let mut channels = vec![Damage::default(); ends.len()];
    for (number, input) in data.iter().enumerate() {
        let output = tried.run(input)?;
        let gradients = gradients.filter(|gradients| number == 0 && gradients.shape() == input.shape());
        let found = damage(&Around { input, output: Some(&output), gradients }, &tried.ranges, stop)?;
        for (channel, found) in channels.iter_mut().zip(found) {
            *channel = Damage::all(&[std::mem::take(channel), found]);
        }
    }
    let mut together = Damage::all(&channels);
    // Of several tensors no place is one.
    together.worst = together.worst.filter(|_| data.len() == 1);
    Some((Proposal { method, ends, ranges: tried.ranges, damage: together }, channels))
}
