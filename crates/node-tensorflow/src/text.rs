//! Graphs as text (`.pbtxt`), by the descriptions of TensorFlow's protocol buffers.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use node_core::number::{f32_text, f64_text};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value};

use crate::proto::GraphDef;

static GRAPH: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(&include_bytes!("../data/graph.fds")[..]).ok()?;
    pool.get_message_by_name("tensorflow.GraphDef")
});

const BROKEN: &str = "the program's descriptions of graphs are broken; this is a mistake of the program";

/// The graph of a text, or what is wrong with it.
pub fn read(text: &str) -> Result<GraphDef, String> {
    let Some(descriptor) = GRAPH.clone() else { return Err(BROKEN.to_owned()) };
    let message = DynamicMessage::parse_text_format(descriptor, text).map_err(|error| error.to_string())?;
    message.transcode_to().map_err(|error| error.to_string())
}

/// The text of a graph, as TensorFlow's own programs write it.
///
/// # Errors
/// The program's own descriptions are broken.
pub fn write(graph: &GraphDef) -> Result<String, String> {
    let Some(descriptor) = GRAPH.clone() else { return Err(BROKEN.to_owned()) };
    let message = DynamicMessage::decode(descriptor, &*graph.encode_to_vec()).map_err(|error| error.to_string())?;
    let mut text = String::new();
    fields(&mut text, &message, 0);
    Ok(text)
}

/// The fields that are set, in the order of their numbers; maps in the order of their keys.
fn fields(text: &mut String, message: &DynamicMessage, depth: usize) {
    let described = message.descriptor();
    let mut all: Vec<_> = described.fields().filter(|field| message.has_field(field)).collect();
    all.sort_by_key(|field| field.number());
    for field in all {
        let (name, kind) = (field.name(), field.kind());
        match &*message.get_field(&field) {
            Value::List(items) => items.iter().for_each(|item| one(text, name, &kind, item, depth)),
            Value::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by_cached_key(|(key, _)| key_text(key));
                let Kind::Message(entry) = &kind else { continue };
                for (key, value) in entries {
                    indent(text, depth);
                    let _ = writeln!(text, "{name} {{");
                    indent(text, depth + 1);
                    let _ = writeln!(text, "key: {}", key_text(key));
                    one(text, "value", &entry.map_entry_value_field().kind(), value, depth + 1);
                    indent(text, depth);
                    text.push_str("}\n");
                }
            }
            value => one(text, name, &kind, value, depth),
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn key_text(key: &MapKey) -> String {
    match key {
        MapKey::String(text) => quoted(text.as_bytes()),
        MapKey::Bool(v) => v.to_string(),
        MapKey::I32(v) => v.to_string(),
        MapKey::I64(v) => v.to_string(),
        MapKey::U32(v) => v.to_string(),
        MapKey::U64(v) => v.to_string(),
    }
}

/// One value of a field.
fn one(text: &mut String, name: &str, kind: &Kind, value: &Value, depth: usize) {
    indent(text, depth);
    if let Value::Message(message) = value {
        let _ = writeln!(text, "{name} {{");
        fields(text, message, depth + 1);
        indent(text, depth);
        text.push_str("}\n");
        return;
    }
    let spelled: Cow<'_, str> = match value {
        Value::Bool(v) => v.to_string().into(),
        Value::I32(v) => v.to_string().into(),
        Value::I64(v) => v.to_string().into(),
        Value::U32(v) => v.to_string().into(),
        Value::U64(v) => v.to_string().into(),
        Value::F32(v) => number(f64::from(*v), f32_text(*v)).into(),
        Value::F64(v) => number(*v, f64_text(*v)).into(),
        Value::String(v) => quoted(v.as_bytes()).into(),
        Value::Bytes(v) => quoted(v).into(),
        Value::EnumNumber(v) => match kind {
            Kind::Enum(described) => match described.get_value(*v) {
                Some(known) => known.name().to_owned().into(),
                None => v.to_string().into(),
            },
            _ => v.to_string().into(),
        },
        Value::Message(_) | Value::List(_) | Value::Map(_) => "".into(),
    };
    let _ = writeln!(text, "{name}: {spelled}");
}

fn number(value: f64, text: String) -> String {
    match value {
        v if v.is_nan() => "nan".to_owned(),
        f64::INFINITY => "inf".to_owned(),
        f64::NEG_INFINITY => "-inf".to_owned(),
        _ => text,
    }
}

/// Bytes as protocol buffers spell them: what is no printable letter as three octal digits.
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'"' | b'\\' | b'\'' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::attr::value;
    use crate::proto::NodeDef;
    use crate::proto::attr_value::Value as Attr;

    #[test]
    fn text_leads_back() {
        let attrs = [
            ("f", Attr::F(f32::NEG_INFINITY)),
            ("s", Attr::S(vec![0, 255, b'"', b'\'', b'\\', b'\n', b'7', 200, b'8'].into())),
            ("a", Attr::Type(3)),
            ("zero", Attr::F(-0.0)),
            ("tiny", Attr::F(1e-45)),
        ];
        let attr = attrs.into_iter().map(|(name, attr)| (name.to_owned(), value(attr))).collect();
        let node = NodeDef { name: "a/b".to_owned(), op: "X".to_owned(), attr, ..NodeDef::default() };
        let graph = GraphDef { node: vec![node], ..GraphDef::default() };
        let text = write(&graph).unwrap();
        assert_eq!(read(&text).unwrap(), graph, "{text}");
        assert!(
            text.starts_with(
                "node {\n  name: \"a/b\"\n  op: \"X\"\n  attr {\n    key: \"a\"\n    value {\n      type: DT_INT32\n"
            ),
            "{text}"
        );
        assert!(read("node { name: 3 }").is_err());
    }
}
