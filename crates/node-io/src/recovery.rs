//! What is not saved yet, kept on the disk while it is worked on: a program that is killed, or loses its display, has no
//! time to ask.
//!
//! Each session has a file in the folder `sessions`, locked while it lives, and beside it an index of what it keeps. A
//! page is kept beside its own file, as `NAME.json.recovery`, one without a file in the folder `untitled`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use node_core::Page;
use serde::{Deserialize, Serialize};

use crate::save::{Expect, save};

/// A page to be kept.
pub struct Unsaved {
    /// The page.
    pub page: Arc<Page>,
    /// Its name, if it has none of its own.
    pub name: String,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
}

/// What an earlier session kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The page's name, if it has none of its own.
    pub name: String,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
    /// The file in which it is kept: a page as any other.
    pub kept: PathBuf,
}

/// Keeps the pages of this session, on a thread of its own.
pub struct Keeper {
    jobs: Option<Sender<Vec<Unsaved>>>,
    thread: Option<JoinHandle<Vec<PathBuf>>>,
}

impl Keeper {
    /// Begins a session in the program's data folder; `to_text` writes a page.
    pub fn start(data: &Path, to_text: impl Fn(&Page) -> String + Send + 'static) -> io::Result<Keeper> {
        let session = Session::begin(data)?;
        let (jobs, inbox) = channel();
        let thread = std::thread::Builder::new().name("nudge-keeper".to_owned());
        let thread = thread.spawn(move || session.work(&inbox, &to_text))?;
        Ok(Keeper { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Keeps these pages, and no others any more. Returns at once.
    pub fn keep(&self, unsaved: Vec<Unsaved>) {
        if let Some(jobs) = &self.jobs {
            // The thread ends with its inbox.
            let _ = jobs.send(unsaved);
        }
    }

    /// Ends the session; where pages are kept that were never saved.
    pub fn finish(&mut self) -> Vec<PathBuf> {
        self.jobs = None;
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

/// A session: its lock, its index and what it keeps by whose it is.
struct Session {
    data: PathBuf,
    name: String,
    kept: BTreeMap<(Option<PathBuf>, String), PathBuf>,
    _lock: File,
}

impl Session {
    fn begin(data: &Path) -> io::Result<Session> {
        let folder = data.join(SESSIONS);
        std::fs::create_dir_all(&folder)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
        let name = format!("{now}-{}", std::process::id());
        let lock = File::create_new(folder.join(&name).with_extension(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        Ok(Session { data: data.to_owned(), name, kept: BTreeMap::new(), _lock: lock })
    }

    fn work(mut self, inbox: &Receiver<Vec<Unsaved>>, to_text: &dyn Fn(&Page) -> String) -> Vec<PathBuf> {
        while let Ok(mut unsaved) = inbox.recv() {
            // Only the newest counts.
            while let Ok(newer) = inbox.try_recv() {
                unsaved = newer;
            }
            self.keep(&unsaved, to_text);
        }
        let left: Vec<PathBuf> = self.kept.values().cloned().collect();
        if left.is_empty() {
            remove_session(&self.data, &self.name);
        }
        left
    }

    /// What cannot be kept is not: there is nobody to tell, and the person's own saving tells of a disk that is full.
    fn keep(&mut self, unsaved: &[Unsaved], to_text: &dyn Fn(&Page) -> String) {
        let mut kept = BTreeMap::new();
        for (nth, page) in unsaved.iter().enumerate() {
            let path = page.path.as_deref().and_then(|path| std::path::absolute(path).ok());
            let name = if path.is_some() { page.name.clone() } else { format!("{}\n{nth}", page.name) };
            let key = (path, name);
            let place = self.kept.remove(&key).or_else(|| self.place(key.0.as_deref(), nth).ok());
            if let Some(place) =
                place.filter(|place| save(place, to_text(&page.page).as_bytes(), Expect::Anything).is_ok())
            {
                kept.insert(key, place);
            }
        }
        let gone = std::mem::replace(&mut self.kept, kept);
        let entries = self.kept.iter().map(|((path, name), kept)| Kept {
            name: name.split('\n').next().unwrap_or_default().to_owned(),
            path: path.clone(),
            kept: kept.clone(),
        });
        // The index first: a page that is named there and not there any more is passed over.
        let _ = write_index(&self.data, &self.name, &entries.collect::<Vec<_>>());
        gone.values().for_each(|place| drop(std::fs::remove_file(place)));
    }

    /// A free place for a page: beside its file, if something can be written there.
    fn place(&self, path: Option<&Path>, nth: usize) -> io::Result<PathBuf> {
        let own = path.and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        if let (Some(path), Some(name)) = (path, own) {
            for n in 1..100 {
                let suffix = if n == 1 { String::new() } else { format!(".{n}") };
                let place = path.with_file_name(format!("{name}{suffix}.{RECOVERY}"));
                match File::create_new(&place) {
                    Ok(_) => return Ok(place),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(_) => break,
                }
            }
        }
        let folder = self.data.join("untitled");
        std::fs::create_dir_all(&folder)?;
        let place = folder.join(format!("{}-{nth}.json.{RECOVERY}", self.name));
        File::create_new(&place).map(|_| place)
    }
}

const SESSIONS: &str = "sessions";
const LOCK: &str = "lock";
const RECOVERY: &str = "recovery";

fn index_path(data: &Path, session: &str) -> PathBuf {
    data.join(SESSIONS).join(session).with_extension("json")
}

fn write_index(data: &Path, session: &str, kept: &[Kept]) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(kept)?;
    save(&index_path(data, session), &text, Expect::Anything).map_err(io::Error::other)
}

fn read_index(data: &Path, session: &str) -> Vec<Kept> {
    let bytes = std::fs::read(index_path(data, session)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn remove_session(data: &Path, session: &str) {
    // The lock last: without it the index would be nobody's.
    let _ = std::fs::remove_file(index_path(data, session));
    let _ = std::fs::remove_file(data.join(SESSIONS).join(session).with_extension(LOCK));
}

/// The sessions that have ended and left something.
fn ended(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join(SESSIONS)).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = Vec::new();
    for path in entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == LOCK)) {
        let has_ended = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()).filter(|_| has_ended) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names
}

/// What sessions that have ended did not come to save, the oldest first.
pub fn abandoned(data: &Path) -> Vec<Kept> {
    let mut found = Vec::new();
    for session in ended(data) {
        let kept: Vec<Kept> = read_index(data, &session).into_iter().filter(|kept| kept.kept.is_file()).collect();
        if kept.is_empty() {
            remove_session(data, &session);
        }
        found.extend(kept);
    }
    found
}

/// Forgets what was kept in these files.
pub fn discard(data: &Path, files: &[PathBuf]) {
    for session in ended(data) {
        let (gone, left): (Vec<Kept>, Vec<Kept>) =
            read_index(data, &session).into_iter().partition(|kept| files.contains(&kept.kept));
        gone.iter().for_each(|kept| drop(std::fs::remove_file(&kept.kept)));
        if left.is_empty() {
            remove_session(data, &session);
        } else if !gone.is_empty() {
            let _ = write_index(data, &session, &left);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn page(name: &str) -> Arc<Page> {
        Arc::new(Page { name: Some(name.to_owned()), ..Page::default() })
    }

    fn to_text(page: &Page) -> String {
        page.name.clone().unwrap_or_default()
    }

    fn unsaved(name: &str, path: Option<PathBuf>) -> Unsaved {
        Unsaved { page: page(name), name: "untitled".to_owned(), path }
    }

    #[test]
    fn what_an_ended_session_kept_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let own = folder.path().join("p.json");
        let mut keeper = Keeper::start(&data, to_text).unwrap();
        keeper.keep(vec![unsaved("one", Some(own.clone())), unsaved("two", None), unsaved("three", None)]);
        assert!(abandoned(&data).is_empty(), "the session lives");
        let mut left = keeper.finish();
        left.sort();
        let found = abandoned(&data);
        assert_eq!(found.len(), 3, "{found:?}");
        let beside = found.iter().find(|kept| kept.path.is_some()).unwrap();
        assert_eq!((beside.path.as_ref(), &beside.kept), (Some(&own), &folder.path().join("p.json.recovery")));
        assert_eq!(std::fs::read_to_string(&beside.kept).unwrap(), "one");
        assert!(found.iter().all(|kept| kept.name == "untitled"));

        // Another session keeps the same page meanwhile: nothing is written over.
        let mut keeper = Keeper::start(&data, to_text).unwrap();
        keeper.keep(vec![unsaved("newer", Some(own.clone()))]);
        let second = keeper.finish();
        assert_eq!(std::fs::read_to_string(&beside.kept).unwrap(), "one");
        assert_eq!(second, [folder.path().join("p.json.2.recovery")]);
        discard(&data, &left);
        assert_eq!(abandoned(&data).len(), 1);
        discard(&data, &second);
        assert!(abandoned(&data).is_empty());
        assert_eq!(std::fs::read_dir(data.join(SESSIONS)).unwrap().count(), 0, "nothing is left over");
    }

    #[test]
    fn what_is_saved_is_kept_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("p.json");
        let mut keeper = Keeper::start(folder.path(), to_text).unwrap();
        keeper.keep(vec![unsaved("one", Some(own.clone()))]);
        while !folder.path().join("p.json.recovery").exists() {
            std::thread::yield_now();
        }
        keeper.keep(Vec::new());
        assert!(keeper.finish().is_empty());
        assert!(!folder.path().join("p.json.recovery").exists());
        assert_eq!(std::fs::read_dir(folder.path().join(SESSIONS)).unwrap().count(), 0);
    }
}
