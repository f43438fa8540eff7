"""Folders of runs and sweeps under stress: two programs in one folder, kept checkpoints, damaged files."""
import json
import signal
import struct
import subprocess
import sys
import time
import unittest

from font_digits import DIGITS
from program_case import PROGRAM, ProgramCase

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16", "--d-hidden", "8", "--log-every", "10"]
LONG = [*SMALL, "--quiet", "--max-steps", "100000000", "--epochs", "1000000"]


class Folders(ProgramCase):
    def start(self, *arguments, until):
        """Starts a program that runs for long, and waits until it has written a file of some length."""
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
            f'data = "{DIGITS}"\ndevice = "cpu"\ng-hidden = [16]\nd-hidden = [8]\nepochs = 100000\nseeds = [1]\n'
            'eval-measures = ["parzen"]\n[configuration.a]\nlog-every = 10\n')
        run = "sweeps/s/a/seed_1"
        first = self.start("sweep", "s.toml", until=(f"{run}/metrics.csv", 500))
        self.refused(1, "sweeps/s is in use", "sweep", "s.toml")
        self.refused(1, f"{run} is in use", "--resume", run, "--quiet")
        first.terminate()
        self.assertEqual(first.wait(60), 143)
        self.assertNotIn("in use", (self.root / "sweeps/s/a/seed_1.log").read_text())

    # Data so small that a run does little but write: 60 images, 3 steps an epoch.
    KEPT = ["--device", "cpu", "--threads", "1", "--data", "data", "--g-hidden", "16", "--d-hidden", "8", "--quiet", "--log-every",
            "2", "--batch", "20", "--checkpoint-every", "1", "--keep-checkpoints", "3", "--sample-every", "0", "--epochs", "1000"]

    def write_data(self):
        (self.root / "data").mkdir()
        for part in ("train", "t10k"):
            (self.root / f"data/{part}-images-idx3-ubyte").write_bytes(
                struct.pack(">4I", 2051, 60, 6, 5) + bytes(i * 37 % 251 for i in range(1800)))
            (self.root / f"data/{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 2049, 60) + bytes(i % 10 for i in range(60)))

    def test_a_damaged_checkpoint_is_refused_and_an_older_one_goes_on_to_the_same_bytes(self):
        self.write_data()
        self.done(*self.KEPT, "--max-steps", 15, "--out", "whole")
        self.done(*self.KEPT, "--max-steps", 12, "--out", "run")
        run = self.root / "run"
        names = lambda: sorted(path.name for path in run.glob("checkpoint*"))
        self.assertEqual(names(), ["checkpoint.safetensors", "checkpoint_6.safetensors", "checkpoint_9.safetensors"])
        (run / "checkpoint.safetensors").write_bytes((run / "checkpoint.safetensors").read_bytes()[:-1])
        before = self.contents("run")
        error = self.refused(1, "an older one is there", "--resume", "run", "--max-steps", 15, "--quiet").stderr
        older = error.split()[-1]
        self.assertEqual(older, "run/checkpoint_9.safetensors")
        self.refused(2, "--batch", "--resume", older, "--batch", 10, "--quiet")
        self.assertEqual(self.contents("run"), before)
        self.done("--resume", older, "--quiet", "--max-steps", 15)
        self.assertEqual(names(), ["checkpoint.safetensors", "checkpoint_12.safetensors", "checkpoint_9.safetensors"])
        for name in ("checkpoint.safetensors", "model_G.safetensors", "losses.png"):
            self.assertEqual((run / name).read_bytes(), (self.root / "whole" / name).read_bytes(), name)
        self.assertEqual(self.steps("run"), self.steps("whole"))

    def test_going_back_drops_what_came_later(self):
        self.write_data()
        self.done(*self.KEPT, "--max-steps", 12, "--out", "run")
        subprocess.run([PROGRAM, "--resume", "checkpoint_6.safetensors", "--max-steps", "8", "--data", "../data", "--quiet"],
                       cwd=self.root / "run", check=True)
        self.assertEqual(self.steps("run"), [2, 4, 6, 8])
        self.assertEqual([path.name for path in (self.root / "run").glob("checkpoint_*")], ["checkpoint_6.safetensors"])
        self.assertEqual(json.loads(self.done("info", "run", "--json").stdout)["step"], 8)
        self.refused(1, "not a checkpoint of this program", "--resume", "run/model_G.safetensors")

    def test_killed_at_any_moment_all_that_is_kept_is_whole(self):
        self.write_data()
        self.done(*self.KEPT, "--max-steps", 90, "--out", "whole")
        for i in range(16):
            folder = self.root / f"killed-{i}"
            metrics = folder / "metrics.jsonl"
            process = subprocess.Popen([PROGRAM, *self.KEPT, "--max-steps", "90", "--out", folder], cwd=self.root)
            while i > 0 and (not metrics.exists() or metrics.read_bytes().count(b"\n") < 2 * i):
                self.assertIsNone(process.poll(), "the run ended before it could be killed")
                time.sleep(0.001)
            process.kill()
            process.wait()
            older = [int(path.stem.split("_")[1]) for path in folder.glob("checkpoint_*.safetensors")]
            for step in older:
                self.done("info", folder / f"checkpoint_{step}.safetensors")
            if not (folder / "checkpoint.safetensors").exists():
                self.assertEqual(older, [])
                continue
            last = json.loads(self.done("info", folder / "checkpoint.safetensors", "--json").stdout)["metadata"]["step"]
            self.assertTrue(all(step <= int(last) for step in older), (older, last))
            if int(last) < 90:
                self.done("--resume", folder, "--quiet")
            for path in (self.root / "whole").glob("checkpoint*"):
                self.assertEqual((folder / path.name).read_bytes(), path.read_bytes(), path.name)
            self.assertEqual(len(list(folder.glob("checkpoint*.safetensors"))), 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
