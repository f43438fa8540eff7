"""onnxruntime makes the same images of a converted generator as numpy does of its weights, in double.  Exit code 77 where onnx or
onnxruntime are missing."""
import sys
import unittest

from font_digits import DIGITS
from program_case import ProgramCase, safetensors_header

try:
    import numpy as np
    import onnx
    import onnxruntime
except ImportError:
    sys.exit(77)

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16,12", "--d-hidden", "8", "--quiet"]


def load_safetensors(path):
    header, values = safetensors_header(path.read_bytes())
    header.pop("__metadata__")
    return {name: np.frombuffer(values, "<f4", int(np.prod(entry["shape"])), entry["data_offsets"][0])
            .reshape(entry["shape"]).astype(np.float64) for name, entry in header.items()}


def forward(weights, x, slope, classes=None):
    for layer in (0, 2, 4):
        x = x @ weights[f"network.{layer}.weight"].T + weights[f"network.{layer}.bias"]
        if layer == 0 and classes is not None:
            x = x + weights["embedding.weight"][classes]
        x = np.where(x > 0, x, slope * x) if layer < 4 else 1 / (1 + np.exp(-x))
    return x


class Onnx(ProgramCase):
    def check(self, slope, *options):
        run, file = self.root / "run", self.root / "g.onnx"
        self.done(*SMALL, "--max-steps", "12", "--lr", "1e-2", "--g-slope", slope, *options, "--out", run)
        self.done("convert", run / "model_G.safetensors", file)
        onnx.checker.check_model(str(file), full_check=True)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        weights = load_safetensors(run / "model_G.safetensors")
        for batch in (1, 7):
            z = np.random.default_rng(batch).standard_normal((batch, 100), dtype=np.float32)
            classes = np.arange(batch) * 3 % 10 if options else None
            (images,) = session.run(["images"], {"z": z} if classes is None else {"z": z, "class": classes})
            expected = forward(weights, z.astype(np.float64), float(slope), classes)
            self.assertEqual(images.shape, (batch, 784))
            self.assertLess(abs(images - expected).max(), 1e-5)
            self.assertGreater(expected.std(), 0.01)

    def test_relu(self):
        self.check("0")

    def test_leaky_relu(self):
        self.check("0.2")

    def test_classes(self):
        self.check("0.2", "--conditional")


if __name__ == "__main__":
    unittest.main()
