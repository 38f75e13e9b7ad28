//! A program that is killed: what was done up to two seconds before comes back at the next start.
//! `NUDGE_SEEDS=200` kills it so often.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::Person;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use nudge::folders::Folders;

/// The folder in which the program that is to be killed works.
const FOLDER: &str = "NUDGE_KILLED_IN";
/// No more than this is lost.
const MOST_LOST: Duration = Duration::from_secs(2);
/// An arrow moves a block by so much.
const STEP: f64 = 5.0;

fn folders(at: &Path) -> Folders {
    Folders { settings: at.join("settings"), data: at.join("data") }
}

/// What is killed: somebody moves a block step by step, on a page with a file and on one without, in real time.
#[test]
fn a_person_at_work() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    const FRAME: Duration = Duration::from_millis(20);
    let builder = Harness::builder().with_step_dt(FRAME.as_secs_f32());
    let mut person = Person::with_folders(builder, folders(&folder), &[folder.join("page.json")]);
    person.click("block x");
    for step in 1.. {
        let begun = Instant::now();
        person.harness.key_press_modifiers(Modifiers::NONE, Key::ArrowRight);
        person.harness.step();
        println!("step {step}");
        std::thread::sleep(FRAME.saturating_sub(begun.elapsed()));
    }
}

fn x_of(person: &Person) -> f64 {
    person.harness.state().editor().tab().document.places["x"].x
}

#[test]
fn what_a_killed_program_did_comes_back() {
    let mut lost = Duration::ZERO;
    for round in 0..common::seeds(6) {
        let folder = tempfile::tempdir().unwrap();
        let page =
            r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": 1}}}, "layout": {"x": [0, 0]}}"#;
        std::fs::write(folder.path().join("page.json"), page).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_person_at_work", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Every step, and when it was done.
        let mut done: Vec<Instant> = Vec::new();
        let mut kill_at: Option<Instant> = None;
        for line in lines.map_while(Result::ok) {
            if line.contains("step ") {
                let now = Instant::now();
                done.push(now);
                let after = Duration::from_millis(200 + (round * 7_919) % 2_400);
                if now > *kill_at.get_or_insert(now + after) {
                    child.kill().unwrap();
                    break;
                }
            }
        }
        let killed = Instant::now();
        child.wait().unwrap();
        assert!(done.len() > 4, "round {round}: it was at work");
        let mut person = Person::remembering(folders(folder.path()), &[folder.path().join("page.json")]);
        assert!(person.reads("Nudge ended before these were saved"), "round {round}");
        person.click("Open them");
        let steps = (x_of(&person) / STEP).round() as usize;
        assert!(steps <= done.len() + 1, "round {round}: {steps} of {}", done.len());
        if steps < done.len() {
            let age = killed - done[steps];
            lost = lost.max(age);
            assert!(age <= MOST_LOST, "round {round}: {age:?} are lost");
        }
    }
    println!("lost at most {} ms", lost.as_millis());
}
