//! Files that others change, files that were open before.

use egui::{Event, Key, Modifiers};
use nudge::folders::Folders;

use crate::common::Person;
use crate::copy_of;
use crate::kept::two_pages;

/// The person comes back from another program.
fn come_back(person: &mut Person) {
    person.harness.event(Event::WindowFocused(false));
    person.harness.step();
    person.harness.event(Event::WindowFocused(true));
    person.settle();
}

fn folders(at: &std::path::Path) -> Folders {
    Folders { settings: at.join("settings"), data: at.join("data") }
}

#[test]
fn a_file_that_has_changed_is_read_again() {
    let (_folder, path) = copy_of("fake_quant_gradient.json");
    let mut person = Person::at(std::slice::from_ref(&path));
    come_back(&mut person);
    assert!(!person.reads("has changed on the disk"));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("[6, -6, -7, 0]", "[1, 1, 1, 1]")).unwrap();
    come_back(&mut person);
    assert!(person.reads("fake_quant_gradient.json has changed on the disk."));
    assert_eq!(person.value("block x"), "[6, -6, -7, 0]", "nothing happens by itself");
    person.click("Compare");
    assert!(person.reads("~ x.value: [6, -6, -7, 0] → [1, 1, 1, 1]"), "{:?}", person.hears());
    person.click("Later");
    person.click("Reload");
    assert_eq!(person.value("block x"), "[1, 1, 1, 1]");
    come_back(&mut person);
    assert!(!person.reads("has changed on the disk"));
    // Written anew with the same content it is the same.
    std::fs::write(&path, std::fs::read(&path).unwrap()).unwrap();
    come_back(&mut person);
    assert!(!person.reads("has changed on the disk"));
}

#[test]
fn what_is_here_is_kept_and_replaces_what_the_other_wrote() {
    let (_folder, path) = copy_of("fake_quant_gradient.json");
    let mut person = Person::at(std::slice::from_ref(&path));
    person.click("block x");
    person.enter("attribute x.value", "[2, 2, 2, 2]");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("[6, -6, -7, 0]", "[1, 1, 1, 1]")).unwrap();
    come_back(&mut person);
    person.click("Keep mine");
    assert!(!person.reads("has changed on the disk"));
    assert!(person.harness.state().editor().tab().is_changed());
    person.key(Modifiers::COMMAND, Key::S);
    assert!(std::fs::read_to_string(&path).unwrap().contains("[2, 2, 2, 2]"), "it does not ask again");
    assert!(!person.harness.state().editor().tab().is_changed());
    // A page without changes of its own has some once it is kept.
    std::fs::write(&path, &text).unwrap();
    come_back(&mut person);
    person.click("Keep mine");
    assert!(person.harness.state().editor().tab().is_changed());
    // Gone, and no page at all.
    std::fs::remove_file(&path).unwrap();
    come_back(&mut person);
    assert!(person.reads("is not on the disk any more"));
    person.click("Keep mine");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(std::fs::read_to_string(&path).unwrap().contains("[2, 2, 2, 2]"));
    std::fs::write(&path, "{").unwrap();
    come_back(&mut person);
    person.click("Compare");
    assert!(person.reads("ends too early"), "{:?}", person.hears());
    person.click("Later");
    person.click("Keep mine");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(std::fs::read_to_string(&path).unwrap().contains("[2, 2, 2, 2]"));
}

#[test]
fn recent_files_are_remembered_and_opened_again() {
    let home = tempfile::tempdir().unwrap();
    let (_folder, paths) = two_pages();
    let mut person = Person::remembering(folders(home.path()), &paths);
    person.harness.run_steps(60);
    drop(person);
    let mut person = Person::remembering(folders(home.path()), &paths[..1]);
    assert!(!person.sees("page b"));
    person.click("File");
    person.harness.hover_at(person.place("Open recent"));
    person.settle();
    person.click("Open recent");
    person.click("recent b.json");
    assert_eq!(person.value("block x"), "[2]");
}

#[test]
fn the_pages_of_a_session_come_back_if_wanted() {
    let home = tempfile::tempdir().unwrap();
    let (_folder, paths) = two_pages();
    let mut person = Person::remembering(folders(home.path()), &paths);
    person.menu("File", "Reopen pages at start");
    person.key(Modifiers::NONE, Key::Escape);
    person.click("page b");
    person.harness.run_steps(60);
    drop(person);
    let person = Person::starting(folders(home.path()));
    assert!(person.sees("page a") && person.sees("page b"));
    assert_eq!(person.value("block x"), "[2]", "the one that was shown is shown");
    drop(person);
    let mut person = Person::starting(folders(home.path()));
    person.menu("File", "Reopen pages at start");
    person.harness.run_steps(60);
    drop(person);
    let person = Person::starting(folders(home.path()));
    assert!(!person.sees("page b"));
}
