//! The wheel and two fingers: zooming and panning.

use egui::{Event, MouseWheelUnit, Vec2};

use super::hand::Hand;
use crate::command::Glance;

/// Zooms and pans.
pub fn turn(hand: &mut Hand<'_>) {
    let mut pans = hand.tab.view.wheel_pans;
    for event in hand.ui.input(|i| i.events.clone()) {
        if let Event::MouseWheel { unit, .. } = event {
            pans = unit == MouseWheelUnit::Point;
        }
    }
    if pans != hand.tab.view.wheel_pans {
        hand.look(Glance::WheelPans(pans));
    }
    let (pinch, scroll) = hand.ui.input(|i| (i.zoom_delta(), i.smooth_scroll_delta()));
    let Some(at) = hand.ui.pointer_latest_pos() else { return };
    if pinch != 1.0 {
        hand.camera.zoom_at(hand.canvas, at, pinch);
    } else if scroll != Vec2::ZERO && pans {
        hand.camera.origin -= scroll / hand.camera.zoom;
    } else if scroll != Vec2::ZERO {
        hand.camera.zoom_at(hand.canvas, at, (scroll.y * 0.0024).exp());
    }
}
