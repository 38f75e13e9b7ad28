#!/usr/bin/env python3
"""Folds and products beside NumPy's and TensorFlow's, the gradient beside TensorFlow's, in one run and taking turns.

    pip install numpy            (tensorflow-cpu too, to have it beside)
    python3 crates/node-engine/benches/beside.py [ROUNDS [ONLY]]

Medians, and the median of the ratios of neighbours: what is above 1 is slower than the other. It starts `cargo bench -p node-engine --bench beside`.
"""

import statistics
import subprocess
import sys
import time

import numpy as np

try:
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
except ImportError:
    tf = None

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
ONLY = sys.argv[2] if len(sys.argv) > 2 else ""
FOLDS = [
    ("Sum", (4096, 4096), (0,)),
    ("Sum", (4096, 4096), (1,)),
    ("Max", (4096, 4096), (0,)),
    ("Max", (4096, 4096), (1,)),
    ("Mean", (4096, 4096), (0,)),
    ("Mean", (4096, 4096), (1,)),
    ("Sum", (16777216,), (0,)),
    ("Max", (1, 16777216), (0,)),
    ("Sum", (16777216, 1), (1,)),
    ("Sum", (2, 8388608), (0,)),
    ("Sum", (8388608, 2), (0,)),
    ("Sum", (8388608, 2), (1,)),
    ("Sum", (33, 508400), (0,)),
    ("Sum", (508400, 33), (1,)),
    ("Sum", (256, 256, 256), (0,)),
    ("Sum", (256, 256, 256), (1,)),
    ("Sum", (256, 256, 256), (0, 2)),
    ("Max", (64, 1024, 256), (0, 2)),
]


class Nudge:
    def __init__(self):
        command = ["cargo", "bench", "-q", "-p", "node-engine", "--bench", "beside"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def go(self):
        return int(self.ask("go")) / 1e6


def timed(run):
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1e3


def beside(what, ours, others):
    """Each of the others takes turns with ours by itself: a library's threads may go on looking for work for a while."""
    words = []
    for name, other in others.items():
        for run in (ours, other):
            run(), run()
        rounds = [(ours(), other()) for _ in range(ROUNDS)]
        own, its = (statistics.median(times) for times in zip(*rounds))
        ratio = statistics.median(a / b for a, b in rounds)
        words.append(f"{own:.3f} ms beside {name}'s {its:.3f} ms = {ratio:.2f}")
    print(f"{what}: " + ", ".join(words), flush=True)


def main():
    nudge = Nudge()
    functions = {"Sum": np.sum, "Max": np.max, "Mean": np.mean}
    for name, dims, axes in FOLDS:
        if ONLY not in f"{name} of {list(dims)} over {list(axes)}":
            continue
        nudge.ask(f"fold {name} {'x'.join(map(str, dims))} {'x'.join(map(str, axes))}")
        x = np.random.default_rng(1).standard_normal(dims, dtype=np.float32)
        others = {"NumPy": lambda: timed(lambda: functions[name](x, axis=axes))}
        if tf is not None:
            t, a, op = tf.constant(x), tf.constant(axes), getattr(tf.raw_ops, name)
            others["TensorFlow"] = lambda: timed(lambda: op(input=t, axis=a).numpy())
        beside(f"{name} of {list(dims)} over {list(axes)}", nudge.go, others)
    for side in (64, 1024):
        if ONLY not in f"MatMul of {side}":
            continue
        nudge.ask(f"matmul {side}")
        a, b = (np.random.default_rng(i).standard_normal((side, side), dtype=np.float32) for i in (1, 2))
        others = {"NumPy": lambda: timed(lambda: a @ b)}
        if tf is not None:
            ta, tb = tf.constant(a), tf.constant(b)
            others["TensorFlow"] = lambda: timed(lambda: tf.raw_ops.MatMul(a=ta, b=tb).numpy())
        beside(f"MatMul of {side}", nudge.go, others)
    triad = Nudge()
    for length in (1 << 20, 1 << 24):
        if ONLY not in f"gradient of {length} elements":
            continue
        nudge.ask(f"gradient {length}")
        triad.ask(f"triad {length}")
        others = {"triad": triad.go}
        if tf is not None:
            g, x = (tf.constant(np.random.default_rng(i).standard_normal(length, dtype=np.float32)) for i in (1, 2))
            op = tf.raw_ops.FakeQuantWithMinMaxArgsGradient
            others["TensorFlow"] = lambda: timed(lambda: op(gradients=g, inputs=x, min=-6.0, max=6.0, num_bits=8))
        beside(f"gradient of {length} elements", nudge.go, others)


if __name__ == "__main__":
    main()
