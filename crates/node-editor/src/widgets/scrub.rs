//! Numbers that are dragged: to the right they grow, to the left they shrink, with Shift in finer steps.

use egui::{CursorIcon, Id, Response, Sense, Ui};

/// What a dragged number is, in points of the pointer: a whole number takes so many for each step.
const POINTS: f64 = 6.0;

/// The text of the number that a field is dragged to in this frame, and whether this drag has changed it before. `shown`
/// is its text now; `fits` says what can be in the field: the drag goes no farther.
pub fn dragged(ui: &Ui, field: &Response, shown: &str, fits: impl Fn(&str) -> bool) -> Option<(String, bool)> {
    let key = field.id.with("scrubbed from");
    if field.has_focus() {
        return None;
    }
    let number: f64 = shown.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    let response = ui.interact(field.rect, field.id.with("scrub"), Sense::CLICK | Sense::DRAG);
    // A click is the field's.
    if response.clicked() {
        field.request_focus();
    }
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    if response.drag_started() {
        // A drag begins a few points after the press.
        let begun = ui.input(|i| Some(i.pointer.latest_pos()?.x - i.pointer.press_origin()?.x));
        let moved = f64::from(begun.unwrap_or(0.0) - response.drag_delta().x);
        ui.data_mut(|data| data.insert_temp(key, From { number, whole: !fits("0.5"), moved, last: None }));
    }
    let from = ui.data(|data| data.get_temp::<From>(key)).filter(|_| response.dragged())?;
    follow(ui, key, from, f64::from(response.drag_delta().x), fits)
}

/// Where a drag began.
#[derive(Clone)]
struct From {
    number: f64,
    whole: bool,
    moved: f64,
    last: Option<String>,
}

fn follow(ui: &Ui, key: Id, mut from: From, by: f64, fits: impl Fn(&str) -> bool) -> Option<(String, bool)> {
    let fine = if ui.input(|i| i.modifiers.shift) { 0.1 } else { 1.0 };
    from.moved += by * fine;
    let text = within(|moved| at(from.number, moved, from.whole), from.moved, fits);
    let goes_on = from.last.is_some();
    let is_new = from.last.as_ref().map_or(text != at(from.number, 0.0, from.whole), |last| *last != text);
    if is_new {
        from.last = Some(text.clone());
    }
    ui.data_mut(|data| data.insert_temp(key, from));
    is_new.then_some((text, goes_on))
}

/// The text at `moved`, or the farthest on the way there that fits.
fn within(text: impl Fn(f64) -> String, moved: f64, fits: impl Fn(&str) -> bool) -> String {
    const HALVINGS: usize = 24;
    if fits(&text(moved)) {
        return text(moved);
    }
    let (mut near, mut far) = (0.0, moved);
    for _ in 0..HALVINGS {
        let middle = (near + far) / 2.0;
        if fits(&text(middle)) { near = middle } else { far = middle }
    }
    text(near)
}

/// The text of a number that was dragged by so many points.
fn at(number: f64, moved: f64, is_whole: bool) -> String {
    if is_whole {
        return format!("{:.0}", number + (moved / POINTS).trunc());
    }
    // A point is a hundredth of the number's own size; a tenth of that is the finest.
    let size = number.abs().max(0.1).log10().floor() as i32;
    let step = 10f64.powi(size - 3);
    let decimals = usize::try_from(3 - size).unwrap_or(0);
    let text = format!("{:.decimals$}", ((number + moved * step * 10.0) / step).round() * step);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_stops_where_nothing_fits_any_more() {
        let fits = |text: &str| text.parse::<f64>().is_ok_and(|number| (2.0..=16.0).contains(&number));
        assert_eq!(within(|moved| at(8.0, moved, true), 900.0, fits), "16");
        assert_eq!(within(|moved| at(8.0, moved, true), -900.0, fits), "2");
        assert_eq!(within(|moved| at(8.0, moved, true), 12.0, fits), "10");
    }

    #[test]
    fn numbers_follow_the_pointer_in_steps_of_their_size() {
        for (number, moved, is_whole, text) in [
            (6.0, 0.0, false, "6"),
            (6.0, 12.0, false, "6.12"),
            (6.0, 1.2, false, "6.012"),
            (-6.0, -30.0, false, "-6.3"),
            (250.0, 3.0, false, "253"),
            (0.0, -5.0, false, "-0.005"),
            (0.0, -0.01, false, "0"),
            (8.0, 13.0, true, "10"),
            (8.0, -5.0, true, "8"),
        ] {
            assert_eq!(at(number, moved, is_whole), text, "{number} by {moved}");
        }
    }
}
