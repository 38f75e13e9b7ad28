//! The built program in a real window: it opens on the gradient page, a picture is taken, it is closed.
//!
//! Needs Xvfb, xdotool, xclip and ImageMagick. Without them the test is skipped, with a line that says so;
//! `NUDGE_REQUIRE_WINDOW=1` makes that a failure. `NUDGE_WINDOW_PICTURE=FILE` keeps the picture.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
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

/// The program in a window on a display of its own.
struct Session {
    program: Running,
    display: String,
    window: String,
    folder: tempfile::TempDir,
    _server: Running,
    _alone: MutexGuard<'static, ()>,
}

/// Two servers that start at the same moment take the same display.
static ALONE: Mutex<()> = Mutex::new(());

impl Session {
    /// The program with a page open; nothing where a tool is missing that need not be there.
    fn open(name: &str, page: &str) -> Option<Session> {
        Session::of(Path::new(env!("CARGO_BIN_EXE_nudge")), name, page)
    }

    /// The same with another program.
    fn of(program: &Path, name: &str, page: &str) -> Option<Session> {
        let there = |program: &str| Command::new("which").arg(program).output().is_ok_and(|o| o.status.success());
        let tools = ["Xvfb", "xdotool", "import", "identify", "xclip"];
        let missing: Vec<&str> = tools.into_iter().filter(|p| !there(p)).collect();
        if !missing.is_empty() {
            assert!(std::env::var_os("NUDGE_REQUIRE_WINDOW").is_none(), "the window test needs {missing:?}");
            let _ = writeln!(std::io::stderr(), "skipped: the window test needs {}", missing.join(", "));
            return None;
        }
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let (server, display) = display();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{name}.json"));
        std::fs::write(&path, page).unwrap();
        let mut program = Running(
            Command::new(program)
                .arg(&path)
                .env("XDG_CONFIG_HOME", folder.path().join("config"))
                .env("XDG_DATA_HOME", folder.path().join("data"))
                .env("PANIC_WHEN", folder.path().join("panic now"))
                .stderr(Stdio::piped())
                .env("DISPLAY", &display)
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .env_remove("WAYLAND_DISPLAY")
                .spawn()
                .unwrap(),
        );
        let window = wait_for("the window", || {
            assert!(program.0.try_wait().unwrap().is_none(), "the program ended before its window came");
            let found = output(&display, "xdotool", &["search", "--onlyvisible", "--name", name]);
            found.lines().next().map(str::to_owned)
        });
        output(&display, "xdotool", &["windowfocus", "--sync", &window]);
        Some(Session { program, display, window, folder, _server: server, _alone: alone })
    }

    /// Presses a key after the other.
    fn keys(&self, keys: &[&str]) {
        output(&self.display, "xdotool", &[&["key", "--delay", "120"], keys].concat());
    }

    /// Waits until a picture of the window has text and colours.
    fn wait_until_drawn(&self) {
        let picture = match std::env::var_os("NUDGE_WINDOW_PICTURE") {
            Some(path) => path.into(),
            None => self.folder.path().join("window.png"),
        };
        let picture = picture.display().to_string();
        wait_for("a picture of the page", || {
            output(&self.display, "import", &["-window", &self.window, &picture]);
            let colours = output(&self.display, "identify", &["-format", "%k", &picture]);
            colours.parse::<u32>().ok().filter(|n| *n > 200)
        });
    }

    /// Another program puts text on the clipboard.
    fn put_on_clipboard(&self, text: &str) {
        let mut program = Command::new("xclip")
            .args(["-selection", "clipboard"])
            .env("DISPLAY", &self.display)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(program.wait().unwrap().success());
    }

    /// Copies what is selected and reads it in another program.
    fn copied(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        self.copied_after(what, || {}, holds)
    }

    /// The same after something that is done anew with every attempt: a machine at work may miss keys.
    fn copied_after(&self, what: &str, act: impl Fn(), holds: impl Fn(&str) -> bool) -> String {
        wait_for(what, || {
            act();
            self.keys(&["ctrl+a", "ctrl+c"]);
            let text = output(&self.display, "xclip", &["-selection", "clipboard", "-o"]);
            Some(text).filter(|text| holds(text))
        })
    }
}

#[test]
fn the_window_opens_shows_the_page_and_closes() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages/fake_quant_gradient.json"));
    let Some(mut session) = Session::open("fake_quant_gradient", &page.unwrap()) else { return };
    session.wait_until_drawn();
    session.keys(&["ctrl+q"]);
    let status = wait_for("the end of the program", || session.program.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

#[test]
fn blocks_and_text_go_to_other_programs_and_come_from_them() {
    let page = r#"{"nudge": 1, "blocks": {"from_here": {"type": "Const", "attrs": {"value": [9, 8]}}}}"#;
    let Some(session) = Session::open("clipboard", page) else { return };
    session.wait_until_drawn();
    let blocks = session.copied("the block on the clipboard", |text| text.contains("from_here"));

    // Text into a field: the block's name, in place.
    let rename = || {
        session.put_on_clipboard("from_there");
        session.keys(&["F2", "ctrl+a", "ctrl+v", "Return"]);
    };
    let is_renamed = |text: &str| text.contains("from_there") && !text.contains("from_here");
    session.copied_after("the block with its new name", rename, is_renamed);

    // Blocks that another program wrote.
    let paste = || {
        session.put_on_clipboard(&blocks.replace("from_here", "from_elsewhere"));
        session.keys(&["Escape", "ctrl+v"]);
    };
    let are_both = |text: &str| text.contains("from_there") && text.contains("from_elsewhere");
    session.copied_after("both blocks", paste, are_both);
}

/// A page that says where it was changed: one block, which is given another name.
const KEPT: &str = r#"{"nudge": 1, "blocks": {"before": {"type": "Const", "attrs": {"value": [9, 8]}}}}"#;

impl Session {
    /// Gives the one block another name, without saving.
    fn change(&self) {
        self.keys(&["ctrl+a", "F2", "ctrl+a"]);
        output(&self.display, "xdotool", &["type", "--delay", "60", "after"]);
        self.keys(&["Return"]);
    }
}

#[test]
fn what_is_not_saved_outlives_a_program_that_is_killed() {
    let Some(mut session) = Session::open("killed", KEPT) else { return };
    session.wait_until_drawn();
    let kept = session.folder.path().join("killed.json.recovery");
    wait_for("what is kept", || {
        session.change();
        std::fs::read_to_string(&kept).ok().filter(|text| text.contains("after"))
    });
    session.program.0.kill().unwrap();
    session.program.0.wait().unwrap();
    assert!(std::fs::read_to_string(&kept).unwrap().contains("after"));
    assert_eq!(std::fs::read_to_string(session.folder.path().join("killed.json")).unwrap(), KEPT);
}

/// A block whose elements cannot be read when it is told so.
const TRAP: &str = r#"{"nudge": 1, "blocks": {"before": {"type": "Trap"}}}"#;

#[test]
fn a_mistake_of_the_program_loses_nothing_and_says_where_it_is() {
    let examples = Path::new(env!("CARGO_BIN_EXE_nudge")).with_file_name("examples");
    let Some(mut session) = Session::of(&examples.join("panics"), "broken", TRAP) else { return };
    session.wait_until_drawn();
    let kept = session.folder.path().join("broken.json.recovery");
    wait_for("what is kept", || {
        session.change();
        std::fs::read_to_string(&kept).ok().filter(|text| text.contains("after"))
    });
    std::fs::write(session.folder.path().join("panic now"), "").unwrap();
    let status = wait_for("the end of the program", || {
        session.keys(&["ctrl+a"]);
        session.program.0.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(1));
    let mut said = String::new();
    session.program.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("panicked at") && said.contains("told to panic"), "the trace is there: {said}");
    assert!(said.contains("by a mistake of the program") && !said.contains("no window can be opened"), "{said}");
    assert!(said.contains(&format!("kept in {}", kept.display())), "{said}");
    let text = std::fs::read_to_string(&kept).unwrap();
    assert!(text.contains("after"), "{text}");
}
