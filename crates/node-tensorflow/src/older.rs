//! Operations that newer ones have taken the place of, which compute the same from the same inputs.

/// Older operations and newer ones; the older may take more data types, for which there is no newer one.
const OLDER: [(&str, &str); 4] =
    [("Add", "AddV2"), ("BatchMatMul", "BatchMatMulV2"), ("Inv", "Reciprocal"), ("Div", "RealDiv")];

/// The operation that computes the same as an older one.
pub fn newer_of(op: &str) -> Option<&'static str> {
    OLDER.iter().find(|(older, _)| *older == op).map(|(_, newer)| *newer)
}
