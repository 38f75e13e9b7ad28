//! What is picked out of tensors, put into them, and counted.

mod adding;
mod bincount;
mod gather_nd;
mod gather_v2;
mod histogram_fixed_width;
mod in_top_kv2;
mod indices;
mod one_hot;
mod scatter_nd;
mod segment_sum;
mod tensor_scatter_update;
mod top_kv2;
mod unique;
mod unsorted_segment_sum;
mod r#where;
