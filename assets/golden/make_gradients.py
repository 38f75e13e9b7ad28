#!/usr/bin/env python3
"""Makes gradients.json: what TensorFlow's `tf.gradients` gives for whole pages.

    pip install tensorflow-cpu
    python3 assets/golden/make_gradients.py

Each case is a page, the output that is differentiated, the outputs that it is differentiated for, the output that gives
its gradient (or none), and the gradients. Pages are run as they stand, block by block, by `tf.raw_ops`.
"""

import json
import math
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import tensorflow as tf

random = np.random.default_rng(185)
cases = []


def written(array):
    array = np.asarray(array)
    if array.dtype.name in ("bfloat16", "float16"):
        data = array.astype(np.float64)
    else:
        data = array
    def one(v):
        if isinstance(v, float) and not math.isfinite(v):
            return "NaN" if math.isnan(v) else ("Infinity" if v > 0 else "-Infinity")
        return v
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": [one(v) for v in data.reshape(-1).tolist()]}


def tensor(value, dtype=None):
    if isinstance(value, dict):
        dtype = value["dtype"]
        data = np.array([float(v) if isinstance(v, str) else v for v in value["data"]])
        return data.astype(tf.as_dtype(dtype).as_numpy_dtype).reshape(value["shape"])
    return np.array(value, dtype=dtype or np.float32)


def run(page):
    """All outputs of a page's blocks, by `block.port`, as tensors of the graph that is being built."""
    made, left = {}, dict(page["blocks"])
    while left:
        ready = [b for b in left if all(w[0].split(".")[0] not in left for w in page["wires"] if w[1].startswith(b + "."))]
        assert ready, "a loop"
        for name in ready:
            node = left.pop(name)
            if node["type"] == "Const":
                # Through a placeholder, so that nothing is known to be constant.
                made[name + ".output"] = tf.compat.v1.placeholder_with_default(tensor(node["attrs"]["value"]), tensor(node["attrs"]["value"]).shape)
                continue
            op = getattr(tf.raw_ops, node["type"])
            inputs, attrs = {}, dict(node.get("attrs", {}))
            for port, value in node.get("inputs", {}).items():
                inputs[port] = tf.constant(tensor(value))
            for source, to in page["wires"]:
                block, port = to.split(".")
                if block == name:
                    if port in inputs or port.rstrip("s") == "value" and node["type"] in ("ConcatV2", "Pack") or port in ("inputs", "input") and node["type"] in ("AddN", "Einsum", "IdentityN"):
                        inputs.setdefault(port, [])
                        inputs[port].append(made[source])
                    else:
                        inputs[port] = made[source]
            for key, value in attrs.items():
                if key in ("DstT", "out_type", "index_type", "SrcT"):
                    attrs[key] = tf.as_dtype(value)
            out = op(**inputs, **attrs)
            if isinstance(out, (list, tuple)) and not hasattr(out, "_fields"):
                for nth, one in enumerate(out):
                    made[f"{name}.output[{nth}]"] = one
            elif hasattr(out, "_fields"):
                for field in out._fields:
                    made[f"{name}.{field}"] = getattr(out, field)
            else:
                made[name + ".output"] = out
    return made


def case(name, page, of, wanted, given=None, within=2e-6):
    page = {"nudge": 1, "blocks": page["blocks"], "wires": page["wires"]}
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        made = run(page)
        ys = made[of]
        grads = tf.gradients(ys, [made[w] for w in wanted], grad_ys=None if given is None else made[given])
        assert all(g is not None for g in grads), (name, wanted, grads)
        grads = [tf.convert_to_tensor(g) for g in grads]
        values = session.run(grads)
    cases.append({
        "name": name, "page": page, "of": of, "for": wanted, "given": given, "within": within,
        "gradients": [written(v) for v in values],
    })


def const(array):
    return {"type": "Const", "attrs": {"value": written(array)}}


def f(*shape, dtype=np.float32, low=None, high=None):
    if low is not None:
        return random.uniform(low, high, shape).astype(dtype)
    return random.normal(size=shape).astype(dtype)


def i(*values, dtype=np.int32):
    return np.array(values[0] if len(values) == 1 else values, dtype)


def op(op_name, inputs, attrs=None, of=None, note="", within=2e-6, wanted=None):
    """One block: the gradient of an output for every floating-point input, given a random one."""
    blocks, wires = {"op": {"type": op_name, "attrs": dict(attrs or {})}}, []
    names = []
    for port, value in inputs.items():
        items = value if isinstance(value, list) else [value]
        for nth, item in enumerate(items):
            item = np.asarray(item)
            name = port if len(items) == 1 and not isinstance(value, list) else f"{port}{nth}"
            if item.dtype.kind in "fV" or item.dtype.name == "bfloat16":
                blocks[name] = const(item)
                wires.append([f"{name}.output", f"op.{port}"])
                names.append(name)
            else:
                blocks["op"].setdefault("inputs", {})[port] = written(item)
    of = of or "op.output"
    with tf.Graph().as_default():
        made = run({"blocks": blocks, "wires": wires})
        shape, dtype = made[of].shape, made[of].dtype.as_numpy_dtype
        if shape.rank is None or None in shape.as_list():
            with tf.compat.v1.Session() as session:
                shape = session.run(made[of]).shape
    blocks["upstream"] = const(random.normal(size=tuple(shape)).astype(dtype))
    wanted = wanted or names
    case(f"{op_name} {note}".strip(), {"blocks": blocks, "wires": wires}, of, [f"{n}.output" for n in wanted], "upstream.output", within)


# One block at a time.
for name in ["Abs", "Neg", "Sign", "Reciprocal", "Tanh", "Sigmoid", "Exp", "Expm1", "Square", "Sinh", "Cosh", "Asinh", "Sin", "Cos", "Tan", "Atan", "Erf", "Erfc"]:
    op(name, {"x": f(2, 5)}, within=1e-5)
for name in ["Sqrt", "Rsqrt", "Log", "Log1p", "Lgamma"]:
    op(name, {"x": f(2, 5, low=0.2, high=3)}, within=1e-5)
for name in ["Asin", "Acos", "Atanh"]:
    op(name, {"x": f(7, low=-0.9, high=0.9)}, within=1e-5)
op("Acosh", {"x": f(7, low=1.1, high=4)}, within=1e-5)
op("Abs", {"x": np.array([0.0, -0.0, 2.0, -2.0], np.float32)}, note="zeros")
op("Exp", {"x": f(2, 3, dtype=np.float64)}, note="float64", within=1e-12)
op("Tanh", {"x": f(8, dtype=np.float16)}, note="float16", within=5e-3)
for name in ["Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Softplus", "Softsign"]:
    op(name, {"features": np.array([-7, -1.5, -0.0, 0.0, 0.5, 3, 6, 6.5, 20], np.float32)}, within=1e-5)
op("LeakyRelu", {"features": f(6)}, {"alpha": 0.3}, note="alpha")
for name in ["AddV2", "Sub", "Mul", "RealDiv", "DivNoNan", "MulNoNan", "Maximum", "Minimum", "SquaredDifference", "FloorMod", "Xdivy"]:
    op(name, {"x": f(2, 3), "y": f(2, 3)}, within=1e-5)
    op(name, {"x": f(4, 1, 3), "y": f(2, 1)}, note="broadcast", within=1e-5)
    op(name, {"x": f(), "y": f(2, 2)}, note="scalar", within=1e-5)
for name in ["Maximum", "Minimum"]:
    op(name, {"x": np.array([1, 2, 3], np.float32), "y": np.array([1, 3, 2], np.float32)}, note="ties")
op("Mul", {"x": f(0, 3), "y": f(1, 3)}, note="no elements")
op("DivNoNan", {"x": f(3), "y": np.array([0, 2, 0], np.float32)}, note="zeros")
op("MulNoNan", {"x": np.array([1, np.inf, 2], np.float32), "y": np.array([0, 0, 3], np.float32)}, note="zeros")
op("Xdivy", {"x": np.array([0, 2, 0], np.float32), "y": np.array([0, 2, 3], np.float32)}, note="zeros")
op("Pow", {"x": f(2, 3, low=0.3, high=2), "y": f(3)}, note="broadcast", within=1e-5)
op("Pow", {"x": np.array([-2, -1, 0, 0, 2], np.float32), "y": np.array([2, 3, 2, 3, 0.5], np.float32)}, note="where there is no logarithm", within=1e-5)
op("Atan2", {"y": f(2, 3), "x": f(3)}, within=1e-5)
op("AddN", {"inputs": [f(2, 2), f(2, 2), f(2, 2)]})
op("ClipByValue", {"t": np.array([-3, -1, 0, 1, 2, 5], np.float32), "clip_value_min": np.float32(-1), "clip_value_max": np.float32(2)})
op("ClipByValue", {"t": f(2, 4), "clip_value_min": f(2, 4) - 1, "clip_value_max": f(2, 4) + 1}, note="ends of the shape")
op("SelectV2", {"condition": np.array([True, False, True]), "t": f(2, 3), "e": f(1)})
op("SelectV2", {"condition": np.array([[True], [False]]), "t": f(3), "e": f()}, note="broadcast by the condition")
op("Betainc", {"a": f(4, low=0.5, high=3), "b": f(4, low=0.5, high=3), "x": f(4, low=0.1, high=0.9)}, wanted=["x"], within=1e-4)
for ta in (False, True):
    for tb in (False, True):
        a, b = f(*((3, 2) if ta else (2, 3))), f(*((4, 3) if tb else (3, 4)))
        op("MatMul", {"a": a, "b": b}, {"transpose_a": ta, "transpose_b": tb}, note=f"{ta} {tb}", within=1e-5)
        x, y = f(*((5, 3, 2) if ta else (5, 2, 3))), f(*((2, 1, 4, 3) if tb else (2, 1, 3, 4)))
        op("BatchMatMulV2", {"x": x, "y": y}, {"adj_x": ta, "adj_y": tb}, note=f"{ta} {tb}", within=1e-5)
for equation, shapes in [
    ("ab,bc->ac", [(2, 3), (3, 4)]), ("ab->ba", [(2, 3)]), ("ab->a", [(2, 3)]), ("ab->", [(2, 3)]),
    ("abc,cd->abd", [(2, 2, 3), (3, 2)]), ("a,b->ab", [(2,), (3,)]), ("...ab,...bc->...ac", [(2, 2, 3), (2, 3, 2)]), ("abc,cd->ad", [(2, 2, 3), (3, 2)]),
]:
    op("Einsum", {"inputs": [f(*s) for s in shapes]}, {"equation": equation}, note=equation, within=1e-5)
for name in ["Sum", "Mean", "Max", "Min", "Prod"]:
    for axis, keep in [(i([0]), False), (i([-1, 0]), True), (np.int32(1), False), (i([0, 1, 2]), False), (np.zeros(0, np.int32), False)]:
        if name == "Prod" and axis.shape == (0,):
            continue
        op(name, {"input": f(2, 3, 2), "axis": axis}, {"keep_dims": keep}, note=f"{axis.tolist()} {keep}", within=1e-5)
op("Max", {"input": np.array([[1, 3, 3], [2, 2, 2]], np.float32), "axis": i([1])}, note="ties")
op("Prod", {"input": np.array([[1, 0, 3], [2, 5, 4], [0, 0, 1]], np.float32), "axis": i([1])}, note="zeros")
op("L2Loss", {"t": f(2, 3)})
for exclusive in (False, True):
    for reverse in (False, True):
        attrs = {"exclusive": exclusive, "reverse": reverse}
        op("Cumsum", {"x": f(2, 4), "axis": np.int32(1)}, attrs, note=str(attrs), within=1e-5)
        op("Cumprod", {"x": f(2, 4), "axis": np.int32(-1)}, attrs, note=str(attrs), within=1e-5)
op("Identity", {"input": f(3)})
op("CheckNumerics", {"tensor": f(3)}, {"message": "x"})
op("Cast", {"x": f(3)}, {"DstT": "float64"}, note="wider")
op("Cast", {"x": f(3, dtype=np.float64)}, {"DstT": "float32"}, note="narrower")
op("Reshape", {"tensor": f(2, 3), "shape": i([3, -1])})
op("Squeeze", {"input": f(1, 3, 1)}, {"axis": [0]})
op("ExpandDims", {"input": f(2, 3), "axis": np.int32(-1)})
op("Transpose", {"x": f(2, 3, 4), "perm": i([2, 0, 1])})
op("ConcatV2", {"values": [f(2, 1, 2), f(2, 3, 2), f(2, 0, 2)], "axis": np.int32(-2)})
op("Split", {"axis": np.int32(1), "value": f(2, 6)}, {"num_split": 3}, of="op.output[1]")
op("SplitV", {"value": f(2, 6), "size_splits": i([1, -1, 2]), "axis": np.int32(-1)}, {"num_split": 3}, of="op.output[2]")
op("Pack", {"values": [f(2, 3), f(2, 3)]}, {"axis": 1})
op("Unpack", {"value": f(2, 3)}, {"num": 3, "axis": 1}, of="op.output[2]")
op("Slice", {"input": f(4, 5), "begin": i([1, 2]), "size": i([2, -1])})
op("StridedSlice", {"input": f(4, 5, 3), "begin": i([3, 0]), "end": i([0, 5]), "strides": i([-2, 2])}, {"begin_mask": 0, "end_mask": 1})
op("StridedSlice", {"input": f(4, 5, 3), "begin": i([1, 0, 0]), "end": i([2, 0, 0]), "strides": i([1, 1, 1])}, {"shrink_axis_mask": 1, "ellipsis_mask": 2, "new_axis_mask": 4}, note="masks")
op("Pad", {"input": f(2, 3), "paddings": i([[1, 2], [0, 1]])})
op("PadV2", {"input": f(2, 3), "paddings": i([[1, 0], [2, 1]], dtype=np.int64), "constant_values": np.float32(3)}, wanted=["input"])
for mode in ("REFLECT", "SYMMETRIC"):
    op("MirrorPad", {"input": f(3, 4), "paddings": i([[1, 2], [2, 0]])}, {"mode": mode}, note=mode, within=1e-5)
op("Tile", {"input": f(2, 3), "multiples": i([2, 3])}, within=1e-5)
op("BroadcastTo", {"input": f(2, 1), "shape": i([4, 2, 3])}, within=1e-5)
op("ReverseV2", {"tensor": f(2, 3), "axis": i([-1, 0])})
op("Roll", {"input": f(3, 4), "shift": i([1, -2]), "axis": i([0, 1])})
op("Fill", {"dims": i([2, 3]), "value": f()}, within=1e-5)
op("Diag", {"diagonal": f(3)})
op("DiagPart", {"input": f(3, 3)})
op("MatrixDiag", {"diagonal": f(2, 3)})
op("MatrixDiagPart", {"input": f(2, 3, 3)})
op("MatrixDiagPart", {"input": f(2, 3, 4)}, note="wide")
op("MatrixBandPart", {"input": f(4, 4), "num_lower": np.int64(1), "num_upper": np.int64(-1)})
op("SpaceToDepth", {"input": f(1, 4, 4, 2)}, {"block_size": 2})
op("DepthToSpace", {"input": f(1, 2, 2, 8)}, {"block_size": 2})
op("SpaceToBatchND", {"input": f(1, 3, 4, 1), "block_shape": i([2, 2]), "paddings": i([[1, 0], [0, 2]])})
op("BatchToSpaceND", {"input": f(4, 2, 2, 1), "block_shape": i([2, 2]), "crops": i([[1, 0], [0, 1]])})
op("GatherV2", {"params": f(4, 3), "indices": i([3, 1, 3, 0]), "axis": np.int32(0)})
op("GatherV2", {"params": f(2, 4, 3), "indices": i([[3, 1], [3, 0]]), "axis": np.int32(1)}, note="in the middle")
op("GatherV2", {"params": f(2, 3, 4), "indices": i([[1, 1], [2, 0]]), "axis": np.int32(2)}, {"batch_dims": 1}, note="batch")
op("GatherV2", {"params": f(2, 3), "indices": np.int64(2), "axis": np.int32(-1)}, note="one")
op("GatherNd", {"params": f(3, 4, 2), "indices": i([[0, 1], [2, 3], [0, 1]])})
op("ScatterNd", {"indices": i([[1], [3], [1]]), "updates": f(3, 2), "shape": i([5, 2])})
op("TensorScatterUpdate", {"tensor": f(4, 2), "indices": i([[1], [3]]), "updates": f(2, 2)})
op("SegmentSum", {"data": f(4, 2), "segment_ids": i([0, 0, 2, 3])})
op("UnsortedSegmentSum", {"data": f(4, 2), "segment_ids": i([2, -1, 0, 2]), "num_segments": np.int32(3)})
op("TopKV2", {"input": f(2, 5), "k": np.int32(2)}, of="op.values")
op("BiasAdd", {"value": f(2, 3), "bias": f(3)}, within=1e-5)
op("BiasAdd", {"value": f(2, 3, 2, 2), "bias": f(3)}, {"data_format": "NCHW"}, note="NCHW", within=1e-5)
for padding, strides, dilations in [("SAME", 1, 1), ("VALID", 2, 1), ("SAME", 2, 1)]:
    attrs = {"strides": [1, strides, strides, 1], "padding": padding, "dilations": [1, dilations, dilations, 1]}
    op("Conv2D", {"input": f(2, 6, 5, 2), "filter": f(3, 2, 2, 3)}, attrs, note=str(attrs), within=1e-5)
    if dilations == 1:
        op("DepthwiseConv2dNative", {"input": f(2, 6, 6, 2), "filter": f(3, 2, 2, 2)}, attrs, note=str(attrs), within=1e-5)
op("Conv2D", {"input": f(1, 4, 4, 1), "filter": f(3, 3, 1, 2)}, {"strides": [1, 1, 1, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 0, 2, 1, 0, 0]}, note="explicit", within=1e-5)
op("Conv2DBackpropInput", {"input_sizes": i([1, 6, 6, 2]), "filter": f(3, 3, 2, 3), "out_backprop": f(1, 3, 3, 3)}, {"strides": [1, 2, 2, 1], "padding": "SAME"}, within=1e-5)
pool = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
op("MaxPool", {"input": f(1, 4, 4, 2)}, pool)
op("MaxPool", {"input": np.ones((1, 4, 4, 1), np.float32)}, pool, note="ties")
op("AvgPool", {"value": f(1, 5, 4, 2)}, dict(pool, padding="SAME"), within=1e-5)
for training in (True, False):
    given = f(0) if training else f(3)
    spread = f(0) if training else f(3, low=0.5, high=2)
    op("FusedBatchNormV3", {"x": f(2, 3, 3, 3), "scale": f(3), "offset": f(3), "mean": given, "variance": spread}, {"is_training": training, "epsilon": 0.01}, of="op.y", wanted=["x", "scale", "offset"], note=str(training), within=2e-5)
op("Softmax", {"logits": f(3, 4)}, within=1e-5)
op("LogSoftmax", {"logits": f(3, 4)}, within=1e-5)
op("SoftmaxCrossEntropyWithLogits", {"features": f(3, 4), "labels": np.eye(4, dtype=np.float32)[[0, 2, 3]]}, of="op.loss", within=1e-5)
op("SparseSoftmaxCrossEntropyWithLogits", {"features": f(3, 4), "labels": i([0, 2, 3])}, of="op.loss", within=1e-5)
values = np.array([-7, -6.01, -6, -1, 0, 0.3, 5.97, 5.98, 6, 9], np.float32)
op("FakeQuantWithMinMaxArgs", {"inputs": values})
op("FakeQuantWithMinMaxArgs", {"inputs": values}, {"min": -1.0, "max": 3.0, "num_bits": 4, "narrow_range": True}, note="narrow")
op("FakeQuantWithMinMaxVars", {"inputs": values, "min": np.float32(-2), "max": np.float32(3)}, {"num_bits": 4}, within=1e-5)
op("FakeQuantWithMinMaxVarsPerChannel", {"inputs": f(4, 3) * 3, "min": f(3, low=-2, high=-1), "max": f(3, low=1, high=2)}, within=1e-5)
op("QuantizeAndDequantizeV2", {"input": values, "input_min": np.float32(-2), "input_max": np.float32(3)}, {"range_given": True}, wanted=["input"])
op("QuantizeAndDequantizeV4", {"input": values, "input_min": np.float32(-2), "input_max": np.float32(3)}, {"range_given": True}, wanted=["input"])
# Second derivatives.
for name in ["TanhGrad", "SigmoidGrad", "SqrtGrad", "RsqrtGrad", "ReciprocalGrad"]:
    op(name, {"y": f(6, low=0.2, high=0.9), "dy": f(6)}, within=1e-5)
op("ReluGrad", {"gradients": f(6), "features": f(6)})
op("EluGrad", {"gradients": f(6), "outputs": f(6)}, within=1e-5)
op("SeluGrad", {"gradients": f(6), "outputs": f(6)}, within=1e-5)
op("SoftplusGrad", {"gradients": f(6), "features": f(6)}, within=1e-5)
op("Relu6Grad", {"gradients": f(6), "features": f(6) * 4})
op("LeakyReluGrad", {"gradients": f(6), "features": f(6)}, {"alpha": 0.3})
op("AvgPoolGrad", {"orig_input_shape": i([1, 4, 4, 2]), "grad": f(1, 2, 2, 2)}, pool)
op("MirrorPadGrad", {"input": f(6, 6), "paddings": i([[1, 2], [2, 0]])}, {"mode": "REFLECT"})
op("StridedSliceGrad", {"shape": i([4, 5]), "begin": i([0, 1]), "end": i([4, 5]), "strides": i([2, 3]), "dy": f(2, 2)})
op("Conv2DBackpropFilter", {"input": f(1, 6, 6, 2), "filter_sizes": i([3, 3, 2, 3]), "out_backprop": f(1, 3, 3, 3)}, {"strides": [1, 2, 2, 1], "padding": "SAME"}, within=1e-5)
op("DepthwiseConv2dNativeBackpropInput", {"input_sizes": i([1, 6, 6, 2]), "filter": f(3, 3, 2, 2), "out_backprop": f(1, 6, 6, 4)}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, within=1e-5)
op("DepthwiseConv2dNativeBackpropFilter", {"input": f(1, 6, 6, 2), "filter_sizes": i([3, 3, 2, 2]), "out_backprop": f(1, 6, 6, 4)}, {"strides": [1, 1, 1, 1], "padding": "SAME"}, within=1e-5)
op("QuantizeAndDequantizeV3", {"input": values, "input_min": np.float32(-2), "input_max": np.float32(3), "num_bits": np.int32(4)}, {"range_given": True}, wanted=["input"])
op("IdentityN", {"input": [f(2), f(3)]}, of="op.output[1]", wanted=["input1"])


# Whole pages.
class Page:
    def __init__(self):
        self.blocks, self.wires = {}, []

    def const(self, name, array):
        self.blocks[name] = const(array)
        return f"{name}.output"

    def put(self, name, type_name, inputs, attrs=None, output="output", **literals):
        self.blocks[name] = {"type": type_name, "attrs": dict(attrs or {})}
        for port, source in inputs.items():
            for one in source if isinstance(source, list) else [source]:
                self.wires.append([one, f"{name}.{port}"])
        for port, value in literals.items():
            self.blocks[name].setdefault("inputs", {})[port] = written(value)
        return f"{name}.{output}"

    def done(self, name, of, wanted, within=2e-5):
        case("page: " + name, {"blocks": self.blocks, "wires": self.wires}, of, [f"{w}.output" for w in wanted], within=within)


def mean(p, source, rank, name="loss"):
    return p.put(name, "Mean", {"input": source}, axis=i(list(range(rank))))


conv = {"strides": [1, 1, 1, 1], "padding": "SAME"}

p = Page(); x, w, b = p.const("x", f(4, 3)), p.const("w", f(3, 2)), p.const("b", f(2))
y = p.put("y", "BiasAdd", {"value": p.put("m", "MatMul", {"a": x, "b": w}), "bias": b})
p.done("linear regression", mean(p, p.put("e", "SquaredDifference", {"x": y, "y": p.const("t", f(4, 2))}), 2), ["w", "b", "x"])

p = Page(); x, w = p.const("x", f(2, 6, 6, 2)), p.const("w", f(3, 3, 2, 4))
c = p.put("relu", "Relu", {"features": p.put("c", "Conv2D", {"input": x, "filter": w}, conv)})
p.done("convolution", mean(p, p.put("pool", "MaxPool", {"input": c}, pool), 4), ["w", "x"])

p = Page(); x, w = p.const("x", f(2, 6, 6, 3)), p.const("w", f(3, 3, 3, 1))
d = p.put("d", "DepthwiseConv2dNative", {"input": x, "filter": w}, conv)
pw = p.put("pw", "Conv2D", {"input": p.put("relu6", "Relu6", {"features": d}), "filter": p.const("v", f(1, 1, 3, 4))}, conv)
p.done("separable convolution", mean(p, pw, 4), ["w", "v", "x"])

p = Page(); x, w = p.const("x", f(4, 5, 5, 2)), p.const("w", f(3, 3, 2, 3))
c = p.put("c", "Conv2D", {"input": x, "filter": w}, conv)
n = p.put("bn", "FusedBatchNormV3", {"x": c, "scale": p.const("scale", f(3)), "offset": p.const("offset", f(3))}, {"epsilon": 0.001}, output="y", mean=f(0), variance=f(0))
p.done("batch norm in training", mean(p, p.put("q", "Square", {"x": p.put("relu", "Relu", {"features": n})}), 4), ["w", "scale", "offset", "x"], within=1e-4)

p = Page(); x = p.const("x", f(2, 4, 4, 3))
n = p.put("bn", "FusedBatchNormV3", {"x": x, "scale": p.const("scale", f(3)), "offset": p.const("offset", f(3)), "mean": p.const("mu", f(3)), "variance": p.const("var", f(3, low=0.5, high=2))}, {"epsilon": 0.001, "is_training": False}, output="y")
p.done("batch norm in use", mean(p, p.put("t", "Tanh", {"x": n}), 4), ["x", "scale", "offset"])

p = Page(); a, b, c = p.const("a", f(2, 1, 3)), p.const("b", f(4, 1)), p.const("c", f())
m = p.put("m", "Mul", {"x": p.put("s", "AddV2", {"x": a, "y": b}), "y": c})
p.done("broadcasting", p.put("loss", "Sum", {"input": p.put("q", "RealDiv", {"x": m, "y": p.put("e", "Exp", {"x": b})})}, axis=i([0, 1, 2])), ["a", "b", "c"])

p = Page(); table = p.const("table", f(6, 3))
g = p.put("g", "GatherV2", {"params": table}, indices=i([[1, 5], [1, 0]]), axis=np.int32(0))
p.done("gather: an embedding", mean(p, p.put("q", "Square", {"x": g}), 3), ["table"])

p = Page(); a, b = p.const("a", f(2, 3)), p.const("b", f(2, 2))
c = p.put("c", "ConcatV2", {"values": [a, b, a]}, axis=np.int32(1))
p.done("concat, one tensor twice", mean(p, p.put("t", "Tanh", {"x": c}), 2), ["a", "b"])

p = Page(); x, w = p.const("x", f(4, 3)), p.const("w", f(3, 5))
s = p.put("s", "Softmax", {"logits": p.put("m", "MatMul", {"a": x, "b": w})})
p.done("softmax", mean(p, p.put("q", "SquaredDifference", {"x": s, "y": p.const("t", f(4, 5))}), 2), ["w", "x"])

p = Page(); x, w = p.const("x", f(4, 3)), p.const("w", f(3, 5))
l = p.put("xent", "SoftmaxCrossEntropyWithLogits", {"features": p.put("m", "MatMul", {"a": x, "b": w}), "labels": p.const("t", np.eye(5, dtype=np.float32)[[0, 2, 4, 1]])}, output="loss")
p.done("cross entropy", mean(p, l, 1), ["w", "x"])

p = Page(); x, w = p.const("x", f(4, 3)), p.const("w", f(3, 5))
l = p.put("xent", "SparseSoftmaxCrossEntropyWithLogits", {"features": p.put("m", "MatMul", {"a": x, "b": w})}, output="loss", labels=i([0, 2, 4, 1]))
p.done("sparse cross entropy", mean(p, l, 1), ["w"])

p = Page(); x, w = p.const("x", f(4, 3)), p.const("w", f(3, 2) * 2)
fq = p.put("fq", "FakeQuantWithMinMaxArgs", {"inputs": w}, {"min": -2.0, "max": 2.0, "num_bits": 4})
p.done("fake quantization", mean(p, p.put("q", "Square", {"x": p.put("m", "MatMul", {"a": x, "b": fq})}), 2), ["w", "x"])

p = Page(); x, w = p.const("x", f(4, 3) * 2), p.const("w", f(3, 2))
fq = p.put("fq", "FakeQuantWithMinMaxVars", {"inputs": x, "min": p.const("min", np.float32(-1)), "max": p.const("max", np.float32(2))}, {"num_bits": 8})
p.done("fake quantization with learnt ends", mean(p, p.put("q", "Square", {"x": p.put("m", "MatMul", {"a": fq, "b": w})}), 2), ["min", "max", "w", "x"])

p = Page(); x, w = p.const("x", f(2, 5, 5, 2)), p.const("w", f(3, 3, 2, 4))
fq = p.put("fq", "FakeQuantWithMinMaxVarsPerChannel", {"inputs": w, "min": p.const("min", f(4, low=-1.5, high=-0.5)), "max": p.const("max", f(4, low=0.5, high=1.5))}, {"num_bits": 4, "narrow_range": True})
act = p.put("act", "FakeQuantWithMinMaxVars", {"inputs": p.put("relu", "Relu", {"features": p.put("c", "Conv2D", {"input": x, "filter": fq}, conv)}), "min": p.const("lo", np.float32(0)), "max": p.const("hi", np.float32(3))})
p.done("fake quantization per channel", mean(p, act, 4), ["w", "min", "max", "hi", "x"], within=5e-5)

p = Page(); x = p.const("x", f(3, 4))
a, b = p.put("sp", "Split", {"value": x}, {"num_split": 2}, output="output[0]", axis=np.int32(1)), "sp.output[1]"
p.done("split, one part used twice", mean(p, p.put("m", "Mul", {"x": p.put("t", "Tanh", {"x": a}), "y": p.put("s", "AddV2", {"x": a, "y": b})}), 2), ["x"])

p = Page(); x, w, u = p.const("x", f(2, 3)), p.const("w", f(3, 3)), p.const("u", f(3, 3))
h = p.put("h1", "Tanh", {"x": p.put("m1", "MatMul", {"a": x, "b": w})})
for step in (2, 3):
    h = p.put(f"h{step}", "Tanh", {"x": p.put(f"s{step}", "AddV2", {"x": p.put(f"r{step}", "MatMul", {"a": h, "b": u}), "y": p.put(f"m{step}", "MatMul", {"a": x, "b": w})})})
p.done("a recurrent net", mean(p, h, 2), ["w", "u", "x"])

p = Page(); q, k, v = p.const("q", f(2, 4, 3)), p.const("k", f(2, 4, 3)), p.const("v", f(2, 4, 3))
s = p.put("s", "Softmax", {"logits": p.put("qk", "BatchMatMulV2", {"x": q, "y": k}, {"adj_y": True})})
p.done("attention", mean(p, p.put("o", "Square", {"x": p.put("av", "BatchMatMulV2", {"x": s, "y": v})}), 3), ["q", "k", "v"])

p = Page(); x = p.const("x", f(3, 5))
mu = p.put("mu", "Mean", {"input": x}, {"keep_dims": True}, axis=i([1]))
var = p.put("var", "Mean", {"input": p.put("sq", "SquaredDifference", {"x": x, "y": mu})}, {"keep_dims": True}, axis=i([1]))
r = p.put("r", "Rsqrt", {"x": p.put("e", "AddV2", {"x": var}, y=np.float32(0.001))})
n = p.put("n", "Mul", {"x": p.put("d", "Sub", {"x": x, "y": mu}), "y": r})
p.done("layer norm", p.put("loss", "Sum", {"input": p.put("g", "Mul", {"x": n, "y": p.const("gamma", f(5))})}, axis=i([0, 1])), ["x", "gamma"], within=1e-4)

p = Page(); x = p.const("x", f(3, 4))
st = p.put("st", "StopGradient", {"input": p.put("t", "Tanh", {"x": x})})
p.done("a path that stops beside one that does not", mean(p, p.put("m", "Mul", {"x": x, "y": st}), 2), ["x"])

p = Page(); x, w = p.const("x", f(1, 4, 4, 1)), p.const("w", f(2, 2, 1, 2))
pad = p.put("pad", "Pad", {"input": x}, paddings=i([[0, 0], [1, 1], [2, 0], [0, 0]]))
c = p.put("c", "Conv2D", {"input": pad, "filter": w}, {"strides": [1, 2, 2, 1], "padding": "VALID"})
flat = p.put("flat", "Reshape", {"tensor": p.put("t", "Transpose", {"x": c}, perm=i([0, 3, 1, 2]))}, shape=i([1, -1]))
p.done("pad, strides, transpose, reshape", mean(p, p.put("l", "LogSoftmax", {"logits": flat}), 2), ["x", "w"])

p = Page(); x = p.const("x", f(4, 3))
m = p.put("m", "Max", {"input": x}, axis=i([1]))
sel = p.put("sel", "SelectV2", {"condition": p.put("gt", "Greater", {"x": m}, y=np.float32(0.5)), "t": m, "e": p.put("n", "Neg", {"x": m})})
p.done("extremes and choices", p.put("loss", "Sum", {"input": p.put("c", "ClipByValue", {"t": sel}, clip_value_min=np.float32(-0.4), clip_value_max=np.float32(1.2))}, axis=i([0])), ["x"])

here = pathlib.Path(__file__).parent
source = f"TensorFlow {tf.__version__}, tf.gradients on the CPU, without oneDNN"
with open(here / "gradients.json", "w") as file:
    file.write('{"source": ' + json.dumps(source) + ', "cases": [\n')
    file.write(",\n".join(json.dumps(case) for case in cases))
    file.write("\n]}\n")
print(len(cases), "cases")
