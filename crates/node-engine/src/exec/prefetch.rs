//! Asking the memory for elements before they are needed.
//!
//! While a stretch goes through its kernels nothing is asked of the memory; without this its time and the kernels' add
//! up.

/// Bytes of a cache line.
pub const LINE: usize = 64;

/// Asks for the cache line at `address`, to be read, into the second-level cache: the first is full of what is at work.
#[inline]
pub fn read(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "a hint to the CPU")]
    // SAFETY: a prefetch never faults, whatever the address, and changes nothing.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Asks for the cache line at `address`, to be written.
#[inline]
pub fn write(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "a hint to the CPU")]
    // SAFETY: as above.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_ET0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
