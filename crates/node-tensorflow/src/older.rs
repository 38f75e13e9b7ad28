//! Operations that newer ones have taken the place of, which compute the same from the same inputs.

/// Older operations and newer ones; the older may take more data types, for which there is no newer one.
const OLDER: [(&str, &str); 4] =
    [("Add", "AddV2"), ("BatchMatMul", "BatchMatMulV2"), ("Inv", "Reciprocal"), ("Div", "RealDiv")];

/// What gives what comes to it.
pub const PASSES_ON: &str = "Identity";

/// Whether a block of a type stands for an operation of another name.
pub fn stands_for(type_name: &str, op: &str) -> bool {
    newer_of(op) == Some(type_name) || (type_name == PASSES_ON && op == "PlaceholderWithDefault")
}

/// The operation that computes the same as an older one.
pub fn newer_of(op: &str) -> Option<&'static str> {
    OLDER.iter().find(|(older, _)| *older == op).map(|(_, newer)| *newer)
}
