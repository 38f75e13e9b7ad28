//! Windows that move over pictures: where they lie, for convolutions, pooling and their gradients.
//!
//! Pictures are [batch, height, width, channels] (`NHWC`), as TensorFlow's CPU kernels take them.

use std::sync::Arc;

use node_core::{AttrKey, Fault, InferCx, PartialShape};

use crate::given;

/// How far a window moves.
pub const STRIDES: AttrKey<Vec<i64>> =
    AttrKey::ints("strides", &[1, 1, 1, 1], "How far a window moves along each axis: [1, down, right, 1].");
/// How large a window is.
pub const KSIZE: AttrKey<Vec<i64>> =
    AttrKey::ints("ksize", &[1, 2, 2, 1], "How large a window is along each axis: [1, height, width, 1].");
/// What is added around a picture.
pub const PADDING: AttrKey<Arc<str>> = AttrKey::one_of(
    "padding",
    &["SAME", "VALID", "EXPLICIT"],
    "What is added around a picture: as much as makes the output as long as the input by the stride (SAME), nothing \
     (VALID), or what explicit_paddings says.",
);
/// The same without a choice of one's own.
pub const PADDING_OF_TWO: AttrKey<Arc<str>> = AttrKey::one_of(
    "padding",
    &["SAME", "VALID"],
    "What is added around a picture: as much as makes the output as long as the input by the stride (SAME), or nothing.",
);
/// What is added, where padding is EXPLICIT.
pub const EXPLICIT_PADDINGS: AttrKey<Vec<i64>> = AttrKey::ints(
    "explicit_paddings",
    &[],
    "With EXPLICIT: before and behind each axis, [0, 0, top, bottom, left, right, 0, 0].",
);
/// How far apart a window's places are.
pub const DILATIONS: AttrKey<Vec<i64>> =
    AttrKey::ints("dilations", &[1, 1, 1, 1], "How far apart a window's places are: [1, down, right, 1].");
/// Where the channels are.
pub const DATA_FORMAT: AttrKey<Arc<str>> = AttrKey::one_of(
    "data_format",
    &["NHWC", "NCHW"],
    "Where the channels are: last. NCHW has no kernel on CPUs; Transpose changes it.",
);
/// Meant for other devices.
pub const USE_CUDNN: AttrKey<bool> =
    AttrKey::bool("use_cudnn_on_gpu", true, "TensorFlow's; it means nothing on a CPU.");

/// Windows along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Along {
    /// The length of the picture.
    pub len: usize,
    /// How many windows there are.
    pub count: usize,
    /// How many places a window has.
    pub size: usize,
    /// How far windows are apart.
    pub stride: usize,
    /// How far places are apart.
    pub dilation: usize,
    /// What is added before the picture.
    pub before: usize,
}

impl Along {
    /// Where place `at` of window `window` lies in the picture; nothing in what is added around it.
    pub fn place(&self, window: usize, at: usize) -> Option<usize> {
        (window * self.stride + at * self.dilation).checked_sub(self.before).filter(|place| *place < self.len)
    }

    /// The places of a window that lie in the picture.
    pub fn places(&self, window: usize) -> std::ops::Range<usize> {
        let begin = window * self.stride;
        let first = self.before.saturating_sub(begin).div_ceil(self.dilation);
        let end = (self.len + self.before).saturating_sub(begin).div_ceil(self.dilation);
        first..end.min(self.size).max(first)
    }

    /// The windows that cover a pixel, where places lie side by side.
    pub fn windows(&self, place: usize) -> std::ops::Range<usize> {
        let at = place + self.before;
        let first = (at + 1).saturating_sub(self.size).div_ceil(self.stride);
        let end = (at / self.stride + 1).min(self.count);
        first..end.max(first)
    }

    /// The window of which place `at` lies here in the picture.
    pub fn window(&self, place: usize, at: usize) -> Option<usize> {
        let from = (place + self.before).checked_sub(at * self.dilation)?;
        (from % self.stride == 0).then_some(from / self.stride).filter(|window| *window < self.count)
    }
}

/// How windows move, as a block's attributes say.
#[derive(Clone, Debug)]
pub struct Windows {
    strides: [usize; 2],
    dilations: [usize; 2],
    padding: Arc<str>,
    explicit: Vec<i64>,
}

impl Windows {
    /// What the attributes say.
    pub fn given(cx: &InferCx<'_>) -> Result<Windows, Vec<Fault>> {
        let padding = cx.find_attr(PADDING).unwrap_or_else(|| Arc::from("VALID"));
        if cx.find_attr(DATA_FORMAT).is_some_and(|format| &*format != "NHWC") {
            let message = "data_format is NCHW, for which there is no kernel on CPUs; put Transpose before and behind, and set NHWC";
            return Err(vec![Fault::attrs(message)]);
        }
        let explicit = cx.find_attr(EXPLICIT_PADDINGS).unwrap_or_default();
        if &*padding == "EXPLICIT" {
            let is_right = explicit.len() == 8
                && explicit.iter().all(|padding| (0..=i64::from(i32::MAX)).contains(padding))
                && [0, 1, 6, 7].iter().all(|at| explicit[*at] == 0);
            if !is_right {
                let message = format!(
                    "explicit_paddings is {explicit:?}, but must be eight numbers from 0 on, 0 for batch and channels"
                );
                return Err(vec![Fault::attrs(message)]);
            }
        } else if !explicit.is_empty() {
            return Err(vec![Fault::attrs(format!(
                "explicit_paddings is set, but padding is {padding}, not EXPLICIT"
            ))]);
        }
        let strides = of_space(cx, STRIDES)?;
        let dilations = if cx.find_attr(DILATIONS).is_some() { of_space(cx, DILATIONS)? } else { [1, 1] };
        Ok(Windows { strides, dilations, padding, explicit })
    }

    /// Windows of `size` along axis `axis` of space (0 is down, 1 right) of a picture `len` long. The fault is `at`'s.
    pub fn along(&self, axis: usize, len: usize, size: usize, at: &'static str) -> Result<Along, Vec<Fault>> {
        let (stride, dilation) = (self.strides[axis], self.dilations[axis]);
        let side = ["height", "width"][axis];
        let overflow = || vec![Fault::at(at, format!("its {side}, {len}, makes windows that cannot be counted"))];
        let reach =
            size.saturating_sub(1).checked_mul(dilation).and_then(|reach| reach.checked_add(1)).ok_or_else(overflow)?;
        let (before, behind) = match &*self.padding {
            "SAME" => {
                let count = len.div_ceil(stride);
                let all = count.saturating_sub(1).checked_mul(stride).and_then(|all| all.checked_add(reach));
                let all = all.ok_or_else(overflow)?.saturating_sub(len);
                (all / 2, all - all / 2)
            }
            "EXPLICIT" => (self.explicit[2 + 2 * axis] as usize, self.explicit[3 + 2 * axis] as usize),
            _ => (0, 0),
        };
        let padded = len.checked_add(before).and_then(|len| len.checked_add(behind)).ok_or_else(overflow)?;
        padded.checked_add(stride).ok_or_else(overflow)?;
        // As TensorFlow counts: a window that reaches beyond by less than its stride leaves none, which is no mistake.
        let beyond = reach.saturating_sub(padded);
        if size == 0 || beyond >= stride.saturating_mul(2) {
            let message = format!("its {side}, {len}, has no room for a window of {reach} (padding {})", self.padding);
            return Err(vec![Fault::at(at, message)]);
        }
        let room = (padded + stride).saturating_sub(reach);
        let count = if &*self.padding == "SAME" { len.div_ceil(stride) } else { room / stride };
        Ok(Along { len, count, size, stride, dilation, before })
    }

    /// How many windows there are, if the lengths are known.
    pub fn count(
        &self,
        axis: usize,
        len: Option<usize>,
        size: Option<usize>,
        at: &'static str,
    ) -> Result<Option<usize>, Vec<Fault>> {
        match (len, size) {
            (Some(len), Some(size)) => self.along(axis, len, size, at).map(|along| Some(along.count)),
            _ => Ok(None),
        }
    }
}

/// Down and right of an attribute with four numbers, the others of which are 1.
pub fn of_space(cx: &InferCx<'_>, key: AttrKey<Vec<i64>>) -> Result<[usize; 2], Vec<Fault>> {
    let (name, given) = (key.name(), cx.attr(key)?);
    let side = |at: usize| usize::try_from(given[at]).ok().filter(|side| (1..=i32::MAX as usize).contains(side));
    if let [1, _, _, 1] = *given
        && let (Some(down), Some(right)) = (side(1), side(2))
    {
        return Ok([down, right]);
    }
    let message = format!("{} is {given:?}, but must be [1, down, right, 1], with numbers from 1 on", name);
    Err(vec![Fault::attrs(message)])
}

/// The shape of pictures.
pub fn pictures(dims: [Option<usize>; 4], at: &'static str) -> Result<PartialShape, Vec<Fault>> {
    given::shape(dims.to_vec(), at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn windows_know_their_places_both_ways() {
        for (len, size, stride, dilation, padding) in [
            (5, 3, 1, 1, "SAME"),
            (6, 3, 2, 1, "SAME"),
            (7, 3, 1, 2, "VALID"),
            (7, 2, 3, 1, "VALID"),
            (1, 3, 2, 1, "SAME"),
        ] {
            let windows = Windows {
                strides: [stride; 2],
                dilations: [dilation; 2],
                padding: Arc::from(padding),
                explicit: Vec::new(),
            };
            let along = windows.along(0, len, size, "input").unwrap();
            for window in 0..along.count {
                let within: Vec<usize> = (0..size).filter(|at| along.place(window, *at).is_some()).collect();
                assert_eq!(along.places(window).collect::<Vec<_>>(), within, "{along:?} {window}");
                for at in within {
                    let place = along.place(window, at).unwrap();
                    assert_eq!(along.window(place, at), Some(window), "{along:?}");
                }
            }
            for place in (0..len).filter(|_| dilation == 1) {
                let covers = |window: &usize| (0..size).any(|at| along.window(place, at) == Some(*window));
                let covering: Vec<usize> = (0..along.count).filter(covers).collect();
                assert_eq!(along.windows(place).collect::<Vec<_>>(), covering, "{along:?} {place}");
            }
        }
    }
}
