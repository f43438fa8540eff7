"""`gan_cuda eval` as a user meets it, and the commands around it."""
import json
import re
import struct
import unittest

from font_digits import DIGITS
from program_case import SharedProgramCase

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16", "--d-hidden", "8", "--quiet",
         "--max-steps", "3"]
KEYS = ["parzen_ll", "parzen_se", "parzen_sigma", "parzen_n", "parzen_ceiling", "frechet", "classifier_score", "kid",
        "precision", "recall", "density", "coverage", "class_kl", "min_class", "classifier_accuracy", "seconds"]


class Eval(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls().done("train", *SMALL, "--out", "run")

    def eval(self, *arguments):
        return self.program("eval", *arguments, "--data", DIGITS, "--measures", "parzen", "--count", 500)

    def test_train_is_the_command_when_none_is_named(self):
        self.assertIn("--epochs", self.program("--help").stdout)
        self.assertEqual(self.program("train", "--help").stdout, self.program("--help").stdout)
        self.assertEqual(self.program(*SMALL, "--out", "unnamed").returncode, 0)
        name = "model_G.safetensors"
        self.assertEqual((self.root / "unnamed" / name).read_bytes(), (self.root / "run" / name).read_bytes())

    def test_help(self):
        text = self.program("eval", "--help").stdout
        for words in ("gan_cuda eval", "--data", "--count", "--seed", "--json", "--sensitivity", "--measures", "--device", "Examples"):
            self.assertIn(words, text)

    def test_a_run_has_a_column_for_its_generator_and_one_for_the_average(self):
        of_run = self.eval("run")
        self.assertEqual(of_run.returncode, 0, of_run.stderr)
        heading, values = of_run.stdout.splitlines()[:4], of_run.stdout.splitlines()[4]
        self.assertIn("trained: 500 samples of run/model_G.safetensors", heading[0])
        self.assertIn("average: 500 samples of run/model_G_ema.safetensors", heading[1])
        self.assertEqual(heading[3].split(), ["trained", "average"])
        self.assertNotIn("Fréchet", of_run.stdout)
        for name, column in (("model_G", 0), ("model_G_ema", 1)):
            alone = self.eval(f"run/{name}.safetensors").stdout.splitlines()
            self.assertIn(f"500 samples of run/{name}.safetensors", alone[0])
            likelihood = re.compile(r"-?[\d.]+ ± [\d.]+")
            self.assertEqual(likelihood.findall(values)[column], *likelihood.findall(alone[1]))

    def test_json_has_a_line_for_the_generator_and_one_for_its_average(self):
        trained, average = map(json.loads, self.eval("run", "--json").stdout.splitlines())
        self.assertEqual((trained.pop("weights"), average.pop("weights")), ("trained", "average"))
        for values, name in ((trained, "model_G"), (average, "model_G_ema")):
            alone = json.loads(self.eval(f"run/{name}.safetensors", "--json").stdout)
            self.assertEqual({**alone, "seconds": 0}, {**values, "seconds": 0})
        self.assertNotEqual(trained["parzen_ll"], average["parzen_ll"])
        assert self.program("train", *SMALL, "--ema", 0, "--out", "alone").returncode == 0
        (only,) = self.eval("alone", "--json").stdout.splitlines()
        self.assertEqual(json.loads(only)["weights"], "trained")

    def test_json_has_every_key_and_null_for_what_was_not_measured(self):
        result = self.eval("run/model_G.safetensors", "--json", "--sensitivity")
        self.assertEqual(len(result.stdout.splitlines()), 1)
        values = json.loads(result.stdout)
        self.assertEqual(list(values), KEYS + ["sensitivity"])
        self.assertEqual(values["parzen_n"], 500)
        self.assertIsInstance(values["parzen_ll"], float)
        for key in KEYS[5:-1]:
            self.assertIsNone(values[key], key)
        self.assertNotIn("sensitivity", json.loads(self.eval("run/model_G.safetensors", "--json").stdout))

    def test_the_number_of_threads_changes_nothing_but_the_time(self):
        def result(threads):
            values = json.loads(self.eval("run/model_G.safetensors", "--json", "--threads", threads).stdout)
            del values["seconds"]
            return values
        self.assertEqual(result(1), result(3))
        for threads in (-1, 1025):
            self.refused(2, "--threads", "eval", "run", "--threads", threads)

    def test_the_seed_decides(self):
        def likelihood(*arguments):
            return json.loads(self.eval("run/model_G.safetensors", "--json", *arguments).stdout)["parzen_ll"]
        self.assertEqual(likelihood(), likelihood("--seed", 1))
        self.assertNotEqual(likelihood(), likelihood("--seed", 2))

    def test_the_device(self):
        def likelihood(*arguments):
            result = self.eval("run/model_G.safetensors", "--json", *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            return json.loads(result.stdout)["parzen_ll"]
        self.assertAlmostEqual(likelihood("--device", "cpu"), likelihood(), delta=0.1)  # auto may be a GPU
        on = ("run", "--data", DIGITS)
        self.refused(2, "--device must be auto, cpu, cuda or cuda:N", "eval", *on, "--device", "tpu")
        self.refused(2, "--device cuda:99", "eval", *on, "--device", "cuda:99")

    def test_images_are_evaluated_as_they_are(self):
        header = json.dumps({"x": {"dtype": "F32", "shape": [20, 28, 28], "data_offsets": [0, 20 * 784 * 4]}}).encode()
        header += b" " * (-len(header) % 8)
        (self.root / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(20 * 784 * 4))
        result = self.eval("x.safetensors", "--json")
        self.assertEqual(json.loads(result.stdout)["parzen_n"], 20, result.stderr)

    def test_impossible_options_exit_with_2(self):
        self.refused(2, "model", "eval")
        self.refused(2, "--nonsense", "eval", "run", "--nonsense")
        self.refused(2, "--count", "eval", "run", "--count", 5)
        self.refused(2, "--count", "eval", "run", "--count", "x")
        self.refused(2, "there is no \"beauty\", only parzen", "eval", "run", "--measures", "parzen,beauty")

    def test_failures_exit_with_1_and_name_the_file(self):
        on = ["--data", DIGITS]
        self.refused(1, "none.pth", "eval", "none.pth", *on)
        (self.root / "bad.pth").write_bytes(b"\x80\x02}q\x00.")
        self.refused(1, "bad.pth", "eval", "bad.pth", *on)
        self.refused(1, "it is a discriminator", "eval", "run/model_D.safetensors", *on)
        self.refused(1, "missing", "eval", "run", "--data", self.root / "missing")
        self.refused(1, "no model_G.safetensors", "eval", ".", *on)


if __name__ == "__main__":
    unittest.main()
