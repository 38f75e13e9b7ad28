//! Devices: `/job:worker/replica:0/task:1/device:CPU:0`, or a part of it.

/// A device, or all that a part of a name fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The job.
    pub job: Option<String>,
    /// The replica.
    pub replica: Option<u32>,
    /// The task.
    pub task: Option<u32>,
    /// The kind of device, and its number.
    pub kind: Option<(String, Option<u32>)>,
}

impl Device {
    /// Reads a name, or says what is wrong with it and how names are written.
    pub fn parse(text: &str) -> Result<Device, String> {
        let wrong =
            || format!("'{text}' is no device; write one as /job:worker/task:1, or with /device:CPU:0 behind it");
        let parts = text.strip_prefix('/').filter(|parts| !parts.is_empty()).ok_or_else(wrong)?;
        let mut device = Device::default();
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        for part in parts.split('/') {
            let (key, value) = part.split_once(':').ok_or_else(wrong)?;
            let (kind, index) = match value.rsplit_once(':') {
                Some((kind, index)) => (kind, Some(index)),
                None => (value, None),
            };
            match key {
                "job" if is_word(value) => device.job = Some(value.to_owned()),
                "replica" => device.replica = Some(number(value)?),
                "task" => device.task = Some(number(value)?),
                "device" if is_word(kind) => {
                    let index = index.filter(|index| *index != "*").map(number).transpose()?;
                    device.kind = Some((kind.to_ascii_uppercase(), index));
                }
                "cpu" | "gpu" | "CPU" | "GPU" => device.kind = Some((key.to_ascii_uppercase(), Some(number(value)?))),
                _ => return Err(wrong()),
            }
        }
        Ok(device)
    }

    /// Whether `other`, a whole name, is one of these.
    pub fn fits(&self, other: &Device) -> bool {
        let kind = |(kind, index): &(String, Option<u32>)| {
            other.kind.as_ref().is_some_and(|(of, number)| of == kind && (index.is_none() || index == number))
        };
        (self.job.is_none() || self.job == other.job)
            && (self.replica.is_none() || self.replica == other.replica)
            && (self.task.is_none() || self.task == other.task)
            && self.kind.as_ref().is_none_or(kind)
    }

    /// The worker that it is part of, as a filter names it: `/job:worker/task:1`.
    pub fn worker(&self) -> Option<String> {
        Some(format!("/job:{}/task:{}", self.job.as_ref()?, self.task?))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn parts_fit_whole_names() {
        let whole = Device::parse("/job:worker/replica:0/task:1/device:CPU:0").unwrap();
        assert_eq!(whole.worker().as_deref(), Some("/job:worker/task:1"));
        for part in
            ["/job:worker/task:1", "/task:1", "/cpu:0", "/device:CPU:0", "/job:worker", "/device:CPU:*", "/device:cpu"]
        {
            assert!(Device::parse(part).unwrap().fits(&whole), "{part}");
        }
        for part in ["/job:ps", "/task:0", "/gpu:0", "/device:CPU:1", "/replica:1"] {
            assert!(!Device::parse(part).unwrap().fits(&whole), "{part}");
        }
        for text in ["", "/", "worker", "/job", "/job:", "/task:x", "/device:", "/job:a b", "//", "/weights:1"] {
            assert!(Device::parse(text).is_err_and(|why| why.contains("/job:worker/task:1")), "{text}");
        }
    }
}
