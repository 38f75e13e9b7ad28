//! The loops of kernels, compiled twice: for any CPU of the platform, and for those with AVX2, chosen while running.
//!
//! Both give the same bits: the compiler turns the same float operations into wider instructions, and never fuses or
//! reorders them. On other platforms (ARM's NEON is part of every 64-bit one) the first is what there is.

use super::LANES;

/// A loop that is compiled twice.
macro_rules! loops {
    ($(#[$docs:meta])* $name:ident / $wide:ident<$($g:ident $(: $bound:path)?),*>($($arg:ident: $t:ty),*) $body:block) => {
        $(#[$docs])*
        #[inline]
        pub fn $name<$($g $(: $bound)?),*>($($arg: $t),*) {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[expect(unsafe_code, reason = "the CPU has just been asked whether it has AVX2")]
                // SAFETY: the function needs nothing but AVX2.
                return unsafe { $wide($($arg),*) };
            }
            $body
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn $wide<$($g $(: $bound)?),*>($($arg: $t),*) $body
    };
}

loops! {
    /// `out[i] = f(a[i])`.
    each / each_avx2<O, A: Copy>(out: &mut [O], a: &[A], f: impl Fn(A) -> O) {
        for (o, a) in out.iter_mut().zip(a) {
            *o = f(*a);
        }
    }
}

loops! {
    /// `out[i] = f(a[i], b[i])`.
    each_pair / each_pair_avx2<O, A: Copy, B: Copy>(out: &mut [O], a: &[A], b: &[B], f: impl Fn(A, B) -> O) {
        for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
            *o = f(*a, *b);
        }
    }
}

loops! {
    /// `lanes[i % LANES] = join(lanes[i % LANES], f(a[i]))`.
    fold / fold_avx2<L: Copy, A: Copy>(lanes: &mut [L; LANES], a: &[A], f: impl Fn(A) -> L, join: impl Fn(L, L) -> L) {
        let mut held = *lanes;
        let (whole, rest) = a.as_chunks::<LANES>();
        for chunk in whole {
            for i in 0..LANES {
                held[i] = join(held[i], f(chunk[i]));
            }
        }
        for (lane, a) in held.iter_mut().zip(rest) {
            *lane = join(*lane, f(*a));
        }
        *lanes = held;
    }
}

loops! {
    /// `lanes[i % LANES] = join(lanes[i % LANES], f(a[i], b[i]))`.
    fold_pair / fold_pair_avx2<L: Copy, A: Copy, B: Copy>(
        lanes: &mut [L; LANES], a: &[A], b: &[B], f: impl Fn(A, B) -> L, join: impl Fn(L, L) -> L
    ) {
        let mut held = *lanes;
        let ((whole_a, rest_a), (whole_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        for (a, b) in whole_a.iter().zip(whole_b) {
            for i in 0..LANES {
                held[i] = join(held[i], f(a[i], b[i]));
            }
        }
        for ((lane, a), b) in held.iter_mut().zip(rest_a).zip(rest_b) {
            *lane = join(*lane, f(*a, *b));
        }
        *lanes = held;
    }
}

loops! {
    /// Adds to `count` for how many elements `f` holds.
    tally / tally_avx2<A: Copy>(count: &mut u32, a: &[A], f: impl Fn(A) -> bool) {
        let mut found = 0;
        for a in a {
            found += u32::from(f(*a));
        }
        *count += found;
    }
}

loops! {
    /// `totals[i] = join(start, f(a[i]))`.
    begin_each / begin_each_avx2<L: Copy, A: Copy>(
        totals: &mut [L], start: L, a: &[A], f: impl Fn(A) -> L, join: impl Fn(L, L) -> L
    ) {
        for (total, a) in totals.iter_mut().zip(a) {
            *total = join(start, f(*a));
        }
    }
}

loops! {
    /// `totals[i] = join(totals[i], f(a[i]))`.
    join_each / join_each_avx2<L: Copy, A: Copy>(
        totals: &mut [L], a: &[A], f: impl Fn(A) -> L, join: impl Fn(L, L) -> L
    ) {
        for (total, a) in totals.iter_mut().zip(a) {
            *total = join(*total, f(*a));
        }
    }
}

loops! {
    /// Four rows one after the other: `totals[i]` joined with `f(a[i])`, `f(b[i])`, `f(c[i])` and `f(d[i])`.
    join_four / join_four_avx2<L: Copy, A: Copy>(
        totals: &mut [L], a: &[A], b: &[A], c: &[A], d: &[A], f: impl Fn(A) -> L, join: impl Fn(L, L) -> L
    ) {
        for ((((total, a), b), c), d) in totals.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *total = join(join(join(join(*total, f(*a)), f(*b)), f(*c)), f(*d));
        }
    }
}
