//! The loops of kernels, compiled twice: for any CPU of the platform, and for those with AVX2, chosen while running.
//!
//! Both give the same bits: the compiler turns the same float operations into wider instructions, and never fuses or
//! reorders them.

macro_rules! loops {
    ($(#[$docs:meta])* $name:ident, $wide:ident, ($($operand:ident: $t:ident),*), |$out:ident, $f:ident| $body:block) => {
        $(#[$docs])*
        pub fn $name<O, $($t: Copy),*>($out: &mut [O], $($operand: &[$t],)* $f: impl Fn($($t),*) -> O) {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[expect(unsafe_code, reason = "the CPU has just been asked whether it has AVX2")]
                // SAFETY: the function needs nothing but AVX2.
                return unsafe { $wide($out, $($operand,)* $f) };
            }
            $body
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn $wide<O, $($t: Copy),*>($out: &mut [O], $($operand: &[$t],)* $f: impl Fn($($t),*) -> O) {
            $body
        }
    };
}

loops! {
    /// `out[i] = f(a[i])`.
    each, each_avx2, (a: A), |out, f| {
        for (o, a) in out.iter_mut().zip(a) {
            *o = f(*a);
        }
    }
}

loops! {
    /// `out[i] = f(a[i], b[i])`.
    each_pair, each_pair_avx2, (a: A, b: B), |out, f| {
        for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
            *o = f(*a, *b);
        }
    }
}
