//! Attributes: the block's own, those that wired sets give, and the defaults.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::attr::{AttrDefault, AttrSpec, AttrType, Attrs};
use crate::dtype::DType;
use crate::name::Name;
use crate::page::{BlockId, Page};
use crate::port::ATTRS_PORT;
use crate::problem::{Problem, suggestion};
use crate::spec::{BlockSpec, Role};
use crate::value::Value;

/// Where an attribute's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is set on the block.
    Own,
    /// Nobody set it.
    Default,
    /// The set of this block gives it.
    Wired(BlockId),
}

/// An attribute as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// Its description.
    pub spec: Arc<AttrSpec>,
    /// The name under which the block has it, or would: its own, or one of its aliases.
    pub written: Name,
    /// The value that counts, if there is one.
    pub value: Option<Value>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Resolves a block's attributes; wired values win over the block's own, which are then not checked.
pub fn resolve(page: &Page, id: &BlockId, spec: &BlockSpec, sets: &[BlockId]) -> (Attrs, Vec<Effective>, Vec<Problem>) {
    let mut problems = Vec::new();
    let found = |message: String| Problem::port(id, ATTRS_PORT, message);
    let mut problem = |message: String| problems.push(found(message));
    let own = page.blocks.get(id).map(|b| &b.attrs);
    let names = || spec.attrs.iter().map(|a| &*a.name);
    if spec.role != Role::AttributeSet {
        let is_unknown = |name: &&str| spec.attr(name).is_none() && !spec.restates(name);
        for name in own.into_iter().flat_map(|a| a.names()).filter(is_unknown) {
            problem(format!("{} has no attribute '{name}'{}", spec.name, suggestion(name, names())));
        }
    }
    let given = given(page, spec, sets, &mut problem);
    let mut twice = Vec::new();
    let effective: Vec<Effective> = spec
        .attrs
        .iter()
        .map(|attr| {
            let mut names = own.into_iter().flat_map(|own| own.iter()).filter(|(name, _)| attr.answers_to(name));
            let own = names.next();
            if let (Some((one, _)), Some((other, _))) = (own, names.next()) {
                twice.push(found(format!("{} is set twice, as '{one}' and as '{other}'; remove one", attr.name)));
            }
            let (value, origin) = match (given.get(&attr.name), own) {
                (Some((set, _, value)), _) => (Some((*value).clone()), Origin::Wired((*set).clone())),
                (None, Some((_, written))) => (Some(written.value.clone()), Origin::Own),
                (None, None) => (attr.default.value(), Origin::Default),
            };
            let written = given.get(&attr.name).map(|(_, name, _)| *name).or(own.map(|(name, _)| name));
            let written = written.map_or_else(|| attr.name.clone(), |name| Name::Owned(name.to_owned()));
            Effective { spec: attr.clone(), written, value, origin }
        })
        .collect();
    let mut attrs = Attrs::default();
    let mut unset = Vec::new();
    let dtypes_first = |e: &&Effective| !matches!(e.spec.ty, AttrType::Tensor { .. });
    for entry in effective.iter().filter(dtypes_first).chain(effective.iter().filter(|e| !dtypes_first(e))) {
        let Some(value) = &entry.value else {
            if entry.spec.default == AttrDefault::Required {
                unset.push(
                    found(format!("{} is not set: {}", entry.spec.name, in_a_sentence(&entry.spec.docs))).still_open(),
                );
            }
            continue;
        };
        match entry.spec.resolve(value, fixed_dtype(&entry.spec, &attrs)) {
            Ok(attr) => attrs.insert(entry.spec.name.clone(), attr),
            Err(message) => match &entry.origin {
                Origin::Wired(set) => problem(format!("the set '{set}' gives a value that does not fit: {message}")),
                _ => problem(message),
            },
        }
    }
    problems.append(&mut twice);
    problems.append(&mut unset);
    (attrs, effective, problems)
}

/// Documentation as the end of a sentence: `The data type to be.` as `the data type to be`.
fn in_a_sentence(docs: &str) -> String {
    let docs = docs.strip_suffix('.').unwrap_or(docs);
    let word = docs.split_whitespace().next().unwrap_or_default();
    // A name keeps its capitals.
    if word.chars().skip(1).any(char::is_uppercase) {
        return docs.to_owned();
    }
    let mut letters = docs.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

fn fixed_dtype(spec: &AttrSpec, attrs: &Attrs) -> Option<DType> {
    match &spec.ty {
        AttrType::Tensor { dtype_attr } => attrs.dtype(dtype_attr),
        _ => None,
    }
}

/// What sets give, by attribute: which, under which name, and what.
type Given<'p> = BTreeMap<Name, (&'p BlockId, &'p str, &'p Value)>;

fn given<'p>(page: &'p Page, spec: &BlockSpec, sets: &'p [BlockId], problem: &mut impl FnMut(String)) -> Given<'p> {
    let mut given = Given::new();
    for (nth, set) in sets.iter().enumerate() {
        if sets[..nth].contains(set) {
            problem(format!("the set '{set}' is wired twice; remove one of the wires"));
            continue;
        }
        let entries = page.blocks.get(set).map(|b| &b.attrs);
        for (name, written) in entries.into_iter().flat_map(|a| a.iter()) {
            let Some(attr) = spec.attr(name) else {
                problem(format!("the set '{set}' gives '{name}', which {} does not have", spec.name));
                continue;
            };
            if let Some((first, other, _)) = given.insert(attr.name.clone(), (set, name, &written.value)) {
                let message = match first == set {
                    true => {
                        format!("the set '{set}' gives {} twice, as '{other}' and as '{name}'; remove one", attr.name)
                    }
                    false => format!(
                        "'{name}' is given twice, by the sets '{first}' and '{set}'; remove it from one of them"
                    ),
                };
                problem(message);
            }
        }
    }
    given
}
