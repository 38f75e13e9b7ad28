//! A page over files that are larger than the memory that it may use.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use node_core::check::Feeds;
use node_core::{PortRef, Tensor, check};
use node_engine::{Request, RunOptions, plan, run_once};
use node_io::page_file;

/// Elements of each file: 512 MiB.
const LEN: usize = 128 << 20;
/// The most anonymous memory that the run may have, in KiB.
const MOST: u64 = 256 << 10;

/// Numbers that look random, from -8 to 8, some of them special.
fn number(i: u64, seed: u64) -> f32 {
    let noise = (i + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    match noise & 0xffff {
        0 => f32::NAN,
        1 => f32::INFINITY,
        2 => -0.0,
        _ => noise as f32 / (1 << 20) as f32 - 8.0,
    }
}

fn write(path: &Path, seed: u64) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({LEN},), }}");
    let header = format!("{header:<117}\n");
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    for i in 0..LEN as u64 {
        file.write_all(&number(i, seed).to_le_bytes()).unwrap();
    }
    file.flush().unwrap();
}

/// Anonymous memory of a process in KiB, if it is still there.
fn anonymous(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// `dx` of a piece, run by itself.
fn in_piece(begin: usize, len: usize) -> Tensor {
    let page = Arc::new(page_file::load(&common::root().join("pages/qat_step.json")).unwrap().page);
    let piece = |seed| Tensor::vector((begin..begin + len).map(|i| number(i as u64, seed)).collect());
    let port = |text| PortRef::parse(text).unwrap();
    let feeds: Feeds = [(port("x.output"), piece(1)), (port("g.output"), piece(2))].into_iter().collect();
    let checked = check(&page, &common::registry(), &feeds);
    let plan = plan(&checked, &Request::fetch(&[port("dx.output")]));
    run_once(&plan, &RunOptions::with_memory_limit(1 << 30)).tensor("dx", 0).unwrap().clone()
}

#[test]
fn qat_step_over_files_of_512_mib() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::thread::scope(|scope| {
        scope.spawn(|| write(&path("x.npy"), 1));
        write(&path("g.npy"), 2);
    });
    let mut child = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .current_dir(folder.path())
        .arg("run")
        .arg(common::root().join("pages/qat_step.json"))
        .args(["--feed", "x.output=@x.npy", "--feed", "g.output=@g.npy", "--fetch", "dx.output", "-o", "dx.npy"])
        .args(["--memory", "64MiB"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(anonymous(&child).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(status.success(), "{errors}");
    assert!(most > 0 && most < MOST, "{most} KiB of anonymous memory");
    let mut file = File::open(path("dx.npy")).unwrap();
    assert_eq!(file.metadata().unwrap().len(), 128 + 4 * LEN as u64);
    let len = 1 << 16;
    for begin in (0..LEN).step_by(LEN / 16 + 4099).chain([LEN - len]) {
        let mut bytes = vec![0; 4 * len];
        file.seek(SeekFrom::Start(128 + 4 * begin as u64)).unwrap();
        file.read_exact(&mut bytes).unwrap();
        let found: Vec<f32> = bytes.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        assert!(Tensor::vector(found).same_bits(&in_piece(begin, len)), "from {begin}");
    }
}
