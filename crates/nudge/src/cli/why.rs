//! `nudge why`: why an element has its value, down to the sources.

use std::fmt::Write as _;

use node_core::value::quoted;
use node_core::why::Step;
use node_core::{BlockId, Registry};
use node_engine::analysis::why::{Answer, Explainer, Node, needed, parse};
use node_engine::{Request, plan};

use super::options::OptionError;
use super::output::Output;
use super::setup::{RunArguments, set_up, tell};
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
    let (fetch, preview) = needed(&setup.checked, &port);
    let request = Request { fetch, preview, ..Request::default() };
    let results = setup.run(plan(&setup.checked, &request));
    setup.problems.extend(results.problems().cloned());
    setup.problems.sort();
    setup.problems.iter().for_each(|problem| output.problem(file, problem));
    setup.refuse_changed_files()?;
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(&setup.checked, &find);
    if !setup.problems.is_empty() {
        return Ok(Status::Wrong);
    }
    let element = explainer.element(&port, &index).map_err(usage)?;
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
