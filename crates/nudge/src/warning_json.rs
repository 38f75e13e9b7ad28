//! Warnings as JSON.

use node_core::{BlockId, Name, Warning};
use serde::Serialize;

/// `{"block": …, "port": …, "message": …, "remedy": …}`; without `port` where the block as a whole is concerned.
#[derive(Serialize)]
pub struct WarningJson {
    block: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<Name>,
    message: String,
    remedy: String,
}

impl WarningJson {
    /// A warning about `block`.
    pub fn new(block: &BlockId, warning: &Warning) -> WarningJson {
        let Warning { port, message, remedy } = warning.clone();
        WarningJson { block: block.to_string(), port, message, remedy }
    }
}
