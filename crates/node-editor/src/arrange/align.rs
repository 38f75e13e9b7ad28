//! Rectangles in line, and at equal distances.

use egui::{Pos2, Rect};

/// What of rectangles is brought in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Left edges.
    Left,
    /// Centers, one above the other.
    Center,
    /// Right edges.
    Right,
    /// Upper edges.
    Top,
    /// Middles, one beside the other.
    Middle,
    /// Lower edges.
    Bottom,
}

/// The upper left corners that bring rectangles in line, at the edge or the middle of all.
pub fn align(rects: &[Rect], side: Side) -> Vec<Pos2> {
    let Some(all) = rects.iter().copied().reduce(Rect::union) else { return Vec::new() };
    let corner = |rect: &Rect| match side {
        Side::Left => Pos2::new(all.left(), rect.top()),
        Side::Center => Pos2::new(all.center().x - rect.width() / 2.0, rect.top()),
        Side::Right => Pos2::new(all.right() - rect.width(), rect.top()),
        Side::Top => Pos2::new(rect.left(), all.top()),
        Side::Middle => Pos2::new(rect.left(), all.center().y - rect.height() / 2.0),
        Side::Bottom => Pos2::new(rect.left(), all.bottom() - rect.height()),
    };
    rects.iter().map(corner).collect()
}

/// The upper left corners that leave equal gaps between rectangles, from left to right or else from above; the first and
/// the last stay. Where there is no room for gaps they cover one another equally.
pub fn distribute(rects: &[Rect], across: bool) -> Vec<Pos2> {
    let axis = usize::from(!across);
    let mut order: Vec<usize> = (0..rects.len()).collect();
    order.sort_by(|a, b| rects[*a].center()[axis].total_cmp(&rects[*b].center()[axis]));
    let mut corners: Vec<Pos2> = rects.iter().map(|rect| rect.min).collect();
    let (Some(first), Some(last)) = (order.first(), order.last()) else { return corners };
    if order.len() < 3 {
        return corners;
    }
    let room = rects[*last].max[axis] - rects[*first].min[axis];
    let taken: f32 = rects.iter().map(|rect| rect.size()[axis]).sum();
    let gap = (room - taken) / (order.len() - 1) as f32;
    let mut at = rects[*first].min[axis];
    for rect in order {
        corners[rect][axis] = at;
        at += rects[rect].size()[axis] + gap;
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn rects() -> Vec<Rect> {
        let rect = |x, y, w, h| Rect::from_min_size(pos2(x, y), vec2(w, h));
        vec![rect(0.0, 0.0, 10.0, 40.0), rect(100.0, 7.0, 30.0, 10.0), rect(50.0, -5.0, 20.0, 20.0)]
    }

    #[test]
    fn edges_and_middles_come_in_line() {
        let moved = |side| -> Vec<Rect> {
            align(&rects(), side).into_iter().zip(rects()).map(|(at, r)| Rect::from_min_size(at, r.size())).collect()
        };
        assert!(moved(Side::Left).iter().all(|r| r.left() == 0.0));
        assert!(moved(Side::Center).iter().all(|r| r.center().x == 65.0));
        assert!(moved(Side::Right).iter().all(|r| r.right() == 130.0));
        assert!(moved(Side::Top).iter().all(|r| r.top() == -5.0));
        assert!(moved(Side::Middle).iter().all(|r| r.center().y == 17.5));
        assert!(moved(Side::Bottom).iter().all(|r| r.bottom() == 40.0));
        assert!(align(&[], Side::Left).is_empty());
    }

    #[test]
    fn gaps_become_equal_and_the_ends_stay() {
        assert_eq!(distribute(&rects(), true), [pos2(0.0, 0.0), pos2(100.0, 7.0), pos2(45.0, -5.0)]);
        let down = distribute(&rects(), false);
        // They cover one another, and then do so equally.
        let order = [2, 1, 0].map(|at| (down[at].y, down[at].y + rects()[at].height()));
        assert_eq!(order[1].0 - order[0].1, order[2].0 - order[1].1, "{order:?}");
        assert_eq!(distribute(&rects()[..2], true), [pos2(0.0, 0.0), pos2(100.0, 7.0)]);
    }
}
