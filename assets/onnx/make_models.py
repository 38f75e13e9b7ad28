#!/usr/bin/env python3
"""Makes the models of this folder and results.json: what ONNX's reference makes of them.

    pip install onnx
    python3 assets/onnx/make_models.py
"""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

folder = pathlib.Path(__file__).resolve().parent
random = np.random.default_rng(7)
node = helper.make_node


def weights(name, *shape, dtype=np.float32):
    return numpy_helper.from_array((random.normal(size=shape) * 0.5).astype(dtype), name)


def model(name, nodes, inputs, outputs, initializers, opset=21):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    onnx.checker.check_model(made)
    onnx.save(made, str(folder / f"{name}.onnx"))
    return made


def info(name, shape, dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def network():
    """Pictures with any batch: layouts, pads, groups, constants, shapes that a run tells."""
    ints = numpy_helper.from_array
    return model(
        "network",
        [
            node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1, 0, 1, 2], strides=[2, 1], name="first/conv"),
            node("BatchNormalization", ["c1", "s", "b", "m", "v"], ["n1"], epsilon=1e-3),
            node("Clip", ["n1", "zero", "six"], ["r1"]),
            node("Conv", ["r1", "w2"], ["c2"], group=4, kernel_shape=[3, 3], auto_pad="SAME_UPPER"),
            node("LeakyRelu", ["c2"], ["r2"]),
            node("MaxPool", ["r2"], ["p1"], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 1, 0, 0]),
            node("GlobalAveragePool", ["p1"], ["g"]),
            node("Shape", ["g"], ["shape"]),
            node("Gather", ["shape", "first"], ["batch"]),
            node("Concat", ["batch", "rest"], ["flat"], axis=0),
            node("Reshape", ["g", "flat"], ["f"]),
            node("Gemm", ["f", "w3", "b3"], ["logits"], transB=1, alpha=0.5),
            node("Softmax", ["logits"], ["y"], axis=-1),
            node("Slice", ["r2", "starts", "ends", "axes", "steps"], ["part"]),
        ],
        [info("x", ["batch", 3, 8, 6])],
        [info("y", ["batch", 5]), info("part", ["batch", 8, "h", "w"])],
        [
            weights("w1", 4, 3, 3, 3), weights("b1", 4), weights("s", 4), weights("b", 4), weights("m", 4),
            ints(np.abs(random.normal(size=4)).astype(np.float32), "v"), ints(np.float32(0), "zero"),
            ints(np.float32(6), "six"), weights("w2", 8, 1, 3, 3), weights("w3", 5, 8), weights("b3", 5),
            ints(np.array([0], np.int64), "first"), ints(np.array([-1], np.int64), "rest"),
            ints(np.array([-1, 0], np.int64), "starts"), ints(np.array([-(2**31), 2**31 - 1], np.int64), "ends"),
            ints(np.array([2, 3], np.int64), "axes"), ints(np.array([-1, 2], np.int64), "steps"),
        ],
    )  # fmt: skip


def quantized():
    """A layer as quantizers write it: per tensor, per axis, in blocks, and by itself."""
    def steps(name, *shape):
        return numpy_helper.from_array(random.integers(-128, 128, shape).astype(np.int8), name)

    return model(
        "quantized",
        [
            node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
            node("DequantizeLinear", ["xq", "xs", "xz"], ["xd"]),
            node("DequantizeLinear", ["wq", "ws"], ["wd"], axis=0, block_size=2),
            node("MatMul", ["xd", "wd"], ["p"]),
            node("DequantizeLinear", ["bq", "bs"], ["bd"], axis=0),
            node("Add", ["p", "bd"], ["y"]),
            node("DynamicQuantizeLinear", ["y"], ["yq", "ys", "yz"]),
            node("MatMulInteger", ["yq", "iq", "yz"], ["whole"]),
        ],
        [info("x", [3, 4])],
        [info("y", [3, 5]), info("yq", [3, 5], TensorProto.UINT8), info("ys", []),
         info("whole", [3, 2], TensorProto.INT32)],
        [
            numpy_helper.from_array(np.float32(0.04), "xs"), numpy_helper.from_array(np.uint8(120), "xz"),
            steps("wq", 4, 5), numpy_helper.from_array(np.abs(random.normal(size=[2, 5]) * 0.01).astype(np.float32), "ws"),
            numpy_helper.from_array(random.integers(-1000, 1000, 5).astype(np.int32), "bq"),
            numpy_helper.from_array(np.abs(random.normal(size=5) * 1e-3).astype(np.float32), "bs"), steps("iq", 5, 2),
        ],
    )  # fmt: skip


def kept():
    """Operations that no block stands for, between others."""
    return model(
        "kept",
        [
            node("Relu", ["x"], ["r"]),
            node("Trilu", ["r"], ["t"], upper=0, name="lower/part"),
            node("Exp", ["t"], ["e"]),
            node("Sqrt", ["r"], ["y"]),
        ],
        [info("x", [3, 3])],
        [info("e", [3, 3]), info("y", [3, 3])],
        [],
    )


def literal(array):
    array = np.asarray(array)
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": [v.item() for v in array.ravel()]}


def main():
    results = {}
    for make, shape in [(network, [2, 3, 8, 6]), (quantized, [3, 4]), (kept, [3, 3])]:
        made, x = make(), random.normal(size=shape).astype(np.float32)
        found = ReferenceEvaluator(made).run(None, {"x": x})
        names = [output.name for output in made.graph.output]
        results[make.__name__] = {"x": literal(x), "outputs": {n: literal(a) for n, a in zip(names, found)}}
    (folder / "results.json").write_text(json.dumps(results) + "\n")


main()
