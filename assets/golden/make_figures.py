"""What NumPy says of the trained model's arrays in pages/trained: writes figures.json.

    python make_figures.py

The fake quantization is done in float32, step by step as TensorFlow does it; all figures in float64.
"""

import json
import pathlib

import numpy as np
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).parent
TRAINED = HERE / "../../pages/trained"
PERCENTILES = [0.1, 1, 5, 25, 50, 75, 95, 99, 99.9]


def distribution(x):
    x = x.astype(np.float64)
    return {
        "count": x.size,
        "zeros": int((x == 0).sum()),
        "min": x.min(),
        "max": x.max(),
        "mean": x.mean(),
        "std": x.std(),
        "percentiles": [float(np.percentile(x, p)) for p in PERCENTILES],
    }


def nudge(low, high, bits):
    one = np.float32(1)
    steps = np.float32(2**bits - 1)
    scale = (high - low) / steps
    zero = np.float32(0) - low / scale
    if zero < 0:
        zero = np.float32(0)
    elif zero > steps:
        zero = steps
    else:
        # C's round: halves away from zero.
        zero = np.float32(np.floor(zero + np.float32(0.5)))
    return (np.float32(0) - zero) * scale, (steps - zero) * scale, scale, one / scale


def fake_quant(x, low, high, bits):
    low, high, scale, inverse = nudge(np.float32(low), np.float32(high), bits)
    clamped = np.minimum(np.maximum(x, low), high)
    code = np.floor((clamped - low) * inverse + np.float32(0.5))
    return code * scale + low, low, high, scale


def damage(x, y, low, high, scale, gradients=None):
    error = y.astype(np.float64) - x.astype(np.float64)
    told = {
        "below": int((x < low).sum()),
        "above": int((x > high).sum()),
        "mse": float((error**2).mean()),
        "largest": float(np.abs(error).max()),
        "sqnr_db": float(10 * np.log10((x.astype(np.float64) ** 2).sum() / (error**2).sum())),
        "levels": int(len(np.unique(y))),
    }
    if gradients is not None:
        squares = gradients.astype(np.float64) ** 2
        told["gradient"] = [float(squares[part].sum()) for part in (x < low, (x >= low) & (x <= high), x > high)]
    return told


def main():
    x = np.load(TRAINED / "activations.npy")
    gradients = np.load(TRAINED / "gradients.npy")
    weights = load_file(TRAINED / "weights.safetensors")["conv4.weight"]
    channels = []
    for channel in range(weights.shape[-1]):
        w = weights[..., channel]
        channels.append(damage(w, *fake_quant(w, w.min(), w.max(), 8)))
    figures = {
        "activations": distribution(x),
        "weights": distribution(weights),
        "fq": damage(x, *fake_quant(x, 0, 27.78, 4), gradients),
        "per_channel": channels,
    }
    (HERE / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")


main()
