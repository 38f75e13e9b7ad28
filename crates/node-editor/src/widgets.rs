//! What panels share: colours, fonts, fields, names, and what there is to say of a page.

pub(crate) mod chooser;
pub(crate) mod docs;
pub mod elide;
pub(crate) mod fields;
pub(crate) mod figures;
pub(crate) mod health;
pub(crate) mod matching;
pub mod names;
pub(crate) mod number_format;
pub(crate) mod remarks;
pub(crate) mod scrub;
pub mod theme;
pub mod tokens;
pub(crate) mod value_text;
pub(crate) mod values;
