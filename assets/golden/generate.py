#!/usr/bin/env python3
"""Computes the expected results of the golden cases again with TensorFlow, for whoever has it installed.

    pip install tensorflow-cpu
    python3 assets/golden/generate.py            # compares, and says which cases differ
    python3 assets/golden/generate.py --write    # writes what TensorFlow gives into the files

Each case holds an operation, its attributes and its inputs; TensorFlow's raw operation of that name, run on the CPU,
gives the outputs, or the error that makes the case a refusal. Two refusals are not run: there TensorFlow aborts.
"""

import argparse
import json
import math
import pathlib
import sys

import numpy as np
import tensorflow as tf

FOLDER = pathlib.Path(__file__).parent
FILES = [
    "fake_quant.json",
    "fake_quant_division.json",
    "ops.json",
    "edges.json",
    "narrow_ranges.json",
    "shapes.json",
]
DTYPES = {"float32", "float64", "int32", "int64", "bool"}
LISTS = {"ConcatV2", "Pack"}  # operations that take a list of tensors


def number(value):
    return float(value) if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity") else value


def tensor(literal):
    data = [number(v) for v in literal["data"]]
    return tf.constant(np.array(data, dtype=literal["dtype"]).reshape(literal["shape"]))


def supported(case):
    literals = [v for v in (case["inputs"] | case.get("outputs", {})).values()]
    plain = all(isinstance(v, dict) and v["dtype"] in DTYPES for v in literals)
    return plain and case["op"] not in LISTS and "aborts" not in case.get("error", "")


def literal(result):
    array = result.numpy()

    def element(v):
        v = v.item()
        if isinstance(v, float) and not math.isfinite(v):
            return "NaN" if math.isnan(v) else ("Infinity" if v > 0 else "-Infinity")
        return v

    return {"dtype": result.dtype.name, "shape": list(array.shape), "data": [element(v) for v in array.ravel()]}


def compute(case):
    """The outputs by name, or the message of the refusal."""
    inputs = {name: tensor(value) for name, value in case["inputs"].items() if isinstance(value, dict)}
    operation = getattr(tf.raw_ops, case["op"])
    try:
        result = operation(**inputs, **case["attrs"])
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return None, str(error).splitlines()[0]
    names = list(case.get("outputs", {"output": None}))
    results = list(result) if isinstance(result, (tuple, list)) else [result]
    return {name: literal(value) for name, value in zip(names, results)}, None


def same(a, b, tolerance):
    if a["shape"] != b["shape"] or a["dtype"] != b["dtype"]:
        return False
    for x, y in zip(a["data"], b["data"]):
        x, y = number(x), number(y)
        if isinstance(x, float) and isinstance(y, float):
            if math.isnan(x) and math.isnan(y):
                continue
            if x == y and math.copysign(1, x) == math.copysign(1, y):
                continue
            if tolerance and math.isfinite(x) and abs(x - y) <= 1e-6 + tolerance * abs(y):
                continue
            return False
        if x != y:
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write what TensorFlow gives into the files")
    write = parser.parse_args().write
    differ = skipped = 0
    for name in FILES:
        path = FOLDER / name
        document = json.loads(path.read_text())
        for case in document["cases"]:
            if not supported(case):
                skipped += 1
                continue
            outputs, error = compute(case)
            compare = case.get("compare", "bits")
            tolerance = compare if isinstance(compare, float) else 0.0
            if "error" in case:
                fine = error is not None
            else:
                sums = ("backprop_wrt_min", "backprop_wrt_max")
                fine = outputs is not None and all(
                    same(outputs[port], value, 1e-5 if port in sums else tolerance)
                    for port, value in case["outputs"].items()
                )
            if not fine:
                differ += 1
                print(f"{name}: {case['op']} ({case['note']}) {case['attrs']}: {error or 'other results'}")
            if write and outputs is not None:
                case["outputs"] = outputs
        if write:
            lines = ",\n".join("  " + json.dumps(case) for case in document["cases"])
            head = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in document.items() if k != "cases")
            path.write_text(f'{{\n{head},\n "cases": [\n{lines}\n ]\n}}\n')
    print(f"TensorFlow {tf.__version__}: {differ} cases differ, {skipped} were not run")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
