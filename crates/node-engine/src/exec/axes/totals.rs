//! The totals of some results over a block of elements: the three ways in which elements may lie.
//!
//! All of them give the bits of [`Lanes`](node_core::kernel::Lanes) and [`join`](node_core::kernel::fold::join):
//! element `i` of a block goes into lane `i % LANES`, and the lanes are joined in order.

use node_core::kernel::simd::{ROWS, fold, join_each, join_joined_rows, join_rows};
use node_core::kernel::{LANES, Operand};

use super::layout::{Axes, Run};
use crate::exec::prefetch;

/// The most results that are taken together: their lanes stay in the second-level cache.
pub const WIDTH: usize = 512;

/// The most results that are taken together where no lanes are kept: their totals stay in the first-level cache.
pub const WIDE: usize = 2048;

/// The most elements of a result for which no lanes are kept.
pub const FEW: usize = LANES * ROWS;

/// Rows of fewer results that follow one another without a gap are walked as one.
const NARROW: usize = 64;

/// How many results' lanes are joined side by side.
const TOGETHER: usize = 8;

/// Asks the memory for elements that are read next: rows lie too far apart for it to ask by itself.
fn ask_for<T>(elements: &[T]) {
    let (at, bytes) = (elements.as_ptr().cast::<u8>(), size_of_val(elements));
    (0..bytes).step_by(prefetch::LINE).for_each(|line| prefetch::read(at.wrapping_add(line)));
}

/// How elements become one.
pub struct How<L, F, J> {
    /// The total of nothing.
    pub start: L,
    /// An element as a total.
    pub widen: F,
    /// Two totals joined.
    pub join: J,
}

impl<L: Operand, F, J> How<L, F, J> {
    /// Elements that are few: as many as there are lanes, or fewer. Then the order of the lanes is that of the elements.
    pub fn in_order<T: Operand>(&self, values: &[T], results: Run, folded: &Axes, totals: &mut [L])
    where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        totals.fill(self.start);
        if results.stride == 1 {
            return self.few_rows(values, results, folded, totals);
        }
        folded.runs(0, folded.len(), |run| {
            for element in 0..run.len {
                let at = results.at + run.at + element * run.stride;
                let elements = values[at..].iter().step_by(results.stride.max(1));
                for (total, element) in totals.iter_mut().zip(elements) {
                    *total = (self.join)(*total, (self.widen)(*element));
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
        lanes: &mut [L],
        totals: &mut [L],
    ) where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        let width = results.len;
        totals.fill(self.start);
        let mut row = 0;
        folded.runs(begin, end, |run| {
            let at = results.at + run.at;
            if run.stride == width && width < NARROW {
                self.flat(&values[at..at + run.len * width], width, row, lanes);
            } else {
                self.rows(&values[at..], (run, width), row, lanes);
            }
            row += run.len;
        });
        for lane in lanes.chunks(width).take(row.min(LANES)) {
            join_each(totals, lane, |lane| lane, &self.join);
        }
    }

    /// Rows so few that those of a lane are joined in one go, so that lanes need no memory.
    pub fn few_rows<T: Operand>(&self, values: &[T], results: Run, folded: &Axes, totals: &mut [L])
    where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        totals.fill(self.start);
        let (mut begins, mut all) = ([0; FEW], 0);
        folded.runs(0, folded.len(), |run| {
            for row in 0..run.len {
                begins[all] = results.at + run.at + row * run.stride;
                all += 1;
            }
        });
        let len = totals.len();
        let row = |number: usize| &values[begins[number]..begins[number] + len];
        let mut rows: [&[T]; ROWS] = [&[]; ROWS];
        let full = if all > LANES { (all - LANES).min(LANES) } else { 0 };
        for lane in 0..full {
            let mut count = 0;
            for number in (lane..all).step_by(LANES) {
                rows[count] = row(number);
                count += 1;
            }
            join_joined_rows(totals, self.start, &rows[..count], &self.widen, &self.join);
        }
        // The others hold one row each: joining it with nothing before it is joined to the total changes no bit.
        for begin in (full..all.min(LANES)).step_by(ROWS) {
            let count = ROWS.min(all.min(LANES) - begin);
            rows.iter_mut().zip(begin..begin + count).for_each(|(slot, number)| *slot = row(number));
            (begin + count..all.min(begin + count + ROWS)).for_each(|number| ask_for(row(number)));
            join_rows(totals, None, &rows[..count], &self.widen, &self.join);
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
            let start = (row < LANES).then_some(self.start);
            join_rows(lanes, start, &[these], &self.widen, &self.join);
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
        let mut rows: [&[T]; ROWS] = [&[]; ROWS];
        for begin in (0..run.len).step_by(ROWS * LANES) {
            let end = run.len.min(begin + ROWS * LANES);
            for first in begin..end.min(begin + LANES) {
                let mut count = 0;
                for number in (first..end).step_by(LANES) {
                    rows[count] = &values[number * run.stride..number * run.stride + width];
                    count += 1;
                }
                let lane = (row + first) % LANES * width;
                let start = (row + first < LANES).then_some(self.start);
                join_rows(&mut lanes[lane..lane + width], start, &rows[..count], &self.widen, &self.join);
            }
        }
    }

    /// Neighbours that go into one result: the totals of results that lie at equal distances.
    pub fn neighbours<T: Operand>(
        &self,
        values: &[T],
        results: Run,
        part: (&Axes, usize, usize),
        gathered: &mut [T],
        totals: &mut [L],
    ) where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        // Lanes are joined one after the other; those of several results side by side, so that they need not wait.
        for (group, totals) in totals.chunks_mut(TOGETHER).enumerate() {
            let mut lanes = [[self.start; LANES]; TOGETHER];
            for (number, lanes) in lanes.iter_mut().take(totals.len()).enumerate() {
                let at = results.at + (group * TOGETHER + number) * results.stride;
                self.take(values, at, part, gathered, lanes);
            }
            let mut joined = [self.start; TOGETHER];
            for lane in 0..LANES {
                for (total, lanes) in joined.iter_mut().zip(&lanes) {
                    *total = (self.join)(*total, lanes[lane]);
                }
            }
            totals.copy_from_slice(&joined[..totals.len()]);
        }
    }

    /// Folds the elements of one result into its lanes.
    fn take<T: Operand>(
        &self,
        values: &[T],
        at: usize,
        (folded, begin, end): (&Axes, usize, usize),
        gathered: &mut [T],
        lanes: &mut [L; LANES],
    ) where
        F: Fn(T) -> L,
        J: Fn(L, L) -> L,
    {
        if let Some(run) = folded.only_run(begin, end) {
            let run_values = &values[at + run.at..at + run.at + run.len];
            return fold(lanes, run_values, &self.widen, &self.join);
        }
        let mut filled = 0;
        folded.runs(begin, end, |run| {
            let run_values = &values[at + run.at..at + run.at + run.len];
            gathered[filled..filled + run.len].copy_from_slice(run_values);
            filled += run.len;
        });
        fold(lanes, &gathered[..filled], &self.widen, &self.join);
    }
}
