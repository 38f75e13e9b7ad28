//! Arithmetic, reductions and activations.

mod add_n;
mod add_v2;
mod cast;
mod clip_by_value;
mod identity;
mod mat_mul;
mod max;
mod mean;
mod min;
mod mul;
mod relu6;
mod relu6_grad;
mod select_v2;
mod square;
mod sub;
mod sum;
