#!/usr/bin/env python3
"""Makes dequantize.json: Dequantize over random ranges and steps of every type and mode, computed by TensorFlow.

    pip install tensorflow-cpu
    python3 assets/golden/make_dequantize.py
"""

import json
import os
import pathlib

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

random = np.random.default_rng(19)
TYPES = [
    ("int8", tf.qint8),
    ("uint8", tf.quint8),
    ("int16", tf.qint16),
    ("uint16", tf.quint16),
    ("int32", tf.qint32),
]


def literal(array):
    array = np.asarray(array)
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": [v.item() for v in array.ravel()]}


def case(name, quantized, mode):
    ends = np.iinfo(name)
    low = np.float32(random.normal() * 3 - 1)
    high = np.float32(low + abs(random.normal()) * 5 + 0.01)
    steps = random.integers(ends.min, ends.max, 12, endpoint=True, dtype=np.int64).astype(name)
    # The greatest int32 is beyond int32 once it is a float32: with SCALED TensorFlow's processor turns its sign.
    steps[:2] = ends.min, ends.max if name != "int32" else 2**30
    found = tf.raw_ops.Dequantize(
        input=tf.bitcast(tf.constant(steps), quantized), min_range=low, max_range=high, mode=mode
    ).numpy()
    return {
        "op": "Dequantize",
        "attrs": {"mode": mode},
        "inputs": {"input": literal(steps), "min_range": literal(low), "max_range": literal(high)},
        "outputs": {"output": literal(found)},
    }


def main():
    modes = ["MIN_COMBINED", "MIN_FIRST", "SCALED"]
    cases = [case(name, ty, mode) for name, ty in TYPES for mode in modes for _ in range(6)]
    lines = ",\n".join(json.dumps(one) for one in cases)
    path = pathlib.Path(__file__).resolve().parent / "dequantize.json"
    path.write_text(f'{{"cases": [\n{lines}\n]}}\n')


main()
