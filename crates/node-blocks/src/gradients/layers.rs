//! Layers of neural networks.

use node_core::gradient::{Flow, Step};
use node_core::register_gradient;

use super::shapes::{shape_of, unbroadcast};

register_gradient!(
    "BiasAdd" => By(|s| {
        let dy = s.dy(0)?;
        s.give("value", dy.clone())?;
        let for_bias = s.putting("BiasAddGrad")?.inputs([dy]).same_attrs().end()?.output(0);
        s.give("bias", for_bias)
    }),
    "Conv2D" => By(|s| convolution(s, ["Conv2DBackpropInput", "Conv2DBackpropFilter"])),
    "DepthwiseConv2dNative" => By(|s| {
        convolution(s, ["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"])
    }),
    "Conv2DBackpropInput" => By(|s| of_backprop_input(s, ["Conv2D", "Conv2DBackpropFilter"])),
    "DepthwiseConv2dNativeBackpropInput" => By(|s| {
        of_backprop_input(s, ["DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropFilter"])
    }),
    "Conv2DBackpropFilter" => By(|s| of_backprop_filter(s, ["Conv2D", "Conv2DBackpropInput"])),
    "DepthwiseConv2dNativeBackpropFilter" => By(|s| {
        of_backprop_filter(s, ["DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput"])
    }),
    "MaxPool" => By(|s| {
        let (x, y, dy) = (s.x("input")?, s.y(0), s.dy(0)?);
        let dx = s.putting("MaxPoolGrad")?.inputs([x, y, dy]).same_attrs().end()?.output(0);
        s.give("input", dx)
    }),
    "AvgPool" => By(|s| {
        let (shape, dy) = (shape_of(s, "value")?, s.dy(0)?);
        let dx = s.putting("AvgPoolGrad")?.inputs([shape, dy]).same_attrs().end()?.output(0);
        s.give("value", dx)
    }),
    "AvgPoolGrad" => By(|s| {
        let dy = s.dy(0)?;
        let dx = s.putting("AvgPool")?.inputs([dy]).same_attrs().end()?.output(0);
        s.give("grad", dx)
    }),
    "FusedBatchNormV3" => By(batch_norm),
    "Softmax" => By(softmax),
    "LogSoftmax" => By(log_softmax),
    "SoftmaxCrossEntropyWithLogits" => By(cross_entropy),
    "SparseSoftmaxCrossEntropyWithLogits" => By(|s| {
        if s.arrives(1) {
            return Err("the gradient of its second output, backprop, is not made here; take softmax apart".to_owned());
        }
        let dx = weighted_backprop(s)?;
        s.give("features", dx)
    }),
);

fn convolution(s: &mut Step<'_, '_>, [for_input, for_filter]: [&'static str; 2]) -> Result<(), String> {
    let (x, filter, dy) = (s.x("input")?, s.x("filter")?, s.dy(0)?);
    if s.wants("input") {
        let shape = shape_of(s, "input")?;
        let dx = s.putting(for_input)?.inputs([shape, filter, dy.clone()]).same_attrs().end()?.output(0);
        s.give("input", dx)?;
    }
    if s.wants("filter") {
        let shape = shape_of(s, "filter")?;
        let dx = s.putting(for_filter)?.inputs([x, shape, dy]).same_attrs().end()?.output(0);
        s.give("filter", dx)?;
    }
    Ok(())
}

fn of_backprop_input(s: &mut Step<'_, '_>, [forward, for_filter]: [&'static str; 2]) -> Result<(), String> {
    let (filter, out, grad) = (s.x("filter")?, s.x("out_backprop")?, s.dy(0)?);
    if s.wants("filter") {
        let shape = shape_of(s, "filter")?;
        let dx = s.putting(for_filter)?.inputs([grad.clone(), shape, out]).same_attrs().end()?.output(0);
        s.give("filter", dx)?;
    }
    if s.wants("out_backprop") {
        let dx = s.putting(forward)?.inputs([grad, filter]).same_attrs().end()?.output(0);
        s.give("out_backprop", dx)?;
    }
    Ok(())
}

fn of_backprop_filter(s: &mut Step<'_, '_>, [forward, for_input]: [&'static str; 2]) -> Result<(), String> {
    let (input, out, grad) = (s.x("input")?, s.x("out_backprop")?, s.dy(0)?);
    if s.wants("input") {
        let shape = shape_of(s, "input")?;
        let dx = s.putting(for_input)?.inputs([shape, grad.clone(), out]).same_attrs().end()?.output(0);
        s.give("input", dx)?;
    }
    if s.wants("out_backprop") {
        let dx = s.putting(forward)?.inputs([input, grad]).same_attrs().end()?.output(0);
        s.give("out_backprop", dx)?;
    }
    Ok(())
}

/// Mean and variance are those that were used: of the batch in training, else the given ones, which get no gradient.
fn batch_norm(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, x, scale) = (s.dy(0)?, s.x("x")?, s.x("scale")?);
    let used = match s.attr("is_training")? {
        true => [s.y(3), s.y(4)],
        false => [s.x("mean")?, s.x("variance")?],
    };
    let [mean, variance] = used;
    let third = s.y(5);
    let put = s.putting("FusedBatchNormGradV3")?.inputs([dy, x, scale, mean, variance, third]);
    let made = put.same_attrs().end()?;
    s.give("x", made.output(0))?;
    s.give("scale", made.output(1))?;
    s.give("offset", made.output(2))
}

fn sum_of_rows(s: &mut Step<'_, '_>, flow: Flow) -> Result<Flow, String> {
    let last = Flow::Literal(node_core::Tensor::vector(vec![-1_i32]));
    Ok(s.putting("Sum")?.inputs([flow, last]).attr("keep_dims", true).end()?.output(0))
}

fn softmax(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (y, dy) = (s.y(0), s.dy(0)?);
    let both = s.put("Mul", [dy.clone(), y.clone()])?;
    let sum = sum_of_rows(s, both)?;
    let difference = s.put("Sub", [dy, sum])?;
    let dx = s.put("Mul", [difference, y])?;
    s.give("logits", dx)
}

fn log_softmax(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (y, dy) = (s.y(0), s.dy(0)?);
    let shares = s.put("Exp", [y])?;
    let sum = sum_of_rows(s, dy.clone())?;
    let part = s.put("Mul", [sum, shares])?;
    let dx = s.put("Sub", [dy, part])?;
    s.give("logits", dx)
}

/// The gradient of the losses, one for each row, times what the block gives as backprop.
fn weighted_backprop(s: &mut Step<'_, '_>) -> Result<Flow, String> {
    let (dy, backprop) = (s.dy(0)?, s.y(1));
    let column = s.put("ExpandDims", [dy, Flow::int(-1)])?;
    s.put("Mul", [column, backprop])
}

fn cross_entropy(s: &mut Step<'_, '_>) -> Result<(), String> {
    let features = s.x("features")?;
    if s.wants("features") {
        let mut dx = weighted_backprop(s)?;
        if s.arrives(1) {
            // The derivative of softmax(features) - labels, too.
            let grad = s.dy(1)?;
            let shares = s.put("Softmax", [features.clone()])?;
            let both = s.put("Mul", [grad.clone(), shares.clone()])?;
            let sum = sum_of_rows(s, both)?;
            let difference = s.put("Sub", [grad, sum])?;
            let more = s.put("Mul", [difference, shares])?;
            dx = s.put("AddV2", [dx, more])?;
        }
        let dx = unbroadcast(s, dx, "features", "labels")?;
        s.give("features", dx)?;
    }
    if s.wants("labels") {
        let dy = s.dy(0)?;
        let column = s.put("ExpandDims", [dy, Flow::int(-1)])?;
        let log = s.put("LogSoftmax", [features])?;
        let minus = s.put("Neg", [log])?;
        let dx = s.put("Mul", [column, minus])?;
        let dx = unbroadcast(s, dx, "labels", "features")?;
        s.give("labels", dx)?;
    }
    Ok(())
}
