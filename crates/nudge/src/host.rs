//! Files for the editor, which knows none.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::SystemTime;

use node_core::check::panic_text;
use node_core::{Page, PortRef, Problem, Registry, Tensor};
use node_editor::host::{
    DataFiles, Entry, Host, ImportedPage, OnDisk, Over, Recovered, Reported, SaveRefusal, Unsaved,
};
use node_editor::state::clusters::{Devices, Told};
use node_engine::RunOptions;
use node_engine::analysis::Stop;
use node_engine::executor::Wake;
use node_io::files::{TensorFiles, Watcher};
use node_io::recovery::{self, Keeper, Kept};
use node_io::results::Format;
use node_io::save::{Expect, SaveError, save};
use node_io::{enuspace, memory, page_file};
use node_tensorflow::cluster::{Cluster, Device, Target, never};
use node_tensorflow::same_bits::same_bits;

use crate::export::Form;
use crate::importing::Importing;
use crate::writing::Writing;
use crate::{export, import, results, tensor_json};

/// The folder whose pages are opened by default.
const PAGES: &str = "pages";

/// Files on the disk; remembers what each held, so as not to write over what somebody else wrote.
pub struct FileHost {
    registry: Arc<Registry>,
    seen: BTreeMap<PathBuf, Seen>,
    /// The program's data folder, if it remembers.
    data: Option<PathBuf>,
    keeper: Option<Keeper>,
    /// Folders whose files all pages may read.
    allowed: Vec<PathBuf>,
    /// Looks whether files that pages read have changed, once a page reads some.
    watcher: Option<Watcher>,
    /// What pages may read, until it is watched.
    unwatched: Vec<TensorFiles>,
    /// The memory limit of a run.
    memory: u64,
    /// Threads that write results, and what they tell.
    writers: Writers,
    importing: Importing,
}

/// Threads that write results, and what they tell.
struct Writers {
    threads: Vec<JoinHandle<()>>,
    /// What they are at.
    jobs: Vec<Weak<Writing>>,
    outbox: Sender<Written>,
    told: Receiver<Written>,
}

/// A file, and what became of it.
type Written = (PathBuf, Result<(), String>);

impl Default for Writers {
    fn default() -> Writers {
        let (outbox, told) = channel();
        Writers { threads: Vec::new(), jobs: Vec::new(), outbox, told }
    }
}

/// What a file held when it was read or written here.
struct Seen {
    bytes: Vec<u8>,
    /// Its time and length then: as long as they are the same, so is it.
    stamp: Option<(SystemTime, u64)>,
}

/// A file's time and length.
fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl FileHost {
    fn has_seen(&mut self, path: &Path, bytes: Vec<u8>) {
        // Who writes within the clock's own step would not be told by time: the next look reads it once.
        let seen = Seen { bytes, stamp: None };
        self.seen.insert(self.identity(path), seen);
    }

    /// A host for pages with the block types of `registry`.
    pub fn new(registry: Arc<Registry>) -> FileHost {
        FileHost {
            registry,
            seen: BTreeMap::new(),
            data: None,
            keeper: None,
            allowed: Vec::new(),
            watcher: None,
            unwatched: Vec::new(),
            memory: memory::default_limit(),
            writers: Writers::default(),
            importing: Importing::default(),
        }
    }

    /// The same, which keeps what is not saved in the program's data folder.
    pub fn keeping(self, data: PathBuf) -> FileHost {
        let registry = self.registry.clone();
        let keeper = Keeper::start(&data, move |page| page_text(page, &registry));
        let keeper = match keeper {
            Ok(keeper) => Some(keeper),
            Err(error) => {
                let why = page_file::io_message(&error);
                eprintln!("note: {}: {why}; what is not saved is lost if Nudge breaks off", data.display());
                None
            }
        };
        FileHost { data: Some(data), keeper, ..self }
    }

    /// Folders whose files all pages may read.
    pub fn allow(&mut self, folders: impl IntoIterator<Item = PathBuf>) {
        self.allowed.extend(folders);
    }

    /// The page files that `paths` stand for: pages, and all pages of folders; without any, those of the folder `pages`.
    pub fn pages(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let default = [PathBuf::from(PAGES)];
        let given = !paths.is_empty();
        let paths = if given { paths } else { &default };
        let mut pages = Vec::new();
        for path in paths {
            if path.is_dir() {
                let entries = self.entries(path).unwrap_or_default();
                pages.extend(entries.into_iter().filter(|e| e.is_file).map(|e| path.join(e.name)));
            } else if given {
                pages.push(path.clone());
            }
        }
        pages
    }
}

impl FileHost {
    /// Writes a file on a thread of its own, which is told of as written results are.
    fn write_beside(
        &mut self,
        path: &Path,
        wake: &Wake,
        write: impl FnOnce(&Writing) -> Result<(), String> + Send + 'static,
    ) -> Result<(), String> {
        let outbox = self.writers.outbox.clone();
        let job = Arc::new(Writing::new(path.to_owned(), wake.clone()));
        self.writers.jobs.push(Arc::downgrade(&job));
        let thread = std::thread::Builder::new().name("nudge-writer".to_owned()).spawn(move || {
            let written = catch_unwind(AssertUnwindSafe(|| write(&job)));
            let mistake = |text: String| Err(format!("a mistake of the program ({text})"));
            let written = written.unwrap_or_else(|panic| mistake(panic_text(&*panic)));
            let (path, wake) = (job.path.clone(), job.wake.clone());
            drop(job);
            // Nobody listens any more once the editor is gone.
            let _ = outbox.send((path, written));
            wake();
        });
        self.writers.threads.retain(|thread| !thread.is_finished());
        self.writers.jobs.retain(|job| job.strong_count() > 0);
        self.writers.threads.push(thread.map_err(|error| error.to_string())?);
        Ok(())
    }
}

impl Host for FileHost {
    fn load(&mut self, path: &Path) -> Result<Page, Vec<Problem>> {
        let loaded = page_file::load(path)?;
        self.has_seen(path, loaded.bytes);
        Ok(loaded.page)
    }

    fn import(&mut self, path: &Path, registry: &Registry) -> Option<(Page, Vec<String>)> {
        let mut begin = Vec::new();
        std::fs::File::open(path).ok()?.take(enuspace::LOOKED_AT as u64).read_to_end(&mut begin).ok()?;
        let bytes = enuspace::is_task(&begin).then(|| enuspace::read(path).ok()).flatten()?;
        let imported = enuspace::import(&bytes, registry).ok()?;
        Some((imported.page, imported.left_out))
    }

    fn is_graph(&self, path: &Path) -> bool {
        import::is_graph(path)
    }

    fn begin_import(&mut self, path: &Path, registry: &Arc<Registry>, wake: &Wake) -> Result<(), String> {
        self.importing.begin(path, registry, wake)
    }

    fn importing(&self) -> Vec<(PathBuf, f32)> {
        self.importing.under_way()
    }

    fn stop_importing(&mut self) {
        self.importing.stop();
    }

    fn imported(&mut self) -> Vec<(PathBuf, Result<ImportedPage, Vec<Problem>>)> {
        self.importing.read()
    }

    fn write_import(&mut self, path: &Path, mut imported: ImportedPage, wake: &Wake) -> Result<(), String> {
        let registry = self.registry.clone();
        self.write_beside(path, wake, move |job| {
            let written = import::write(&job.path, &mut imported, &registry, job);
            written.map_err(|(path, error)| format!("{}: {error}", path.display()))
        })
    }

    fn peek(&mut self, path: &Path) -> Result<Page, Vec<Problem>> {
        page_file::load(path).map(|loaded| loaded.page)
    }

    fn on_disk(&mut self, path: &Path) -> OnDisk {
        let file = self.identity(path);
        let Some(seen) = self.seen.get_mut(&file) else { return OnDisk::Same };
        let now = stamp(path);
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return OnDisk::Gone,
            // Out of reach for now, or no file any more: nothing that could be read.
            Err(_) => return OnDisk::Same,
            Ok(metadata) if !metadata.is_file() => return OnDisk::Same,
            Ok(_) if now.is_some() && now == seen.stamp => return OnDisk::Same,
            Ok(_) => {}
        }
        match std::fs::read(path) {
            Ok(bytes) if bytes == seen.bytes => {
                seen.stamp = now;
                OnDisk::Same
            }
            Ok(_) => OnDisk::Other,
            Err(_) => OnDisk::Same,
        }
    }

    fn accept(&mut self, path: &Path) {
        match std::fs::read(path) {
            Ok(bytes) => self.has_seen(path, bytes),
            Err(_) => self.unsee(path),
        }
    }

    fn save(&mut self, path: &Path, page: &Page, over: Over) -> Result<(), SaveRefusal> {
        let text = self.to_text(page);
        let expect = match (over, self.seen.get(&self.identity(path))) {
            (Over::EvenReadOnly, _) => Expect::EvenReadOnly,
            (Over::Anything, _) => Expect::Anything,
            (Over::Own, Some(seen)) => Expect::Content(&seen.bytes),
            _ => Expect::Nothing,
        };
        match save(path, text.as_bytes(), expect) {
            Ok(()) => {
                self.has_seen(path, text.into_bytes());
                Ok(())
            }
            Err(SaveError::Changed) => Err(SaveRefusal::Changed),
            Err(SaveError::Exists) => Err(SaveRefusal::Exists),
            Err(SaveError::ReadOnly) => Err(SaveRefusal::ReadOnly),
            Err(error) => Err(SaveRefusal::Failed(error.to_string())),
        }
    }

    fn data_files(&mut self, page: Option<&Path>) -> DataFiles {
        // What fits is copied, so that nobody can change it under a run; the rest stays in its file.
        let files = TensorFiles::of_page(page.and_then(Path::parent), &self.allowed)
            .copying(self.memory / 4)
            .with_memory_limit(self.memory);
        self.unwatched.push(files.clone());
        DataFiles { run: Arc::new(files.for_run()), check: Arc::new(files) }
    }

    fn data_changed(&mut self, wake: &Wake) -> bool {
        if self.watcher.is_none() && self.unwatched.iter().any(TensorFiles::is_used) {
            let wake = wake.clone();
            self.watcher = Watcher::start(move || wake()).ok();
        }
        let Some(watcher) = &self.watcher else { return false };
        self.unwatched.drain(..).for_each(|files| watcher.add(&files));
        watcher.has_changed()
    }

    fn allow_data(&mut self, folder: &Path) {
        self.allowed.push(folder.to_owned());
    }

    fn data_entries(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        listed(folder, |name| TensorFiles::may_hold_arrays(Path::new(name)))
    }

    fn write_results(
        &mut self,
        path: &Path,
        page: &str,
        found: Vec<(PortRef, Tensor)>,
        wake: &Wake,
    ) -> Result<(), String> {
        let endings = || format!("The file must end in {}.", Format::endings().join(", "));
        let format = Format::of(path).ok_or_else(endings)?;
        if format.holds_one() && found.len() > 1 {
            let (one, count) = (format.with_article(), found.len());
            return Err(format!("{one} file holds one tensor, and the block has {count}; write .npz or .safetensors."));
        }
        let page = page.to_owned();
        self.write_beside(path, wake, move |job| {
            let found: Vec<_> = found.iter().map(|(port, tensor)| (port, tensor)).collect();
            let written = match format {
                Format::Json => {
                    let json = format!("{}\n", tensor_json::results(&page, found.iter().copied(), &[], None));
                    save(&job.path, json.as_bytes(), Expect::Anything)
                }
                _ => results::write(&job.path, format, &found, job),
            };
            written.map_err(|error| error.to_string())
        })
    }

    fn write_report(&mut self, path: &Path, page: Reported, wake: &Wake) -> Result<(), String> {
        let form = Form::of(path)
            .ok_or("The file must end in .html, .svg or .png; a graph of TensorFlow's in .pb, .pbtxt or .py.")?;
        let limit = self.memory / 2;
        self.write_beside(path, wake, move |job| match export::bytes(&page, form, limit, job.stop_flag())? {
            Some(bytes) => save(&job.path, &bytes, Expect::Anything).map_err(|error| error.to_string()),
            None => Err("it was stopped".to_owned()),
        })
    }

    fn check_target(&self, target: &str) -> Result<(), String> {
        Target::parse(target).map(drop)
    }

    fn check_device(&self, device: &str) -> Result<(), String> {
        Device::parse(device).map(drop)
    }

    fn check_against(
        &mut self,
        page: Reported,
        target: &str,
        (wake, stop): (&Wake, &Stop),
    ) -> Result<Receiver<Told>, String> {
        let (target, wake, limit) = (Target::parse(target)?, wake.clone(), self.memory / 2);
        let stop = stop.clone();
        let (outbox, told) = channel();
        let compare = move || {
            let files = &*page.files.run;
            let cancelled = || stop.is_set();
            let options = RunOptions { files, cancelled: &cancelled, ..RunOptions::with_memory_limit(limit) };
            let patience = |_| stop.is_set();
            let named = (&*page.checked, page.name.as_str());
            let compared = catch_unwind(AssertUnwindSafe(|| same_bits(named, &target, &options, &patience)));
            let lines = match compared {
                Ok(Ok(compared)) => Ok(compared.lines(&target)),
                Ok(Err(problems)) => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
                Err(panic) => Err(format!("a mistake of the program ({})", panic_text(&*panic))),
            };
            // Nobody listens any more once the editor is gone.
            let _ = outbox.send(lines);
            wake();
        };
        let thread = std::thread::Builder::new().name("nudge-compare".to_owned()).spawn(compare);
        thread.map(|_| told).map_err(|error| error.to_string())
    }

    fn devices(&mut self, target: &str, wake: &Wake) -> Result<Receiver<Devices>, String> {
        let (target, wake) = (Target::parse(target)?, wake.clone());
        let (outbox, devices) = channel();
        let ask = move || {
            let listed = Cluster::connect(&target, &never).and_then(|cluster| cluster.devices(&never));
            // Nobody listens any more once another cluster is asked.
            let _ = outbox.send(listed.map_err(|failure| failure.message));
            wake();
        };
        let thread = std::thread::Builder::new().name("nudge-devices".to_owned()).spawn(ask);
        thread.map(|_| devices).map_err(|error| error.to_string())
    }

    fn writing(&self) -> Vec<(PathBuf, f32)> {
        let jobs = self.writers.jobs.iter().filter_map(Weak::upgrade);
        jobs.filter(|job| job.has_lasted()).map(|job| (job.path.clone(), job.done())).collect()
    }

    fn stop_writing(&mut self) {
        self.writers.jobs.iter().filter_map(Weak::upgrade).for_each(|job| job.stop());
    }

    fn written_results(&mut self) -> Vec<Written> {
        self.writers.told.try_iter().collect()
    }

    fn allowed_data(&self) -> Vec<PathBuf> {
        self.allowed.clone()
    }

    fn recovered(&mut self) -> Vec<Recovered> {
        let Some(data) = &self.data else { return Vec::new() };
        let kept = recovery::abandoned(data).into_iter();
        let recovered = kept.filter_map(|Kept { name, path, base, kept }| {
            let page = page_file::load(&kept).ok()?.page;
            let now = path.as_deref().and_then(|path| std::fs::read(path).ok());
            let is_current = now.map(|bytes| recovery::fingerprint(&bytes)) == base;
            Some(Recovered { page, name, path, is_current, kept })
        });
        recovered.collect()
    }

    fn discard(&mut self, recovered: &[Recovered]) {
        if let Some(data) = &self.data {
            recovery::discard(data, &files_of(recovered));
        }
    }

    fn keep(&mut self, unsaved: Vec<Unsaved>, instead_of: &[Recovered]) {
        let base = |path: &PathBuf| self.seen.get(&self.identity(path)).map(|seen| recovery::fingerprint(&seen.bytes));
        let unsaved = unsaved.into_iter().map(|Unsaved { key, page, name, path }| {
            let base = path.as_ref().and_then(base);
            recovery::Unsaved { key, page, name, path, base }
        });
        if let Some(keeper) = &self.keeper {
            keeper.keep(unsaved.collect(), files_of(instead_of));
        }
    }

    fn unsee(&mut self, path: &Path) {
        self.seen.remove(&self.identity(path));
    }

    fn finish(&mut self) -> Vec<PathBuf> {
        // What is being written is finished first.
        self.writers.threads.drain(..).for_each(|thread| drop(thread.join()));
        self.keeper.take().map(|mut keeper| keeper.finish()).unwrap_or_default()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        // Links and `..` of a file that is not there yet are those of its folder.
        path.canonicalize().unwrap_or_else(|_| match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(name)
            }
            _ => path.to_owned(),
        })
    }

    fn entries(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        listed(folder, |name| name.ends_with(".json"))
    }

    fn openable(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        listed(folder, |name| name.ends_with(".json") || import::is_graph(Path::new(name)))
    }

    fn folder(&self) -> PathBuf {
        let here = std::env::current_dir().unwrap_or_default();
        let pages = here.join(PAGES);
        if pages.is_dir() { pages } else { here }
    }

    fn to_text(&self, page: &Page) -> String {
        page_text(page, &self.registry)
    }

    fn parse(&self, text: &str) -> Option<Page> {
        page_file::parse(text.as_bytes()).ok()
    }
}

/// Folders, and the files that are wanted, in a folder, sorted.
fn listed(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<Entry>, String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let listed = std::fs::read_dir(folder).map_err(|error| page_file::io_message(&error))?;
    let mut entries: Vec<Entry> = listed
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_file = !entry.path().is_dir();
            let is_shown = !name.starts_with('.') && (!is_file || wanted(&name));
            is_shown.then_some(Entry { is_file, name })
        })
        .collect();
    entries.sort();
    Ok(entries)
}

fn files_of(recovered: &[Recovered]) -> Vec<PathBuf> {
    recovered.iter().map(|recovered| recovered.kept.clone()).collect()
}

fn page_text(page: &Page, registry: &Registry) -> String {
    page_file::to_text(page, registry)
}
