//! Pictures made larger or smaller: which pixels of the input a row or a column of the output lies between.

use node_core::{AttrKey, Fault, In, InferCx, PartialShape};

use super::windows;
use crate::given;

/// The size to be.
pub const SIZE: In<i32> =
    In::new("size", "Height and width of the output; a vector of 2, at least 1 each.").parameter();
/// Whether corners lie on corners.
pub const ALIGN_CORNERS: AttrKey<bool> =
    AttrKey::bool("align_corners", false, "Whether the centers of the corner pixels lie on one another.");
/// Whether a pixel's place is its middle.
pub const HALF_PIXEL_CENTERS: AttrKey<bool> =
    AttrKey::bool("half_pixel_centers", false, "Whether a pixel's place is its middle, not its corner.");

/// Lengths along an axis, and how they go together.
#[derive(Clone, Copy)]
pub struct Axis {
    from: usize,
    scale: f32,
    half_pixel: bool,
    align_corners: bool,
}

/// The shape of the output, as far as it is known.
pub fn shape(cx: &InferCx<'_>, dims: Option<&[Option<usize>]>) -> Result<PartialShape, Vec<Fault>> {
    let of = |axis: usize| dims.and_then(|dims| dims[axis]);
    for (axis, side) in [(1, "height"), (2, "width")] {
        if of(axis) == Some(0) {
            return Err(vec![Fault::at("images", format!("has {side} 0, of which nothing can be made"))]);
        }
    }
    if cx.attr(ALIGN_CORNERS)? && cx.attr(HALF_PIXEL_CENTERS)? {
        return Err(vec![Fault::attrs("align_corners and half_pixel_centers are both true; only one can be")]);
    }
    let [height, width] = match size(cx)? {
        Some([height, width]) => [Some(height), Some(width)],
        None => [None, None],
    };
    windows::pictures([of(0), height, width, of(3)], "size")
}

/// Height and width to be, if they are known.
pub fn size(cx: &InferCx<'_>) -> Result<Option<[usize; 2]>, Vec<Fault>> {
    let Some(size) = given::vector(cx, SIZE)? else { return Ok(None) };
    let side = |side: i64| usize::try_from(side).ok().filter(|side| *side > 0);
    match &size[..] {
        [height, width] if side(*height).is_some() && side(*width).is_some() => {
            Ok(side(*height).zip(side(*width)).map(|(h, w)| [h, w]))
        }
        [_, _] => Err(vec![Fault::at("size", format!("is {size:?}, but both must be at least 1"))]),
        _ => Err(vec![Fault::at("size", format!("has {} numbers, but must have 2: height and width", size.len()))]),
    }
}

impl Axis {
    /// From so many pixels to so many.
    pub fn of(cx: &InferCx<'_>, from: usize, to: usize) -> Result<Axis, Vec<Fault>> {
        let (align_corners, half_pixel) = (cx.attr(ALIGN_CORNERS)?, cx.attr(HALF_PIXEL_CENTERS)?);
        let scale = if align_corners && to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { from as f32 / to as f32 };
        Ok(Axis { from, scale, half_pixel, align_corners })
    }

    /// The nearest pixel.
    pub fn nearest(self, at: usize) -> usize {
        let place = if self.half_pixel { (at as f32 + 0.5) * self.scale } else { at as f32 * self.scale };
        let place = if self.align_corners { place.round() } else { place.floor() };
        (place as usize).min(self.from - 1)
    }

    /// The pixels before and behind a place, and how far it is on the way from one to the other.
    pub fn between(self, at: usize) -> (usize, usize, f32) {
        let place = if self.half_pixel { (at as f32 + 0.5) * self.scale - 0.5 } else { at as f32 * self.scale };
        let before = place.floor();
        let behind = (place.ceil().max(0.0) as usize).min(self.from - 1);
        ((before.max(0.0) as usize).min(behind), behind, place - before)
    }
}
