//! A part of a tensor, as NumPy's basic slicing takes it: `[::2, :, -1]`.

use std::fmt;

/// A part of a tensor: of each axis one index, or some at equal distances.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    axes: Vec<Taken>,
    dims: Vec<usize>,
}

/// What is taken of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Taken {
    /// The first index.
    start: usize,
    /// The distance to the next.
    step: isize,
    /// How many.
    count: usize,
    /// Whether the axis is there in the result: not after a single index.
    stays: bool,
    /// The distance of neighbours along it, in elements.
    stride: usize,
}

/// Why a text is no slice of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSlice {
    /// There are more entries than axes.
    #[error("{0} entries, but the tensor has {1} {axes}", axes = if *.1 == 1 { "axis" } else { "axes" })]
    TooMany(usize, usize),
    /// An index beyond the end.
    #[error("index {0} is out of bounds for axis {1}, which has {2}")]
    Beyond(i64, usize, usize),
    /// A step of 0.
    #[error("a step cannot be 0")]
    Stands,
    /// Two dots too many.
    #[error("... stands twice")]
    TwoEllipses,
    /// What NumPy takes and this does not.
    #[error("a new axis is not taken here: indices, start:stop:step and ... are")]
    NewAxis,
    /// Something else.
    #[error("'{0}' is neither an index nor start:stop:step")]
    Unknown(String),
}

impl Slice {
    /// All of a tensor.
    pub fn whole(dims: &[usize]) -> Slice {
        let strides = strides(dims);
        let axes =
            dims.iter().zip(strides).map(|(dim, stride)| Taken { start: 0, step: 1, count: *dim, stays: true, stride });
        Slice { axes: axes.collect(), dims: dims.to_vec() }
    }

    /// What a text takes of a tensor with these dimensions, in brackets or without; nothing typed takes all.
    pub fn parse(text: &str, dims: &[usize]) -> Result<Slice, NoSlice> {
        let text = text.trim();
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text).trim();
        let mut slice = Slice::whole(dims);
        if inner.is_empty() {
            return Ok(slice);
        }
        let entries: Vec<&str> = inner.strip_suffix(',').unwrap_or(inner).split(',').map(str::trim).collect();
        let named = entries.iter().filter(|entry| **entry != "...").count();
        if entries.len() - named > 1 {
            return Err(NoSlice::TwoEllipses);
        }
        if named > dims.len() {
            return Err(NoSlice::TooMany(named, dims.len()));
        }
        let mut axis = 0;
        for entry in entries {
            if entry == "..." {
                axis += dims.len() - named;
                continue;
            }
            slice.axes[axis] = Taken { stride: slice.axes[axis].stride, ..taken(entry, axis, dims[axis])? };
            axis += 1;
        }
        slice.dims = slice.axes.iter().filter(|taken| taken.stays).map(|taken| taken.count).collect();
        Ok(slice)
    }

    /// The dimensions of the part.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|taken| taken.count).product()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is all of the tensor, in its order.
    pub fn is_whole(&self, dims: &[usize]) -> bool {
        *self == Slice::whole(dims)
    }

    /// Where its element number `number` lies in the tensor.
    pub fn flat(&self, mut number: usize) -> usize {
        let mut flat = 0;
        for taken in self.axes.iter().rev() {
            let count = taken.count.max(1);
            flat += taken.index(number % count) * taken.stride;
            number /= count;
        }
        flat
    }

    /// Which element of it is element `flat` of the tensor, if it is among them.
    pub fn number(&self, flat: usize) -> Option<usize> {
        let mut rest = flat;
        let mut number = 0;
        for taken in &self.axes {
            let index = rest / taken.stride.max(1);
            rest %= taken.stride.max(1);
            let away = isize::try_from(index).ok()? - isize::try_from(taken.start).ok()?;
            let nth = usize::try_from(away / taken.step).ok().filter(|_| away % taken.step == 0)?;
            if nth >= taken.count {
                return None;
            }
            number = number * taken.count + nth;
        }
        Some(number)
    }
}

impl Taken {
    fn index(&self, nth: usize) -> usize {
        self.start.saturating_add_signed(self.step * nth as isize)
    }
}

impl fmt::Display for Slice {
    /// As it can be typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.axes.iter().map(|taken| match taken {
            Taken { stays: false, start, .. } => start.to_string(),
            Taken { start, step, count, .. } => {
                let end = taken.start as isize + *step * *count as isize;
                let end = if end < 0 { String::new() } else { end.to_string() };
                if *step == 1 { format!("{start}:{end}") } else { format!("{start}:{end}:{step}") }
            }
        });
        write!(f, "[{}]", entries.collect::<Vec<_>>().join(", "))
    }
}

fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides: Vec<usize> = dims
        .iter()
        .rev()
        .scan(1usize, |stride, dim| {
            let own = *stride;
            *stride = stride.saturating_mul(*dim);
            Some(own)
        })
        .collect();
    strides.reverse();
    strides
}

fn taken(entry: &str, axis: usize, dim: usize) -> Result<Taken, NoSlice> {
    let unknown = || NoSlice::Unknown(entry.to_owned());
    if matches!(entry, "None" | "np.newaxis" | "newaxis") {
        return Err(NoSlice::NewAxis);
    }
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| unknown());
    let size = i64::try_from(dim).map_err(|_| unknown())?;
    let parts: Vec<&str> = entry.split(':').collect();
    if let [index] = parts.as_slice() {
        let index = number(index)?;
        let at = if index < 0 { index.saturating_add(size) } else { index };
        let at = usize::try_from(at).ok().filter(|at| *at < dim);
        let start = at.ok_or(NoSlice::Beyond(index, axis, dim))?;
        return Ok(Taken { start, step: 1, count: 1, stays: false, stride: 0 });
    }
    let [from, to, rest @ ..] = parts.as_slice() else { return Err(unknown()) };
    let part = |text: &str| if text.trim().is_empty() { Ok(None) } else { number(text).map(Some) };
    let step = match rest {
        [] => 1,
        [step] => part(step)?.unwrap_or(1),
        _ => return Err(unknown()),
    };
    if step == 0 {
        return Err(NoSlice::Stands);
    }
    // As Python's `slice.indices`: ends beyond the axis are its ends.
    let (least, most) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let end = |given: Option<i64>, default: i64| match given {
        None => default,
        Some(given) if given < 0 => given.saturating_add(size).clamp(least, most),
        Some(given) => given.clamp(least, most),
    };
    let (first, last) = if step > 0 { (0, size) } else { (size - 1, -1) };
    let (start, stop) = (end(part(from)?, first), end(part(to)?, last));
    let way = if step > 0 { stop - start } else { start - stop };
    let step_by = i64::try_from(step.unsigned_abs()).unwrap_or(i64::MAX);
    let count = if way <= 0 { 0 } else { (way - 1) / step_by + 1 };
    // Of an empty part nothing is ever looked at; of one element no step is ever taken.
    let step = if count < 2 { step.signum() } else { step };
    let to_isize = |v: i64| isize::try_from(v).map_err(|_| unknown());
    Ok(Taken {
        start: usize::try_from(start).unwrap_or(0),
        step: to_isize(step)?,
        count: usize::try_from(count).map_err(|_| unknown())?,
        stays: true,
        stride: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What NumPy 2 takes of `arange(2 * 3 * 4).reshape(2, 3, 4)`.
    #[test]
    fn as_numpy() {
        for (text, dims, elements) in [
            ("", vec![2, 3, 4], (0..24).collect::<Vec<usize>>()),
            ("[1]", vec![3, 4], (12..24).collect()),
            ("[::2, :, -1]", vec![1, 3], vec![3, 7, 11]),
            ("[..., 0]", vec![2, 3], vec![0, 4, 8, 12, 16, 20]),
            ("0, 1", vec![4], vec![4, 5, 6, 7]),
            ("0, 1, 2", vec![], vec![6]),
            ("[:, ::-1, 1:3]", vec![2, 3, 2], vec![9, 10, 5, 6, 1, 2, 21, 22, 17, 18, 13, 14]),
            ("[0, 0, 10:1:-2]", vec![1], vec![3]),
            ("[0, 0, ::-3]", vec![2], vec![3, 0]),
            ("[0, 0, -100:100]", vec![4], vec![0, 1, 2, 3]),
            ("[0, 0, 3:1]", vec![0], vec![]),
            ("[1:0:-1, ..., -2:]", vec![1, 3, 2], vec![14, 15, 18, 19, 22, 23]),
            ("[-1, ...]", vec![3, 4], (12..24).collect()),
            ("[0,]", vec![3, 4], (0..12).collect()),
            ("[0, 0, ::99999999999]", vec![1], vec![0]),
        ] {
            let slice = Slice::parse(text, &[2, 3, 4]).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(slice.dims(), dims, "{text}");
            let found: Vec<usize> = (0..slice.len()).map(|number| slice.flat(number)).collect();
            assert_eq!(found, elements, "{text}");
            for (number, flat) in found.iter().enumerate() {
                assert_eq!(slice.number(*flat), Some(number), "{text}");
            }
            let others = (0..24).filter(|flat| !elements.contains(flat));
            others.for_each(|flat| assert_eq!(slice.number(flat), None, "{text}: {flat}"));
            let again = Slice::parse(&slice.to_string(), &[2, 3, 4]).unwrap();
            assert_eq!((again.dims(), again.len()), (slice.dims(), slice.len()), "{slice}");
            assert!((0..again.len()).all(|number| again.flat(number) == slice.flat(number)), "{slice}");
        }
    }

    #[test]
    fn refused() {
        for (text, why) in [
            ("[0, 0, 0, 0]", NoSlice::TooMany(4, 3)),
            ("[2]", NoSlice::Beyond(2, 0, 2)),
            ("[0, -4]", NoSlice::Beyond(-4, 1, 3)),
            ("[::0]", NoSlice::Stands),
            ("[..., ...]", NoSlice::TwoEllipses),
            ("[None]", NoSlice::NewAxis),
            ("[a]", NoSlice::Unknown("a".into())),
            ("[1:2:3:4]", NoSlice::Unknown("1:2:3:4".into())),
            ("[0,,]", NoSlice::Unknown(String::new())),
            ("[99999999999999999999]", NoSlice::Unknown("99999999999999999999".into())),
        ] {
            assert_eq!(Slice::parse(text, &[2, 3, 4]), Err(why), "{text}");
        }
        assert!(Slice::parse("[0]", &[]).is_err() && Slice::parse("", &[]).is_ok());
        assert_eq!(Slice::parse("[:, 0]", &[0, 3]).unwrap().len(), 0);
    }
}
