//! The same bits? A page here and on a cluster, port by port: where they begin to differ, and why as far as it can be told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_core::check::{CheckedPage, Source, State};
use node_core::{BlockId, PortRef, Problem, Tensor};
use node_engine::analysis::Stop;
use node_engine::analysis::compare::{Comparison, compare};
use node_engine::{Engine, Request, RunOptions, available_threads, plan};

use crate::cluster::page::PageRun;
use crate::cluster::{Cluster, Patience, Target};
use crate::graph::Edge;
use crate::page::{PageGraph, graph};

/// A port whose bits differ.
#[derive(Clone, Debug)]
pub struct Differing {
    /// The port.
    pub port: PortRef,
    /// How far it is from what the cluster gives; nothing where type or shape is another already.
    pub by: Option<Comparison>,
    /// Whether what comes to its block is the same, so that it begins here.
    pub begins: bool,
    /// Why, as far as that can be told: of what begins here what the block does, of others where it comes from.
    pub why: String,
}

/// What a comparison comes to.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// How many ports there are on both sides.
    pub ports: usize,
    /// Those that differ, each after those that it follows from.
    pub differing: Vec<Differing>,
}

/// Compares all outputs of a page, here and on a cluster.
///
/// # Errors
/// What is wrong with the page, with a run of it, or with the cluster.
pub fn same_bits(
    (checked, name): (&CheckedPage, &str),
    target: &Target,
    options: &RunOptions<'_>,
    stop: Patience<'_>,
) -> Result<Compared, Vec<Problem>> {
    let ports = all_ports(checked);
    let here = Engine::new(available_threads(), 0).run(&plan(checked, &Request::fetch(&ports)), options);
    if here.cancelled {
        return Err(vec![Problem::page("it was stopped")]);
    }
    let failed: Vec<Problem> = here.problems().cloned().collect();
    if !failed.is_empty() {
        return Err(failed);
    }
    let PageGraph { lowered, fetched } = graph((checked, name), &ports, false, options)?;
    let one = |failure: crate::cluster::Failure| vec![failure.problem()];
    let cluster = Arc::new(Cluster::connect(target, stop).map_err(one)?);
    let run = PageRun::begin(&cluster, checked, lowered, stop)?;
    let edges: Vec<Edge> = fetched.iter().map(|(_, edge)| *edge).collect();
    let tensors = run.step(&edges, &[], stop).map_err(one)?;
    let there: BTreeMap<PortRef, Tensor> = fetched.into_iter().map(|(port, _)| port).zip(tensors).collect();
    let local = |port: &PortRef| {
        let index = checked.blocks.get(&port.block)?.output_index(&port.port)?;
        here.tensor(port.block.as_str(), index).cloned()
    };
    Ok(beside(checked, &there, &local))
}

/// All outputs that can be had, in an order in which each comes after those that it needs.
fn all_ports(checked: &CheckedPage) -> Vec<PortRef> {
    let mut ports = Vec::new();
    for id in checked.order.iter() {
        let Some(block) = checked.blocks.get(id).filter(|block| block.state == State::Ready) else { continue };
        let Some(setup) = &block.setup else { continue };
        let outputs = setup.ports.outputs().iter().enumerate().filter(|(index, _)| !block.is_absent(*index));
        ports.extend(outputs.map(|(_, output)| PortRef::new(id, &output.name)));
    }
    ports
}

/// Sets both sides beside each other.
fn beside(
    checked: &CheckedPage,
    there: &BTreeMap<PortRef, Tensor>,
    here: &dyn Fn(&PortRef) -> Option<Tensor>,
) -> Compared {
    let (mut compared, mut odd) = (Compared::default(), BTreeSet::new());
    for port in all_ports(checked) {
        let (Some(a), Some(b)) = (here(&port), there.get(&port)) else { continue };
        compared.ports += 1;
        let by = match compare(&a, b, 0.0, &Stop::default()) {
            Ok(comparison) if comparison.differing == 0 => continue,
            Ok(comparison) => Some(comparison),
            Err(_) => None,
        };
        let from = odd_source(checked, &port.block, &odd);
        let why = match &from {
            Some(from) => format!("follows from {from}"),
            None if by.is_none() => {
                format!("{} {} here, {} {} there", a.dtype(), a.shape(), b.dtype(), b.shape())
            }
            None => reason(checked, &port.block, &a, b),
        };
        odd.insert(port.clone());
        compared.differing.push(Differing { port, by, begins: from.is_none(), why });
    }
    compared
}

/// An output that comes to a block and differs.
fn odd_source(checked: &CheckedPage, id: &BlockId, odd: &BTreeSet<PortRef>) -> Option<PortRef> {
    let block = checked.blocks.get(id)?;
    block.inputs.iter().flatten().find_map(|source| {
        let Source::Output { block, index } = source else { return None };
        let setup = checked.blocks.get(block)?.setup.as_ref()?;
        let port = PortRef::new(block, setup.output_name(*index));
        odd.contains(&port).then_some(port)
    })
}

/// Operations that add up many terms.
const SUMS: [&str; 27] = [
    "AddN",
    "AvgPool",
    "AvgPoolGrad",
    "BatchMatMulV2",
    "BiasAddGrad",
    "Conv2D",
    "Conv2DBackpropFilter",
    "Conv2DBackpropInput",
    "Cumprod",
    "Cumsum",
    "DepthwiseConv2dNative",
    "DepthwiseConv2dNativeBackpropFilter",
    "DepthwiseConv2dNativeBackpropInput",
    "Einsum",
    "FakeQuantWithMinMaxVarsGradient",
    "FakeQuantWithMinMaxVarsPerChannelGradient",
    "FusedBatchNormGradV3",
    "FusedBatchNormV3",
    "L2Loss",
    "LRN",
    "MatMul",
    "Mean",
    "Prod",
    "ScatterNd",
    "SegmentSum",
    "Sum",
    "UnsortedSegmentSum",
];

/// Operations whose values are approximated, by each library in its own way.
const APPROXIMATED: [&str; 39] = [
    "Acos",
    "Acosh",
    "Asin",
    "Asinh",
    "Atan",
    "Atan2",
    "Atanh",
    "Betainc",
    "Cos",
    "Cosh",
    "Digamma",
    "Elu",
    "Erf",
    "Erfc",
    "Exp",
    "Expm1",
    "Lgamma",
    "Log",
    "Log1p",
    "LogSoftmax",
    "Pow",
    "RandomStandardNormal",
    "Reciprocal",
    "Rsqrt",
    "Selu",
    "Sigmoid",
    "Sin",
    "Sinh",
    "Softmax",
    "SoftmaxCrossEntropyWithLogits",
    "Softplus",
    "SoftplusGrad",
    "Softsign",
    "SparseSoftmaxCrossEntropyWithLogits",
    "Tan",
    "Tanh",
    "TruncatedNormal",
    "Xdivy",
    "ApplyAdam",
];

/// Why a block gives other bits for the same inputs.
fn reason(checked: &CheckedPage, id: &BlockId, here: &Tensor, there: &Tensor) -> String {
    let ty = checked.blocks.get(id).and_then(|block| block.spec()).map_or("", |spec| &spec.name);
    if only_subnormals(here, there) {
        return "subnormal numbers: TensorFlow's threads take them for 0, and here they are kept".to_owned();
    }
    if SUMS.contains(&ty) {
        return format!(
            "the order of a sum: {ty} adds many terms, TensorFlow in blocks as wide as its processor's registers, often with \
             fused multiply-add"
        );
    }
    if APPROXIMATED.contains(&ty) {
        return format!(
            "a library's polynomial: {ty} is approximated, there by Eigen or the C library, here by functions that are the same on every machine"
        );
    }
    format!("no reason is known: {ty} is expected to be the same; please report it with the page")
}

/// Whether all that differs is less than the least normal number, and 0 there.
fn only_subnormals(here: &Tensor, there: &Tensor) -> bool {
    macro_rules! only {
        ($t:ty) => {
            if let (Some(a), Some(b)) = (here.slice::<$t>(), there.slice::<$t>()) {
                let differ =
                    || a.iter().zip(b).filter(|(a, b)| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan()));
                return differ().count() > 0 && differ().all(|(a, b)| a.is_subnormal() && *b == 0.0);
            }
        };
    }
    only!(f32);
    only!(f64);
    false
}

impl Compared {
    /// What to tell, a line each.
    pub fn lines(&self, target: &Target) -> Vec<String> {
        let same = self.ports - self.differing.len();
        let mut lines = vec![match self.differing.len() {
            0 => format!("all {same} ports have the same bits here and on {target}"),
            differ => {
                format!("{same} of {} ports have the same bits here and on {target}, {differ} differ", self.ports)
            }
        }];
        for Differing { port, by, begins, why } in &self.differing {
            let far = by.as_ref().map(|by| {
                let ulp = by.max_ulp.map(|ulp| format!(", by {ulp} ULP at most")).unwrap_or_default();
                format!("{} of {} elements{ulp}; ", by.differing, by.count)
            });
            let begins = if *begins { "differs first" } else { "differs" };
            lines.push(format!("{port} {begins}: {}{why}", far.unwrap_or_default()));
        }
        lines
    }
}
