//! What holds for every block there is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use node_core::attr::AttrDefault;
use node_core::{BlockSpec, Direction, PortKind, Registry, Role};

fn registry() -> Registry {
    node_blocks::link();
    Registry::linked().unwrap()
}

fn for_every_block(check: impl Fn(&BlockSpec)) {
    registry().iter().for_each(|ty| check(&ty.spec));
}

/// Every source file with a `register_block!` line is in the registry: the linker has dropped none.
#[test]
fn the_linker_keeps_every_block() {
    fn count(folder: &Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    return count(&path);
                }
                let text = std::fs::read_to_string(&path).unwrap();
                text.lines().filter(|line| line.starts_with("register_block!(")).count()
            })
            .sum()
    }
    let files = count(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert_eq!(registry().len(), files);
    assert!(files >= 18);
}

#[test]
fn every_block_is_documented() {
    for_every_block(|spec| {
        let name = &spec.name;
        assert!(!spec.summary.is_empty() && spec.summary.ends_with('.'), "{name}: a summary, with a full stop");
        assert!(spec.docs.len() > spec.summary.len(), "{name}: documentation beyond the summary");
        assert!(!spec.category.is_empty(), "{name}: a category");
        for port in &spec.ports {
            assert!(port.docs.ends_with('.'), "{name}.{}: documented, with a full stop", port.name);
        }
        for attr in &spec.attrs {
            assert!(attr.docs.ends_with('.'), "{name}.{}: documented, with a full stop", attr.name);
        }
    });
}

#[test]
fn names_and_aliases_are_unique() {
    for_every_block(|spec| {
        for direction in [Direction::In, Direction::Out] {
            let ports = spec.ports.iter().filter(|p| p.direction == direction);
            let names: Vec<&str> =
                ports.flat_map(|p| std::iter::once(&*p.name).chain(p.aliases.iter().map(|a| &**a))).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{}: {names:?}", spec.name);
        }
        let attrs: BTreeSet<_> = spec.attrs.iter().map(|a| &a.name).collect();
        assert_eq!(attrs.len(), spec.attrs.len(), "{}: attributes", spec.name);
    });
}

#[test]
fn defaults_are_valid_values_of_their_attributes() {
    for_every_block(|spec| {
        for attr in &spec.attrs {
            if let Some(value) = attr.default.value() {
                assert!(attr.resolve(&value, None).is_ok(), "{}.{} = {value}", spec.name, attr.name);
            }
        }
    });
}

#[test]
fn ports_follow_the_house_rules() {
    for_every_block(|spec| {
        let has = |kind, direction| spec.ports.iter().any(|p| p.kind == kind && p.direction == direction);
        if spec.role != Role::AttributeSet {
            assert!(has(PortKind::Scope, Direction::In), "{}: a scope port", spec.name);
            assert_eq!(
                has(PortKind::Attrs, Direction::In),
                !spec.attrs.is_empty(),
                "{}: an attrs port if it has any",
                spec.name
            );
        }
        let outputs: Vec<_> = spec.outputs().collect();
        if let [only] = outputs.as_slice() {
            assert_eq!(only.name, "output", "{}: a single output is called output", spec.name);
        }
        if matches!(spec.role, Role::Constant | Role::Feed) {
            assert_eq!(outputs.len(), 1, "{}: a source has one output", spec.name);
        }
        let required = spec.attrs.iter().filter(|a| a.default == AttrDefault::Required).count();
        assert!(required <= 1, "{}: at most one attribute must be set", spec.name);
    });
}

#[test]
fn two_blocks_of_one_name_are_refused() {
    let mut registry = registry();
    let block = registry.iter().next().unwrap().clone();
    let error = registry.add(block.clone()).unwrap_err();
    assert!(error.to_string().contains(&*block.spec.name));
}
