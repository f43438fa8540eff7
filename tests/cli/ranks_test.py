"""gan_cuda sweep under a real mpirun. Exit code 77 where there is none, or where the program was built without MPI."""
import json
import os
import shutil
import signal
import unittest
from pathlib import Path

from mpi_case import MpiCase, children, skip_without_mpi
from program_case import PROGRAM, write_data

COMMON = """
data = "data"
device = "cpu"
g-hidden = [16]
d-hidden = [8]
batch = 20
log-every = 10
eval-every = 0
eval-count = 20
eval-measures = ["parzen"]
seeds = [1, 2, 3]
"""
SHORT = "[configuration.short]\nmax-steps = 100\n"
LONG = "[configuration.long]\nmax-steps = 200000\nepochs = 100000\nsample-every = 0\ncheckpoint-every = 10000\n"  # some seconds


class Ranks(MpiCase):
    def setUp(self):
        super().setUp()
        (self.root / "s.toml").write_text(COMMON + SHORT)

    def mpirun(self, count, *arguments):
        return self.ended(self.start("-n", count, PROGRAM, "sweep", *arguments))

    def runs(self, out, configuration):
        return [self.root / out / configuration / f"seed_{seed}" for seed in (1, 2, 3)]

    def start_long(self, count, *options):
        """Returns once the short runs are done and so many long ones train."""
        (self.root / "s.toml").write_text(COMMON + SHORT + LONG)
        size = lambda run: (run / "metrics.csv").stat().st_size if (run / "metrics.csv").exists() else 0
        before = {run: size(run) for run in self.runs("out", "long")}
        process = self.start(*options, "-n", count, PROGRAM, "sweep", "s.toml", "--out", "out", "--jobs", 1)
        trains = lambda run: size(run) > before[run] + 500
        self.wait_for(lambda: sum(map(trains, self.runs("out", "long"))) >= count)
        return process, children(process.pid)

    def steps(self, out="out"):
        return [json.loads(self.done("info", run, "--json").stdout)["step"] for run in self.runs(out, "long") if run.exists()]

    def wait_until_saved(self, pids):
        self.wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))
        self.assertTrue(all(0 < step < 200000 for step in self.steps()), self.steps())

    def assert_as_alone(self, out, *configurations):
        self.done("sweep", "s.toml", "--out", "alone")
        for configuration in configurations:
            for alone, shared in zip(self.runs("alone", configuration), self.runs(out, configuration)):
                self.assertEqual((alone / "checkpoint.safetensors").read_bytes(), (shared / "checkpoint.safetensors").read_bytes())
        figures = lambda folder: [row["figures"]["trained.parzen_ll"] for row in
                                  json.loads((self.root / folder / "sweep.json").read_text())]
        self.assertEqual(figures(out), figures("alone"))

    def test_any_number_of_ranks_has_the_results_of_one_program(self):
        for count in (2, 3):
            code, output, lines = self.mpirun(count, "s.toml", "--out", f"out{count}")
            self.assertEqual(code, 0, lines)
            self.assertEqual(sorted(lines), [f"gan_cuda: done: short, seed {seed}" for seed in (1, 2, 3)])
            self.assertEqual(output.count("| short | 3/3 |"), 1)
            self.assert_as_alone(f"out{count}", "short")
        self.assertEqual(len(self.mpirun(2, "s.toml", "--dry-run")[1].splitlines()), 3)
        self.assertEqual(self.mpirun(2, "--help")[1].count("Usage"), 1)

    def test_a_failed_run_is_told_once_and_tried_again_by_the_next_command(self):
        (self.root / "s.toml").write_text(COMMON + SHORT + "[configuration.bad]\nlr-g = 1e30\nlr-d = 1e30\n")
        for _ in range(2):
            code, output, lines = self.mpirun(3, "s.toml", "--out", "out")
            self.assertEqual(code, 1)
            self.assertEqual(sum("training diverged" in line for line in lines), 3, lines)
            self.assertIn("| bad | 0/3 |", output)
            self.assertIn("| short | 3/3 |", output)

    def test_the_runs_of_a_killed_rank_resume_on_any_number_of_ranks(self):
        process, ranks = self.start_long(2)
        runs = [pid for rank in ranks for pid in children(rank)]
        self.assertEqual(len(runs), 2)
        for pid in runs:  # a run that took itself for a rank would speak to mpirun
            self.assertNotRegex(Path(f"/proc/{pid}/environ").read_text(), "OMPI_|PMIX_")
        finished = [(run / "evaluation.jsonl").stat().st_mtime_ns for run in self.runs("out", "short")]
        os.kill(ranks[1], signal.SIGKILL)
        self.assertNotEqual(self.ended(process)[0], 0)
        self.wait_until_saved(runs)
        code, output, lines = self.mpirun(3, "s.toml", "--out", "out")
        self.assertEqual(code, 0, lines)
        self.assertIn("| long | 3/3 |", output)
        self.assertEqual(finished, [(run / "evaluation.jsonl").stat().st_mtime_ns for run in self.runs("out", "short")])
        self.assert_as_alone("out", "short", "long")

    def test_the_other_ranks_finish_what_a_stopped_or_killed_one_left(self):
        for number, options in ((signal.SIGTERM, []), (signal.SIGKILL, ["--mca", "orte_enable_recovery", "1"])):
            with self.subTest(signal=number):
                process, ranks = self.start_long(3, *options)
                os.kill(ranks[1], number)
                code, output, lines = self.ended(process)
                self.assertEqual(code, 0, lines)
                self.assertIn("| long | 3/3 |", output)
                self.assertEqual(len(lines), 6, lines)
                self.assert_as_alone("out", "long")
                shutil.rmtree(self.root / "out")

    def test_all_save_when_all_are_told_to_stop(self):
        process, ranks = self.start_long(2)
        runs = [pid for rank in ranks for pid in children(rank)]
        process.terminate()  # mpirun ends its ranks
        self.assertNotEqual(self.ended(process)[0], 0)
        self.wait_until_saved(runs)
        before = self.steps()
        process, ranks = self.start_long(3)
        runs = [pid for rank in ranks for pid in children(rank)]
        for pid in (*ranks, *runs):  # as Slurm does
            os.kill(pid, signal.SIGTERM)
        code, _, lines = self.ended(process)
        self.assertEqual(code, 143)
        self.assertIn("the same command resumes it", lines[-1])
        self.wait_until_saved(runs)
        self.assertTrue(sum(self.steps()) > sum(before))

    def refused_once(self, code, words, *command):
        """By one rank in one line; and nothing hangs."""
        ended, output, lines = self.ended(self.start(*command))
        self.assertEqual((ended, output, len(lines)), (code, "", 1), lines)
        self.assertIn(words, lines[0])

    def test_what_is_wrong_is_said_by_one_rank(self):
        (self.root / "other").mkdir()
        write_data(self.root / "other/data")
        (self.root / "other/s.toml").write_text(COMMON + LONG)
        (self.root / "broken.toml").write_text(COMMON + "[configuration.a]\nbacth = 1\n")
        sweep = [PROGRAM, "sweep"]
        out = ["--out", self.root / "out"]
        for words, command in (
                ("batch", ["-n", 3, *sweep, "broken.toml"]),
                ("none.toml", ["-n", 3, *sweep, "none.toml"]),
                ("rank 1 has other options", ["-n", 1, *sweep, "s.toml", ":", "-n", 2, *sweep, "s.toml", "--jobs", 2]),
                ("rank 1 has other settings", ["-n", 1, *sweep, "s.toml", *out, ":", "-n", 1, "-wdir", "other", *sweep, "s.toml", *out]),
                ("--jobs", ["-n", 2, *sweep, "s.toml", ":", "-n", 1, *sweep, "s.toml", "--jobs", "x"]),
                ("bacth", ["-n", 1, *sweep, "s.toml", *out, ":", "-n", 1, *sweep, "broken.toml", *out])):
            with self.subTest(words):
                self.refused_once(2, words, *command)
        self.assertFalse((self.root / "out").exists() or (self.root / "sweeps").exists())

    def test_a_folder_of_others_is_refused(self):
        self.done("sweep", "s.toml", "--out", "out")
        (self.root / "s.toml").write_text(COMMON + SHORT.replace("100", "200"))
        self.refused_once(2, "configuration short is not the one", "-n", 3, PROGRAM, "sweep", "s.toml", "--out", "out")
        shutil.rmtree(self.root / "out")
        process, _ = self.start_long(2)
        self.refused_once(1, "out is in use", "-n", 2, PROGRAM, "sweep", "s.toml", "--out", "out")
        self.refused(1, "out is in use", "sweep", "s.toml", "--out", "out")
        process.terminate()
        self.ended(process)


if __name__ == "__main__":
    skip_without_mpi()
    unittest.main()
