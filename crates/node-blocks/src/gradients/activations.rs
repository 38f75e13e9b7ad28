//! Activations, and the blocks that compute their gradients.

use node_core::gradient::Step;
use node_core::register_gradient;

use super::shapes::number;

register_gradient!(
    "Relu" => By(|s| of_output(s, "ReluGrad")),
    "Relu6" => By(|s| of_output(s, "Relu6Grad")),
    "Elu" => By(|s| of_output(s, "EluGrad")),
    "Selu" => By(|s| of_output(s, "SeluGrad")),
    "LeakyRelu" => By(|s| of_input(s, "LeakyReluGrad")),
    "Softplus" => By(|s| of_input(s, "SoftplusGrad")),
    "Softsign" => By(|s| of_input(s, "SoftsignGrad")),
    "ReluGrad" => By(|s| again(s, "ReluGrad")),
    "Relu6Grad" => By(|s| again(s, "Relu6Grad")),
    "LeakyReluGrad" => By(|s| again(s, "LeakyReluGrad")),
    "EluGrad" => By(|s| curved(s, "EluGrad")),
    "SeluGrad" => By(|s| curved(s, "SeluGrad")),
    "SoftplusGrad" => By(softplus_grad),
);

fn of_output(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let (y, dy) = (s.y(0), s.dy(0)?);
    let dx = s.put(type_name, [dy, y])?;
    s.give("features", dx)
}

fn of_input(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let (x, dy) = (s.x("features")?, s.dy(0)?);
    let dx = s.putting(type_name)?.inputs([dy, x]).same_attrs().end()?.output(0);
    s.give("features", dx)
}

/// A gate: it depends on the second input in jumps alone.
fn again(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let (features, grad) = (s.x("features")?, s.dy(0)?);
    let for_gradients = s.putting(type_name)?.inputs([grad, features.clone()]).same_attrs().end()?.output(0);
    s.give("gradients", for_gradients)?;
    let none = s.put("ZerosLike", [features])?;
    s.give("features", none)
}

fn curved(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let (dy, y, grad) = (s.x("gradients")?, s.x("outputs")?, s.dy(0)?);
    let for_gradients = s.put(type_name, [grad.clone(), y.clone()])?;
    s.give("gradients", for_gradients)?;
    let zero = number(s, "outputs", 0.0)?;
    let is_below = s.put("Less", [y, zero.clone()])?;
    let both = s.put("Mul", [grad, dy])?;
    let for_outputs = s.put("SelectV2", [is_below, both, zero])?;
    s.give("outputs", for_outputs)
}

fn softplus_grad(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, x, grad) = (s.x("gradients")?, s.x("features")?, s.dy(0)?);
    let for_gradients = s.put("SoftplusGrad", [grad.clone(), x.clone()])?;
    s.give("gradients", for_gradients)?;
    let minus = s.put("Neg", [x.clone()])?;
    let (falling, rising, two) = (s.put("Exp", [minus])?, s.put("Exp", [x])?, number(s, "features", 2.0)?);
    let sum = s.put("AddV2", [falling, two])?;
    let sum = s.put("AddV2", [sum, rising])?;
    let both = s.put("Mul", [grad, dy])?;
    let for_features = s.put("RealDiv", [both, sum])?;
    s.give("features", for_features)
}
