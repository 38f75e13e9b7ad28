//! Comparisons, what follows from them, and what is chosen by them.

mod approximate_equal;
mod check_numerics;
mod equal;
mod greater;
mod greater_equal;
mod is_finite;
mod is_inf;
mod is_nan;
mod less;
mod less_equal;
mod logical_and;
mod logical_not;
mod logical_or;
mod not_equal;
mod select_v2;
