//! TensorFlow's fake quantization: six operations that share one nudged range.

mod args;
mod args_gradient;
mod attributes;
mod nudge;
mod reasons;
mod vars;
mod vars_gradient;
mod vars_per_channel;
mod vars_per_channel_gradient;
mod warnings;
