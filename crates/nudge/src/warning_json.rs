//! Warnings as JSON.

use std::collections::BTreeMap;

use node_core::{BlockId, Name, Warning};
use serde::Serialize;

/// `{"block": …, "port": …, "message": …, "remedy": …, "fixes": [{"title": …, "set": {"max": "6.047244"}}]}`; without `port`
/// where the block as a whole is concerned, without `fixes` where no values do away with it.
#[derive(Serialize)]
pub struct WarningJson {
    block: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<Name>,
    message: String,
    remedy: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixJson>,
}

/// Values that do away with it.
#[derive(Serialize)]
struct FixJson {
    title: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set: BTreeMap<Name, String>,
    /// The block with which attributes are to be shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<String>,
}

impl WarningJson {
    /// A warning about `block`.
    pub fn new(block: &BlockId, warning: &Warning) -> WarningJson {
        let Warning { port, message, remedy, fixes } = warning.clone();
        let fixes = fixes.into_iter().map(|fix| FixJson {
            title: fix.title,
            set: fix.values.into_iter().collect(),
            share: fix.share.map(|id| id.to_string()),
        });
        WarningJson { block: block.to_string(), port, message, remedy, fixes: fixes.collect() }
    }
}
