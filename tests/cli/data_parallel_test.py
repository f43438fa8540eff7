"""One training run on several ranks of a real mpirun: the same bytes, whatever their number, and one line when it fails."""
import json
import os
import random
import signal
import unittest

from mpi_case import MpiCase, children, skip_without_mpi
from program_case import PROGRAM, safetensors_header

NETWORKS = ["--data", "data", "--device", "cpu", "--g-hidden", "16,12", "--d-hidden", "8", "--batch", "20", "--log-every", "4"]
EVERYTHING = [*NETWORKS, "--conditional", "--loss", "relativistic", "--r1", "0.2", "--d-dropout", "0.3", "--d-steps", "2"]
FILES = ["checkpoint.safetensors", "model_G.safetensors", "model_D.safetensors", "model_G_ema.safetensors"]
LONG = [*NETWORKS, "--epochs", "100000", "--sample-every", "0", "--checkpoint-every", "20"]


class DataParallel(MpiCase):
    def mpirun(self, count, *arguments):
        return self.ended(self.start("-n", count, PROGRAM, *arguments))

    def trained(self, count, *arguments):
        code, output, lines = self.mpirun(count, *arguments)
        self.assertEqual((code, [line for line in lines if "warning" in line]), (0, []))
        return output, lines

    def assert_same(self, one, other):
        for name in FILES:
            self.assertEqual((self.root / one / name).read_bytes(), (self.root / other / name).read_bytes(), f"{name} of {other}")
        untimed = lambda run: [row.rpartition(",")[0] for row in (self.root / run / "metrics.csv").read_text().splitlines()]
        self.assertEqual(untimed(one), untimed(other))

    def assert_refused(self, words, process, code=2):
        found, output, lines = self.ended(process, timeout=60)
        self.assertEqual((found, output, len(lines)), (code, "", 1), lines)
        for word in words:
            self.assertIn(word, lines[0])

    def test_the_same_bytes_for_any_number_of_ranks(self):
        for name, options in (("all", EVERYTHING), ("at-once", [*NETWORKS, "--simultaneous", "--gradient-penalty", "1"])):
            self.done(*options, "--shards", 8, "--max-steps", 12, "--quiet", "--out", f"{name}-alone")
            for count in (2, 4, 8):
                output, _ = self.trained(count, *options, "--max-steps", 12, "--out", f"{name}-{count}")
                self.assertEqual(output.count("12 steps"), 1)
                self.assert_same(f"{name}-alone", f"{name}-{count}")

    def test_resumes_on_another_number_of_ranks(self):
        self.done(*EVERYTHING, "--shards", 8, "--max-steps", 18, "--quiet", "--out", "whole")
        self.trained(2, *EVERYTHING, "--max-steps", 5, "--out", "run")
        self.trained(4, "--resume", "run", "--max-steps", 11)
        self.done("--resume", "run", "--max-steps", 14, "--quiet")
        self.trained(8, "--resume", "run", "--max-steps", 18)
        self.assert_same("whole", "run")

    def test_fast_is_near(self):
        self.trained(2, *NETWORKS, "--max-steps", 12, "--out", "exact")
        self.trained(2, *NETWORKS, "--max-steps", 12, "--reduce", "fast", "--out", "fast")
        exact, fast = (safetensors_header((self.root / run / "model_G.safetensors").read_bytes()) for run in ("exact", "fast"))
        self.assertEqual(exact[0], fast[0])
        a, b = (memoryview(values).cast("f") for _, values in (exact, fast))
        self.assertLess(max(abs(x - y) for x, y in zip(a, b)), 1e-3)

    def test_bench_says_what_the_ranks_bring(self):
        options = ["bench", "--data", "data", "--device", "cpu", "--batch", 16, "--repeats", 2, "--iterations", 3]
        code, output, lines = self.mpirun(2, *options, "--json")
        self.assertEqual((code, lines), (0, []))
        result = json.loads(output)
        self.assertEqual((result["ranks"], result["shards"], result["reduce"]), (2, 8, "exact"))
        # Of four of eight parts of each network, from the other rank.
        of_network = lambda *widths: sum(-(-a * b // 32) * 32 + -(-b // 32) * 32 for a, b in zip(widths, widths[1:]))
        self.assertEqual(result["bytes_exchanged"], 4 * 4 * (of_network(100, 256, 256, 16) + of_network(16, 64, 64, 1) + 2 * 32))
        self.assertAlmostEqual(result["efficiency"], result["us_alone"] / (2 * result["us_per_iteration"]), places=6)
        self.assertGreater(result["us_per_iteration"], result["us_exchange"])
        table = self.mpirun(2, *options, "--reduce", "fast")[1]
        for words in ("exchange", "one rank alone", "2 ranks"):
            self.assertIn(words, table)
        self.assert_refused(("--hand-overs",), self.start("-n", 2, PROGRAM, "bench", "--hand-overs"))

    def test_what_cannot_be_shared_is_told_once(self):
        self.done(*NETWORKS, "--max-steps", 3, "--quiet", "--out", "whole")
        for words, count, arguments in (
                (("--shards 8", "3 ranks"), 3, [*NETWORKS]), (("--shards 8", "16 ranks"), 16, [*NETWORKS]),
                (("--shards 8", "--batch 4"), 2, [*NETWORKS, "--batch", 4]), (("no option", "--bathc"), 2, ["--bathc", 3]),
                (("no --shards", "without mpirun"), 2, ["--resume", "whole", "--max-steps", 9]),
                (("--profile-steps",), 2, [*NETWORKS, "--profile-steps", "1:2"])):
            self.assert_refused(words, self.start("-n", count, PROGRAM, *arguments, *(["--out", "none"] if arguments[0] != "--resume" else [])))
        self.assert_refused(("nowhere",), self.start("-n", 2, PROGRAM, *NETWORKS, "--data", "nowhere", "--out", "none"), code=1)
        self.assert_refused(("rank 1 has other settings",), self.start("-n", 1, PROGRAM, *NETWORKS, "--out", "none", ":",
                                                                       "-n", 1, PROGRAM, *NETWORKS, "--seed", 2, "--out", "none"))
        self.assertFalse((self.root / "none").exists())
        self.assertEqual(self.mpirun(2, "--help")[1].count("Usage"), 1)

    def start_long(self, count):
        process = self.start("-n", count, PROGRAM, *LONG, "--out", "long")
        rows = self.root / "long/metrics.csv"
        self.wait_for(lambda: rows.exists() and rows.stat().st_size > 2000)
        return process, children(process.pid)

    def assert_resumes(self, count):
        """From the checkpoint of a run that was stopped or killed, to the bytes of one that never was."""
        step = json.loads(self.done("info", "long", "--json").stdout)["step"]
        self.assertGreater(step, 0)
        self.trained(count, "--resume", "long", "--max-steps", step + 3)
        self.done(*LONG, "--shards", 8, "--max-steps", step + 3, "--quiet", "--out", "whole")
        self.assert_same("whole", "long")

    def test_a_signal_to_any_rank_stops_all_with_a_checkpoint(self):
        process, ranks = self.start_long(2)
        os.kill(ranks[1], signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertEqual(errors.count("stopped at step"), 1, errors)
        self.assert_resumes(4)

    def test_a_rank_that_is_killed_ends_all_and_loses_no_checkpoint(self):
        process, ranks = self.start_long(4)
        os.kill(random.choice(ranks), signal.SIGKILL)
        self.assertNotEqual(self.ended(process, timeout=30)[0], 0)
        self.assert_resumes(2)

    def test_a_full_disk_at_rank_0_ends_all(self):
        shell = f"[ $OMPI_COMM_WORLD_RANK = 0 ] && ulimit -f 20; exec {PROGRAM} " + " ".join(NETWORKS) + " --max-steps 9 --out full"
        self.assert_refused(("cannot write", "full/"), self.start("-n", 2, "bash", "-c", shell), code=1)


if __name__ == "__main__":
    skip_without_mpi()
    unittest.main()
