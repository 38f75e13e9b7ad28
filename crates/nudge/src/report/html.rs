//! The report as HTML.

use std::fmt::Write as _;

use node_core::number::f32_text;
use node_core::{BlockId, QuantRange};
use node_engine::against_float::{Arising, badness};
use node_engine::analysis::audit::Stopped;
use node_engine::analysis::distance::Distance;
use node_engine::analysis::quantized::Damage;

use super::{Found, Quantizer, Subject, chart};

/// So many channels of a quantizer are listed, the worst first.
const CHANNELS: usize = 32;
/// So many outputs are listed.
const OUTPUTS: usize = 200;
/// So many elements of a result are shown.
const ELEMENTS: usize = 24;

const STYLE: &str = "body{font:14px/1.5 Inter,system-ui,sans-serif;color:#1d2430;background:#fff;max-width:1100px;margin:32px auto;padding:0 24px}\
h1{font-size:24px;margin:0}h2{font-size:17px;margin:32px 0 8px;border-bottom:1px solid #d5dae2;padding-bottom:4px}h3{font-size:15px;margin:20px 0 4px}\
table{border-collapse:collapse;margin:6px 0}td,th{padding:2px 14px 2px 0;text-align:left;font-variant-numeric:tabular-nums;vertical-align:top}\
th{font-weight:400;color:#57616f;font-size:12px}td:first-child{white-space:nowrap}td.n{font-family:'JetBrains Mono',monospace;font-size:12.5px;white-space:nowrap}\
.page svg{max-width:100%;height:auto;border:1px solid #d5dae2;border-radius:6px}.muted{color:#57616f}.error{color:#b42318}.warning{color:#8a5a00}\
.chart{width:640px;max-width:100%;background:#eef0f3;border-radius:4px;margin:4px 0}.chart text{font:11px 'JetBrains Mono',monospace;fill:#57616f}\
.below{fill:#3f6fd0}.inside{fill:#0a9a84}.above{fill:#c8543c}.end{stroke:#1d2430;stroke-width:1.4}.typed{stroke:#8a5a00;stroke-dasharray:4 3}";

/// All of it.
pub fn document(subject: &Subject<'_>, found: &Found, picture: &str) -> String {
    let name = escaped(subject.name);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title><style>{STYLE}</style></head><body>\n\
         <h1>{name}</h1>\n<p class=\"muted\">A page of Nudge {}: {} blocks, {} wires.</p>\n<div class=\"page\">{picture}</div>\n",
        env!("CARGO_PKG_VERSION"),
        subject.checked.page.blocks.len(),
        subject.checked.page.wires.len()
    );
    remarks(&mut out, found);
    results(&mut out, subject, found);
    if !found.quantizers.is_empty() {
        out.push_str("<h2>Quantizers</h2>\n");
        found.quantizers.iter().for_each(|quantizer| self::quantizer(&mut out, quantizer));
    }
    audits(&mut out, found);
    errors(&mut out, found);
    out + "</body></html>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A table with these heads; of a row all but the first cells are numbers.
fn table(out: &mut String, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    // Writing to a String cannot fail.
    let _ =
        writeln!(out, "<table><tr>{}</tr>", heads.iter().map(|head| format!("<th>{head}</th>")).collect::<String>());
    for row in rows {
        let cells = row.iter().enumerate().map(|(nth, cell)| {
            let is_text = nth == 0 || heads.get(nth) == Some(&"why");
            let class = if is_text { "" } else { " class=\"n\"" };
            format!("<td{class}>{}</td>", escaped(cell))
        });
        let _ = writeln!(out, "<tr>{}</tr>", cells.collect::<String>());
    }
    out.push_str("</table>\n");
}

fn figure(value: f64) -> String {
    f32_text(value as f32)
}

fn percent(part: f64) -> String {
    format!("{:.2} %", part * 100.0)
}

fn decibels(value: f64) -> String {
    match value {
        f64::INFINITY => "exact".to_owned(),
        f64::NEG_INFINITY => "0 in float".to_owned(),
        value if value.is_nan() => String::new(),
        value => format!("{value:.2} dB"),
    }
}

fn remarks(out: &mut String, found: &Found) {
    if !found.problems.is_empty() {
        out.push_str("<h2>Problems</h2>\n");
        for problem in &found.problems {
            let _ = writeln!(out, "<p class=\"error\">● {}</p>", escaped(&problem.to_string()));
        }
    }
    if !found.warnings.is_empty() {
        out.push_str("<h2>Warnings</h2>\n");
        for (id, warning) in &found.warnings {
            let port = warning.port.as_ref().map(|port| format!(".{port}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "<p><b>{id}{port}</b>: <span class=\"warning\">{}</span></p>",
                escaped(&warning.to_string())
            );
        }
    }
}

fn results(out: &mut String, subject: &Subject<'_>, found: &Found) {
    let rows = subject.fetch.iter().take(OUTPUTS).filter_map(|port| {
        let index = subject.checked.blocks.get(&port.block)?.output_index(&port.port)?;
        let tensor = found.results.tensor(port.block.as_str(), index)?;
        let stats = found.results.stats(subject.checked, port);
        let figures =
            stats.map_or_else(Default::default, |stats| [stats.min, stats.max, stats.mean, stats.std].map(figure));
        let first = found.results.blocks.get(&port.block)?.preview(index).map(|preview| preview.text(ELEMENTS));
        let first = first.unwrap_or_else(|| node_engine::Preview::of(tensor).text(ELEMENTS));
        let ty = tensor.tensor_type().to_string();
        Some([vec![port.to_string(), ty], figures.to_vec(), vec![first]].concat())
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        out.push_str("<h2>Results</h2>\n");
        table(out, &["output", "type", "min", "max", "mean", "std", "first elements"], rows);
    }
}

fn quantizer(out: &mut String, quantizer: &Quantizer) {
    let Quantizer { id, type_name, quantization, channels, distribution, proposals } = quantizer;
    let _ =
        writeln!(out, "<h3>{id} <span class=\"muted\">{} of {}</span></h3>", escaped(type_name), quantization.input);
    let one = if let [range] = quantization.ranges.as_slice() { Some(range) } else { None };
    out.push_str(&chart::histogram(distribution, one));
    let heads =
        ["", "typed", "nudged", "scale", "zero point", "below", "inside", "above", "NaN", "MSE", "SQNR", "levels used"];
    let all = Damage::all(channels);
    let mut rows: Vec<Vec<String>> = vec![damage_row("all", one, &all)];
    if channels.len() > 1 {
        let mut worst: Vec<usize> = (0..channels.len()).collect();
        let outside = |channel: usize| channels[channel].shares.below + channels[channel].shares.above;
        worst.sort_by(|a, b| {
            channels[*a].sqnr_db().total_cmp(&channels[*b].sqnr_db()).then(outside(*b).cmp(&outside(*a)))
        });
        let listed = worst.iter().take(CHANNELS).filter_map(|channel| {
            Some(damage_row(
                &format!("channel {channel}"),
                Some(quantization.ranges.get(*channel)?),
                &channels[*channel],
            ))
        });
        rows.extend(listed);
    }
    table(out, &heads, rows);
    if channels.len() > CHANNELS {
        let _ = writeln!(out, "<p class=\"muted\">The worst {CHANNELS} of {} channels.</p>", channels.len());
    }
    if !proposals.is_empty() {
        let rows = proposals.iter().map(|proposal| {
            let range = match proposal.ends.as_slice() {
                [[low, high]] => format!("{} to {}", f32_text(*low), f32_text(*high)),
                many => format!("{} ranges", many.len()),
            };
            vec![
                proposal.method.name(),
                range,
                figure(proposal.damage.mse()),
                decibels(proposal.damage.sqnr_db()),
                percent(proposal.clipped()),
                proposal.stopped().map(percent).unwrap_or_default(),
                proposal.method.reason(),
            ]
        });
        table(out, &["range proposed", "from, to", "MSE", "SQNR", "clipped", "gradient stopped", "why"], rows);
    }
}

fn damage_row(what: &str, range: Option<&QuantRange>, damage: &Damage) -> Vec<String> {
    let total = damage.shares.total().max(1) as f64;
    let share = |count: u64| format!("{count} ({})", percent(count as f64 / total));
    let between = |low: f32, high: f32| format!("{} to {}", f32_text(low), f32_text(high));
    let [typed, nudged, scale, zero] = range.map_or_else(Default::default, |range| {
        [
            between(range.min, range.max),
            between(range.nudged_min, range.nudged_max),
            f32_text(range.scale),
            range.zero_point.to_string(),
        ]
    });
    let shares = &damage.shares;
    let [mse, sqnr] = match damage.errors {
        0 => Default::default(),
        _ => [figure(damage.mse()), decibels(damage.sqnr_db())],
    };
    let levels = damage.levels.map(|[used, of]| format!("{used} of {of}")).unwrap_or_default();
    let places = [shares.below, shares.inside, shares.above, shares.nan].map(share);
    [vec![what.to_owned(), typed, nudged, scale, zero], places.to_vec(), vec![mse, sqnr, levels]].concat()
}

fn audits(out: &mut String, found: &Found) {
    if found.audits.blocks.is_empty() {
        return;
    }
    out.push_str("<h2>Gradients</h2>\n<p class=\"muted\">Elements whose gradients are stopped, and their part of the gradients' norm.</p>\n");
    let row = |id: &BlockId, what: &str, stopped: &Stopped| {
        let shares = &stopped.shares;
        let total = shares.total().max(1) as f64;
        let mut cells = vec![id.to_string(), what.to_owned()];
        for (side, count) in [shares.below, shares.inside, shares.above, shares.nan].into_iter().enumerate() {
            cells.push(format!("{count} ({})", percent(count as f64 / total)));
            cells.push(stopped.norm.map(|norm| percent(norm[side])).unwrap_or_default());
        }
        cells
    };
    let rows = found.audits.blocks.iter().flat_map(|(id, audit)| {
        let mut rows = vec![row(id, "in force", &audit.all)];
        if audit.typed != audit.all {
            rows.push(row(id, "with the range as typed", &audit.typed));
        }
        rows
    });
    table(out, &["block", "", "below", "norm", "inside", "norm", "above", "norm", "NaN", "norm"], rows);
    for passed in &found.audits.chains {
        let steps = passed.chain.outputs.iter().zip(&passed.through);
        let steps = steps.map(|(port, part)| format!("{port} lets through {}", percent(*part))).collect::<Vec<_>>();
        let _ = writeln!(
            out,
            "<p>Of the norm of {}: {}; together {}.</p>",
            passed.chain.from,
            steps.join(", "),
            percent(passed.together())
        );
    }
}

fn errors(out: &mut String, found: &Found) {
    let Some(errors) = found.errors.as_ref().filter(|errors| !errors.muted.is_empty()) else { return };
    let muted = errors.muted.iter().map(BlockId::as_str).collect::<Vec<_>>().join(", ");
    let _ = writeln!(
        out,
        "<h2>Error against float</h2>\n<p class=\"muted\">Beside the page with {muted} muted. SQNR is how much stronger values are \
         than their error: 20 dB is an error of 10 %, and each bit adds 6 dB.</p>"
    );
    let mut rows: Vec<&Arising> =
        errors.ports.iter().filter(|arising| arising.differs() || arising.local.is_some()).collect();
    rows.sort_by(|a, b| badness(&a.accumulated).total_cmp(&badness(&b.accumulated)));
    let rows = rows.into_iter().take(OUTPUTS).map(|arising| {
        let Distance { mse, max_abs, sqnr_db, cosine, .. } = arising.accumulated;
        let local = arising.local.map_or_else(Default::default, |local| [decibels(local.sqnr_db), figure(local.mse)]);
        let sqnr = if mse.is_finite() { decibels(sqnr_db) } else { "not finite".to_owned() };
        let cosine = if cosine.is_nan() { String::new() } else { format!("{cosine:.6}") };
        [vec![arising.port.to_string()], local.to_vec(), vec![sqnr, figure(mse), figure(max_abs), cosine]].concat()
    });
    table(out, &["output", "adds: SQNR", "adds: MSE", "so far: SQNR", "MSE", "largest", "cosine"], rows);
}
