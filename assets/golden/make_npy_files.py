#!/usr/bin/env python3
"""Makes npy_files.json: .npy files with headers good and bad, and what NumPy reads from them.

    pip install numpy
    python3 assets/golden/make_npy_files.py

A case is [file, what]: the file in hexadecimal, and null where it is to be refused, else [type, shape, bytes] in row-major
order, little-endian. Refused is what NumPy refuses, and what it reads of types that there are not here.
"""

import io
import itertools
import json
import pathlib
import warnings

import numpy as np

warnings.simplefilter("ignore")
random = np.random.default_rng(14)
KNOWN = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]

ORDERS = ["", "<", ">", "=", "|", "é", "!"]
CODES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "e", "f", "d", "b", "h", "i", "q", "B", "H",
         "?", "float16", "half", "float32", "single", "float64", "double", "float", "int8", "byte", "int16", "short", "int32",
         "intc", "int64", "longlong", "uint8", "ubyte", "uint16", "ushort", "uint32", "uintc", "I", "uint64", "ulonglong", "Q", "bool", "c8", "U3", "S4", "O", "F4", "", "4", "Float32"]
SHAPES = ["(2, 3)", "(2,3)", "(3,)", "(3L,)", "(2L, 3L)", "(3)", "()", "(0,)", "(2, 0, 3)", "(,)", "(2,, 3)", "[3]", "3", "(3,",
          "( 3 , )", "(3, -1)", "(-1,)", "(3.0,)", "(03,)", "(3l,)", "('3',)", "((3,),)", "(3 ,)", "(3, 1, 1)"]
HEADERS = [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n",
    "{'shape': (2, 3), 'fortran_order': True, 'descr': '<f4'}",
    '{"descr": "<f4", "fortran_order": True, "shape": (2, 3)}',
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': Falsey, 'shape': (2, 3)}",
    "{'descr': '<f4', 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} more",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)",
    "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<f4', 'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<f4\", 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (3,)}",
    "{'descr': ('<f4'), 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': (False), 'shape': (2, 3)}",
    "('descr', '<f4')", "{}", "", "   ", "[[[[1]]]]", "{'shape': (2, 3), 'x",
]


def file(version, header, data):
    text = header.encode("utf-8" if version == 3 else "latin1")
    length = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def read(bytes_):
    try:
        array = np.lib.format.read_array(io.BytesIO(bytes_), allow_pickle=False)
    except Exception:
        return None
    name = array.dtype.name
    if name not in KNOWN:
        return None
    little = array.astype(array.dtype.newbyteorder("<"))
    return [array.dtype.name, list(array.shape), little.tobytes().hex()]


cases = []


def case(version, header, size=4, count=6):
    bytes_ = file(version, header, random.integers(0, 256, size * count, dtype=np.uint8).tobytes())
    cases.append([bytes_.hex(), read(bytes_)])


def item_size(descr):
    try:
        return np.dtype(descr).itemsize
    except Exception:
        return 4


for order, code in itertools.product(ORDERS, CODES):
    descr = order + code
    size = item_size(descr)
    if size and descr.lstrip("<>=|") != "4":
        case(1, f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2, 3)}}", size)
for version, shape in itertools.product([1, 2, 3], SHAPES):
    counts = {"(0,)": 0, "(2, 0, 3)": 0, "()": 1, "(2, 3)": 6, "(2,3)": 6, "(2L, 3L)": 6}
    case(version, f"{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}}}", 4, counts.get(shape, 3))
for header in HEADERS:
    case(1, header)
for bits in range(0, 65536, 1024):
    halves = np.arange(bits, bits + 1024, 37, dtype=np.uint16)
    bytes_ = file(1, f"{{'descr': '<f2', 'fortran_order': False, 'shape': ({len(halves)},)}}", halves.tobytes())
    # A signalling NaN becomes a quiet one on some processors: kept away.
    if not np.isnan(halves.view(np.float16)).any():
        cases.append([bytes_.hex(), read(bytes_)])

lines = ",\n  ".join(json.dumps(case) for case in cases)
text = f'{{\n "source": "NumPy {np.__version__}, by make_npy_files.py",\n "cases": [\n  {lines}\n ]\n}}\n'
pathlib.Path(__file__).with_name("npy_files.json").write_text(text)
