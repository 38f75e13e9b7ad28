//! `nudge why`: why an element has its value, down to the sources.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use node_core::check::State;
use node_core::value::quoted;
use node_core::why::Step;
use node_core::{BlockId, PortRef, Registry};
use node_engine::analysis::Stop;
use node_engine::analysis::reach::{Reached, reach};
use node_engine::analysis::why::{Answer, Element, Explainer, Node, Of, needed, parse};
use node_engine::{Request, needed_blocks, plan};

use super::options::OptionError;
use super::output::Output;
use super::setup::{RunArguments, Setup, set_up, tell};
use super::{Format, Status};

/// So many elements are told of at most.
const MOST: usize = 10_000;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArguments,
    /// The element: its port and its index, as NumPy counts; of a scalar the port alone.
    #[arg(value_name = "BLOCK.PORT[I,J]")]
    element: String,
    /// Of sums so many terms are named, the largest first.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    terms: u32,
    /// Tell forwards what the element reaches: the elements of later outputs that are computed from it.
    #[arg(long)]
    reaches: bool,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Tells why.
pub fn run(mut arguments: Arguments, registry: &Registry, output: &mut Output) -> Status {
    if !arguments.run.fetch.is_empty() {
        output.error("--fetch: nudge why tells of the one element that is named");
        return Status::Usage;
    }
    // What stands before the index.
    let text = arguments.element.trim();
    let port = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).map_or(text, |(port, _)| port.trim());
    arguments.run.fetch = vec![port.to_owned()];
    attempt(&arguments, registry, output).unwrap_or_else(|errors| {
        // Nobody has written --fetch.
        let named = |error| match error {
            OptionError::Usage(text) => OptionError::Usage(text.trim_start_matches("--fetch ").to_owned()),
            file => file,
        };
        tell(errors.into_iter().map(named).collect(), output)
    })
}

fn attempt(arguments: &Arguments, registry: &Registry, output: &mut Output) -> Result<Status, Vec<OptionError>> {
    let file = arguments.run.page.as_path();
    let Some(mut setup) = set_up(&arguments.run, registry, output, Vec::new())? else { return Ok(Status::Wrong) };
    let usage = |why: String| vec![OptionError::Usage(format!("{}: {why}", arguments.element))];
    let (port, index) = parse(&setup.checked, &arguments.element).map_err(usage)?;
    let (fetch, preview) = match arguments.reaches {
        true => onward(&mut setup, &port),
        false => needed(&setup.checked, &port),
    };
    let request = Request { fetch, preview, ..Request::default() };
    let results = setup.run(plan(&setup.checked, &request));
    setup.problems.extend(results.problems().cloned());
    setup.problems.sort();
    setup.problems.dedup();
    setup.problems.iter().for_each(|problem| output.problem(file, problem));
    setup.refuse_changed_files()?;
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(&setup.checked, &find);
    if !setup.problems.is_empty() && !arguments.reaches {
        return Ok(Status::Wrong);
    }
    let element = explainer.element(&port, &index).map_err(usage)?;
    if arguments.reaches {
        let reached = reach(&explainer, &element, &Stop::default()).unwrap_or_default();
        match arguments.format {
            Format::Json => output.line(reached_json(&explainer, &element, &reached)),
            Format::Text => reached_text(&explainer, &element, &reached, output),
        }
        return Ok(if setup.problems.is_empty() { Status::Good } else { Status::Wrong });
    }
    let nodes = explainer.chain(element, arguments.terms as usize, MOST);
    match arguments.format {
        Format::Json => output.line(to_json(&explainer, &nodes)),
        Format::Text => to_text(&explainer, &nodes, output),
    }
    let wrong = nodes.iter().filter_map(|node| match &node.told {
        Answer::Wrong(problem) => Some(problem),
        _ => None,
    });
    let mut status = Status::Good;
    wrong.for_each(|problem| {
        output.problem(file, problem);
        status = Status::Wrong;
    });
    Ok(status)
}

/// What it takes to tell what comes after: what the blocks behind an output give, and all that they need. What is wrong with
/// those blocks is a problem too.
fn onward(setup: &mut Setup, port: &PortRef) -> (Vec<PortRef>, Vec<PortRef>) {
    let mut behind = BTreeSet::new();
    let mut open = vec![port.block.clone()];
    while let Some(id) = open.pop().filter(|_| behind.len() <= setup.checked.blocks.len()) {
        let of_it = setup.checked.problems.iter().filter(|problem| problem.block.as_ref() == Some(&id));
        setup.problems.extend(of_it.cloned());
        let ready = setup.checked.blocks.get(&id).filter(|block| block.state == State::Ready);
        if let Some(block) = ready.filter(|_| behind.insert(id)) {
            open.extend(block.links.outgoing.iter().map(|wire| wire.to.block.clone()));
        }
    }
    let ends: Vec<PortRef> = behind.iter().map(|id| PortRef::new(id, "")).collect();
    let all: Vec<PortRef> = needed_blocks(&setup.checked, &ends).iter().map(|id| PortRef::new(id, "")).collect();
    (all.clone(), all)
}

/// The elements that are named, with their values.
fn named(explainer: &Explainer<'_>, reached: &Reached) -> Vec<(Element, String)> {
    let index = explainer.output_of(&reached.port).unwrap_or(0);
    let of = |flat: &usize| {
        let element = Element { block: reached.port.block.clone(), of: Of::Output(index), flat: *flat };
        let value = explainer.value_of(&element).map_or("…".to_owned(), |value| value.to_string());
        (element, value)
    };
    reached.first.iter().map(of).collect()
}

fn reached_text(explainer: &Explainer<'_>, element: &Element, reached: &[Reached], output: &mut Output) {
    let value = explainer.value_of(element).map_or("…".to_owned(), |value| value.to_string());
    output.line(format!("{} = {value}", explainer.name_of(element)));
    if reached.is_empty() {
        output.line("  reaches nothing: no block behind takes it, or none is there");
    }
    for found in reached {
        let Reached { port, count, of, first, exact } = found;
        if !exact {
            output.line(format!("  may reach all of {port}"));
            continue;
        }
        if count == of && *of > 1 {
            output.line(format!("  reaches all {of} elements of {port}"));
            continue;
        }
        let named = named(explainer, found);
        let named = named.iter().map(|(element, value)| format!("{} = {value}", explainer.name_of(element)));
        let more = count - first.len() as u64;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        output.line(format!("  reaches {}{more}", named.collect::<Vec<_>>().join(", ")));
    }
}

fn reached_json(explainer: &Explainer<'_>, element: &Element, reached: &[Reached]) -> String {
    let (port, index) = explainer.place_of(element);
    let one = |found: &Reached| {
        let elements = named(explainer, found)
            .into_iter()
            .map(|(element, _)| serde_json::to_string(&explainer.place_of(&element).1).unwrap_or_default());
        format!(
            "{{\"port\": {}, \"count\": {}, \"of\": {}, \"exact\": {}, \"first\": [{}]}}",
            quoted(&found.port.to_string()),
            found.count,
            found.of,
            found.exact,
            elements.collect::<Vec<_>>().join(", ")
        )
    };
    let reached = reached.iter().map(one).collect::<Vec<_>>().join(", ");
    let index = serde_json::to_string(&index).unwrap_or_default();
    format!("{{\"port\": {}, \"index\": {index}, \"reaches\": [{reached}]}}", quoted(&port.to_string()))
}

fn to_text(explainer: &Explainer<'_>, nodes: &[Node], output: &mut Output) {
    let mut open = vec![(0, 0)];
    while let Some((number, depth)) = open.pop() {
        let node = &nodes[number];
        // A chain of thousands of blocks is not moved out of sight.
        let margin = "  ".repeat(depth.min(40));
        let name = explainer.name_of(&node.element);
        match &node.told {
            Answer::Explained(explained) => {
                output.line(format!("{margin}{name} = {}", explained.value));
                output.line(format!("{margin}  {}", explained.reason.because));
                explained.reason.steps.iter().for_each(|step| output.line(format!("{margin}    {}", step_text(step))));
                open.extend(node.from.iter().rev().map(|from| (*from, depth + 2)));
                if explained.reason.omitted > 0 {
                    output.line(format!("{margin}    … and {} elements more", explained.reason.omitted));
                }
            }
            Answer::Before(value) => output.line(format!("{margin}{name} = {value} (as told above)")),
            Answer::TooMany => output.line(format!("{margin}{name} … (more than {MOST} elements: ask for it alone)")),
            Answer::Wrong(_) => output.line(format!("{margin}{name} …")),
        }
    }
}

fn step_text(step: &Step) -> String {
    let Step { name, formula, numbers, value, note } = step;
    let mut text = format!("{name} = {formula}");
    if numbers != formula {
        let _ = write!(text, " = {numbers}");
    }
    if numbers != value {
        let _ = write!(text, " = {value}");
    }
    if let Some(note) = note {
        let _ = write!(text, "  ({note})");
    }
    text
}

/// What is open while a tree is written: an element, or text that ends one.
enum Open {
    Node(usize),
    Text(&'static str),
}

fn to_json(explainer: &Explainer<'_>, nodes: &[Node]) -> String {
    let mut json = String::new();
    let mut open = vec![Open::Node(0)];
    while let Some(next) = open.pop() {
        let number = match next {
            Open::Text(text) => {
                json.push_str(text);
                continue;
            }
            Open::Node(number) => number,
        };
        let node = &nodes[number];
        let (port, index) = explainer.place_of(&node.element);
        let index: Vec<String> = index.iter().map(usize::to_string).collect();
        let _ = write!(json, "{{\"port\": {}, \"index\": [{}]", quoted(&port.to_string()), index.join(", "));
        let (value, because) = match &node.told {
            Answer::Explained(explained) => (explained.value.json(), explained.reason.because.clone()),
            Answer::Before(value) => (value.json(), "as told before".to_owned()),
            Answer::TooMany => ("null".to_owned(), format!("not told: more than {MOST} elements")),
            Answer::Wrong(problem) => ("null".to_owned(), format!("not told: {problem}")),
        };
        let _ = write!(json, ", \"value\": {value}, \"because\": {}", quoted(&because));
        if let Answer::Explained(explained) = &node.told {
            if !explained.reason.steps.is_empty() {
                let steps: Vec<String> = explained.reason.steps.iter().map(step_json).collect();
                let _ = write!(json, ", \"steps\": [{}]", steps.join(", "));
            }
            let _ = write!(json, ", \"omitted\": {}", explained.reason.omitted);
        }
        json.push_str(", \"from\": [");
        open.push(Open::Text("]}"));
        for (nth, from) in node.from.iter().enumerate().rev() {
            open.push(Open::Node(*from));
            if nth > 0 {
                open.push(Open::Text(", "));
            }
        }
    }
    json
}

fn step_json(step: &Step) -> String {
    let [name, formula, numbers, value] =
        [&step.name, &step.formula, &step.numbers, &step.value].map(|text| quoted(text));
    let note = step.note.as_ref().map_or_else(String::new, |note| format!(", \"note\": {}", quoted(note)));
    format!("{{\"name\": {name}, \"formula\": {formula}, \"numbers\": {numbers}, \"value\": {value}{note}}}")
}
