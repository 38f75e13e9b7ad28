//! Units before they are lowered: which operations they hold, and what is known of their values.

use crate::plan::ValueId;
use crate::program::Subject;

/// What is known of a value while units are put together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Use {
    /// The operation that makes it.
    pub maker: Option<usize>,
    /// The unit that makes it.
    pub unit: Option<usize>,
    /// Whether it must be in memory when its unit is over.
    pub stored: bool,
    /// The unit after which nobody needs it any more, if it is in memory until then.
    pub dies_after: Option<usize>,
}

/// A unit before it is lowered: its operations.
pub struct Group {
    /// Which unit it becomes.
    pub unit: usize,
    /// Operations, in order.
    pub members: Vec<usize>,
    /// How many elements are walked; `None` for what is no region.
    pub len: Option<usize>,
    /// What is watched in it: who, and which value's elements.
    pub watches: Vec<(Subject, ValueId)>,
}
