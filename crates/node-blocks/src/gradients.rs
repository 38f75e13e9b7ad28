//! How gradients come through the blocks: for each block type which blocks make the gradients of its inputs, after the
//! headings of the palette. The values are those of TensorFlow's registered gradients.

mod activations;
mod arrays;
mod binary;
mod gather;
mod layers;
mod products;
mod quantization;
mod reductions;
mod shapes;
mod stops;
mod unary;
