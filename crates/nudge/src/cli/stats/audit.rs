//! What becomes of gradients: block by block, and along chains.

use std::fmt::Write as _;

use node_core::number::f64_json;
use node_core::value::quoted;
use node_core::{BlockId, PortRef};
use node_engine::analysis::Stop;
use node_engine::analysis::audit::{Audit, Chain, Stopped, norm};
use node_engine::{Results, Stats};

use super::{Setup, at_input, short};
use crate::cli::output::Output;

/// What there is to tell of gradients.
pub struct Audits {
    blocks: Vec<(BlockId, Audit)>,
    chains: Vec<Passed>,
}

/// What is left of gradients along a chain.
struct Passed {
    chain: Chain,
    /// For each block the norm of what it gives over that of what it is given.
    through: Vec<f64>,
}

impl Audits {
    /// Of the blocks that a run had; `stats` gives the statistics of a port.
    pub fn of<'r>(
        setup: &Setup,
        results: &Results,
        chains: Vec<Chain>,
        stats: impl Fn(&PortRef) -> Option<&'r Stats>,
    ) -> Audits {
        let audit = |id: &BlockId| {
            let quantization = results.blocks.get(id)?.quantization.as_ref()?;
            let gradients = at_input(setup, results, id, quantization.gradients.as_deref()?)?;
            let input = at_input(setup, results, id, &quantization.input)?;
            Some((id.clone(), Audit::of(&input, &gradients, &quantization.ranges, &Stop::default())?))
        };
        let passed = |chain: Chain| {
            let ports = std::iter::once(&chain.from).chain(&chain.outputs);
            let norms = ports.map(|port| stats(port).map(norm)).collect::<Option<Vec<f64>>>()?;
            let through = norms.windows(2).map(|pair| pair[1] / pair[0]).collect();
            Some(Passed { chain, through })
        };
        Audits {
            blocks: results.blocks.keys().filter_map(audit).collect(),
            chains: chains.into_iter().filter_map(passed).collect(),
        }
    }

    /// `"audit": …` and `"chains": …`, where there is something to tell.
    pub fn json(&self) -> String {
        let mut json = String::new();
        if !self.blocks.is_empty() {
            let blocks =
                self.blocks.iter().map(|(id, audit)| format!("{}: {}", quoted(id.as_str()), audit_json(audit)));
            let _ = write!(json, ", \"audit\": {{{}}}", blocks.collect::<Vec<_>>().join(", "));
        }
        if !self.chains.is_empty() {
            let chains = self.chains.iter().map(Passed::json).collect::<Vec<_>>();
            let _ = write!(json, ", \"chains\": [{}]", chains.join(", "));
        }
        json
    }

    /// For people.
    pub fn text(&self, output: &mut Output) {
        for (id, audit) in &self.blocks {
            output.line(format!("{id} stops gradients:"));
            output.line(format!("  {}", stopped_text(&audit.all)));
            if audit.channels.len() > 1 {
                for (number, channel) in audit.channels.iter().enumerate() {
                    output.line(format!("  channel {number}: {}", stopped_text(channel)));
                }
            }
            output.line(format!("  with the range as typed: {}", stopped_text(&audit.typed)));
        }
        for Passed { chain, through } in &self.chains {
            let blocks = chain.outputs.iter().zip(through).map(|(port, part)| format!("{port} × {}", short(*part)));
            let all: f64 = through.iter().product();
            let blocks = blocks.collect::<Vec<_>>().join(", ");
            output.line(format!("of the norm of {}: {blocks}; together {}", chain.from, short(all)));
        }
    }
}

impl Passed {
    fn json(&self) -> String {
        let outputs = self.chain.outputs.iter().map(|port| quoted(&port.to_string())).collect::<Vec<_>>().join(", ");
        let through = self.through.iter().map(|part| f64_json(*part)).collect::<Vec<_>>().join(", ");
        let all = f64_json(self.through.iter().product());
        let from = quoted(&self.chain.from.to_string());
        format!("{{\"from\": {from}, \"outputs\": [{outputs}], \"through\": [{through}], \"norm\": {all}}}")
    }
}

fn audit_json(audit: &Audit) -> String {
    let mut json = format!("{{{}, \"typed\": {{{}}}", stopped_json(&audit.all), stopped_json(&audit.typed));
    if audit.channels.len() > 1 {
        let channels = audit.channels.iter().map(|channel| format!("{{{}}}", stopped_json(channel)));
        let _ = write!(json, ", \"channels\": [{}]", channels.collect::<Vec<_>>().join(", "));
    }
    json + "}"
}

fn stopped_json(stopped: &Stopped) -> String {
    let shares = super::shares_json(&stopped.shares);
    match stopped.norm {
        Some(parts) => {
            let [below, inside, above] = parts.map(f64_json);
            format!("{shares}, \"norm\": {{\"below\": {below}, \"inside\": {inside}, \"above\": {above}}}")
        }
        None => format!("{shares}, \"norm\": null"),
    }
}

fn stopped_text(stopped: &Stopped) -> String {
    let shares = &stopped.shares;
    let total = shares.total().max(1) as f64;
    let [below, inside, above] = stopped.norm.map_or([None; 3], |parts| parts.map(Some));
    let side = |name: &str, count: u64, norm: Option<f64>| {
        let norm = norm.map_or_else(String::new, |norm| format!(", {:.1} % of the norm", norm * 100.0));
        format!("{name} {count} ({:.1} %{norm})", count as f64 / total * 100.0)
    };
    [side("below", shares.below, below), side("inside", shares.inside, inside), side("above", shares.above, above)]
        .join(", ")
}
