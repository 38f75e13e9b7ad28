//! What a block says of itself beside its results: warnings, and how it quantizes.

use crate::name::Name;
use crate::page::BlockId;

/// What a person should know although nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The port that is concerned, if it is one.
    pub port: Option<Name>,
    /// What there is to know.
    pub message: String,
    /// What can be done about it.
    pub remedy: String,
    /// What can be done about it by setting values, each on its own.
    pub fixes: Vec<Fix>,
}

/// Values that do away with the cause of a warning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What is done.
    pub title: String,
    /// Attributes, or inputs with literals, and what is typed for them.
    pub values: Vec<(Name, String)>,
    /// The block whose attributes become this one's, in a set of both.
    pub share: Option<BlockId>,
}

impl Fix {
    /// Setting these values.
    pub fn new<N: Into<Name>>(title: impl Into<String>, values: impl IntoIterator<Item = (N, String)>) -> Fix {
        let values = values.into_iter().map(|(name, text)| (name.into(), text)).collect();
        Fix { title: title.into(), values, share: None }
    }

    /// One set for both blocks, with the other's values.
    pub fn sharing(other: BlockId) -> Fix {
        Fix { title: format!("Share the attributes of {other}"), values: Vec::new(), share: Some(other) }
    }
}

impl Warning {
    /// A warning about the port called `port`.
    pub fn at(port: impl Into<Name>, message: impl Into<String>, remedy: impl Into<String>) -> Warning {
        Warning { port: Some(port.into()), message: message.into(), remedy: remedy.into(), fixes: Vec::new() }
    }

    /// The same, with what can be done about it by setting values.
    pub fn fixed_by(self, fixes: Vec<Fix>) -> Warning {
        Warning { fixes, ..self }
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

impl QuantRange {
    /// The integer that stands for a quantized value: `value / scale + zero_point`, to the nearest. `None` where there is
    /// none: for NaN, and where the range is empty.
    pub fn code(&self, value: f32) -> Option<i64> {
        let steps = (f64::from(value) / f64::from(self.scale)).round();
        (steps.is_finite()).then(|| (steps as i64).checked_add(self.zero_point)).flatten()
    }
}

/// How a block quantizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// The input that is quantized.
    pub input: Name,
    /// The output that holds what comes of it, where one does: not of a gradient.
    pub output: Option<Name>,
    /// The input whose elements it lets through or stops, where it does: of a gradient.
    pub gradients: Option<Name>,
    /// The attributes or inputs that give the range's ends, the lower first.
    pub ends: [Name; 2],
    /// One range, or one for each channel of the last dimension.
    pub ranges: Vec<QuantRange>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every integer of 16 bits stands for one value, and this value for it.
    #[test]
    fn codes_and_values() {
        for (scale, zero_point) in [(0.047058824f32, 128), (1.0 / 65535.0, 0), (0.1, 65535), (3.5e30, 7), (1.2e-38, 9)]
        {
            let range = QuantRange { min: 0.0, max: 0.0, nudged_min: 0.0, nudged_max: 0.0, scale, zero_point };
            for code in 0..=65535i64 {
                let value = (code - zero_point) as f32 * scale;
                assert_eq!(range.code(value), Some(code), "{scale} {zero_point}");
            }
            assert_eq!(range.code(f32::NAN), None);
        }
        let empty = QuantRange { min: 0.0, max: 0.0, nudged_min: 0.0, nudged_max: 0.0, scale: 0.0, zero_point: 0 };
        assert_eq!(empty.code(0.0), None);
    }
}
