//! Quantization.

mod fake_quant;
mod quantize_and_dequantize;
