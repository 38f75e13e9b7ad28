//! The program; see the library's [`nudge::main`].

fn main() -> std::process::ExitCode {
    nudge::main()
}
