//! A tensor as a picture: a colour for each element.

use node_core::{DType, Scalar, Shape, Tensor};

use super::Stop;
use super::numbers::Numbers;

/// The colours from the most negative to the most positive: ColorBrewer's RdBu, turned round, so that zero is white.
const COLOURS: [[u8; 3]; 11] = [
    [0x05, 0x30, 0x61],
    [0x21, 0x66, 0xac],
    [0x43, 0x93, 0xc3],
    [0x92, 0xc5, 0xde],
    [0xd1, 0xe5, 0xf0],
    [0xf7, 0xf7, 0xf7],
    [0xfd, 0xdb, 0xc7],
    [0xf4, 0xa5, 0x82],
    [0xd6, 0x60, 0x4d],
    [0xb2, 0x18, 0x2b],
    [0x67, 0x00, 0x1f],
];

/// That of NaN, which is on no scale: yellow.
const NAN: [u8; 3] = [0xff, 0xd9, 0x2f];

/// The colour of a number on a scale that is symmetric about zero and ends at `most`.
pub fn colour(value: f64, most: f64) -> [u8; 3] {
    if value.is_nan() {
        return NAN;
    }
    let part =
        if most > 0.0 { (value / most).clamp(-1.0, 1.0) } else { value.signum() * f64::from(u8::from(value != 0.0)) };
    let part = if part.is_nan() { value.signum() } else { part };
    let place = (part + 1.0) / 2.0 * (COLOURS.len() - 1) as f64;
    let first = (place.floor() as usize).min(COLOURS.len() - 2);
    let share = place - first as f64;
    let mix = |channel: usize| {
        let (a, b) = (f64::from(COLOURS[first][channel]), f64::from(COLOURS[first + 1][channel]));
        (a + (b - a) * share).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

/// The largest finite magnitude of a tensor, where its scale ends; 0 if there is none. `None` for texts and once stopped.
pub fn scale(tensor: &Tensor, stop: &Stop) -> Option<f64> {
    let mut most = 0.0;
    Numbers::of(tensor)?.each(stop, |_, stretch| {
        let finite = stretch.iter().map(|value| value.abs()).filter(|value| value.is_finite());
        most = finite.fold(most, f64::max);
    })?;
    Some(most)
}

/// A tensor of rank 2 in the colours of [`colour`], as uint8 [height, width, 3]; `None` for other tensors and for text.
pub fn of(tensor: &Tensor) -> Option<Tensor> {
    let [height, width] = *tensor.shape().dims() else { return None };
    if tensor.dtype() == DType::String {
        return None;
    }
    let most = scale(tensor, &Stop::default())?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(tensor.len().checked_mul(3)?).ok()?;
    for number in 0..tensor.len() {
        let value = tensor.element(number).as_ref().and_then(Scalar::as_f64)?;
        samples.extend(colour(value, most));
    }
    Tensor::new(Shape::new([height, width, 3]).ok()?, samples).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_white_and_the_ends_are_the_ends() {
        for (value, expected) in [
            (0.0, COLOURS[5]),
            (-0.0, COLOURS[5]),
            (2.0, COLOURS[10]),
            (-2.0, COLOURS[0]),
            (f64::INFINITY, COLOURS[10]),
            (f64::NEG_INFINITY, COLOURS[0]),
            (f64::NAN, NAN),
            (0.4, COLOURS[6]),
        ] {
            assert_eq!(colour(value, 2.0), expected, "{value}");
        }
        assert_eq!(colour(0.0, 0.0), COLOURS[5], "where all is zero");
        assert_eq!(colour(f64::INFINITY, 0.0), COLOURS[10], "where nothing else is finite");
    }

    #[test]
    fn only_planes_of_numbers() {
        let plane = Tensor::new(Shape::new([1, 2]).unwrap(), vec![-1f32, 1.0]).unwrap();
        let picture = of(&plane).unwrap();
        assert_eq!(picture.shape().dims(), [1, 2, 3]);
        assert_eq!(picture.slice::<u8>().unwrap(), [COLOURS[0], COLOURS[10]].concat());
        assert!(of(&Tensor::vector(vec![1f32])).is_none());
    }
}
