"""Training on one's own images: IDX files of any size, folders of PNG and JPEG files. Files and pixels are made by hand, so
that what the program reads can be told exactly, by the checksum of the pixels in a run's config.json."""
import json
import os
import struct
import unittest
import zlib
from fractions import Fraction

from font_digits import DIGITS
from program_case import ProgramCase, write_idx

SMALL = ["--device", "cpu", "--threads", "1", "--g-hidden", "16", "--d-hidden", "8", "--batch", "2", "--max-steps", "3", "--quiet"]
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6  # colour types of PNG


def png(width, height, colour, rows, depth=8, extra=()):
    """A PNG file of these rows of bytes; `extra` are chunks between header and data."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)), *extra,
              (b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


def grey_png(rows):
    return png(len(rows[0]), len(rows), GREY, rows)


def jpeg(blocks):
    """A grey JPEG of one row of 8x8 blocks, block i of the one value blocks[i]: a DC coefficient quantised by 8, and nothing else."""
    def segment(marker, content):
        return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content
    bits, before = "", 128
    for value in blocks:
        difference, before = value - before, value
        size = abs(difference).bit_length()
        low = difference if difference >= 0 else difference + (1 << size) - 1
        bits += f"{size:04b}" + (f"{low:0{size}b}" if size else "") + "0"  # codes of 4 bits for sizes, 0 for the block's end
    bits += "1" * (-len(bits) % 8)
    scan = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    return (b"\xff\xd8" + segment(0xDB, b"\0" + bytes([8] * 64)) +
            segment(0xC0, struct.pack(">BHHB", 8, 8, 8 * len(blocks), 1) + b"\1\x11\0") +
            segment(0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))) +
            segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0") +
            segment(0xDA, b"\1\1\0\0\x3f\0") + scan + b"\xff\xd9")


def ramp(width, height, start=0):
    return [[(start + 7 * x + 13 * y) % 256 for x in range(width)] for y in range(height)]


def scaled(rows, side):
    """The middle square at side x side, every pixel the mean of the area it covers."""
    square = min(len(rows), len(rows[0]))
    top, left = (len(rows) - square) // 2, (len(rows[0]) - square) // 2

    def overlaps(i):
        begin, end = Fraction(i * square, side), Fraction((i + 1) * square, side)
        return [(p, min(end, p + 1) - max(begin, p)) for p in range(square) if min(end, p + 1) > max(begin, p)]

    def mean(i, j):
        total = sum(a * b * rows[top + y][left + x] for y, a in overlaps(i) for x, b in overlaps(j))
        return int(total * Fraction(side, square) ** 2 + Fraction(1, 2))
    return [[mean(i, j) for j in range(side)] for i in range(side)]


class OwnData(ProgramCase):
    def setUp(self):
        super().setUp()
        self.runs = 0

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def write_idx(self, folder, images):
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        count = len(images)
        for part in ("train", "t10k"):
            write_idx(self.root / folder / f"{part}-images-idx3-ubyte", (count, len(images[0]), len(images[0][0])),
                      (value for rows in images for row in rows for value in row))
            write_idx(self.root / folder / f"{part}-labels-idx1-ubyte", (count,), (i % 10 for i in range(count)))

    def train(self, folder, *arguments):
        """The folder of a short run, and its configuration."""
        self.runs += 1
        run = f"run-{self.runs}"
        result = self.program(*SMALL, "--data", folder, "--out", run, *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return run, json.loads((self.root / run / "config.json").read_text())["run"]

    def assert_trained_on(self, images, folder, *arguments):
        run, config = self.train(folder, *arguments)
        self.assertEqual((config["data-count"], config["data-height"], config["data-width"]),
                         (len(images), len(images[0]), len(images[0][0])))
        self.assertEqual(config["data-crc32"], zlib.crc32(b"".join(bytes(row) for rows in images for row in rows)))
        return run

    def assert_data_refused(self, *words, data="pictures", more=()):
        self.refused(1, words, *SMALL, "--data", data, *more, "--out", "refused")
        self.assertFalse((self.root / "refused").exists(), "a refused run left a folder")

    def test_every_kind_of_png_is_read_as_grey(self):
        plain, colours = ramp(3, 2), [[200, 100, 50, 0, 255, 0, 9, 9, 9], [255, 0, 0, 0, 0, 255, 1, 2, 3]]
        luma = [[(299 * r + 587 * g + 114 * b + 500) // 1000 for r, g, b in zip(*[iter(row)] * 3)] for row in colours]
        alpha = [0, 128, 255]
        faded = [[(v * a * 2 + 255) // 510 for v, a in zip(row, alpha)] for row in plain]
        self.write("pictures/a.png", grey_png(plain))
        self.write("pictures/b.png", png(3, 2, RGB, colours))
        self.write("pictures/c.png", png(3, 2, RGBA, [[w for v, a in zip(row, alpha) for w in (v, v, v, a)] for row in plain]))
        self.write("pictures/d.png", png(3, 2, GREY_ALPHA, [[w for v, a in zip(row, alpha) for w in (v, a)] for row in plain]))
        self.write("pictures/e.png", png(3, 2, PALETTE, [[2, 1, 0], [0, 0, 1]],
                                         extra=[(b"PLTE", bytes((10, 10, 10, 255, 0, 0, 99, 99, 99))), (b"tRNS", b"\xff\xff\0")]))
        self.write("pictures/f.png", png(3, 2, GREY, [[v for w in row for v in (w, w)] for row in plain], depth=16))
        self.write("pictures/g.png", png(3, 2, GREY, [[0b10100000], [0b01000000]], depth=1))
        self.assert_trained_on([plain, luma, faded, faded, [[0, 76, 10], [10, 10, 76]], plain, [[255, 0, 255], [0, 255, 0]]],
                               "pictures")

    def test_png_and_jpeg_files_are_found_in_all_folders_in_the_order_of_their_paths(self):
        for name, value in (("b/2.JPG", 20), ("b/10.jpeg", 10), ("z.jpg", 90), ("b/c/x.png", 30), ("a.PNG", 0)):
            self.write("pictures/" + name, jpeg([value]))  # the content tells what a file is
        self.write("pictures/.hidden.png", b"")
        self.write("pictures/.cache/y.png", b"")
        self.write("pictures/notes.txt", b"")
        self.write("pictures/m.jpg", grey_png([[80] * 8] * 8))
        self.assert_trained_on([[[v] * 8] * 8 for v in (0, 10, 20, 30, 80, 90)], "pictures")

    def test_images_are_scaled_by_their_middle_square(self):
        wide, high, small = ramp(13, 9), ramp(7, 20, 5), ramp(3, 3, 40)
        self.write("pictures/a.png", grey_png(wide))
        self.write("pictures/b.png", grey_png(high))
        self.write("pictures/c.png", grey_png(small))
        self.write("pictures/d.jpg", jpeg([10, 200, 30]))
        blocks = [[10] * 8 + [200] * 8 + [30] * 8] * 8
        for side in (1, 4, 7):
            self.assert_trained_on([scaled(rows, side) for rows in (wide, high, small, blocks)], "pictures", "--image-size", side)

    def test_images_of_several_sizes_need_a_size(self):
        self.write("pictures/a.png", grey_png(ramp(4, 4)))
        self.write("pictures/b.png", grey_png(ramp(4, 4)))
        self.write("pictures/c.png", grey_png(ramp(5, 4)))
        self.assert_data_refused("pictures/c.png has 5x4 pixels", "pictures/a.png has 4x4", "--image-size")

    def test_damaged_files_are_named_with_the_reason(self):
        whole, picture = grey_png(ramp(40, 40)), jpeg([1, 2, 3, 200] * 8)
        flipped = bytearray(whole)
        flipped[60] ^= 4
        absurd = png(100000, 100000, GREY, [b""])
        for name, content, words in (("half.png", whole[:len(whole) // 2], "PNG data cannot be decoded"),
                                     ("flipped.png", bytes(flipped), "PNG data cannot be decoded"),
                                     ("header.png", whole[:20], "PNG data cannot be decoded"),
                                     ("half.jpg", picture[:-12], "Premature end of JPEG file"),
                                     ("header.jpg", picture[:40], "JPEG data cannot be decoded"),
                                     ("text.png", b"a text\n", "neither PNG nor JPEG"),
                                     ("empty.jpeg", b"", "is empty"),
                                     ("absurd.png", absurd, "promises 100000x100000 pixels"),
                                     ("absurd.jpg", picture.replace(struct.pack(">HH", 8, 256), b"\xff\0\xff\0"), "promises 65280x65280")):
            with self.subTest(name):
                self.write(f"{name}.d/{name}", content)
                self.assert_data_refused(f"cannot read {name}.d/{name}: ", words, data=f"{name}.d", more=("--image-size", 8))

    def test_all_damaged_files_are_named_in_one_line(self):
        self.write("pictures/good.png", grey_png(ramp(4, 4)))
        for i in range(3):
            self.write(f"pictures/{i}.png", b"text")
        self.assert_data_refused("3 images cannot be read", "pictures/0.png", "pictures/1.png", "pictures/2.png")

    # 1/2.2: as it is; 1.0, light itself: (64/255)^(1/2.2) is 136/255 (PNG specification, 13.13).
    def test_gamma_is_as_the_png_specification_has_it(self):
        row = [[0, 64, 128, 255]]
        for gamma, expected in ((45455, row), (100000, [[0, 136, 186, 255]])):
            for name in "ab":
                self.write(f"gamma{gamma}/{name}.png", png(4, 1, GREY, row, extra=[(b"gAMA", struct.pack(">I", gamma))]))
            self.assert_trained_on([expected] * 2, f"gamma{gamma}")

    def test_images_are_counted_aloud_and_so_is_what_is_left_out(self):
        self.write("pictures/a.png", grey_png(ramp(4, 4)))
        for i in range(5):
            self.write(f"pictures/{i}.webp", b"RIFF")
        loud = [option for option in SMALL if option != "--quiet"]
        result = self.program(*loud, "--data", "pictures", "--batch", 1, "--out", "run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("(1 image)", result.stderr)
        self.assertIn("1 .png, .jpg or .jpeg file is taken", result.stderr)
        self.assertIn("5 .webp", result.stderr)

    def test_a_relativistic_run_has_one_probability(self):
        self.write("pictures/a.png", grey_png(ramp(4, 4)))
        self.write("pictures/b.png", grey_png(ramp(4, 4, 9)))
        loud = [option for option in SMALL if option != "--quiet"]
        result = self.program(*loud, "--data", "pictures", "--loss", "relativistic", "--log-every", 1, "--out", "run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("P(real over generated) 0.", result.stderr)
        self.assertNotIn("D(G(z))", result.stderr)

    def test_a_loss_without_probabilities_shows_scores(self):
        self.write("pictures/a.png", grey_png(ramp(4, 4)))
        self.write("pictures/b.png", grey_png(ramp(4, 4, 9)))
        loud = [option for option in SMALL if option != "--quiet"]
        result = self.program(*loud, "--data", "pictures", "--loss", "wasserstein", "--clip", 0.01, "--log-every", 1, "--out", "run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"score of real -?\d+\.\d\d, generated -?\d+\.\d\d")
        self.assertNotIn("D(G(z))", result.stderr)

    def test_a_folder_without_images_and_a_name_that_is_no_file(self):
        (self.root / "pictures").mkdir()
        self.assert_data_refused("no .png, .jpg or .jpeg files in pictures", "train-images-idx3-ubyte")
        (self.root / "pictures" / "gone.png").symlink_to("nowhere")
        self.assert_data_refused("cannot read pictures/gone.png: No such file")
        (self.root / "pictures" / "gone.png").unlink()
        os.mkfifo(self.root / "pictures" / "pipe.png")
        self.assert_data_refused("cannot read pictures/pipe.png: it is not a regular file")

    def test_idx_files_of_any_size_are_scaled_as_well(self):
        for width, height in ((8, 8), (30, 20)):
            images = [ramp(width, height, i) for i in range(4)]
            self.write_idx("idx", images)
            self.assert_trained_on(images, "idx")
            run = self.assert_trained_on([scaled(rows, 5) for rows in images], "idx", "--image-size", 5)
            judged = self.program("eval", run, "--data", "idx", "--image-size", 5, "--measures", "parzen", "--count", 6, "--json")
            self.assertEqual(judged.returncode, 0, judged.stderr)

    def test_images_are_held_back(self):
        images = [ramp(6, 5, i) for i in range(9)]
        self.write_idx("all", images)
        self.write_idx("first", images[:5])
        some, _ = self.train("all", "--train-images", 5)
        whole, _ = self.train("first")
        for name in ("model_G.safetensors", "model_D.safetensors"):
            self.assertEqual((self.root / some / name).read_bytes(), (self.root / whole / name).read_bytes())
        self.assertEqual(self.program("--resume", some, "--max-steps", 7, "--quiet").returncode, 0)
        self.refused(2, ["--train-images cannot change"], "--resume", some, "--max-steps", 9, "--train-images", 6)
        self.refused(2, ["--train-images 10", "9 training images"], *SMALL, "--data", "all", "--train-images", 10)
        self.refused(2, ["--train-images"], *SMALL, "--data", "all", "--train-images", -1)

    def test_networks_have_the_width_of_the_images(self):
        self.write("pictures/a.png", grey_png(ramp(6, 5)))
        self.write("pictures/b.png", grey_png(ramp(6, 5, 1)))
        run, _ = self.train("pictures")
        result = self.program("sample", "--model", run, "--out", "x.npz", "--count", 3)
        self.assertEqual(result.returncode, 0, result.stderr)
        shapes = self.program("info", f"{run}/model_G.safetensors", "--json").stdout
        self.assertIn("[30,16]", shapes.replace(" ", ""))
        self.assertIn(b"(3, 5, 6, 1", (self.root / "x.npz").read_bytes())

    def test_impossible_sizes_exit_with_2(self):
        for size in ("-1", "1025", "x"):
            self.refused(2, ["--image-size"], *SMALL, "--data", DIGITS, "--image-size", size, "--out", "refused")

    def test_a_run_goes_on_with_the_size_it_began_with(self):
        for i in range(6):
            self.write(f"pictures/{i}.png", grey_png(ramp(9 + i, 9, i)))
        begun, _ = self.train("pictures", "--image-size", 6)
        whole, _ = self.train("pictures", "--image-size", 6, "--max-steps", 7)
        self.refused(2, ["--image-size cannot change", "was 6, not 7"], "--resume", begun, "--image-size", 7, "--max-steps", 7)
        resumed = self.program("--resume", begun, "--max-steps", 7, "--quiet")
        self.assertEqual((resumed.returncode, resumed.stderr), (0, ""))
        for name in ("model_G.safetensors", "model_D.safetensors"):
            self.assertEqual((self.root / begun / name).read_bytes(), (self.root / whole / name).read_bytes())
        (self.root / "pictures" / "3.png").unlink()
        self.refused(2, ["not those this run was trained on"], "--resume", whole, "--max-steps", 9)

    def test_the_other_commands_take_such_images_or_say_what_they_lack(self):
        for i in range(6):
            self.write(f"pictures/{i}.png", grey_png(ramp(9 + i, 9, i)))
        run, _ = self.train("pictures", "--image-size", 6)
        data = ("--data", "pictures", "--image-size", 6)
        near = self.program("sample", "--model", run, "--count", 4, "--nearest", *data, "--out", "near.png")
        self.assertEqual((near.returncode, near.stderr), (0, ""))
        self.assertEqual(len(near.stdout.splitlines()), 5)
        self.refused(1, ["pictures/1.png has 10x9", "--image-size"],
                            "sample", "--model", run, "--nearest", *data[:2], "--out", "no.png")
        self.refused(1, ["25 pixels", "the samples 36", "--image-size"],
                            "sample", "--model", run, "--nearest", *data[:3], 5, "--out", "no.png")
        self.assertEqual(self.program("interpolate", "--model", run, "--out", "between.png").returncode, 0)
        judged = self.program("eval", run, *data, "--count", 6, "--json")
        self.assertEqual(judged.returncode, 1, judged.stderr)  # nothing could be measured
        self.assertIn("no log-likelihood without test images: the PNG and JPEG files in pictures", judged.stderr)
        self.assertIn("without labels: the PNG and JPEG files in pictures", judged.stderr)
        self.refused(2, ["--eval-measures: no log-likelihood", "test images come with IDX files only"],
                            *SMALL, *data, "--eval-every", 1, "--out", "refused")


if __name__ == "__main__":
    unittest.main()
