//! Keys that share a frame.

use egui::{Key, Modifiers, vec2};

use crate::common::Person;
use crate::kept::two_pages;

/// Presses keys within one frame, as a slow frame gets them.
pub fn press_at_once(person: &mut Person, keys: &[(Modifiers, Key)]) {
    for &(modifiers, key) in keys {
        let event = |pressed| egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        person.harness.input_mut().events.extend([event(true), event(false)]);
    }
    person.harness.step();
    person.settle();
}

#[test]
fn keys_of_one_frame_are_all_heard_in_their_order() {
    const PLAIN: Modifiers = Modifiers::NONE;
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    person.click("block x");
    let (x, y) = (person.place("block x"), person.place("block y"));
    press_at_once(&mut person, &[(PLAIN, Key::ArrowRight); 30]);
    assert_eq!(person.place("block x") - x, vec2(150.0, 0.0), "thirty moves");
    assert_eq!(person.place("block y"), y);

    press_at_once(&mut person, &[(Modifiers::COMMAND, Key::Z); 30]);
    assert_eq!(person.place("block x"), x, "thirty undone");

    person.click("block y");
    person.key(PLAIN, Key::Delete);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.place("block y"), y, "it comes back where it stood");

    person.key(PLAIN, Key::Escape);
    press_at_once(&mut person, &[(Modifiers::COMMAND, Key::A), (PLAIN, Key::ArrowDown), (PLAIN, Key::ArrowLeft)]);
    assert_eq!(person.place("block x") - x, vec2(-5.0, 5.0), "what was selected in the same frame moves");
    assert_eq!(person.place("block y") - y, vec2(-5.0, 5.0));

    person.key(PLAIN, Key::Escape);
    press_at_once(&mut person, &[(PLAIN, Key::ArrowDown), (Modifiers::COMMAND, Key::A)]);
    assert_eq!(person.place("block x") - x, vec2(-5.0, 5.0), "not what is selected afterwards");

    // What follows something that opens is meant for that.
    press_at_once(&mut person, &[(PLAIN, Key::Space), (PLAIN, Key::Backspace)]);
    assert!(person.reads("2 blocks · 1 wire"), "the search has opened, and nothing is deleted");
    person.key(PLAIN, Key::Escape);
    press_at_once(&mut person, &[(Modifiers::COMMAND, Key::A), (Modifiers::COMMAND, Key::O), (PLAIN, Key::Delete)]);
    assert!(person.reads("2 blocks · 1 wire"), "nothing is deleted behind a dialog");
    person.click("Cancel");

    // What follows a change of page is meant for the page that is shown then.
    press_at_once(&mut person, &[(Modifiers::CTRL, Key::Tab), (Modifiers::COMMAND, Key::A), (PLAIN, Key::Delete)]);
    assert!(person.reads("0 blocks · 0 wires"), "all of b is gone");
    person.click("page a");
    assert!(person.reads("2 blocks · 1 wire"), "nothing of a");
}

/// Presses a key in a frame of its own, and does not wait.
fn press_next(person: &mut Person, modifiers: Modifiers, key: Key) {
    let event = |pressed| egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    person.harness.input_mut().events.extend([event(true), event(false)]);
    person.harness.step();
}

#[test]
fn a_key_right_after_something_with_a_field_has_closed_is_the_page_s() {
    let (_folder, paths) = two_pages();
    for (opens, text, closes) in [
        ((Modifiers::COMMAND, Key::P), "dark", (Modifiers::NONE, Key::Enter)),
        ((Modifiers::COMMAND, Key::P), "dark", (Modifiers::NONE, Key::Escape)),
        ((Modifiers::NONE, Key::Space), "Square", (Modifiers::NONE, Key::Escape)),
        ((Modifiers::NONE, Key::Space), "Square", (Modifiers::NONE, Key::Enter)),
        ((Modifiers::NONE, Key::F2), "z", (Modifiers::NONE, Key::Enter)),
        ((Modifiers::COMMAND, Key::O), "", (Modifiers::NONE, Key::Escape)),
    ] {
        let mut person = Person::at(&paths[..1]);
        person.click("block x");
        person.key(opens.0, opens.1);
        person.type_text(text);
        press_next(&mut person, closes.0, closes.1);
        press_next(&mut person, Modifiers::COMMAND, Key::A);
        press_next(&mut person, Modifiers::NONE, Key::Delete);
        person.settle();
        assert!(person.reads("0 blocks"), "after {opens:?} {closes:?}");
    }
}
