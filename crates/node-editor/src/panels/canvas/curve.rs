//! The curves of wires.

use egui::{Pos2, Rect, vec2};

/// The curve from an output's pin to an input's.
pub fn curve(from: Pos2, to: Pos2) -> [Pos2; 4] {
    let ahead = to.x - from.x;
    let reach = if ahead >= 0.0 { (ahead * 0.5).clamp(24.0, 140.0) } else { (60.0 - ahead * 0.3).min(160.0) };
    [from, from + vec2(reach, 0.0), to - vec2(reach, 0.0), to]
}

/// The point of a curve at `t` from 0 to 1.
pub fn point_on(curve: &[Pos2; 4], t: f32) -> Pos2 {
    let u = 1.0 - t;
    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
    curve.iter().zip(weights).fold(Pos2::ZERO, |sum, (p, w)| sum + p.to_vec2() * w)
}

/// The nearest point of a curve to `at`: its distance, and how far along the curve it is, from 0 to 1.
pub fn nearest_on(curve: &[Pos2; 4], at: Pos2) -> (f32, f32) {
    const STEPS: usize = 32;
    let mut best = (f32::INFINITY, 0.0);
    for i in 0..STEPS {
        let (a, b) = (i as f32 / STEPS as f32, (i + 1) as f32 / STEPS as f32);
        let (p, q) = (point_on(curve, a), point_on(curve, b));
        let along = ((at - p).dot(q - p) / (q - p).length_sq().max(1e-6)).clamp(0.0, 1.0);
        let distance = (p + (q - p) * along).distance(at);
        if distance < best.0 {
            best = (distance, a + (b - a) * along);
        }
    }
    best
}

/// Whether a curve crosses a line of straight pieces.
pub fn crosses(curve: &[Pos2; 4], line: &[Pos2]) -> bool {
    const STEPS: usize = 48;
    let points: Vec<Pos2> = (0..=STEPS).map(|step| point_on(curve, step as f32 / STEPS as f32)).collect();
    line.windows(2).any(|piece| points.windows(2).any(|part| meet(piece, part)))
}

/// Whether two straight pieces meet.
fn meet(a: &[Pos2], b: &[Pos2]) -> bool {
    let side = |from: Pos2, to: Pos2, at: Pos2| {
        let (along, there) = (to - from, at - from);
        along.x * there.y - along.y * there.x
    };
    let parts = |a: &[Pos2], b: &[Pos2]| side(a[0], a[1], b[0]) * side(a[0], a[1], b[1]) <= 0.0;
    let boxes = Rect::from_two_pos(a[0], a[1]).intersects(Rect::from_two_pos(b[0], b[1]));
    boxes && parts(a, b) && parts(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn points_on_a_curve_are_found_again() {
        let curve = curve(pos2(0.0, 0.0), pos2(300.0, 120.0));
        for t in [0.0, 0.25, 0.5, 0.9, 1.0] {
            let (distance, along) = nearest_on(&curve, point_on(&curve, t));
            assert!(distance < 0.5 && (along - t).abs() < 0.02, "{t}: {distance} {along}");
        }
        assert!(nearest_on(&curve, pos2(150.0, 300.0)).0 > 100.0);
    }

    #[test]
    fn a_line_cuts_what_it_crosses() {
        let curve = curve(pos2(0.0, 0.0), pos2(300.0, 120.0));
        for (line, cuts) in [
            (vec![pos2(150.0, -50.0), pos2(150.0, 200.0)], true),
            (vec![pos2(150.0, -50.0), pos2(160.0, 0.0), pos2(140.0, 200.0)], true),
            (vec![pos2(150.0, -50.0), pos2(160.0, 0.0), pos2(400.0, -50.0)], false),
            (vec![pos2(0.0, 100.0), pos2(100.0, 200.0)], false),
            (vec![pos2(150.0, 0.0)], false),
        ] {
            assert_eq!(crosses(&curve, &line), cuts, "{line:?}");
        }
    }
}
