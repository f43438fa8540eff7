"""gan_cuda sweep as a user meets it: what it leaves, that it resumes where it was stopped, and what fails."""
import json
import signal
import subprocess
import sys
import time
import unittest

from font_digits import DIGITS
from program_case import PROGRAM, ProgramCase

COMMON = f"""
data = "{DIGITS}"
device = "cpu"
g-hidden = [16]
d-hidden = [8]
max-steps = 30
eval-every = 0
eval-count = 50
eval-measures = ["parzen"]
seeds = [1, 2]
"""


class Sweep(ProgramCase):
    def sweep(self, *arguments, code=0):
        done = self.program("sweep", *arguments, timeout=600)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def write(self, text):
        (self.root / "small.toml").write_text(COMMON + text)
        return "small.toml"

    def test_a_dry_run_only_tells(self):
        done = self.sweep(self.write("[configuration.a]\nbatch = [16, 32]\n"), "--dry-run")
        self.assertEqual(len(done.stdout.splitlines()), 4)
        self.assertEqual([path.name for path in self.root.iterdir()], ["small.toml"])

    def test_what_is_wrong_is_said_before_anything_is_trained(self):
        for text, words in (("[configuration.a]\nbacth = 1\n", "batch"), ("", "configuration"),
                            ("[configuration.a]\n[configuration.b]\nbatch = 70000\n", "--batch 70000"),
                            ("[configuration.a]\nengine = \"fused\"\ndevice = \"cpu\"\n", "--engine fused needs a GPU")):
            done = self.sweep(self.write(text), code=2)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn(words, done.stderr)
        self.assertFalse((self.root / "sweeps").exists())

    def test_the_images_are_looked_at_once(self):
        seeds = ", ".join(map(str, range(1, 401)))
        began = time.monotonic()
        self.sweep(self.write(f"[configuration.a]\nseed = [{seeds}]\n"), "--dry-run")
        self.assertLess(time.monotonic() - began, 30)

    def test_a_run_that_fails_is_told_and_the_others_continue(self):
        text = "[configuration.good]\n[configuration.bad]\nlr-g = 1e30\nlr-d = 1e30\n"
        done = self.sweep(self.write(text), "--json", code=1)
        self.assertIn("training diverged", done.stderr)
        good, bad = json.loads(done.stdout)
        self.assertEqual((good["configuration"], good["done"], bad["done"]), ("good", 2, 0))
        self.assertIn("trained.parzen_ll", good["figures"])
        self.assertEqual(good["figures"]["average.parzen_ll"]["seeds"], 2)
        folder = self.root / "sweeps" / "small"
        self.assertEqual(json.loads((folder / "sweep.json").read_text()), [good, bad])
        self.assertIn("| good | 2/2 |", (folder / "sweep.md").read_text())

        before = (folder / "good" / "seed_1" / "evaluation.jsonl").stat().st_mtime_ns
        self.sweep("small.toml", code=1)  # what is done is not done again
        self.assertEqual((folder / "good" / "seed_1" / "evaluation.jsonl").stat().st_mtime_ns, before)
        changed = self.sweep(self.write("[configuration.good]\nbatch = 64\n"), code=2)
        self.assertIn("good", changed.stderr)

    def test_a_run_is_no_place_for_a_sweep(self):
        run = self.root / "sweeps" / "small"
        run.mkdir(parents=True)
        (run / "checkpoint.safetensors").touch()
        done = self.sweep(self.write("[configuration.a]\n"), code=2)
        self.assertIn("folder of a run", done.stderr)
        self.assertEqual(len(list(run.iterdir())), 1)

    def test_it_resumes_where_it_was_stopped(self):
        self.write("[configuration.a]\nmax-steps = 20000\n")
        process = subprocess.Popen([PROGRAM, "sweep", "small.toml", "--jobs", "2"], cwd=self.root, stderr=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, text=True)
        both = [self.root / "sweeps" / "small" / "a" / f"seed_{seed}" / "metrics.csv" for seed in (1, 2)]
        while not all(metrics.exists() and metrics.stat().st_size > 200 for metrics in both):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 143, errors)
        self.assertIn("gan_cuda sweep small.toml", errors)
        for metrics in both:
            self.assertTrue((metrics.parent / "checkpoint.safetensors").exists())
        metrics = both[0]
        rows = len(metrics.read_text().splitlines())
        process = subprocess.Popen([PROGRAM, "sweep", "small.toml"], cwd=self.root, stderr=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)
        while len(metrics.read_text().splitlines()) <= rows + 3:
            time.sleep(0.01)
        process.terminate()
        self.assertEqual(process.wait(timeout=120), 143)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
