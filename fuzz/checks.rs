// What must hold of any bytes from outside: nothing panics, and what is read is written and read again the same.
// Shared by the fuzz targets and by the ordinary test that replays their seeds.

#![allow(dead_code, reason = "each target uses one of them")]

use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use node_core::access::{Alone, Files as _};
use node_core::check::{Feeds, recheck};
use node_core::page::Written;
use node_core::value::Wanted;
use node_core::{DType, Edit, PortRef, Registry, Value, attr_text, check, literal};
use node_io::files::TensorFiles;
use node_io::page_file;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    node_blocks::link();
    let mut registry = Registry::linked().unwrap_or_default();
    registry.describe_others(|name| {
        node_onnx::opaque::block_type(name).or_else(|| node_tensorflow::described::block_type(name))
    });
    registry
});

/// A page file: what is read is checked, written, and read again the same.
pub fn page(bytes: &[u8]) {
    match page_file::parse(bytes) {
        Err(problems) => assert!(!problems.is_empty(), "a refusal says why"),
        Ok(page) => {
            let page = Arc::new(page);
            let checked = check(&page, &REGISTRY, &Feeds::new());
            checked.problems.iter().for_each(|problem| assert!(!problem.message.is_empty()));
            let text = page_file::to_text(&page, &REGISTRY);
            let again = page_file::parse(text.as_bytes()).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
            let twice = page_file::to_text(&again, &REGISTRY);
            assert_eq!(twice, text, "canonical text is stable");
        }
    }
}

/// Attributes as text: what is read is written, and read again the same.
pub fn attributes(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(values) = attr_text::parse(text) else { return };
    let is_plain = |value: &Value| !matches!(value, Value::String(_));
    if values.iter().all(|(_, value)| is_plain(value)) {
        let written = attr_text::write(values.iter().map(|(name, value)| (name.as_str(), value, false)));
        assert_eq!(attr_text::parse(&written).as_ref(), Ok(&values), "{written}");
    }
}

/// What a person types for a value: what stands in its field gives it again, and it makes a tensor or is refused.
pub fn literal(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for wanted in [Wanted::Texts, Wanted::Numbers, Wanted::Anything] {
        let Ok(value) = Value::parse_typed(text, wanted) else { continue };
        let shown = value.typed_text(wanted);
        assert_eq!(Value::parse_typed(&shown, wanted).as_ref(), Ok(&value), "{wanted:?}: {shown}");
        for dtype in [None, Some(DType::Float32), Some(DType::Int64), Some(DType::Bool), Some(DType::String)] {
            if let Ok(tensor) = literal::tensor(&value, dtype) {
                assert!(dtype.is_none_or(|dtype| tensor.dtype() == dtype));
                tensor.preview(24);
            }
        }
    }
}

/// A file that holds arrays, of a kind that its ending says: each is read as a whole or refused, in words, and nothing is
/// taken that the file does not hold.
fn arrays(ending: &str, bytes: &[u8]) {
    let Ok(mut file) = tempfile::Builder::new().suffix(ending).tempfile() else { return };
    if file.write_all(bytes).and_then(|()| file.flush()).is_err() {
        return;
    }
    let path = file.path().to_string_lossy().into_owned();
    for files in [TensorFiles::anywhere(), TensorFiles::anywhere().copying(u64::MAX)] {
        let files = files.with_memory_limit(MOST_READ).for_run();
        let parts = files.parts(&path);
        for part in parts.iter().map(String::as_str).chain(["", "no such part"]) {
            let described = files.describe(&path, part);
            match files.open(&path, part, &Alone) {
                Ok(opened) => {
                    assert!(opened.bytes() <= MOST_READ, "no more than may be");
                    let described = described.unwrap_or_else(|why| panic!("read, but not described: {why}"));
                    assert!(described.ty.dtype == opened.dtype() && described.ty.shape.admits(opened.shape()));
                    opened.preview(24);
                }
                Err(why) => assert!(!why.is_empty() && !why.contains('\n'), "one line: {why:?}"),
            }
        }
    }
}

/// The most that is read while fuzzing.
const MOST_READ: u64 = 1 << 24;

/// A `.npy` file.
pub fn npy(bytes: &[u8]) {
    arrays(".npy", bytes);
}

/// A `.npz` file.
pub fn npz(bytes: &[u8]) {
    arrays(".npz", bytes);
}

/// A `.safetensors` file.
pub fn safetensors(bytes: &[u8]) {
    arrays(".safetensors", bytes);
}

/// A CSV file.
pub fn csv(bytes: &[u8]) {
    arrays(".csv", bytes);
}

/// An image.
pub fn image(bytes: &[u8]) {
    arrays(".png", bytes);
}

const PAGE: &str = r#"{"nudge": 1, "blocks": {"c": {"type": "Const", "attrs": {"value": [1, 2]}},
    "r": {"type": "Attrs", "attrs": {"max": 6}}, "p": {"type": "Placeholder", "attrs": {"dtype": "int32"}},
    "fq": {"type": "FakeQuantWithMinMaxArgs"}}, "wires": [["r.attrs", "fq.attrs"], ["c.output", "fq.inputs"]]}"#;

/// `--set BLOCK.ATTR=VALUE` and what it does to a page: a check after it is that of a page never seen before.
pub fn options(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((target, typed)) = text.split_once('=') else { return };
    let Ok(target) = PortRef::parse(target) else { return };
    let Ok(mut page) = page_file::parse(PAGE.as_bytes()) else { return };
    let before = check(&Arc::new(page.clone()), &REGISTRY, &Feeds::new());
    let Ok(value) = before.parse_typed_attr(&target.block, &target.port, typed) else { return };
    if Edit::set_attr(&target.block, &target.port, value.map(Written::from)).apply(&mut page).is_ok() {
        let page = Arc::new(page);
        let (after, anew) = (recheck(&before, &page, &REGISTRY, &Feeds::new()), check(&page, &REGISTRY, &Feeds::new()));
        assert_eq!(after.problems, anew.problems, "{text}");
    }
}

/// What a cluster or a file says in protocol buffers: a tensor is read or refused, and what is read is written the same; a
/// graph's text leads back to it.
pub fn protobuf(bytes: &[u8]) {
    use node_tensorflow::proto::{GraphDef, TensorProto};
    use node_tensorflow::{tensor, text};
    use prost::Message as _;
    if let Ok(proto) = TensorProto::decode(bytes) {
        match tensor::from_proto(&proto) {
            Ok(read) => {
                let again = tensor::from_proto(&tensor::to_proto(&read));
                assert!(again.is_ok_and(|again| again.same_bits(&read)));
            }
            Err(why) => assert!(!why.is_empty()),
        }
    }
    if let Ok(graph) = GraphDef::decode(bytes) {
        let spelled = text::write(&graph).unwrap_or_else(|why| panic!("{why}"));
        let again = text::read(&spelled).unwrap_or_else(|why| panic!("{why}\n{spelled}"));
        // NaN is not equal to itself, and has one spelling: the text tells.
        assert_eq!(text::write(&again).as_ref(), Ok(&spelled));
    }
    if let Ok(spelled) = std::str::from_utf8(bytes) {
        assert!(!text::read(spelled).is_err_and(|why| why.is_empty()));
    }
}

/// A graph from outside: refused in words, or a page whose file leads back to it; and a graph again, or refused in words.
pub fn graph(bytes: &[u8]) {
    use node_tensorflow::import::{Import, import, read};
    use node_tensorflow::lower::{Subject, lower};
    let registry = &*REGISTRY;
    for name in ["a.pb", "a.pbtxt"] {
        let def = match read(std::path::Path::new(name), bytes.to_vec()) {
            Ok(def) => def,
            Err(problems) => {
                assert!(problems.iter().all(|problem| !problem.message.is_empty()));
                continue;
            }
        };
        let how = Import { registry, constants: "a.safetensors", go_on: &|_| true };
        let Ok(Some(imported)) = import(&def, &how) else { continue };
        let text = node_io::page_file::to_text(&imported.page, registry);
        let page = node_io::page_file::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        assert_eq!(node_io::page_file::to_text(&page, registry), text);
        assert_eq!(page.violations(), Vec::<String>::new());
        let checked = node_core::check(&std::sync::Arc::new(page), registry, &node_core::Feeds::new());
        let needed = checked.blocks.keys().cloned().collect();
        let file = |id: &node_core::BlockId| {
            let found = imported.constants.iter().find(|(other, _)| other == id);
            found.map(|(_, tensor)| tensor.clone()).ok_or("is not there".to_owned())
        };
        match lower(&Subject { checked: &checked, scope: "page", needed: &needed, file: &file }) {
            Ok(lowered) => assert!(lowered.graph.to_def().node.len() >= checked.blocks.len()),
            Err(problems) => {
                assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.message.is_empty()))
            }
        }
    }
}

/// A model of ONNX from outside: refused in words, or a page whose file leads back to it.
pub fn onnx(bytes: &[u8]) {
    let model = match node_onnx::read(bytes.to_vec()) {
        Ok(model) => model,
        Err(problems) => {
            assert!(problems.iter().all(|problem| !problem.message.is_empty()));
            return;
        }
    };
    let how = node_onnx::Import { registry: &REGISTRY, constants: "a.safetensors", go_on: &|_| true };
    match node_onnx::import(&model, &how) {
        Ok(Some(imported)) => {
            let text = page_file::to_text(&imported.page, &REGISTRY);
            let page = page_file::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
            assert_eq!(page_file::to_text(&page, &REGISTRY), text);
            assert_eq!(page.violations(), Vec::<String>::new());
        }
        Ok(None) => panic!("nobody stops it"),
        Err(problems) => assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.message.is_empty())),
    }
}
