//! What becomes of gradients: block by block, and along chains.

use std::fmt::Write as _;

use node_core::number::f64_json;
use node_core::value::quoted;
use node_engine::analysis::audit::{Audit, Audits, Passed, Stopped};

use super::short;
use crate::cli::output::Output;

/// `"audit": …` and `"chains": …`, where there is something to tell.
pub fn json(audits: &Audits) -> String {
    let mut json = String::new();
    if !audits.blocks.is_empty() {
        let blocks = audits.blocks.iter().map(|(id, audit)| format!("{}: {}", quoted(id.as_str()), audit_json(audit)));
        let _ = write!(json, ", \"audit\": {{{}}}", blocks.collect::<Vec<_>>().join(", "));
    }
    if !audits.chains.is_empty() {
        let chains = audits.chains.iter().map(passed_json).collect::<Vec<_>>();
        let _ = write!(json, ", \"chains\": [{}]", chains.join(", "));
    }
    json
}

/// For people.
pub fn text(audits: &Audits, output: &mut Output) {
    for (id, audit) in &audits.blocks {
        output.line(format!("{id} stops gradients:"));
        output.line(format!("  {}", stopped_text(&audit.all)));
        if audit.channels.len() > 1 {
            for (number, channel) in audit.channels.iter().enumerate() {
                output.line(format!("  channel {number}: {}", stopped_text(channel)));
            }
        }
        output.line(format!("  with the range as typed: {}", stopped_text(&audit.typed)));
    }
    for passed in &audits.chains {
        let Passed { chain, through } = passed;
        let blocks = chain.outputs.iter().zip(through).map(|(port, part)| format!("{port} × {}", short(*part)));
        let blocks = blocks.collect::<Vec<_>>().join(", ");
        output.line(format!("of the norm of {}: {blocks}; together {}", chain.from, short(passed.together())));
    }
}

fn passed_json(passed: &Passed) -> String {
    let Passed { chain, through } = passed;
    let outputs = chain.outputs.iter().map(|port| quoted(&port.to_string())).collect::<Vec<_>>().join(", ");
    let through = through.iter().map(|part| f64_json(*part)).collect::<Vec<_>>().join(", ");
    let all = f64_json(passed.together());
    let from = quoted(&chain.from.to_string());
    format!("{{\"from\": {from}, \"outputs\": [{outputs}], \"through\": [{through}], \"norm\": {all}}}")
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
            let [below, inside, above, nan] = parts.map(f64_json);
            format!(
                "{shares}, \"norm\": {{\"below\": {below}, \"inside\": {inside}, \"above\": {above}, \"nan\": {nan}}}"
            )
        }
        None => format!("{shares}, \"norm\": null"),
    }
}

fn stopped_text(stopped: &Stopped) -> String {
    let shares = &stopped.shares;
    let total = shares.total().max(1) as f64;
    let [below, inside, above, nan] = stopped.norm.map_or([None; 4], |parts| parts.map(Some));
    let side = |name: &str, count: u64, norm: Option<f64>| {
        let norm = norm.map_or_else(String::new, |norm| format!(", {:.1} % of the norm", norm * 100.0));
        format!("{name} {count} ({:.1} %{norm})", count as f64 / total * 100.0)
    };
    let mut sides = vec![
        side("below", shares.below, below),
        side("inside", shares.inside, inside),
        side("above", shares.above, above),
    ];
    if shares.nan > 0 {
        sides.push(side("NaN", shares.nan, nan));
    }
    sides.join(", ")
}
