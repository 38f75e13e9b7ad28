//! A bar on a terminal for what takes longer than a second.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use node_core::BlockId;
use node_core::access::Host;

/// What is over sooner has no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on the standard error, if that is a terminal.
pub struct Bar {
    begun: Instant,
    /// What is done to a file.
    what: String,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    /// One of a run, not seen yet.
    pub fn new() -> Bar {
        Bar::of(String::new())
    }

    /// One of what is done to a file.
    pub fn of(what: String) -> Bar {
        Bar { begun: Instant::now(), what, bar: OnceLock::new() }
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

/// For what is read or written.
impl Host for Bar {
    fn progress(&self, done: usize, all: usize) {
        self.show(&self.what, done, all);
    }
}
