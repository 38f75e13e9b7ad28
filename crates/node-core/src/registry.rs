//! The registry of block types: a value that is handed in, filled from what the program links and from what it loads.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::gradient::{Gradient, RegisteredGradient};
use crate::name::Name;
use crate::problem::suggestion;
use crate::spec::BlockType;

/// A block type as its file submits it (see [`register_block!`](crate::register_block)).
pub struct Registered(pub fn() -> BlockType);

inventory::collect!(Registered);

/// Registers a block type, in the block's own file, in any crate: `register_block!(BlockSpec::new(…).code(MyBlock));`.
#[macro_export]
macro_rules! register_block {
    ($block:expr) => {
        $crate::inventory::submit! { $crate::registry::Registered(|| $crate::BlockType::from($block)) }
    };
}

/// Two block types of one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two block types are called '{0}'; rename one of them")]
pub struct DuplicateBlock(pub String);

/// Finds the description of a type by its name.
pub type Described = fn(&str) -> Option<&'static Arc<BlockType>>;

/// All block types that a program knows, by name, and how gradients come through them.
#[derive(Clone, Default)]
pub struct Registry {
    types: BTreeMap<Name, Arc<BlockType>>,
    gradients: BTreeMap<Name, Gradient>,
    described: Option<Described>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Registry {
        Registry::default()
    }

    /// The block types that are linked into the program. The linker's order does not matter.
    pub fn linked() -> Result<Registry, DuplicateBlock> {
        let mut registry = Registry::new();
        for registered in inventory::iter::<Registered> {
            registry.add((registered.0)())?;
        }
        for registered in inventory::iter::<RegisteredGradient> {
            registry.add_gradient(registered.of, registered.rule);
        }
        Ok(registry)
    }

    /// Adds a block type; one of a name that is taken is refused.
    pub fn add(&mut self, block: impl Into<Arc<BlockType>>) -> Result<(), DuplicateBlock> {
        let block = block.into();
        let name = block.spec.name.clone();
        if self.types.contains_key(&name) {
            return Err(DuplicateBlock(name.into_owned()));
        }
        self.types.insert(name, block);
        Ok(())
    }

    /// Says how gradients come through blocks of a type; who says it last is heard.
    pub fn add_gradient(&mut self, of: impl Into<Name>, rule: Gradient) {
        self.gradients.insert(of.into(), rule);
    }

    /// How gradients come through blocks of a type; nothing if nobody has said it.
    pub fn gradient(&self, of: &str) -> Option<Gradient> {
        self.gradients.get(of).copied()
    }

    /// Says where types are found that are not among these: known by their description alone, and listed nowhere.
    pub fn describe_others(&mut self, described: Described) {
        self.described = Some(described);
    }

    /// The block type called `name`, among these or those described elsewhere.
    pub fn get(&self, name: &str) -> Option<&Arc<BlockType>> {
        self.types.get(name).or_else(|| self.described?(name))
    }

    /// All block types, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<BlockType>> {
        self.types.values()
    }

    /// The number of block types.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there are no block types.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The message for a type that is not there.
    pub fn unknown(&self, name: &str) -> String {
        let near = suggestion(name, self.types.keys().map(|name| &**name));
        let hint = if near.is_empty() { "; a plug-in may be missing".to_owned() } else { near };
        format!("the block type '{name}' is unknown{hint}")
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.types.keys()).finish()
    }
}
