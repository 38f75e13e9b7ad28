//! Layers of networks. ONNX has channels second, the blocks have them last: what works on pictures is transposed.

use node_core::{Tensor, Value as Written, literal};

use super::arrays::{reshaped, transposed};
use super::{Outputs, axis_of};
use crate::operation::{From, Operation, Value, typed};
use crate::tensor;

const TO_LAST: [i64; 4] = [0, 2, 3, 1];
const TO_SECOND: [i64; 4] = [0, 3, 1, 2];

fn text(text: &str) -> Written {
    Written::String(text.to_owned())
}

fn list(numbers: &[i64]) -> Written {
    Written::list(numbers.iter().map(|number| Written::Int(*number)).collect())
}

pub fn mat_mul(op: &mut Operation<'_, '_>) -> Outputs {
    let (a, b) = (op.input(0)?, op.input(1)?);
    let (a_rank, b_rank) = (a.dims()?.len(), b.dims()?.len());
    let expanded = |op: &mut Operation<'_, '_>, x: &Value, axis| {
        op.one("ExpandDims", Vec::new(), vec![("input", x.into()), ("axis", crate::operation::typed_scalar(axis))])
    };
    let left = if a_rank == 1 { expanded(op, a, 0)? } else { a.clone() };
    let right = if b_rank == 1 { expanded(op, b, 1)? } else { b.clone() };
    let product = op.one("BatchMatMulV2", Vec::new(), vec![("x", (&left).into()), ("y", (&right).into())])?;
    let mut gone = Vec::new();
    gone.extend((a_rank == 1).then_some(-2));
    gone.extend((b_rank == 1).then_some(-1));
    match gone.is_empty() {
        true => Ok(vec![product]),
        false => op.block("Squeeze", vec![("axis", list(&gone))], vec![("input", (&product).into())]),
    }
}

pub fn gemm(op: &mut Operation<'_, '_>) -> Outputs {
    let (alpha, beta) = (op.float("alpha", 1.0), op.float("beta", 1.0));
    let flag = |on: i64| Written::Bool(on != 0);
    let (a_turned, b_turned) = (flag(op.int("transA", 0)), flag(op.int("transB", 0)));
    let (a, b) = (op.input(0)?, op.input(1)?);
    let attrs = vec![("transpose_a", a_turned), ("transpose_b", b_turned)];
    let mut product = op.one("MatMul", attrs, vec![("a", a.into()), ("b", b.into())])?;
    if alpha != 1.0 {
        product = scaled(op, &product, alpha)?;
    }
    if let Some(c) = op.given(2) {
        let added = if beta == 1.0 { c.clone() } else { scaled(op, c, beta)? };
        product = op.one("AddV2", Vec::new(), vec![("x", (&product).into()), ("y", (&added).into())])?;
    }
    Ok(vec![product])
}

fn scaled(op: &mut Operation<'_, '_>, x: &Value, by: f32) -> Result<Value, String> {
    let by = literal::tensor(&Written::number(f64::from(by)), Some(x.dtype()?)).map(From::Typed)?;
    op.one("Mul", Vec::new(), vec![("x", x.into()), ("y", by)])
}

/// How windows lie on pictures.
struct Windows {
    kernel: Vec<i64>,
    strides: Vec<i64>,
    dilations: Vec<i64>,
    /// Before and behind, down and to the right.
    pads: [i64; 4],
    padding: &'static str,
}

impl Windows {
    fn of(op: &mut Operation<'_, '_>, kernel: Option<Vec<i64>>) -> Result<Windows, String> {
        let given = op.ints("kernel_shape");
        let kernel = given.or(kernel).filter(|kernel| kernel.len() == 2).ok_or("is not over pictures")?;
        let strides = op.ints("strides").unwrap_or_else(|| vec![1, 1]);
        let dilations = op.ints("dilations").unwrap_or_else(|| vec![1, 1]);
        let pads = op.ints("pads").unwrap_or_else(|| vec![0; 4]);
        let [top, left, bottom, right] = pads[..] else { return Err("has pads that are not covered".to_owned()) };
        if pads.iter().any(|pad| !(0..=i64::from(i32::MAX)).contains(pad)) {
            return Err("has pads that are not covered".to_owned());
        }
        let padding = match op.text("auto_pad", "NOTSET").as_str() {
            "NOTSET" | "VALID" => "VALID",
            "SAME_UPPER" => "SAME",
            other => return Err(format!("has auto_pad {other}")),
        };
        if strides.len() != 2 || dilations.len() != 2 {
            return Err("is not over pictures".to_owned());
        }
        Ok(Windows { kernel, strides, dilations, pads: [top, bottom, left, right], padding })
    }

    fn is_padded(&self) -> bool {
        self.pads.iter().any(|pad| *pad != 0)
    }

    fn attrs(&self) -> Vec<(&'static str, Written)> {
        let whole = |pair: &[i64]| list(&[1, pair[0], pair[1], 1]);
        vec![("strides", whole(&self.strides)), ("padding", text(self.padding))]
    }

    /// Pictures with channels last, with `value` around them.
    fn around(&self, op: &mut Operation<'_, '_>, x: &Value, value: f32) -> Result<Value, String> {
        let last = transposed(op, x, &TO_LAST)?;
        if !self.is_padded() {
            return Ok(last);
        }
        let pads: Vec<i32> = [0, 0].into_iter().chain(self.pads).chain([0, 0]).map(|pad| pad as i32).collect();
        let shape = node_core::Shape::new([4, 2]).map_err(|error| error.to_string())?;
        let paddings = From::Typed(Tensor::new(shape, pads).map_err(|error| error.to_string())?);
        let value = literal::tensor(&Written::number(f64::from(value)), Some(x.dtype()?)).map(From::Typed)?;
        let inputs = vec![("input", (&last).into()), ("paddings", paddings), ("constant_values", value)];
        op.one("PadV2", Vec::new(), inputs)
    }
}

pub fn conv(op: &mut Operation<'_, '_>) -> Outputs {
    let (x, w) = (op.input(0)?, op.input(1)?);
    let dims = w.whole()?;
    let windows = Windows::of(op, dims.get(2..).map(<[i64]>::to_vec))?;
    let group = op.int("group", 1);
    if dims.len() != 4 || group < 1 {
        return Err("is not over pictures".to_owned());
    }
    let channels = x.dims()?.get(1).copied().flatten().map(|channels| channels as i64);
    let pictures = windows.around(op, x, 0.0)?;
    let mut attrs = windows.attrs();
    attrs.push(("dilations", list(&[1, windows.dilations[0], windows.dilations[1], 1])));
    let found = if group == 1 {
        let filter = transposed(op, w, &[2, 3, 1, 0])?;
        op.one("Conv2D", attrs, vec![("input", (&pictures).into()), ("filter", (&filter).into())])?
    } else if Some(group) == channels && dims[1] == 1 && dims[0] % group == 0 {
        let split = reshaped(op, w, &[group, dims[0] / group, dims[2], dims[3]])?;
        let filter = transposed(op, &split, &[2, 3, 0, 1])?;
        let inputs = vec![("input", (&pictures).into()), ("filter", (&filter).into())];
        op.one("DepthwiseConv2dNative", attrs, inputs)?
    } else {
        return Err(format!("has {group} groups"));
    };
    let biased = match op.given(2) {
        Some(bias) => op.one("BiasAdd", Vec::new(), vec![("value", (&found).into()), ("bias", bias.into())])?,
        None => found,
    };
    Ok(vec![transposed(op, &biased, &TO_SECOND)?])
}

fn pool(op: &mut Operation<'_, '_>, block: &str, port: &str, around: f32) -> Outputs {
    let windows = Windows::of(op, None)?;
    if op.int("ceil_mode", 0) != 0 || windows.dilations != [1, 1] {
        return Err("has windows that are not covered".to_owned());
    }
    let x = op.input(0)?;
    let pictures = windows.around(op, x, around)?;
    let mut attrs = windows.attrs();
    attrs.push(("ksize", list(&[1, windows.kernel[0], windows.kernel[1], 1])));
    let found = op.one(block, attrs, vec![(port, (&pictures).into())])?;
    Ok(vec![transposed(op, &found, &TO_SECOND)?])
}

pub fn max_pool(op: &mut Operation<'_, '_>) -> Outputs {
    if op.int("storage_order", 0) != 0 {
        return Err("counts by columns".to_owned());
    }
    pool(op, "MaxPool", "input", f32::NEG_INFINITY)
}

pub fn average_pool(op: &mut Operation<'_, '_>) -> Outputs {
    let counts_pads = op.int("count_include_pad", 0) != 0;
    let pads = op.node.attribute.iter().find(|attribute| attribute.name == "pads");
    if !counts_pads && pads.is_some_and(|pads| pads.ints.iter().any(|pad| *pad != 0)) {
        return Err("leaves out of the count what it pads with".to_owned());
    }
    pool(op, "AvgPool", "value", 0.0)
}

fn global(op: &mut Operation<'_, '_>, block: &str) -> Outputs {
    let x = op.input(0)?;
    let axes: Vec<i64> = (2..x.dims()?.len() as i64).collect();
    op.block(block, vec![("keep_dims", Written::Bool(true))], vec![("input", x.into()), ("axis", typed(&axes))])
}

pub fn global_average_pool(op: &mut Operation<'_, '_>) -> Outputs {
    global(op, "Mean")
}

pub fn global_max_pool(op: &mut Operation<'_, '_>) -> Outputs {
    global(op, "Max")
}

pub fn batch_normalization(op: &mut Operation<'_, '_>) -> Outputs {
    op.ignore("momentum");
    if op.int("training_mode", 0) != 0 || op.int("spatial", 1) != 1 {
        return Err("is in training".to_owned());
    }
    let epsilon = op.float("epsilon", 1e-5);
    let x = op.input(0)?;
    // One for each channel, the second axis.
    let mut dims = vec![1; x.dims()?.len().saturating_sub(1)];
    if let Some(first) = dims.first_mut() {
        *first = -1;
    }
    let mut channels = Vec::new();
    for nth in 1..5 {
        let own = op.input(nth)?;
        channels.push(reshaped(op, own, &dims)?);
    }
    let [scale, offset, mean, variance] = &channels[..] else { return Err("lacks an input".to_owned()) };
    let epsilon = literal::tensor(&Written::number(f64::from(epsilon)), Some(variance.dtype()?)).map(From::Typed)?;
    let wide = op.one("AddV2", Vec::new(), vec![("x", variance.into()), ("y", epsilon)])?;
    let deviation = op.one("Sqrt", Vec::new(), vec![("x", (&wide).into())])?;
    let centred = op.one("Sub", Vec::new(), vec![("x", x.into()), ("y", mean.into())])?;
    let normal = op.one("RealDiv", Vec::new(), vec![("x", (&centred).into()), ("y", (&deviation).into())])?;
    let scaled = op.one("Mul", Vec::new(), vec![("x", (&normal).into()), ("y", scale.into())])?;
    op.block("AddV2", Vec::new(), vec![("x", (&scaled).into()), ("y", offset.into())])
}

/// Less the mean over some axes, divided by the deviation; with the mean and what it was multiplied by.
fn normal(op: &mut Operation<'_, '_>, x: &Value, axes: &[i64], epsilon: f32) -> Result<[Value; 3], String> {
    let keep = || vec![("keep_dims", Written::Bool(true))];
    let mean = op.one("Mean", keep(), vec![("input", x.into()), ("axis", typed(axes))])?;
    let centred = op.one("Sub", Vec::new(), vec![("x", x.into()), ("y", (&mean).into())])?;
    let square = op.one("Square", Vec::new(), vec![("x", (&centred).into())])?;
    let variance = op.one("Mean", keep(), vec![("input", (&square).into()), ("axis", typed(axes))])?;
    let epsilon = literal::tensor(&Written::number(f64::from(epsilon)), Some(x.dtype()?)).map(From::Typed)?;
    let wide = op.one("AddV2", Vec::new(), vec![("x", (&variance).into()), ("y", epsilon)])?;
    let deviation = op.one("Sqrt", Vec::new(), vec![("x", (&wide).into())])?;
    let inverse = op.one("Reciprocal", Vec::new(), vec![("x", (&deviation).into())])?;
    let normal = op.one("Mul", Vec::new(), vec![("x", (&centred).into()), ("y", (&inverse).into())])?;
    Ok([normal, mean, inverse])
}

fn scaled_and_moved(
    op: &mut Operation<'_, '_>,
    x: &Value,
    scale: &Value,
    bias: Option<&Value>,
) -> Result<Value, String> {
    let scaled = op.one("Mul", Vec::new(), vec![("x", x.into()), ("y", scale.into())])?;
    match bias {
        Some(bias) => op.one("AddV2", Vec::new(), vec![("x", (&scaled).into()), ("y", bias.into())]),
        None => Ok(scaled),
    }
}

pub fn layer_normalization(op: &mut Operation<'_, '_>) -> Outputs {
    if op.int("stash_type", 1) != 1 {
        return Err("computes in another type".to_owned());
    }
    let (x, scale) = (op.input(0)?, op.input(1)?);
    if x.dtype()? != node_core::DType::Float32 {
        return Err("computes in another type".to_owned());
    }
    let rank = x.dims()?.len();
    let axes: Vec<i64> = (axis_of(op.int("axis", -1), rank)?..rank).map(|axis| axis as i64).collect();
    let epsilon = op.float("epsilon", 1e-5);
    let [normal, mean, inverse] = normal(op, x, &axes, epsilon)?;
    let (scale, bias) = (scale.clone(), op.given(2).cloned());
    Ok(vec![scaled_and_moved(op, &normal, &scale, bias.as_ref())?, mean, inverse])
}

pub fn instance_normalization(op: &mut Operation<'_, '_>) -> Outputs {
    let epsilon = op.float("epsilon", 1e-5);
    let x = op.input(0)?;
    let rank = x.dims()?.len() as i64;
    let [normal, _, _] = normal(op, x, &(2..rank).collect::<Vec<_>>(), epsilon)?;
    let mut dims = vec![1; (rank - 1).max(1) as usize];
    dims[0] = -1;
    let (scale, bias) = (op.input(1)?, op.input(2)?);
    let (scale, bias) = (reshaped(op, scale, &dims)?, reshaped(op, bias, &dims)?);
    Ok(vec![scaled_and_moved(op, &normal, &scale, Some(&bias))?])
}

/// Whole numbers less their zero point, as int32.
fn from_zero(op: &mut Operation<'_, '_>, x: &Value, zero: Option<&Value>, axis: usize) -> Result<Value, String> {
    let int32 = || vec![("DstT", text("int32"))];
    let whole = op.one("Cast", int32(), vec![("x", x.into())])?;
    let Some(zero) = zero else { return Ok(whole) };
    let zero = match zero.dims()?.len() {
        0 => zero.clone(),
        1 => {
            let rank = x.dims()?.len();
            let mut dims = vec![1; rank];
            *dims.get_mut(axis).ok_or("has a zero point of another shape")? = -1;
            reshaped(op, zero, &dims)?
        }
        _ => return Err("has a zero point of another shape".to_owned()),
    };
    let zero = op.one("Cast", int32(), vec![("x", (&zero).into())])?;
    op.one("Sub", Vec::new(), vec![("x", (&whole).into()), ("y", (&zero).into())])
}

pub fn mat_mul_integer(op: &mut Operation<'_, '_>) -> Outputs {
    let (a, b) = (op.input(0)?, op.input(1)?);
    let (a_rank, b_rank) = (a.dims()?.len(), b.dims()?.len());
    if a_rank < 2 || b_rank < 2 {
        return Err("multiplies vectors".to_owned());
    }
    let left = from_zero(op, a, op.given(2), a_rank - 2)?;
    let right = from_zero(op, b, op.given(3), b_rank - 1)?;
    op.block("BatchMatMulV2", Vec::new(), vec![("x", (&left).into()), ("y", (&right).into())])
}

/// The floats of quantized numbers: a scale and a zero point for all, or for each place along an axis.
fn dequantized(op: &mut Operation<'_, '_>, nth: usize, axis: i64) -> Result<Value, String> {
    let (x, scale, zero) = (op.input(nth)?, op.input(nth + 1)?, op.input(nth + 2)?);
    let inputs = vec![("x", x.into()), ("x_scale", scale.into()), ("x_zero_point", zero.into())];
    op.one("DequantizeLinear", vec![("axis", Written::Int(axis))], inputs)
}

fn requantized(op: &mut Operation<'_, '_>, x: &Value, nth: usize) -> Outputs {
    let (scale, zero) = (op.input(nth)?, op.input(nth + 1)?);
    let inputs = vec![("x", x.into()), ("y_scale", scale.into()), ("y_zero_point", zero.into())];
    op.block("QuantizeLinear", Vec::new(), inputs)
}

pub fn q_linear_mat_mul(op: &mut Operation<'_, '_>) -> Outputs {
    let (a_rank, b_rank) = (op.input(0)?.dims()?.len() as i64, op.input(3)?.dims()?.len() as i64);
    if a_rank < 2 || b_rank < 2 {
        return Err("multiplies vectors".to_owned());
    }
    let (a, b) = (dequantized(op, 0, a_rank - 2)?, dequantized(op, 3, b_rank - 1)?);
    let product = op.one("BatchMatMulV2", Vec::new(), vec![("x", (&a).into()), ("y", (&b).into())])?;
    requantized(op, &product, 6)
}

/// A block over rows, along any axis; in older versions along all axes from one on.
fn rows(op: &mut Operation<'_, '_>, block: &str) -> Outputs {
    let x = op.input(0)?;
    let rank = x.dims()?.len();
    let is_old = op.version < 13;
    let axis = axis_of(op.int("axis", if is_old { 1 } else { -1 }), rank)?;
    if is_old && axis + 1 < rank {
        let dims = x.whole()?;
        let product = |dims: &[i64]| dims.iter().product::<i64>();
        let flat = reshaped(op, x, &[product(&dims[..axis]), product(&dims[axis..])])?;
        let found = op.one(block, Vec::new(), vec![("logits", (&flat).into())])?;
        return Ok(vec![reshaped(op, &found, &dims)?]);
    }
    if axis + 1 == rank {
        return op.block(block, Vec::new(), vec![("logits", x.into())]);
    }
    let mut perm: Vec<i64> = (0..rank as i64).collect();
    perm.swap(axis, rank - 1);
    let last = transposed(op, x, &perm)?;
    let found = op.one(block, Vec::new(), vec![("logits", (&last).into())])?;
    Ok(vec![transposed(op, &found, &perm)?])
}

pub fn softmax(op: &mut Operation<'_, '_>) -> Outputs {
    rows(op, "Softmax")
}

pub fn log_softmax(op: &mut Operation<'_, '_>) -> Outputs {
    rows(op, "LogSoftmax")
}

/// The attributes of linear quantization.
fn linear(op: &mut Operation<'_, '_>, types: &[&'static str]) -> Result<Vec<(&'static str, Written)>, String> {
    op.ignore("saturate");
    let mut attrs =
        vec![("axis", Written::Int(op.int("axis", 1))), ("block_size", Written::Int(op.int("block_size", 0)))];
    for name in types {
        let number = op.int(name, 0);
        if number != 0 {
            attrs.push((name, text(tensor::dtype(number)?.name())));
        }
    }
    Ok(attrs)
}

fn quantized(op: &mut Operation<'_, '_>, block: &str, attrs: Vec<(&str, Written)>) -> Outputs {
    let ports = op.ports(block);
    let given: Vec<(&str, &Value)> =
        ports.iter().enumerate().filter_map(|(nth, port)| Some((port.as_str(), op.given(nth)?))).collect();
    op.block(block, attrs, given.into_iter().map(|(port, value)| (port, value.into())).collect())
}

pub fn quantize_linear(op: &mut Operation<'_, '_>) -> Outputs {
    let attrs = linear(op, &["output_dtype", "precision"])?;
    quantized(op, "QuantizeLinear", attrs)
}

pub fn dequantize_linear(op: &mut Operation<'_, '_>) -> Outputs {
    let attrs = linear(op, &["output_dtype"])?;
    quantized(op, "DequantizeLinear", attrs)
}
