//! Files that hold arrays, against what NumPy, safetensors and Pillow wrote into them (`assets/golden/make_arrays.py`); and
//! what is written here, read again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};

use node_core::access::{Alone, Files as _};
use node_core::kernel::Chunk;
use node_core::{DType, Shape, Tensor};
use node_io::files::TensorFiles;
use node_io::results::{Format, write};

#[derive(serde::Deserialize)]
struct Golden {
    /// File, part, data type, shape, and the bytes of the elements as hexadecimal text.
    cases: Vec<(String, String, String, Vec<usize>, String)>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden/arrays")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// NaN is NaN, whatever its bits.
fn is_nan_where(expected: &str, found: &str, dtype: DType) -> bool {
    dtype == DType::Float32
        && expected.len() == found.len()
        && (0..found.len() / 8).all(|at| {
            let of = |text: &str| u32::from_str_radix(&text[at * 8..at * 8 + 8], 16).map(u32::swap_bytes).unwrap();
            of(expected) == of(found) || (f32::from_bits(of(expected)).is_nan() && f32::from_bits(of(found)).is_nan())
        })
}

#[test]
fn every_array_is_what_others_wrote() {
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(folder().join("arrays.json")).unwrap()).unwrap();
    assert!(golden.cases.len() > 35);
    let mapping = TensorFiles::of_page(Some(&folder()), &[]);
    let copying = TensorFiles::of_page(Some(&folder()), &[]).copying(u64::MAX).for_run();
    let mut stayed = 0;
    for (file, part, dtype, shape, bytes) in &golden.cases {
        for files in [&mapping, &copying] {
            let described = files.describe(file, part).unwrap_or_else(|why| panic!("{why}"));
            let tensor = files.open(file, part, &Alone).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!((tensor.dtype().name(), tensor.shape().dims()), (&**dtype, &**shape), "{file} {part}");
            assert_eq!(described.ty, tensor.tensor_type(), "{file} {part}: known beforehand");
            assert_eq!(described.stays, tensor.is_in_file(), "{file} {part}");
            stayed += usize::from(described.stays);
            let found = hex(Chunk::of(&tensor).unwrap().bytes());
            assert!(found == *bytes || is_nan_where(bytes, &found, tensor.dtype()), "{file} {part}: {found}");
        }
    }
    assert!(stayed > 0, "some can be mapped");
    assert_eq!(mapping.parts("model.safetensors"), ["b", "flags", "none", "special", "w.0"]);
}

fn shaped(dims: &[usize], elements: Vec<f32>) -> Tensor {
    Tensor::new(Shape::new(dims).unwrap(), elements).unwrap()
}

#[test]
fn what_is_written_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let plane = shaped(&[2, 3], vec![1.5, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-45]);
    let vector = Tensor::vector(vec![0.1f32, 5.976_470_5, 1e38]);
    let ints = Tensor::vector(vec![i64::MIN, i64::MAX]);
    let flags = Tensor::vector(vec![true, false, true]);
    let none = shaped(&[0, 3], vec![]);
    let cube = shaped(&[2, 2, 2], (0..8).map(|v| v as f32).collect());
    let image = Tensor::new(Shape::new([2, 3, 3]).unwrap(), (0..18u8).collect::<Vec<_>>()).unwrap();
    let several: Vec<(String, &Tensor)> = [
        ("grad.output", &plane),
        ("x.output", &vector),
        ("i.output", &ints),
        ("b.output", &flags),
        ("n.output", &none),
    ]
    .map(|(name, tensor)| (name.to_owned(), tensor))
    .to_vec();
    for (file, tensors) in [
        ("all.npz", several.clone()),
        ("all.safetensors", several.clone()),
        ("one.npy", vec![(String::new(), &cube)]),
        ("plane.csv", vec![(String::new(), &plane)]),
        ("vector.csv", vec![(String::new(), &vector)]),
        ("image.png", vec![(String::new(), &image)]),
    ] {
        let path = folder.path().join(file);
        let format = Format::of(&path).unwrap();
        write(&path, format, &tensors, &Alone).unwrap_or_else(|why| panic!("{file}: {why}"));
        for (name, tensor) in tensors {
            let part = if format.holds_one() { String::new() } else { name };
            let read = TensorFiles::anywhere().open_path(&path, &part, &Alone).unwrap_or_else(|why| panic!("{why}"));
            assert!(read.same_bits(tensor), "{file} {part}: {read:?} was {tensor:?}");
        }
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused_and_the_file_from_before_stays() {
    let folder = tempfile::tempdir().unwrap();
    let cube = shaped(&[2, 2, 2], vec![0.0; 8]);
    let text = Tensor::vector(vec![std::sync::Arc::<str>::from("a")]);
    let empty = Tensor::new(Shape::new([0, 3, 3]).unwrap(), Vec::<u8>::new()).unwrap();
    for (file, tensor, part) in [
        ("x.csv", &cube, "rank 2 at most"),
        ("x.png", &cube, "uint8 of [height, width"),
        ("x.png", &empty, "no image of 3 × 0"),
        ("x.npy", &text, "cannot hold string"),
        ("x.npz", &text, "cannot hold string"),
        ("x.safetensors", &text, "cannot hold string"),
    ] {
        let path = folder.path().join(file);
        std::fs::write(&path, "before").unwrap();
        let why =
            write(&path, Format::of(&path).unwrap(), &[("t".to_owned(), tensor)], &Alone).unwrap_err().to_string();
        assert!(why.contains(part), "{why} should say {part}");
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5, "no temporary file is left");
}

/// Stops as soon as it is told that something is done.
struct Impatient(std::sync::atomic::AtomicUsize);

impl node_core::access::Host for Impatient {
    fn progress(&self, done: usize, all: usize) {
        assert!(done <= all, "{done} of {all}");
        self.0.store(done, std::sync::atomic::Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed) > 0
    }
}

#[test]
fn writing_that_is_stopped_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let tensor = Tensor::new(Shape::new([3_000, 1_000]).unwrap(), vec![0.123_456_7f32; 3_000_000]).unwrap();
    let image = Tensor::new(Shape::new([2_000, 2_000, 3]).unwrap(), vec![7u8; 12_000_000]).unwrap();
    for ending in ["npy", "npz", "safetensors", "csv", "png"] {
        let path = folder.path().join(format!("t.{ending}"));
        std::fs::write(&path, "before").unwrap();
        let tensor = if ending == "png" { &image } else { &tensor };
        let impatient = Impatient(0.into());
        let format = Format::of(&path).unwrap();
        let why = write(&path, format, &[("t".to_owned(), tensor)], &impatient).unwrap_err().to_string();
        assert!(why.contains("it was stopped"), "{ending}: {why}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before", "{ending}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5, "and nothing beside it");
}

#[test]
fn a_first_line_of_numbers_and_something_else_is_no_line_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    for (text, why) in [
        ("1.5,n/a\n3,4\n", "the first line holds 'n/a', which is no number, beside 1.5"),
        ("# by hand\nx,2.5\n3,4\n", "the first line holds 'x', which is no number, beside 2.5"),
    ] {
        std::fs::write(&path, text).unwrap();
        let read = TensorFiles::anywhere().open_path(&path, "", &Alone);
        assert!(read.as_ref().is_err_and(|found| found.contains(why)), "{text}: {read:?}");
    }
    for text in ["a,b\n3,4\n", "a,\n3,4\n"] {
        std::fs::write(&path, text).unwrap();
        let read = TensorFiles::anywhere().open_path(&path, "", &Alone).unwrap();
        assert!(read.same_bits(&shaped(&[1, 2], vec![3.0, 4.0])), "{text}");
    }
}
