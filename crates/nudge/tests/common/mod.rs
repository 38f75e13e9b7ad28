//! A person at the editor: pointer, keys, and what a screen reader hears.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, HarnessBuilder};
use node_core::Registry;
use nudge::app::App;
use nudge::folders::Folders;

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All block types of the program.
pub fn registry() -> Arc<Registry> {
    Arc::new(nudge::registry().unwrap())
}

/// How many random sequences are tried: `NUDGE_SEEDS`, else `usual`.
pub fn seeds(usual: u64) -> u64 {
    std::env::var("NUDGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// The editor under a person's hands.
pub struct Person {
    pub harness: Harness<'static, App>,
}

impl Person {
    /// Sits down at the editor with these pages open.
    pub fn at(pages: &[PathBuf]) -> Person {
        Person::with(Harness::builder(), pages)
    }

    /// The same, with more to say of the harness.
    pub fn with(builder: HarnessBuilder<App>, pages: &[PathBuf]) -> Person {
        Person::sized(builder, vec2(1500.0, 940.0), pages)
    }

    /// Sits down at an editor that remembers.
    pub fn remembering(folders: Folders, pages: &[PathBuf]) -> Person {
        Person::seated(Harness::builder(), vec2(1500.0, 940.0), pages, Some(folders))
    }

    /// The same in a window of another size.
    pub fn sized(builder: HarnessBuilder<App>, size: Vec2, pages: &[PathBuf]) -> Person {
        Person::seated(builder, size, pages, None)
    }

    /// Sits down at an editor that remembers, with more to say of the harness.
    pub fn with_folders(builder: HarnessBuilder<App>, folders: Folders, pages: &[PathBuf]) -> Person {
        let pages = pages.to_vec();
        let harness = builder
            .with_size(vec2(1500.0, 940.0))
            .build_eframe(move |cc| App::remembering(&cc.egui_ctx, registry(), &pages, Some(folders)));
        let mut person = Person { harness };
        person.settle();
        person
    }

    /// Starts the program without a page.
    pub fn starting(folders: Folders) -> Person {
        let harness = Harness::builder()
            .with_size(vec2(1500.0, 940.0))
            .with_max_steps(20)
            .with_step_dt(0.03)
            .build_eframe(move |cc| App::remembering(&cc.egui_ctx, registry(), &[], Some(folders)));
        let mut person = Person { harness };
        person.settle();
        person
    }

    fn seated(builder: HarnessBuilder<App>, size: Vec2, pages: &[PathBuf], folders: Option<Folders>) -> Person {
        let empty = std::env::temp_dir().join("nudge-tests-no-pages");
        std::fs::create_dir_all(&empty).unwrap();
        let pages = if pages.is_empty() { vec![empty] } else { pages.to_vec() };
        let harness = builder
            .with_size(size)
            .with_max_steps(20)
            .with_step_dt(0.03)
            .build_eframe(move |cc| App::remembering(&cc.egui_ctx, registry(), &pages, folders));
        let mut person = Person { harness };
        person.settle();
        person
    }

    /// Waits until nothing moves and the page has run.
    pub fn settle(&mut self) {
        for _ in 0..400 {
            self.harness.run_steps(2);
            if self.harness.query_by_label_contains("running…").is_none() {
                self.harness.run();
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the page does not come to an end");
    }

    /// Waits for what somebody else has to say.
    pub fn wait_for(&mut self, part: &str) {
        for _ in 0..2000 {
            self.harness.run_steps(2);
            if self.reads(part) {
                return self.settle();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("nobody says '{part}': {:?}", self.hears());
    }

    /// Whether there is something of this name.
    pub fn sees(&self, name: &str) -> bool {
        self.harness.query_all_by_label(name).next().is_some()
    }

    /// Whether some text holds this.
    pub fn reads(&self, part: &str) -> bool {
        self.harness.query_all_by_label_contains(part).next().is_some()
    }

    /// The value of what is called `name`.
    pub fn value(&self, name: &str) -> String {
        let node = self.harness.get_all_by_label(name).next().unwrap();
        node.value().unwrap_or_default()
    }

    /// The description of what is called `name`.
    pub fn description(&self, name: &str) -> String {
        let node = self.harness.get_by_label(name);
        node.accesskit_node().data().description().unwrap_or_default().to_owned()
    }

    /// The middle of what is called `name`.
    pub fn place(&self, name: &str) -> Pos2 {
        self.harness.get_all_by_label(name).next().unwrap_or_else(|| panic!("nothing is called {name}")).rect().center()
    }

    /// A free spot of the canvas, away from its middle.
    pub fn on_canvas(&self, offset: Vec2) -> Pos2 {
        self.place("canvas") + offset
    }

    pub fn click_at(&mut self, at: Pos2) {
        self.press(at, PointerButton::Primary, Modifiers::NONE);
        self.settle();
    }

    pub fn click(&mut self, name: &str) {
        let at = self.place(name);
        self.click_at(at);
    }

    pub fn shift_click(&mut self, name: &str) {
        let at = self.place(name);
        self.press(at, PointerButton::Primary, Modifiers::SHIFT);
        self.settle();
    }

    pub fn right_click_at(&mut self, at: Pos2) {
        self.press(at, PointerButton::Secondary, Modifiers::NONE);
        self.settle();
    }

    pub fn double_click_at(&mut self, at: Pos2) {
        self.press(at, PointerButton::Primary, Modifiers::NONE);
        self.press(at, PointerButton::Primary, Modifiers::NONE);
        self.settle();
    }

    fn press(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.harness.hover_at(pos);
        self.harness.step();
        for pressed in [true, false] {
            self.harness.event_modifiers(Event::PointerButton { pos, button, pressed, modifiers }, modifiers);
            self.harness.step();
        }
    }

    /// Drags with the left button, the way a hand does: over points in between.
    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.drag_with(PointerButton::Primary, from, to);
    }

    pub fn drag_with(&mut self, button: PointerButton, from: Pos2, to: Pos2) {
        self.drag_holding(button, Modifiers::NONE, from, to);
    }

    /// Drags while keys are held.
    pub fn drag_holding(&mut self, button: PointerButton, modifiers: Modifiers, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.step();
        let press = |pos, pressed| Event::PointerButton { pos, button, pressed, modifiers };
        self.harness.event_modifiers(press(from, true), modifiers);
        self.harness.step();
        for i in 1..=6 {
            let at = from + (to - from) * (i as f32 / 6.0);
            self.harness.event_modifiers(Event::PointerMoved(at), modifiers);
            self.harness.step();
        }
        self.harness.event_modifiers(press(to, false), modifiers);
        self.harness.event_modifiers(Event::PointerMoved(to), Modifiers::NONE);
        self.settle();
    }

    /// The wires of the page that is shown, sorted.
    pub fn wires(&self) -> Vec<String> {
        let page = &self.harness.state().editor().tab().document.page;
        let mut wires: Vec<String> = page.wires.iter().map(ToString::to_string).collect();
        wires.sort();
        wires
    }

    /// The page that is shown, as a file would hold it.
    pub fn page_text(&self) -> String {
        node_io::page_file::to_text(&self.harness.state().editor().tab().document.page, &registry())
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Types into whatever has the focus.
    pub fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }

    /// Replaces what stands in a field.
    pub fn enter(&mut self, field: &str, text: &str) {
        self.click(field);
        self.key(Modifiers::COMMAND, Key::A);
        self.type_text(text);
        self.key(Modifiers::NONE, Key::Enter);
    }

    pub fn drag_wire(&mut self, from: &str, to: &str) {
        let (from, to) = (self.place(from), self.place(to));
        self.drag(from, to);
    }

    /// Chooses from a menu of the bar.
    pub fn menu(&mut self, menu: &str, entry: &str) {
        self.click(menu);
        self.click(entry);
    }
}

impl Person {
    /// Everything that is heard, for finding out why a test fails.
    pub fn hears(&self) -> Vec<String> {
        let nodes = self.harness.query_all(egui_kittest::kittest::By::new().predicate(|_| true));
        nodes
            .map(|n| format!("{:?} {:?} {:?}", n.accesskit_node().role(), n.accesskit_node().label(), n.value()))
            .collect()
    }
}

/// All that a check has found, to be compared.
pub fn described(checked: &node_core::CheckedPage) -> Vec<String> {
    let blocks = checked.blocks.iter().map(|(id, b)| {
        let setup = b.setup.as_ref().map(|setup| (&setup.ty, &setup.ports, &setup.attrs));
        let wiring = format!("{:?} {:?} {:?} {:?}", b.links, b.sets, b.effective, b.inputs);
        let types = format!("{:?} {:?} {:?} {:?} {:?}", b.literals, b.bound, b.outputs, b.values, b.warnings);
        let types = format!("{types} {:?}", b.passes);
        format!("{id} {:?} {setup:?} {wiring} {types}", b.state)
    });
    let problems = checked.problems.iter().map(|problem| format!("{problem:?}"));
    blocks.chain(problems).chain([format!("{:?}", checked.order)]).collect()
}
