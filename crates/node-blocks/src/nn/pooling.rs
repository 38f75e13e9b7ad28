//! Windows over pictures, of which each gives one pixel: where they lie, and which pixels they cover.

use node_core::type_rule::PortTypes;
use node_core::why::Origin;
use node_core::{Fault, In, InferCx, PartialShape, Shape, WhyCx};

use super::windows::{self, Along, KSIZE, Windows};
use crate::given;

/// The windows over pictures of a shape.
pub struct Pools {
    /// Down.
    pub down: Along,
    /// To the right.
    pub right: Along,
    /// Channels.
    pub channels: usize,
}

/// The shape of what windows over pictures give, as far as it is known.
pub fn shape<T: PortTypes>(cx: &InferCx<'_>, port: In<T>) -> Result<PartialShape, Vec<Fault>> {
    results(cx, given::dims(cx, port, 4)?, port.name())
}

/// The same for pictures of these lengths. The fault is `at`'s.
pub fn results(cx: &InferCx<'_>, dims: Option<&[Option<usize>]>, at: &'static str) -> Result<PartialShape, Vec<Fault>> {
    let (windows, size) = (Windows::given(cx)?, windows::of_space(cx, KSIZE)?);
    let of = |axis: usize| dims.and_then(|dims| dims[axis]);
    let side = |axis: usize| windows.count(axis, of(axis + 1), Some(size[axis]), at);
    windows::pictures([of(0), side(0)?, side(1)?, of(3)], at)
}

impl Pools {
    /// Over pictures of this shape.
    pub fn of(cx: &InferCx<'_>, pictures: &Shape) -> Result<Pools, Vec<Fault>> {
        let (windows, size) = (Windows::given(cx)?, windows::of_space(cx, KSIZE)?);
        let &[_, height, width, channels] = pictures.dims() else {
            return Err(vec![Fault::block("has pictures of another rank; this is a bug in the block")]);
        };
        let (down, right) = (windows.along(0, height, size[0], "input")?, windows.along(1, width, size[1], "input")?);
        Ok(Pools { down, right, channels })
    }

    /// The pixels that window number `window` covers, row by row: where their first channels are.
    pub fn covered(&self, window: usize) -> impl Iterator<Item = usize> + '_ {
        let (y, x) = (window / self.right.count % self.down.count, window % self.right.count);
        let picture = window / (self.right.count * self.down.count) * self.down.len;
        let rows = self.down.places(y).filter_map(move |at| self.down.place(y, at));
        rows.flat_map(move |y| {
            let places = self.right.places(x).filter_map(move |at| self.right.place(x, at));
            places.map(move |x| ((picture + y) * self.right.len + x) * self.channels)
        })
    }

    /// How many pixels a window covers.
    pub fn count(&self, window: usize) -> usize {
        let (y, x) = (window / self.right.count % self.down.count, window % self.right.count);
        self.down.places(y).len() * self.right.places(x).len()
    }

    /// The windows that cover the pixel number `pixel`, row by row.
    pub fn covering(&self, pixel: usize) -> impl Iterator<Item = usize> + '_ {
        let (y, x) = (pixel / self.right.len % self.down.len, pixel % self.right.len);
        let picture = pixel / (self.right.len * self.down.len) * self.down.count;
        let windows = move |y| self.right.windows(x).map(move |x| (picture + y) * self.right.count + x);
        self.down.windows(y).flat_map(windows)
    }

    /// The elements of input number `input` that an element of the output comes from.
    pub fn origins(&self, cx: &WhyCx<'_>, input: usize) -> Vec<Origin> {
        let (window, channel) = (cx.flat() / self.channels, cx.flat() % self.channels);
        self.covered(window).map(|at| Origin { input, item: 0, flat: at + channel }).collect()
    }
}
