//! Which files a page may read, and files that change while they are read.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use node_core::Tensor;
use node_core::access::{Alone, Files, Sink as _};
use node_core::kernel::Chunk;
use node_io::files::TensorFiles;
use node_io::npy::NpySink;

fn npy(path: &Path, values: Vec<f32>) {
    let tensor = Tensor::vector(values);
    let sink = NpySink::create(path).unwrap();
    sink.write(0, &Chunk::of(&tensor).unwrap(), tensor.shape()).unwrap();
    sink.finish().unwrap();
}

/// Sets the flag however the test ends: the other thread is waited for.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// As `np.save` does it: the file is cut off, then written.
fn npy_in_place(path: &Path, values: Vec<f32>) {
    let beside = path.with_extension("new");
    npy(&beside, values);
    fs::write(path, fs::read(&beside).unwrap()).unwrap();
}

#[test]
fn a_page_reads_nothing_outside_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (pages, other) = (folder.path().join("pages"), folder.path().join("other"));
    fs::create_dir_all(pages.join("below")).unwrap();
    fs::create_dir(&other).unwrap();
    for path in [pages.join("own.npy"), pages.join("below/x.npy"), other.join("secret.npy")] {
        npy(&path, vec![1.0, 2.0]);
    }
    symlink(other.join("secret.npy"), pages.join("link.npy")).unwrap();
    symlink(&other, pages.join("folder")).unwrap();
    symlink("own.npy", pages.join("inside.npy")).unwrap();
    symlink("/dev/zero", pages.join("zero.npy")).unwrap();
    symlink("loop.npy", pages.join("loop.npy")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(pages.join("pipe.npy")).status().unwrap();
    assert!(made.success());
    let outside = other.join("secret.npy").to_string_lossy().into_owned();
    let files = TensorFiles::of_page(Some(&pages), &[]);
    let allowing = TensorFiles::of_page(Some(&pages), std::slice::from_ref(&other));
    let begun = Instant::now();
    for (path, alone, allowed) in [
        ("own.npy", "", ""),
        ("./below/../own.npy", "", ""),
        ("below/x.npy", "", ""),
        ("inside.npy", "", ""),
        ("link.npy", "lies outside", ""),
        ("folder/secret.npy", "lies outside", ""),
        ("../other/secret.npy", "lies outside", ""),
        (outside.as_str(), "lies outside", ""),
        ("../other/none.npy", "lies outside", "no such file"),
        ("/etc/passwd", "lies outside", "lies outside"),
        ("/no/such/file", "lies outside", "lies outside"),
        ("zero.npy", "lies outside", "lies outside"),
        ("pipe.npy", "no file, but a folder or a device", "no file, but a folder or a device"),
        ("below", "no file, but a folder or a device", "no file, but a folder or a device"),
        ("loop.npy", "cannot be read", "cannot be read"),
        ("none.npy", "no such file", "no such file"),
        ("", "path is empty", "path is empty"),
    ] {
        for (files, expected) in [(&files, alone), (&allowing, allowed)] {
            let found = [files.describe(path, "").map(drop), files.open(path, "", &Alone).map(drop)];
            for found in found {
                match (found, expected) {
                    (Ok(()), "") => {}
                    (Err(why), expected) => {
                        assert!(!expected.is_empty() && why.contains(expected), "{path}: {why} should say {expected}");
                    }
                    (Ok(()), _) => panic!("{path} was read"),
                }
            }
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "nothing waits for ever");
    assert_eq!(files.outside("link.npy"), other.canonicalize().ok(), "what it would take is known");
    assert_eq!(allowing.outside("link.npy"), None);
    let homeless = TensorFiles::of_page(None, &[]);
    assert!(homeless.describe("own.npy", "").unwrap_err().contains("save it first"));
    assert!(homeless.describe(&outside, "").unwrap_err().contains("lies outside"));
}

#[test]
fn a_change_is_seen_however_soon_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let files = TensorFiles::of_page(Some(folder.path()), &[]);
    let path = folder.path().join("x.npy");
    let mut before = None;
    for round in 0..30 {
        npy_in_place(&path, vec![round as f32]);
        let stamp = files.describe("x.npy", "").unwrap().stamp;
        assert_ne!(Some(stamp), before.replace(stamp), "round {round}");
        assert_eq!(files.describe("x.npy", "").unwrap().stamp, stamp);
    }
}

/// `np.save` over a file that is mapped cuts it off first: who reads it then would be ended by SIGBUS.
#[test]
fn a_mapped_file_that_is_saved_anew_over_and_over_ends_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npy(&path, vec![1.0; 1 << 20]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _done = Done(&done);
        scope.spawn(|| {
            for round in 0..u64::MAX {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                npy_in_place(&path, vec![1.0; 1 << 20]);
                // Now and then it can be opened.
                std::thread::sleep(Duration::from_millis(round % 5 * 15));
            }
        });
        let files = TensorFiles::of_page(Some(folder.path()), &[]);
        let begun = Instant::now();
        let (mut read, mut lost) = (0, 0);
        while begun.elapsed() < Duration::from_secs(5) || (lost == 0 && begun.elapsed() < Duration::from_secs(60)) {
            let Ok(tensor) = files.open("x.npy", "", &Alone) else { continue };
            assert!(tensor.is_in_file());
            let before = lost;
            for _ in 0..20 {
                let elements = tensor.slice::<f32>().unwrap();
                let ones = elements.iter().filter(|element| **element == 1.0).count();
                lost += usize::from(ones < elements.len());
                read += 1;
            }
            if lost > before {
                let changed = !files.changed_since_opened().is_empty();
                assert!(changed, "what is lost does not go unnoticed");
            }
        }
        assert!(read > 20 && lost > 0, "of {read} times it was read while it was cut off {lost} times");
    });
}

/// The same, copied: either all of one file or an error.
#[test]
fn a_copied_file_is_of_one_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npy(&path, vec![0.0; 1 << 18]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _done = Done(&done);
        scope.spawn(|| {
            for round in 0..u32::MAX {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                npy_in_place(&path, vec![round as f32; 1 << 18]);
                std::thread::sleep(Duration::from_millis(u64::from(round % 7) * 10));
            }
        });
        let files = TensorFiles::of_page(Some(folder.path()), &[]).copying(u64::MAX);
        let begun = Instant::now();
        let (mut whole, mut refused) = (0, 0);
        while begun.elapsed() < Duration::from_secs(4) {
            match files.open("x.npy", "", &Alone) {
                Ok(tensor) => {
                    let elements = tensor.slice::<f32>().unwrap();
                    assert!(elements.iter().all(|element| *element == elements[0]), "of one time");
                    whole += 1;
                }
                Err(_) => refused += 1,
            }
        }
        assert!(whole > 0, "{whole} were read, {refused} refused");
    });
}

/// Elsewhere the signal ends the program as ever: the guard is for guarded mappings alone.
#[test]
fn the_signal_is_not_swallowed() {
    use std::os::unix::process::ExitStatusExt as _;
    if std::env::var_os("NUDGE_RAISE_SIGBUS").is_some() {
        let folder = tempfile::tempdir().unwrap();
        npy(&folder.path().join("x.npy"), vec![1.0; 64]);
        let mapped = TensorFiles::of_page(Some(folder.path()), &[]).open("x.npy", "", &Alone).unwrap();
        assert!(mapped.is_in_file());
        let me = std::process::id().to_string();
        for _ in 0..3 {
            std::process::Command::new("kill").args(["-BUS", &me]).status().unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
        std::process::exit(0);
    }
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let status =
        again.args(["--exact", "the_signal_is_not_swallowed"]).env("NUDGE_RAISE_SIGBUS", "1").status().unwrap();
    assert_eq!(status.signal(), Some(7), "{status}");
}
