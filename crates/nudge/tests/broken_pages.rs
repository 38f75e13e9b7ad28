//! Broken pages: every one gives all its problems, each naming file, block and port, or line and column, and nothing
//! panics.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;

use node_core::check::{Feeds, recheck};
use node_core::page::Written;
use node_core::{BlockId, Edit, Registry, Value, check};
use node_engine::{Request, RunOptions, default_fetch, plan, run_once};
use node_io::page_file;

/// A name, the file, and for each problem in order what its line says: where, then a part of the message.
type Case = (&'static str, String, &'static [(&'static str, &'static str)]);

fn page(blocks: &str, wires: &str) -> String {
    format!("{{\"nudge\": 1, \"blocks\": {{{blocks}}}, \"wires\": [{wires}]}}")
}

/// A page with a gradient block `g` and its inputs, changed by what is given.
fn gradient(attrs: &str, more: &str, wires: &str) -> String {
    page(
        &format!(
            r#""g": {{"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {{{attrs}}}, "inputs": {{"gradients": [1, 2], "inputs": [3, 4]}}}}{more}"#
        ),
        wires,
    )
}

const A: &str = r#""a": {"type": "Const", "attrs": {"value": [1, 2]}}"#;
const I: &str = r#""i": {"type": "Const", "attrs": {"value": [1, 2], "dtype": "int32"}}"#;

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    vec![
        // The file itself.
        ("empty file", String::new(), &[("p.json:1:1:", "ends too early")]),
        ("only spaces", "  \n ".into(), &[("p.json:2:", "ends too early")]),
        ("no JSON", "blocks: x".into(), &[("p.json:1:1:", "expected value")]),
        ("a list", "[]".into(), &[("p.json:1:1:", "here should be a page, not a list")]),
        ("a number", "7".into(), &[("p.json:1:1:", "here should be a page")]),
        ("null", "null".into(), &[("p.json:1:", "here should be a page")]),
        ("cut off", "{\"nudge\": 1,\n \"blocks\": {\"a\": {\"type\"".into(), &[("p.json:2:", "ends too early")]),
        ("cut off in a text", "{\"nudge\": 1, \"name\": \"abc".into(), &[("p.json:1:", "ends too early")]),
        ("comma missing", "{\"nudge\": 1\n \"blocks\": {}}".into(), &[("p.json:2:2:", "expected `,` or `}`")]),
        ("comma too many", "{\"nudge\": 1, \"blocks\": {},}".into(), &[("p.json:1:27:", "trailing comma")]),
        ("something behind", "{\"nudge\": 1, \"blocks\": {}} x".into(), &[("p.json:1:", "trailing characters")]),
        ("single quotes", "{'nudge': 1}".into(), &[("p.json:1:2:", "key must be a string")]),
        ("a comment", "{\"nudge\": 1, // one\n \"blocks\": {}}".into(), &[("p.json:1:", "key must be a string")]),
        ("a million open brackets", "[".repeat(1_000_000), &[("p.json:1:1:", "here should be a page, not a list")]),
        ("a million open braces", "{\"a\":".repeat(1_000_000), &[("p.json:1:", "ends too early")]),
        ("brackets too deep in a value", page(&format!(r#""a": {{"type": "Const", "attrs": {{"value": {}1{}}}}}"#, "[".repeat(500), "]".repeat(500)), ""), &[("p.json:1:", "nested too deeply")]),
        ("a control character", "{\"nudge\": 1, \"name\": \"a\u{1}b\", \"blocks\": {}}".into(), &[("p.json:1:", "control character")]),
        ("a lone escape", "{\"nudge\": 1, \"name\": \"\\q\", \"blocks\": {}}".into(), &[("p.json:1:", "invalid escape")]),
        ("a lone surrogate", "{\"nudge\": 1, \"name\": \"\\ud800\", \"blocks\": {}}".into(), &[("p.json:1:", "hex escape")]),
        ("NaN as a number", page(r#""a": {"type": "Const", "attrs": {"value": NaN}}"#, ""), &[("p.json:1:67: a.value:", "write \"NaN\", in quotes")]),
        ("numbers of Python in a list", page(r#""a": {"type": "Const", "attrs": {"value": [1, -Infinity]}}, "b": {"type": "Const", "attrs": {"value": [inf]}}"#, ""), &[("p.json:1:", "write \"-Infinity\", in quotes")]),
        ("a control character behind such a word", page("\"a\": {\"type\": \"Const\", \"attrs\": {\"value\": [\"inf\tx\", 1]}}", ""), &[("p.json:1:", "control character")]),
        ("cut off in such a word", r#"{"nudge": 1, "name": "nan"#.into(), &[("p.json:1:", "ends too early")]),
        ("a text where a list should be", r#"{"nudge": 1, "blocks": {}, "wires": "a map of integers"}"#.into(), &[("p.json:1:", "not the text \"a map of integers\"")]),
        ("a number beyond float64", page(r#""a": {"type": "Const", "attrs": {"value": 1e999}}"#, ""), &[("p.json:1:", "number out of range")]),
        ("a leading zero", page(r#""a": {"type": "Const", "attrs": {"value": 01}}"#, ""), &[("p.json:1:", "invalid number")]),
        // The format.
        ("no version", "{\"blocks\": {}}".into(), &[("p.json:", "is no Nudge page")]),
        ("an empty object", "{}".into(), &[("p.json:", "is no Nudge page")]),
        ("a newer format", "{\"nudge\": 2, \"blocks\": {\"a\": 3}, \"new\": [1]}".into(), &[("p.json:1:11:", "written by a newer Nudge")]),
        ("format 0", "{\"nudge\": 0, \"blocks\": {}}".into(), &[("p.json:1:11:", "there is no format 0")]),
        ("a version that is a text", "{\"nudge\": \"1\", \"blocks\": {}}".into(), &[("p.json:1:11:", "format version, a whole number")]),
        ("a version with a fraction", "{\"nudge\": 1.5, \"blocks\": {}}".into(), &[("p.json:1:11:", "format version, a whole number")]),
        ("no blocks", "{\"nudge\": 1}".into(), &[("p.json:", "has no \"blocks\"")]),
        ("blocks that are a list", "{\"nudge\": 1, \"blocks\": []}".into(), &[("p.json:1:24:", "here should be the blocks")]),
        ("wires that are an object", "{\"nudge\": 1, \"blocks\": {}, \"wires\": {}}".into(), &[("p.json:1:37:", "here should be the wires, a list")]),
        ("a name that is a number", "{\"nudge\": 1, \"name\": 3, \"blocks\": {}}".into(), &[("p.json:1:22:", "here should be the page's name")]),
        ("a key twice", "{\"nudge\": 1, \"blocks\": {}, \"blocks\": {}}".into(), &[("p.json:1:28:", "key \"blocks\" is there twice")]),
        ("a block id twice", "{\"nudge\": 1, \"blocks\": {\n\"a\": {\"type\": \"Const\", \"attrs\": {\"value\": 1}},\n\"a\": {\"type\": \"Square\"}}}".into(), &[("p.json:3:1:", "block id \"a\" is there twice")]),
        ("an attribute twice", page(r#""a": {"type": "Const", "attrs": {"value": 1, "value": 2}}"#, ""), &[("p.json:1:", "attribute \"value\" is there twice")]),
        ("a key twice deep in a value", page(r#""a": {"type": "Const", "attrs": {"value": {"data": 1, "data": 2}}}"#, ""), &[("p.json:1:", "duplicate key \"data\"")]),
        ("an id with a space", page(r#""a b": {"type": "Square"}"#, ""), &[("p.json:1:", "is no block id")]),
        ("an empty id", page(r#""": {"type": "Square"}"#, ""), &[("p.json:1:", "is no block id")]),
        ("a block that is a text", page(r#""a": "Const""#, ""), &[("p.json:1:", "here should be a block")]),
        ("a block without a type", page(r#""a": {"attrs": {}}"#, ""), &[("p.json:1:", "block \"a\" has no \"type\"")]),
        ("a type that is a number", page(r#""a": {"type": 3}"#, ""), &[("p.json:1:", "the block's type, a text")]),
        ("attributes that are a list", page(r#""a": {"type": "Const", "attrs": [1]}"#, ""), &[("p.json:1:", "a value for each name")]),
        ("a wire with one end", page(A, r#"["a.output"]"#), &[("p.json:1:", "has two ends, this one has 1")]),
        ("a wire with three ends", page(A, r#"["a.output", "a.output", "a.output"]"#), &[("p.json:1:", "has two ends, this one has 3")]),
        ("a wire of numbers", page(A, "[1, 2]"), &[("p.json:1:", "a wire, a pair of ports")]),
        ("a wire without ports", page(A, r#"["a", "b"]"#), &[("p.json:1:", "'a' names no port"), ("p.json:1:", "'b' names no port")]),
        ("a wire into an inner page", page(A, r#"["a.output", "sub/b.x"]"#), &[("p.json:1:", "page within the page")]),
        ("a position that is a text", "{\"nudge\": 1, \"blocks\": {}, \"layout\": {\"a\": \"here\"}}".into(), &[("p.json:1:", "a position as [x, y]")]),
        ("a position of three", "{\"nudge\": 1, \"blocks\": {}, \"layout\": {\"a\": [1, 2, 3]}}".into(), &[("p.json:1:", "a position is [x, y]")]),
        ("several at once", "{\"nudge\": 1, \"name\": 3,\n \"blocks\": {\"a b\": {\"type\": 1}},\n \"wires\": [[1]]}".into(), &[("p.json:1:22:", "page's name"), ("p.json:2:13:", "is no block id"), ("p.json:2:29:", "block's type"), ("p.json:3:12:", "a wire, a pair")]),
        // What the page says.
        ("a position beyond the canvas", "{\"nudge\": 1, \"blocks\": {\"a\": {\"type\": \"Const\", \"attrs\": {\"value\": 1}}}, \"layout\": {\"a\": [1e39, 0]}}".into(), &[("p.json: a: ", "beyond ±1000000")]),
        ("layout of a block that is not there", "{\"nudge\": 1, \"blocks\": {}, \"layout\": {\"q\": [1, 2]}}".into(), &[("p.json: layout", "'q', which the page does not have")]),
        ("an unknown type", page(r#""a": {"type": "Konst"}"#, ""), &[("p.json: a:", "'Konst' is unknown; did you mean 'Const'?")]),
        ("an unknown attribute", gradient(r#""mim": 1"#, "", ""), &[("p.json: g.attrs:", "has no attribute 'mim'; did you mean 'min'?")]),
        ("num_bits beyond its range", gradient(r#""num_bits": 17"#, "", ""), &[("p.json: g.attrs:", "num_bits is 17, but must be from 2 to 16")]),
        ("num_bits with a fraction", gradient(r#""num_bits": 8.5"#, "", ""), &[("p.json: g.attrs:", "8.5 has a fraction")]),
        ("num_bits beyond int64", gradient(r#""num_bits": 1e30"#, "", ""), &[("p.json: g.attrs:", "1e30 is beyond int64")]),
        ("a text for a number", gradient(r#""min": "low""#, "", ""), &[("p.json: g.attrs:", "must be a number")]),
        ("null for a number", gradient(r#""min": null"#, "", ""), &[("p.json: g.attrs:", "must be a number")]),
        ("a number for a bool", gradient(r#""narrow_range": 1"#, "", ""), &[("p.json: g.attrs:", "must be true or false")]),
        ("min above max", gradient(r#""min": 2, "max": 1"#, "", ""), &[("p.json: g.attrs:", "min has to be smaller than max, but min is 2 and max is 1")]),
        ("min that is NaN", gradient(r#""min": "NaN""#, "", ""), &[("p.json: g.attrs:", "min has to be smaller than max")]),
        ("min beyond float32", gradient(r#""min": -1e39"#, "", ""), &[("p.json: g.attrs:", "beyond float32")]),
        ("three attributes wrong", gradient(r#""min": true, "num_bits": 1, "wide": 2"#, "", ""), &[("p.json: g.attrs:", "no attribute 'wide'"), ("p.json: g.attrs:", "min is true"), ("p.json: g.attrs:", "num_bits is 1")]),
        ("a Const without value", page(r#""a": {"type": "Const"}"#, ""), &[("p.json: a.attrs:", "value is not set")]),
        ("a dtype that there is not", page(r#""a": {"type": "Const", "attrs": {"value": 1, "dtype": "float8"}}"#, ""), &[("p.json: a.attrs:", "\"float8\" is no data type")]),
        ("a dtype that contradicts the literal", page(r#""a": {"type": "Const", "attrs": {"value": {"dtype": "int32", "data": 1}, "dtype": "float32"}}"#, ""), &[("p.json: a.attrs:", "says int32, but float32 is needed")]),
        ("a ragged list", page(r#""a": {"type": "Const", "attrs": {"value": [[1, 2], [3]]}}"#, ""), &[("p.json: a.attrs:", "ragged")]),
        ("a shape that overflows", page(r#""a": {"type": "Const", "attrs": {"value": {"shape": [4294967296, 4294967296], "data": []}}}"#, ""), &[("p.json: a.attrs:", "overflows")]),
        ("a placeholder whose shape overflows", page(r#""a": {"type": "Placeholder", "attrs": {"shape": [9223372036854775807, 3]}}"#, ""), &[("p.json: a.attrs:", "overflows")]),
        ("a default that does not fit the shape", page(r#""a": {"type": "Placeholder", "attrs": {"shape": [3], "default": [1]}}"#, ""), &[("p.json: a.attrs:", "default has shape [1], but shape says [3]")]),
        ("a result whose shape overflows", page(r#""a": {"type": "Placeholder", "attrs": {"shape": [4000000000, 1]}}, "b": {"type": "Placeholder", "attrs": {"shape": [4000000000]}}, "m": {"type": "Mul"}"#, r#"["a.output", "m.x"], ["b.output", "m.y"]"#), &[("p.json: m.output:", "overflows")]),
        ("inputs missing", page(r#""m": {"type": "Mul"}"#, ""), &[("p.json: m.x:", "is not connected"), ("p.json: m.y:", "is not connected")]),
        ("a wire to a block that is not there", page(A, r#"["a.output", "q.x"]"#), &[("p.json: a.output:", "there is no block 'q'")]),
        ("a wire from a block that is not there", page(r#""s": {"type": "Square"}"#, r#"["q.output", "s.x"]"#), &[("p.json: s.x:", "there is no block 'q'")]),
        ("a wire to an input that is not there", page(&format!(r#"{A}, "s": {{"type": "Square", "inputs": {{"x": 1}}}}"#), r#"["a.output", "s.z"]"#), &[("p.json: s.z:", "Square has no input 'z'")]),
        ("a wire from an output that is not there", page(&format!(r#"{A}, "s": {{"type": "Square"}}"#), r#"["a.outputt", "s.x"]"#), &[("p.json: s.x:", "has no output 'outputt'; did you mean 'output'?")]),
        ("a wire to the scope", gradient("", &format!(", {A}"), r#"["a.output", "g.scope"]"#), &[("p.json: g.scope:", "never connected")]),
        ("a tensor into attrs", gradient("", &format!(", {A}"), r#"["a.output", "g.attrs"]"#), &[("p.json: g.attrs:", "takes a set of attributes, but 'a.output' is a tensor")]),
        ("a set into a tensor", page(r#""r": {"type": "Attrs"}, "s": {"type": "Square"}"#, r#"["r.attrs", "s.x"]"#), &[("p.json: s.x:", "takes a tensor, but 'r.attrs' is a set")]),
        ("two wires into one input", page(&format!(r#"{A}, "b": {{"type": "Const", "attrs": {{"value": 1}}}}, "s": {{"type": "Square"}}"#), r#"["a.output", "s.x"], ["b.output", "s.x"]"#), &[("p.json: s.x:", "takes one wire, but 'b.output' is one too many")]),
        ("a set with a name that the block lacks", gradient("", r#", "r": {"type": "Attrs", "attrs": {"axis": 1}}"#, r#"["r.attrs", "g.attrs"]"#), &[("p.json: g.attrs:", "the set 'r' gives 'axis', which FakeQuantWithMinMaxArgsGradient does not have")]),
        ("two sets with one name", gradient("", r#", "r": {"type": "Attrs", "attrs": {"min": -1}}, "s": {"type": "Attrs", "attrs": {"min": -1}}"#, r#"["r.attrs", "g.attrs"], ["s.attrs", "g.attrs"]"#), &[("p.json: g.attrs:", "'min' is given twice, by the sets 'r' and 's'")]),
        ("a set wired twice", gradient("", r#", "r": {"type": "Attrs", "attrs": {"min": -1, "max": 1, "num_bits": 4}}"#, r#"["r.attrs", "g.attrs"], ["r.attrs", "g.attrs"]"#), &[("p.json: g.attrs:", "the set 'r' is wired twice")]),
        ("a wired value out of range", gradient("", r#", "r": {"type": "Attrs", "attrs": {"num_bits": 99}}"#, r#"["r.attrs", "g.attrs"]"#), &[("p.json: g.attrs:", "the set 'r' gives a value that does not fit: num_bits is 99")]),
        ("an empty set wired twice", gradient("", r#", "r": {"type": "Attrs"}"#, r#"["r.attrs", "g.attrs"], ["r.attrs", "g.attrs"]"#), &[("p.json: g.attrs:", "the set 'r' is wired twice")]),
        ("a wire with two wrong ends", page(&format!(r#"{A}, "s": {{"type": "Square", "inputs": {{"x": 1}}}}"#), r#"["a.outputt", "s.z"]"#), &[("p.json: s.z:", "Square has no input 'z'"), ("p.json: s.z:", "has no output 'outputt'")]),
        ("a wire between blocks that are not there", page(A, r#"["b.output", "c.x"]"#), &[("p.json: b.output:", "there is no block 'c'"), ("p.json: c.x:", "there is no block 'b'")]),
        ("a wire from nowhere to a wrong input", page(&format!(r#"{A}, "s": {{"type": "Square", "inputs": {{"x": 1}}}}"#), r#"["b.output", "s.z"]"#), &[("p.json: s.z:", "Square has no input 'z'"), ("p.json: s.z:", "there is no block 'b'")]),
        ("a wrong output to nowhere", page(A, r#"["a.outputt", "c.x"]"#), &[("p.json: a.outputt:", "there is no block 'c'"), ("p.json: c.x:", "has no output 'outputt'")]),
        ("a name that is no scope", r#"{"nudge": 1, "name": "my page/1", "blocks": {}}"#.into(), &[("p.json: the page's name", "name it my_page/1")]),
        ("a loop", page(r#""a": {"type": "Square"}, "b": {"type": "Square"}"#, r#"["a.output", "b.x"], ["b.output", "a.x"]"#), &[("p.json: a.x:", "is part of a loop: a → b → a")]),
        ("a block that feeds itself", page(r#""a": {"type": "Square"}"#, r#"["a.output", "a.x"]"#), &[("p.json: a.x:", "is part of a loop: a → a")]),
        ("two loops", page(r#""a": {"type": "Square"}, "b": {"type": "Mul"}, "c": {"type": "Square"}"#, r#"["a.output", "a.x"], ["c.output", "c.x"], ["a.output", "b.x"], ["c.output", "b.y"]"#), &[("p.json: a.x:", "loop: a → a"), ("p.json: c.x:", "loop: c → c")]),
        ("shapes that differ", gradient("", r#", "z": {"type": "Const", "attrs": {"value": [1, 2, 3]}}"#, r#"["z.output", "g.inputs"]"#), &[("p.json: g.inputs:", "shape [3] does not match gradients' shape [2]")]),
        ("shapes that do not broadcast", page(r#""m": {"type": "Mul", "inputs": {"x": [1, 2], "y": [1, 2, 3]}}"#, ""), &[("p.json: m.y:", "does not broadcast")]),
        ("a data type that does not fit", gradient("", &format!(", {I}"), r#"["i.output", "g.inputs"]"#), &[("p.json: g.inputs:", "takes float32, but 'i' is int32")]),
        ("data types that differ", page(&format!(r#"{A}, {I}, "m": {{"type": "Mul"}}"#), r#"["a.output", "m.x"], ["i.output", "m.y"]"#), &[("p.json: m.y:", "'i' is int32, but x is float32")]),
        ("a text where numbers are needed", page(r#""s": {"type": "Square", "inputs": {"x": "one"}}"#, ""), &[("p.json: s.x:", "its literal is string")]),
        ("a literal for an input that is not there", page(r#""s": {"type": "Square", "inputs": {"x": 1, "y": 2}}"#, ""), &[("p.json: s.y:", "has no input 'y'")]),
        ("a literal for attrs", page(r#""m": {"type": "Mean", "inputs": {"input": 1, "attrs": 2}}"#, ""), &[("p.json: m.attrs:", "takes no literal")]),
        ("a literal for a list", page(r#""c": {"type": "ClientSession", "inputs": {"fetch_outputs": 1}}"#, ""), &[("p.json: c.fetch_outputs:", "takes wires only")]),
        ("an axis that there is not", page(r#""m": {"type": "Mean", "inputs": {"input": [1, 2], "axis": 1}}"#, ""), &[("p.json: m.axis:", "1 is no axis of a vector, which has one: 0 (or -1)")]),
        ("an axis twice", page(r#""m": {"type": "Mean", "inputs": {"input": [[1, 2]], "axis": [0, -2]}}"#, ""), &[("p.json: m.axis:", "names axis 0 twice")]),
        ("a range that is no scalar", page(r#""v": {"type": "FakeQuantWithMinMaxVars", "inputs": {"inputs": [1], "min": [1, 2], "max": [3]}}"#, ""), &[("p.json: v.max:", "must be a scalar"), ("p.json: v.min:", "must be a scalar")]),
        ("ranges for other channels", page(r#""v": {"type": "FakeQuantWithMinMaxVarsPerChannel", "inputs": {"inputs": [[1, 2]], "min": [1, 2, 3], "max": 3}}"#, ""), &[("p.json: v.max:", "one value for each channel"), ("p.json: v.min:", "one value for each channel")]),
        ("shapes that differ beside attributes that are wrong", page(r#""g": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"num_bits": 99, "bogus": 1}, "inputs": {"gradients": [1, 2, 3], "inputs": [3, 4]}}"#, ""), &[("p.json: g.attrs:", "no attribute 'bogus'"), ("p.json: g.attrs:", "num_bits is 99"), ("p.json: g.inputs:", "does not match gradients' shape")]),
        ("several blocks wrong", page(r#""a": {"type": "Const"}, "b": {"type": "Nothing"}, "m": {"type": "Mul", "inputs": {"x": 1}}"#, ""), &[("p.json: a.attrs:", "not set"), ("p.json: b:", "unknown"), ("p.json: m.y:", "not connected")]),
    ]
}

fn problems(text: &str, registry: &Registry) -> Vec<String> {
    let page = match page_file::parse(text.as_bytes()) {
        Ok(page) => Arc::new(page),
        Err(problems) => return problems.iter().map(|p| p.in_file("p.json")).collect(),
    };
    let checked = check(&page, registry, &Feeds::new());
    // What can run runs, whatever else is wrong.
    let plan = plan(&checked, &Request::fetch(&default_fetch(&checked)));
    run_once(&plan, &RunOptions::with_memory_limit(1 << 20));
    checked.problems.iter().map(|p| p.in_file("p.json")).collect()
}

#[test]
fn every_problem_is_told_with_its_place() {
    let registry = common::registry();
    let cases = cases();
    assert!(cases.len() >= 60, "only {} broken pages", cases.len());
    let mut wrong = Vec::new();
    for (name, text, expected) in &cases {
        let found = problems(text, &registry);
        let fits = found.len() == expected.len()
            && found.iter().zip(*expected).all(|(line, (place, part))| line.starts_with(place) && line.contains(part));
        if !fits {
            wrong.push(format!("{name}:\n    expected {expected:?}\n    found    {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn bytes_that_are_no_text_are_placed() {
    let problems = page_file::parse(b"{\"nudge\": 1,\n \"name\": \"\xff\"}").unwrap_err();
    assert_eq!(problems[0].in_file("p.json"), "p.json:2:11: the file is not UTF-8 text");
}

#[test]
fn every_prefix_of_a_page_is_refused_or_read_but_never_a_panic() {
    let registry = common::registry();
    let text = std::fs::read_to_string(common::root().join("pages/fake_quant_gradient.json")).unwrap();
    for end in 0..text.len() - 2 {
        assert!(!problems(&text[..end], &registry).is_empty(), "{end}");
    }
}

/// Attributes that are edited beside problems: what follows is what a check of the whole page finds.
#[test]
fn an_edit_beside_problems_finds_what_a_check_finds() {
    let registry = common::registry();
    let values = ["1", "-3", "\"wide\"", "[1, 2]", "[[1, 2, 3]]", "true", "\"int32\"", "99", "null"];
    let names = ["min", "max", "num_bits", "value", "dtype", "keep_dims", "axis", "default", "shape"];
    let mut seed = 1u64;
    let mut below = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n
    };
    let mut edits = 0;
    for (name, text, _) in cases() {
        let Ok(mut page) = page_file::parse(text.as_bytes()) else { continue };
        let ids: Vec<BlockId> = page.blocks.keys().cloned().collect();
        if ids.is_empty() {
            continue;
        }
        let mut before = check(&Arc::new(page.clone()), &registry, &Feeds::new());
        for _ in 0..60 {
            let (block, attr) = (&ids[below(ids.len())], names[below(names.len())]);
            let value = Value::parse(values[below(values.len())]).unwrap();
            let value = (below(4) > 0).then(|| Written::from(value));
            if Edit::set_attr(block, attr, value).apply(&mut page).is_err() {
                continue;
            }
            let page = Arc::new(page.clone());
            let again = recheck(&before, &page, &registry, &Feeds::new());
            assert_eq!(
                common::described(&again),
                common::described(&check(&page, &registry, &Feeds::new())),
                "{name}: {block}.{attr}"
            );
            before = again;
            edits += 1;
        }
    }
    assert!(edits > 2_000, "only {edits} edits");
}
