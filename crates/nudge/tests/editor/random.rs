//! Whatever a person does, in whatever order and however fast: random sequences of raw events, several in a frame.
//! `NUDGE_SEEDS=5000` tries so many sequences.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use node_core::check::Feeds;
use node_core::{PortRef, Registry, check};
use node_engine::{Outcome, Request, RunOptions, plan, run_once};
use node_io::page_file;

use crate::common::{Person, registry};
use crate::kept::two_pages;

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

const TEXTS: [&str; 12] =
    ["[1, 2]", "nan", "x", "-3", "[", "a b", "2.5f", "1e400", "max=7", "\"q\"", "min_=-1.0f;max_=2.0f;", "y"];

const PLAIN: [Key; 18] = [
    Key::M,
    Key::G,
    Key::Delete,
    Key::Backspace,
    Key::ArrowLeft,
    Key::ArrowDown,
    Key::Tab,
    Key::Enter,
    Key::Enter,
    Key::Escape,
    Key::Escape,
    Key::F2,
    Key::F5,
    Key::Home,
    Key::Space,
    Key::F1,
    Key::Questionmark,
    Key::X,
];

const WITH_COMMAND: [Key; 14] = [
    Key::Delete,
    Key::Z,
    Key::Z,
    Key::Y,
    Key::A,
    Key::D,
    Key::S,
    Key::N,
    Key::W,
    Key::O,
    Key::Tab,
    Key::Num0,
    Key::Z,
    Key::Enter,
];

const PASTED: &str = r#"{"nudge": 1, "blocks": {"p": {"type": "FakeQuantWithMinMaxArgs"}, "x": {"type": "Const", "attrs": {"value": [4, 5]}}},
    "wires": [["x.output", "p.inputs"]]}"#;

/// A hand that does anything.
struct Hand {
    random: Random,
    at: Pos2,
    held: Option<PointerButton>,
}

impl Hand {
    fn modifiers(&mut self) -> Modifiers {
        match self.random.below(8) {
            0 => Modifiers::SHIFT,
            1 => Modifiers::COMMAND,
            2 => Modifiers::ALT,
            _ => Modifiers::NONE,
        }
    }

    /// The middle of something that has a name, or anywhere.
    fn somewhere(&mut self, person: &Person) -> Pos2 {
        let dialog = person.harness.state().editor().has_dialog();
        let nodes = person.harness.query_all(egui_kittest::kittest::By::new().predicate(|_| true));
        let leads_away = |name: &str| name == "Up" || name.ends_with('/');
        let named: Vec<Pos2> = nodes
            .filter(|node| node.accesskit_node().label().is_some_and(|name| !leads_away(&name)))
            .filter(|node| node.accesskit_node().bounding_box().is_some())
            .map(|node| node.rect().center())
            .collect();
        if !dialog && self.random.below(4) == 0 || named.is_empty() {
            return pos2(self.random.below(1100) as f32, self.random.below(700) as f32);
        }
        self.random.one(&named)
    }

    fn event(&mut self, person: &Person) -> Vec<Event> {
        let modifiers = self.modifiers();
        let key = |key, modifiers, pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        let button = |pos, button, pressed| Event::PointerButton { pos, button, pressed, modifiers };
        match self.random.below(20) {
            0..6 => {
                self.at = self.somewhere(person);
                vec![Event::PointerMoved(self.at)]
            }
            6..11 => match self.held.take() {
                Some(held) => vec![button(self.at, held, false)],
                None => {
                    let buttons = [PointerButton::Primary, PointerButton::Primary, PointerButton::Secondary];
                    let pressed = self.random.one(&buttons);
                    self.held = Some(pressed);
                    vec![button(self.at, pressed, true)]
                }
            },
            11..13 => {
                self.at = self.somewhere(person);
                let times = 1 + self.random.below(2);
                let click =
                    [button(self.at, PointerButton::Primary, true), button(self.at, PointerButton::Primary, false)];
                self.held = None;
                std::iter::once(Event::PointerMoved(self.at)).chain(click.into_iter().cycle().take(2 * times)).collect()
            }
            13..15 => {
                let pressed = self.random.one(&PLAIN);
                vec![key(pressed, Modifiers::NONE, true), key(pressed, Modifiers::NONE, false)]
            }
            15..17 => {
                let pressed = self.random.one(&WITH_COMMAND);
                let shift = self.random.below(4) == 0;
                let modifiers = if shift { Modifiers::COMMAND.plus(Modifiers::SHIFT) } else { Modifiers::COMMAND };
                vec![key(pressed, modifiers, true), key(pressed, modifiers, false)]
            }
            17 => vec![Event::Text(self.random.one(&TEXTS).to_owned())],
            18 => match self.random.below(4) {
                0 => vec![Event::Copy],
                1 => vec![Event::Cut],
                2 => vec![Event::Paste(PASTED.to_owned())],
                _ => vec![Event::Paste("[7, 8]".to_owned())],
            },
            _ => {
                let delta = vec2(0.0, [-60.0, 60.0][self.random.below(2)]);
                let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Unknown);
                vec![Event::MouseWheel { unit, delta, phase, modifiers, source }]
            }
        }
    }
}

fn text(page: &node_core::Page, registry: &Registry) -> String {
    page_file::to_text(page, registry)
}

/// What must hold at any time.
fn holds(person: &Person, registry: &Registry, place: &str) {
    for tab in person.harness.state().editor().tabs() {
        assert_eq!(tab.document.page.violations(), Vec::<String>::new(), "{place}");
        let anew = check(&tab.document.page, registry, &Feeds::new());
        assert_eq!(tab.document.checked.problems, anew.problems, "{place}");
        assert!(
            tab.document.places.keys().eq(tab.document.page.blocks.keys()),
            "{place}: every block stands somewhere"
        );
    }
}

/// What is shown once nothing moves is what a run of the page from the beginning gives.
fn shows_a_fresh_run(person: &Person, place: &str) {
    let tab = person.harness.state().editor().tab();
    let checked = &tab.document.checked;
    let fetch: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    let plan = plan(checked, &Request::fetch(&fetch));
    let fresh = run_once(&plan, &RunOptions::with_memory_limit(1 << 28));
    for (id, expected) in &fresh.blocks {
        let shown = tab.result(id);
        match &expected.outcome {
            Outcome::Done(tensors) => {
                let shown = shown.unwrap_or_else(|| panic!("{place}: {id} has a result"));
                for (index, tensor) in tensors.iter().enumerate() {
                    let tensor = tensor.as_ref().unwrap();
                    let preview = shown.preview(index).map(|preview| preview.text(24));
                    assert_eq!(preview, Some(tensor.preview(24)), "{place}: {id}");
                    if tab.view.selected_block() == Some(id) {
                        assert!(shown.tensor(index).is_some_and(|shown| shown.same_bits(tensor)), "{place}: {id}");
                    }
                }
            }
            Outcome::Failed(problem) => {
                let shown = shown.map(|shown| format!("{:?}", shown.outcome));
                assert_eq!(shown, Some(format!("{:?}", Outcome::Failed(problem.clone()))), "{place}: {id}");
            }
            Outcome::Waiting(_) => {}
        }
    }
}

fn press(person: &mut Person, modifiers: Modifiers, key: Key) {
    person.harness.key_press_modifiers(modifiers, key);
    person.harness.step();
    person.harness.step();
}

fn sequence(seed: u64, registry: &Arc<Registry>) {
    let (_folder, paths) = two_pages();
    // What fails without a word of ours says where it was.
    println!("seed {seed}");
    let size = if seed % 4 == 3 { vec2(760.0, 480.0) } else { vec2(1100.0, 700.0) };
    let mut person = Person::sized(Harness::builder(), size, &paths);
    let mut hand =
        Hand { random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), at: pos2(500.0, 300.0), held: None };
    let mut log: Vec<String> = Vec::new();
    let firsts: BTreeMap<_, _> =
        person.harness.state().editor().tabs().iter().map(|tab| (tab.id, text(&tab.document.page, registry))).collect();
    for frame in 0..40 {
        let count = 1 + hand.random.below(4);
        let events: Vec<Event> = (0..count).flat_map(|_| hand.event(&person)).collect();
        log.push(format!("{events:?}"));
        events.into_iter().for_each(|event| person.harness.event(event));
        person.harness.step();
        if person.harness.state().editor().may_quit() {
            return;
        }
        let place = format!("seed {seed}, frame {frame}");
        holds(&person, registry, &place);
    }
    // Everything is let go of, and what is open is closed.
    for pressed in [PointerButton::Primary, PointerButton::Secondary] {
        person.harness.event(Event::PointerButton {
            pos: hand.at,
            button: pressed,
            pressed: false,
            modifiers: Modifiers::NONE,
        });
        person.harness.step();
    }
    for _ in 0..4 {
        person.key(Modifiers::NONE, Key::Escape);
    }
    if person.harness.state().editor().may_quit() {
        return;
    }
    let place = format!("seed {seed}, at the end; {} frames", log.len());
    holds(&person, registry, &place);
    if !person.reads("changed since the last run") && !person.reads("stopped before its end") {
        shows_a_fresh_run(&person, &place);
    }
    let is_quiet =
        |person: &Person| !person.harness.state().editor().has_dialog() && !person.harness.ctx.text_edit_focused();
    let tab = person.harness.state().editor().tab();
    if !is_quiet(&person) || !tab.view.typing.is_empty() {
        return;
    }
    let first = firsts.get(&tab.id);
    let can = |person: &Person, undo: bool| {
        let document = &person.harness.state().editor().tab().document;
        if undo { document.undo_label().is_some() } else { document.redo_label().is_some() }
    };
    let now = |person: &Person| text(&person.harness.state().editor().tab().document.page, registry);
    while can(&person, false) {
        press(&mut person, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    }
    let last = now(&person);
    for _ in 0..400 {
        if !can(&person, true) {
            break;
        }
        press(&mut person, Modifiers::COMMAND, Key::Z);
        holds(&person, registry, &place);
    }
    assert!(!can(&person, true), "{place}: undo comes to an end");
    if let Some(first) = first {
        assert_eq!(&now(&person), first, "{place}: undo of all gives the first page");
    }
    while can(&person, false) {
        press(&mut person, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    }
    assert_eq!(now(&person), last, "{place}: redo of all gives the last page");
    if let Some(path) = person.harness.state().editor().tab().document.path.clone() {
        person.key(Modifiers::COMMAND, Key::S);
        if !person.harness.state().editor().has_dialog() {
            assert_eq!(std::fs::read_to_string(path).unwrap(), last, "{place}: the file is the page");
        }
    }
}

fn sequences(of: impl Iterator<Item = u64>) {
    let registry = registry();
    of.for_each(|seed| sequence(seed, &registry));
}

#[test]
fn nothing_is_lost_whatever_a_hand_does() {
    sequences((0..crate::common::seeds(60)).step_by(2));
}

#[test]
fn nothing_is_lost_whatever_another_hand_does() {
    sequences((1..crate::common::seeds(60)).step_by(2));
}
