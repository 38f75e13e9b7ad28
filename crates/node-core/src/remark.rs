//! What a block says of itself beside its results: warnings, and how it quantizes.

use crate::name::Name;

/// What a person should know although nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The port that is concerned, if it is one.
    pub port: Option<Name>,
    /// What there is to know.
    pub message: String,
    /// What can be done about it.
    pub remedy: String,
}

impl Warning {
    /// A warning about the port called `port`.
    pub fn at(port: impl Into<Name>, message: impl Into<String>, remedy: impl Into<String>) -> Warning {
        Warning { port: Some(port.into()), message: message.into(), remedy: remedy.into() }
    }

    /// A warning about the attributes.
    pub fn attrs(message: impl Into<String>, remedy: impl Into<String>) -> Warning {
        Warning::at(crate::port::ATTRS_PORT, message, remedy)
    }
}

impl std::fmt::Display for Warning {
    /// What there is to know, and what can be done about it; whose it is is the reader's to name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.message, self.remedy)
    }
}

/// One quantized range, as it is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantRange {
    /// The range that was asked for.
    pub min: f32,
    /// The range that was asked for.
    pub max: f32,
    /// The least value that can be represented.
    pub nudged_min: f32,
    /// The greatest value that can be represented.
    pub nudged_max: f32,
    /// The distance of two neighbouring values.
    pub scale: f32,
    /// The quantized value that stands for 0.
    pub zero_point: i64,
}

/// How a block quantizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// The input that is quantized.
    pub input: Name,
    /// One range, or one for each channel of the last dimension.
    pub ranges: Vec<QuantRange>,
}
