//! What tells a file from what it was and from others.

use std::fs::Metadata;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};

use node_core::access::Stamp;
use xxhash_rust::xxh3::Xxh3;

/// Which file it is, how long, and when it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Device and number of the file, where the system has such.
    place: (u64, u64),
    length: u64,
    modified: Option<SystemTime>,
    /// When the system last changed anything of it, in seconds and nanoseconds.
    changed: (i64, i64),
}

/// The clock by which a system notes changes may stand still for so long.
const TICK: Duration = Duration::from_millis(20);

impl Identity {
    /// That of a file.
    pub fn of(metadata: &Metadata) -> Identity {
        #[cfg(unix)]
        let (place, changed) = {
            use std::os::unix::fs::MetadataExt;
            ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (place, changed) = ((0, 0), (0, 0));
        Identity { place, length: metadata.len(), modified: metadata.modified().ok(), changed }
    }

    /// How long it is to be waited until a change of the file cannot go unnoticed: the system's clock has to have moved
    /// on since the last one.
    pub fn settles_in(&self) -> Option<Duration> {
        let age = SystemTime::now().duration_since(self.modified?).ok()?;
        TICK.checked_sub(age).filter(|rest| !rest.is_zero())
    }

    /// Whether the file was changed where it is, rather than replaced by another.
    pub fn was_changed_in_place(&self, now: &Identity) -> bool {
        self != now && self.place == now.place
    }

    /// What stands for what it holds.
    pub fn stamp(&self) -> Stamp {
        let mut hash = Wide(Xxh3::new());
        self.hash(&mut hash);
        Stamp(hash.0.digest128())
    }
}

/// All 128 bits of a hash.
struct Wide(Xxh3);

impl Hasher for Wide {
    fn finish(&self) -> u64 {
        self.0.digest()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
