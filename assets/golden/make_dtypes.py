#!/usr/bin/env python3
"""Makes dtypes.json: what TensorFlow computes with every data type, and from every one to every other.

    pip install tensorflow-cpu
    python3 assets/golden/make_dtypes.py

Operations that TensorFlow has no kernel for are left out. Numbers of narrow floats stand as the doubles that they are.
"""

import json
import math
import pathlib

import numpy as np
import tensorflow as tf

random = np.random.default_rng(14)
FLOATS = [tf.float32, tf.float64, tf.float16, tf.bfloat16]
SIGNED = [tf.int8, tf.int16, tf.int32, tf.int64]
UNSIGNED = [tf.uint8, tf.uint16, tf.uint32, tf.uint64]
NUMBERS = FLOATS + SIGNED + UNSIGNED
ALL = NUMBERS + [tf.bool]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 6.0, -6.0, 7.0, 1.5, 2.5, math.nan, math.inf, -math.inf]
cases = []


def numbers(dtype, count, special=True):
    if dtype == tf.bool:
        return random.random(count) < 0.5
    if dtype in FLOATS:
        values = random.normal(size=count) * 4
        if special:
            values[: len(SPECIAL)] = SPECIAL[:count]
            values[len(SPECIAL) :: 5] *= 1000
        return values.astype(dtype.as_numpy_dtype)
    low, high = dtype.min, dtype.max
    values = [int(v) for v in random.integers(max(low, -100), min(high, 100), count, endpoint=True)]
    if special:
        values[:6] = [low, high, 0, 1, high - 1, low + 1]
    return np.array(values, dtype=dtype.as_numpy_dtype)


def literal(tensor):
    array = tensor.numpy()

    def element(v):
        v = float(v) if tensor.dtype in FLOATS else v.item()
        if isinstance(v, float) and not math.isfinite(v):
            return "NaN" if math.isnan(v) else ("Infinity" if v > 0 else "-Infinity")
        return v

    return {"dtype": tensor.dtype.name, "shape": list(array.shape), "data": [element(v) for v in array.ravel()]}


def case(op, note, compare, outputs, attrs=None, **inputs):
    attrs = attrs or {}
    tensors = {k: [tf.constant(x) for x in v] if isinstance(v, list) else tf.constant(v) for k, v in inputs.items()}
    try:
        result = getattr(tf.raw_ops, op)(**tensors, **attrs)
    except (tf.errors.NotFoundError, tf.errors.UnimplementedError, tf.errors.InvalidArgumentError, TypeError):
        return
    results = list(result) if isinstance(result, (list, tuple)) else [result]
    named = {}
    for name, tensor in tensors.items():
        for item, one in enumerate(tensor) if isinstance(tensor, list) else [(None, tensor)]:
            named[name if item is None else f"{name}[{item}]"] = literal(one)
    written = {k: v.name if isinstance(v, tf.DType) else v for k, v in attrs.items()}
    cases.append({"op": op, "note": note, "attrs": written, "compare": compare, "inputs": named,
                  "outputs": dict(zip(outputs, map(literal, results)))})


for dtype in NUMBERS:
    name, narrow = dtype.name, dtype in (tf.float16, tf.bfloat16)
    x, y = numbers(dtype, 24), numbers(dtype, 24)[::-1].copy()
    for op in ["AddV2", "Sub", "Mul"]:
        case(op, name, "bits", ["z"], x=x, y=y)
        case(op, f"{name}, broadcast", "bits", ["z"], x=x.reshape(4, 6), y=y[:6])
    case("Square", name, "bits", ["y"], x=x)
    case("Relu6", name, "bits", ["activations"], features=x)
    case("Relu6Grad", name, "bits", ["backprops"], gradients=y, features=x)
    case("ClipByValue", name, "bits", ["output"], t=x, clip_value_min=np.array(1).astype(x.dtype),
         clip_value_max=np.array(3).astype(x.dtype))
    case("ClipByValue", f"{name}, bounds for each", "bits", ["output"], t=x, clip_value_min=numbers(dtype, 24, False),
         clip_value_max=numbers(dtype, 24, False))
    small = numbers(dtype, 24, False).reshape(4, 6)
    if narrow:
        # What cancels out is another number in another order.
        small = np.abs(small)
    tolerance = 1e-2 if dtype == tf.bfloat16 else 2e-3 if dtype == tf.float16 else 1e-5 if dtype == tf.float32 else "bits"
    for op in ["Sum", "Mean", "Max", "Min"]:
        for axis in [[0], [1], [0, 1]]:
            rounded = tolerance if op in ("Sum", "Mean") else "bits"
            case(op, f"{name} over {axis}", 1e-12 if dtype == tf.float64 and rounded == "bits" and op in ("Sum", "Mean") else rounded,
                 ["output"], input=small, axis=np.array(axis, np.int32))
    close = "bits" if dtype not in FLOATS else {tf.float64: 1e-12}.get(dtype, tolerance)
    case("MatMul", name, close, ["product"], a=small, b=small.reshape(-1)[:18].reshape(6, 3))
    case("AddN", name, close, ["sum"], inputs=[small, small[::-1].copy(), small])
for dtype in ALL:
    name, x = dtype.name, numbers(dtype, 24)
    case("SelectV2", name, "bits", ["output"], condition=random.random((4, 1)) < 0.5, t=x.reshape(4, 6), e=x[:6])
    case("ConcatV2", name, "bits", ["output"], values=[x.reshape(4, 6), x[:8].reshape(4, 2)], axis=np.int32(-1))
    case("Pack", name, "bits", ["output"], {"axis": 1}, values=[x[:6], x[6:12]])
    case("Unpack", name, "bits", [f"output[{i}]" for i in range(4)], {"num": 4, "axis": 0}, value=x.reshape(4, 6))
    case("Split", name, "bits", [f"output[{i}]" for i in range(3)], {"num_split": 3}, axis=np.int32(1), value=x.reshape(4, 6))
    case("SplitV", name, "bits", ["output[0]", "output[1]"], {"num_split": 2}, value=x.reshape(4, 6),
         size_splits=np.array([1, -1], np.int64), axis=np.int32(0))
    case("Reshape", name, "bits", ["output"], tensor=x, shape=np.array([2, -1, 3], np.int64))
    case("Fill", name, "bits", ["output"], dims=np.array([2, 3], np.int64), value=x[3])
    case("Identity", name, "bits", ["output"], input=x)
    case("IdentityN", f"{name} and int32", "bits", ["output[0]", "output[1]"], input=[x, np.arange(3, dtype=np.int32)])
    case("Shape", name, "bits", ["output"], {"out_type": tf.int64}, input=x.reshape(4, 6))
    case("ShapeN", name, "bits", ["output[0]", "output[1]"], {"out_type": tf.int32}, input=[x, x.reshape(4, 6)])
    for to in ALL:
        values = x
        if dtype in FLOATS and to not in FLOATS and to != tf.bool:
            # What does not fit depends on the processor.
            fits = np.isfinite(x.astype(np.float64)) & (x.astype(np.float64) > (to.min or -1)) & (x.astype(np.float64) < to.max)
            values = x[fits]
        case("Cast", f"{name} to {to.name}", "bits", ["y"], {"DstT": to, "Truncate": False}, x=values)

lines = ",\n".join(json.dumps(one) for one in cases)
text = f'{{"source": "TensorFlow {tf.__version__}, CPU, raw_ops, by make_dtypes.py",\n"cases": [\n{lines}\n]}}\n'
pathlib.Path(__file__).with_name("dtypes.json").write_text(text)
print(len(cases))
