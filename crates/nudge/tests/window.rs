//! The built program in a real window: it opens on the gradient page, a picture is taken, it is closed.
//!
//! Needs Xvfb, xdotool and ImageMagick. Without them the test is skipped, with a line that says so;
//! `NUDGE_REQUIRE_WINDOW=1` makes that a failure. `NUDGE_WINDOW_PICTURE=FILE` keeps the picture.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that is ended when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a display of its own; its name comes with it.
fn display() -> (Running, String) {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1600x1000x24"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(server), format!(":{}", line.trim()))
}

fn output(display: &str, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("DISPLAY", display).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        if let Some(found) = condition() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{what} did not come");
}

#[test]
fn the_window_opens_shows_the_page_and_closes() {
    let there = |program: &str| Command::new("which").arg(program).output().is_ok_and(|o| o.status.success());
    let missing: Vec<&str> = ["Xvfb", "xdotool", "import", "identify"].into_iter().filter(|p| !there(p)).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("NUDGE_REQUIRE_WINDOW").is_none(), "the window test needs {missing:?}");
        let _ = writeln!(std::io::stderr(), "skipped: the window test needs {}", missing.join(", "));
        return;
    }
    let (_server, display) = display();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("fake_quant_gradient.json");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::copy(root.join("pages/fake_quant_gradient.json"), &page).unwrap();
    let mut program = Running(
        Command::new(env!("CARGO_BIN_EXE_nudge"))
            .arg(&page)
            .env("DISPLAY", &display)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env_remove("WAYLAND_DISPLAY")
            .spawn()
            .unwrap(),
    );
    let window = wait_for("the window", || {
        assert!(program.0.try_wait().unwrap().is_none(), "the program ended before its window came");
        let found = output(&display, "xdotool", &["search", "--onlyvisible", "--name", "fake_quant_gradient"]);
        found.lines().next().map(str::to_owned)
    });
    let picture = match std::env::var_os("NUDGE_WINDOW_PICTURE") {
        Some(path) => path.into(),
        None => folder.path().join("window.png"),
    };
    let colours = wait_for("a picture of the page", || {
        output(&display, "import", &["-window", &window, &picture.display().to_string()]);
        let colours = output(&display, "identify", &["-format", "%k", &picture.display().to_string()]);
        colours.parse::<u32>().ok().filter(|n| *n > 200)
    });
    assert!(colours > 200, "text and colours are there");

    output(&display, "xdotool", &["windowfocus", "--sync", &window]);
    output(&display, "xdotool", &["key", "ctrl+q"]);
    let status = wait_for("the end of the program", || program.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}
