#!/usr/bin/env python3
"""Makes numpy_prints.json: random arrays of all types and how NumPy prints them.

    pip install numpy
    python3 assets/golden/make_numpy_prints.py

A case is [type, shape, bytes, text]: the elements in little-endian hexadecimal, row-major, and `str` of the array.
"""

import json
import pathlib

import numpy as np

random = np.random.default_rng(13)
CASES = 3000
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0]
EDGES = [0.0001, 9.9999e-5, 1e-4 / 3, 999.9999, 1000.0, 1001.0, 999999.0, 1e6, 999999.9, 1e8, 99999999.0, 12345678.5,
         45131.8125, 0.5, 2.5, 0.125, 0.000000005, 1e-8, 3.3e-7, 1e-45, 1e38, 123456.789]


def shape():
    rank = int(random.choice([0, 1, 1, 1, 1, 2, 2, 3, 4]))
    if random.random() < 0.01:
        return [int(random.integers(1001, 2000))]
    if random.random() < 0.01:
        return [int(random.integers(4, 12)), int(random.integers(101, 300))]
    most = [1, 12, 5, 3, 2][rank]
    return [int(random.integers(0 if random.random() < 0.05 else 1, most + 1)) for _ in range(rank)]


def floats(dims, dtype):
    kind = random.integers(0, 9)
    size = dims
    if kind == 0:
        values = random.normal(size=size)
    elif kind == 1:
        values = random.normal(size=size) * 10.0 ** random.integers(-12, 12)
    elif kind == 2:
        values = random.normal(size=size) * 10.0 ** random.integers(-40, 38, size=size)
    elif kind == 3:
        values = random.integers(-1000, 1000, size=size) / 8
    elif kind == 4:
        values = random.integers(-10, 10, size=size) * 1.0
    elif kind == 5:
        values = random.choice(EDGES, size=size) * random.choice([1, -1], size=size)
    elif kind == 6:
        values = np.round(random.normal(size=size) * 100, int(random.integers(0, 6)))
    elif kind == 7:
        bits = random.integers(0, 2**63, size=size, dtype=np.int64)
        values = np.asarray(bits).view(np.float64) if dtype == "float64" else \
            np.asarray(np.asarray(bits).astype(np.uint64) >> 47).astype(np.uint16).view(np.float16) if dtype == "float16" else \
            np.asarray(np.asarray(bits).astype(np.uint64) >> 31).astype(np.uint32).view(np.float32)
    else:
        values = 10.0 ** random.integers(-330, 308, size=size) if dtype == "float64" else \
            10.0 ** random.integers(-44, 38, size=size)
    values = np.array(values, dtype)
    if random.random() < 0.25 and values.size:
        where = random.random(size=dims) < 0.3
        values = np.where(where, random.choice(SPECIAL, size=dims), values)
    return np.array(values, dtype)


def array():
    dtype = str(random.choice(["float32", "float32", "float32", "float64", "float64", "float16", "float16", "int8", "int16",
                               "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]))
    dims = shape()
    if dtype.startswith("float"):
        return dtype, floats(dims, dtype)
    if dtype == "bool":
        return dtype, np.array(random.random(size=dims) < random.choice([0.1, 0.5, 0.9, 1.0]))
    info = np.iinfo(dtype)
    if random.random() < 0.2:
        return dtype, random.integers(info.min, info.max, size=dims, dtype=dtype, endpoint=True)
    bound = min(int(10 ** random.integers(0, 9)), info.max)
    least = 0 if info.min == 0 or random.random() < 0.4 else -bound
    return dtype, np.array(random.integers(least, bound + 1, size=dims), dtype)


cases = []
np.seterr(all="ignore")
while len(cases) < CASES:
    dtype, values = array()
    data = np.ascontiguousarray(values).astype(np.dtype(dtype).newbyteorder("<")).tobytes().hex()
    cases.append([dtype, list(values.shape), data, str(values)])

lines = ",\n  ".join(json.dumps(case, ensure_ascii=False) for case in cases)
text = f'{{\n "source": "NumPy {np.__version__}, by make_numpy_prints.py",\n "cases": [\n  {lines}\n ]\n}}\n'
pathlib.Path(__file__).with_name("numpy_prints.json").write_text(text)
