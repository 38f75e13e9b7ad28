//! A thread that looks whether files have changed. It looks itself, twice a second: what tells of changes by itself does not
//! do so on every file system.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::identity::Identity;
use super::{Shared, TensorFiles};

/// How often it looks.
const EVERY: Duration = Duration::from_millis(500);

type Watched = Arc<Mutex<Vec<Weak<Mutex<Shared>>>>>;

/// Looks whether files have changed that pages have asked for; ends with this.
pub struct Watcher {
    watched: Watched,
    has_changed: Arc<AtomicBool>,
    _stop: Sender<()>,
}

impl Watcher {
    /// Starts it; `wake` is called from its thread whenever files have changed.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Watcher> {
        let (stop, stopped) = channel();
        let (watched, has_changed) = (Watched::default(), Arc::new(AtomicBool::new(false)));
        let work = (watched.clone(), has_changed.clone());
        let thread = std::thread::Builder::new().name("nudge-watcher".to_owned());
        thread.spawn(move || watch(&work.0, &work.1, &stopped, &wake))?;
        Ok(Watcher { watched, has_changed, _stop: stop })
    }

    /// Looks after what is asked of these files too, as long as anyone has them.
    pub fn add(&self, files: &TensorFiles) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&files.shared));
    }

    /// Whether files have changed since this was last asked.
    pub fn has_changed(&self) -> bool {
        self.has_changed.swap(false, Ordering::AcqRel)
    }
}

fn watch(watched: &Watched, has_changed: &AtomicBool, stopped: &Receiver<()>, wake: &dyn Fn()) {
    let mut seen: BTreeMap<PathBuf, Option<Identity>> = BTreeMap::new();
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
        let mut now = BTreeMap::new();
        for (path, was) in asked_for(watched) {
            let is = fs::metadata(&path).ok().map(|metadata| Identity::of(&metadata));
            let before = seen.remove(&path).unwrap_or(was);
            if is != before {
                has_changed.store(true, Ordering::Release);
            }
            now.insert(path, is);
        }
        seen = now;
        if has_changed.load(Ordering::Acquire) {
            wake();
        }
    }
}

/// The files that somebody has asked for, and what they were then.
fn asked_for(watched: &Watched) -> BTreeMap<PathBuf, Option<Identity>> {
    let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
    let mut asked = BTreeMap::new();
    watched.retain(|files| {
        let Some(files) = files.upgrade() else { return false };
        let files = files.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend(files.missing.iter().map(|path| (path.clone(), None)));
        asked.extend(files.known.iter().map(|(path, known)| (path.clone(), Some(known.identity))));
        true
    });
    asked
}
