"""gan_cuda and what people give it: settings, stored and given, and how a run that cannot go well ends."""
import json
import struct
import sys
import unittest

from font_digits import DIGITS
from program_case import ProgramCase, safetensors_header

SMALL = ("--data", DIGITS, "--device", "cpu", "--threads", "1", "--g-hidden", "16", "--d-hidden", "8", "--batch", "256")
DEEP = 60000


class Settings(ProgramCase):
    def reason(self, *arguments, code=2):
        """The line on stderr of a program that ends with this code."""
        lines = self.done(*arguments, code=code).stderr.splitlines()
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def write(self, name, text):
        (self.root / name).write_text(text)
        return name

    def run_of(self, *options):
        self.done(*SMALL, "--max-steps", "3", "--log-every", "1", "--out", "run", "--quiet", *options)
        return self.root / "run"

    def change_checkpoint(self, change, values=None):
        """Rewrites the run's checkpoint with `change` applied to its metadata."""
        path = self.root / "run/checkpoint.safetensors"
        header, before = safetensors_header(path.read_bytes())
        change(header["__metadata__"])
        text = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + (values or before))

    def test_a_leading_zero_is_no_octal_number(self):
        self.run_of("--epochs", "010", "--seed", "010")
        config = json.loads((self.root / "run/config.json").read_text())["run"]
        self.assertEqual((config["epochs"], config["seed"]), (10, 10))

    def test_other_names_for_an_option_are_told_the_right_one(self):
        for typed, meant in (("--batch-size", "--batch"), ("-b", "--batch"), ("--n_epochs", "--epochs"), ("-e", "--epochs"),
                             ("--learning-rate", "--lr"), ("-lr", "--lr")):
            self.assertIn(f"did you mean {meant}?", self.reason(typed, "3"))
        self.assertIn("did you mean --count?", self.reason("sample", "--model", "x", "--out", "x.png", "-n", "3"))

    def test_help_shows_what_can_be_typed(self):
        for command in ([], ["train"], ["eval"], ["bench"], ["sweep"]):
            self.assertNotIn("{false}", self.done(*command, "--help").stdout)

    def test_files_nested_deep_are_refused(self):
        self.run_of()
        brackets, dots = "[" * DEEP, "a." * 16000 + "a"
        for name, text in (("deep.json", brackets), ("deep2.json", '{"run":{"batch":' + brackets + "]" * DEEP + "}}"),
                           ("dots.toml", dots + " = 1\n"), ("table.toml", f"[{dots}]\nb = 1\n"),
                           ("inline.toml", "b = " + "{a = " * 16000)):
            self.assertIn(name, self.reason(*SMALL, "--config", self.write(name, text)))
        for name in ("dots.toml", "table.toml"):
            self.assertIn(name, self.reason("sweep", name, "--dry-run"))
        self.write("run/evaluations.jsonl", '{"step":' + brackets + "\n")
        self.assertIn("evaluations.jsonl", self.reason(*SMALL, "--resume", "run", "--max-steps", "6", "--eval-every", "1",
                                                        "--eval-count", "50", "--quiet", code=1))
        self.done(*SMALL, "--resume", "run", "--max-steps", "6", "--log-every", "1", "--quiet")  # the report skips it
        good = (self.root / "run/config.json").read_text()
        self.write("run/config.json", '{"run":' + brackets)
        self.assertIn("config.json", self.reason("info", "run", code=1))
        self.write("run/config.json", good)
        self.change_checkpoint(lambda metadata: metadata.update(config=brackets))
        self.assertIn("checkpoint", self.reason("info", "run", code=1))
        self.assertIn("checkpoint", self.reason("--resume", "run", code=1))

    def test_a_stored_configuration_is_checked_as_one_that_is_given(self):
        self.run_of()
        config = self.root / "run/config.json"
        good = json.loads(config.read_text())
        for name, value in (("batch", 0), ("batch", 2147483647), ("data-count", 0), ("data-count", -1), ("data-height", 0),
                            ("g-hidden", [1] * 450000), ("log-every", 0), ("loss", "none")):
            with self.subTest(name=name, value=str(value)[:20]):
                config.write_text(json.dumps(good | {"run": good["run"] | {name: value}}))
                self.assertIn("config.json", self.reason("info", "run", code=1))
                config.write_text(json.dumps(good))
                changed = json.dumps(good["run"] | {name: value})
                self.change_checkpoint(lambda metadata: metadata.update(config=changed))
                self.assertIn("checkpoint.safetensors", self.reason("info", "run", code=1))
                self.assertIn("checkpoint.safetensors", self.reason("--resume", "run", "--max-steps", "6", code=1))
                self.change_checkpoint(lambda metadata: metadata.update(config=json.dumps(good["run"])))
        self.done("info", "run")
        layers = self.write("layers.toml", "g-hidden = [" + "1," * 450000 + "]\n")
        self.assertIn("--g-hidden", self.reason(*SMALL[:6], "--config", layers))

    def test_a_mistake_in_a_config_json_has_its_line_and_column(self):
        self.run_of()
        text = (self.root / "run/config.json").read_text()
        lines = text.splitlines()
        last = next(i for i, line in enumerate(lines) if line.startswith("  }")) - 1  # of the run's options
        comma = lines[:last] + [lines[last] + ","] + lines[last + 1:]
        batch = next(i for i, line in enumerate(lines) if '"batch"' in line)
        nocomma = lines[:batch] + [lines[batch].rstrip(",")] + lines[batch + 1:]
        for broken, line in ((comma, last + 2), (nocomma, batch + 2)):
            self.assertIn(f"line {line}, column", self.reason("--config", self.write("config.json", "\n".join(broken))))
            self.write("run/config.json", "\n".join(broken))
            self.assertIn(f"line {line}, column", self.reason("info", "run", code=1))

    def test_one_rate_for_both_networks_in_files(self):
        self.run_of("--config", self.write("lr.toml", "lr = 3e-4\nlr-d = 1e-3\n"))
        config = json.loads((self.root / "run/config.json").read_text())["run"]
        self.assertEqual((config["lr-g"], config["lr-d"]), (3e-4, 1e-3))

    def test_the_recipe_that_is_recorded_was_used(self):
        self.run_of()
        done = self.done("--config", "run/config.json", "--recipe", "best", "--out", "again")
        self.assertIn("--recipe best changes nothing", done.stderr)
        first, again = (json.loads((self.root / run / "config.json").read_text())["run"] for run in ("run", "again"))
        self.assertEqual(first, again)

    def test_a_run_that_diverges_says_what_helps(self):
        done = self.done(*SMALL, "--lr", "1e30", "--log-every", "1", "--max-steps", "50", "--out", "run", "--quiet", "--json",
                            code=1)
        self.assertIn("begin a new run with a lower --lr", done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual((result["run"], result["outcome"]), ("run", "failed"))
        self.assertIn("diverged", result["failure"])

    def test_a_run_that_ends_by_collapse_has_its_line_of_json(self):
        done = self.done(*SMALL, "--lr-g", "1e-9", "--lr-d", "0.02", "--log-every", "5", "--max-steps", "2000",
                            "--stop-on-collapse", "--out", "run", "--quiet", "--json", code=1)
        result = json.loads(done.stdout)
        self.assertEqual((result["outcome"], done.stderr.strip()), ("failed", "gan_cuda: " + result["failure"]))
        self.done("--resume", "run", "--no-stop-on-collapse", "--max-steps", result["step"] + 5, "--quiet")

    def test_nan_in_a_checkpoint_is_seen_when_it_is_loaded(self):
        self.run_of()
        path = self.root / "run/checkpoint.safetensors"
        whole = path.read_bytes()
        path.write_bytes(whole[:-4] + struct.pack("<f", float("nan")))
        self.assertIn("not all finite", self.reason("--resume", "run", "--max-steps", "6", code=1))

    def test_a_run_without_weights_yet_says_so(self):
        self.run_of()
        for model in (self.root / "run").glob("model_*"):
            model.unlink()
        for command in (["sample", "--model", "run", "--out", "x.png"], ["eval", "run", "--data", DIGITS],
                        ["interpolate", "--model", "run", "--out", "x.png"], ["explore", "run", "--out", "x.html"]):
            self.assertIn("has not saved weights yet", self.reason(*command, code=1))

    def test_a_run_without_an_average_says_so(self):
        self.run_of("--ema", "0")
        self.assertIn("--ema 0", self.reason("sample", "--model", "run", "--weights", "average", "--out", "x.png", code=1))

    def test_an_end_within_an_epoch_leaves_a_sheet_until_the_run_resumes(self):
        run = self.run_of()
        sheets = lambda: sorted(path.name for path in (run / "samples").iterdir())
        self.assertEqual(sheets(), ["step_3.png", "step_3_ema.png"])
        self.done("--resume", "run", "--max-steps", "5", "--quiet")
        self.assertEqual(sheets(), ["step_5.png", "step_5_ema.png"])

    def test_eval_that_could_measure_nothing_fails(self):
        run = self.run_of()
        images = self.root / "images"
        images.mkdir()
        self.done("sample", "--model", run, "--count", "16", "--out", "sheet.png", "--per-row", "4")
        (self.root / "sheet.png").rename(images / "a.png")
        done = self.done("eval", run, "--data", images, "--image-size", "28", "--count", "50", "--json", code=1)
        self.assertIn("nothing could be measured", done.stderr)
        self.assertTrue(all(json.loads(line)["parzen_ll"] is None for line in done.stdout.splitlines()))


if __name__ == "__main__":
    sys.exit(unittest.main())
