"""onnxruntime makes the same images of a converted generator as numpy does of its weights, in double.  Exit code 77 where onnx or
onnxruntime are missing."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from font_digits import DIGITS

try:
    import numpy as np
    import onnx
    import onnxruntime
except ImportError:
    sys.exit(77)

PROGRAM = os.environ["GAN_CUDA_PROGRAM"]
SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16,12", "--d-hidden", "8", "--quiet"]


def load_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    return {name: np.frombuffer(data[8 + length:], "<f4", int(np.prod(entry["shape"])), entry["data_offsets"][0])
            .reshape(entry["shape"]).astype(np.float64) for name, entry in header.items()}


def forward(weights, x, slope):
    for layer in (0, 2, 4):
        x = x @ weights[f"network.{layer}.weight"].T + weights[f"network.{layer}.bias"]
        x = np.where(x > 0, x, slope * x) if layer < 4 else 1 / (1 + np.exp(-x))
    return x


class Onnx(unittest.TestCase):
    def check(self, slope):
        with tempfile.TemporaryDirectory() as name:
            run, file = Path(name) / "run", Path(name) / "g.onnx"
            subprocess.run([PROGRAM, *SMALL, "--max-steps", "12", "--lr", "1e-2", "--g-slope", slope, "--out", run], check=True)
            subprocess.run([PROGRAM, "convert", run / "model_G.safetensors", file], check=True)
            onnx.checker.check_model(str(file), full_check=True)
            session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
            weights = load_safetensors(run / "model_G.safetensors")
        for batch in (1, 7):
            z = np.random.default_rng(batch).standard_normal((batch, 100), dtype=np.float32)
            (images,) = session.run(["images"], {"z": z})
            expected = forward(weights, z.astype(np.float64), float(slope))
            self.assertEqual(images.shape, (batch, 784))
            self.assertLess(abs(images - expected).max(), 1e-5)
            self.assertGreater(expected.std(), 0.01)

    def test_relu(self):
        self.check("0")

    def test_leaky_relu(self):
        self.check("0.2")


if __name__ == "__main__":
    unittest.main()
