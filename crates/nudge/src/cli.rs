//! The command line: one file for each command.

mod blocks;
mod check;
mod compare;
mod export;
mod fmt;
mod folders;
mod grad;
mod import;
mod numpy_text;
mod on_cluster;
mod options;
mod output;
mod profile;
mod progress;
mod ranges;
mod render;
mod report;
mod results_file;
mod run;
mod same_bits;
mod setup;
mod signals;
mod stats;
mod steps;
mod sweep;
mod why;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use node_core::Registry;
use output::Output;

/// A block editor for tensor dataflow, made for quantization.
///
/// Without a command the editor opens on the given pages, or on all pages in the folder "pages".
#[derive(Parser)]
#[command(name = "nudge", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Pages, or folders of pages, to open in the editor.
    paths: Vec<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a page and prints every fetched result.
    Run(run::Arguments),
    /// Tells all that is wrong with pages, without running them.
    Check(check::Arguments),
    /// Rewrites pages in the canonical form.
    Fmt(fmt::Arguments),
    /// Runs a page over and over: how long it takes and how much memory, whole and by block.
    Profile(profile::Arguments),
    /// Statistics of every fetched port, and for each quantizer what falls below, inside and above its range.
    Stats(stats::Arguments),
    /// Compares two tensors, of pages or files: equal, or how far apart. With --target a page here and on a cluster.
    Compare(compare::Arguments),
    /// Proposes ranges for quantizers from the data that reach them, by several methods, with what would come of each.
    Ranges(ranges::Arguments),
    /// Draws a page as a picture, .svg or .png, without a display.
    Render(render::Arguments),
    /// Writes a page and what it does into one file to send to a colleague: picture, ranges, figures, gradients, warnings.
    Report(report::Arguments),
    /// Runs a page with one value of an attribute after the other, and tells figures of each run.
    Sweep(sweep::Arguments),
    /// Tells why an element has its value: what was done to which elements, down to the sources.
    Why(why::Arguments),
    /// Adds the blocks of the backward pass to a page: the gradient of one output for others.
    Grad(grad::Arguments),
    /// Writes a page as a graph of TensorFlow's, or as a Python program that computes it.
    Export(export::Arguments),
    /// Makes a page of a file of another program.
    Import(import::Arguments),
    /// Lists the block types, or documents one.
    Blocks(blocks::Arguments),
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people; may change.
    Text,
    /// For programs; may only grow.
    Json,
}

/// How a command ended, as the exit status says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// All is well.
    Good,
    /// A page or a file is wrong.
    Wrong,
    /// The command was used wrongly.
    Usage,
}

/// What is neither a page nor a command.
fn misspelt(path: &std::path::Path) -> String {
    let commands = Arguments::command();
    let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
    let text = path.display().to_string();
    let hint = node_core::problem::nearest(&text, names.iter().copied());
    let hint = hint.map(|name| format!("; did you mean 'nudge {name}'?")).unwrap_or_default();
    format!("there is no page and no command '{text}'{hint}")
}

/// Reads the command line and does what it says.
pub fn main(registry: Registry) -> ExitCode {
    let arguments = Arguments::parse();
    let mut output = Output::default();
    if arguments.command.is_some() {
        signals::tidy_up_first();
    }
    let status = match arguments.command {
        Some(Command::Run(arguments)) => run::run(&arguments, &registry, &mut output),
        Some(Command::Check(arguments)) => check::run(&arguments, &registry, &mut output),
        Some(Command::Fmt(arguments)) => fmt::run(&arguments, &registry, &mut output),
        Some(Command::Profile(arguments)) => profile::run(&arguments, &registry, &mut output),
        Some(Command::Stats(arguments)) => stats::run(&arguments, &registry, &mut output),
        Some(Command::Compare(arguments)) => compare::run(&arguments, &registry, &mut output),
        Some(Command::Ranges(arguments)) => ranges::run(&arguments, &registry, &mut output),
        Some(Command::Render(arguments)) => render::run(&arguments, &registry, &mut output),
        Some(Command::Report(arguments)) => report::run(&arguments, &registry, &mut output),
        Some(Command::Sweep(arguments)) => sweep::run(&arguments, &registry, &mut output),
        Some(Command::Why(arguments)) => why::run(arguments, &registry, &mut output),
        Some(Command::Grad(arguments)) => grad::run(&arguments, &registry, &mut output),
        Some(Command::Export(arguments)) => export::run(&arguments, &registry, &mut output),
        Some(Command::Import(arguments)) => import::run(&arguments, &registry, &mut output),
        Some(Command::Blocks(arguments)) => blocks::run(&arguments, &registry, &mut output),
        None => {
            let missing: Vec<_> = arguments.paths.iter().filter(|path| !path.exists()).collect();
            if missing.is_empty() {
                return crate::app::run(registry, arguments.paths);
            }
            missing.iter().for_each(|path| output.error(misspelt(path)));
            Status::Usage
        }
    };
    let written = output.flush();
    ExitCode::from(match status {
        Status::Good if !written => 1,
        Status::Good => 0,
        Status::Wrong => 1,
        Status::Usage => 2,
    })
}
