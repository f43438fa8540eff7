"""Conditional generators as a user meets them: classes from labels and from folders, sample, interpolate, convert, eval, resume."""
import json
import struct
import unittest
import zlib

from explore_files import grey_png as read_png
from font_digits import DIGITS, image
from program_case import SharedProgramCase, safetensors_header

SMALL = ["--conditional", "--device", "cpu", "--threads", "1", "--g-hidden", "16,12", "--d-hidden", "8", "--quiet"]
LATENT, PIXELS, CLASSES = 100, 784, 10


def grey_png(value):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(2 * bytes([0, value, value]))) + chunk(b"IEND", b""))


class Conditional(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls().done(*SMALL, "--data", DIGITS, "--max-steps", "40", "--lr", "1e-2", "--out", "run")
        cls().done(*SMALL[1:], "--data", DIGITS, "--max-steps", "2", "--out", "plain")

    def images(self, command, *arguments, model="run"):
        """The images that a command writes, each a tuple of floats."""
        self.done(command, "--model", model, *arguments, "--device", "cpu", "--out", "images.safetensors")
        header, values = safetensors_header((self.root / "images.safetensors").read_bytes())
        count = header["images"]["shape"][0]
        return [struct.unpack_from(f"<{PIXELS}f", values, 4 * PIXELS * i) for i in range(count)]

    def assert_close(self, found, expected):
        for a, b in zip(found, expected, strict=True):
            self.assertLess(max(abs(x - y) for x, y in zip(a, b)), 1e-6)

    def test_classes_have_a_row_each_by_the_same_latent_vectors(self):
        sheet = self.images("sample", "--classes", "--per-row", 3, "--seed", 5)
        self.assertEqual(len(sheet), 3 * CLASSES)
        self.assertEqual(len(set(sheet)), 3 * CLASSES)
        for k in (0, 7):
            self.assert_close(self.images("sample", "--class", k, "--count", 3, "--seed", 5), sheet[3 * k:3 * k + 3])
        in_turn = self.images("sample", "--count", 12, "--seed", 5)
        self.assert_close([in_turn[0], in_turn[1], in_turn[2]], [sheet[0], sheet[4], sheet[8]])

    def test_images_are_those_of_the_formula(self):
        """An embedding is what a one-hot input does: y = x·wᵀ + e of the class + b."""
        header, values = safetensors_header((self.root / "run/model_G.safetensors").read_bytes())
        tensor = {name: struct.unpack_from(f"<{(e['data_offsets'][1] - e['data_offsets'][0]) // 4}f", values, e["data_offsets"][0])
                  for name, e in header.items() if name != "__metadata__"}
        self.assertEqual(header["embedding.weight"]["shape"], [CLASSES, 16])
        self.assertEqual(json.loads(header["__metadata__"]["classes"]), [str(k) for k in range(CLASSES)])
        weights, bias, embedding = tensor["network.0.weight"], tensor["network.0.bias"], tensor["embedding.weight"]
        # Without z, by a copy of the file whose weights of z are zeros.
        start = header["network.0.weight"]["data_offsets"][0]
        zeros = values[:start] + bytes(4 * len(weights)) + values[start + 4 * len(weights):]
        text = json.dumps(header).encode()
        (self.root / "no_z.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + zeros)
        drawn = self.images("sample", "--class", 4, "--count", 1, "--weights", "trained", model="no_z.safetensors")[0]
        x = [max(b + embedding[4 * 16 + i], 0) for i, b in enumerate(bias)]
        h = [max(sum(w * v for w, v in zip(tensor["network.2.weight"][16 * o:], x)) + tensor["network.2.bias"][o], 0) for o in range(12)]
        for o in (0, 300, 783):
            y = sum(w * v for w, v in zip(tensor["network.4.weight"][12 * o:], h)) + tensor["network.4.bias"][o]
            self.assertAlmostEqual(drawn[o], 1 / (1 + 2.718281828459045 ** -y), delta=1e-5)

    def test_a_path_between_classes_begins_and_ends_in_them(self):
        for options, ends in ((("--class", 3, "--to-class", 8), (3, 8)), (("--class", 3), (3, 3))):
            self.done("interpolate", "--model", "run", *options, "--rows", 1, "--steps", 2, "--seed", 2, "--out", "i.png")
            self.done("sample", "--model", "run", "--class", ends[0], "--count", 2, "--seed", 2, "--out", "a.png")
            self.done("sample", "--model", "run", "--class", ends[1], "--count", 2, "--seed", 2, "--out", "b.png")
            i, a, b = (self.pixels(name) for name in ("i.png", "a.png", "b.png"))
            middle = 2 + 28 + 1
            for row, first, second in zip(i, a, b):
                self.assertEqual(row, first[:middle] + second[middle:])

    def pixels(self, name):
        """The rows of a grey PNG."""
        width, height, values = read_png((self.root / name).read_bytes())
        return [values[width * y:width * (y + 1)] for y in range(height)]

    def test_formats_carry_the_classes(self):
        model = "run/model_G.safetensors"
        expected = self.images("sample", "--class", 6, "--count", 4, model=model)
        for name in ("g.pth", "g.pt", "again.safetensors"):
            self.done("convert", model, name)
            self.assertEqual(self.images("sample", "--class", 6, "--count", 4, model=name), expected)
        self.assertEqual(self.images("sample", "--class", 6, "--count", 4, "--weights", "trained"), expected)
        info = json.loads(self.done("info", "g.pth", "--json").stdout)
        self.assertIn({"name": "embedding.weight", "shape": [10, 16]}, info["tensors"])
        self.assertEqual(info["network"], [100, 16, 12, 784])

    def test_resumed_to_the_same_bytes(self):
        arguments = [*SMALL, "--data", DIGITS, "--simultaneous", "--log-every", "5"]
        self.done(*arguments, "--max-steps", "12", "--out", "whole")
        self.done(*arguments, "--max-steps", "7", "--out", "parts")
        self.done("--resume", "parts", "--max-steps", "12", "--device", "cpu", "--threads", "1", "--quiet")
        for name in ("checkpoint.safetensors", "model_G.safetensors", "model_D.safetensors", "model_G_ema.safetensors"):
            self.assertEqual((self.root / "whole" / name).read_bytes(), (self.root / "parts" / name).read_bytes(), name)
        self.refused(2, "--conditional cannot change", "--resume", "parts", "--no-conditional", "--quiet")

    def test_a_sheet_has_a_row_for_each_class(self):
        rows = self.pixels(next((self.root / "run/samples").glob("step_40.png")).relative_to(self.root))
        self.assertEqual((len(rows[0]), len(rows)), (8 * 30 + 2, CLASSES * 30 + 2))

    def write_digits(self, name, order):
        """A generator of one layer that draws digit order[k] of the font for class k, whatever z is."""
        tensors, values = {"__metadata__": {"network": "G", "image": "28x28"}}, b""
        rows = [logit for k in order for logit in (20.0 if pixel else -20.0 for pixel in image(k, 6, 3, 255))]
        for tensor, shape, numbers in (("network.0.weight", [PIXELS, LATENT], PIXELS * LATENT * [0.0]),
                                       ("network.0.bias", [PIXELS], PIXELS * [0.0]), ("embedding.weight", [CLASSES, PIXELS], rows)):
            tensors[tensor] = {"dtype": "F32", "shape": shape, "data_offsets": [len(values), len(values) + 4 * len(numbers)]}
            values += struct.pack(f"<{len(numbers)}f", *numbers)
        header = json.dumps(tensors).encode()
        (self.root / name).write_bytes(struct.pack("<Q", len(header)) + header + values)

    def class_accuracy(self, model):
        result = json.loads(self.done("eval", model, "--data", DIGITS, "--measures", "classes", "--count", 500, "--json",
                                      "--device", "cpu").stdout)
        return result.get("class_accuracy")

    def test_accuracy_is_the_share_of_samples_that_are_read_as_their_class(self):
        self.write_digits("right.safetensors", range(CLASSES))
        self.write_digits("half.safetensors", [0, 1, 2, 3, 4, 6, 7, 8, 9, 5])
        self.assertEqual(self.class_accuracy("right.safetensors"), 1)
        self.assertAlmostEqual(self.class_accuracy("half.safetensors"), 0.5, delta=0.02)  # the data's classes have equal shares
        self.assertIsNone(self.class_accuracy("plain/model_G.safetensors"))
        self.refused(2, "--keep-best class_accuracy needs --conditional", *SMALL[1:], "--data", DIGITS, "--eval-every", 1,
                     "--eval-measures", "classes", "--keep-best", "class_accuracy", "--out", "refused")

    def test_a_run_is_evaluated_by_its_classes(self):
        self.done(*SMALL, "--data", DIGITS, "--max-steps", "3", "--eval-every", 1, "--eval-measures", "classes", "--eval-count", 500,
                  "--keep-best", "class_accuracy", "--out", "evaluated")
        rows = [json.loads(row) for row in (self.root / "evaluated/evaluations.jsonl").read_text().splitlines()]
        for row, name in zip(rows, ("model_G", "model_G_ema"), strict=True):
            self.assertEqual(row["class_accuracy"], self.class_accuracy(f"evaluated/{name}.safetensors"))
        best = safetensors_header((self.root / "evaluated/model_G_best.safetensors").read_bytes())[0]
        self.assertIn("embedding.weight", best)

    def test_the_program_carries_a_conditional_generator(self):
        self.assertEqual(len(self.images("sample", "--classes", "--per-row", 2, model="conditional")), 2 * CLASSES)
        note = json.loads(self.done("info", "conditional", "--json").stdout)["metadata"]["note"]
        self.assertIn("--recipe conditional", note)

    def test_folders_are_classes(self):
        for name, values in (("a cat", (10, 20)), ("dog", (200,))):
            (self.root / "pictures" / name).mkdir(parents=True)
            for value in values:
                (self.root / "pictures" / name / f"{value}.png").write_bytes(grey_png(value))
        arguments = [*SMALL, "--data", "pictures", "--batch", "2", "--max-steps", "3"]
        self.done(*arguments, "--out", "animals")
        config = json.loads((self.root / "animals/config.json").read_text())["run"]
        self.assertEqual(config["data-classes"], ["a cat", "dog"])
        self.assertEqual(config["data-labels-crc32"], zlib.crc32(bytes((0, 0, 1))))
        for name in ("dog", "1"):
            self.done("sample", "--model", "animals", "--class", name, "--out", f"{name}.png")
        self.assertEqual((self.root / "dog.png").read_bytes(), (self.root / "1.png").read_bytes())
        self.refused(2, ("--class", "horse", "a cat, dog"), "sample", "--model", "animals", "--class", "horse", "--out", "x.png")
        (self.root / "pictures/dog").rename(self.root / "pictures/wolf")
        self.refused(2, "the training images are not those", "--resume", "animals", "--max-steps", "9", "--quiet")
        (self.root / "pictures/7.png").write_bytes(grey_png(7))
        self.refused(1, "7.png is in no folder of a class", *arguments, "--out", "refused")
        self.assertFalse((self.root / "refused").exists())

    def test_one_class_is_not_enough(self):
        (self.root / "alone/only").mkdir(parents=True)
        (self.root / "alone/only/1.png").write_bytes(grey_png(1))
        self.refused(2, "two classes", *SMALL, "--data", "alone", "--batch", "1", "--out", "refused")

    def test_what_has_no_classes_is_told(self):
        for options in (("--class", "1"), ("--classes",)):
            self.refused(2, (options[0], "plain", "has no classes"), "sample", "--model", "plain", *options, "--out", "x.png")
        self.refused(2, "has no classes", "interpolate", "--model", "plain", "--class", "1", "--out", "x.png")
        self.refused(2, "there is no class", "sample", "--model", "run", "--class", "10", "--out", "x.png")
        self.refused(2, "--to-class", "interpolate", "--model", "run", "--to-class", "1", "--out", "x.png")
        self.refused(2, "--class", "sample", "--model", "run", "--classes", "--class", "1", "--out", "x.png")
        self.refused(2, "--count", "sample", "--model", "run", "--classes", "--count", "9", "--out", "x.png")


if __name__ == "__main__":
    unittest.main()
