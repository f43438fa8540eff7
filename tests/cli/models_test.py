"""sample, interpolate, convert and info as a user meets them: every format there and back."""
import hashlib
import json
import struct
import unittest
import zipfile

from font_digits import DIGITS
from program_case import SharedProgramCase

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16,12", "--d-hidden", "8", "--quiet"]


class Models(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_folder = cls.root / "run"
        cls().done(*SMALL, "--max-steps", "12", "--g-slope", "0.2", "--out", cls.run_folder)

    def test_samples_are_the_same_in_every_format(self):
        for name in ("a.png", "a.npz", "a.safetensors", "b.npz"):
            self.done("sample", "--model", self.run_folder, "--count", 5, "--seed", 3, "--out", name)
        self.assertEqual((self.root / "a.npz").read_bytes(), (self.root / "b.npz").read_bytes())
        self.assertTrue((self.root / "a.png").read_bytes().startswith(b"\x89PNG"))
        data = (self.root / "a.safetensors").read_bytes()
        (length,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8:8 + length])
        self.assertEqual(header["images"]["shape"], [5, 28, 28])
        floats = struct.unpack(f"<{5 * 784}f", data[8 + length:])
        with zipfile.ZipFile(self.root / "a.npz") as archive:
            array = archive.read("arr_0.npy")
        self.assertEqual(list(array[-5 * 784:]), [int(255 * v + 0.5) for v in floats])
        self.done("sample", "--model", self.run_folder, "--count", 5, "--seed", 4, "--out", "b.npz")
        self.assertNotEqual((self.root / "a.npz").read_bytes(), (self.root / "b.npz").read_bytes())

    def test_samples_of_the_average_differ_from_those_as_trained(self):
        for weights in ("trained", "average", "auto"):
            self.done("sample", "--model", self.run_folder, "--weights", weights, "--out", f"{weights}.png")
        sheets = [(self.root / f"{weights}.png").read_bytes() for weights in ("trained", "average", "auto")]
        self.assertNotEqual(sheets[0], sheets[1])
        self.assertEqual(sheets[1], sheets[2])

    def test_nearest_training_images(self):
        table = self.done("sample", "--model", self.run_folder, "--count", 3, "--nearest", "--data", DIGITS, "--out", "n.png").stdout
        lines = table.splitlines()
        self.assertEqual(lines[0], "sample,training_image,distance")
        self.assertEqual([line.split(",")[0] for line in lines[1:]], ["0", "1", "2"])
        self.assertTrue(all(float(line.split(",")[2]) > 0 for line in lines[1:]))
        self.refused(2, "--nearest", "sample", "--model", self.run_folder, "--nearest", "--out", "n.npz")

    def test_interpolation_begins_and_ends_at_samples(self):
        self.done("interpolate", "--model", self.run_folder, "--rows", 2, "--steps", 2, "--seed", 3, "--out", "i.png")
        self.done("sample", "--model", self.run_folder, "--count", 4, "--per-row", 2, "--seed", 3, "--out", "s.png")
        self.assertEqual((self.root / "i.png").read_bytes(), (self.root / "s.png").read_bytes())
        self.refused(2, "--steps", "interpolate", "--model", self.run_folder, "--steps", 1, "--out", "i.png")
        self.refused(2, "--out", "interpolate", "--model", self.run_folder, "--out", "i.jpg")

    def test_conversion_there_and_back(self):
        model = self.run_folder / "model_G.safetensors"
        self.done("convert", model, "c.pth")
        self.done("convert", "c.pth", "c.safetensors")
        before, after = (json.loads(self.done("info", file, "--json").stdout) for file in (model, "c.safetensors"))
        self.assertEqual(before["tensors"], after["tensors"])
        self.assertEqual(before["network"], [100, 16, 12, 784])
        values = lambda path: path.read_bytes()[-4 * before["parameters"]:]
        self.assertEqual(values(model), values(self.root / "c.safetensors"))
        self.done("convert", model, "c2.pth", "--force")
        self.assertEqual((self.root / "c.pth").read_bytes(), (self.root / "c2.pth").read_bytes())
        # The slope is in the .pth; the run's own .pth is the same file.
        self.assertEqual(self.program("convert", model, "c2.pth", "--force").stderr, "")
        self.assertEqual(after["metadata"], before["metadata"])
        self.assertEqual((self.root / "c.pth").read_bytes(), (self.run_folder / "model_G.pth").read_bytes())

    def test_half_the_size(self):
        model = self.run_folder / "model_G.safetensors"
        self.done("convert", model, "half.safetensors", "--half", "--note", "12 steps")
        info = json.loads(self.done("info", "half.safetensors", "--json").stdout)
        self.assertEqual(info["metadata"]["note"], "12 steps")
        self.assertLess(info["bytes"], model.stat().st_size / 2 + 1000)
        sheets = []
        for each in (model, "half.safetensors"):
            self.done("sample", "--model", each, "--count", 4, "--device", "cpu", "--out", "half.npz")
            with zipfile.ZipFile(self.root / "half.npz") as archive:
                sheets.append(archive.read("arr_0.npy")[-4 * 784:])
        self.assertLessEqual(max(abs(a - b) for a, b in zip(*sheets)), 1)
        self.refused(2, ".safetensors", "convert", model, "half.pth", "--half")
        self.refused(2, ".safetensors", "convert", model, "half.onnx", "--note", "x")

    def test_the_model_of_the_program(self):
        for command in (["sample", "--model", "best", "--device", "cpu", "--out", "best.npz"],
                        ["interpolate", "--model", "best", "--out", "between.png"], ["convert", "best", "best.safetensors"]):
            self.done(*command)
        self.done("sample", "--model", "best.safetensors", "--device", "cpu", "--out", "same.npz")
        self.assertEqual((self.root / "best.npz").read_bytes(), (self.root / "same.npz").read_bytes())
        with zipfile.ZipFile(self.root / "best.npz") as archive:
            pixels = archive.read("arr_0.npy")[-64 * 784:]
        self.assertTrue(0.05 < sum(pixels) / 255 / len(pixels) < 0.25, "MNIST's mean is 0.13")
        info = json.loads(self.done("info", "best", "--json").stdout)
        self.assertEqual((info["network"], info["metadata"]["image"]), ([100, 256, 256, 784], "28x28"))
        self.assertIn("--recipe best", info["metadata"]["note"])
        self.assertLess(info["bytes"], 600_000)
        self.refused(1, "the program itself has the models best", "sample", "--model", "bests", "--out", "x.png")

    def test_a_file_goes_before_the_model_of_the_program(self):
        (self.root / "own").mkdir()
        self.done("convert", self.run_folder / "model_G.safetensors", "own/best.safetensors")
        (self.root / "own" / "best.safetensors").rename(self.root / "own" / "best")
        info = json.loads(self.done("info", "best", "--json", cwd=self.root / "own").stdout)
        self.assertEqual(info["network"], [100, 16, 12, 784])

    def test_conversions_that_cannot_be(self):
        model = self.run_folder / "model_G.safetensors"
        (self.root / "there.pth").write_text("mine")
        self.refused(2, "--force", "convert", model, "there.pth")
        self.assertEqual((self.root / "there.pth").read_text(), "mine")
        self.refused(2, "must end in", "convert", model, "model.txt")
        self.refused(1, "cannot read", "convert", "there.pth", "x.safetensors")
        self.refused(1, "cannot convert", "convert", self.run_folder / "checkpoint.safetensors", "x.onnx")
        self.refused(1, "No such file", "convert", "nowhere.pth", "x.onnx")
        self.assertFalse((self.root / "x.onnx").exists())

    def test_a_maxout_discriminator_is_converted_where_there_is_a_form_for_it(self):
        self.done(*SMALL, "--d-maxout", 3, "--latent-distribution", "uniform", "--max-steps", 2, "--out", "maxout")
        model = self.root / "maxout/model_D.safetensors"
        self.assertEqual(json.loads(self.done("info", model, "--json").stdout)["network"], [784, 8, 1])
        self.refused(1, f"cannot convert {model}", "convert", model, "maxout.onnx")
        self.assertFalse((self.root / "maxout.onnx").exists())
        self.done("convert", model, "maxout.pth")
        self.done("convert", "maxout.pth", "maxout.safetensors")
        infos = [json.loads(self.done("info", file, "--json").stdout) for file in (model, "maxout.safetensors")]
        self.assertEqual(infos[0]["metadata"], infos[1]["metadata"])
        self.done("sample", "--model", "maxout", "--out", "uniform.npz")

    def test_info_of_a_file(self):
        model = self.run_folder / "model_D.safetensors"
        info = json.loads(self.done("info", model, "--json").stdout)
        self.assertEqual(info["sha256"], hashlib.sha256(model.read_bytes()).hexdigest())
        self.assertEqual(info["bytes"], model.stat().st_size)
        self.assertEqual(info["network"], [784, 8, 1])
        self.assertEqual(info["parameters"], 784 * 8 + 8 + 8 + 1)
        text = self.done("info", model).stdout
        for words in (info["sha256"], "784-8-1", "8×784", "network"):
            self.assertIn(words, text)
        checkpoint = json.loads(self.done("info", self.run_folder / "checkpoint.safetensors", "--json").stdout)
        self.assertIsNone(checkpoint["network"])

    def test_info_of_a_run(self):
        info = json.loads(self.done("info", self.run_folder, "--json").stdout)
        self.assertEqual(info["step"], 12)
        self.assertEqual(info["steps"], 12)
        self.assertEqual(info["config"]["run"]["g-slope"], 0.2)
        self.assertEqual(info["metrics"]["step"], 12)
        self.assertIn("model_G.pth", [file["name"] for file in info["files"]])
        self.assertIn("step 12 of 12", self.done("info", self.run_folder).stdout)
        self.refused(1, "not the folder of a run", "info", self.root)

    def test_models_that_do_not_draw(self):
        self.refused(1, "cannot draw", "sample", "--model", self.run_folder / "checkpoint.safetensors", "--out", "x.png")
        self.refused(1, "not the folder of a run", "sample", "--model", self.root, "--out", "x.png")
        self.refused(1, "No such file", "sample", "--model", "nowhere.pth", "--out", "x.png")
        self.refused(2, "--weights", "sample", "--model", self.run_folder, "--weights", "best", "--out", "x.png")
        self.refused(2, "--out", "sample", "--model", self.run_folder, "--out", "x.gif")
        for name, count in (("x.png", 0), ("x.png", 10001), ("x.npz", 1000001)):
            self.refused(2, "--count", "sample", "--model", self.run_folder, "--count", count, "--out", name)
        self.refused(2, "--per-row", "sample", "--model", self.run_folder, "--per-row", 1001, "--out", "x.png")
        self.refused(1, "cannot write", "sample", "--model", self.run_folder, "--out", self.root / "none" / "x.png")
        self.assertFalse((self.root / "x.png").exists())

    def test_a_discriminator_draws_nothing(self):
        model = self.run_folder / "model_D.safetensors"
        self.done("convert", model, "d.pth", "--force")  # says nothing of what it is but its one output
        for file in (model, "d.pth"):
            self.refused(1, "it is a discriminator", "sample", "--model", file, "--out", "d.png")
            self.refused(1, "it is a discriminator", "interpolate", "--model", file, "--out", "d.png")
            self.refused(1, "it is a discriminator", "eval", file, "--data", DIGITS, "--measures", "parzen", "--device", "cpu")
        self.assertFalse((self.root / "d.png").exists())

    def test_every_command_has_examples(self):
        for command in ("bench", "convert", "eval", "explore", "info", "interpolate", "sample", "sweep", "train"):
            help_text = self.done(command, "--help").stdout
            self.assertGreaterEqual(help_text.count("  gan_cuda "), 2, command)


if __name__ == "__main__":
    unittest.main()
