#!/usr/bin/env python3
"""Makes onnx_quantization.json: QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear by ONNX's reference, those of
its own node tests whose types are covered, and cases of all types and shapes of scales.

    pip install onnx
    python3 assets/golden/make_onnx_quantization.py
"""

import json
import pathlib

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPS = {
    "QuantizeLinear": (["x", "y_scale", "y_zero_point"], ["output"]),
    "DequantizeLinear": (["x", "x_scale", "x_zero_point"], ["output"]),
    "DynamicQuantizeLinear": (["x"], ["y", "y_scale", "y_zero_point"]),
}
NAMES = {
    TensorProto.FLOAT: "float32", TensorProto.FLOAT16: "float16", TensorProto.BFLOAT16: "bfloat16",
    TensorProto.UINT8: "uint8", TensorProto.INT8: "int8", TensorProto.UINT16: "uint16", TensorProto.INT16: "int16",
}  # fmt: skip
COVERED = {*NAMES.values(), "int32"}
random = np.random.default_rng(25)


def literal(array):
    array = np.asarray(array)
    plain = array.astype(np.float32) if array.dtype == ml_dtypes.bfloat16 else array
    named = {np.inf: "Infinity", -np.inf: "-Infinity"}

    def number(v):
        return "NaN" if v != v else named.get(v, v)

    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "data": [number(v.item()) for v in plain.ravel()],
    }


def case(op, inputs, **attrs):
    names, outputs = OPS[op]
    named = [(name, np.asarray(array)) for name, array in zip(names, inputs) if array is not None]
    if any(array.dtype.name not in COVERED for _, array in named):
        return None
    node = helper.make_node(op, [name for name, _ in named], [f"out_{name}" for name in outputs], **attrs)
    found = run(node, named, outputs)
    if any(array.dtype.name not in COVERED for array in found):
        return None
    attrs = {k: NAMES[v] if k in ("output_dtype", "precision") else v for k, v in attrs.items() if k != "saturate"}
    return {
        "op": op,
        "attrs": attrs,
        "inputs": {name: literal(array) for name, array in named},
        "outputs": {name: literal(array) for name, array in zip(outputs, found)},
    }


def run(node, named, outputs):
    def info(name, array):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), list(array.shape))

    graph = helper.make_graph(
        [node],
        "case",
        [info(name, array) for name, array in named],
        [helper.make_value_info(f"out_{name}", onnx.TypeProto()) for name in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)])
    with np.errstate(all="ignore"):
        return ReferenceEvaluator(model).run(None, dict(named))


def node_tests():
    """ONNX's own node tests."""
    from onnx.backend.test.loader import load_model_tests

    for test in load_model_tests(kind="node"):
        model = test.model or onnx.load(str(pathlib.Path(test.model_dir) / "model.onnx"))
        node = model.graph.node[0]
        if len(model.graph.node) != 1 or node.op_type not in OPS:
            continue
        folder = pathlib.Path(test.model_dir) / "test_data_set_0" if test.model_dir else None
        for inputs, outputs in test.data_sets or [read(folder)]:
            names, ports = OPS[node.op_type]
            arrays = [*inputs, *outputs]
            attrs = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            wanted = [attrs.get("output_dtype"), attrs.get("precision")]
            if any(np.asarray(a).dtype.name not in COVERED for a in arrays) or any(w and w not in NAMES for w in wanted):
                continue
            attrs = {k: NAMES[v] if k in ("output_dtype", "precision") else v for k, v in attrs.items() if k != "saturate"}
            yield {
                "op": node.op_type,
                "attrs": attrs,
                "inputs": {name: literal(array) for name, array in zip(names, inputs)},
                "outputs": {name: literal(array) for name, array in zip(ports, outputs)},
            }


def read(folder):
    def arrays(kind):
        paths = sorted(folder.glob(f"{kind}_*.pb"), key=lambda path: int(path.stem.split("_")[1]))
        return [numpy_helper.to_array(onnx.load_tensor(str(path))) for path in paths]

    return arrays("input"), arrays("output")


def scales(shape, dtype):
    return (np.abs(random.normal(size=shape)) * 0.2 + 0.01).astype(dtype)


def made():
    floats = [np.float32, np.float16, ml_dtypes.bfloat16]
    steps = [np.uint8, np.int8, np.uint16, np.int16]
    shapes = [([7], [], {}), ([3, 5], [5], {"axis": -1}), ([2, 3, 4], [3], {}), ([3, 7], [3, 3], {"block_size": 3}),
              ([5, 2, 3], [3, 2, 3], {"axis": 0, "block_size": 2}), ([0, 3], [3], {}), ([2, 3], [1], {})]  # fmt: skip
    for shape, own, attrs in shapes:
        for step in steps:
            ends = np.iinfo(step)
            zero = random.integers(ends.min, ends.max, own, endpoint=True).astype(step)
            near = random.integers(-3, 3, own).astype(step) if ends.min < 0 else random.integers(0, 3, own).astype(step)
            for dtype in floats:
                # Some are beyond the range, some halfway between two steps.
                x = (random.normal(size=shape) * 20).astype(dtype)
                scale = scales(own, dtype)
                yield case("QuantizeLinear", [x, scale, zero], **attrs)
                yield case("QuantizeLinear", [x, scale, near], **attrs)
                x = random.integers(ends.min, ends.max, shape, endpoint=True).astype(step)
                yield case("DequantizeLinear", [x, scale, zero], **attrs)
                yield case("DequantizeLinear", [x, scale], **attrs)
    halves = (np.arange(-9, 10) * 0.5).astype(np.float32)
    odd = np.array([np.nan, -np.inf, 1e30, -1e30, 0.0, -0.0], np.float32)
    for step in NAMES:
        if step in (TensorProto.UINT8, TensorProto.INT8, TensorProto.UINT16, TensorProto.INT16):
            yield case("QuantizeLinear", [halves, np.float32(1.0)], output_dtype=step)
            # What is too large for int32 NumPy makes the least int32; ONNX says that it saturates.
            yield case("QuantizeLinear", [odd[[0, 1, 3, 4, 5]], np.float32(0.5)], output_dtype=step)
    x = (random.normal(size=40) * 100).astype(np.float32)
    yield case("QuantizeLinear", [x, np.float32(0.37)])
    yield case("QuantizeLinear", [x, np.float32(0.37)], precision=TensorProto.FLOAT16)
    yield case("QuantizeLinear", [x, np.float32(0.37)], precision=TensorProto.BFLOAT16)
    yield case("QuantizeLinear", [np.arange(-300, 300, 37, np.int32), np.float32(1.5), np.int8(3)])
    whole = random.integers(-(2**31), 2**31, 20).astype(np.int32)
    yield case("DequantizeLinear", [whole, np.float32(1e-6)])
    yield case("DequantizeLinear", [whole[:3], np.float32(1e-6)], output_dtype=TensorProto.FLOAT16)
    for x in [x, np.abs(x), -np.abs(x), np.zeros([2, 3], np.float32), np.float32(3.0), np.float32(-3.0), halves]:
        yield case("DynamicQuantizeLinear", [x])
    for scale in range(20):
        yield case("DynamicQuantizeLinear", [(random.normal(size=[3, 4]) * 2.0 ** (scale - 10)).astype(np.float32)])


def main():
    cases = [one for one in [*node_tests(), *made()] if one]
    lines = ",\n".join(json.dumps(one) for one in cases)
    path = pathlib.Path(__file__).resolve().parent / "onnx_quantization.json"
    path.write_text(f'{{"cases": [\n{lines}\n]}}\n')
    counts = {op: sum(case["op"] == op for case in cases) for op in OPS}
    print(counts)


main()
