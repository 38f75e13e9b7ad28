#!/usr/bin/env python3
"""Writes small files of every kind that holds arrays, with NumPy, safetensors and Pillow, what is in them (`arrays.json`), and
seeds for the fuzz targets: the same files, and broken ones.

usage: make_arrays.py FOLDER SEEDS      (needs: pip install numpy safetensors pillow)
"""

import io
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

folder, seeds = Path(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(16)
a = random.normal(size=(5, 3)).astype("f4")
special = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45], "f4")
members = {
    "a": a,
    "special": special,
    "fortran": np.asfortranarray(random.normal(size=(2, 3, 4))),
    "big": np.arange(6, dtype=">i4").reshape(2, 3),
    "flags": np.array([[True, False], [False, True]]),
    "half": a.astype("f2"),
    "none": np.zeros((0, 3), "i8"),
    "one": np.float32(1.5),
    "bytes": np.arange(256, dtype="u1"),
}
cases = []


def case(file, part, array):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    cases.append([file, part, array.dtype.newbyteorder("=").name, list(np.shape(array)), little.tobytes().hex()])


np.savez(folder / "stored.npz", **members)
np.savez_compressed(folder / "packed.npz", **members)
for name, array in members.items():
    for file in ["stored.npz", "packed.npz"]:
        case(file, name, np.asarray(array))
np.save(folder / "alone.npy", a)
case("alone.npy", "", a)
tensors = {"w.0": a, "special": special, "b": np.array([-1, 2**40], "i8"), "flags": members["flags"], "none": members["none"]}
save_file(tensors, folder / "model.safetensors")
for name, array in tensors.items():
    case("model.safetensors", name, array)
for file, options in {
    "names.csv": {"header": "p,q,r", "comments": ""},
    "comment.csv": {"header": "p,q,r"},
    "plain.csv": {},
    "semicolons.csv": {"delimiter": ";"},
    "tabs.tsv": {"delimiter": "\t"},
}.items():
    np.savetxt(folder / file, a, fmt="%.9g", **{"delimiter": ",", **options})
    case(file, "", a)
np.savetxt(folder / "column.csv", a[:, 0], fmt="%.9g")
case("column.csv", "", a[:, 0])
np.savetxt(folder / "special.csv", special, fmt="%.9g")
case("special.csv", "", special)
(folder / "quoted.csv").write_bytes(b'"first name";"b"\r\n1; 2\r\n\r\n-3.5;"4"\r\n')
case("quoted.csv", "", np.array([[1, 2], [-3.5, 4]], "f4"))
grey, colour = (random.random((4, 5)) * 255).astype("u1"), (random.random((4, 5, 3)) * 255).astype("u1")
deep, clear = (random.random((4, 5)) * 65535).astype("u2"), (random.random((4, 5, 4)) * 255).astype("u1")
for file, array in {"grey.png": grey, "colour.png": colour, "clear.png": clear, "deep.png": deep}.items():
    Image.fromarray(array).save(folder / file)
    case(file, "", array if array.ndim == 3 else array[:, :, None])
palette = Image.fromarray(colour).quantize(4)
palette.save(folder / "palette.png")
case("palette.png", "", np.asarray(palette.convert("RGB")))
# One grey value: what a JPEG decoder makes of it is the same in every one.
Image.fromarray(np.full((16, 8), 128, "u1")).save(folder / "grey.jpg")
case("grey.jpg", "", np.full((16, 8, 1), 128, "u1"))
Image.fromarray(np.full((16, 8, 3), 128, "u1")).save(folder / "colour.jpg")
case("colour.jpg", "", np.full((16, 8, 3), 128, "u1"))
lines = ",\n".join("    " + json.dumps(one) for one in cases)
(folder / "arrays.json").write_text('{"cases": [\n' + lines + "\n]}\n")


def npy(header, data=b""):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def zipped(entries, kind=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def png(width, height, depth=8, kind=2):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    data = zlib.compress(bytes(1000))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tensors_of(header, data=b""):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(text)) + text + data


objects = io.BytesIO()
np.save(objects, np.array([{}], dtype=object))
absurd = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000000,)}")
bomb = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (16,)}", bytes(1 << 22))
whole = (folder / "packed.npz").read_bytes()
f32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
broken = {
    "npz": {
        "truncated": whole[: len(whole) // 2],
        "garbled": whole[:200] + bytes(40) + whole[240:],
        "objects": zipped({"o.npy": objects.getvalue()}),
        "absurd": zipped({"x.npy": absurd}),
        "bomb": zipped({"x.npy": bomb}),
        "large": zipped({"x.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (8388608,)}", bytes(1 << 25))}),
        "foreign": zipped({"readme.txt": b"hello", "../x.npy": b"\x93NUMPY"}),
        "empty": zipped({}),
        "no_name": zipped({".npy": absurd}),
    },
    "safetensors": {
        "truncated": (folder / "model.safetensors").read_bytes()[:-3],
        "long": struct.pack("<Q", 1 << 60) + b"{}",
        "short": b"\x01\x00",
        "overlap": tensors_of({"a": f32, "b": f32}, bytes(8)),
        "other": tensors_of({"a": {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]}}, bytes(8)),
        "shape": tensors_of({"a": {**f32, "shape": [1 << 40, 1 << 40]}}, bytes(8)),
        "none": tensors_of({}),
        "no_json": tensors_of(b"hello"),
    },
    "csv": {
        "ragged": b"1,2\n3\n",
        "missing": b"1,2\n3,\n",
        "word": b"1,2\n3,x\n",
        "beyond": b"1e39,2\n",
        "empty": b"",
        "names": b"a,b\n",
        "zeros": bytes(64),
        "quotes": b'"1,2\n3,4\n',
        "latin": b"caf\xe9\n1\n",
    },
    "image": {
        "huge": png(100_000, 100_000),
        "short": png(10, 10),
        "none": png(0, 0),
        "truncated": (folder / "colour.png").read_bytes()[:60],
        "jpeg": (folder / "colour.jpg").read_bytes()[:200],
        "gif": b"GIF89a" + bytes(20),
    },
}
kinds = {"npz": "*.npz", "safetensors": "*.safetensors", "csv": "*.[ct]sv", "image": "*.[pj][np]g"}
for target, files in broken.items():
    (seeds / target).mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (seeds / target / name).write_bytes(data)
    for file in folder.glob(kinds[target]):
        (seeds / target / file.name).write_bytes(file.read_bytes())
