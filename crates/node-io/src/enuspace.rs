//! Task files of enuSpace-Tensorflow, read as pages: UTF-16 JSON, a symbol for each block, whose pins are ports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use node_core::attr_text::{self, cpp_number};
use node_core::page::BlockNode;
use node_core::spec::BlockType;
use node_core::{BlockId, DType, Direction, Page, PortRef, Problem, Registry, Role, Value, Wire, literal};
use serde::Deserialize;

/// What a task has become.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The page; its blocks have no places.
    pub page: Page,
    /// What has no counterpart, a line each: block, pin, value and why.
    pub left_out: Vec<String>,
}

#[derive(Deserialize)]
struct Task {
    object: Vec<Symbol>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Symbol {
    symbol_name: Text,
    id: Text,
    #[serde(default)]
    input: Vec<Pin>,
    #[serde(default)]
    output: Vec<Pin>,
}

/// Text, or what somebody wrote in its place.
#[derive(Default)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        Ok(Text(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }))
    }
}

impl std::ops::Deref for Text {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Pin {
    #[serde(default)]
    pin_name: Text,
    #[serde(default)]
    pin_type: Text,
    #[serde(default)]
    pin_shape: Text,
    #[serde(default)]
    pin_interface: Text,
    #[serde(default)]
    pin_initial: Text,
    #[serde(default)]
    in_symbol_id: Text,
    #[serde(default)]
    in_symbol_pin_name: Text,
}

/// So many bytes tell whether a file is a task.
pub const LOOKED_AT: usize = 512;

/// Whether these bytes are a task, and not a page: JSON whose first key is `object`, in UTF-16 or UTF-8.
pub fn is_task(bytes: &[u8]) -> bool {
    // A sign may be cut off at the end.
    let begin = (0..4)
        .find_map(|less| decoded(bytes.get(..bytes.len().min(LOOKED_AT).checked_sub(less)?)?))
        .unwrap_or_default();
    let begin: String = begin.chars().filter(|c| !c.is_whitespace()).take(10).collect();
    begin == "{\"object\":"
}

/// Tasks are not larger: one is a list of blocks.
const MOST_BYTES: u64 = 256 << 20;

/// The bytes of a task's file.
///
/// # Errors
/// What the system says; a file that is too large to be one.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(io::Error::other("is larger than 256 MiB: no task file of enuSpace")),
        false => Ok(bytes),
    }
}

/// The page of a task.
///
/// # Errors
/// What is no task: another encoding, broken JSON.
pub fn import(bytes: &[u8], registry: &Registry) -> Result<Imported, Vec<Problem>> {
    let wrong = |message: String| vec![Problem::page(message)];
    let text = decoded(bytes).ok_or_else(|| wrong("is neither UTF-16 nor UTF-8".to_owned()))?;
    let task: Task =
        serde_json::from_str(&text).map_err(|error| wrong(format!("is no task file of enuSpace: {error}")))?;
    let mut importing = Importing::of(&task, registry);
    for (symbol, id) in task.object.iter().zip(importing.ids.clone()) {
        importing.block(symbol, &id);
    }
    for (symbol, id) in task.object.iter().zip(importing.ids.clone()) {
        importing.wires_to(symbol, &id);
    }
    for (symbol, id) in task.object.iter().zip(importing.ids.clone()) {
        importing.wires_from(symbol, &id);
    }
    Ok(Imported { page: importing.page, left_out: importing.left_out })
}

/// UTF-16 with or without its mark, of either order, or UTF-8.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [_, 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, _, ..] => wide(bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

struct Importing<'r> {
    registry: &'r Registry,
    page: Page,
    /// The id of each symbol, in the task's order, and by the task's own.
    ids: Vec<BlockId>,
    by_name: BTreeMap<String, BlockId>,
    wires: BTreeSet<Wire>,
    left_out: Vec<String>,
}

impl<'r> Importing<'r> {
    fn of(task: &Task, registry: &'r Registry) -> Importing<'r> {
        let mut taken = BTreeSet::new();
        let (mut ids, mut by_name, mut left_out) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (nth, symbol) in task.object.iter().enumerate() {
            let plain: String =
                symbol.id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
            let own = BlockId::new(&plain).filter(|id| !taken.contains(id));
            let other =
                || (nth..).find_map(|nth| BlockId::new(&format!("block_{nth}")).filter(|id| !taken.contains(id)));
            if let Some(id) = own.or_else(other) {
                if by_name.contains_key(&*symbol.id) {
                    left_out.push(format!(
                        "{id}: has the id '{}' of another symbol; wires to that id go to the first",
                        *symbol.id
                    ));
                }
                taken.insert(id.clone());
                by_name.entry(symbol.id.to_string()).or_insert_with(|| id.clone());
                ids.push(id);
            }
        }
        Importing { registry, page: Page::default(), ids, by_name, wires: BTreeSet::new(), left_out }
    }

    fn leave_out(&mut self, id: &BlockId, pin: &str, why: impl std::fmt::Display) {
        self.left_out.push(format!("{id}.{pin}: {why}"));
    }

    /// The block type of a symbol: of its name, or of one that goes by it.
    fn ty(&self, symbol: &Symbol) -> Option<&'r Arc<BlockType>> {
        let name = symbol.symbol_name.trim_start_matches('#');
        let alias = |ty: &&Arc<BlockType>| ty.spec.aliases.iter().any(|alias| alias == name);
        self.registry.get(name).or_else(|| self.registry.iter().find(alias))
    }

    fn block(&mut self, symbol: &Symbol, id: &BlockId) {
        let ty = self.ty(symbol).cloned();
        let name = ty.as_ref().map_or(symbol.symbol_name.trim_start_matches('#'), |ty| &ty.spec.name);
        let mut node = BlockNode::new(name);
        if ty.is_none() {
            let why = format!("the block type {name} is unknown here: the block is kept as it is, and cannot run");
            self.left_out.push(format!("{id}: {why}"));
        }
        let pins = symbol.input.iter().filter(|pin| *pin.pin_interface != "Scope" && pin.in_symbol_id.is_empty());
        for pin in pins.filter(|pin| !pin.pin_initial.trim().is_empty()) {
            self.pin(&mut node, ty.as_deref(), id, pin);
        }
        self.page.blocks.insert(id.clone(), Arc::new(node));
    }

    /// What is written at a pin: attributes, a literal, or the value of an attribute.
    fn pin(&mut self, node: &mut BlockNode, ty: Option<&BlockType>, id: &BlockId, pin: &Pin) {
        let (name, text) = (pin.pin_name.as_str(), pin.pin_initial.trim());
        if pin.pin_interface.ends_with("::Attrs") {
            // A name without a value is the default.
            let given: Vec<&str> = text.split(';').filter(|part| !part.trim().ends_with('=')).collect();
            match attr_text::parse(&given.join(";")) {
                Ok(attrs) => attrs.into_iter().for_each(|(name, value)| self.attr(node, ty, id, &name, value)),
                Err(why) => self.leave_out(id, name, format!("{text}: {why}")),
            }
            return;
        }
        let is_value =
            ty.is_some_and(|ty| ty.spec.role == Role::Constant) && *pin.pin_interface == "Input::Initializer";
        let port = ty.and_then(|ty| ty.spec.port(Direction::In, name));
        let is_input = port.is_some();
        let of_pin = *pin.pin_interface == "Input::Initializer" && !pin.pin_type.is_empty();
        let dtype = if of_pin { data_type(&pin.pin_type) } else { None };
        if of_pin && dtype.is_none() {
            self.leave_out(id, name, format!("the data type {} is unknown; float32 is taken", *pin.pin_type));
        }
        let value = match value(text, &pin.pin_shape, dtype.filter(|dtype| *dtype != DType::Float32)) {
            Ok(value) => value,
            Err(why) => return self.leave_out(id, name, format!("{text}: {why}")),
        };
        if (is_value || is_input)
            && let Err(why) = literal::tensor(&value, None)
        {
            return self.leave_out(id, name, format!("{text}: {why}"));
        }
        match (is_value, is_input) {
            (true, _) => drop(node.attrs.set("value", Some(value.into()), None)),
            (_, true) => drop(node.inputs.set(port.map_or(name, |port| &port.name), Some(value.into()), None)),
            _ => self.attr(node, ty, id, name, value),
        }
    }

    fn attr(&mut self, node: &mut BlockNode, ty: Option<&BlockType>, id: &BlockId, name: &str, value: Value) {
        let value = match &value {
            Value::String(text) => DType::from_name(text)
                .filter(|_| text.starts_with("DT_"))
                .map_or_else(|| value.clone(), |dtype| Value::from(dtype.name())),
            _ => value,
        };
        match ty {
            Some(ty) if ty.spec.attr(name).is_none() => {
                // What is off changes nothing.
                if value != Value::Bool(false) {
                    self.leave_out(id, name, format!("{value} has no counterpart in {}", ty.spec.name));
                }
            }
            _ => {
                let own = ty.and_then(|ty| ty.spec.attr(name)).map_or(name, |attr| &attr.name);
                drop(node.attrs.set(own, Some(value.into()), None));
            }
        }
    }

    /// The wires that a symbol's inputs tell of, in their order.
    fn wires_to(&mut self, symbol: &Symbol, id: &BlockId) {
        for pin in symbol.input.iter().filter(|pin| !pin.in_symbol_id.is_empty()) {
            match self.by_name.get(&*pin.in_symbol_id).cloned() {
                Some(from) => self.wire((&from, &pin.in_symbol_pin_name), (id, &pin.pin_name)),
                None => {
                    self.leave_out(id, &pin.pin_name, format!("is wired to {}, which is not there", *pin.in_symbol_id))
                }
            }
        }
    }

    /// Those that its outputs tell of, and no input has told of.
    fn wires_from(&mut self, symbol: &Symbol, id: &BlockId) {
        for pin in symbol.output.iter().filter(|pin| !pin.in_symbol_id.is_empty()) {
            if let Some(to) = self.by_name.get(&*pin.in_symbol_id).cloned() {
                self.wire((id, &pin.pin_name), (&to, &pin.in_symbol_pin_name));
            }
        }
    }

    fn wire(&mut self, from: (&BlockId, &str), to: (&BlockId, &str)) {
        let end = |(id, pin): (&BlockId, &str), direction| {
            let node = self.page.blocks.get(id);
            let spec = node.and_then(|node| self.registry.get(&node.type_name)).map(|ty| &ty.spec);
            let port = spec.and_then(|spec| spec.port(direction, pin));
            PortRef::new(id, port.map_or(pin, |port| &port.name))
        };
        let wire = Wire { from: end(from, Direction::Out), to: end(to, Direction::In) };
        if [&wire.from, &wire.to].into_iter().any(|end| end.port.is_empty()) {
            return self.left_out.push(format!("a wire from {} to {} names no pin", wire.from.block, wire.to.block));
        }
        // Both ends may tell of it.
        if self.wires.insert(wire.clone()) {
            Arc::make_mut(&mut self.page.wires).push(wire);
        }
    }
}

/// The data type of a C++ name, or of one of TensorFlow's.
fn data_type(name: &str) -> Option<DType> {
    match name {
        "int" => Some(DType::Int32),
        "long long" | "__int64" => Some(DType::Int64),
        _ => DType::from_name(name),
    }
}

/// What is written: nested braces, or numbers in a row, with or without a shape.
fn value(text: &str, shape: &str, dtype: Option<DType>) -> Result<Value, String> {
    let shape = dims(shape)?;
    let data = match text.contains('{') {
        true => nested(text, dtype)?,
        false => {
            let of = |text| word(text, dtype);
            let mut words: Vec<Value> = words(text).map(of).collect();
            match (words.len(), &shape) {
                (1, None) => words.remove(0),
                _ => Value::list(words),
            }
        }
    };
    if shape.is_none() && dtype.is_none() {
        return Ok(data);
    }
    let mut entries = Vec::new();
    entries.extend(dtype.map(|dtype| ("dtype".to_owned(), Value::from(dtype.name()))));
    let is_scalar = shape.is_none() && !matches!(data, Value::List(_));
    let shape = if is_scalar { Some(Vec::new()) } else { shape };
    let data = if is_scalar { Value::list(vec![data]) } else { data };
    if let Some(shape) = shape {
        let elements = shape.iter().try_fold(1_i64, |all, dim: &i64| all.checked_mul(*dim));
        let count = data.leaves(usize::MAX);
        if elements != i64::try_from(count).ok() {
            return Err(format!("{count} elements do not fill the shape {shape:?}"));
        }
        entries.push(("shape".to_owned(), Value::from(shape)));
    }
    entries.push(("data".to_owned(), data));
    Ok(Value::Object(entries))
}

/// `[2][3]` as dimensions; nothing where nothing is written.
fn dims(shape: &str) -> Result<Option<Vec<i64>>, String> {
    let (mut dims, mut left) = (Vec::new(), shape.trim());
    while !left.is_empty() {
        let part = left.strip_prefix('[').and_then(|left| left.split_once(']'));
        let dim = part.and_then(|(dim, rest)| Some((dim.trim().parse::<i64>().ok().filter(|dim| *dim >= 0)?, rest)));
        let (dim, rest) = dim.ok_or_else(|| format!("{shape} is no shape; one is written as [2][3]"))?;
        dims.push(dim);
        left = rest.trim();
    }
    Ok((!dims.is_empty()).then_some(dims))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';']).flat_map(str::split_whitespace)
}

fn word(text: &str, dtype: Option<DType>) -> Value {
    let is_bool = dtype == Some(DType::Bool);
    match text {
        "TRUE" | "True" | "true" => Value::Bool(true),
        "FALSE" | "False" | "false" => Value::Bool(false),
        "0" if is_bool => Value::Bool(false),
        "1" if is_bool => Value::Bool(true),
        "nan" | "NAN" | "NaN" => Value::from("NaN"),
        "inf" | "INF" | "Inf" | "+inf" => Value::from("Infinity"),
        "-inf" | "-INF" | "-Inf" => Value::from("-Infinity"),
        _ => match (text.parse::<i64>(), cpp_number(text)) {
            (Ok(whole), _) => Value::Int(whole),
            (_, Some(number)) => Value::number(number),
            _ => Value::String(text.trim_matches('"').to_owned()),
        },
    }
}

/// `{{1,2},{3,4}}` as lists. Not by recursion: a file may nest as deep as it likes.
fn nested(text: &str, dtype: Option<DType>) -> Result<Value, String> {
    let mut open: Vec<Vec<Value>> = vec![Vec::new()];
    let mut begin = 0;
    let flush = |open: &mut Vec<Vec<Value>>, part: &str| {
        if let Some(list) = open.last_mut() {
            list.extend(words(part).map(|text| word(text, dtype)));
        }
    };
    for (at, sign) in text.char_indices().filter(|(_, sign)| matches!(sign, '{' | '}')) {
        flush(&mut open, &text[begin..at]);
        begin = at + 1;
        match sign {
            '{' if open.len() > 64 => return Err("its braces are nested too deeply".to_owned()),
            '{' => open.push(Vec::new()),
            _ => {
                let done = open.pop().filter(|_| !open.is_empty()).ok_or("a brace closes that none has opened")?;
                open.last_mut().ok_or("a brace closes that none has opened")?.push(Value::list(done));
            }
        }
    }
    flush(&mut open, &text[begin..]);
    match (open.pop(), open.is_empty()) {
        (Some(mut all), true) if all.len() == 1 => Ok(all.remove(0)),
        (Some(all), true) => Ok(Value::list(all)),
        _ => Err("a brace is not closed".to_owned()),
    }
}
