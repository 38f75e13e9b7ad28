//! Arithmetic, reductions and activations.

mod add_v2;
mod identity;
mod mean;
mod mul;
mod real;
mod relu6;
mod relu6_grad;
mod square;
mod sub;
pub mod sum;
