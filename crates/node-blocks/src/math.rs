//! Arithmetic, reductions and activations.

mod add_v2;
mod identity;
mod max;
mod mean;
mod min;
mod mul;
mod relu6;
mod relu6_grad;
mod square;
mod sub;
mod sum;
