"""gan_cuda explore as a user meets it: what it writes and what it refuses."""
import json
import os
import unittest
from pathlib import Path

from font_digits import DIGITS
from program_case import SharedProgramCase

BEGIN = '<script type="application/json" id="data">'
SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16", "--d-hidden", "8", "--quiet", "--max-steps", "12"]


IN_DOCS = Path(__file__).parent.parent.parent / "docs/explore.html"


def data_of(page):
    return json.loads(page.partition(BEGIN)[2].partition("</script>")[0])


class Explore(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls().done(*SMALL, "--g-slope", "0.2", "--out", cls.root / "run")

    def explored(self, *arguments):
        self.done("explore", *arguments, "--out", "page.html")
        return data_of((self.root / "page.html").read_text())

    def test_the_page_of_the_published_networks_is_below_a_megabyte(self):
        data = self.explored("best")
        self.assertEqual([(layer["in"], layer["out"]) for layer in data["layers"]], [(100, 256), (256, 256), (256, 784)])
        self.assertEqual((data["name"], data["seed"], data["height"], data["width"]), ("best", "1", 28, 28))
        self.assertEqual(len(data["shares"]), 16)
        self.assertLess((self.root / "page.html").stat().st_size, 1_000_000)

    def test_the_page_in_docs_is_that_of_best(self):
        """But for the program's commit, and for directions that LAPACK rounds as the machine has it.  GAN_UPDATE_DOCUMENTS=1 updates it."""
        self.explored("best")
        page = (self.root / "page.html").read_text()
        if os.environ.get("GAN_UPDATE_DOCUMENTS"):
            IN_DOCS.write_text(page)

        def comparable(text):
            data = {key: value for key, value in data_of(text).items() if key not in ("maker", "directions", "shares")}
            return text.partition(BEGIN)[0], data, text.partition(BEGIN)[2].partition("</script>")[2]
        self.assertTrue(comparable(page) == comparable(IN_DOCS.read_text()), "docs/explore.html is not what the program writes")

    def test_a_run_goes_by_its_folder_and_a_file_by_its_name(self):
        for model, name in (("run", "run"), ("run/", "run"), ("run/.", "run"), ("run/model_G.pth", "model_G")):
            data = self.explored(model, "--seed", 18446744073709551615)
            self.assertEqual((data["name"], data["seed"], data["slope"]), (name, "18446744073709551615", 0.2))

    def test_weights_are_those_that_are_asked_for(self):
        layers = {weights: self.explored("run", "--weights", weights)["layers"] for weights in ("trained", "average", "auto")}
        self.assertNotEqual(layers["trained"], layers["average"])
        self.assertEqual(layers["average"], layers["auto"])
        self.assertEqual(layers["trained"], self.explored("run/model_G.safetensors")["layers"])

    def test_equal_pages_have_equal_bytes_and_take_the_place_of_earlier_ones(self):
        for name in ("a.html", "b.html", "a.html"):
            self.done("explore", "run", "--out", name)
        self.assertEqual((self.root / "a.html").read_bytes(), (self.root / "b.html").read_bytes())

    def test_it_refuses_in_one_line_and_leaves_nothing(self):
        before = sorted(self.root.iterdir())
        for code, words, arguments in (
                (1, "missing.safetensors", ["missing.safetensors", "--out", "x.html"]),
                (1, "it is a discriminator", ["run/model_D.safetensors", "--out", "x.html"]),
                (1, "is not the folder of a run", [".", "--out", "x.html"]),
                (1, "no/x.html", ["run", "--out", "no/x.html"]),
                (2, "--out must end in .html", ["run", "--out", "x.png"]),
                (2, "--weights", ["run", "--weights", "best", "--out", "x.html"]),
                (2, "--seed", ["run", "--seed", "-1", "--out", "x.html"]),
                (2, "--out", ["run"]),
                (2, "model", ["--out", "x.html"])):
            self.refused(code, words, "explore", *arguments)
        self.assertEqual(sorted(self.root.iterdir()), before)


if __name__ == "__main__":
    unittest.main()
