"""A real browser runs a generator in the page of gan_cuda explore: its pixels are those of `sample`, and it answers the mouse,
the keyboard and fingers, on a phone and in the dark.  Exit code 77 where there is no Chromium."""
import json
import math
import os
import struct
import sys
import unittest
import zipfile

from browser import BROWSER, Browser
from explore_files import grey_png, write_model
from program_case import SharedProgramCase, safetensors_header, write_data

if BROWSER is None:
    print("there is no chromium")
    sys.exit(77)

ARROWS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
CODE = "<img src=x onerror=alert(1)>"  # a model's name that would be code if it got into the page as it is
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].filter((_, i) => i % 4 === 0)"


class ExploreInBrowser(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        write_model(cls.root / "wide.safetensors", [9, 40, 17, 33, 60], "6x10", 0.2)
        write_model(cls.root / "z.safetensors", [16, 16], "4x4")
        write_model(cls.root / "uniform.safetensors", [16, 16], "4x4", latent="uniform")
        write_model(cls.root / "animals.safetensors", [9, 40, 33, 60], "6x10", classes=["a cat", "dog", CODE])
        cls.browser = Browser(cls.root)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.window(1280, 900)

    def open(self, model="best", *options):
        page = self.root / "page.html"
        self.done("explore", model, *options, "--out", page)
        self.browser.open(page)
        return page

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.browser.requests(), [(self.root / "page.html").as_uri()])

    def samples(self, model="best", seed=1, count=64):
        self.done("sample", "--model", model, "--seed", seed, "--count", count, "--device", "cpu", "--out", "samples.npz")
        with zipfile.ZipFile(self.root / "samples.npz") as archive:
            array = archive.read("arr_0.npy")
        start = 10 + struct.unpack_from("<H", array, 8)[0]
        size = (len(array) - start) // count
        return [list(array[start + i * size:start + (i + 1) * size]) for i in range(count)]

    def sheet(self):
        self.browser.wait_for("sheet.frame === 0")  # all images are drawn
        return self.browser.evaluate(f"[...document.querySelectorAll('#sheet canvas')].map({PIXELS})")

    def chosen(self):
        return self.browser.evaluate(f"({PIXELS})(document.getElementById('chosen'))")

    def text(self, name):
        return self.browser.evaluate(f"document.getElementById('{name}').textContent")

    def read_z(self):
        self.browser.click("#save-z")
        name = self.browser.evaluate("data.name")
        return json.loads(self.browser.downloaded(f"{name}.json"))["z"]

    def slider(self, number):
        return float(self.browser.evaluate(f"document.querySelectorAll('#sliders output')[{number}].textContent"))

    def press(self, key, times=1):
        for _ in range(times):
            self.browser.key(key, ARROWS.get(key) or {"Enter": 13, " ": 32}[key])

    def assert_close(self, found, expected):
        self.assertEqual(len(found), len(expected))
        self.assertLessEqual(max(abs(a - b) for a, b in zip(found, expected)), 1)

    def assert_draws(self, model, seed):
        for found, expected in zip(self.sheet(), self.samples(model, seed), strict=True):
            self.assert_close(found, expected)

    def type_seed(self, text):
        self.browser.click("#seed")
        self.browser.evaluate("document.getElementById('seed').select()")
        self.browser.type(text)
        self.press("Enter")

    def test_it_draws_what_sample_draws(self):
        published = os.environ.get("GAN_SEED_MODEL")
        for model, seed in (("best", 1), ("wide.safetensors", 7), *([(published, 3)] if published else [])):
            self.open(model, "--seed", seed)
            self.assert_draws(model, seed)
            self.assert_close(self.chosen(), self.samples(model, seed, 1)[0])

    def test_a_run_leaves_a_page_with_its_name(self):
        write_data(self.root / "data")
        self.done("--data", "data", "--batch", 20, "--epochs", 1, "--g-hidden", 8, "--d-hidden", 8, "--device", "cpu", "--quiet",
                  "--out", "a run")
        page = self.root / "page.html"
        page.write_bytes((self.root / "a run/explore.html").read_bytes())
        self.browser.open(page)
        self.assertEqual(self.text("name"), self.root.name)  # of the folder that it lies in now
        for found, expected in zip(self.sheet(), self.samples("a run"), strict=True):
            self.assert_close(found, expected)

    def test_classes_have_buttons(self):
        self.open("animals.safetensors")
        names = self.browser.evaluate("[...document.querySelectorAll('#classes button')].map(button => button.textContent)")
        self.assertEqual(names, ["a cat", "dog", CODE])
        for k, name in ((0, "a cat"), (1, "dog"), (2, CODE)):
            if k:
                self.browser.click(f"#classes button:nth-child({k + 1})")
            self.done("sample", "--model", "animals.safetensors", "--class", name, "--count", 64, "--device", "cpu", "--out", "class.safetensors")
            _, values = safetensors_header((self.root / "class.safetensors").read_bytes())
            expected = [int(255 * v + 0.5) for v in struct.unpack(f"<{64 * 60}f", values)]
            for i, found in enumerate(self.sheet()):
                self.assert_close(found, expected[60 * i:60 * (i + 1)])
            self.assert_close(self.chosen(), expected[:60])
            self.assertEqual(self.text("drawn"), f"gan_cuda sample --class {name} --seed 1")
            pressed = self.browser.evaluate("[...document.querySelectorAll('#classes [aria-pressed=true]')].map(b => b.textContent)")
            self.assertEqual(pressed, [name])
        self.type_seed("12")
        self.assertEqual(self.text("drawn"), f"gan_cuda sample --class {CODE} --seed 12")
        self.open("wide.safetensors")
        self.assertTrue(self.browser.evaluate("document.getElementById('classes').hidden"))

    def test_a_typed_seed(self):
        self.open("wide.safetensors")
        for seed in ("0", "123456", "18446744073709551615"):
            self.type_seed(seed)
            self.assertEqual(self.text("drawn"), f"gan_cuda sample --seed {seed}")
            self.assert_draws("wide.safetensors", seed)
        before = self.sheet()
        for wrong in ("18446744073709551616", "-1", "one"):
            self.type_seed(wrong)
            self.assertIn("A seed is a whole number", self.text("status"))
            self.assertTrue(self.sheet() == before)

    def test_latent_vectors_are_those_of_the_program(self):
        for model in ("uniform.safetensors", "z.safetensors"):
            self.open(model, "--seed", 42)
            self.done("sample", "--model", model, "--seed", 42, "--count", 64, "--device", "cpu", "--out", "z_samples.safetensors")
            _, values = safetensors_header((self.root / "z_samples.safetensors").read_bytes())
            expected = [math.log(p / (1 - p)) for p in struct.unpack(f"<{64 * 16}f", values)]
            found = self.browser.evaluate("sheet.vectors.flatMap(vector => [...vector])")
            for a, b in zip(found, expected, strict=True):
                self.assertAlmostEqual(a, b, delta=2e-5)  # the sigmoid's values are floats
            self.assertEqual(max(map(abs, found)) < math.sqrt(3), model == "uniform.safetensors")
        self.assertEqual(self.read_z(), [float(f"{value:.9g}") for value in found[:16]])

    def test_a_click_and_arrow_keys_choose(self):
        self.open()
        sheet = self.sheet()
        self.browser.click("#sheet button:nth-child(20)")
        self.assertEqual(self.chosen(), sheet[19])
        for key, index in (("ArrowRight", 20), ("ArrowDown", 28), ("ArrowLeft", 27), ("ArrowUp", 19)):
            self.press(key)
            self.assertEqual(self.chosen(), sheet[index], key)
            self.assertEqual(self.browser.evaluate("document.activeElement.ariaLabel"), f"Image {index + 1}")
        self.press("ArrowUp", 9)
        self.assertEqual(self.chosen(), sheet[3])  # and stays in the first row
        checked = self.browser.evaluate("[...document.querySelectorAll('#sheet [aria-checked=true]')].map(tile => tile.ariaLabel)")
        self.assertEqual(checked, ["Image 4"])

    def test_dragging_the_large_image_moves_along_two_directions(self):
        self.open()
        before = [self.slider(i) for i in range(3)]
        first = self.chosen()
        self.browser.drag("#chosen", (0.5, 0.5), (0.75, 0.25))  # a quarter of its width is 1.5
        self.assertNotEqual(self.chosen(), first)
        for i, moved in enumerate((1.5, 1.5, 0)):
            self.assertAlmostEqual(self.slider(i), before[i] + moved, delta=0.05)
        self.press("ArrowLeft", 5)
        self.assertAlmostEqual(self.slider(0), before[0] + 0.5, delta=0.05)
        self.browser.click("#reset")
        self.assertEqual(self.chosen(), first)

    def test_a_slider_moves_along_its_direction_alone(self):
        self.open()
        before = [self.slider(i) for i in range(16)]
        self.browser.drag("#sliders label:nth-child(3) input", (0.5, 0.5), (0.75, 0.5))
        after = [self.slider(i) for i in range(16)]
        self.assertAlmostEqual(after[2], 2, delta=0.25)  # the thumb has a width
        for i in set(range(16)) - {2}:
            self.assertAlmostEqual(after[i], before[i], delta=0.011)

    def test_values_of_z_have_sliders_too(self):
        self.open()
        self.browser.evaluate("document.getElementById('basis').focus()")
        self.press("ArrowDown")
        before = self.read_z()
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('#sliders input').length"), 100)
        self.browser.evaluate("document.querySelectorAll('#sliders input')[4].focus()")
        self.press("ArrowRight", 30)
        after = self.read_z()
        self.assertAlmostEqual(after[4], before[4] + 0.3, delta=0.006)
        self.assertEqual(after[:4] + after[5:], before[:4] + before[5:])

    def test_a_walk_is_that_of_interpolate(self):
        self.open("wide.safetensors")
        self.done("interpolate", "--model", "wide.safetensors", "--rows", 1, "--steps", 5, "--device", "cpu", "--out", "walk.png")
        width, height, pixels = grey_png((self.root / "walk.png").read_bytes())
        self.assertEqual((width, height), (5 * 12 + 2, 10))  # images 10 wide and 6 high, 2 apart
        self.browser.evaluate("document.getElementById('position').focus()")
        for step in range(1, 5):
            self.press("ArrowRight", 25)
            left = 2 + 12 * step
            self.assert_close(self.chosen(), [value for y in range(2, 8) for value in pixels[y * width + left:y * width + left + 10]])

    def test_stops_are_added_and_removed_and_play_walks(self):
        self.open()
        stops = lambda: self.browser.evaluate("document.querySelectorAll('#stops button').length")
        self.assertEqual(stops(), 4)
        self.browser.click("#clear")
        self.assertEqual((stops(), self.browser.evaluate("document.getElementById('play').disabled")), (0, True))
        for tile in (5, 9, 2):
            self.browser.click(f"#sheet button:nth-child({tile})")
            self.browser.click("#add")
        self.browser.click("#stops button:nth-child(2)")
        sheet = self.sheet()
        self.assertTrue(self.browser.evaluate(f"[...document.querySelectorAll('#stops canvas')].map({PIXELS})") == [sheet[4], sheet[1]])
        before = self.chosen()
        self.browser.click("#play")
        self.assertEqual(self.text("play"), "Pause")
        self.browser.wait_for("document.getElementById('position').valueAsNumber > 0.2")
        self.browser.click("#play")
        self.assertEqual(self.text("play"), "Play")
        place = self.browser.evaluate("document.getElementById('position').value")
        self.assertNotEqual(self.chosen(), before)
        self.browser.evaluate("new Promise(done => setTimeout(done, 100))")
        self.assertEqual(self.browser.evaluate("document.getElementById('position').value"), place)

    def test_more_like_this_and_back(self):
        self.open()
        sheet = self.sheet()
        self.browser.click("#sheet button:nth-child(10)")
        self.browser.click("#more")
        similar = self.sheet()
        self.assertEqual(similar[0], sheet[9])
        distance = lambda image: sum(abs(a - b) for a, b in zip(image, sheet[9]))
        mean = lambda images: sum(map(distance, images)) / len(images)
        self.assertTrue(0 < mean(similar[1:]) < 0.7 * mean(sheet[10:]), (mean(similar[1:]), mean(sheet[10:])))
        self.assertEqual(len({tuple(image) for image in similar}), 64)
        self.browser.click("#back")
        self.assertTrue(self.sheet() == sheet and self.chosen() == sheet[9])
        self.assertTrue(self.browser.evaluate("document.getElementById('back').disabled"))

    def test_new_images_have_a_seed_that_sample_takes(self):
        self.open("wide.safetensors")
        self.browser.click("#new")
        self.assert_draws("wide.safetensors", self.browser.evaluate("document.getElementById('seed').value"))

    def test_a_saved_png_is_the_image(self):
        self.open("wide.safetensors")
        self.browser.click("#save-png")
        width, height, pixels = grey_png(self.browser.downloaded("wide.png"))
        self.assertEqual((width, height), (510, 306))
        self.assertTrue(pixels == self.enlarged(self.chosen(), 10, 51))

    def enlarged(self, pixels, width, times):
        rows = [pixels[i:i + width] for i in range(0, len(pixels), width)]
        return [value for row in rows for _ in range(times) for value in row for _ in range(times)]

    def test_z_is_saved_and_loaded(self):
        self.open()
        self.browser.click("#sheet button:nth-child(7)")
        image = self.chosen()
        self.browser.click("#save-z")
        saved = self.browser.downloaded("best.json")
        self.assertEqual(json.loads(saved)["model"], "best")
        self.browser.click("#sheet button:nth-child(1)")
        for name, text, told in (("z.json", saved.decode(), "Loaded z.json."), ("bad.json", "{", "bad.json is not a z of 100 numbers"),
                                 ("short.json", '{"z": [1, 2]}', "short.json is not a z of 100 numbers"),
                                 ("null.json", json.dumps({"z": 100 * [None]}), "null.json is not a z of 100 numbers")):
            (self.root / name).write_text(text)
            self.browser.choose_file("#file", self.root / name)
            self.browser.wait_for(f"document.getElementById('status').textContent.startsWith({json.dumps(told)})")
            self.assertEqual(self.chosen(), image)

    def test_a_phone(self):
        self.browser.window(390, 844, phone=True)
        self.open()
        sheet = self.sheet()
        self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
        box = self.browser.evaluate("document.getElementById('sheet').lastChild.getBoundingClientRect().toJSON()")
        self.assertGreaterEqual(min(box["width"], box["height"]), 40)
        self.assertLessEqual(box["bottom"], 844)  # all images are in sight at once
        self.browser.tap("#sheet button:nth-child(12)")
        self.browser.wait_for("sheet.index === 11")
        self.assertEqual(self.chosen(), sheet[11])
        before = self.slider(0), self.slider(1)
        self.browser.slide_finger("#chosen", (0.3, 0.8), (0.3, 0.6), (0.3, 0.4), (0.5, 0.2))
        self.assertAlmostEqual(self.slider(0), before[0] + 1.2, delta=0.1)
        self.assertAlmostEqual(self.slider(1), before[1] + 3.6, delta=0.1)
        self.browser.evaluate("scrollTo(0, document.body.scrollHeight)")
        top = self.browser.evaluate("document.getElementById('chosen').getBoundingClientRect().top")
        self.assertGreaterEqual(top, 0)  # the large image stays in sight

    def test_the_dark(self):
        colour = lambda: self.browser.evaluate("getComputedStyle(document.body).backgroundColor")
        self.open()
        light = colour()
        self.browser.window(1280, 900, dark=True)
        self.assertEqual((light, colour()), ("rgb(246, 247, 249)", "rgb(16, 19, 23)"))

    def test_a_name_is_not_code(self):
        write_model(self.root / f"{CODE}.safetensors", [3, 4, 4], "2x2")
        self.open(f"{CODE}.safetensors")
        self.assertEqual((self.text("name"), self.browser.evaluate("document.title")), (CODE, f"{CODE} · gan_cuda"))
        self.assertEqual(self.browser.evaluate("document.images.length"), 0)


if __name__ == "__main__":
    unittest.main()
