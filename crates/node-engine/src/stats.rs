//! Statistics of a tensor.

/// The number of bins of a histogram.
pub const BINS: usize = 256;

/// What can be told of a tensor's elements. Least, greatest, mean and deviation are of the finite ones; booleans count
/// as 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// All elements.
    pub count: u64,
    /// NaN.
    pub nan: u64,
    /// Infinities of both signs.
    pub inf: u64,
    /// Zeros of both signs.
    pub zeros: u64,
    /// The least; NaN if there is none.
    pub min: f64,
    /// The greatest; NaN if there is none.
    pub max: f64,
    /// The mean; NaN if there is none.
    pub mean: f64,
    /// The standard deviation of the population; NaN if there is none.
    pub std: f64,
    /// How the finite elements are distributed.
    pub histogram: Histogram,
}

impl Stats {
    /// The finite elements.
    pub fn finite(&self) -> u64 {
        self.count - self.nan - self.inf
    }
}

/// How finite elements are distributed: [`BINS`] bins of equal width, a power of two, that begin at a multiple of it.
/// Bin `i` holds what is at least `start + i × width` and less than `start + (i + 1) × width`.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub start: f64,
    /// How wide each is.
    pub width: f64,
    /// How many elements are in each.
    pub counts: Box<[u64; BINS]>,
    /// One of how many elements has been counted: 1 up to a million elements, more beyond.
    pub every: u64,
}

impl Histogram {
    /// The edges of the bins, one more than there are bins.
    pub fn edges(&self) -> impl Iterator<Item = f64> + use<> {
        let (start, width) = (self.start, self.width);
        (0..=BINS).map(move |i| start + i as f64 * width)
    }
}
