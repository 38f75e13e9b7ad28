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
    /// Which page of the session: the same number as long as it is open.
    pub key: u64,
    /// The page.
    pub page: Arc<Page>,
    /// Its name, if it has none of its own.
    pub name: String,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
    /// The fingerprint of what that file held when it was read or written last.
    pub base: Option<u64>,
}

/// What an earlier session kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The page's name, if it has none of its own.
    pub name: String,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
    /// The fingerprint of what that file held then.
    #[serde(default)]
    pub base: Option<u64>,
    /// The file in which it is kept: a page as any other.
    pub kept: PathBuf,
}

/// What stands for a file's content.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}

/// What the thread is asked to do: keep these pages and no others any more, then forget what earlier sessions kept in
/// these files.
struct Job {
    unsaved: Vec<Unsaved>,
    discard: Vec<PathBuf>,
}

/// Keeps the pages of this session, on a thread of its own.
pub struct Keeper {
    jobs: Option<Sender<Job>>,
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

    /// Keeps these pages, and no others any more; once they are safe, what earlier sessions kept in `discard` is forgotten.
    /// Returns at once.
    pub fn keep(&self, unsaved: Vec<Unsaved>, discard: Vec<PathBuf>) {
        if let Some(jobs) = &self.jobs {
            // The thread ends with its inbox.
            let _ = jobs.send(Job { unsaved, discard });
        }
    }

    /// Ends the session; where pages are kept that were never saved.
    pub fn finish(&mut self) -> Vec<PathBuf> {
        self.jobs = None;
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

/// A session: its lock, its index and what it keeps of each page.
struct Session {
    data: PathBuf,
    name: String,
    kept: BTreeMap<u64, Kept>,
    /// What is forgotten once all that is to be kept is.
    discard: Vec<PathBuf>,
    /// How many pages without a place of their own it has kept.
    untitled: usize,
    _lock: File,
}

impl Session {
    fn begin(data: &Path) -> io::Result<Session> {
        let folder = data.join(SESSIONS);
        std::fs::create_dir_all(&folder)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
        let name = format!("{now}-{}", std::process::id());
        // Locked before it has its name: another session that starts now would take it for one that has ended.
        let nameless = folder.join(&name).with_extension("new");
        let lock = File::create_new(&nameless)?;
        let locked = lock.try_lock().map_err(io::Error::from);
        let named = locked.and_then(|()| std::fs::rename(&nameless, nameless.with_extension(LOCK)));
        if let Err(error) = named {
            let _ = std::fs::remove_file(&nameless);
            return Err(error);
        }
        let (kept, discard) = (BTreeMap::new(), Vec::new());
        Ok(Session { data: data.to_owned(), name, kept, discard, untitled: 0, _lock: lock })
    }

    fn work(mut self, inbox: &Receiver<Job>, to_text: &dyn Fn(&Page) -> String) -> Vec<PathBuf> {
        while let Ok(job) = inbox.recv() {
            let mut unsaved = job.unsaved;
            self.discard.extend(job.discard);
            // Only the newest counts.
            while let Ok(newer) = inbox.try_recv() {
                unsaved = newer.unsaved;
                self.discard.extend(newer.discard);
            }
            if self.keep(&unsaved, to_text) {
                discard(&self.data, &std::mem::take(&mut self.discard));
            }
        }
        let left: Vec<PathBuf> = self.kept.values().map(|kept| kept.kept.clone()).collect();
        if left.is_empty() {
            remove_session(&self.data, &self.name);
        }
        left
    }

    /// Whether all of it is kept. What cannot be kept keeps its last copy: there is nobody to tell, and the person's own
    /// saving tells of a disk that is full.
    fn keep(&mut self, unsaved: &[Unsaved], to_text: &dyn Fn(&Page) -> String) -> bool {
        let mut gone: Vec<PathBuf> = Vec::new();
        let is_open = |key: &u64| unsaved.iter().any(|page| page.key == *key);
        self.kept.retain(|key, kept| {
            is_open(key) || {
                gone.push(kept.kept.clone());
                false
            }
        });
        let mut placed: Vec<u64> = Vec::new();
        for page in unsaved {
            let path = page.path.as_deref().and_then(|path| std::path::absolute(path).ok());
            let moved = self.kept.get(&page.key).is_some_and(|kept| kept.path != path);
            if moved && let Some(old) = self.kept.remove(&page.key) {
                gone.push(old.kept);
            }
            if let Some(kept) = self.kept.get_mut(&page.key) {
                (kept.name, kept.base) = (page.name.clone(), page.base);
            } else if let Ok(kept) = self.place(path.as_deref()) {
                self.kept.insert(page.key, Kept { name: page.name.clone(), path, base: page.base, kept });
                placed.push(page.key);
            }
        }
        // The index comes first: an empty file that it names is passed over, one that nobody names would stay for ever.
        let mut all = self.write_index();
        for page in unsaved {
            let Some(kept) = self.kept.get(&page.key).map(|kept| kept.kept.clone()) else {
                all = false;
                continue;
            };
            if save(&kept, to_text(&page.page).as_bytes(), Expect::Anything).is_err() {
                all = false;
                if placed.contains(&page.key) {
                    self.kept.remove(&page.key);
                    gone.push(kept);
                }
            }
        }
        gone.iter().for_each(|place| drop(std::fs::remove_file(place)));
        all
    }

    fn write_index(&self) -> bool {
        let kept: Vec<Kept> = self.kept.values().cloned().collect();
        write_index(&self.data, &self.name, &kept).is_ok()
    }

    /// A free place for a page: beside its file, if something can be written there.
    fn place(&mut self, path: Option<&Path>) -> io::Result<PathBuf> {
        let own = path.and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        if let (Some(path), Some(name)) = (path, own) {
            for n in 1..100 {
                let suffix = if n == 1 { String::new() } else { format!(".{n}") };
                let place = path.with_file_name(format!("{name}{suffix}.{RECOVERY}"));
                match create_private(&place) {
                    Ok(()) => return Ok(place),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(_) => break,
                }
            }
        }
        let folder = self.data.join("untitled");
        std::fs::create_dir_all(&folder)?;
        self.untitled += 1;
        let place = folder.join(format!("{}-{}.json.{RECOVERY}", self.name, self.untitled));
        create_private(&place).map(|()| place)
    }
}

/// A new file that only its owner reads: the page itself may be private.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
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
        let kept: Vec<Kept> = read_index(data, &session).into_iter().filter(|kept| !is_gone(&kept.kept)).collect();
        if kept.is_empty() {
            remove_session(data, &session);
        }
        found.extend(kept.into_iter().filter(|kept| kept.kept.is_file()));
    }
    found
}

/// Whether a copy is gone for good: not if its folder is out of reach, on a disk that is not there now. A copy without
/// content was never made.
fn is_gone(kept: &Path) -> bool {
    match std::fs::metadata(kept) {
        Ok(metadata) if metadata.len() == 0 => {
            let _ = std::fs::remove_file(kept);
            true
        }
        Ok(_) => false,
        Err(error) => error.kind() == io::ErrorKind::NotFound && kept.parent().is_some_and(Path::is_dir),
    }
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

    fn unsaved(key: u64, name: &str, path: Option<PathBuf>) -> Unsaved {
        Unsaved { key, page: page(name), name: "untitled".to_owned(), path, base: None }
    }

    /// Waits until the thread has come so far.
    fn until(what: impl Fn() -> bool) {
        let begun = std::time::Instant::now();
        while !what() {
            assert!(begun.elapsed().as_secs() < 20, "it does not come");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn contents(kept: &[PathBuf]) -> Vec<String> {
        let mut texts: Vec<String> = kept.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        texts.sort();
        texts
    }

    /// Pages without a file come and go in any order: each is kept as long as it is open, and what it is now.
    #[test]
    fn untitled_pages_do_not_get_in_each_others_way() {
        let mut open: Vec<u64> = Vec::new();
        let mut seed = 7u64;
        for round in 0..30 {
            let folder = tempfile::tempdir().unwrap();
            let mut keeper = Keeper::start(folder.path(), to_text).unwrap();
            open.clear();
            for step in 0..12u64 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if seed >> 62 == 0 && !open.is_empty() {
                    open.remove((seed >> 33) as usize % open.len());
                } else {
                    open.insert((seed >> 33) as usize % (open.len() + 1), step);
                }
                let pages = open.iter().map(|key| unsaved(*key, &format!("page {key} of {round}"), None));
                keeper.keep(pages.collect(), Vec::new());
            }
            let mut expected: Vec<String> = open.iter().map(|key| format!("page {key} of {round}")).collect();
            expected.sort();
            assert_eq!(contents(&keeper.finish()), expected);
            assert_eq!(abandoned(folder.path()).len(), open.len());
        }
    }

    #[test]
    fn what_is_recovered_is_forgotten_only_once_it_is_kept_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Keeper::start(folder.path(), to_text).unwrap();
        first.keep(vec![unsaved(1, "precious", None)], Vec::new());
        let kept = first.finish();
        // A page that cannot be kept: its folder is not there, and neither is that for pages without one.
        let mut second = Keeper::start(folder.path(), to_text).unwrap();
        std::fs::rename(folder.path().join("untitled"), folder.path().join("elsewhere")).unwrap();
        std::fs::write(folder.path().join("untitled"), "").unwrap();
        second.keep(vec![unsaved(1, "precious", None)], kept.clone());
        assert!(second.finish().is_empty());
        std::fs::remove_file(folder.path().join("untitled")).unwrap();
        std::fs::rename(folder.path().join("elsewhere"), folder.path().join("untitled")).unwrap();
        assert_eq!(contents(&kept), ["precious"], "the old copy is there still");
        assert_eq!(abandoned(folder.path()).len(), 1, "and is offered");
        let mut third = Keeper::start(folder.path(), to_text).unwrap();
        third.keep(vec![unsaved(1, "precious", None)], kept.clone());
        let again = third.finish();
        assert_eq!(contents(&again), ["precious"]);
        assert!(!kept[0].exists() && abandoned(folder.path()).len() == 1);
    }

    #[test]
    fn a_copy_out_of_reach_is_offered_once_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let (data, stick) = (folder.path().join("data"), folder.path().join("stick"));
        std::fs::create_dir(&stick).unwrap();
        let mut keeper = Keeper::start(&data, to_text).unwrap();
        keeper.keep(vec![unsaved(1, "far", Some(stick.join("p.json")))], Vec::new());
        keeper.finish();
        std::fs::rename(&stick, folder.path().join("unplugged")).unwrap();
        assert!(abandoned(&data).is_empty());
        std::fs::rename(folder.path().join("unplugged"), &stick).unwrap();
        assert_eq!(abandoned(&data).len(), 1);
    }

    #[test]
    fn what_an_ended_session_kept_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let own = folder.path().join("p.json");
        let mut keeper = Keeper::start(&data, to_text).unwrap();
        keeper.keep(
            vec![unsaved(1, "one", Some(own.clone())), unsaved(2, "two", None), unsaved(3, "three", None)],
            Vec::new(),
        );
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
        keeper.keep(vec![unsaved(1, "newer", Some(own.clone()))], Vec::new());
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
        keeper.keep(vec![unsaved(1, "one", Some(own.clone()))], Vec::new());
        until(|| folder.path().join("p.json.recovery").exists());
        keeper.keep(Vec::new(), Vec::new());
        assert!(keeper.finish().is_empty());
        assert!(!folder.path().join("p.json.recovery").exists());
        assert_eq!(std::fs::read_dir(folder.path().join(SESSIONS)).unwrap().count(), 0);
    }
}
