//! The program with a block that panics.

mod block;

fn main() -> std::process::ExitCode {
    nudge::main()
}
