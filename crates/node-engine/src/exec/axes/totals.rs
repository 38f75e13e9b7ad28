//! The totals of some results over a block of elements: the three ways in which elements may lie.
//!
//! All of them give the bits of [`Lanes`](node_core::kernel::Lanes) and [`join`](node_core::kernel::fold::join):
//! element `i` of a block goes into lane `i % LANES`, and the lanes are joined in order.

use node_core::kernel::simd::{begin_each, fold, join_each, join_four};
use node_core::kernel::{BLOCK, LANES, Operand};

use super::layout::{Axes, Run};

/// The most results that are taken together: their lanes stay in the second-level cache.
pub const WIDTH: usize = 512;

/// How elements become one.
pub struct How<L, F, J> {
    /// The total of nothing.
    pub start: L,
    /// An element as a total.
    pub widen: F,
    /// Two totals joined.
    pub join: J,
}

/// What a thread needs for its totals.
pub struct Room<'r, T, L> {
    /// Lanes of [`WIDTH`] results.
    pub lanes: &'r mut [L],
    /// Elements of one block.
    pub gathered: &'r mut [T],
}

impl<L: Operand, F, J> How<L, F, J> {
    /// Elements that are few: as many as there are lanes, or fewer. Then the order of the lanes is that of the elements.
    pub fn few<T: Operand>(&self, values: &[T], results: Run, folded: &Axes, totals: &mut [L])
    where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        totals.fill(self.start);
        folded.runs(0, folded.len(), |run| {
            for element in 0..run.len {
                let at = results.at + run.at + element * run.stride;
                if results.stride == 1 {
                    join_each(totals, &values[at..at + results.len], &self.widen, &self.join);
                } else {
                    let elements = values[at..].iter().step_by(results.stride.max(1));
                    for (total, element) in totals.iter_mut().zip(elements) {
                        *total = (self.join)(*total, (self.widen)(*element));
                    }
                }
            }
        });
    }

    /// Neighbours that go into different results: `results` lie side by side, and row after row joins their lanes.
    pub fn columns<T: Operand>(
        &self,
        values: &[T],
        results: Run,
        (folded, begin, end): (&Axes, usize, usize),
        room: &mut Room<'_, T, L>,
        totals: &mut [L],
    ) where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        let width = results.len;
        let mut row = 0;
        folded.runs(begin, end, |run| {
            let at = results.at + run.at;
            if run.stride == width {
                self.flat(&values[at..at + run.len * width], width, row, room.lanes);
            } else {
                self.rows(&values[at..], (run, width), row, room.lanes);
            }
            row += run.len;
        });
        totals.fill(self.start);
        for lane in room.lanes.chunks(width).take(row.min(LANES)) {
            join_each(totals, lane, |lane| lane, &self.join);
        }
    }

    /// Rows that follow one another without a gap; the first is row number `row` of the block.
    fn flat<T: Operand>(&self, mut values: &[T], width: usize, mut row: usize, lanes: &mut [L])
    where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        while !values.is_empty() {
            let lane = row % LANES;
            let rows = (LANES - lane).min(values.len() / width);
            let (these, others) = values.split_at(rows * width);
            let lanes = &mut lanes[lane * width..(lane + rows) * width];
            if row < LANES {
                begin_each(lanes, self.start, these, &self.widen, &self.join);
            } else {
                join_each(lanes, these, &self.widen, &self.join);
            }
            row += rows;
            values = others;
        }
    }

    /// Rows at a distance; the first is row number `row` of the block.
    fn rows<T: Operand>(&self, values: &[T], (run, width): (Run, usize), row: usize, lanes: &mut [L])
    where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        let part = |number: usize| &values[number * run.stride..number * run.stride + width];
        let mut done = 0;
        while done < run.len {
            let chunk = (4 * LANES).min(run.len - done);
            for first in 0..chunk.min(LANES) {
                let lane = (row + done + first) % LANES * width;
                let lanes = &mut lanes[lane..lane + width];
                let mut next = done + first;
                let end = done + chunk;
                if row + next < LANES {
                    begin_each(lanes, self.start, part(next), &self.widen, &self.join);
                    next += LANES;
                }
                if next + 3 * LANES < end {
                    let [a, b, c, d] = [0, 1, 2, 3].map(|i| part(next + i * LANES));
                    join_four(lanes, a, b, c, d, &self.widen, &self.join);
                    next += 4 * LANES;
                }
                while next < end {
                    join_each(lanes, part(next), &self.widen, &self.join);
                    next += LANES;
                }
            }
            done += chunk;
        }
    }

    /// Neighbours that go into one result.
    pub fn neighbours<T: Operand>(
        &self,
        values: &[T],
        at: usize,
        (folded, begin, end): (&Axes, usize, usize),
        room: &mut Room<'_, T, L>,
    ) -> L
    where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        let mut lanes = [self.start; LANES];
        let mut filled = 0;
        folded.runs(begin, end, |run| {
            let run_values = &values[at + run.at..at + run.at + run.len];
            if run.len == end - begin {
                fold(&mut lanes, run_values, &self.widen, &self.join);
            } else {
                room.gathered[filled..filled + run.len].copy_from_slice(run_values);
                filled += run.len;
            }
        });
        debug_assert!(filled <= BLOCK);
        fold(&mut lanes, &room.gathered[..filled], &self.widen, &self.join);
        lanes.into_iter().fold(self.start, &self.join)
    }
}
