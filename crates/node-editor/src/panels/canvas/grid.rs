//! Where things are, to be asked quickly: squares of the page, each with what touches it.

use std::collections::{BTreeSet, HashMap};

use egui::Rect;

/// The side of a square, on the page.
const SIDE: f32 = 1024.0;
/// What touches more squares than this is looked at always.
const MOST: i64 = 64;

/// Things by the squares that they touch.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    squares: HashMap<(i32, i32), Vec<u32>>,
    large: BTreeSet<u32>,
}

impl Grid {
    /// Puts in what stands at `rect`.
    pub fn insert(&mut self, thing: u32, rect: Rect) {
        match squares(rect) {
            Some(squares) => squares.for_each(|square| self.squares.entry(square).or_default().push(thing)),
            None => drop(self.large.insert(thing)),
        }
    }

    /// Takes out what was put in with the same `rect`.
    pub fn remove(&mut self, thing: u32, rect: Rect) {
        let Some(squares) = squares(rect) else {
            self.large.remove(&thing);
            return;
        };
        for square in squares {
            if let Some(things) = self.squares.get_mut(&square) {
                things.retain(|other| *other != thing);
                if things.is_empty() {
                    self.squares.remove(&square);
                }
            }
        }
    }

    /// What may touch `rect`, each once, in order. More than it does: it is to be looked at again.
    pub fn near(&self, rect: Rect) -> Vec<u32> {
        let mut found: Vec<u32> = match squares(rect) {
            Some(squares) => squares.filter_map(|square| self.squares.get(&square)).flatten().copied().collect(),
            None => self.squares.values().flatten().copied().collect(),
        };
        found.extend(&self.large);
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The squares that a rectangle touches, unless they are too many.
fn squares(rect: Rect) -> Option<impl Iterator<Item = (i32, i32)>> {
    let square = |at: f32| (at / SIDE).floor() as i32;
    let (left, right, top, bottom) =
        (square(rect.left()), square(rect.right()), square(rect.top()), square(rect.bottom()));
    let count = (i64::from(right) - i64::from(left) + 1) * (i64::from(bottom) - i64::from(top) + 1);
    (count <= MOST).then(|| (left..=right).flat_map(move |x| (top..=bottom).map(move |y| (x, y))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    #[test]
    fn what_touches_a_rectangle_is_found_and_what_was_taken_out_is_not() {
        let at = |n: u32| Rect::from_min_size(pos2(n as f32 * 300.0 - 9000.0, n as f32 * -170.0), vec2(218.0, 130.0));
        let mut grid = Grid::default();
        (0..100).for_each(|n| grid.insert(n, at(n)));
        let all = Rect::from_min_max(pos2(-1e6, -1e6), pos2(1e6, 1e6));
        grid.insert(100, all);
        for n in 0..100 {
            let found = grid.near(at(n).shrink(20.0));
            assert!(found.contains(&n) && found.contains(&100) && found.len() < 30, "{n}: {found:?}");
            assert!(found.is_sorted());
        }
        assert_eq!(grid.near(all).len(), 101);
        (0..100).step_by(2).for_each(|n| grid.remove(n, at(n)));
        grid.remove(100, all);
        assert_eq!(grid.near(all), (1..100).step_by(2).collect::<Vec<u32>>());
        assert!(!grid.near(at(10)).contains(&10));
    }
}
