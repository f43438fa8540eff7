"""The program's Parzen log-likelihood against the definition in numpy, in double."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
except ImportError:
    sys.exit(77)

PROGRAM = os.environ["GAN_CUDA_PROGRAM"]


def log_likelihoods(samples, points, sigma):
    d2 = ((points[:, None, :] - samples[None, :, :]) ** 2).sum(axis=2)
    exponents = -d2 / (2 * sigma**2)
    most = exponents.max(axis=1)
    sums = np.exp(exponents - most[:, None]).mean(axis=1)
    return most + np.log(sums) - samples.shape[1] * np.log(sigma * np.sqrt(2 * np.pi))


class NumpyParzen(unittest.TestCase):
    def test_agrees_to_rounding(self):
        rng = np.random.default_rng(1)
        centres = rng.integers(0, 256, (5, 64))

        def images(count):
            return np.clip(centres[rng.integers(0, 5, count)] + rng.normal(0, 40, (count, 64)), 0, 255).astype(np.uint8)
        train, test, samples = images(360), images(80), (images(300) / 255).astype(np.float32)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for split, pixels in (("train", train), ("t10k", test)):
                header = struct.pack(">4i", 2051, len(pixels), 8, 8)
                (folder / f"{split}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
            header = json.dumps({"x": {"dtype": "F32", "shape": [300, 64], "data_offsets": [0, samples.nbytes]}}).encode()
            (folder / "s.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + samples.tobytes())
            result = subprocess.run([PROGRAM, "eval", folder / "s.safetensors", "--data", folder, "--measures", "parzen",
                                     "--json"], capture_output=True, text=True, check=True)
        values = json.loads(result.stdout)

        double = samples.astype(np.float64)
        validation = train[300:] / 255  # the last sixth
        sigma = max(np.logspace(-1, 0, 10), key=lambda s: log_likelihoods(double, validation, s).mean())
        expected = log_likelihoods(double, test / 255, sigma)
        self.assertAlmostEqual(values["parzen_sigma"], sigma, places=12)
        self.assertAlmostEqual(values["parzen_ll"], expected.mean(), places=3)
        self.assertAlmostEqual(values["parzen_se"], expected.std() / np.sqrt(len(expected)), places=3)
        self.assertEqual(values["parzen_n"], 300)


if __name__ == "__main__":
    unittest.main()
