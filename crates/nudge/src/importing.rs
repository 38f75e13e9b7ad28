//! Graphs that are being read beside the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};

use node_core::access::Host as _;
use node_core::check::panic_text;
use node_core::{Problem, Registry};
use node_editor::host::ImportedPage;
use node_engine::executor::Wake;

use crate::import::{self, Refusal};
use crate::writing::Writing;

/// A file, and what became of it.
type Read = (PathBuf, Result<ImportedPage, Vec<Problem>>);

/// Threads that read graphs, and what they tell.
pub struct Importing {
    /// What they are at.
    jobs: Vec<Weak<Writing>>,
    outbox: Sender<Read>,
    told: Receiver<Read>,
}

impl Default for Importing {
    fn default() -> Importing {
        let (outbox, told) = channel();
        Importing { jobs: Vec::new(), outbox, told }
    }
}

impl Importing {
    /// Begins to read a graph. What was stopped is not told of.
    pub fn begin(&mut self, path: &Path, registry: &Arc<Registry>, wake: &Wake) -> Result<(), String> {
        let (registry, outbox) = (registry.clone(), self.outbox.clone());
        let job = Arc::new(Writing::new(path.to_owned(), wake.clone()));
        self.jobs.retain(|job| job.strong_count() > 0);
        self.jobs.push(Arc::downgrade(&job));
        let read = move || {
            let go_on = |done: f32| {
                job.progress((done * 1000.0) as usize, 1000);
                !job.is_cancelled()
            };
            let read = catch_unwind(AssertUnwindSafe(|| import::file(&job.path, &registry, &go_on)));
            let told = match read {
                Ok(Ok(imported)) => Some(Ok(imported)),
                Ok(Err(Refusal::Stopped)) => None,
                Ok(Err(Refusal::Wrong(problems))) => Some(Err(problems)),
                Ok(Err(Refusal::Unreadable(why))) => Some(Err(vec![Problem::page(why)])),
                Err(panic) => {
                    Some(Err(vec![Problem::page(format!("a mistake of the program ({})", panic_text(&*panic)))]))
                }
            };
            let (path, wake) = (job.path.clone(), job.wake.clone());
            drop(job);
            // Nobody listens any more once the editor is gone.
            if let Some(told) = told {
                let _ = outbox.send((path, told));
            }
            wake();
        };
        let thread = std::thread::Builder::new().name("nudge-importer".to_owned()).spawn(read);
        thread.map(drop).map_err(|error| error.to_string())
    }

    /// What is being read, and how much of it is done.
    pub fn under_way(&self) -> Vec<(PathBuf, f32)> {
        let jobs = self.jobs.iter().filter_map(Weak::upgrade);
        jobs.filter(|job| job.has_lasted()).map(|job| (job.path.clone(), job.done())).collect()
    }

    /// Stops reading.
    pub fn stop(&self) {
        self.jobs.iter().filter_map(Weak::upgrade).for_each(|job| job.stop());
    }

    /// What has been read since this was asked.
    pub fn read(&self) -> Vec<Read> {
        self.told.try_iter().collect()
    }
}
