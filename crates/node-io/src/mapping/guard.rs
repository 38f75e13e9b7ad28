//! What keeps the program alive when a file that it has mapped is shortened: the system then ends whoever reads the lost
//! part with SIGBUS. Here zeros take its place, for the mappings that are guarded and for no others.

#[cfg(unix)]
pub use unix::{Guard, is_there};

#[cfg(not(unix))]
pub use elsewhere::{Guard, is_there};

#[cfg(unix)]
mod unix {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use memmap2::Mmap;

    /// The most mappings that are guarded at one time; beyond them files are read instead.
    const MOST: usize = 1024;

    /// Where a guarded mapping begins and ends. `begin` is 0 where there is none, 1 while one is entered.
    struct Place {
        begin: AtomicUsize,
        end: AtomicUsize,
    }

    static PLACES: [Place; MOST] = [const { Place { begin: AtomicUsize::new(0), end: AtomicUsize::new(0) } }; MOST];

    /// A mapping is guarded as long as this is there.
    pub struct Guard(&'static Place);

    impl Guard {
        /// Guards a mapping; `None` if there are too many, or the system gives no word of lost parts.
        pub fn over(map: &Mmap) -> Option<Guard> {
            if !is_there() {
                return None;
            }
            let begin = map.as_ptr() as usize;
            let free = |place: &&Place| place.begin.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_ok();
            let place = PLACES.iter().find(free)?;
            place.end.store(begin + map.len(), Ordering::Release);
            place.begin.store(begin, Ordering::Release);
            Some(Guard(place))
        }
    }

    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.begin.store(0, Ordering::Release);
        }
    }

    impl Place {
        /// Where the mapping ends that holds an address, if one is entered here that does. Begin and end are of one
        /// mapping: where another is entered meanwhile, the begin is not the same any more. If it is, it is because the new
        /// one begins where the old one did, and then it is there as well.
        fn end_around(&self, at: usize) -> Option<usize> {
            let begin = self.begin.load(Ordering::Acquire);
            let end = self.end.load(Ordering::Acquire);
            let is_of_one = begin > 1 && begin == self.begin.load(Ordering::Acquire);
            (is_of_one && (begin..end).contains(&at)).then_some(end)
        }
    }

    /// What was to be done at SIGBUS before.
    static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();
    /// The size of a page of memory.
    static PAGE: AtomicUsize = AtomicUsize::new(0);

    /// Whether mappings can be guarded; the first who asks has the system tell of lost parts.
    pub fn is_there() -> bool {
        static HEARS: OnceLock<bool> = OnceLock::new();
        *HEARS.get_or_init(|| hear().is_some())
    }

    #[expect(unsafe_code, reason = "a signal handler")]
    fn hear() -> Option<()> {
        // SAFETY: plain questions to the system, and structures of its that may be all zeros. `mend` does what a signal
        // handler may: it reads atomics and what is set once before, and calls the system.
        unsafe {
            PAGE.store(usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).ok()?, Ordering::Relaxed);
            let mut before: libc::sigaction = std::mem::zeroed();
            (libc::sigaction(libc::SIGBUS, std::ptr::null(), &mut before) == 0).then_some(())?;
            BEFORE.set(before).ok()?;
            let mut ours: libc::sigaction = std::mem::zeroed();
            ours.sa_sigaction = mend as extern "C" fn(_, _, _) as usize;
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&mut ours.sa_mask);
            (libc::sigaction(libc::SIGBUS, &ours, std::ptr::null_mut()) == 0).then_some(())
        }
    }

    /// Puts zeros where a guarded mapping has lost its file, from the page on that was read. A fault elsewhere is left to
    /// what was to be done before: it comes again at once.
    #[expect(unsafe_code, reason = "a signal handler")]
    extern "C" fn mend(_: libc::c_int, signal: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // SAFETY: of SIGBUS the system says the address. Whoever is reading there holds the mapping, so it lasts until this
        // returns; it was read-only pages of a file, and is read-only pages of zeros then. The addresses are those of whole
        // pages of that mapping.
        unsafe {
            let at = (*signal).si_addr() as usize;
            if let Some(end) = PLACES.iter().find_map(|place| place.end_around(at)) {
                let from = at & !(PAGE.load(Ordering::Relaxed) - 1);
                let bytes = end - from;
                let zeros = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | libc::MAP_NORESERVE;
                if libc::mmap(from as *mut libc::c_void, bytes, libc::PROT_READ, zeros, -1, 0) != libc::MAP_FAILED {
                    return;
                }
            }
            let before = BEFORE.get().map_or(std::ptr::null(), std::ptr::from_ref);
            libc::sigaction(libc::SIGBUS, before, std::ptr::null_mut());
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use memmap2::Mmap;

    /// Files that are mapped cannot be shortened.
    pub struct Guard;

    impl Guard {
        /// There is nothing to guard against.
        pub fn over(_: &Mmap) -> Option<Guard> {
            Some(Guard)
        }
    }

    /// Mappings are safe.
    pub fn is_there() -> bool {
        true
    }
}
