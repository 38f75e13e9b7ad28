//! Which blocks stand for an operation of ONNX's: one table. A rule that does not cover an operation says why, and the
//! operation is kept as it is.

mod arrays;
mod elementwise;
mod layers;
mod reductions;

use crate::operation::{From, Operation, Value};

/// What a rule gives: the operation's outputs, or why it is not covered.
pub type Outputs = Result<Vec<Value>, String>;

/// How an operation becomes blocks.
enum Rule {
    /// A block of the same inputs in the same order, without attributes.
    Same(&'static str),
    /// Otherwise.
    By(fn(&mut Operation<'_, '_>) -> Outputs),
}

use Rule::{By, Same};

const TABLE: &[(&str, Rule)] = &[
    ("Abs", Same("Abs")),
    ("Acos", Same("Acos")),
    ("Acosh", Same("Acosh")),
    ("Add", Same("AddV2")),
    ("And", Same("LogicalAnd")),
    ("ArgMax", By(reductions::arg_max)),
    ("ArgMin", By(reductions::arg_min)),
    ("Asin", Same("Asin")),
    ("Asinh", Same("Asinh")),
    ("Atan", Same("Atan")),
    ("Atanh", Same("Atanh")),
    ("AveragePool", By(layers::average_pool)),
    ("BatchNormalization", By(layers::batch_normalization)),
    ("Cast", By(elementwise::cast)),
    ("CastLike", By(elementwise::cast_like)),
    ("Ceil", Same("Ceil")),
    ("Celu", By(elementwise::celu)),
    ("Clip", By(elementwise::clip)),
    ("Concat", By(arrays::concat)),
    ("Constant", By(arrays::constant)),
    ("ConstantOfShape", By(arrays::constant_of_shape)),
    ("Conv", By(layers::conv)),
    ("Cos", Same("Cos")),
    ("Cosh", Same("Cosh")),
    ("CumSum", By(reductions::cum_sum)),
    ("DepthToSpace", By(arrays::depth_to_space)),
    ("DequantizeLinear", By(layers::dequantize_linear)),
    ("Div", By(elementwise::div)),
    ("Dropout", By(elementwise::dropout)),
    ("DynamicQuantizeLinear", Same("DynamicQuantizeLinear")),
    ("Elu", By(elementwise::elu)),
    ("Equal", Same("Equal")),
    ("Erf", Same("Erf")),
    ("Exp", Same("Exp")),
    ("Expand", By(arrays::expand)),
    ("Flatten", By(arrays::flatten)),
    ("Floor", Same("Floor")),
    ("Gather", By(arrays::gather)),
    ("Gelu", By(elementwise::gelu)),
    ("Gemm", By(layers::gemm)),
    ("GlobalAveragePool", By(layers::global_average_pool)),
    ("GlobalMaxPool", By(layers::global_max_pool)),
    ("Greater", Same("Greater")),
    ("GreaterOrEqual", Same("GreaterEqual")),
    ("HardSigmoid", By(elementwise::hard_sigmoid)),
    ("HardSwish", By(elementwise::hard_swish)),
    ("Identity", Same("Identity")),
    ("InstanceNormalization", By(layers::instance_normalization)),
    ("IsInf", By(elementwise::is_inf)),
    ("IsNaN", Same("IsNan")),
    ("LayerNormalization", By(layers::layer_normalization)),
    ("LeakyRelu", By(elementwise::leaky_relu)),
    ("Less", Same("Less")),
    ("LessOrEqual", Same("LessEqual")),
    ("Log", Same("Log")),
    ("LogSoftmax", By(layers::log_softmax)),
    ("MatMul", By(layers::mat_mul)),
    ("MatMulInteger", By(layers::mat_mul_integer)),
    ("Max", By(elementwise::max)),
    ("MaxPool", By(layers::max_pool)),
    ("Mean", By(elementwise::mean)),
    ("Min", By(elementwise::min)),
    ("Mish", By(elementwise::mish)),
    ("Mod", By(elementwise::modulo)),
    ("Mul", Same("Mul")),
    ("Neg", Same("Neg")),
    ("NonZero", By(arrays::non_zero)),
    ("Not", Same("LogicalNot")),
    ("Or", Same("LogicalOr")),
    ("PRelu", By(elementwise::p_relu)),
    ("Pad", By(arrays::pad)),
    ("Pow", By(elementwise::pow)),
    ("QLinearMatMul", By(layers::q_linear_mat_mul)),
    ("QuantizeLinear", By(layers::quantize_linear)),
    ("Range", Same("Range")),
    ("Reciprocal", Same("Reciprocal")),
    ("ReduceL1", By(reductions::l1)),
    ("ReduceL2", By(reductions::l2)),
    ("ReduceLogSum", By(reductions::log_sum)),
    ("ReduceLogSumExp", By(reductions::log_sum_exp)),
    ("ReduceMax", By(reductions::max)),
    ("ReduceMean", By(reductions::mean)),
    ("ReduceMin", By(reductions::min)),
    ("ReduceProd", By(reductions::prod)),
    ("ReduceSum", By(reductions::sum)),
    ("ReduceSumSquare", By(reductions::sum_square)),
    ("Relu", Same("Relu")),
    ("Reshape", By(arrays::reshape)),
    ("Round", Same("Rint")),
    ("Selu", By(elementwise::selu)),
    ("Shape", By(arrays::shape)),
    ("Sigmoid", Same("Sigmoid")),
    ("Sign", Same("Sign")),
    ("Sin", Same("Sin")),
    ("Sinh", Same("Sinh")),
    ("Size", By(arrays::size)),
    ("Slice", By(arrays::slice)),
    ("Softmax", By(layers::softmax)),
    ("Softplus", Same("Softplus")),
    ("Softsign", Same("Softsign")),
    ("SpaceToDepth", By(arrays::space_to_depth)),
    ("Split", By(arrays::split)),
    ("Sqrt", Same("Sqrt")),
    ("Squeeze", By(arrays::squeeze)),
    ("Sub", Same("Sub")),
    ("Sum", By(elementwise::sum)),
    ("Swish", By(elementwise::swish)),
    ("Tan", Same("Tan")),
    ("Tanh", Same("Tanh")),
    ("ThresholdedRelu", By(elementwise::thresholded_relu)),
    ("Tile", By(arrays::tile)),
    ("TopK", By(arrays::top_k)),
    ("Transpose", By(arrays::transpose)),
    ("Unsqueeze", By(arrays::unsqueeze)),
    ("Where", Same("SelectV2")),
    ("Xor", By(elementwise::xor)),
];

/// The blocks of a node, or why there are none.
pub fn blocks(op: &mut Operation<'_, '_>) -> Outputs {
    let rule = TABLE.iter().find(|(name, _)| *name == op.node.op_type).map(|(_, rule)| rule);
    // Before version 7 shapes were made alike by attributes.
    if op.version < 7 {
        return Err(format!("is of version {}; from 7 on it is covered", op.version));
    }
    let outputs = match rule {
        None => return Err("is not covered".to_owned()),
        Some(Same(block)) => same(op, block)?,
        Some(By(rule)) => rule(op)?,
    };
    match op.unread() {
        Some(name) => Err(format!("has the attribute {name}, which is not covered")),
        None if outputs.len() < op.node.output.iter().filter(|name| !name.is_empty()).count() => {
            Err("has outputs that are not covered".to_owned())
        }
        None => Ok(outputs),
    }
}

/// A block of the same inputs in the same order.
pub fn same(op: &mut Operation<'_, '_>, block: &str) -> Outputs {
    let ports = op.ports(block);
    let given: Vec<(&str, &Value)> =
        ports.iter().enumerate().filter_map(|(nth, port)| Some((port.as_str(), op.given(nth)?))).collect();
    let inputs = given.into_iter().map(|(port, value)| (port, From::Wire(value))).collect();
    op.block(block, Vec::new(), inputs)
}

/// An axis, counted from the first.
fn axis_of(axis: i64, rank: usize) -> Result<usize, String> {
    let from_first = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(from_first).ok().filter(|axis| *axis < rank).ok_or_else(|| format!("has no axis {axis}"))
}
