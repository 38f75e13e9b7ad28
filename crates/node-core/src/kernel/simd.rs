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

/// A loop for each number of rows: a loop over rows inside would be slower than what it does.
macro_rules! rows_in_one_loop {
    ($totals:ident, $start:expr, $rows:ident, $f:ident, $join:ident, |$total:ident, $joined:ident| $end:expr) => {
        rows_in_one_loop!(@ $totals, $start, $rows, $f, $join, |$total, $joined| $end,
            [a] [a b] [a b c] [a b c d] [a b c d e] [a b c d e g] [a b c d e g h] [a b c d e g h k])
    };
    (@ $totals:ident, $start:expr, $rows:ident, $f:ident, $join:ident, |$total:ident, $joined:ident| $end:expr,
        $([$($row:ident)*])*) => {{
        let len = $totals.len();
        let start = $start;
        match *$rows {
            $([$($row),*] => {
                // Cut to one length, so that the loop needs no checks.
                $(let $row = &$row[..len];)*
                for i in 0..len {
                    let $total = &mut $totals[i];
                    let $joined = match start { Some(start) => start, None => *$total };
                    $(let $joined = $join($joined, $f($row[i]));)*
                    $end;
                }
            })*
            _ => debug_assert!($rows.is_empty(), "at most ROWS rows"),
        }
    }};
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
    /// `out[i] = f(out[i])`.
    each_in_place / each_in_place_avx2<O: Copy>(out: &mut [O], f: impl Fn(O) -> O) {
        for o in out {
            *o = f(*o);
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
    /// `out[i] = f(a[i], b[i], c[i])`.
    each_triple / each_triple_avx2<O, A: Copy, B: Copy, C: Copy>(
        out: &mut [O], a: &[A], b: &[B], c: &[C], f: impl Fn(A, B, C) -> O
    ) {
        for (((o, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
            *o = f(*a, *b, *c);
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
    /// `totals[i] = join(totals[i], a[i], b[i])`.
    join_each_pair / join_each_pair_avx2<T: Copy>(
        totals: &mut [T], a: &[T], b: &[T], join: impl Fn(T, T, T) -> T
    ) {
        for ((total, a), b) in totals.iter_mut().zip(a).zip(b) {
            *total = join(*total, *a, *b);
        }
    }
}

/// How many rows are joined together at most.
pub const ROWS: usize = 8;

loops! {
    /// Rows one after the other: `totals[i]`, or `start` if there is one, joined with `f` of element `i` of each row.
    /// Rows are as long as `totals`.
    join_rows / join_rows_avx2<L: Copy, A: Copy>(
        totals: &mut [L], start: Option<L>, rows: &[&[A]], f: impl Fn(A) -> L, join: impl Fn(L, L) -> L
    ) {
        rows_in_one_loop!(totals, start, rows, f, join, |total, joined| *total = joined);
    }
}

loops! {
    /// As [`join_rows`], but what the rows come to, from `start`, is joined with `totals[i]` as one.
    join_joined_rows / join_joined_rows_avx2<L: Copy, A: Copy>(
        totals: &mut [L], start: L, rows: &[&[A]], f: impl Fn(A) -> L, join: impl Fn(L, L) -> L
    ) {
        rows_in_one_loop!(totals, Some(start), rows, f, join, |total, joined| *total = join(*total, joined));
    }
}
