//! Random numbers, TensorFlow's.

mod filling;
mod philox;
mod random_standard_normal;
mod random_uniform;
mod truncated_normal;
