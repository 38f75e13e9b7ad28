//! Many elements made one, or fewer.

mod fold;
mod max;
mod mean;
mod min;
mod sum;
