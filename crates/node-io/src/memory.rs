//! How much memory the machine has.

/// What is assumed where the machine does not tell: 8 GiB.
const ASSUMED: u64 = 8 << 30;

/// The default limit for a run's tensors, in bytes: three quarters of the machine's memory.
pub fn default_limit() -> u64 {
    total().unwrap_or(ASSUMED) / 4 * 3
}

fn total() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Reads a number of bytes as people write it: `4096`, `512MiB`, `1.5 GiB`, `2GB`.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(format!("'{text}' is no amount of memory; write 512MiB or 4GiB"));
    }
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1u64,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        other => return Err(format!("'{other}' is no unit of memory; use MiB or GiB")),
    };
    let number: f64 = number.parse().map_err(|_| format!("'{text}' is no amount of memory; write 512MiB or 4GiB"))?;
    Ok((number * factor as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, bytes) in
            [("4096", Ok(4096)), ("512MiB", Ok(512 << 20)), ("1.5 GiB", Ok(3 << 29)), ("2GB", Ok(2_000_000_000))]
        {
            assert_eq!(parse_bytes(text), bytes, "{text}");
        }
        for text in ["", "much", "4 apples", "-1"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}
