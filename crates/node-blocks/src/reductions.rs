//! Many elements made one, or fewer.

mod all;
mod any;
mod arg_max;
mod arg_min;
mod cumprod;
mod cumsum;
mod extreme;
mod fold;
mod groups;
mod l2_loss;
mod max;
mod mean;
mod min;
mod prod;
mod scan;
mod sum;
