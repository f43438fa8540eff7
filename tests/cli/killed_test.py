"""A judged run that is killed in front of any of its changes to files is completed by --resume: the same files, but for times."""
import json
import os
import re
import signal
import unittest
from pathlib import Path

from program_case import PROGRAM, ProgramCase, safetensors_header, write_idx

KILL_AT = os.environ["GAN_KILL_AT"]
RUN = ["--device", "cpu", "--threads", "1", "--data", "data", "--g-hidden", "8", "--d-hidden", "8", "--latent", "4", "--batch", "20",
       "--log-every", "4", "--sample-every", "1", "--checkpoint-every", "1", "--keep-checkpoints", "2", "--eval-count", "20", "--quiet"]
TIMES = ("train_seconds", "seconds")


def untimed_rows(text):
    return [{key: value for key, value in json.loads(line).items() if key not in (*TIMES, "images_per_s")} for line in text.splitlines()]


def untimed_weights(data):
    """A safetensors file without the time in its metadata."""
    header, values = safetensors_header(data)
    header.get("__metadata__", {}).pop("train_seconds", None)
    return header, values


def untimed(path):
    data = path.read_bytes()
    if path.suffix == ".safetensors":
        return untimed_weights(data)
    if path.suffix == ".csv":
        return [line.rpartition(b",")[0] for line in data.splitlines()]
    if path.suffix == ".jsonl":
        return untimed_rows(data.decode())
    if path.name == "report.html":
        page = json.loads(re.search(rb'id="run">(.*?)</script>', data, re.S)[1])
        page["metrics"]["points"] = [point[:-1] for point in page["metrics"]["points"]]
        page["evaluations"]["rows"] = [{k: v for k, v in row.items() if k not in TIMES} for row in page["evaluations"]["rows"]]
        return page
    return data


def contents(folder):
    return {str(path.relative_to(folder)): untimed(path) for path in folder.rglob("*") if path.is_file() and "tfevents" not in path.name}


# A sanitized program takes seconds to start: there, a sample of the places does.
EVERY = 8 if b"__asan_init" in Path(PROGRAM).read_bytes() else 1


class Killed(ProgramCase):
    def setUp(self):
        super().setUp()
        (self.root / "data").mkdir()
        for part in ("train", "t10k"):  # 60 images, 3 steps an epoch
            write_idx(self.root / f"data/{part}-images-idx3-ubyte", (60, 4, 4), (i * 37 % 251 for i in range(960)))

    def killed_at(self, change, *arguments):
        """Whether the program was killed; the number of its changes otherwise."""
        count = self.root / "count"
        result = self.program(*arguments, env={**os.environ, "LD_PRELOAD": KILL_AT, "KILL_AT": str(change), "KILL_COUNT": str(count),
                                               "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"})
        if result.returncode == -signal.SIGKILL:
            return True
        self.assertEqual(result.returncode, 0, result.stderr)
        return int(count.read_text())

    def complete(self, name, *arguments):
        """Resumes a run, or begins it when there is nothing to resume."""
        if (self.root / name / "checkpoint.safetensors").exists():
            result = self.program("--resume", name, "--quiet")
            if result.returncode == 2:
                self.assertIn("has done its", result.stderr)
                return
        else:
            result = self.program(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)

    def check(self, *options):
        whole = [*RUN, *options, "--out", "run"]
        self.assertEqual(self.program(*whole).returncode, 0)
        (self.root / "run").rename(self.root / "whole")
        expected = contents(self.root / "whole")
        changes = self.killed_at(10 ** 9, *whole)
        self.assertGreater(changes, 50)
        for change in range(1, changes + 1, EVERY):
            (self.root / "run").rename(self.root / f"before-{change}")  # so that the page has the same title
            with self.subTest(change=change):
                self.assertIs(self.killed_at(change, *whole), True)
                self.complete("run", *whole)
                found = contents(self.root / "run")
                self.assertEqual(sorted(found), sorted(expected))
                for file, content in expected.items():
                    self.assertEqual(found[file], content, file)

    def test_a_run_whose_last_evaluation_comes_after_its_last_checkpoint(self):
        self.check("--epochs", "3", "--eval-every", "2")

    def test_a_run_that_ends_within_an_epoch(self):
        self.check("--epochs", "3", "--max-steps", "5", "--eval-every", "1")


if __name__ == "__main__":
    unittest.main()
