#!/usr/bin/env python3
"""Makes library.json: what TensorFlow computes, or refuses, with the operations of the library, for every data type that its
CPU kernels take.

    pip install tensorflow-cpu
    python3 assets/golden/make_library.py

Elements on which TensorFlow disagrees with itself (alone, in a vector, in a long one) are left out, and so are subnormal
results, which it takes for 0. Numbers of narrow floats stand as the doubles that they are.
"""

import json
import math
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import kernels

random = np.random.default_rng(18)
FLOATS = [tf.float32, tf.float64, tf.float16, tf.bfloat16]
WHOLE = [tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.uint32, tf.uint64]
ALL = FLOATS + WHOLE + [tf.bool]
CLOSE = {tf.float32: 2e-6, tf.float64: 1e-11, tf.float16: 2e-3, tf.bfloat16: 2e-2}
# What TensorFlow computes in several steps it rounds after each, in narrow floats too.
STEPS = {tf.float32: 2e-6, tf.float64: 1e-11, tf.float16: 1e-2, tf.bfloat16: 6e-2}
SUMS = {tf.float32: 1e-5, tf.float64: 1e-12, tf.float16: 5e-3, tf.bfloat16: 3e-2}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, 6.0, -6.0, 7.0, math.nan, math.inf, -math.inf]
cases = []


def dtypes(op, attr="T"):
    """The data types for which there is a kernel."""
    found = set()
    for kernel in kernels.get_registered_kernels_for_op(op).kernel:
        if kernel.device_type == "CPU":
            for constraint in kernel.constraint:
                if constraint.name == attr:
                    found |= {tf.as_dtype(t) for t in constraint.allowed_values.list.type}
    return [dtype for dtype in ALL if dtype in found]


def numbers(dtype, count, special=True):
    if dtype == tf.bool:
        return random.random(count) < 0.5
    if dtype in FLOATS:
        values = random.normal(size=count) * 3
        if special:
            values[: len(SPECIAL)] = SPECIAL[:count]
        return values.astype(dtype.as_numpy_dtype)
    low, high = dtype.min, dtype.max
    values = [int(v) for v in random.integers(max(low, -9), min(high, 9), count, endpoint=True)]
    if special:
        values[:5] = [low, high, 0, 1, high - 1][:count]
    return np.array(values, dtype=dtype.as_numpy_dtype)


def plain(dtype, *shape):
    """Numbers without anything special, few digits so that sums of narrow floats stay close."""
    values = numbers(dtype, int(np.prod(shape)), False)
    return values.reshape(shape)


def literal(tensor):
    array = tensor.numpy()

    def element(v):
        v = float(v) if tensor.dtype in FLOATS else v.item()
        if isinstance(v, float) and not math.isfinite(v):
            return "NaN" if math.isnan(v) else ("Infinity" if v > 0 else "-Infinity")
        return v

    return {"dtype": tensor.dtype.name, "shape": list(array.shape), "data": [element(v) for v in array.ravel()]}


def run(op, tensors, attrs):
    result = getattr(tf.raw_ops, op)(**tensors, **attrs)
    if hasattr(result, "_asdict"):
        return result._asdict()
    return {f"output[{i}]": v for i, v in enumerate(result)} if isinstance(result, list) else {"output": result}


def case(op, note, compare, attrs=None, only=None, **inputs):
    attrs = attrs or {}
    tensors = {k: [tf.constant(x) for x in v] if isinstance(v, list) else tf.constant(v) for k, v in inputs.items()}
    one = {"op": op, "note": note, "attrs": {k: v.name if isinstance(v, tf.DType) else v for k, v in attrs.items()},
           "compare": compare, "inputs": {}}
    for name, tensor in tensors.items():
        for item, part in enumerate(tensor) if isinstance(tensor, list) else [(None, tensor)]:
            one["inputs"][name if item is None else f"{name}[{item}]"] = literal(part)
    try:
        results = run(op, tensors, attrs)
    except (tf.errors.NotFoundError, tf.errors.UnimplementedError) as error:
        print("no kernel:", op, note, str(error)[:90])
        return
    except (tf.errors.OpError, ValueError, TypeError) as error:
        one["error"] = str(getattr(error, "message", error)).split("[Op:")[0].split("}} ")[-1].strip()[:200]
        if not note.startswith("refused"):
            print("refused:", op, note, one["error"][:120])
            return
        cases.append(one)
        return
    if note.startswith("refused"):
        print("NOT refused:", op, note)
        return
    one["outputs"] = {k: literal(v) for k, v in results.items() if only is None or k in only}
    cases.append(one)


def same(a, b):
    if a.dtype.kind in "iub":
        return a == b
    a, b = a.astype(np.float64), b.astype(np.float64)
    return ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))


def near(a, b):
    if a.dtype.kind in "iub":
        return a == b
    a, b = a.astype(np.float64), b.astype(np.float64)
    return same(a, b) | np.isclose(a, b, 1e-5, 0)


def elementwise(op, dtype, ports, compare, attrs=None, grid=True, **given):
    """One vector for each port: all pairs of special values where there are two ports."""
    attrs = attrs or {}
    columns = [numbers(dtype, 26) if port not in given else given[port] for port in ports]
    if len(ports) > 1 and grid:
        columns = [c.ravel() for c in np.meshgrid(*[c[:18] for c in columns], indexing="ij")]
    call = lambda vectors: next(iter(run(op, {p: tf.constant(v) for p, v in zip(ports, vectors)}, attrs).values())).numpy()
    agree = same if compare == "bits" else near
    try:
        whole, many = call(columns), call([np.tile(c, 9) for c in columns]).reshape(9, -1)
        alone = np.concatenate([call([c[i : i + 1] for c in columns]) for i in range(len(columns[0]))])
    except (tf.errors.OpError, TypeError) as error:
        print("not run:", op, dtype.name, str(error)[:90])
        return
    keep = agree(alone, whole)
    for row in many:
        keep &= agree(alone, row)
    if dtype in FLOATS and whole.dtype != bool:
        tiny = float(dtype.as_numpy_dtype(2.0 ** {tf.float64: -1022, tf.float16: -14}.get(dtype, -126)))
        absolute = np.abs(whole.astype(np.float64))
        keep &= (absolute >= tiny) | (whole == 0)
        # Near the least normal number TensorFlow takes what is left over for 0, or not.
        keep &= (absolute >= 8 * tiny) | (absolute == 0)
        for c in columns:
            with np.errstate(all="ignore"):
                keep &= (np.abs(c.astype(np.float64)) >= tiny) | (c == 0) | np.isnan(c.astype(np.float64))
    case(op, dtype.name, compare, attrs, **{p: c[keep] for p, c in zip(ports, columns)})


# Element by element.
for op in ["Abs", "Neg", "Sign", "Sqrt", "Floor", "Ceil", "Rint", "Round", "IsNan", "IsInf", "IsFinite"]:
    for dtype in dtypes(op):
        # Of whole numbers TensorFlow's Round makes 0, whatever they are.
        if op != "Round" or dtype in FLOATS:
            elementwise(op, dtype, ["x"], "bits")
for op in ["Exp", "Expm1", "Log", "Log1p", "Sin", "Cos", "Tan", "Asin", "Atan", "Sinh", "Cosh", "Tanh", "Asinh", "Acosh",
           "Atanh", "Erf", "Erfc", "Lgamma", "Digamma", "Sigmoid", "Rsqrt", "Reciprocal"]:
    for dtype in [d for d in dtypes(op) if d in FLOATS]:
        compare = {tf.float32: 1e-5, tf.float64: 1e-9}.get(dtype, CLOSE[dtype]) if op in ("Lgamma", "Digamma", "Erfc") else CLOSE[dtype]
        elementwise(op, dtype, ["x"], compare)
for dtype in FLOATS:
    elementwise("Acos", dtype, ["x"], CLOSE[dtype])
for op in ["Relu", "Elu", "Selu", "Softplus", "Softsign", "LeakyRelu"]:
    for dtype in dtypes(op):
        if op == "LeakyRelu" and dtype not in FLOATS:
            continue
        elementwise(op, dtype, ["features"], "bits" if op == "Relu" else STEPS[dtype], {"alpha": 0.1} if op == "LeakyRelu" else None)
for op in ["ReluGrad", "SoftplusGrad", "SoftsignGrad", "LeakyReluGrad"]:
    for dtype in dtypes(op):
        if op == "LeakyReluGrad" and dtype not in FLOATS:
            continue
        elementwise(op, dtype, ["gradients", "features"], "bits" if op == "ReluGrad" else STEPS[dtype],
                    {"alpha": 0.1} if op == "LeakyReluGrad" else None)
for op in ["EluGrad", "SeluGrad"]:
    for dtype in dtypes(op):
        elementwise(op, dtype, ["gradients", "outputs"], STEPS[dtype])
for op in ["TanhGrad", "SigmoidGrad", "SqrtGrad", "RsqrtGrad", "ReciprocalGrad"]:
    for dtype in dtypes(op):
        elementwise(op, dtype, ["y", "dy"], STEPS[dtype])
for op in ["RealDiv", "DivNoNan", "MulNoNan", "Xdivy", "Maximum", "Minimum", "SquaredDifference", "Greater", "GreaterEqual",
           "Less", "LessEqual", "Equal", "NotEqual"]:
    for dtype in dtypes(op):
        elementwise(op, dtype, ["x", "y"], "bits")
for dtype in dtypes("Atan2"):
    elementwise("Atan2", dtype, ["y", "x"], CLOSE[dtype])
for op in ["FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod"]:
    for dtype in dtypes(op):
        y = numbers(dtype, 26)
        if dtype not in FLOATS:
            y[y == 0] = 3
            case(op, f"refused: {dtype.name} by 0", "bits", x=y[:3], y=np.zeros(3, y.dtype))
            if dtype.min < 0:
                # The least number by -1 stops the processor.
                y[y == -1] = 2
        elementwise(op, dtype, ["x", "y"], "bits", y=y)
for dtype in dtypes("Pow"):
    if dtype in FLOATS:
        elementwise("Pow", dtype, ["x", "y"], CLOSE[dtype])
    else:
        x, y = numbers(dtype, 26), np.abs(numbers(dtype, 26, False))
        elementwise("Pow", dtype, ["x", "y"], "bits", x=x, y=y)
        case("Pow", f"refused: {dtype.name} to a negative power", "bits", x=x[:2], y=np.array([1, -1], x.dtype))
for op in ["LogicalAnd", "LogicalOr"]:
    elementwise(op, tf.bool, ["x", "y"], "bits", x=np.array([True, False]), y=np.array([True, False]))
for dtype in dtypes("ApproximateEqual"):
    elementwise("ApproximateEqual", dtype, ["x", "y"], "bits", {"tolerance": 0.25})
for dtype in [tf.float32, tf.float64]:
    a, b, x = (np.array(v, dtype.as_numpy_dtype) for v in ([0.5, 1, 2, 7, 30], [0.5, 3, 2, 0.25, 12], [0.1, 0.5, 0.99, 0.7, 0.75]))
    case("Betainc", dtype.name, 1e-4, a=a, b=b, x=x)
for op in ["ZerosLike", "OnesLike"]:
    for dtype in dtypes(op):
        case(op, dtype.name, "bits", x=numbers(dtype, 16).reshape(4, 4))
for dtype in FLOATS:
    x = plain(dtype, 5)
    case("CheckNumerics", dtype.name, "bits", {"message": "m"}, tensor=x)
    x[3] = math.inf
    case("CheckNumerics", f"refused: {dtype.name}, infinite", "bits", {"message": "m"}, tensor=x)

# Reductions.
I = np.int32
for dtype in dtypes("Prod"):
    x = plain(dtype, 2, 3, 4)
    for axis in [[0], [1, 2], []]:
        case("Prod", f"{dtype.name} over {axis}", SUMS[dtype] if dtype in FLOATS else "bits", {"keep_dims": False}, input=x, axis=np.array(axis, I))
for op in ["All", "Any"]:
    for axis, keep in [([0], True), ([0, 1], False), ([], False), ([-1], False)]:
        case(op, f"over {axis}", "bits", {"keep_dims": keep}, input=random.random((3, 4)) < 0.6, axis=np.array(axis, I))
    case(op, "of none", "bits", {"keep_dims": False}, input=np.zeros((0, 2), bool), axis=np.array([0], I))
for op in ["ArgMax", "ArgMin"]:
    for dtype in dtypes(op):
        x = numbers(dtype, 24).reshape(4, 6)
        for axis in [0, -1]:
            for out in [tf.int64, tf.int32]:
                case(op, f"{dtype.name} along {axis}", "bits", {"output_type": out}, input=x, dimension=I(axis))
    case(op, "refused: no elements", "bits", input=np.zeros((2, 0), np.float32), dimension=I(1))
    case(op, "refused: no such axis", "bits", input=np.zeros((2, 2), np.float32), dimension=I(2))
for op in ["Cumsum", "Cumprod"]:
    for dtype in dtypes(op):
        for exclusive in [False, True]:
            for reverse in [False, True]:
                case(op, f"{dtype.name}", SUMS[dtype] if dtype in FLOATS else "bits", {"exclusive": exclusive, "reverse": reverse},
                     x=np.abs(plain(dtype, 2, 5, 3)) if dtype in FLOATS else plain(dtype, 2, 5, 3), axis=I(1))
    case(op, "refused: of a scalar", "bits", x=np.float32(3), axis=I(0))
for dtype in dtypes("L2Loss"):
    case("L2Loss", dtype.name, SUMS[dtype], t=plain(dtype, 3, 5))

# What moves elements.
for dtype in ALL:
    name, x = dtype.name, numbers(dtype, 24)
    cube = x.reshape(2, 3, 4)
    for perm in [[2, 0, 1], [1, 0, 2], [0, 1, 2], [2, 1, 0]]:
        case("Transpose", f"{name} {perm}", "bits", x=cube, perm=np.array(perm, I))
    case("ReverseV2", name, "bits", tensor=cube, axis=np.array([0, -1], np.int64))
    case("BroadcastTo", name, "bits", input=x[:3].reshape(3, 1), shape=np.array([2, 3, 4], I))
    case("Tile", name, "bits", input=x[:6].reshape(2, 3), multiples=np.array([2, 3], np.int64))
    case("Tile", f"{name}, none", "bits", input=x[:6].reshape(2, 3), multiples=np.array([0, 3], I))
    case("Slice", name, "bits", input=cube, begin=np.array([1, 0, 2], I), size=np.array([-1, 2, 2], I))
    case("Pad", name, "bits", input=x[:6].reshape(2, 3), paddings=np.array([[1, 0], [0, 2]], np.int64))
    case("PadV2", name, "bits", input=x[:6].reshape(2, 3), paddings=np.array([[1, 0], [0, 2]], I), constant_values=x[7])
    for mode in ["REFLECT", "SYMMETRIC"]:
        case("MirrorPad", f"{name} {mode}", "bits", {"mode": mode}, input=x[:12].reshape(3, 4), paddings=np.array([[2, 1], [1, 3]], I))
    case("Roll", name, "bits", input=cube, shift=np.array([1, -5, 2], I), axis=np.array([0, 2, 2], I))
    case("GatherV2", name, "bits", params=cube, indices=np.array([[3, 0], [1, 1]], I), axis=I(-1))
    case("GatherV2", f"{name}, batches", "bits", {"batch_dims": 1}, params=cube, indices=np.array([[2, 0], [1, 1]], np.int64), axis=I(1))
    case("GatherV2", f"{name}, batches and another axis", "bits", {"batch_dims": 1}, params=cube, indices=np.array([[2, 0], [1, 1]], I), axis=I(2))
    case("GatherNd", name, "bits", params=cube, indices=np.array([[[0, 2], [1, 1]]], I))
    case("GatherNd", f"{name}, elements", "bits", params=cube, indices=np.array([[0, 2, 3], [1, 1, 0]], np.int64))
    case("TensorScatterUpdate", name, "bits", tensor=x[:12].reshape(4, 3), indices=np.array([[1], [3], [1]], I), updates=x[12:21].reshape(3, 3))
    case("StridedSlice", name, "bits", {"begin_mask": 2, "end_mask": 1, "shrink_axis_mask": 4}, input=cube,
         begin=np.array([0, 9, 2], I), end=np.array([0, -3, 3], I), strides=np.array([1, -1, 1], I))
    case("StridedSlice", f"{name}, ellipsis and new axis", "bits", {"ellipsis_mask": 2, "new_axis_mask": 1}, input=cube,
         begin=np.array([0, 0, 1], I), end=np.array([0, 0, 4], I), strides=np.array([1, 1, 2], I))
    case("StridedSliceGrad", name, "bits", {"begin_mask": 2, "end_mask": 1, "shrink_axis_mask": 4}, shape=np.array([2, 3, 4], I),
         begin=np.array([0, 9, 2], I), end=np.array([0, -3, 3], I), strides=np.array([1, -1, 1], I), dy=x[:4].reshape(2, 2))
    case("StridedSliceGrad", f"{name}, ellipsis and new axis", "bits", {"ellipsis_mask": 2, "new_axis_mask": 1}, shape=np.array([2, 3, 4], I),
         begin=np.array([0, 0, 1], I), end=np.array([0, 0, 4], I), strides=np.array([1, 1, 2], I), dy=x[:12].reshape(1, 2, 3, 2))
    case("ExpandDims", name, "bits", input=cube, axis=I(1))
    case("Squeeze", name, "bits", {"axis": [0, -1]}, input=x[:3].reshape(1, 3, 1))
    case("MatrixDiag", name, "bits", diagonal=x[:6].reshape(2, 3))
    case("MatrixDiagPart", name, "bits", input=cube)
    case("MatrixBandPart", name, "bits", input=cube, num_lower=np.int64(0), num_upper=np.int64(-1))
    case("OneHot", name, "bits", {"axis": 1}, indices=np.array([[0, 2], [-1, 5]], np.int64), depth=I(3), on_value=x[5], off_value=x[6])
    case("StopGradient", name, "bits", input=x)
    case("Snapshot", name, "bits", input=x)
    case("PreventGradient", name, "bits", {"message": "no"}, input=x)
    case("Unique", name, "bits", {"out_idx": tf.int64}, x=x[:16])
    case("Where", name, "bits", condition=cube)
    case("Size", name, "bits", {"out_type": tf.int64}, input=cube)
    case("Rank", name, "bits", input=cube)
for dtype in FLOATS + WHOLE:
    name, x = dtype.name, numbers(dtype, 64)
    for op in ["SpaceToDepth", "DepthToSpace"]:
        shape = (1, 4, 4, 4)
        case(op, name, "bits", {"block_size": 2}, input=x.reshape(shape))
    case("SpaceToBatchND", name, "bits", input=x[:24].reshape(2, 3, 4), block_shape=np.array([2, 3], I)[:1], paddings=np.array([[1, 0]], I))
    case("SpaceToBatchND", f"{name}, two axes", "bits", input=x[:30].reshape(1, 3, 5, 2), block_shape=np.array([2, 3], np.int64), paddings=np.array([[1, 0], [0, 1]], np.int64))
    case("BatchToSpaceND", name, "bits", input=x[:48].reshape(6, 2, 2, 2), block_shape=np.array([2, 3], I), crops=np.array([[1, 0], [0, 2]], I))
    case("ResizeNearestNeighbor", name, "bits", {"align_corners": True}, images=x[:24].reshape(1, 3, 4, 2), size=np.array([5, 3], I))
    case("ResizeNearestNeighbor", f"{name}, plain", "bits", images=x[:24].reshape(1, 3, 4, 2), size=np.array([2, 7], I))
    finite = plain(dtype, 1, 3, 4, 2)
    for attrs in [{"align_corners": True}, {"half_pixel_centers": True}, {}]:
        case("ResizeBilinear", f"{name}", 1e-5, attrs, images=finite, size=np.array([5, 3], I))
    for to in FLOATS + WHOLE:
        last = max(to.size // dtype.size, 1)
        case("Bitcast", f"{name} to {to.name}", "bits", {"type": to}, input=numbers(dtype, 2 * last, False).reshape(2, last) if last > 1 else x[:4])
    tolerance = SUMS[dtype] if dtype in FLOATS else "bits"
    positive = np.abs(plain(dtype, 4, 3)) if dtype in FLOATS else plain(dtype, 4, 3)
    case("ScatterNd", name, tolerance, indices=np.array([[4], [1], [4], [0]], I), updates=positive, shape=np.array([6, 3], I))
    case("SegmentSum", name, tolerance, data=positive, segment_ids=np.array([0, 2, 2, 3], I))
    case("UnsortedSegmentSum", name, tolerance, data=positive, segment_ids=np.array([2, -1, 2, 0], np.int64), num_segments=I(4))
    case("Bincount", name, tolerance, arr=np.array([1, 1, 0, 5, 3, 1], I), size=I(4), weights=np.abs(plain(dtype, 6)) if dtype in FLOATS else plain(dtype, 6))
    for mode in ["REFLECT", "SYMMETRIC"]:
        case("MirrorPadGrad", f"{name} {mode}", tolerance, {"mode": mode}, input=np.abs(plain(dtype, 6, 8)) if dtype in FLOATS else plain(dtype, 6, 8), paddings=np.array([[2, 1], [1, 3]], I))
    spread = np.sort(np.unique(plain(dtype, 20)))[:8]
    case("TopKV2", name, "bits", {"sorted": True}, input=np.concatenate([spread, spread])[None, :], k=I(5))
    case("HistogramFixedWidth", name, "bits", {"dtype": tf.int64}, values=plain(dtype, 20), value_range=np.array([0, 4], dtype.as_numpy_dtype), nbins=I(4))
    case("BiasAdd", name, "bits", {"data_format": "NHWC"}, value=plain(dtype, 2, 2, 3), bias=plain(dtype, 3))
    case("BiasAdd", f"{name} NCHW", "bits", {"data_format": "NCHW"}, value=plain(dtype, 2, 3, 2, 2), bias=plain(dtype, 3))
    case("BiasAddGrad", name, tolerance, {"data_format": "NCHW"}, out_backprop=np.abs(plain(dtype, 2, 3, 2, 2)) if dtype in FLOATS else plain(dtype, 2, 3, 2, 2))
    for padding, strides in [("SAME", 2), ("VALID", 1)]:
        picture, attrs = plain(dtype, 1, 5, 6, 2), {"ksize": [1, 3, 2, 1], "strides": [1, strides, 1, 1] if False else [1, strides, strides, 1], "padding": padding}
        case("MaxPool", f"{name} {padding}", "bits", attrs, input=picture)
        try:
            pooled = tf.raw_ops.MaxPool(input=picture, **attrs).numpy()
        except (tf.errors.OpError, TypeError):
            continue
        case("MaxPoolGrad", f"{name} {padding}", tolerance, attrs, orig_input=picture, orig_output=pooled, grad=np.abs(plain(dtype, *pooled.shape)) if dtype in FLOATS else plain(dtype, *pooled.shape))
for dtype in dtypes("Diag"):
    case("Diag", dtype.name, "bits", diagonal=numbers(dtype, 6).reshape(2, 3))
    case("DiagPart", dtype.name, "bits", input=numbers(dtype, 36).reshape(2, 3, 2, 3))
for dtype in dtypes("Range", "Tidx"):
    kind = dtype.as_numpy_dtype
    case("Range", dtype.name, "bits", start=kind(2), limit=kind(9), delta=kind(3))
    case("Range", f"{dtype.name} down", "bits", start=kind(9), limit=kind(2), delta=kind(-3))
    case("Range", f"{dtype.name}, none", "bits", start=kind(2), limit=kind(2), delta=kind(1))
    case("Range", f"refused: {dtype.name} away", "bits", start=kind(2), limit=kind(9), delta=kind(-1))
    if dtype in FLOATS:
        case("Range", f"{dtype.name}, tenths", "bits", start=kind(0.5), limit=kind(3), delta=kind(0.1))
for dtype in dtypes("LinSpace"):
    kind = dtype.as_numpy_dtype
    case("LinSpace", dtype.name, "bits", start=kind(0.1), stop=kind(7.3), num=np.int64(9))
    case("LinSpace", f"{dtype.name}, one", "bits", start=kind(0.1), stop=kind(7.3), num=I(1))
    case("LinSpace", f"refused: {dtype.name}, none", "bits", start=kind(0.1), stop=kind(7.3), num=I(0))
for kind in [np.int32, np.int64]:
    case("InvertPermutation", kind.__name__, "bits", x=np.array([3, 1, 0, 2], kind))
    case("InTopKV2", kind.__name__, "bits", predictions=np.array([[1, 3, 2], [math.nan, 1, 2], [5, 5, 5], [1, math.inf, 2]], np.float32),
         targets=np.array([2, 1, 0, 0], kind), k=kind(2))

# Networks.
for dtype in FLOATS:
    name, close = dtype.name, SUMS[dtype]
    x = plain(dtype, 3, 5)
    case("Softmax", name, close, logits=x)
    # TensorFlow computes narrow floats step by step in their own precision.
    case("LogSoftmax", name, {tf.float16: 0.05, tf.bfloat16: 0.3}.get(dtype, close), logits=x)
    case("Softmax", f"{name}, three axes", close, logits=plain(dtype, 2, 2, 3))
    labels = np.abs(plain(dtype, 3, 5))
    labels = (labels / labels.sum(axis=1, keepdims=True)).astype(x.dtype)
    case("SoftmaxCrossEntropyWithLogits", name, close, features=x, labels=labels)
    case("SparseSoftmaxCrossEntropyWithLogits", name, close, features=x, labels=np.array([4, 0, 2], I))
    for adj in [(False, False), (True, False), (False, True), (True, True)]:
        a = np.abs(plain(dtype, 2, 1, 4, 3) if adj[0] else plain(dtype, 2, 1, 3, 4))
        b = np.abs(plain(dtype, 3, 5, 4) if adj[1] else plain(dtype, 3, 4, 5))
        case("BatchMatMulV2", f"{name} {adj}", close, {"adj_x": adj[0], "adj_y": adj[1]}, x=a, y=b)
    for padding, strides in [("SAME", 1), ("SAME", 2), ("VALID", 2)]:
        pools = {"ksize": [1, 3, 2, 1], "strides": [1, strides, strides, 1], "padding": padding}
        picture = np.abs(plain(dtype, 2, 5, 6, 2))
        case("AvgPool", f"{name} {padding}", close, pools, value=picture)
        pooled = tf.raw_ops.AvgPool(value=picture, **pools)
        case("AvgPoolGrad", f"{name} {padding}", close, pools, orig_input_shape=np.array([2, 5, 6, 2], I), grad=np.abs(plain(dtype, *pooled.shape)))
        attrs = {"strides": [1, strides, strides, 1], "padding": padding}
        for op, filters in [("Conv2D", (3, 2, 2, 4)), ("DepthwiseConv2dNative", (3, 2, 2, 2)), ("Conv2D", (3, 2, 1, 4))]:
            f = np.abs(plain(dtype, *filters))
            grouped = ", groups" if filters[2] == 1 else ""
            case(op, f"{name} {padding} {strides}{grouped}", close, attrs, input=picture, filter=f)
            try:
                given = np.abs(plain(dtype, *getattr(tf.raw_ops, op)(input=picture, filter=f, **attrs).shape))
            except tf.errors.OpError:
                continue
            case(op + "BackpropInput", f"{name} {padding} {strides}{grouped}", close, attrs, input_sizes=np.array(picture.shape, I), filter=f, out_backprop=given)
            case(op + "BackpropFilter", f"{name} {padding} {strides}{grouped}", close, attrs, input=picture, filter_sizes=np.array(filters, I), out_backprop=given)
for dtype in dtypes("Einsum"):
    compare = SUMS[dtype] if dtype in FLOATS else "bits"
    a = lambda *shape: np.abs(plain(dtype, *shape)) if dtype in FLOATS else plain(dtype, *shape)
    for equation, shapes in [("ij,jk->ki", [(2, 3), (3, 4)]), ("bij,bkj->bik", [(2, 2, 3), (2, 4, 3)]), ("ij->ji", [(2, 3)]),
                             ("ii->i", [(3, 3)]), ("ii->", [(3, 3)]), ("ijk->j", [(2, 3, 4)]), ("i,j->ij", [(3,), (4,)]),
                             ("...ij,...jk->...ik", [(2, 1, 2, 3), (5, 3, 2)]), ("abc,cd->bad", [(2, 3, 4), (4, 2)]), ("ij,ij->", [(2, 3), (2, 3)]),
                             ("ij,k->i", [(2, 3), (4,)])]:
        case("Einsum", f"{dtype.name} {equation}", compare, {"equation": equation}, inputs=[a(*s) for s in shapes])
for equation, shapes in [("ij,jk", [(2, 3), (3, 4)]), ("ij,jk->il", [(2, 3), (3, 4)]), ("ij,jk->ik", [(2, 3), (4, 4)]), ("ij->i", [(3,)]),
                         ("i,i,i->", [(3,), (3,), (3,)])]:
    case("Einsum", f"refused: {equation}", "bits", {"equation": equation}, inputs=[np.ones(s, np.float32) for s in shapes])
for dtype in [tf.float32, tf.float16, tf.bfloat16]:
    close = {tf.float32: 1e-4, tf.float16: 5e-3, tf.bfloat16: 3e-2}[dtype]
    picture = plain(dtype, 2, 3, 3, 4)
    v = lambda: np.abs(plain(tf.float32, 4)) + 0.5
    for data_format in ["NHWC", "NCHW"]:
        p = picture if data_format == "NHWC" else picture.transpose(0, 3, 1, 2).copy()
        for training, factor in [(True, 1.0), (True, 0.25), (False, 1.0)]:
            empty = training and factor == 1.0
            mean, variance = (np.zeros(0, np.float32), np.zeros(0, np.float32)) if empty else (v(), v())
            case("FusedBatchNormV3", f"{dtype.name} {data_format} {training} {factor}", close,
                 {"is_training": training, "exponential_avg_factor": factor, "data_format": data_format, "epsilon": 0.001},
                 ["y", "batch_mean", "batch_variance"] + (["reserve_space_1", "reserve_space_2", "reserve_space_3"] if training else []),
                 x=p, scale=v(), offset=v(), mean=mean, variance=variance)
        for training in [True, False]:
            mean = p.astype(np.float32).mean(axis=(0, 1, 2) if data_format == "NHWC" else (0, 2, 3))
            variance = p.astype(np.float32).var(axis=(0, 1, 2) if data_format == "NHWC" else (0, 2, 3))
            case("FusedBatchNormGradV3", f"{dtype.name} {data_format} {training}", close,
                 {"is_training": training, "data_format": data_format, "epsilon": 0.001},
                 y_backprop=plain(dtype, *p.shape), x=p, scale=v(), reserve_space_1=mean, reserve_space_2=variance, reserve_space_3=np.float32(0))
for dtype in [tf.float32, tf.float16]:
    case("LRN", dtype.name, SUMS[dtype], {"depth_radius": 1, "bias": 2.0, "alpha": 0.1, "beta": 0.75}, input=plain(dtype, 1, 2, 2, 5))

# Quantization.
for dtype in [tf.float32, tf.float64]:
    kind = dtype.as_numpy_dtype
    x = np.concatenate([numbers(dtype, 20), np.array([0.5, 1.5, -0.5, 2.5], kind) / kind(4)])
    for op in ["QuantizeAndDequantizeV2", "QuantizeAndDequantizeV4"]:
        for signed in [True, False]:
            for bits in [2, 8, 16]:
                for rounding in ["HALF_TO_EVEN", "HALF_UP"]:
                    attrs = {"signed_input": signed, "num_bits": bits, "range_given": True, "round_mode": rounding, "narrow_range": bits == 8}
                    case(op, f"{dtype.name} given", 1e-6, attrs, input=x, input_min=kind(-3 if signed else 0), input_max=kind(4.5))
                    finite = x[np.isfinite(x)]
                    case(op, f"{dtype.name} not given", 1e-6, {**attrs, "range_given": False}, input=finite, input_min=kind(0), input_max=kind(0))
        case(op, f"{dtype.name} not given, by axis", 1e-6, {"axis": 1, "num_bits": 4}, input=plain(dtype, 2, 3, 2), input_min=np.zeros(3, kind), input_max=np.zeros(3, kind))
        case(op, f"refused: {dtype.name}, ends the wrong way round", 1e-6, {"range_given": True}, input=x, input_min=kind(2), input_max=kind(1))
        case(op, f"refused: {dtype.name}, too many bits", 1e-6, {"range_given": True, "num_bits": 63}, input=x, input_min=kind(0), input_max=kind(1))
    case("QuantizeAndDequantizeV3", f"{dtype.name} not given", 1e-6, {"range_given": False}, input=x[np.isfinite(x)], input_min=kind(0), input_max=kind(0), num_bits=I(5))
    case("QuantizeAndDequantizeV4Grad", dtype.name, "bits", gradients=numbers(dtype, 24), input=x, input_min=kind(-1), input_max=kind(1.5))
    case("QuantizeAndDequantizeV4Grad", f"{dtype.name} by axis", "bits", {"axis": 1}, gradients=plain(dtype, 2, 3), input=plain(dtype, 2, 3),
         input_min=np.array([-1, -2, -3], kind), input_max=np.array([1, 0, 3], kind))

QUANTIZED = {tf.qint8: tf.int8, tf.quint8: tf.uint8, tf.qint16: tf.int16, tf.quint16: tf.uint16, tf.qint32: tf.int32}


def steps(note, x, low, high, dtype, attrs, dequantize):
    """QuantizeV2 and Dequantize; the numbers of steps stand as the whole numbers that they are."""
    back = {k: v for k, v in attrs.items() if k in ("mode", "narrow_range", "axis")}
    codes, minimum, maximum = tf.raw_ops.QuantizeV2(input=x, min_range=low, max_range=high, T=dtype, **attrs)
    whole = tf.bitcast(codes, QUANTIZED[dtype])
    cases.append({"op": "QuantizeV2", "note": note, "attrs": {**attrs, "T": dtype.name}, "compare": "bits",
                  "inputs": {"input": literal(tf.constant(x)), "min_range": literal(tf.constant(low)), "max_range": literal(tf.constant(high))},
                  "outputs": {"output": literal(whole), "output_min": literal(minimum), "output_max": literal(maximum)}})
    if dequantize:
        values = tf.raw_ops.Dequantize(input=codes, min_range=minimum, max_range=maximum, **back)
        cases.append({"op": "Dequantize", "note": note, "attrs": back, "compare": 1e-6,
                      "inputs": {"input": literal(whole), "min_range": literal(minimum), "max_range": literal(maximum)},
                      "outputs": {"output": literal(values)}})


for dtype in QUANTIZED:
    for mode in ["MIN_COMBINED", "MIN_FIRST", "SCALED"]:
        for low, high in [(-6.0, 6.0), (-1.0, 3.0), (0.5, 4.0), (-0.001, 0.001)]:
            if dtype == tf.qint32 and mode != "SCALED":
                continue  # numbers beyond 2^24 are rounded as the compiler pleases
            x = np.concatenate([np.linspace(low - 1, high + 1, 21), [0.0, -0.0, math.inf, -math.inf]]).astype(np.float32)
            if dtype == tf.qint32:
                x = x[np.abs(x) < 0.4 * max(-low, high)]
            for rounding in ["HALF_AWAY_FROM_ZERO"] + ["HALF_TO_EVEN"] * (mode == "SCALED"):
                attrs = {"mode": mode, "round_mode": rounding}
                try:
                    steps(f"{dtype.name} [{low}, {high}]", x, np.float32(low), np.float32(high), dtype, attrs, True)
                except (tf.errors.OpError, TypeError) as error:
                    print("not run: QuantizeV2", dtype.name, mode, str(error)[:90])
    if dtype in (tf.qint8, tf.quint8):
        x = (random.normal(size=(2, 3, 2)) * 3).astype(np.float32)
        low, high = np.array([-1, -2, 0], np.float32), np.array([1, 3, 5], np.float32)
        steps(f"{dtype.name} by axis", x, low, high, dtype, {"mode": "SCALED", "axis": 1, "round_mode": "HALF_TO_EVEN"}, True)
        if dtype == tf.qint8:
            steps("qint8 narrow", x, np.float32(-2), np.float32(2), dtype, {"mode": "SCALED", "narrow_range": True}, True)

# What is refused.
F = np.float32
for op, inputs, attrs in [
    ("GatherV2", dict(params=F([1, 2]), indices=[-1], axis=0), {}), ("GatherV2", dict(params=F([[1, 2]]), indices=[[0]], axis=0), {"batch_dims": 2}),
    ("GatherNd", dict(params=F([[1, 2]]), indices=[[0, 2]]), {}), ("GatherNd", dict(params=F([1, 2]), indices=[[0, 0]]), {}),
    ("ScatterNd", dict(indices=[[4]], updates=F([1]), shape=[4]), {}), ("ScatterNd", dict(indices=[[1]], updates=F([1, 2]), shape=[4]), {}),
    ("TensorScatterUpdate", dict(tensor=F([1, 2]), indices=[[2]], updates=F([1])), {}),
    ("SegmentSum", dict(data=F([1, 2]), segment_ids=[1, 0]), {}), ("SegmentSum", dict(data=F([1, 2]), segment_ids=[0]), {}),
    ("UnsortedSegmentSum", dict(data=F([1, 2]), segment_ids=[0, 3], num_segments=2), {}),
    ("Slice", dict(input=F([1, 2]), begin=[1], size=[2]), {}), ("Slice", dict(input=F([1, 2]), begin=[0], size=[-2]), {}),
    ("StridedSlice", dict(input=F([1, 2]), begin=[0], end=[1], strides=[0]), {}),
    ("StridedSlice", dict(input=F([1, 2]), begin=[2], end=[3], strides=[1]), {"shrink_axis_mask": 1}),
    ("StridedSlice", dict(input=F([1, 2]), begin=[0, 0], end=[1, 1], strides=[1, 1]), {}),
    ("Transpose", dict(x=F([[1, 2]]), perm=[0]), {}), ("Transpose", dict(x=F([[1, 2]]), perm=[0, 2]), {}),
    ("ReverseV2", dict(tensor=F([[1, 2]]), axis=[0, 0]), {}), ("ReverseV2", dict(tensor=F([[1, 2]]), axis=[2]), {}),
    ("BroadcastTo", dict(input=F([1, 2]), shape=[3]), {}), ("BroadcastTo", dict(input=F([1, 2]), shape=[-1]), {}),
    ("Tile", dict(input=F([1, 2]), multiples=[-1]), {}), ("Tile", dict(input=F([1, 2]), multiples=[1, 1]), {}),
    ("Pad", dict(input=F([1, 2]), paddings=[[-1, 0]]), {}), ("Pad", dict(input=F([1, 2]), paddings=[[0, 0], [0, 0]]), {}),
    ("MirrorPad", dict(input=F([1, 2]), paddings=[[2, 0]]), {"mode": "REFLECT"}), ("MirrorPad", dict(input=F([1, 2]), paddings=[[3, 0]]), {"mode": "SYMMETRIC"}),
    ("ExpandDims", dict(input=F([1, 2]), axis=3), {}), ("Squeeze", dict(input=F([[1, 2]])), {"axis": [1]}),
    ("SpaceToDepth", dict(input=np.zeros([1, 3, 2, 1], F)), {"block_size": 2}), ("DepthToSpace", dict(input=np.zeros([1, 2, 2, 3], F)), {"block_size": 2}),
    ("SpaceToBatchND", dict(input=np.zeros([1, 3, 1], F), block_shape=[2], paddings=[[0, 0]]), {}),
    ("BatchToSpaceND", dict(input=np.zeros([3, 2, 1], F), block_shape=[2], crops=[[0, 0]]), {}),
    ("BatchToSpaceND", dict(input=np.zeros([2, 1, 1], F), block_shape=[2], crops=[[2, 1]]), {}),
    ("TopKV2", dict(input=F([1, 2]), k=3), {}), ("TopKV2", dict(input=F([1, 2]), k=-1), {}), ("OneHot", dict(indices=[0], depth=-1, on_value=F(1), off_value=F(0)), {}),
    ("Bincount", dict(arr=[1, -1], size=3, weights=F([])), {}), ("HistogramFixedWidth", dict(values=F([1]), value_range=F([2, 1]), nbins=3), {}),
    ("InvertPermutation", dict(x=[0, 2]), {}), ("InvertPermutation", dict(x=[0, 0]), {}), ("Where", dict(condition=F(1)), {}),
    ("Conv2D", dict(input=np.zeros([1, 2, 2, 1], F), filter=np.zeros([3, 3, 1, 1], F)), {"strides": [1, 1, 1, 1], "padding": "VALID"}),
    ("Conv2D", dict(input=np.zeros([1, 2, 2, 1], F), filter=np.zeros([1, 1, 1, 1], F)), {"strides": [1, 0, 1, 1], "padding": "VALID"}),
    ("Conv2D", dict(input=np.zeros([1, 2, 2, 1], F), filter=np.zeros([1, 1, 1, 1], F)), {"strides": [2, 1, 1, 1], "padding": "VALID"}),
    ("Conv2DBackpropInput", dict(input_sizes=[1, 3, 3, 1], filter=np.zeros([2, 2, 1, 1], F), out_backprop=np.zeros([1, 3, 3, 1], F)), {"strides": [1, 1, 1, 1], "padding": "VALID"}),
    ("MaxPool", dict(input=np.zeros([1, 2, 2, 1], F)), {"ksize": [1, 3, 3, 1], "strides": [1, 1, 1, 1], "padding": "VALID"}),
    ("BatchMatMulV2", dict(x=np.zeros([2, 2, 3], F), y=np.zeros([3, 3, 2], F)), {}), ("BatchMatMulV2", dict(x=np.zeros([2, 3], F), y=np.zeros([2, 3], F)), {}),
    ("SparseSoftmaxCrossEntropyWithLogits", dict(features=F([[1, 2]]), labels=[0, 1]), {}),
    ("SoftmaxCrossEntropyWithLogits", dict(features=F([[1, 2]]), labels=F([[1, 2, 3]])), {}),
    ("FusedBatchNormV3", dict(x=np.zeros([1, 1, 1, 2], F), scale=F([1]), offset=F([1, 2]), mean=F([]), variance=F([])), {}),
    ("ResizeBilinear", dict(images=np.zeros([1, 1, 1, 1], F), size=[0, 1]), {}), ("MatrixBandPart", dict(input=F([1, 2]), num_lower=np.int64(0), num_upper=np.int64(0)), {}),
    ("MatrixDiagPart", dict(input=F([1, 2])), {}), ("DiagPart", dict(input=F([1, 2])), {}), ("DiagPart", dict(input=F([[1, 2, 3], [1, 2, 3]])), {}),
    ("Roll", dict(input=F([1, 2]), shift=[1], axis=[1]), {}), ("Roll", dict(input=F([1, 2]), shift=[1, 1], axis=[0]), {}), ("LRN", dict(input=F([1, 2])), {}),
    ("BiasAddGrad", dict(out_backprop=F([1, 2])), {}), ("Bitcast", dict(input=np.array([1, 2, 3], np.uint8)), {"type": tf.int32}),
    ("Softmax", dict(logits=F(1)), {}), ("Einsum", dict(inputs=[F([1, 2])]), {"equation": "i;j->i"}),
]:
    case(op, "refused", "bits", attrs, **{k: v if isinstance(v, np.ndarray) or op == "Einsum" else np.array(v, I) if not isinstance(v, np.generic) else v for k, v in inputs.items()})

for s0, s1 in [([2, 1], [1, 1]), ([2, 3], [3]), ([], [2]), ([2, 3], [2, 3]), ([0, 1], [1, 1]), ([1, 3], [3]), ([4, 1, 3], [2, 1]), ([2], [3])]:
    for dtype in (np.int32, np.int64):
        case("BroadcastGradientArgs", "", "bits", {}, s0=np.array(s0, dtype), s1=np.array(s1, dtype))

# What is not there is not multiplied: a filter's NaN goes only where it is laid.
for filter_ in ([1, math.nan], [math.inf, 1]):
    for padding in ("VALID", "SAME"):
        case("Conv2DBackpropInput", "special values", "bits", {"strides": [1, 1, 1, 1], "padding": padding},
             input_sizes=np.array([1, 3, 1, 1], np.int32), filter=np.array(filter_, np.float32).reshape(2, 1, 1, 1),
             out_backprop=np.ones([1, 2 if padding == "VALID" else 3, 1, 1], np.float32))

lines = ",\n".join(json.dumps(one) for one in cases)
text = f'{{"source": "TensorFlow {tf.__version__}, CPU, raw_ops, by make_library.py",\n"cases": [\n{lines}\n]}}\n'
pathlib.Path(__file__).with_name("library.json").write_text(text)
print(len(cases))
