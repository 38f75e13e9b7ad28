//! Quantization.

mod dequantize;
mod fake_quant;
mod linear;
mod quantize_and_dequantize;
mod quantize_v2;
mod steps;
