//! The way that a wire takes: from pin to pin, through the points where it was bent.

use std::sync::Arc;

use egui::{Pos2, Rect, Vec2};

use super::curve::{crosses, curve, nearest_on, point_on};

/// The way that a wire takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The output's pin.
    pub from: Pos2,
    /// The input's pin.
    pub to: Pos2,
    bends: Option<Arc<[Pos2]>>,
    bounds: Rect,
}

/// A place on a wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// How far it is from where one looked.
    pub distance: f32,
    /// On which piece: as many bends come before it.
    pub piece: usize,
    /// How far along the whole it is, from 0 to 1.
    pub along: f32,
    /// Where.
    pub at: Pos2,
}

impl Course {
    /// From pin to pin, through `bends`.
    pub fn new(from: Pos2, to: Pos2, bends: &[Pos2]) -> Course {
        Course::through(from, to, (!bends.is_empty()).then(|| bends.into()))
    }

    fn through(from: Pos2, to: Pos2, bends: Option<Arc<[Pos2]>>) -> Course {
        let mut course = Course { from, to, bends, bounds: Rect::NOTHING };
        course.bounds = course.pieces().map(|piece| Rect::from_points(&piece)).fold(Rect::NOTHING, Rect::union);
        course
    }

    /// The points where it was bent.
    pub fn bends(&self) -> &[Pos2] {
        self.bends.as_deref().unwrap_or_default()
    }

    /// The cubic curves that it is made of.
    pub fn pieces(&self) -> impl Iterator<Item = [Pos2; 4]> + '_ {
        let whole = curve(self.from, self.to);
        let (bends, last) = (self.bends(), self.bends().len());
        let point = move |n: usize| match n {
            0 => self.from,
            n if n > last => self.to,
            n => bends[n - 1],
        };
        // How the wire leaves a point; a pin as a wire without bends does.
        let leaves = move |n: usize| match n {
            0 => whole[1] - whole[0],
            n if n > last => whole[3] - whole[2],
            n => (point(n + 1) - point(n - 1)) * 0.2,
        };
        (0..=last).map(move |n| {
            if last == 0 {
                return whole;
            }
            let (from, to) = (point(n), point(n + 1));
            // No farther than the next point is away.
            let most = (to - from).length().max(24.0);
            let short = |by: Vec2| if by.length() > most * 0.6 { by * (most * 0.6 / by.length()) } else { by };
            [from, from + short(leaves(n)), to - short(leaves(n + 1)), to]
        })
    }

    /// Around it.
    pub fn bounds(&self) -> Rect {
        self.bounds
    }

    /// The same with its ends elsewhere; where both move alike, its bends do too.
    pub fn moved(&self, from: Vec2, to: Vec2) -> Course {
        if from != to || from == Vec2::ZERO {
            return self.with_ends_moved(from, to);
        }
        let bends = self.bends.as_ref().map(|bends| bends.iter().map(|bend| *bend + from).collect());
        Course { from: self.from + from, to: self.to + to, bends, bounds: self.bounds.translate(from) }
    }

    /// The same with its ends elsewhere, and its bends where they are.
    pub fn with_ends_moved(&self, from: Vec2, to: Vec2) -> Course {
        if from == Vec2::ZERO && to == Vec2::ZERO {
            return self.clone();
        }
        Course::through(self.from + from, self.to + to, self.bends.clone())
    }

    /// The same with one bend elsewhere.
    pub fn with_bend(&self, nth: usize, at: Pos2) -> Course {
        let mut bends = self.bends().to_vec();
        bends.get_mut(nth).into_iter().for_each(|bend| *bend = at);
        Course::new(self.from, self.to, &bends)
    }

    /// The place on it that is nearest to a point.
    pub fn nearest(&self, to: Pos2) -> Place {
        let pieces = self.bends().len() + 1;
        let place = |(piece, curve): (usize, [Pos2; 4])| {
            let (distance, along) = nearest_on(&curve, to);
            Place { distance, piece, along: (piece as f32 + along) / pieces as f32, at: point_on(&curve, along) }
        };
        let nowhere = Place { distance: f32::INFINITY, piece: 0, along: 0.0, at: self.from };
        self.pieces().enumerate().map(place).min_by(|a, b| a.distance.total_cmp(&b.distance)).unwrap_or(nowhere)
    }

    /// Its middle.
    pub fn middle(&self) -> Pos2 {
        let pieces = self.bends().len() + 1;
        let along = if pieces.is_multiple_of(2) { 0.0 } else { 0.5 };
        self.pieces().nth(pieces / 2).map_or(self.from, |curve| point_on(&curve, along))
    }

    /// Whether it crosses a line of straight pieces.
    pub fn crosses(&self, line: &[Pos2]) -> bool {
        self.pieces().any(|curve| crosses(&curve, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    #[test]
    fn a_wire_passes_through_its_bends_in_one_go() {
        let bends = [pos2(100.0, 200.0), pos2(50.0, 250.0), pos2(300.0, 300.0)];
        let course = Course::new(pos2(0.0, 0.0), pos2(400.0, 10.0), &bends);
        let pieces: Vec<[Pos2; 4]> = course.pieces().collect();
        assert_eq!(pieces.len(), 4);
        assert_eq!((pieces[0][0], pieces[3][3]), (pos2(0.0, 0.0), pos2(400.0, 10.0)));
        for (pair, bend) in pieces.windows(2).zip(bends) {
            assert_eq!((pair[0][3], pair[1][0]), (bend, bend));
        }
        for (piece, bend) in bends.iter().enumerate() {
            let place = course.nearest(*bend);
            assert!(place.distance < 0.1 && place.piece.abs_diff(piece) <= 1, "{place:?}");
        }
    }

    #[test]
    fn without_bends_it_is_the_curve_from_pin_to_pin() {
        let course = Course::new(pos2(0.0, 0.0), pos2(300.0, 120.0), &[]);
        assert_eq!(course.pieces().collect::<Vec<_>>(), [curve(pos2(0.0, 0.0), pos2(300.0, 120.0))]);
        assert_eq!(course.middle(), point_on(&curve(course.from, course.to), 0.5));
    }

    #[test]
    fn bends_move_along_where_both_ends_do() {
        let course = Course::new(pos2(0.0, 0.0), pos2(300.0, 120.0), &[pos2(9.0, 9.0)]);
        let by = vec2(5.0, 7.0);
        assert_eq!(course.moved(by, by).bends(), [pos2(14.0, 16.0)]);
        assert_eq!(course.moved(by, Vec2::ZERO).bends(), [pos2(9.0, 9.0)]);
        assert_eq!(course.with_bend(0, pos2(1.0, 2.0)).bends(), [pos2(1.0, 2.0)]);
    }
}
