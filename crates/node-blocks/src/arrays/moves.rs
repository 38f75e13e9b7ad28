//! Blocks that only move elements: each element of the output is one of the input, or a filling.
//!
//! Such a block says where an output's elements come from; copying them, and telling where one came from, are done here.

use std::sync::Arc;

use node_core::type_rule::Same;
use node_core::why::Origin;
use node_core::{
    Block, Element, Fault, In, InferCx, KnownType, PartialShape, Reason, RunCx, Shape, Tensor, TensorType, WhyCx,
    for_dtype,
};

/// How many elements are copied in one piece.
const PIECE: usize = 1 << 16;

/// A block that moves elements.
pub trait Moving: Send + Sync + 'static {
    /// The input whose elements are moved.
    const SOURCE: In<Same>;

    /// The input whose one element fills what comes from nowhere; zeros if there is none.
    const FILLING: Option<In<Same>> = None;

    /// The shape of the output, as far as it is known.
    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>>;

    /// Where its elements come from, of an input of the shape `from` to an output of the shape `to`.
    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>>;
}

/// What lies along one axis of an output.
#[derive(Clone, Debug)]
pub enum Along {
    /// Neighbours are this far apart in the input.
    Step(isize),
    /// As [`Step`](Along::Step), but the first `before` places, and those behind `len` more, are filled.
    Inside {
        /// How many are filled first.
        before: usize,
        /// How many come from the input.
        len: usize,
        /// How far apart these are.
        stride: usize,
    },
    /// As [`Step`](Along::Step) over `len` places, but shifted by so many, round and round.
    Rolled {
        /// How many come before the first.
        by: usize,
        /// How many there are.
        len: usize,
        /// How far apart they are.
        stride: usize,
    },
    /// For each place how far it is from the first; nothing where it is filled.
    At(Arc<[Option<usize>]>),
}

/// Where the elements of an output come from.
pub enum Moves {
    /// Each axis adds to where an element is.
    Axes {
        /// Where the first element is.
        base: usize,
        /// The length of each axis, and what lies along it.
        axes: Vec<(usize, Along)>,
    },
    /// Rows of elements that lie together.
    Rows {
        /// How long a row is.
        run: usize,
        /// Where a row begins; nothing if it is filled.
        from: Box<dyn Fn(usize) -> Option<usize> + Send + Sync>,
    },
}

impl Moves {
    /// Each axis adds to where an element is. Axes that lie together as one are joined.
    pub fn axes(base: usize, axes: impl IntoIterator<Item = (usize, Along)>) -> Moves {
        let mut joined: Vec<(usize, Along)> = Vec::new();
        for (len, along) in axes {
            if len == 1 && matches!(along, Along::Step(_)) {
                continue;
            }
            if let (Some((last, Along::Step(wide))), Along::Step(step)) = (joined.last_mut(), &along)
                && *wide == *step * len as isize
            {
                *last *= len;
                *wide = *step;
                continue;
            }
            joined.push((len, along));
        }
        Moves::Axes { base, axes: joined }
    }

    /// Where element `flat` of the output comes from.
    pub fn source(&self, flat: usize) -> Option<usize> {
        match self {
            Moves::Axes { base, axes } => {
                let (mut left, mut at) = (flat, *base as isize);
                for (len, along) in axes.iter().rev() {
                    at += along.at(left % len)?;
                    left /= len;
                }
                usize::try_from(at).ok()
            }
            Moves::Rows { run, from } => from(flat / run).map(|row| row + flat % run),
        }
    }
}

impl Along {
    fn at(&self, place: usize) -> Option<isize> {
        match self {
            Along::Step(step) => Some(place as isize * step),
            Along::Inside { before, len, stride } => {
                place.checked_sub(*before).filter(|at| at < len).map(|at| (at * stride) as isize)
            }
            Along::Rolled { by, len, stride } => Some(((place + len - by) % len * stride) as isize),
            Along::At(places) => places[place].map(|at| at as isize),
        }
    }
}

/// The distance between neighbours along each axis.
pub fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// The code of a block that moves elements.
pub struct Mover<M>(pub M);

impl<M: Moving> Block for Mover<M> {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.dtype(M::SOURCE)?, self.0.shape(cx)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(M::SOURCE)?;
        let from = cx.operand_type(input, 0)?.shape;
        match (self.0.moves(cx, &from, cx.shape())?.source(cx.flat()), M::FILLING) {
            (Some(flat), _) => Ok(cx.moved(Origin { input, item: 0, flat })),
            (None, Some(port)) => Ok(cx.moved(Origin { input: cx.input_number(port)?, item: 0, flat: 0 })),
            (None, None) => Ok(Reason::of_itself("0, with which what comes from nowhere is filled")),
        }
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (source, ty) = (cx.tensor(M::SOURCE)?, &cx.outputs()[0]);
        // Nothing comes from anywhere, however long other axes are.
        if ty.shape.elements() == 0 {
            return Ok(vec![cx.zeros(ty)?]);
        }
        let filling = match M::FILLING {
            Some(port) => Some(cx.tensor(port)?),
            None => None,
        };
        Ok(vec![moved(cx, source, filling, &self.0.moves(cx, source.shape(), &ty.shape)?, ty)?])
    }
}

/// The elements of `source`, moved.
pub fn moved(
    cx: &RunCx<'_>,
    source: &Tensor,
    filling: Option<&Tensor>,
    moves: &Moves,
    ty: &KnownType,
) -> Result<Tensor, Vec<Fault>> {
    for_dtype!(ty.dtype, T => {
        let filling = filling.and_then(|filling| filling.slice::<T>()?.first().cloned()).unwrap_or_default();
        copied(cx, source.slice::<T>().unwrap_or_default(), &filling, moves, &ty.shape)
    })
}

fn copied<T: Element>(
    cx: &RunCx<'_>,
    source: &[T],
    filling: &T,
    moves: &Moves,
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    match moves {
        Moves::Rows { run, from } => {
            let run = (*run).max(1);
            cx.write::<T>(shape, PIECE, |first, out| {
                let (mut at, mut out) = (first, out);
                while !out.is_empty() {
                    let (row, within) = (at / run, at % run);
                    let (now, rest) = out.split_at_mut(out.len().min(run - within));
                    at += now.len();
                    match from(row) {
                        Some(begin) => now.clone_from_slice(&source[begin + within..begin + within + now.len()]),
                        None => now.fill(filling.clone()),
                    }
                    out = rest;
                }
            })
        }
        Moves::Axes { base, axes } => along_axes(cx, source, filling, (*base, axes), shape),
    }
}

/// Row by row along the last axis; where that is far apart in the input and another is not, square by square.
fn along_axes<T: Element>(
    cx: &RunCx<'_>,
    source: &[T],
    filling: &T,
    (base, axes): (usize, &[(usize, Along)]),
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    let Some(((len, last), outer)) = axes.split_last() else {
        return cx.write::<T>(shape, 1, |_, out| out.fill(source[base].clone()));
    };
    let len = (*len).max(1);
    let begin = |mut row: usize| -> Option<isize> {
        let mut at = base as isize;
        for (len, along) in outer.iter().rev() {
            at += along.at(row % len)?;
            row /= len;
        }
        Some(at)
    };
    // A turned matrix: rows of the output are columns of the input, whose neighbours are those of the axis before.
    let turned = match (outer.last(), last) {
        (Some((rows, Along::Step(1))), Along::Step(step)) if *step > 8 => Some((*rows, *step as usize)),
        _ => None,
    };
    let band = if len > LONG { SIDE } else { BAND };
    let piece = turned
        .map_or(PIECE, |(rows, _)| (PIECE / len).max(band).next_multiple_of(band).min(rows.max(1)).saturating_mul(len));
    cx.write::<T>(shape, piece, |first, out| {
        if let Some((rows, step)) = turned {
            // Rows of one matrix lie side by side in the input.
            let (mut out, mut row) = (out, first / len);
            while !out.is_empty() {
                let count = (rows - row % rows).min(out.len() / len);
                let (now, rest) = out.split_at_mut(count * len);
                match begin(row).and_then(|at| usize::try_from(at).ok()) {
                    Some(at) => turn(source, at, step, now, len),
                    None => now.fill(filling.clone()),
                }
                (out, row) = (rest, row + count);
            }
            return;
        }
        // A piece may begin and end within a row.
        let (mut at, mut out) = (first, out);
        while !out.is_empty() {
            let (row, within) = (at / len, at % len);
            let (now, rest) = out.split_at_mut(out.len().min(len - within));
            at += now.len();
            match begin(row) {
                Some(begin) => one_row(source, filling, begin, (last, within), now),
                None => now.fill(filling.clone()),
            }
            out = rest;
        }
    })
}

/// The side of a square whose rows are whole lines of the cache.
const SIDE: usize = 16;

/// Rows of the output that are written together: so many lines of the input are still at hand for the next square.
const BAND: usize = 256;

/// Rows beyond this length are long enough for a piece with fewer of them.
const LONG: usize = 1 << 14;

/// Rows of `len` elements `step` apart, of which each begins one after the other. Square by square, by way of a small one
/// that is read and written line by line: in either tensor the lines of a square may all compete for the same places of
/// the cache.
fn turn<T: Element>(source: &[T], at: usize, step: usize, out: &mut [T], len: usize) {
    let rows = out.len() / len;
    let mut square: [[T; SIDE]; SIDE] = std::array::from_fn(|_| std::array::from_fn(|_| T::default()));
    for band in (0..rows).step_by(BAND) {
        for first in (0..len).step_by(SIDE) {
            for first_row in (band..rows.min(band + BAND)).step_by(SIDE) {
                let (high, wide) = (SIDE.min(rows - first_row), SIDE.min(len - first));
                for (place, column) in square[..wide].iter_mut().enumerate() {
                    let from = at + (first + place) * step + first_row;
                    column[..high].clone_from_slice(&source[from..from + high]);
                }
                for row in 0..high {
                    let to = (first_row + row) * len + first;
                    for (out, column) in out[to..to + wide].iter_mut().zip(&square) {
                        out.clone_from(&column[row]);
                    }
                }
            }
        }
    }
}

/// A part of a row, from place `within` on.
fn one_row<T: Element>(source: &[T], filling: &T, begin: isize, (along, within): (&Along, usize), out: &mut [T]) {
    match along {
        Along::Step(step) => {
            let mut at = begin + within as isize * step;
            match step {
                1 => out.clone_from_slice(&source[at as usize..at as usize + out.len()]),
                0 => out.fill(source[at as usize].clone()),
                _ => {
                    for out in out {
                        *out = source[at as usize].clone();
                        at += step;
                    }
                }
            }
        }
        Along::Inside { before, len, stride } => {
            let cut = |place: usize| place.saturating_sub(within).min(out.len());
            let (first, end) = (cut(*before), cut(before + len));
            out[..first].fill(filling.clone());
            out[end..].fill(filling.clone());
            if first < end {
                let from = within + first - before;
                one_row(source, filling, begin, (&Along::Step(*stride as isize), from), &mut out[first..end]);
            }
        }
        Along::Rolled { by, len, stride } => {
            let step = Along::Step(*stride as isize);
            let (end_part, rest) = out.split_at_mut(by.saturating_sub(within).min(out.len()));
            if !end_part.is_empty() {
                one_row(source, filling, begin, (&step, within + len - by), end_part);
            }
            if !rest.is_empty() {
                one_row(source, filling, begin, (&step, within.max(*by) - by), rest);
            }
        }
        Along::At(places) => {
            for (out, place) in out.iter_mut().zip(&places[within..]) {
                *out = place.map_or_else(|| filling.clone(), |place| source[(begin + place as isize) as usize].clone());
            }
        }
    }
}
