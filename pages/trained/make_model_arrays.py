"""Make weights.safetensors, activations.npy and gradients.npy from Silero VAD.

Silero VAD (MIT) is a small trained network that tells speech from non-speech.
Needed (the model is only read as a file, so the package's own dependencies,
such as torch, are not):

    pip install numpy==2.4.6 onnx==1.23.2 safetensors==0.8.0 onnxruntime==1.32.0
    pip install --no-deps silero-vad==6.2.3
    python make_model_arrays.py [OUTPUT_DIRECTORY]

The input is 12.8 s of sound that this script synthesises: speech-like
syllables, pauses, hiss, tones and clicks. The network runs over it in numpy, in
float64, and the result is checked against the package's own ONNX model in
onnxruntime. Every array is rounded to float32 only when it is saved.
"""

import hashlib
import sys
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from safetensors.numpy import save_file

VERSION = "6.2.3"
MODEL = "silero_vad/data/silero_vad_16k_op15.onnx"
SHA256 = "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49"
NAMES = {
    "model.stft.forward_basis_buffer": "stft.weight",
    "model.encoder.0.reparam_conv": "conv1",
    "model.encoder.1.reparam_conv": "conv2",
    "model.encoder.2.reparam_conv": "conv3",
    "model.encoder.3.reparam_conv": "conv4",
    "model.decoder.rnn": "lstm",
    "model.decoder.decoder.2": "output",
}
RATE, FRAME, CONTEXT, FRAMES = 16000, 512, 64, 400


def synthesise(rng):
    """Return the sound, and for each frame 1.0 where a phrase sounds, else 0.0."""
    count = FRAMES * FRAME
    sound = 0.002 * rng.standard_normal(count)  # room noise
    spoken = np.zeros(count)
    vowels = [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410)]
    at = RATE
    while at < count - RATE:  # phrases of a few syllables, then a pause
        pitch, loudness = rng.uniform(90, 230), 10 ** rng.uniform(-1.5, -0.1)
        for _ in range(rng.integers(3, 8)):
            n = int(rng.uniform(0.12, 0.28) * RATE)
            if at + n > count:
                break
            t = np.arange(n) / n
            start, end = (np.array(vowels[rng.integers(len(vowels))], float) for _ in range(2))
            f0 = pitch * (1.1 - 0.25 * t) * (1 + 0.01 * rng.standard_normal())
            phase = 2 * np.pi * np.cumsum(f0) / RATE
            wave = np.zeros(n)
            for k in range(1, 40):  # harmonics, louder near the moving formants
                f = k * f0
                gain = sum(
                    amp / (1 + ((f - (a + (b - a) * t)) / (60 + 0.04 * a)) ** 2)
                    for amp, a, b in zip((1.0, 0.6, 0.3), start, end)
                )
                wave += np.where(f < 7000, gain, 0) * np.sin(k * phase)
            wave *= np.sin(np.pi * t) ** 0.5 / np.abs(wave).max()
            sound[at : at + n] += loudness * wave
            hiss = min(int(rng.uniform(0.03, 0.09) * RATE), count - at - n)  # a consonant
            sound[at + n : at + n + hiss] += 0.25 * loudness * np.diff(rng.standard_normal(hiss + 1))
            spoken[at : at + n + hiss] = 1
            at += n + hiss
        at += int(rng.uniform(0.3, 0.9) * RATE)
    for _ in range(6):  # beeps and clicks that are not speech
        where = rng.integers(0, count - 4000)
        sound[where : where + 2400] += 0.1 * np.sin(2 * np.pi * rng.uniform(400, 3000) * np.arange(2400) / RATE)
        sound[rng.integers(0, count)] += rng.choice([-0.9, 0.9])
    sound = np.clip(sound, -1, 1).astype(np.float32)
    return sound, (spoken.reshape(FRAMES, FRAME).mean(axis=1) > 0.5).astype(float)


def chunks(sound):
    """Cut the sound into frames, each after the last samples of the frame before."""
    frames = sound.reshape(FRAMES, FRAME)
    before = np.vstack([np.zeros((1, CONTEXT), np.float32), frames[:-1, -CONTEXT:]])
    return np.hstack([before, frames])


def conv(x, w, b, stride):
    """ReLU of a 1-D convolution: x [n, time, in], w [3, in, out], zero padding 1."""
    x = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    outputs = (x.shape[1] - 3) // stride + 1
    y = sum(x[:, k : k + stride * outputs : stride][:, :outputs] @ w[k] for k in range(3))
    return np.maximum(y + b, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def encode(p, x):
    """Return the ReLU outputs of conv3, which are the inputs of conv4: [n, 64]."""
    x = np.pad(x.astype(float), ((0, 0), (0, 64)), mode="reflect")
    x = np.stack([x[:, t : t + 256] for t in range(0, x.shape[1] - 255, 128)], axis=1)
    x = x @ p["stft.weight"][:, 0]  # [n, 4, 258]: real parts, then imaginary parts
    x = np.hypot(x[..., :129], x[..., 129:])
    x = conv(x, p["conv1.weight"], p["conv1.bias"], 1)
    x = conv(x, p["conv2.weight"], p["conv2.bias"], 2)
    return conv(x, p["conv3.weight"], p["conv3.bias"], 2)[:, 0]


def decode(p, a, labels):
    """From conv3's outputs, return the speech probabilities, the loss and d loss / d a.

    The loss is the binary cross-entropy with the labels, summed over the frames.
    """
    z = conv(a[:, None], p["conv4.weight"], p["conv4.bias"], 1)[:, 0]
    w_ih, w_hh, w_out = p["lstm.weight_ih"], p["lstm.weight_hh"], p["output.weight"][0, :, 0]
    h, c, steps = np.zeros(128), np.zeros(128), []
    for row in z @ w_ih + p["lstm.bias_ih"] + p["lstm.bias_hh"]:
        i, f, g, o = np.split(row + h @ w_hh, 4)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        old, c = c, f * c + i * g
        h = o * np.tanh(c)
        steps.append((i, f, g, o, old, c, h))
    outputs = np.array([step[-1] for step in steps])
    prob = sigmoid(np.maximum(outputs, 0) @ w_out + p["output.bias"])
    loss = -np.sum(labels * np.log(prob) + (1 - labels) * np.log(1 - prob))

    d_h_out = (prob - labels)[:, None] * w_out * (outputs > 0)
    d_z, d_h, d_c = np.zeros_like(z), np.zeros(128), np.zeros(128)
    for n in reversed(range(len(z))):  # backward through time
        i, f, g, o, old, c, h = steps[n]
        d_h, tanh_c = d_h + d_h_out[n], np.tanh(c)
        d_c = d_c + d_h * o * (1 - tanh_c**2)
        d_gates = np.concatenate(
            [d_c * g * i * (1 - i), d_c * old * f * (1 - f), d_c * i * (1 - g**2), d_h * tanh_c * o * (1 - o)]
        )
        d_z[n], d_h, d_c = d_gates @ w_ih.T, d_gates @ w_hh.T, d_c * f
    # Here conv4 sees one time step between zeros: only its middle tap matters.
    return prob, loss, (d_z * (z > 0)) @ p["conv4.weight"][1].T


def read_weights(path):
    """Return the model's tensors by short names, with the output channel last.

    PyTorch's order [out, in, k] or [out, in] becomes [k, in, out] or [in, out].
    """
    weights = {}
    for tensor in onnx.load(path).graph.initializer:
        for long, short in NAMES.items():
            if tensor.name.startswith(long):
                array = numpy_helper.to_array(tensor)
                assert array.dtype == np.float32
                weights[short + tensor.name[len(long) :]] = np.ascontiguousarray(array.T)
    return weights


def onnx_probabilities(path, x):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    state, prob = np.zeros((2, 1, 128), np.float32), []
    for row in x:
        out, state = session.run(None, {"input": row[None], "state": state, "sr": np.array(RATE)})
        prob.append(out[0, 0])
    return np.array(prob)


def main():
    package = distribution("silero-vad")
    assert package.version == VERSION, f"silero-vad {VERSION} needed, found {package.version}"
    model = Path(package.locate_file(MODEL))
    assert hashlib.sha256(model.read_bytes()).hexdigest() == SHA256
    weights = read_weights(model)

    x, labels = synthesise(np.random.default_rng(0))
    x = chunks(x)
    p = {name: w.astype(float) for name, w in weights.items()}
    activations = encode(p, x)
    prob, loss, gradients = decode(p, activations, labels)
    off = np.abs(prob - onnx_probabilities(model, x)).max()
    print(f"loss {loss:.4f}, right {np.mean((prob > 0.5) == labels):.3f}, differs from ONNX by at most {off:.1e}")
    assert off < 1e-3

    out = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    kept = {n: w for n, w in weights.items() if n.startswith(("conv", "output"))}
    save_file(kept, out / "weights.safetensors")
    np.save(out / "activations.npy", activations.astype(np.float32))
    np.save(out / "gradients.npy", gradients.astype(np.float32))


if __name__ == "__main__":
    main()
