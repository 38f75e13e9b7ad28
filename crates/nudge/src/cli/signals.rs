//! A command that is told to end removes what it has not finished.

/// From now on the signals that end a command do so once its unfinished files are gone.
#[cfg(unix)]
pub fn tidy_up_first() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // What whoever started the command has it ignore (`nohup`) stays ignored.
    let heard = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal));
    let Ok(mut signals) = Signals::new(heard) else { return };
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            node_io::unfinished::remove_all();
            let _ = emulate_default_handler(signal);
        }
    };
    // Without the thread signals would do nothing: better that they end the command at once, as ever.
    if std::thread::Builder::new().name("nudge-signals".to_owned()).spawn(wait).is_err() {
        std::process::exit(1);
    }
}

#[cfg(not(unix))]
pub fn tidy_up_first() {}

/// Whether the process was started with a signal ignored; where that cannot be known it is not.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).is_some_and(|mask| mask & 1 == 1))
}
