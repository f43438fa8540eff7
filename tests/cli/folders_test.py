"""Folders of runs and sweeps under stress: two programs in one folder, kept checkpoints, damaged files."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = os.environ["GAN_CUDA_PROGRAM"]
SMALL = ["--device", "cpu", "--threads", "1", "--data", "built-in", "--g-hidden", "16", "--d-hidden", "8", "--log-every", "10"]
LONG = [*SMALL, "--quiet", "--max-steps", "100000000", "--epochs", "1000000"]


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def program(self, *arguments):
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.root, capture_output=True, text=True, timeout=120)

    def done(self, *arguments):
        result = self.program(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def refused(self, code, words, *arguments):
        result = self.program(*arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(words, result.stderr)
        return result.stderr

    def start(self, *arguments, until):
        """Starts a program that goes on for long, and waits until it has written a file of some length."""
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.root, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        path, length = until
        while not (self.root / path).exists() or (self.root / path).stat().st_size < length:
            self.assertIsNone(process.poll(), "it ended too early")
            time.sleep(0.005)
        return process

    def contents(self, folder):
        return {path: path.read_bytes() for path in (self.root / folder).rglob("*") if path.is_file()}

    def steps(self, run):
        return [int(row.split(",")[0]) for row in (self.root / run / "metrics.csv").read_text().splitlines()[1:]]

    def test_a_folder_belongs_to_one_run_at_a_time(self):
        first = self.start(*LONG, "--out", "run", until=("run/metrics.csv", 500))
        self.refused(1, "run is in use", *SMALL, "--quiet", "--out", "run", "--max-steps", 5)
        self.refused(1, "run is in use", "--resume", "run", "--quiet")
        self.assertIsNone(first.poll())
        first.terminate()
        self.assertEqual(first.wait(60), 143)
        before = self.contents("run")
        second = self.start("--resume", "run", "--quiet", until=("run/metrics.csv", len(before[self.root / "run/metrics.csv"]) + 500))
        self.refused(1, "run is in use", "--resume", "run", "--quiet")
        self.done("info", "run")  # to look is free
        second.kill()
        second.wait()
        last = json.loads(self.done("info", "run", "--json").stdout)["step"] // 10 * 10 + 100
        self.done("--resume", "run", "--quiet", "--max-steps", last)  # whoever is killed holds nothing
        self.assertEqual(self.steps("run"), list(range(10, last + 1, 10)))

    def test_runs_that_begin_in_the_same_second_get_a_folder_each(self):
        runs = [subprocess.Popen([PROGRAM, *SMALL, "--max-steps", "1", "--quiet"], cwd=self.root) for _ in range(6)]
        self.assertEqual([run.wait(60) for run in runs], [0] * 6)
        folders = list((self.root / "runs").iterdir())
        self.assertEqual(len(folders), 6)
        self.assertTrue(all((folder / "model_G.pth").exists() for folder in folders))

    def test_a_sweep_belongs_to_one_program_at_a_time(self):
        (self.root / "s.toml").write_text(
            'data = "built-in"\ndevice = "cpu"\ng-hidden = [16]\nd-hidden = [8]\nepochs = 100000\nseeds = [1]\n'
            'eval-measures = ["parzen"]\n[configuration.a]\nlog-every = 10\n')
        run = "sweeps/s/a/seed_1"
        first = self.start("sweep", "s.toml", until=(f"{run}/metrics.csv", 500))
        self.refused(1, "sweeps/s is in use", "sweep", "s.toml")
        self.refused(1, f"{run} is in use", "--resume", run, "--quiet")
        first.terminate()
        self.assertEqual(first.wait(60), 143)
        self.assertNotIn("in use", (self.root / "sweeps/s/a/seed_1.log").read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
