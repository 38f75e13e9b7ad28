//! How long a frame takes, laid out and tessellated, without a window: `cargo bench -p node-editor --bench frames`.
//!
//! A page is a field of blocks, each wired to the one at its left. Medians of 60 frames at 1600 × 1000, in milliseconds.
//! With the argument `table`: the table of a quantizer's 10^8 elements, scrolled. With `views`: its other views, how long
//! a frame takes while they are worked out and afterwards, and after how long they are there.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{
    Context, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, TouchPhase,
    Vec2, pos2, vec2,
};
use node_core::{Page, Problem, Registry};
use node_editor::Editor;
use node_editor::host::{Entry, Host, Over, Recovered, SaveRefusal, Unsaved};
use node_io::page_file;
use node_io::save::{Expect, save};

const SIZE: Vec2 = vec2(1600.0, 1000.0);

fn main() {
    let registry = registry();
    if std::env::args().any(|arg| arg == "table") {
        return [false, true].into_iter().for_each(|accesskit| table(&registry, accesskit));
    }
    if std::env::args().any(|arg| arg == "views") {
        return views(&registry);
    }
    let counts: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let only = std::env::args().find(|arg| arg == "on" || arg == "off");
    let counts = if counts.is_empty() { vec![100, 1_000, 10_000, 100_000] } else { counts };
    for count in counts {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.json");
        std::fs::write(&path, page_file::to_text(&field(count), &registry)).unwrap();
        for accesskit in [false, true] {
            let name = if accesskit { "on" } else { "off" };
            if only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            println!("{count} blocks, accesskit {name}");
            figures(&registry, &path, accesskit);
        }
    }
}

fn registry() -> Arc<Registry> {
    node_blocks::link();
    Arc::new(Registry::linked().unwrap())
}

/// Blocks in rows of a hundred.
fn field(count: usize) -> Page {
    let columns = (count as f64).sqrt().ceil() as usize;
    let id = |n: usize| format!("b{n}");
    let (mut blocks, mut wires, mut layout) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..count {
        let column = n % columns;
        blocks.push(match column {
            0 => format!(r#""{}": {{"type": "Const", "attrs": {{"value": [1, 2, {n}]}}}}"#, id(n)),
            _ => format!(r#""{}": {{"type": "Relu6"}}"#, id(n)),
        });
        if column > 0 {
            wires.push(format!(r#"["{}.output", "{}.features"]"#, id(n - 1), id(n)));
        }
        layout.push(format!(r#""{}": [{}, {}]"#, id(n), column * 300, n / columns * 200));
    }
    let (blocks, wires, layout) = (blocks.join(","), wires.join(","), layout.join(","));
    let text = format!(r#"{{"nudge": 1, "blocks": {{{blocks}}}, "wires": [{wires}], "layout": {{{layout}}}}}"#);
    page_file::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn figures(registry: &Arc<Registry>, path: &Path, accesskit: bool) {
    let mut desk = Desk::new(registry, accesskit);
    let opened = Instant::now();
    desk.editor.open_path(path);
    let read = ms(opened.elapsed());
    desk.frame(Vec::new());
    println!("  opened until shown {:8.1}, read and checked {read:.1}", ms(opened.elapsed()));
    desk.settle();
    let middle = pos2(720.0, 520.0);
    let hover = |n: usize| vec![Event::PointerMoved(middle + vec2((n % 40) as f32 * 6.0, (n % 17) as f32 * 5.0))];
    desk.report("all in view, hovered", hover);
    desk.report("all in view, panned", |n| {
        vec![wheel(MouseWheelUnit::Point, vec2(if n.is_multiple_of(2) { 3.0 } else { -3.0 }, 2.0))]
    });

    desk.key(Modifiers::COMMAND, Key::A);
    let grip = desk.grip(middle);
    desk.frame(vec![Event::PointerMoved(grip)]);
    desk.frame(vec![button(grip, true)]);
    desk.report("everything dragged", |n| vec![Event::PointerMoved(grip + vec2(8.0 + n as f32, 5.0))]);
    desk.frame(vec![button(grip + vec2(68.0, 5.0), false)]);
    desk.settle();
    let undone = |desk: &mut Desk, n: usize| {
        let keys = if n.is_multiple_of(2) { Modifiers::COMMAND } else { Modifiers::COMMAND | Modifiers::SHIFT };
        desk.timed(vec![press(keys, Key::Z)])
    };
    let times: Vec<f64> = (0..60).map(|n| undone(&mut desk, n)).collect();
    println!("  undo of that       {:8.2}", median(times));
    desk.key(Modifiers::NONE, Key::Escape);
    desk.frame(vec![Event::PointerMoved(grip)]);
    let grip = desk.grip(grip);
    for event in [Event::PointerMoved(grip), button(grip, true), button(grip, false)] {
        desk.frame(vec![event]);
    }
    assert_eq!(desk.editor.tab().view.selection.len(), 1);
    desk.key(Modifiers::NONE, Key::ArrowRight);
    let times: Vec<f64> = (0..60).map(|n| undone(&mut desk, n)).collect();
    println!("  undo of one move   {:8.2}", median(times));
    desk.key(Modifiers::NONE, Key::Delete);
    desk.settle();
    let times: Vec<f64> = (0..60).map(|n| undone(&mut desk, n)).collect();
    println!("  undo of a deletion {:8.2}", median(times));
    desk.key(Modifiers::NONE, Key::Escape);
    println!("  tidied             {:8.1}", desk.timed(vec![press(Modifiers::NONE, Key::T)]));
    desk.key(Modifiers::COMMAND, Key::Z);

    let corner = pos2(280.0, 60.0);
    desk.frame(vec![Event::PointerMoved(corner)]);
    desk.frame(vec![button(corner, true)]);
    let far = pos2(1200.0, 960.0);
    let step = |n: usize| vec![Event::PointerMoved(corner + (far - corner) * ((n + 5) as f32 / 64.0))];
    desk.report("selected with a box", step);
    desk.frame(vec![button(far, false)]);
    desk.key(Modifiers::NONE, Key::Escape);

    let saved = desk.timed(vec![press(Modifiers::COMMAND, Key::S)]);
    println!("  saved              {saved:8.2}");
    desk.frame(vec![Event::PointerMoved(middle)]);
    for _ in 0..400 {
        if desk.editor.tab().view.camera.zoom > 0.9 {
            break;
        }
        desk.frame(vec![wheel(MouseWheelUnit::Line, vec2(0.0, 1.0))]);
    }
    desk.settle();
    desk.report("close by, hovered", hover);
    desk.report("close by, panned", |n| {
        vec![wheel(MouseWheelUnit::Point, vec2(if n.is_multiple_of(2) { 3.0 } else { -3.0 }, 2.0))]
    });
}

/// An editor that looks at a quantizer of 10^8 elements.
fn quantizer(registry: &Arc<Registry>, accesskit: bool) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.json");
    let page = r#"{"nudge": 1, "blocks": {"x": {"type": "Fill", "inputs": {"dims": [10000, 10000], "value": 0.7}},
        "fq": {"type": "FakeQuantWithMinMaxArgs"}}, "wires": [["x.output", "fq.inputs"]],
        "layout": {"x": [0, 0], "fq": [400, 0]}}"#;
    std::fs::write(&path, page).unwrap();
    let mut desk = Desk::new(registry, accesskit);
    desk.editor.open_path(&path);
    desk.settle();
    let view = &desk.editor.tab().view;
    let fq = desk.editor.tab().document.block_rect(&node_core::BlockId::new("fq").unwrap()).unwrap();
    let at = view.camera.to_screen(view.canvas.unwrap(), fq.center_top() + vec2(0.0, 12.0));
    desk.click(at);
    desk.settle();
    let tab = desk.editor.tab();
    let shown = tab.view.selected_block().and_then(|id| tab.result(id)?.tensor(0));
    assert_eq!(shown.map(|tensor| tensor.len()), Some(100_000_000), "all of it is there");
    desk
}

/// The views of a quantizer of 10^8 elements.
fn views(registry: &Arc<Registry>) {
    println!("views of 10^8 elements, in milliseconds");
    for view in ["Grid", "Picture", "Distribution", "Curve"] {
        let mut desk = quantizer(registry, true);
        let tab = desk.places[&format!("view {view}")];
        let begun = Instant::now();
        desk.click(tab.center());
        let mut times = Vec::new();
        while times.len() < 30 || desk.editor.is_studying() {
            times.push(ms(desk.frame(Vec::new())));
            std::thread::sleep(Duration::from_millis(5));
            assert!(begun.elapsed() < Duration::from_secs(300), "{view} does not come to an end");
            if !desk.editor.is_studying() && times.len() >= 30 {
                break;
            }
        }
        let there = ms(begun.elapsed());
        times.sort_by(f64::total_cmp);
        let (middle, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("  {view:14} there after {there:8.0}, a frame {middle:6.2}, the slowest {worst:6.2}");
    }
}

/// A quantizer's table, scrolled by a row or two and by thousands.
fn table(registry: &Arc<Registry>, accesskit: bool) {
    let mut desk = quantizer(registry, accesskit);
    println!("a table of 10^8 rows, accesskit {}", if accesskit { "on" } else { "off" });
    let over = pos2(1400.0, 320.0);
    desk.report("at rest", |_| Vec::new());
    desk.frame(vec![Event::PointerMoved(over)]);
    desk.report("scrolled", |n| vec![wheel(MouseWheelUnit::Point, vec2(0.0, -30.0 - n as f32))]);
    desk.report("scrolled far", |_| vec![wheel(MouseWheelUnit::Point, vec2(0.0, -100_000.0))]);
}

/// An editor, and what comes to it.
struct Desk {
    ctx: Context,
    editor: Editor,
    time: f64,
    /// Where the controls of the last frame are, by their names, where a screen reader listens.
    places: BTreeMap<String, Rect>,
}

impl Desk {
    /// An editor without a page, in its second frame.
    fn new(registry: &Arc<Registry>, accesskit: bool) -> Desk {
        let ctx = Context::default();
        node_editor::widgets::theme::install(&ctx);
        if accesskit {
            ctx.enable_accesskit();
        }
        let editor = Editor::new(registry.clone(), Box::new(Files(registry.clone())), 8 << 30);
        let mut desk = Desk { ctx, editor, time: 0.0, places: BTreeMap::new() };
        desk.frame(Vec::new());
        desk
    }

    fn frame(&mut self, events: Vec<Event>) -> Duration {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.time),
            events,
            focused: true,
            ..RawInput::default()
        };
        let begin = Instant::now();
        let editor = &mut self.editor;
        let output = self.ctx.run_ui(input, |ui| editor.ui(ui));
        std::hint::black_box(self.ctx.tessellate(output.shapes, output.pixels_per_point));
        let taken = begin.elapsed();
        for (_, node) in output.platform_output.accesskit_update.into_iter().flat_map(|update| update.nodes) {
            if let (Some(name), Some(rect)) = (node.label(), node.bounds()) {
                let [left, top, right, bottom] = [rect.x0, rect.y0, rect.x1, rect.y1].map(|v| v as f32);
                self.places.insert(name.to_owned(), Rect::from_min_max(pos2(left, top), pos2(right, bottom)));
            }
        }
        taken
    }

    fn click(&mut self, at: Pos2) {
        for event in [Event::PointerMoved(at), button(at, true), button(at, false)] {
            self.frame(vec![event]);
        }
    }

    /// How long a frame with these events takes, in milliseconds.
    fn timed(&mut self, events: Vec<Event>) -> f64 {
        let time = ms(self.frame(events));
        self.frame(Vec::new());
        time
    }

    /// Waits for runs to end and for what moves to come to rest.
    fn settle(&mut self) {
        for _ in 0..2_000 {
            self.frame(Vec::new());
            if !self.editor.tab().run.is_running() && self.editor.tab().run.elapsed.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        for _ in 0..30 {
            self.frame(Vec::new());
        }
    }

    fn report(&mut self, what: &str, events: impl Fn(usize) -> Vec<Event>) {
        let times: Vec<f64> = (0..60).map(|n| ms(self.frame(events(n)))).collect();
        println!("  {what:18} {:8.2}", median(times));
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.frame(vec![press(modifiers, key)]);
        self.frame(Vec::new());
    }

    /// A spot near `at` that lies on a block, as the cursor tells.
    fn grip(&mut self, at: Pos2) -> Pos2 {
        let tab = self.editor.tab();
        let canvas = tab.view.canvas.unwrap();
        let world = tab.view.camera.to_world(canvas, at);
        let nearest = tab.document.places.iter().map(|(id, _)| tab.document.block_rect(id).unwrap().center());
        let nearest = nearest.min_by(|a, b| a.distance(world).total_cmp(&b.distance(world))).unwrap();
        tab.view.camera.to_screen(canvas, nearest)
    }
}

fn press(modifiers: Modifiers, key: Key) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

fn wheel(unit: MouseWheelUnit, delta: Vec2) -> Event {
    let (phase, modifiers, source) = (TouchPhase::Move, Modifiers::NONE, MouseWheelSource::Unknown);
    Event::MouseWheel { unit, delta, phase, modifiers, source }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Pages on the disk, and nothing else.
struct Files(Arc<Registry>);

impl Host for Files {
    fn load(&mut self, path: &Path) -> Result<Page, Vec<Problem>> {
        Ok(page_file::load(path)?.page)
    }
    fn save(&mut self, path: &Path, page: &Page, _: Over) -> Result<(), SaveRefusal> {
        let text = page_file::to_text(page, &self.0);
        save(path, text.as_bytes(), Expect::Anything).map_err(|error| SaveRefusal::Failed(error.to_string()))
    }
    fn recovered(&mut self) -> Vec<Recovered> {
        Vec::new()
    }
    fn discard(&mut self, _: &[Recovered]) {}
    fn keep(&mut self, _: Vec<Unsaved>, _: &[Recovered]) {}
    fn unsee(&mut self, _: &Path) {}
    fn finish(&mut self) -> Vec<PathBuf> {
        Vec::new()
    }
    fn identity(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
    fn entries(&self, _: &Path) -> Result<Vec<Entry>, String> {
        Ok(Vec::new())
    }
    fn folder(&self) -> PathBuf {
        PathBuf::new()
    }
    fn to_text(&self, page: &Page) -> String {
        page_file::to_text(page, &self.0)
    }
    fn parse(&self, text: &str) -> Option<Page> {
        page_file::parse(text.as_bytes()).ok()
    }
}
