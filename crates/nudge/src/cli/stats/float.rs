//! Where error arises: the page beside itself without its quantizers.

use node_core::check::Surroundings;
use node_core::number::f64_json;
use node_core::value::quoted;
use node_core::{BlockId, Problem, Registry};
use node_engine::against_float::{AgainstFloat, Arising, against_float, badness};
use node_engine::analysis::Stop;
use node_engine::analysis::distance::Distance;
use node_engine::{Engine, available_threads};

use super::{Setup, short};
use crate::cli::options::{OptionError, usage};
use crate::cli::output::Output;

/// Stands for all blocks that quantize.
pub const ALL: &str = "*";

/// Both paths of the page; `chosen` names the blocks that are muted on the float path, or none for all.
pub fn paths(setup: &Setup, chosen: &str, registry: &Registry) -> Result<AgainstFloat, Vec<OptionError>> {
    let mut errors = Vec::new();
    let named = |name: &str| match setup.checked.blocks.keys().find(|id| id.as_str() == name.trim()) {
        Some(id) => Ok(id.clone()),
        None => {
            let names = setup.checked.blocks.iter().map(|(id, _)| id.as_str());
            let hint = node_core::problem::suggestion(name.trim(), names);
            usage("--against-float", chosen, format!("there is no block '{}'{hint}", name.trim()))
        }
    };
    let names = chosen.split(',').filter(|_| chosen != ALL);
    let found: Vec<BlockId> = names.filter_map(|name| named(name).map_err(|error| errors.push(error)).ok()).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let around = Surroundings { files: &setup.files, ..Surroundings::new(registry, &setup.feeds) };
    let what = (setup.fetch.as_slice(), (chosen != ALL).then_some(found.as_slice()));
    let mut engine = Engine::new(available_threads(), 0);
    let found = against_float(&setup.checked, what, &around, (&mut engine, &setup.run_options()), &Stop::default());
    let refused = |problem: Problem| OptionError::Usage(format!("--against-float: {problem}"));
    found.map(Option::unwrap_or_default).map_err(|problems| problems.into_iter().map(refused).collect())
}

/// `"against_float": …`.
pub fn json(errors: &AgainstFloat) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    let muted = list(errors.muted.iter().map(|id| quoted(id.as_str())).collect());
    let without = list(errors.without.iter().map(|port| quoted(&port.to_string())).collect());
    let port = |arising: &Arising| {
        let local = arising.local.as_ref().map_or("null".to_owned(), figures_json);
        let accumulated = figures_json(&arising.accumulated);
        format!("{}: {{\"local\": {local}, \"accumulated\": {accumulated}}}", quoted(&arising.port.to_string()))
    };
    let ports = errors.ports.iter().map(port).collect::<Vec<_>>().join(", ");
    format!(", \"against_float\": {{\"muted\": {muted}, \"ports\": {{{ports}}}, \"without\": {without}}}")
}

fn figures_json(distance: &Distance) -> String {
    let Distance { mse, max_abs, sqnr_db, cosine, .. } = distance;
    let [mse, max_abs, sqnr_db, cosine] = [mse, max_abs, sqnr_db, cosine].map(|value| f64_json(*value));
    format!("{{\"mse\": {mse}, \"max_abs\": {max_abs}, \"sqnr_db\": {sqnr_db}, \"cosine\": {cosine}}}")
}

/// For people: the worst first.
pub fn text(errors: &AgainstFloat, output: &mut Output) {
    if errors.muted.is_empty() {
        output.line("against float: no block that quantizes has run, so there is no error to tell");
        return;
    }
    let muted = errors.muted.iter().map(BlockId::as_str).collect::<Vec<_>>().join(", ");
    output.line(format!("against float, with {muted} muted:"));
    output
        .line("  SQNR is how much stronger values are than their error: 20 dB is an error of 10 %, each bit adds 6 dB");
    let mut added: Vec<(&Arising, &Distance)> =
        errors.ports.iter().filter_map(|arising| Some((arising, arising.local.as_ref()?))).collect();
    added.sort_by(|a, b| badness(a.1).total_cmp(&badness(b.1)));
    for (arising, local) in added {
        output.line(format!("  {} adds {}", arising.port, figures_text(local)));
    }
    let mut come: Vec<&Arising> = errors.ports.iter().filter(|arising| arising.differs()).collect();
    come.sort_by(|a, b| badness(&a.accumulated).total_cmp(&badness(&b.accumulated)));
    for arising in &come {
        output.line(format!("  {} has come to {}", arising.port, figures_text(&arising.accumulated)));
    }
    let same = errors.ports.len() - come.len();
    if same > 0 {
        output.line(format!("  {same} of {} outputs are the same on both paths", errors.ports.len()));
    }
    let without = errors.without.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !without.is_empty() {
        output.line(format!("  without a counterpart: {without}"));
    }
}

fn figures_text(distance: &Distance) -> String {
    let decibels = short((distance.sqnr_db * 100.0).round() / 100.0);
    let [mse, max_abs] = [distance.mse, distance.max_abs].map(short);
    if !distance.mse.is_finite() {
        return format!("MSE {mse}, at most {max_abs}: it is not finite any more");
    }
    if distance.sqnr_db == f64::NEG_INFINITY {
        return format!("MSE {mse}, at most {max_abs}; without quantization it is 0");
    }
    let cosine = short((distance.cosine * 1e6).round() / 1e6);
    format!("SQNR {decibels} dB, MSE {mse}, at most {max_abs}, cosine {cosine}")
}
