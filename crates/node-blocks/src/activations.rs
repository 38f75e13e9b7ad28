//! Activation functions and their gradients.

mod elu;
mod elu_grad;
mod leaky_relu;
mod leaky_relu_grad;
mod relu;
mod relu6;
mod relu6_grad;
mod relu_grad;
mod selu;
mod selu_grad;
mod sigmoid;
mod sigmoid_grad;
mod softplus;
mod softplus_grad;
mod softsign;
mod softsign_grad;

/// What Selu multiplies by.
const SCALE: f64 = 1.050_700_987_355_480_5;
/// The same times its alpha.
const SCALE_ALPHA: f64 = 1.758_099_340_847_376_9;
