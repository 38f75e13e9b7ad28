//! Results that are kept: by what produced them, as many as fit, those that were not used for longest out first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use node_core::Tensor;

use crate::analysis::{Health, Met};
use crate::fingerprint::Fingerprint;
use crate::progress::Remarks;
use crate::results::Preview;
use crate::stats::Stats;

/// Bytes that an entry takes beside its elements, about.
const ENTRY: u64 = 256;

/// What is kept of one output.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its tensor.
    pub tensor: Option<Tensor>,
    /// Its statistics.
    pub stats: Option<Arc<Stats>>,
    /// Its type and first elements.
    pub preview: Option<Arc<Preview>>,
    /// What of it is no finite number.
    pub health: Option<Health>,
    /// Where the elements lie that its block quantizes.
    pub shares: Option<Met>,
    /// What its block says of what it has been given.
    pub remarks: Option<Arc<Remarks>>,
}

struct Entry {
    kept: Kept,
    bytes: u64,
    used: u64,
}

/// Results that are kept.
pub struct Cache {
    budget: u64,
    bytes: u64,
    clock: u64,
    entries: HashMap<Fingerprint, Entry>,
    /// The entries by when they were last used.
    ages: BTreeMap<u64, Fingerprint>,
}

impl Cache {
    /// An empty cache of at most `budget` bytes.
    pub fn new(budget: u64) -> Cache {
        Cache { budget, bytes: 0, clock: 0, entries: HashMap::new(), ages: BTreeMap::new() }
    }

    /// What is kept of an output; it then counts as just used.
    pub fn get(&mut self, key: Fingerprint) -> Option<&Kept> {
        let entry = self.entries.get_mut(&key)?;
        self.ages.remove(&entry.used);
        self.clock += 1;
        entry.used = self.clock;
        self.ages.insert(self.clock, key);
        Some(&entry.kept)
    }

    /// Keeps what is new of an output, and lets go of what was not used for longest.
    pub fn put(&mut self, key: Fingerprint, new: Kept) {
        let mut kept = self.remove(key).unwrap_or_default();
        kept.tensor = new.tensor.or(kept.tensor);
        kept.stats = new.stats.or(kept.stats);
        kept.preview = new.preview.or(kept.preview);
        kept.health = new.health.or(kept.health);
        kept.shares = new.shares.or(kept.shares);
        kept.remarks = new.remarks.or(kept.remarks);
        let bytes = ENTRY + kept.tensor.as_ref().map_or(0, Tensor::bytes);
        if bytes > self.budget {
            return;
        }
        while self.bytes + bytes > self.budget {
            let Some((_, oldest)) = self.ages.first_key_value() else { break };
            self.remove(*oldest);
        }
        self.clock += 1;
        self.bytes += bytes;
        self.ages.insert(self.clock, key);
        self.entries.insert(key, Entry { kept, bytes, used: self.clock });
    }

    fn remove(&mut self, key: Fingerprint) -> Option<Kept> {
        let entry = self.entries.remove(&key)?;
        self.ages.remove(&entry.used);
        self.bytes -= entry.bytes;
        Some(entry.kept)
    }

    /// The bytes that are taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::of_tensor;

    #[test]
    fn the_longest_unused_goes_first() {
        let tensor = |v: f32| Tensor::vector(vec![v; 1000]);
        let key = |v: f32| of_tensor(&tensor(v));
        let kept = |v: f32| Kept { tensor: Some(tensor(v)), ..Kept::default() };
        let mut cache = Cache::new(3 * (4000 + ENTRY));
        for v in [1.0, 2.0, 3.0] {
            cache.put(key(v), kept(v));
        }
        assert!(cache.get(key(1.0)).is_some());
        cache.put(key(4.0), kept(4.0));
        let there: Vec<bool> = [1.0, 2.0, 3.0, 4.0].map(|v| cache.get(key(v)).is_some()).to_vec();
        assert_eq!(there, [true, false, true, true]);
        assert!(cache.bytes() <= cache.budget);
        cache.put(key(9.0), Kept { tensor: Some(Tensor::vector(vec![0f32; 10_000])), ..Kept::default() });
        assert!(cache.get(key(9.0)).is_none(), "what does not fit is not kept, and drives nothing out");
        assert!(cache.get(key(4.0)).is_some());
    }
}
