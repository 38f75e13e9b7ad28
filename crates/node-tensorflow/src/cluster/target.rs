//! Where a cluster is: `grpc://HOST:PORT`, or with TLS `grpcs://HOST:PORT`.

use std::fmt;

/// The address of a cluster's master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether what is said is encrypted.
    pub tls: bool,
    /// The host; an address of version 6 in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Target {
    /// Reads a target, or says what is wrong with it and what to write.
    pub fn parse(text: &str) -> Result<Target, String> {
        let wrong =
            |why: &str| Err(format!("'{text}' {why}; a target is written grpc://HOST:PORT, or grpcs:// for TLS"));
        let Some((scheme, rest)) = text.trim().split_once("://") else { return wrong("is no target") };
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "grpc" => false,
            "grpcs" => true,
            _ => return wrong(&format!("begins with {scheme}://")),
        };
        let Some((host, port)) = rest.trim_end_matches('/').rsplit_once(':') else { return wrong("has no port") };
        let is_bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        let can_be = |c: char| c.is_ascii_alphanumeric() || "-._[]:%".contains(c);
        if host.is_empty() || is_bare_v6 || !host.chars().all(can_be) {
            return wrong("has no host");
        }
        match port.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Target { tls, host: host.to_owned(), port }),
            _ => wrong("has no port from 1 to 65535"),
        }
    }

    /// As HTTP names it.
    pub fn uri(&self) -> String {
        format!("{}://{}:{}", if self.tls { "https" } else { "http" }, self.host, self.port)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", if self.tls { "grpcs" } else { "grpc" }, self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn targets_are_read() {
        for text in ["grpc://127.0.0.1:2222", "grpcs://tf.example.org:443", "grpc://[::1]:8470"] {
            assert_eq!(Target::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "localhost:2222",
            "http://h:1",
            "grpc://h",
            "grpc://h:0",
            "grpc://h:70000",
            "grpc://:1",
            "grpc://::1:5",
            "grpc://a b:1",
            "grpc://a/b:1",
        ] {
            assert!(Target::parse(text).is_err_and(|why| why.contains("grpc://HOST:PORT")), "{text}");
        }
    }
}
