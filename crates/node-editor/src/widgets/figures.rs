//! Figures in words: parts of a whole, and numbers of any size.

use node_core::number::f32_text;

/// A part of a whole, in words: what is there at all is never 0 %, and what is not all is never 100 %.
pub fn percent(count: u64, of: u64) -> String {
    match count as f64 / of.max(1) as f64 * 100.0 {
        part if count > 0 && part < 0.05 => "< 0.1 %".to_owned(),
        part if count < of && part >= 99.95 => "> 99.9 %".to_owned(),
        part => format!("{part:.1} %"),
    }
}

/// A figure: as many digits as float32 has, also beyond its range.
pub fn figure(value: f64) -> String {
    let narrow = value as f32;
    if !value.is_finite() || narrow.is_finite() && (narrow != 0.0 || value == 0.0) {
        f32_text(narrow)
    } else {
        format!("{value:.6e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_whole() {
        for (count, of, text) in [
            (0, 7, "0.0 %"),
            (1, 24_576, "< 0.1 %"),
            (24_575, 24_576, "> 99.9 %"),
            (24_576, 24_576, "100.0 %"),
            (1, 4, "25.0 %"),
            (0, 0, "0.0 %"),
        ] {
            assert_eq!(percent(count, of), text);
        }
    }

    #[test]
    fn figures_beyond_float32() {
        assert_eq!(figure(0.25), "0.25");
        assert_eq!(figure(1.2e76), "1.200000e76");
        assert_eq!(figure(1e-60), "1.000000e-60");
        assert_eq!(figure(f64::INFINITY), "Infinity");
        assert_eq!(figure(0.0), "0");
    }
}
