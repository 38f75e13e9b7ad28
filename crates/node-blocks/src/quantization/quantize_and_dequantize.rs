//! Quantization to whole steps from 0 and back: TensorFlow's `QuantizeAndDequantize`, of which each version has other inputs.

mod blocks;
mod scale;
mod v2;
mod v3;
mod v4;
mod v4_grad;
