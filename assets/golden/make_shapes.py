#!/usr/bin/env python3
"""Makes shapes.json: which elements go where in folds, broadcasts and channels, computed by TensorFlow.

    pip install tensorflow-cpu
    python3 assets/golden/make_shapes.py

Random shapes of rank 0 to 6 with many axes of length 1 and some of length 0; every kind of set of axes, negative ones and
any order included. Elements are small whole numbers, so that sums are exact in every order.
"""

import json
import pathlib

import numpy as np
import tensorflow as tf

random = np.random.default_rng(12)


def shape(most, rank=None):
    dims = []
    for _ in range(random.integers(0, 7) if rank is None else rank):
        dim = int(random.choice([0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 7, 40]))
        dims.append(dim if max(1, int(np.prod([d for d in dims if d]))) * dim <= most else 1)
    return [int(d) for d in random.permutation(dims)] if dims else []


def elements(dims, dtype):
    return random.integers(-50, 51, size=dims).astype(dtype)


def literal(array):
    array = np.asarray(array)

    def one(v):
        v = v.item()
        if isinstance(v, float) and not np.isfinite(v):
            return "NaN" if np.isnan(v) else ("Infinity" if v > 0 else "-Infinity")
        return v

    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": [one(v) for v in array.ravel()]}


def case(op, note, attrs, inputs, compare="bits"):
    result = getattr(tf.raw_ops, op)(**{k: tf.constant(v) for k, v in inputs.items()}, **attrs)
    outputs = {"output": literal(result.numpy())}
    written = {k: literal(v) for k, v in inputs.items()}
    return {"op": op, "note": note, "attrs": attrs, "compare": compare, "inputs": written, "outputs": outputs}


def reductions():
    for number in range(220):
        op = ["Sum", "Mean", "Max", "Min"][number % 4]
        dtype = ["float32", "float64", "int32", "int64"][number // 4 % 4]
        dims = shape(120)
        chosen = [a for a in range(len(dims)) if random.random() < 0.5]
        axes = [int(a - len(dims)) if random.random() < 0.5 else a for a in random.permutation(chosen)]
        if op == "Mean" and 0 in dims and "int" in dtype:
            continue  # the mean of no integers is refused here; TensorFlow gives 0
        axis = np.array(axes, dtype="int32").reshape([len(axes)])
        if len(axes) == 1 and random.random() < 0.4:
            axis = np.array(int(axes[0]), dtype="int32")
        attrs = {"keep_dims": bool(random.random() < 0.5)}
        compare = 2e-6 if op == "Mean" and "float" in dtype else "bits"
        yield case(op, f"{dtype} {dims} over {axes}", attrs, {"input": elements(dims, dtype), "axis": axis}, compare)


def broadcasts():
    for number in range(90):
        op = ["AddV2", "Sub", "Mul"][number % 3]
        dtype = ["float32", "float64", "int32", "int64"][number // 3 % 4]
        dims = shape(120)
        pair = []
        for _ in range(2):
            own = [d if random.random() < 0.6 else 1 for d in dims]
            pair.append(own[random.integers(0, len(own) + 1):] if random.random() < 0.4 else own)
        inputs = {"x": elements(pair[0], dtype), "y": elements(pair[1], dtype)}
        yield case(op, f"{dtype} {pair[0]} with {pair[1]}", {}, inputs)


def channels():
    for _ in range(30):
        dims = shape(60, random.integers(0, 4)) + [int(random.integers(1, 6))]
        width = dims[-1]
        inputs = {
            "inputs": (elements(dims, "float32") / np.float32(8)).astype("float32"),
            "min": -np.arange(1, width + 1, dtype="float32"),
            "max": np.arange(1, width + 1, dtype="float32") * np.float32(1.5),
        }
        attrs = {"num_bits": 8, "narrow_range": False}
        yield case("FakeQuantWithMinMaxVarsPerChannel", f"{dims}", attrs, inputs)


def overflows():
    """Whole numbers at the ends of their type: int32 means are summed as int64, all else wraps around."""
    for number in range(48):
        op = ["Sum", "Mean", "Max", "Min"][number % 4]
        dtype = ["int32", "int64"][number // 4 % 2]
        info = np.iinfo(dtype)
        ends = [info.min, info.min + 1, info.max, info.max - 1, info.max // 2, -1, 0, 7]
        dims = [int(random.integers(1, 5)) for _ in range(random.integers(1, 4))]
        axes = [a for a in range(len(dims)) if random.random() < 0.7]
        values = random.choice(np.array(ends, dtype), size=dims)
        inputs = {"input": values, "axis": np.array(axes, dtype="int32").reshape([len(axes)])}
        yield case(op, f"{dtype} {dims} over {axes}, ends of the type", {"keep_dims": False}, inputs)


def main():
    cases = [*reductions(), *broadcasts(), *channels(), *overflows()]
    head = {
        "source": f"TensorFlow {tf.__version__}, CPU, raw_ops, by make_shapes.py; data in row-major order",
        "compare": "per case: bits, or a relative tolerance with absolute tolerance 1e-6",
    }
    lines = ",\n".join("  " + json.dumps(c) for c in cases)
    text = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in head.items())
    path = pathlib.Path(__file__).parent / "shapes.json"
    path.write_text(f'{{\n{text},\n "cases": [\n{lines}\n ]\n}}\n')
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
