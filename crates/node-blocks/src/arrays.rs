//! Shapes, lists of tensors, and what is cut out of or put together from others.

mod concat_v2;
mod copy;
mod fill;
mod identity;
mod identity_n;
mod pack;
mod reshape;
mod shape;
mod shape_n;
mod split;
mod split_v;
mod unpack;
