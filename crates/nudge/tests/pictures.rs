//! Pictures of the window, one in each theme. A last resort: what can be said in words is tested in `editor/`.
//!
//! They need a graphics adapter, be it one in software. Without one they are skipped, with a line that says so;
//! `NUDGE_REQUIRE_PICTURES=1` makes that a failure. `UPDATE_SNAPSHOTS=true` takes them anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::io::Write as _;

use common::{Person, root};
use egui::Theme;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{Harness, SnapshotOptions};

/// A renderer, or `None` where the machine has no adapter.
fn renderer() -> Option<WgpuTestRenderer> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let renderer = std::panic::catch_unwind(WgpuTestRenderer::new).ok();
    std::panic::set_hook(hook);
    renderer
}

fn take(name: &str, theme: Theme) {
    let Some(renderer) = renderer() else {
        assert!(std::env::var_os("NUDGE_REQUIRE_PICTURES").is_none(), "no graphics adapter for the picture {name}");
        // The test harness swallows what a passing test prints, but not what it writes to the handle itself.
        let _ = writeln!(std::io::stderr(), "skipped: the picture {name} needs a graphics adapter, and there is none");
        return;
    };
    let builder = Harness::builder().with_theme(theme).renderer(renderer);
    let mut person =
        Person::with(builder, &[root().join("pages/fake_quant_gradient.json"), root().join("pages/qat_step.json")]);
    person.click("block grad");
    let time = person.harness.get_by_label_contains("ran in").rect();
    person.harness.mask(time.expand2(egui::vec2(40.0, 2.0)));
    person.harness.remove_cursor();
    person.harness.run();
    let folder = root().join("crates/nudge/tests/snapshots");
    let options = SnapshotOptions::new().threshold(1.2).max_failed_pixels(400usize).output_path(folder);
    person.harness.snapshot_options(name, &options);
}

#[test]
fn dark() {
    take("window-dark", Theme::Dark);
}

#[test]
fn light() {
    take("window-light", Theme::Light);
}
