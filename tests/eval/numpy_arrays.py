"""Images that numpy wrote, in every type and container that `gan_cuda eval` takes, and some that it does not."""
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


class NumpyArrays(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        rng = np.random.default_rng(1)
        for split, count in (("train", 60), ("t10k", 20)):
            pixels = rng.integers(0, 256, (count, 8, 4), dtype=np.uint8)
            (self.root / f"{split}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, count, 8, 4) + pixels.tobytes())
        self.images = rng.integers(0, 256, (30, 8, 4), dtype=np.uint8)

    def eval(self, path):
        return subprocess.run([PROGRAM, "eval", path, "--data", self.root, "--measures", "parzen", "--json"],
                              capture_output=True, text=True)

    def test_all_ways_to_save_the_images_are_judged_alike(self):
        found = []
        for images in (self.images, (self.images / 255).astype(np.float32), self.images / 255):
            for shaped in (images, images.reshape(30, 32), images[..., None]):
                path = self.root / "images.npy"
                np.save(path, shaped)
                found.append(self.eval(path))
                path = self.root / "images.npz"
                for save in (np.savez, np.savez_compressed):
                    save(path, shaped)
                    found.append(self.eval(path))
        values = []
        for result in found:
            self.assertEqual(result.returncode, 0, result.stderr)
            values.append(json.loads(result.stdout))
            self.assertEqual(values[-1]["parzen_n"], 30)
            self.assertNotIn("weights", values[-1])
        self.assertEqual(len(values), 27)
        self.assertEqual(len({value["parzen_ll"] for value in values}), 1)

    def test_half_precision_is_read_as_its_values_are(self):
        half = (self.images / 255).astype(np.float16)
        path = self.root / "images.npy"
        values = []
        for array in (half, half.astype(np.float32)):
            np.save(path, array)
            result = self.eval(path)
            self.assertEqual(result.returncode, 0, result.stderr)
            values.append(json.loads(result.stdout)["parzen_ll"])
        self.assertEqual(values[0], values[1])

    def assert_refused(self, words, path):
        result = self.eval(path)
        self.assertEqual((result.returncode, result.stdout, len(result.stderr.splitlines())), (1, "", 1), result.stderr)
        self.assertIn(str(path), result.stderr)
        self.assertIn(words, result.stderr)

    def test_what_cannot_be_judged(self):
        path = self.root / "images.npy"
        for words, array in (("Fortran", np.asfortranarray(self.images)), (">f4", (self.images / 255).astype(">f4")),
                             (">f2", (self.images / 255).astype(">f2")), ("<i8", self.images.astype(int)),
                             ("no simple type", np.zeros(30, dtype=[("x", "<f4"), ("y", "<f4")])),
                             ("not all in [0, 1]", self.images.astype(np.float32)),
                             ("not all in [0, 1]", np.full((30, 32), np.nan)),
                             ("not images", np.zeros(32)), ("not images", np.zeros((30, 4, 2, 4))),
                             ("not images", np.zeros((0, 32))), ("have 31 pixels", np.zeros((30, 31)))):
            np.save(path, array)
            self.assert_refused(words, path)
        path = self.root / "images.npz"
        np.savez(path, self.images, self.images)
        self.assert_refused("2 arrays", path)


if __name__ == "__main__":
    unittest.main()
