"""Precision, recall, density and coverage against scikit-learn's neighbours, and the Fréchet distance against numpy, in the
features that numpy computes with the classifier out of the program's cache.  Exit code 77 without scikit-learn."""
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
    from sklearn.neighbors import NearestNeighbors
except ImportError:
    sys.exit(77)

PROGRAM = os.environ["GAN_CUDA_PROGRAM"]
NEIGHBOURS = 5


def write_idx(path, array):
    path.write_bytes(struct.pack(f">{1 + array.ndim}i", 2048 + array.ndim, *array.shape) + array.tobytes())


def load_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    return {name: np.frombuffer(data[8 + length:], "<f4", int(np.prod(entry["shape"])), entry["data_offsets"][0])
            .reshape(entry["shape"]).astype(np.float64) for name, entry in header.items()}


def features(weights, images):
    x = images.reshape(len(images), -1)
    for layer in (0, 2):
        x = np.maximum(x @ weights[f"network.{layer}.weight"].T + weights[f"network.{layer}.bias"], 0)
    return x


def radii(points):
    distances, _ = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(points).kneighbors(points)
    return distances[:, NEIGHBOURS]  # the nearest is the point itself


def neighbourhoods(real, fake):
    between = NearestNeighbors(n_neighbors=len(fake)).fit(fake).kneighbors(real)
    distances = np.empty((len(real), len(fake)))
    np.put_along_axis(distances, between[1], between[0], axis=1)
    in_real = distances <= radii(real)[:, None]
    in_fake = distances <= radii(fake)[None, :]
    return {"precision": in_real.any(axis=0).mean(), "recall": in_fake.any(axis=1).mean(),
            "density": in_real.sum(axis=0).mean() / NEIGHBOURS, "coverage": in_real.any(axis=1).mean()}


def frechet(a, b):
    covariances = [np.cov(x, rowvar=False) for x in (a, b)]
    roots = np.linalg.eigvals(covariances[0] @ covariances[1])
    return (((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + sum(np.trace(c) for c in covariances)
            - 2 * np.sqrt(np.maximum(roots.real, 0)).sum())


class SklearnNeighbours(unittest.TestCase):
    def test_agrees_to_rounding(self):
        rng = np.random.default_rng(1)
        centres = rng.integers(0, 256, (10, 12, 12))

        def images(count, noise):
            labels = rng.integers(0, 10, count).astype(np.uint8)
            return np.clip(centres[labels] + rng.normal(0, noise, (count, 12, 12)), 0, 255).astype(np.uint8), labels
        train, test, samples = images(1200, 60), images(400, 60), images(300, 75)[0]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for split, (pixels, labels) in (("train", train), ("t10k", test)):
                write_idx(folder / f"{split}-images-idx3-ubyte", pixels)
                write_idx(folder / f"{split}-labels-idx1-ubyte", labels)
            np.save(folder / "s.npy", samples)
            result = subprocess.run([PROGRAM, "eval", folder / "s.npy", "--data", folder, "--measures", "frechet,neighbours",
                                     "--json"], capture_output=True, text=True, check=True,
                                    env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")})
            (cached,) = (folder / "cache" / "gan_cuda").iterdir()
            weights = load_safetensors(cached)
        values = json.loads(result.stdout)
        real, fake = features(weights, test[0] / 255), features(weights, samples / 255)
        for key, expected in neighbourhoods(real, fake).items():
            # One distance that rounding moves over a radius counts for one image.
            self.assertAlmostEqual(values[key], expected, delta=1.5 / len(samples), msg=key)
            self.assertGreater(expected, 0.02, key)
        self.assertAlmostEqual(values["frechet"] / frechet(real, fake), 1, delta=1e-3)


if __name__ == "__main__":
    unittest.main()
