//! Task files of the older editor: three that came with it, and bytes that are none.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::check::Surroundings;
use node_core::{CheckedPage, Feeds, PortRef, Registry, Tensor, check};
use node_engine::steps::{Progress, Steps};
use node_engine::{Engine, Request, RunOptions, default_fetch, plan, run_once};
use node_io::enuspace::{Imported, import, is_task};
use node_io::page_file;
use proptest::prelude::*;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/enuspace").join(name)
}

fn registry() -> Registry {
    node_blocks::link();
    Registry::linked().unwrap()
}

fn imported(name: &str, registry: &Registry) -> Imported {
    let bytes = std::fs::read(file(name)).unwrap();
    assert!(is_task(&bytes));
    import(&bytes, registry).unwrap()
}

fn checked(imported: &Imported, registry: &Registry) -> CheckedPage {
    // As the page is written, and read again.
    let text = page_file::to_text(&imported.page, registry);
    let page = page_file::parse(text.as_bytes()).unwrap();
    let checked = check(&Arc::new(page), registry, &Feeds::new());
    assert_eq!(checked.problems, []);
    checked
}

fn fetched(checked: &CheckedPage) -> Vec<(PortRef, Tensor)> {
    let ports = default_fetch(checked);
    let results = run_once(&plan(checked, &Request::fetch(&ports)), &RunOptions::with_memory_limit(1 << 30));
    let tensor = |port: PortRef| {
        let index = checked.blocks[&port.block].output_index(&port.port).unwrap();
        let tensor = results.tensor(port.block.as_str(), index).unwrap().clone();
        (port, tensor)
    };
    ports.into_iter().map(tensor).collect()
}

#[test]
fn constants_and_products_are_those_of_the_task() {
    let registry = registry();
    for (name, shape, wanted) in
        [("basic.json", vec![2, 2], vec![2.0, 4.0, 6.0, 8.0]), ("basic_matmul.json", vec![2, 1], vec![19.0, -3.0])]
    {
        let imported = imported(name, &registry);
        let fetched = fetched(&checked(&imported, &registry));
        let [(_, tensor)] = &fetched[..] else { panic!("{fetched:?}") };
        assert_eq!((tensor.shape().dims(), tensor.slice::<f64>().unwrap()), (&shape[..], &wanted[..]), "{name}");
        assert!(imported.left_out.iter().any(|line| line.contains(".device: ")), "{:?}", imported.left_out);
    }
}

#[test]
fn gradient_descent_comes_where_numpy_does() {
    let registry = registry();
    let checked = checked(&imported("gradient_descent_xnwn_b.json", &registry), &registry);
    // Under the names that blocks have here, which fields show.
    assert!(checked.page.block("ID_W").unwrap().inputs.get("initial").is_some());
    let (feeds, options) = (Feeds::new(), RunOptions::with_memory_limit(1 << 30));
    let around = Surroundings::new(&registry, &feeds);
    let mut engine = Engine::new(1, 0);
    let fetch = default_fetch(&checked);
    assert_eq!(
        fetch.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["ID_COST.output", "ID_APPLY.output", "ID_1e1zPY122.output"]
    );
    let mut steps = Steps::new(&checked, (&fetch, &[]), Progress::default(), (&mut engine, &around, &options)).unwrap();
    for _ in 0..80_000 {
        assert_eq!(steps.advance(&mut engine, &options), Ok(true));
    }
    let variable = |port: &str| {
        let (port, tensor) = steps.progress().variables.iter().find(|(own, _)| own.block.as_str() == port).unwrap();
        assert_eq!(&*port.port, "output");
        tensor.slice::<f64>().unwrap().to_vec()
    };
    let w = variable("ID_W");
    assert!(w.iter().zip([1.0, 2.0, 3.0]).all(|(got, wanted)| (got - wanted).abs() < 1e-3), "{w:?}");
    assert!((variable("ID_B")[0] - 4.957).abs() < 1e-3, "{:?}", variable("ID_B"));
}

/// A task of one symbol with these pins.
fn task(symbol: &str, pins: &str) -> String {
    format!(r##"{{"object": [{{"symbol-name": "#{symbol}", "id": "A", "input": [{pins}], "output": []}}]}}"##)
}

#[test]
fn what_has_no_counterpart_is_listed() {
    let registry = registry();
    let pin = |name: &str, interface: &str, initial: &str| {
        format!(
            r#"{{"pin-name": "{name}", "pin-type": "string", "pin-interface": "{interface}", "pin-initial": "{initial}"}}"#
        )
    };
    let of = |symbol: &str, pins: &[String]| import(task(symbol, &pins.join(", ")).as_bytes(), &registry).unwrap();
    let session = of(
        "ClientSession",
        &[pin("device", "device", "/gpu:0"), pin("INFINITE_LOOP", "", "TRUE"), pin("SHOW_DEBUG", "", "FALSE")],
    );
    assert_eq!(
        session.left_out,
        [
            r#"A.device: "/gpu:0" has no counterpart in ClientSession"#,
            "A.INFINITE_LOOP: true has no counterpart in ClientSession",
        ]
    );
    let unknown = of("QueueDequeue", &[pin("attrs", "QueueDequeue::Attrs", "timeout_ms_ = -1;")]);
    assert_eq!(
        unknown.left_out,
        ["A: the block type QueueDequeue is unknown here: the block is kept as it is, and cannot run"]
    );
    assert_eq!(unknown.page.block("A").unwrap().attrs.get("timeout_ms"), Some(&node_core::Value::Int(-1)));
    let broken = of("Relu", &[pin("features", "Input", "{{1,2}")]);
    assert_eq!(broken.left_out, ["A.features: {{1,2}: a brace is not closed"]);
    let ragged = of(
        "Const",
        &[pin("val", "Input::Initializer", "1,2,3")
            .replace(r#""pin-interface""#, r#""pin-shape": "[2][2]", "pin-interface""#)],
    );
    assert_eq!(ragged.left_out, ["A.val: 1,2,3: 3 elements do not fill the shape [2, 2]"]);
    let of_type = |ty: &str, initial: &str| {
        of(
            "Const",
            &[pin("val", "Input::Initializer", initial)
                .replace(r#""pin-type": "string""#, &format!(r#""pin-type": "{ty}""#))],
        )
    };
    let value = |imported: Imported| imported.page.block("A").unwrap().attrs.get("value").map(ToString::to_string);
    assert_eq!(value(of_type("int", "1,2")).unwrap(), r#"{"dtype": "int32", "data": [1, 2]}"#);
    assert_eq!(value(of_type("double", "nan,-inf")).unwrap(), r#"{"dtype": "float64", "data": ["NaN", "-Infinity"]}"#);
    assert_eq!(value(of_type("bool", "1,FALSE")).unwrap(), r#"{"dtype": "bool", "data": [true, false]}"#);
    assert_eq!(of_type("char", "1").left_out, ["A.val: the data type char is unknown; float32 is taken"]);
    assert_eq!(value(of_type("double", "0x10")), None);
    // Text that is no task.
    assert!(!is_task(br#"{"nudge": 1, "blocks": {}}"#));
    assert!(import(b"{\"object\": 3}", &registry).unwrap_err()[0].to_string().contains("no task file"));
}

#[test]
fn wires_without_pins_and_symbols_of_one_id_are_told() {
    let registry = registry();
    let text = String::from_utf16(
        &std::fs::read(file("basic.json")).unwrap()[2..]
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect::<Vec<_>>(),
    )
    .unwrap();
    let nameless = import(text.replace(r#""pin-name":"z""#, r#""pin-name":"""#).as_bytes(), &registry).unwrap();
    assert!(nameless.left_out.iter().any(|line| line.ends_with("names no pin")), "{:?}", nameless.left_out);
    assert!(page_file::parse(page_file::to_text(&nameless.page, &registry).as_bytes()).is_ok());
    let twice = import(text.replace("ID_1hvfQV0", "ID_1hvgd641").as_bytes(), &registry).unwrap();
    assert!(
        twice.left_out.iter().any(|line| line.contains("has the id 'ID_1hvgd641' of another symbol")),
        "{:?}",
        twice.left_out
    );
    // What is written where text should be is no reason to refuse all.
    assert!(
        import(br##"{"object": [{"symbol-name": "#Relu", "id": 7, "input": [{"pin-name": null}]}]}"##, &registry)
            .is_ok()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[{}\\[\\],;0-9a-z ]{0,40}") {
        let registry = registry();
        is_task(&bytes);
        drop(import(&bytes, &registry));
        for symbol in ["Const", "Variable", "MatMul", "Nothing"] {
            let pins = ["val", "initvalues", "a", "attrs", "shape"].map(|name| {
                format!(r#"{{"pin-name": "{name}", "pin-interface": "Input::Initializer", "pin-type": "double", "pin-initial": "{text}", "pin-shape": "{text}"}}"#)
            });
            let imported = import(task(symbol, &pins.join(", ")).as_bytes(), &registry).unwrap();
            prop_assert_eq!(imported.page.violations(), Vec::<String>::new());
            prop_assert!(page_file::parse(page_file::to_text(&imported.page, &registry).as_bytes()).is_ok());
        }
    }
}
