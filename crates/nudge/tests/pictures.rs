//! Pictures of the window and of the inspector's views, in each theme. A last resort: what can be said in words is tested in `editor/`.
//!
//! They need a graphics adapter, be it one in software. Without one they are skipped, with a line that says so;
//! `NUDGE_REQUIRE_PICTURES=1` makes that a failure. `UPDATE_SNAPSHOTS=true` takes them anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::io::Write as _;
use std::path::PathBuf;

use common::{Person, root};
use egui::{Theme, vec2};
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

/// Takes a picture of what is shown once `look` has been done at these pages.
fn take(name: &str, theme: Theme, size: egui::Vec2, pages: &[&str], look: impl FnOnce(&mut Person)) {
    let Some(renderer) = renderer() else {
        assert!(std::env::var_os("NUDGE_REQUIRE_PICTURES").is_none(), "no graphics adapter for the picture {name}");
        // The test harness swallows what a passing test prints, but not what it writes to the handle itself.
        let _ = writeln!(std::io::stderr(), "skipped: the picture {name} needs a graphics adapter, and there is none");
        return;
    };
    let builder = Harness::builder().with_theme(theme).renderer(renderer);
    let pages: Vec<PathBuf> = pages.iter().map(|page| root().join("pages").join(page)).collect();
    let mut person = Person::sized(builder, size, &pages);
    look(&mut person);
    let time = person.harness.get_by_label_contains("ran in").rect();
    person.harness.mask(time.expand2(vec2(40.0, 2.0)));
    person.harness.remove_cursor();
    person.harness.run();
    let folder = root().join("crates/nudge/tests/snapshots");
    let options = SnapshotOptions::new().threshold(1.2).max_failed_pixels(400usize).output_path(folder);
    person.harness.snapshot_options(name, &options);
}

fn window(name: &str, theme: Theme) {
    let pages = ["fake_quant_gradient.json", "qat_step.json"];
    take(name, theme, vec2(1500.0, 940.0), &pages, |person| person.click("block grad"));
}

/// A view, with something to see in it.
fn view(view: &str, block: &str, theme: Theme) {
    let kind = if theme == Theme::Dark { "dark" } else { "light" };
    let name = format!("view-{}-{kind}", view.to_lowercase());
    take(&name, theme, vec2(1000.0, 720.0), &["trained_model.json"], |person| {
        person.click(&format!("block {block}"));
        person.click(&format!("view {view}"));
        if view == "Picture" {
            person.click(&format!("colours of {block}.output"));
            person.click("of 99 %");
        }
        if view == "Compare" {
            person.click(&format!("compare {block}.output with"));
            person.click("per_tensor.output");
        }
    });
}

#[test]
fn dark() {
    window("window-dark", Theme::Dark);
}

#[test]
fn light() {
    window("window-light", Theme::Light);
}

#[test]
fn picture_dark() {
    view("Picture", "per_tensor", Theme::Dark);
}

#[test]
fn picture_light() {
    view("Picture", "per_tensor", Theme::Light);
}

#[test]
fn distribution_dark() {
    view("Distribution", "grad", Theme::Dark);
}

#[test]
fn distribution_light() {
    view("Distribution", "grad", Theme::Light);
}

#[test]
fn curve_dark() {
    view("Curve", "fq", Theme::Dark);
}

#[test]
fn curve_light() {
    view("Curve", "fq", Theme::Light);
}

#[test]
fn compare_dark() {
    view("Compare", "per_channel", Theme::Dark);
}

#[test]
fn compare_light() {
    view("Compare", "per_channel", Theme::Light);
}
