"""What the tests of the program share: how they run it, a folder of their own, and small data in MNIST's form."""

import json
import os
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["GAN_CUDA_PROGRAM"]


def write_idx(path: Path, shape: tuple[int, ...], values) -> None:
    path.write_bytes(struct.pack(f">{1 + len(shape)}I", 0x800 + len(shape), *shape) + bytes(values))


def write_data(folder: Path, *, test=True, labels=True) -> None:
    """60 training and 20 test images of 4 by 4 pixels: 3 steps an epoch in batches of 20."""
    folder.mkdir()
    for part, count in (("train", 60), ("t10k", 20)):
        if part == "train" or test:
            write_idx(folder / f"{part}-images-idx3-ubyte", (count, 4, 4),
                      ((i * 37 + k * k * 11) % 256 for i in range(count) for k in range(16)))
        if labels:
            write_idx(folder / f"{part}-labels-idx1-ubyte", (count,), (i % 10 for i in range(count)))


def safetensors_header(data: bytes) -> tuple[dict, bytes]:
    """The header, and the values."""
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


class _Program:
    """Runs the program in the folder `root`, which has its cache as well."""

    root: Path

    def program(self, *arguments, **options):
        options = {"cwd": self.root, "capture_output": True, "text": True, "timeout": 300,
                   "env": {**os.environ, "XDG_CACHE_HOME": str(self.root)}} | options
        return subprocess.run([PROGRAM, *map(str, arguments)], **options)

    def done(self, *arguments, code=0, **options):
        result = self.program(*arguments, **options)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def refused(self, code, words, *arguments, **options):
        """It ends with this code, prints nothing, and gives the reason in one line that has these words."""
        result = self.done(*arguments, code=code, **options)
        self.assertFalse(result.stdout)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("gan_cuda: "), result.stderr)
        for each in (words,) if isinstance(words, str) else words:
            self.assertIn(each, result.stderr)
        return result


class ProgramCase(_Program, unittest.TestCase):
    """Every test has a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)


class SharedProgramCase(_Program, unittest.TestCase):
    """The tests of a class share a folder."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name)
