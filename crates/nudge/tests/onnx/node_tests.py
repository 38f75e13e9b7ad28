#!/usr/bin/env python3
"""Runs ONNX's own node tests on pages: those whose operations Nudge covers are imported, run, and held against what ONNX
says they give. Prints how many pass, fail, and are not covered.

    pip install onnx
    python3 crates/nudge/tests/onnx/node_tests.py target/release/nudge [NAME-PART]
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor

import ml_dtypes
import numpy as np
import onnx
from onnx import numpy_helper

warnings.filterwarnings("ignore")
from onnx.backend.test.loader import load_model_tests  # noqa: E402

program, part = sys.argv[1], next((name for name in sys.argv[2:] if name != "-v"), "")
COVERED = {"float32", "float64", "float16", "bfloat16", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16",
           "uint32", "uint64"}  # fmt: skip


def stem(name):
    return re.sub("[^A-Za-z0-9]", "_", name)


def literal(array):
    array = np.asarray(array)
    plain = array.astype(np.float32) if array.dtype == ml_dtypes.bfloat16 else array

    def number(value):
        if isinstance(value, float) and not np.isfinite(value):
            return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        return value

    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": [number(v.item()) for v in plain.ravel()]}


def array(result):
    dtype = ml_dtypes.bfloat16 if result["dtype"] == "bfloat16" else np.dtype(result["dtype"])
    words = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}

    def number(value):
        return words.get(value, value) if isinstance(value, str) else value

    def flat(value):
        return [one for item in value for one in flat(item)] if isinstance(value, list) else [number(value)]

    return np.array(flat(result["data"]), dtype).reshape(result["shape"])


def data_sets(test):
    if test.data_sets:
        return test.data_sets
    folder = pathlib.Path(test.model_dir) / "test_data_set_0"

    def arrays(kind):
        paths = sorted(folder.glob(f"{kind}_*.pb"), key=lambda path: int(path.stem.split("_")[1]))
        return [numpy_helper.to_array(onnx.load_tensor(str(path))) for path in paths]

    return [(arrays("input"), arrays("output"))]


def told(test, folder):
    """Whether a test is not covered, or what is wrong with it."""
    model = test.model or onnx.load(str(pathlib.Path(test.model_dir) / "model.onnx"))
    path, page = folder / f"{test.name}.onnx", folder / f"{test.name}.json"
    onnx.save(model, str(path))
    imported = subprocess.run([program, "import", path, "-o", page], capture_output=True, text=True, check=False)
    if imported.returncode != 0:
        return "covered not", imported.stderr.strip()
    kept = [line for line in imported.stderr.splitlines() if "cannot run" in line]
    if kept:
        return "covered not", kept[0]
    for inputs, outputs in data_sets(test):
        arrays = [value for value in [*inputs, *outputs]]
        if not all(isinstance(value, (np.ndarray, np.generic)) and value.dtype.name in COVERED for value in arrays):
            return "covered not", "types"
        feeds, fetches = [], []
        for info, value in zip([i for i in model.graph.input], inputs):
            value = np.asarray(value)
            if value.dtype == ml_dtypes.bfloat16:
                given = json.dumps(literal(value))
            else:
                given = f"@{folder}/{test.name}.{stem(info.name)}.npy"
                np.save(given[1:], value)
            feeds += ["--feed", f"{stem(info.name)}.output={given}"]
        for info in model.graph.output:
            fetches += ["--fetch", f"{stem(info.name)}.output"]
        ran = subprocess.run(
            [program, "run", page, *feeds, *fetches, "--format", "json"], capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            return "failed", ran.stderr.strip()[:300]
        results = json.loads(ran.stdout)["results"]
        for info, wanted in zip(model.graph.output, outputs):
            found, wanted = array(results[f"{stem(info.name)}.output"]), np.asarray(wanted)
            if found.dtype != wanted.dtype or found.shape != wanted.shape:
                return "failed", f"{info.name}: {found.dtype}{found.shape}, not {wanted.dtype}{wanted.shape}"
            # ONNX's own tolerance; of types of 16 bits two of their steps, since sums are taken in another order.
            steps = {"float16": 2**-9, "bfloat16": 2**-6}.get(wanted.dtype.name, 0)
            rtol, atol = max(test.rtol, 1e-3, steps), max(test.atol, 1e-7)
            try:
                np.testing.assert_allclose(found.astype(np.float64), wanted.astype(np.float64), rtol=rtol, atol=atol)
            except AssertionError as error:
                return "failed", f"{info.name}: {' '.join(str(error).split())[:300]}"
    return "passed", ""


def main():
    tests = [test for test in load_model_tests(kind="node") if part in test.name]
    counts, why = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with ThreadPoolExecutor(2) as pool:
            for test, (outcome, line) in zip(tests, pool.map(lambda test: told(test, folder), tests)):
                counts[outcome] += 1
                if outcome == "failed":
                    print(f"{test.name}: {line}")
                if outcome == "covered not":
                    why[re.sub(r"^note: \S+: ", "", line).split(":")[0]] += 1
    if part or "-v" in sys.argv:
        for line, count in why.most_common(200):
            print(f"{count:4} {line}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['covered not']} of operations that are not covered")
    sys.exit(counts["failed"] > 0)


main()
