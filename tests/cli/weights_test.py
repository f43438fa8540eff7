"""Weights in the forms in which people keep them, as PyTorch writes them, and what PyTorch makes of ours.  Exit code 77 without
/usr/bin/python3 with PyTorch."""
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from font_digits import DIGITS
from program_case import SharedProgramCase

PYTHON = "/usr/bin/python3"
HERE = Path(__file__).resolve().parent
WITH_TORCH = {**os.environ, "OMP_NUM_THREADS": "1"}

if subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode != 0:
    sys.exit(77)


class Weights(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run([PYTHON, HERE / "make_weights.py", cls.root], check=True, capture_output=True, env=WITH_TORCH)
        cls.run_folder = cls.root / "run"
        cls().done("--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16,12", "--d-hidden", "8",
                   "--quiet", "--max-steps", "12", "--g-slope", "0.2", "--ema", "0", "--out", cls.run_folder)

    def samples(self, model, *options):
        out = self.root / "samples.npz"
        result = self.program("sample", "--model", model, "--count", 5, "--device", "cpu", "--out", out, *options)
        self.assertEqual(result.returncode, 0, f"{model}: {result.stderr}")
        return out.read_bytes(), result.stderr

    def test_forms_that_draw_the_same(self):
        expected, _ = self.samples("same/plain.pth")
        for file in sorted((self.root / "same").iterdir()):
            with self.subTest(file.name):
                self.assertEqual(self.samples(file)[0], expected)
                info = json.loads(self.program("info", file, "--json").stdout)
                self.assertEqual(info["network"], [10, 16, 12, 784])

    def test_what_is_taken_is_said(self):
        self.assertIn('"generator_state_dict" is taken', self.samples("same/checkpoint.pth")[1])
        self.assertIn('"discriminator_state_dict"', self.samples("same/checkpoint.pth")[1])
        self.assertIn('"state_dict.generator" is taken', self.samples("same/lightning.ckpt")[1])

    def test_half_precision(self):
        expected = self.samples("same/plain.pth")[0][-5 * 784:]
        for file in (self.root / "near").iterdir():
            with self.subTest(file.name):
                self.samples(file)
                self.assertEqual(self.program("convert", file, "half.safetensors", "--force").returncode, 0)
                self.assertEqual(self.samples(file)[0], self.samples("half.safetensors")[0])
        self.assertTrue(expected)

    def test_refusals(self):
        for name, reason in (("whole_module.pth", "save model.state_dict() alone"), ("two_generators.pth", '"G", "G_ema"'),
                             ("no_network.pth", '"epoch", "loss"'), ("integer.pth", '"note" is a'), ("script.pt", "TorchScript")):
            result = self.program("sample", "--model", self.root / "refused" / name, "--out", "x.png")
            self.assertEqual(result.returncode, 1, name)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
            self.assertIn(name, result.stderr)
            self.assertIn(reason, result.stderr)
        self.assertFalse((self.root / "x.png").exists())

    # Of a LeakyReLU run the .pth draws what the .safetensors draws, and PyTorch takes it as before.
    def test_the_slope_is_in_our_pth(self):
        trained, said = self.samples(self.run_folder / "model_G.safetensors")
        self.assertEqual(said, "")
        self.assertEqual(self.samples(self.run_folder / "model_G.pth"), (trained, ""))
        self.assertEqual(self.program("convert", self.run_folder / "model_G.pth", "back.safetensors").stderr, "")
        self.assertEqual((self.root / "back.safetensors").read_bytes(), (self.run_folder / "model_G.safetensors").read_bytes())
        self.program("convert", self.run_folder / "model_G.pth", "leaky.onnx")
        self.assertIn(b"LeakyRelu", (self.root / "leaky.onnx").read_bytes())
        check = ("import sys, torch; from torch.nn import *; s = torch.load(sys.argv[1], weights_only=True); m = Module(); "
                 "m.network = Sequential(Linear(100, 16), LeakyReLU(0.2), Linear(16, 12), LeakyReLU(0.2), Linear(12, 784), Sigmoid()); "
                 "assert type(s).__name__ == 'OrderedDict' and len(s) == 6; m.load_state_dict(s); torch.load(sys.argv[1])")
        subprocess.run([PYTHON, "-W", "ignore", "-c", check, self.run_folder / "model_G.pth"], check=True, env=WITH_TORCH)

    def test_the_slope_of_others_is_asked_for(self):
        relu, said = self.samples("same/plain.pth")
        self.assertIn("--slope", said)
        leaky, said = self.samples("same/plain.pth", "--slope", "0.2")
        self.assertEqual(said, "")
        self.assertNotEqual(leaky, relu)
        self.assertEqual(self.program("convert", "same/plain.pth", "leaky2.onnx", "--slope", "0.2").stderr, "")
        self.assertIn(b"LeakyRelu", (self.root / "leaky2.onnx").read_bytes())
        self.assertIn("--slope", self.program("convert", "same/plain.pth", "relu.onnx").stderr)
        self.assertNotIn(b"LeakyRelu", (self.root / "relu.onnx").read_bytes())
        self.program("convert", "same/plain.pth", "leaky.safetensors", "--slope", "0.2")
        self.assertEqual(self.samples("leaky.safetensors"), (leaky, ""))
        result = self.program("sample", "--model", self.run_folder, "--slope", "0.1", "--out", "x.png")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("0.2", result.stderr)
        for slope in ("1", "-1", "nan", "x"):
            self.assertEqual(self.program("sample", "--model", "same/plain.pth", "--slope", slope, "--out", "x.png").returncode, 2, slope)


if __name__ == "__main__":
    unittest.main()
