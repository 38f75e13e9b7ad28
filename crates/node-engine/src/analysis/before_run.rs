//! What is known of a block's inputs before a run.

use node_core::check::{CheckedBlock, Source};
use node_core::problem::guarded;
use node_core::{DType, InferCx, InputType, PartialShape, Quantization, Tensor, TensorType};

/// A type of which nothing is known.
pub fn unknown_type() -> TensorType {
    TensorType::new(DType::Float32, PartialShape::unknown())
}

/// What is known of a block's inputs: the values of literals.
pub fn inputs_before_run(block: &CheckedBlock) -> Vec<Vec<InputType>> {
    let each = block.inputs.iter().zip(block.literals.iter()).map(|(sources, literal)| {
        let of = |source: &Source| {
            let literal = literal.as_ref().filter(|_| matches!(source, Source::Literal));
            let tensor = literal.map(|literal| literal.tensor.clone());
            let ty = tensor.as_ref().map(Tensor::tensor_type);
            InputType { ty: ty.unwrap_or_else(unknown_type), value: tensor }
        };
        sources.iter().map(of).collect()
    });
    each.collect()
}

/// How a block quantizes, where attributes and literals say it.
pub fn quantization_before_run(block: &CheckedBlock) -> Option<Quantization> {
    let (setup, inputs) = (block.setup.as_ref()?, inputs_before_run(block));
    let code = setup.ty.code.as_ref()?;
    guarded(|| Ok(code.quantization(&InferCx::new(setup, &inputs)))).ok().flatten()
}
