//! Where a page runs, chosen by a person; clusters that are none. With real ones: `tests/tensorflow`.

use egui::{Key, Modifiers};

use super::gradient;

/// An address at which nobody listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("grpc://{}", listener.local_addr().unwrap())
}

#[test]
fn a_cluster_that_is_not_there_is_told_and_the_page_stays() {
    let mut person = gradient();
    person.menu("Run", "Run on…");
    person.click("On a TensorFlow cluster");
    person.enter("target", "127.0.0.1:2222");
    assert!(person.reads("a target is written grpc://HOST:PORT"), "{:?}", person.hears());
    let nowhere = nowhere();
    person.enter("target", &nowhere);
    person.wait_for(&format!("the run broke off: {nowhere} refuses the connection"));
    assert!(person.sees("where the page runs"));
    // It is edited as ever, and runs here again.
    person.click("block grad");
    person.enter("attribute grad.num_bits", "4");
    assert!(person.page_text().contains("\"num_bits\": 4"));
    person.click("where the page runs");
    person.click("List devices");
    person.wait_for("refuses the connection: nothing listens");
    person.click("On this machine");
    person.click("OK");
    person.wait_for("ran in");
    assert!(!person.sees("where the page runs"));
    assert_ne!(person.value("block grad"), "");
}

#[test]
fn a_page_is_checked_against_the_cluster_that_is_chosen() {
    let mut person = gradient();
    person.menu("Run", "Check against TensorFlow");
    assert!(person.reads("On a TensorFlow cluster"), "it is asked for");
    person.click("On a TensorFlow cluster");
    let nowhere = nowhere();
    person.enter("target", &nowhere);
    person.wait_for("the run broke off");
    person.menu("Run", "Check against TensorFlow");
    person.wait_for(&format!("here and on {nowhere}"));
    assert!(person.reads("refuses the connection: nothing listens"));
}

#[test]
fn devices_of_blocks_are_set_shown_and_taken_back() {
    let mut person = gradient();
    person.click("block grad");
    person.menu("Edit", "Device…");
    person.enter("device", "worker one");
    assert!(person.reads("'worker one' is no device"));
    person.enter("device", "/job:worker/task:1");
    assert!(person.page_text().contains(r#""device": "/job:worker/task:1""#), "{}", person.page_text());
    assert!(person.reads("On a cluster it is computed by /job:worker/task:1."));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(!person.page_text().contains("device"));
    person.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    person.click("Device…");
    person.click("device");
    person.key(Modifiers::COMMAND, Key::A);
    person.key(Modifiers::NONE, Key::Delete);
    person.key(Modifiers::NONE, Key::Enter);
    assert!(!person.page_text().contains("device"));
}
