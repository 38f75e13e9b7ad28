//! Files that hold arrays: dropped, chosen, changed, and out of bounds.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::vec2;
use nudge::folders::Folders;

use crate::common::{Person, root};

/// A file on its way onto the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

pub fn drop_files(person: &mut Person, paths: &[PathBuf]) {
    let dropped = paths.iter().map(|path| Arc::new(Dropped(path.clone())) as _);
    person.harness.input_mut().dropped_files.extend(dropped);
    person.settle();
}

/// A folder with a page that is saved in it, and arrays beside it and elsewhere.
fn scene() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (pages, data) = (folder.path().join("pages"), folder.path().join("data"));
    std::fs::create_dir_all(&pages).unwrap();
    std::fs::create_dir_all(&data).unwrap();
    let arrays = root().join("assets/golden/arrays");
    std::fs::write(pages.join("page.json"), "{\"nudge\": 1, \"blocks\": {}}\n").unwrap();
    std::fs::write(pages.join("x.csv"), "6,-6\n-7,0\n").unwrap();
    std::fs::copy(arrays.join("alone.npy"), data.join("alone.npy")).unwrap();
    std::fs::copy(arrays.join("stored.npz"), data.join("many.npz")).unwrap();
    (folder, pages, data)
}

/// Waits until the window shows it by itself.
pub fn wait_for(person: &mut Person, what: &str, is_so: impl Fn(&Person) -> bool) {
    let begun = Instant::now();
    while !is_so(person) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {:?}", person.hears());
        std::thread::sleep(Duration::from_millis(50));
        person.settle();
    }
}

#[test]
fn a_dropped_array_becomes_a_block_that_is_wired_and_read() {
    let (_folder, pages, data) = scene();
    let mut person = Person::at(&[pages.join("page.json")]);
    drop_files(&mut person, &[pages.join("x.csv")]);
    assert_eq!(person.value("block x"), "[[6, -6], [-7, 0]]");
    assert_eq!(person.value("attribute x.path"), "x.csv", "beside the page");
    let (from, to) = (person.place("palette FakeQuantWithMinMaxArgs"), person.on_canvas(vec2(200.0, -40.0)));
    person.drag(from, to);
    person.drag_wire("port x.output", "port fake_quant.inputs");
    assert_eq!(person.value("block fake_quant"), "[[5.9764705, -5.9764705], [-6.0235295, 0]]");
    drop_files(&mut person, &[data.join("alone.npy")]);
    let path = data.join("alone.npy").canonicalize().unwrap();
    assert_eq!(person.value("attribute alone.path"), path.to_string_lossy(), "elsewhere: dropping it is a yes");
    assert!(!person.reads("This page wants to read files"));
    person.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert!(!person.sees("block alone"), "one step of undo");
    assert!(person.sees("block fake_quant"));
}

#[test]
fn of_several_arrays_some_are_chosen() {
    let (_folder, pages, data) = scene();
    let mut person = Person::at(&[pages.join("page.json")]);
    drop_files(&mut person, &[data.join("many.npz"), pages.join("x.csv")]);
    assert!(person.sees("block x"), "what is clear is there");
    assert!(person.reads("Each that is chosen becomes a block."));
    person.click("special");
    person.click("flags");
    person.click("Add");
    assert!(person.value("block special").starts_with("[NaN, Infinity, -Infinity, -0"), "{:?}", person.hears());
    assert_eq!(person.value("block flags"), "[[true, false], [false, true]]");
    // A block without its part offers what there is.
    person.click("block flags");
    person.click("attribute flags.part");
    person.click("big");
    assert_eq!(person.value("block flags"), "[[0, 1, 2], [3, 4, 5]]");
    drop_files(&mut person, &[data.join("many.npz")]);
    person.click("Cancel");
    assert!(person.reads("3 blocks"), "{:?}", person.hears());
}

#[test]
fn who_has_to_choose_is_told_of_what_is_wrong_as_well() {
    let (_folder, pages, data) = scene();
    std::fs::write(data.join("ragged.csv"), "1,2\n3\n").unwrap();
    let mut person = Person::at(&[pages.join("page.json")]);
    drop_files(&mut person, &[data.join("ragged.csv"), data.join("many.npz")]);
    assert!(person.reads("line 2 holds 1 values"), "{:?}", person.hears());
    person.click("big");
    person.click("Add");
    assert_eq!(person.value("block big"), "[[0, 1, 2], [3, 4, 5]]");
}

#[test]
fn what_is_no_array_is_told_and_pages_are_opened() {
    let (_folder, pages, data) = scene();
    std::fs::write(data.join("notes.md"), "hello").unwrap();
    std::fs::write(data.join("ragged.csv"), "1,2\n3\n").unwrap();
    std::fs::write(data.join("other.json"), "{\"nudge\": 1, \"blocks\": {}}\n").unwrap();
    let mut person = Person::at(&[pages.join("page.json")]);
    drop_files(&mut person, &[data.join("notes.md"), data.join("ragged.csv"), data.clone(), data.join("other.json")]);
    assert!(person.reads("is of no kind that Nudge reads"), "{:?}", person.hears());
    assert!(person.reads("line 2 holds 1 values, but those before it 2"));
    assert!(person.reads("is no file, but a folder or a device"));
    person.click("OK");
    assert!(person.sees("page other"));
}

#[test]
fn a_file_is_chosen_where_nothing_can_be_dropped() {
    let (_folder, pages, _) = scene();
    let mut person = Person::at(&[pages.join("page.json")]);
    person.click("File");
    person.click("Add data…");
    assert!(person.reads("x.csv") && !person.reads("page.json/"));
    person.click("x.csv");
    person.click("Add");
    assert_eq!(person.value("block x"), "[[6, -6], [-7, 0]]");
}

#[test]
fn a_file_that_changes_runs_again_and_is_no_step_of_undo() {
    let (_folder, pages, _) = scene();
    let page = pages.join("page.json");
    std::fs::write(
        &page,
        r#"{"nudge": 1, "blocks": {"x": {"type": "File", "attrs": {"path": "x.csv"}}, "y": {"type": "Square"},
            "late": {"type": "File", "attrs": {"path": "late.csv"}}}, "wires": [["x.output", "y.x"]]}"#,
    )
    .unwrap();
    let mut person = Person::at(&[page]);
    assert_eq!(person.value("block y"), "[[36, 36], [49, 0]]");
    assert!(person.description("block late").contains("there is no such file"));
    std::fs::write(pages.join("x.csv"), "1,2,3\n").unwrap();
    wait_for(&mut person, "changed", |person| person.value("block y") == "[[1, 4, 9]]");
    assert!(person.reads("has changed; what depends on it runs again"));
    std::fs::write(pages.join("late.csv"), "5\n").unwrap();
    wait_for(&mut person, "there at last", |person| person.value("block late") == "[5]");
    std::fs::remove_file(pages.join("x.csv")).unwrap();
    wait_for(&mut person, "gone", |person| person.description("block x").contains("there is no such file"));
    std::fs::write(pages.join("x.csv"), "2\n").unwrap();
    wait_for(&mut person, "back", |person| person.value("block y") == "[4]");
    let tab = person.harness.state().editor().tab();
    assert!(!tab.is_changed() && tab.document.undo_label().is_none());
}

#[test]
fn what_lies_elsewhere_is_read_once_it_is_allowed_and_that_is_remembered() {
    let (folder, pages, data) = scene();
    let page = pages.join("page.json");
    std::fs::write(&page, r#"{"nudge": 1, "blocks": {"x": {"type": "File", "attrs": {"path": "../data/alone.npy"}}}}"#)
        .unwrap();
    let folders = || Folders { settings: folder.path().join("settings"), data: folder.path().join("kept") };
    let mut person = Person::remembering(folders(), std::slice::from_ref(&page));
    assert!(person.description("block x").contains("lies outside the page's folder"));
    let wants = format!("This page wants to read files in {}", data.canonicalize().unwrap().display());
    assert!(person.reads(&wants), "{:?}", person.hears());
    person.click("Not now");
    assert!(!person.reads(&wants));
    drop(person);
    let mut person = Person::remembering(folders(), std::slice::from_ref(&page));
    person.click("Allow");
    assert!(person.value("block x").starts_with("[["), "{:?}", person.hears());
    // Settings are written once they have not changed for a while.
    person.harness.run_steps(60);
    drop(person);
    let mut person = Person::remembering(folders(), std::slice::from_ref(&page));
    person.settle();
    assert!(!person.reads(&wants));
    assert!(person.value("block x").starts_with("[["));
}

#[test]
fn a_page_that_is_saved_elsewhere_reads_beside_its_new_file() {
    let (folder, pages, _) = scene();
    let mut person = Person::at(&[]);
    person.click("File");
    person.click("Add data…");
    person.click("File name");
    person.key(egui::Modifiers::COMMAND, egui::Key::A);
    person.type_text(&pages.join("x.csv").to_string_lossy());
    person.click("Add");
    assert_eq!(person.value("block x"), "[[6, -6], [-7, 0]]", "a page without a folder names all of the path");
    person.enter("attribute x.path", "x.csv");
    assert!(person.description("block x").contains("save it first"), "{}", person.description("block x"));
    person.key(egui::Modifiers::COMMAND, egui::Key::S);
    person.click("File name");
    person.key(egui::Modifiers::COMMAND, egui::Key::A);
    person.type_text(&pages.join("new.json").to_string_lossy());
    person.click("Save");
    assert_eq!(person.value("block x"), "[[6, -6], [-7, 0]]");
    drop(folder);
}

#[test]
fn a_result_is_saved_and_read_again() {
    let (_folder, pages, _) = scene();
    let mut person = Person::at(&[pages.join("page.json")]);
    drop_files(&mut person, &[pages.join("x.csv")]);
    for (name, back) in
        [("y.npy", "[[6, -6], [-7, 0]]"), ("y.csv", "[[6, -6], [-7, 0]]"), ("y.npz", "[[6, -6], [-7, 0]]")]
    {
        person.click("block x");
        person.menu("File", "Save result…");
        assert!(person.reads("Save the result of x"));
        person.click("File name");
        person.key(egui::Modifiers::COMMAND, egui::Key::A);
        person.type_text(&pages.join(name).to_string_lossy());
        person.click("Save");
        wait_for(&mut person, "saved", |_| pages.join(name).exists());
        drop_files(&mut person, &[pages.join(name)]);
        let block = person.harness.state().editor().tab().view.selected_block().unwrap().to_string();
        assert_eq!(person.value(&format!("block {block}")), back, "{name}");
    }
    person.click("block x");
    person.menu("File", "Save result…");
    let save_as = |person: &mut Person, name: &str| {
        person.click("File name");
        person.key(egui::Modifiers::COMMAND, egui::Key::A);
        person.type_text(&pages.join(name).to_string_lossy());
        person.click("Save");
    };
    save_as(&mut person, "y.txt");
    assert!(person.reads("The file must end in .npy, .npz"), "{:?}", person.hears());
    std::fs::write(pages.join("z.csv"), "before").unwrap();
    save_as(&mut person, "z.csv");
    assert!(person.reads("Save again to replace it"));
    assert_eq!(std::fs::read(pages.join("z.csv")).unwrap(), b"before");
    person.click("Save");
    wait_for(&mut person, "replaced", |_| std::fs::read(pages.join("z.csv")).unwrap() == b"6,-6\n-7,0\n");
}

/// A page whose placeholder feeds a block.
fn fed_page(pages: &Path) -> PathBuf {
    let path = pages.join("fed.json");
    let text = r#"{"nudge": 1, "blocks": {
        "p": {"type": "Placeholder", "attrs": {"dtype": "float32", "shape": [-1, -1]}}, "s": {"type": "Square"}},
        "wires": [["p.output", "s.x"]], "layout": {"p": [0, 0], "s": [300, 0]}}"#;
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_file_that_is_dropped_on_a_placeholder_feeds_it() {
    let (_folder, pages, data) = scene();
    let page = fed_page(&pages);
    let before = std::fs::read_to_string(&page).unwrap();
    let mut person = Person::at(std::slice::from_ref(&page));
    let at = person.place("block p");
    person.harness.hover_at(at);
    drop_files(&mut person, &[pages.join("x.csv")]);
    wait_for(&mut person, "the feed", |person| person.value("block s") == "[[36, 36], [49, 0]]");
    assert_eq!(person.value("port p.attrs"), "fed: x.csv", "it stands on the block");
    assert!(!person.sees("block x"), "it makes no block");
    person.click("block p");
    assert!(person.reads("Fed with x.csv as long as the page is open."));
    // It goes along when the block is called otherwise, and no undo takes it back.
    person.key(egui::Modifiers::NONE, egui::Key::F2);
    person.key(egui::Modifiers::COMMAND, egui::Key::A);
    person.type_text("q");
    person.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert_eq!(person.value("block s"), "[[36, 36], [49, 0]]");
    person.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(person.value("port p.attrs"), "fed: x.csv");
    assert_eq!(person.value("block s"), "[[36, 36], [49, 0]]");
    // Nor does deleting it and taking that back lose what it is fed.
    person.click("block p");
    person.key(egui::Modifiers::NONE, egui::Key::Delete);
    person.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(person.value("port p.attrs"), "fed: x.csv");
    person.click("block p");
    person.click("stop feeding p.output");
    assert!(person.value("port p.attrs").starts_with("float32") || !person.value("port p.attrs").contains("fed"));
    assert!(!person.value("block s").contains("36"), "{}", person.value("block s"));
    assert_eq!(std::fs::read_to_string(&page).unwrap(), before, "no file is written");
    assert!(!person.reads("● fed"), "and the page has not changed");
    // One of several arrays is chosen.
    let at = person.place("block p");
    person.harness.hover_at(at);
    drop_files(&mut person, &[data.join("many.npz")]);
    assert!(person.reads("Which array feeds p.output?"));
    person.click("big");
    person.click("Feed");
    wait_for(&mut person, "the other feed", |person| person.value("port p.attrs") == "fed: many.npz:big");
}

#[test]
fn a_feed_that_does_not_fit_is_told_like_any_other_mistake() {
    let (_folder, pages, data) = scene();
    std::fs::write(pages.join("ragged.csv"), "1,2\n3\n").unwrap();
    let mut person = Person::at(&[fed_page(&pages)]);
    person.click("block p");
    person.click("feed p.output");
    assert!(person.reads("Feed p.output"));
    person.click("ragged.csv");
    person.click("Add");
    wait_for(&mut person, "why not", |person| person.reads("line 2 holds 1 values, but those before it 2"));
    person.click("OK");
    let at = person.place("block p");
    person.harness.hover_at(at);
    drop_files(&mut person, &[data.join("many.npz")]);
    person.click("flags");
    person.click("Feed");
    wait_for(&mut person, "the problem", |person| person.reads("● 1 problem"));
    // A narrower type is widened, as on the command line.
    let half = [1.0, 2.0, -3.0].map(node_core::half::f16::from_f32).to_vec();
    let half = node_core::Tensor::new(node_core::Shape::new([1, 3]).unwrap(), half).unwrap();
    let results = [(String::new(), &half)];
    node_io::results::write(
        &pages.join("half.npy"),
        node_io::results::Format::Npy,
        &results,
        &node_core::access::Alone,
    )
    .unwrap();
    let at = person.place("block p");
    person.harness.hover_at(at);
    drop_files(&mut person, &[pages.join("half.npy")]);
    wait_for(&mut person, "the wider feed", |person| person.value("block s") == "[[1, 4, 9]]");
    person.click("stop feeding p.output");
    assert!(!person.reads("● 1 problem"));
}

#[test]
fn writing_a_large_result_is_shown_and_can_be_stopped() {
    let (_folder, pages, _) = scene();
    let path = pages.join("large.json");
    let text =
        r#"{"nudge": 1, "blocks": {"x": {"type": "Fill", "inputs": {"dims": [4000, 1500], "value": 0.1234567}}}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block x");
    wait_for(&mut person, "the result", |person| person.sees("result x.output"));
    person.menu("File", "Save result…");
    person.click("File name");
    person.key(egui::Modifiers::COMMAND, egui::Key::A);
    person.type_text(&pages.join("large.csv").to_string_lossy());
    person.click("Save");
    wait_for(&mut person, "the progress", |person| person.reads("writing ") && person.sees("Stop writing"));
    person.click("Stop writing");
    wait_for(&mut person, "the end", |person| person.reads("it was stopped"));
    person.click("OK");
    assert!(!pages.join("large.csv").exists());
    assert_eq!(std::fs::read_dir(&pages).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn a_page_that_is_saved_names_the_files_of_its_folder_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    std::fs::create_dir(here.join("other")).unwrap();
    std::fs::write(here.join("x.csv"), "1,2\n3,4\n").unwrap();
    std::fs::write(here.join("other/y.csv"), "5,6\n").unwrap();
    let mut person = Person::at(&[]);
    let name_it = |person: &mut Person, path: &Path, button: Option<&str>| {
        person.click("File name");
        person.key(egui::Modifiers::COMMAND, egui::Key::A);
        person.type_text(&path.to_string_lossy());
        match button {
            Some(button) => person.click(button),
            None => person.key(egui::Modifiers::NONE, egui::Key::Enter),
        }
    };
    for name in ["x.csv", "other/y.csv"] {
        person.click("File");
        person.click("Add data…");
        name_it(&mut person, &here.join(name), Some("Add"));
    }
    // Both are seen, neither upon the other.
    let document = &person.harness.state().editor().tab().document;
    let rect = |id: &str| document.block_rect(&node_core::BlockId::new(id).unwrap()).unwrap();
    assert!(!rect("x").intersects(rect("y")), "{:?} {:?}", rect("x"), rect("y"));
    let saved = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    person.key(egui::Modifiers::COMMAND, egui::Key::S);
    name_it(&mut person, &here.join("page.json"), None);
    let text = saved(&here.join("page.json"));
    assert!(text.contains(r#""path": "x.csv""#) && text.contains(r#""path": "other/y.csv""#), "{text}");
    assert!(person.value("block x").contains("[[1, 2], [3, 4]]"), "{:?}", person.hears());
    // Saved elsewhere, it still reads the same files.
    person.key(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::S);
    name_it(&mut person, &here.join("other/page.json"), None);
    let text = saved(&here.join("other/page.json"));
    let outside = node_core::value::quoted(here.join("x.csv").to_str().unwrap());
    assert!(text.contains(&format!(r#""path": {outside}"#)) && text.contains(r#""path": "y.csv""#), "{text}");
}
