"""The program as a user meets it: exit codes, one-line errors, the files of a run, signals, resume."""
import json
import signal
import subprocess
import sys
import time
import unittest

from font_digits import DIGITS
from program_case import PROGRAM, ProgramCase

SMALL = ["--device", "cpu", "--threads", "1", "--data", DIGITS, "--g-hidden", "16", "--d-hidden", "8", "--log-every", "10"]


class Program(ProgramCase):
    def test_help_and_version(self):
        self.assertIn("--epochs", self.program("--help").stdout)
        self.assertRegex(self.program("--version").stdout, r"^gan_cuda \d+\.\d+\.\d+ \(\S+\)$")

    def test_wishes_that_cannot_be_met_exit_with_2(self):
        self.refused(2, "--batch", "--batch", "x")
        self.refused(2, "--nonsense", "--nonsense")
        self.refused(2, "there is no command trian; did you mean train?", "trian")
        self.refused(2, "--epochs", *SMALL, "--epochs", "0")
        self.refused(2, "--device", *SMALL, "--device", "tpu")
        self.refused(2, "--profile-steps needs a GPU", *SMALL, "--device", "cpu", "--profile-steps", "2:3")
        self.refused(2, "steps 1 to", *SMALL, "--device", "cpu", "--max-steps", "5", "--profile-steps", "2:6")
        self.refused(2, "no checkpoint", "--resume", self.root / "nowhere")
        self.assertFalse((self.root / "runs").exists(), "a refused run left a folder")

    def test_hand_overs_need_a_gpu_and_no_training(self):
        self.refused(2, "needs a GPU", "bench", "--hand-overs", "--device", "cpu")
        self.refused(2, "GPU", "bench", "--hand-overs", "--json", "--device", "cuda:999")
        self.refused(2, "--repeats", "bench", "--hand-overs", "--repeats", "0")
        for option in (("--batch", 20), ("--engine", "graph"), ("--data", DIGITS), ("--iterations", 5)):
            self.refused(2, option[0], "bench", "--hand-overs", *option)

    def test_failures_exit_with_1_and_name_the_file(self):
        missing = self.root / "missing"
        self.refused(1, str(missing), "--data", missing)
        (self.root / "file").write_text("")
        self.refused(1, "file", *SMALL, "--quiet", "--out", self.root / "file" / "run", "--max-steps", 1)

    def test_a_run_leaves_its_files_and_says_where(self):
        result = self.program(*SMALL, "--max-steps", 30)
        self.assertEqual(result.returncode, 0, result.stderr)
        (run,) = (self.root / "runs").iterdir()
        self.assertIn(run.name, result.stdout)
        for name in ("config.json", "metrics.csv", "losses.png", "checkpoint.safetensors", "model_G.safetensors",
                     "model_D.safetensors"):
            self.assertTrue((run / name).exists(), name)
        self.assertEqual(len((run / "metrics.csv").read_text().splitlines()), 4)

    def test_quiet_says_nothing(self):
        result = self.program(*SMALL, "--max-steps", 5, "--quiet")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_a_folder_with_a_run_is_not_overwritten(self):
        self.assertEqual(self.program(*SMALL, "--max-steps", 5, "--out", "run").returncode, 0)
        self.refused(2, "--resume", *SMALL, "--quiet", "--max-steps", 5, "--out", "run")

    def untimed_metrics(self, run):
        return [row.rpartition(",")[0] for row in (self.root / run / "metrics.csv").read_text().splitlines()]

    def test_ctrl_c_saves_and_the_run_resumes_to_the_same_bytes(self):
        whole = self.program(*SMALL, "--max-steps", 3000, "--out", "whole")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            run = f"stopped-{code}"
            process = subprocess.Popen([PROGRAM, *SMALL, "--max-steps", "3000", "--out", run], cwd=self.root,
                                       stderr=subprocess.PIPE, text=True)
            metrics = self.root / run / "metrics.csv"
            while not metrics.exists() or metrics.stat().st_size < 100:
                time.sleep(0.005)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, code, errors)
            self.assertIn(f"--resume {run}", errors)
            self.assertLess(len(self.untimed_metrics(run)), 301, "stopped too late to test anything")
            resumed = self.program("--resume", run)
            self.assertEqual(resumed.returncode, 0, resumed.stderr)
            for name in ("checkpoint.safetensors", "model_G.safetensors"):
                self.assertEqual((self.root / run / name).read_bytes(), (self.root / "whole" / name).read_bytes())
            self.assertEqual(self.untimed_metrics(run), self.untimed_metrics("whole"))

    def test_killed_at_any_moment_the_run_resumes_to_the_same_bytes(self):
        run = [*SMALL, "--batch", "512", "--max-steps", "300", "--checkpoint-every", "1", "--sample-every", "1", "--quiet"]
        self.assertEqual(self.program(*run, "--out", "whole").returncode, 0)
        for i in range(12):
            folder = f"killed-{i}"
            metrics = self.root / folder / "metrics.jsonl"
            process = subprocess.Popen([PROGRAM, *run, "--out", folder], cwd=self.root)
            while i > 0 and (not metrics.exists() or metrics.read_bytes().count(b"\n") < 2 * i):
                self.assertIsNone(process.poll(), "the run ended before it could be killed")
                time.sleep(0.002)
            time.sleep(0.003 * i)  # a moment of its own within the steps between two rows
            process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)
            begun = (self.root / folder / "checkpoint.safetensors").exists()
            again = self.program("--resume", folder, "--quiet") if begun else self.program(*run, "--out", folder)
            self.assertEqual(again.returncode, 0, again.stderr)
            for name in ("losses.png", "checkpoint.safetensors", "model_G.safetensors", "model_G_ema.safetensors", "model_G.pth"):
                self.assertEqual((self.root / folder / name).read_bytes(), (self.root / "whole" / name).read_bytes(), name)
            self.assertEqual(self.untimed_metrics(folder), self.untimed_metrics("whole"))
            rows = [json.loads(line) for line in metrics.read_text().splitlines()]
            self.assertEqual([row["step"] for row in rows], list(range(10, 301, 10)))

    def test_the_result_is_a_line_of_json_on_request(self):
        result = self.program(*SMALL, "--max-steps", 25, "--json", "--out", "run")
        self.assertEqual(result.returncode, 0, result.stderr)
        (line,) = result.stdout.splitlines()
        values = json.loads(line)
        self.assertEqual((values["run"], values["outcome"], values["step"]), ("run", "finished", 25))
        last = json.loads((self.root / "run" / "metrics.jsonl").read_text().splitlines()[-1])
        self.assertAlmostEqual(values["loss_g"], last["loss_g"], places=6)

    def test_progress_is_for_terminals(self):
        result = self.program(*SMALL, "--max-steps", 25)
        self.assertNotIn("\r", result.stderr)
        self.assertNotIn("\x1b", result.stderr + result.stdout)

    def test_resume_refuses_what_would_change_the_training(self):
        self.assertEqual(self.program(*SMALL, "--max-steps", 5, "--out", "run").returncode, 0)
        before = (self.root / "run" / "checkpoint.safetensors").read_bytes()
        self.refused(2, "--batch", "--resume", "run", "--max-steps", 10, "--batch", 64)
        self.refused(2, "--seed", "--resume", "run", "--max-steps", 10, "--seed", 3)
        self.refused(2, "--epochs", "--resume", "run")
        self.assertEqual((self.root / "run" / "checkpoint.safetensors").read_bytes(), before)

    def test_a_broken_checkpoint_is_refused_in_one_line(self):
        self.assertEqual(self.program(*SMALL, "--max-steps", 5, "--out", "run").returncode, 0)
        checkpoint = self.root / "run" / "checkpoint.safetensors"
        whole = checkpoint.read_bytes()
        for broken in (b"", whole[:4], whole[:1000], whole[:-1], whole + b"x", b"\xff" * 64):
            checkpoint.write_bytes(broken)
            self.refused(1, "checkpoint.safetensors", "--resume", "run", "--max-steps", 10)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
