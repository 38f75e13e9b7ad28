//! A page as a report, a picture or a graph of TensorFlow's, from the window and from the command line.

use std::path::Path;
use std::sync::Arc;

use node_core::check::{CheckedPage, Surroundings};
use node_core::{BlockId, PortRef, Problem, Registry, Role};
use node_editor::drawing;
use node_editor::host::Reported;
use node_engine::analysis::Stop;
use node_engine::{Engine, Request, Results, RunOptions, available_threads, default_fetch, plan};
use node_tensorflow::file::{self, Format};

use crate::{raster, report};

/// What a page is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A report in one file.
    Html,
    /// A picture in lines.
    Svg,
    /// A picture in pixels.
    Png,
    /// TensorFlow's graph.
    Graph(Format),
}

impl Form {
    /// The form that a file's ending says.
    pub fn of(path: &Path) -> Option<Form> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Form::Html),
            "svg" => Some(Form::Svg),
            "png" => Some(Form::Png),
            _ => Format::of(path).map(Form::Graph),
        }
    }
}

/// What is asked of a run so that blocks can be drawn with what they give.
pub fn glance(checked: &CheckedPage) -> Request {
    let all: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    Request { preview: all.clone(), health: all, shares: true, ..Request::default() }
}

/// A picture of a page with what a run gave.
pub fn picture(
    (checked, name): (&CheckedPage, &str),
    results: Results,
    registry: &Registry,
    (form, dark): (Form, bool),
) -> Result<Vec<u8>, String> {
    let (checked, name) = (Arc::new(checked.clone()), name.to_owned());
    let svg = drawing::svg(drawing::Subject { checked, name, results: results.blocks, registry }, dark);
    match form {
        Form::Png => raster::png(&svg),
        Form::Svg | Form::Html | Form::Graph(_) => Ok(svg.into_bytes()),
    }
}

/// An open page in the form that is asked for. `Ok(None)` once stopped.
pub fn bytes(page: &Reported, form: Form, memory_limit: u64, stop: &Stop) -> Result<Option<Vec<u8>>, String> {
    let cancelled = || stop.is_set();
    let files = &*page.files.run;
    let options = RunOptions { cancelled: &cancelled, files, ..RunOptions::with_memory_limit(memory_limit) };
    if form == Form::Html {
        let around = Surroundings { files: &*page.files.check, ..Surroundings::new(&page.registry, &page.feeds) };
        let fetch = default_fetch(&page.checked);
        let subject = report::Subject {
            checked: &page.checked,
            name: &page.name,
            fetch: &fetch,
            around: &around,
            options: &options,
            clipped: page.clipped,
        };
        return Ok(report::html(&subject, stop).map(|(html, _)| html.into_bytes()));
    }
    if let Form::Graph(format) = form {
        return graph(page, format, &options).map(|bytes| (!stop.is_set()).then_some(bytes));
    }
    let results = Engine::new(available_threads(), 0).run(&plan(&page.checked, &glance(&page.checked)), &options);
    if results.cancelled {
        return Ok(None);
    }
    picture((&page.checked, &page.name), results, &page.registry, (form, false)).map(Some)
}

/// A page as a graph; of the problems that stand in the way the first are told.
fn graph(page: &Reported, format: Format, options: &RunOptions<'_>) -> Result<Vec<u8>, String> {
    // What is fed just now is nobody else's.
    let given = page.feeds.iter().filter(|(port, _)| !is_fed(&page.checked, &port.block));
    let given = given.map(|(port, tensor)| (port.clone(), tensor.clone())).collect();
    let around = Surroundings { files: &*page.files.check, ..Surroundings::new(&page.registry, &given) };
    let checked = page.checked.recheck(&page.checked.page, &around);
    let fetch = default_fetch(&checked);
    let told = |problems: Vec<Problem>| {
        let first: Vec<String> = problems.iter().take(5).map(ToString::to_string).collect();
        let more = problems.len() - first.len();
        first.join("\n") + &if more > 0 { format!("\nand {more} more") } else { String::new() }
    };
    if !checked.problems.is_empty() {
        return Err(told(checked.problems.clone()));
    }
    let graph = node_tensorflow::page::graph((&checked, &page.name), &fetch, true, options).map_err(told)?;
    file::bytes(&graph.lowered, format, &page.name, &graph.fetched).map_err(told)
}

fn is_fed(checked: &CheckedPage, block: &BlockId) -> bool {
    checked.blocks.get(block).is_some_and(|block| block.role() == Some(Role::Feed))
}
