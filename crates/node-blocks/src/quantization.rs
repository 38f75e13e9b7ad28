//! Quantization.

mod fake_quant;
