#!/usr/bin/env python3
"""Makes training.json: what TensorFlow makes of variables, and the random numbers that its operations give in a session,
one step after the other.

    pip install tensorflow-cpu
    python3 assets/golden/make_training.py

A case of updates names the operation, its inputs and what its variables are after it. A case of random numbers names the
operation, its attributes and what it gives in each step.
"""

import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
numbers = np.random.default_rng(18)
cases = []


def literal(array):
    array = np.asarray(array)
    data = array.astype(np.float64) if array.dtype.kind == "V" or array.dtype.name in ("float16", "bfloat16") else array
    return {"dtype": tf.as_dtype(array.dtype).name, "shape": list(array.shape), "data": data.reshape(-1).tolist()}


def update(op, states, inputs, attrs=None, outputs=("out",), note=""):
    """Runs an update once; `states` are the names of the inputs that are variables."""
    with tf.Graph().as_default(), v1.Session() as session:
        made = {}
        for name, value in inputs.items():
            value = np.asarray(value)
            if name in states:
                made[name] = tf.raw_ops.VariableV2(shape=value.shape, dtype=value.dtype, container="", shared_name="")
                session.run(v1.assign(made[name], value))
            else:
                made[name] = tf.constant(value)
        session.run(getattr(tf.raw_ops, op)(**made, **(attrs or {})))
        after = {output: literal(session.run(made[name])) for output, name in zip(outputs, states)}
    cases.append({"op": op, "note": note, "attrs": attrs or {}, "states": list(states),
                  "inputs": {k: literal(v) for k, v in inputs.items()}, "outputs": after})


def random(op, shape, steps=3, within=0.0, **attrs):
    with tf.Graph().as_default(), v1.Session() as session:
        tensor = getattr(tf.raw_ops, op)(shape=np.array(shape, np.int32), **attrs)
        values = [session.run(tensor) for _ in range(steps)]
    attrs = {k: v.name if isinstance(v, tf.DType) else v for k, v in attrs.items()}
    cases.append({"op": op, "attrs": attrs, "shape": list(shape), "within": within, "steps": [literal(v) for v in values]})


for dtype in (np.float32, np.float64, np.float16, tf.bfloat16.as_numpy_dtype):
    f = lambda *shape: numbers.normal(size=shape).astype(dtype)
    s = lambda value: np.array(value, dtype)
    for nesterov in (False, True):
        update("ApplyMomentum", ("var", "accum"), dict(var=f(7), accum=f(7), lr=s(0.1), grad=f(7), momentum=s(0.9)),
               {"use_nesterov": nesterov}, ("out", "accum_out"), note=f"{np.dtype(dtype).name} {nesterov}")
        update("ApplyAdam", ("var", "m", "v"),
               dict(var=f(7), m=f(7), v=abs(f(7)), beta1_power=s(0.81), beta2_power=s(0.998), lr=s(0.01), beta1=s(0.9),
                    beta2=s(0.999), epsilon=s(1e-3), grad=f(7)),
               {"use_nesterov": nesterov}, ("out", "m_out", "v_out"), note=f"{np.dtype(dtype).name} {nesterov}")
    update("ApplyGradientDescent", ("var",), dict(var=f(2, 3), alpha=s(0.3), delta=f(2, 3)), note=np.dtype(dtype).name)
for dtype in (np.float32, np.float64, np.float16, np.int32, np.int64, np.uint8):
    a, b = (numbers.normal(size=(2, 3)) * 50 for _ in range(2))
    a, b = (abs(x).astype(dtype) if np.dtype(dtype).kind == "u" else x.astype(dtype) for x in (a, b))
    for op in ("Assign", "AssignAdd", "AssignSub"):
        update(op, ("ref",), dict(ref=a, value=b), outputs=("output",), note=np.dtype(dtype).name)

for op, within in (("RandomUniform", 0.0), ("RandomStandardNormal", 2e-6), ("TruncatedNormal", 2e-6)):
    for dtype in (tf.float32, tf.float64, tf.float16, tf.bfloat16):
        least = {tf.float16: 2e-3, tf.bfloat16: 2e-2}.get(dtype, within) if within else 0.0
        random(op, (7, 3), within=least, seed=87654321, seed2=42, dtype=dtype)
        random(op, (2, 0), within=least, steps=1, seed=3, seed2=4, dtype=dtype)
    random(op, (5000,), steps=1, within=within, seed=-5, seed2=1 << 40, dtype=tf.float32)
    random(op, (), steps=4, within=within, seed=0, seed2=7, dtype=tf.float32)

here = pathlib.Path(__file__).parent
lines = ",\n".join(json.dumps(one) for one in cases)
(here / "training.json").write_text(f'{{"source": "TensorFlow {tf.__version__}, CPU, sessions, by make_training.py",\n"cases": [\n{lines}\n]}}\n')
print(len(cases))
