//! A bar on a terminal for what takes longer than a second.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use node_core::access::{Alone, Host};
use node_core::{BlockId, Fault, KnownType, Tensor};

/// What is over sooner has no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on the standard error, if that is a terminal.
pub struct Bar {
    begun: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    /// One that is not seen yet.
    pub fn new() -> Bar {
        Bar { begun: Instant::now(), bar: OnceLock::new() }
    }

    /// How far a run is.
    pub fn of_run(&self, block: &BlockId, blocks: usize, done: usize, all: usize) {
        let others = if blocks > 1 { format!(" and {} more", blocks - 1) } else { String::new() };
        self.show(&format!("running {block}{others}"), done, all);
    }

    fn show(&self, what: &str, done: usize, all: usize) {
        if self.begun.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{msg} {bar:30} {percent} %, {eta} left");
            style.into_iter().for_each(|style| bar.set_style(style));
            bar
        });
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        bar.set_message(what.to_owned());
    }

    /// Takes it away, before something else is printed.
    pub fn clear(&self) {
        self.bar.get().into_iter().for_each(ProgressBar::finish_and_clear);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

/// For what is written.
impl Host for Bar {
    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) -> Result<(), Vec<Fault>> {
        Alone.each(pieces, work)
    }

    fn zeros(&self, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        Alone.zeros(ty)
    }

    fn progress(&self, done: usize, all: usize) {
        self.show("writing", done, all);
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}
