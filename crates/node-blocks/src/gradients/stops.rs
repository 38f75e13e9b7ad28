//! Where gradients stop: TensorFlow gives none either.

use node_core::register_gradient;

const STEPS: &str = "it gives steps, whose slope is 0 or none";
const NAMES: &str = "what it gives are indices or truth values, which do not move with what it is given";
const SHAPES: &str = "what it gives depends on shapes alone";
const ASKED: &str = "that is what the block is for";
const ENDS: &str = "TensorFlow gives none for its ends and steps";

register_gradient!(
    "Floor" => Stops(STEPS),
    "Ceil" => Stops(STEPS),
    "Round" => Stops(STEPS),
    "Rint" => Stops(STEPS),
    "FloorDiv" => Stops(STEPS),
    "TruncateDiv" => Stops(STEPS),
    "ArgMax" => Stops(NAMES),
    "ArgMin" => Stops(NAMES),
    "Equal" => Stops(NAMES),
    "NotEqual" => Stops(NAMES),
    "ApproximateEqual" => Stops(NAMES),
    "Greater" => Stops(NAMES),
    "GreaterEqual" => Stops(NAMES),
    "Less" => Stops(NAMES),
    "LessEqual" => Stops(NAMES),
    "IsFinite" => Stops(NAMES),
    "IsInf" => Stops(NAMES),
    "IsNan" => Stops(NAMES),
    "InTopKV2" => Stops(NAMES),
    "OneHot" => Stops("TensorFlow gives none for its values"),
    "QuantizeV2" => Stops("it gives whole numbers; FakeQuant and QuantizeAndDequantize blocks have gradients"),
    "Shape" => Stops(SHAPES),
    "ShapeN" => Stops(SHAPES),
    "Rank" => Stops(SHAPES),
    "Size" => Stops(SHAPES),
    "ZerosLike" => Stops(SHAPES),
    "OnesLike" => Stops(SHAPES),
    "Variable" => Stops("what it begins with counts before the first step alone"),
    "StopGradient" => Stops(ASKED),
    "Range" => Stops(ENDS),
    "LinSpace" => Stops(ENDS),
    "FakeQuantWithMinMaxArgsGradient" => Stops("TensorFlow gives none for a gradient of quantization"),
    "FakeQuantWithMinMaxVarsGradient" => Stops("TensorFlow gives none for a gradient of quantization"),
    "FakeQuantWithMinMaxVarsPerChannelGradient" => Stops("TensorFlow gives none for a gradient of quantization"),
);
