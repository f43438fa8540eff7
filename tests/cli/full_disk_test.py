"""Where nothing can be written any more: one clear line, an exit code, nothing half written, and the old files as they were.
A limit on the size of files stands for a disk that is full."""
import json
import os
import resource
import subprocess
import sys
import unittest

from program_case import PROGRAM, SharedProgramCase, write_idx

SMALL = ["--device", "cpu", "--threads", "1", "--data", "data", "--g-hidden", "16", "--d-hidden", "8", "--quiet", "--log-every", "2",
         "--batch", "20", "--checkpoint-every", "1", "--sample-every", "1", "--keep-checkpoints", "2"]
SWEEP = 'data = "data"\ndevice = "cpu"\nbatch = 20\nepochs = 1\nseeds = [1]\neval-every = 0\neval-measures = ["parzen"]\n' \
        'eval-count = 20\n[configuration.a]\n'


class FullDisk(SharedProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.root / "data").mkdir()
        for part in ("train", "t10k"):  # 60 images, 3 steps an epoch
            write_idx(cls.root / f"data/{part}-images-idx3-ubyte", (60, 6, 5), (i * 37 % 251 for i in range(1800)))
            write_idx(cls.root / f"data/{part}-labels-idx1-ubyte", (60,), (i % 10 for i in range(60)))
        (cls.root / "s.toml").write_text(SWEEP)
        cls().done(*SMALL, "--epochs", "2", "--out", "run")

    def program(self, *arguments, limit=resource.RLIM_INFINITY, stdout=subprocess.PIPE, **options):
        return super().program(*arguments, **options, capture_output=False, stdout=stdout, stderr=subprocess.PIPE,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))

    def failed(self, words, *arguments, **options):
        result = self.done(*arguments, code=1, **options)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(words, result.stderr)
        return result

    def contents(self, folder):
        return {path.name: path.read_bytes() for path in (self.root / folder).rglob("*") if path.is_file()}

    def require_whole(self, folder):
        for path in (self.root / folder).rglob("*"):
            self.assertNotEqual(path.suffix, ".tmp")
            if path.suffix in (".safetensors", ".pth"):
                self.assertEqual(self.program("info", path).returncode, 0, path)
            if path.suffix in (".csv", ".jsonl", ".json") and path.stat().st_size > 0:
                self.assertTrue(path.read_bytes().endswith(b"\n"), path)

    def test_a_run_that_begins(self):
        for limit in (0, 100, 1000, 4000, 10000):
            self.failed("File too large", *SMALL, "--epochs", 40, "--out", f"new-{limit}", limit=limit)
            self.require_whole(f"new-{limit}")

    def test_a_resumed_run_keeps_what_it_had_and_can_be_resumed_again(self):
        self.done(*SMALL, "--epochs", 4, "--out", "whole")
        self.done(*SMALL, "--epochs", 2, "--out", "parts")
        before = self.contents("parts")
        for limit in (0, 100, 2000, 8000, 15000):
            self.failed("File too large", "--resume", "parts", "--epochs", 4, "--quiet", limit=limit)
            self.require_whole("parts")
            for name in ("checkpoint.safetensors", "checkpoint_3.safetensors"):
                self.assertEqual(self.contents("parts")[name], before[name])
        self.assertEqual(self.program("--resume", "parts", "--epochs", 4, "--quiet").returncode, 0)
        for name in ("checkpoint.safetensors", "checkpoint_9.safetensors", "model_G.pth"):
            self.assertEqual((self.root / "parts" / name).read_bytes(), (self.root / "whole" / name).read_bytes(), name)

    def test_other_commands_leave_the_old_file(self):
        (self.root / "out").mkdir()
        for command, name in ((["sample", "--model", "run", "--out"], "a.png"), (["sample", "--model", "run", "--out"], "a.npz"),
                              (["sample", "--model", "run", "--out"], "a.safetensors"),
                              (["interpolate", "--model", "run", "--out"], "a.png"),
                              (["explore", "run", "--out"], "a.html"),
                              (["convert", "--force", "run/model_G.safetensors"], "a.pth"),
                              (["convert", "--force", "run/model_G.safetensors"], "a.onnx")):
            (self.root / "out" / name).write_text("old")
            for limit in (0, 1000):
                self.failed("File too large", *command, f"out/{name}", limit=limit)
            self.assertEqual((self.root / "out" / name).read_text(), "old")
        self.assertEqual(len(self.contents("out")), 6)

    def test_a_sweep(self):
        self.failed("File too large", "sweep", "s.toml", limit=0)
        done = self.program("sweep", "s.toml", limit=5000)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Agan_cuda: a, seed 1 failed with exit code 1: .*File too large\n\Z")
        self.assertEqual(self.program("sweep", "s.toml").returncode, 0)  # and resumes when there is room

    def test_what_is_printed(self):
        with open("/dev/full", "w") as full:
            for arguments in (["info", "run", "--json"], ["--help"], ["sweep", "s.toml", "--dry-run"],
                              [*SMALL, "--epochs", 1, "--json", "--out", "printed"],
                              ["eval", "run", "--json", "--data", "data", "--measures", "parzen", "--count", 20, "--device", "cpu"]):
                self.failed("No space left on device", *arguments, stdout=full)
            failed = subprocess.run([PROGRAM, "--nonsense"], stderr=full)
            self.assertEqual(failed.returncode, 2)

    def refused_everywhere(self, reason, folder, **options):
        self.failed(reason, *SMALL, "--epochs", 1, "--out", f"{folder}/run", **options)
        self.failed(reason, "sweep", "s.toml", "--out", f"{folder}/sweep", **options)
        self.failed(reason, "sample", "--model", "run", "--out", f"{folder}/a.png", **options)
        self.failed(reason, "interpolate", "--model", "run", "--out", f"{folder}/a.png", **options)
        self.failed(reason, "explore", "run", "--out", f"{folder}/a.html", **options)
        self.failed(reason, "convert", "run/model_G.safetensors", f"{folder}/a.pth", **options)

    def test_a_file_where_a_folder_should_be(self):
        (self.root / "file").write_text("old")
        self.refused_everywhere("Not a directory", "file")
        self.assertEqual((self.root / "file").read_text(), "old")

    def test_a_folder_without_permission(self):
        (self.root / "closed").mkdir(mode=0o555)
        root = os.geteuid() == 0  # who may write anywhere
        if root:
            self.root.chmod(0o755)
            try:
                self.program("--version", user=65534)
            except PermissionError:
                self.skipTest("nobody cannot start the program where it lies")
        self.refused_everywhere("Permission denied", "closed", **({"user": 65534} if root else {}))
        self.assertEqual(self.contents("closed"), {})

    def test_json_is_one_line(self):
        measures = ["--data", "data", "--measures", "parzen", "--count", "20", "--device", "cpu"]
        for arguments in (["info", "run"], ["info", "run/model_G.pth"], ["eval", "run/model_G.pth", *measures],
                          ["bench", "--device", "cpu", "--data", "data", "--batch", 20, "--iterations", 1, "--repeats", 1],
                          ["sweep", "s.toml", "--out", "swept"], [*SMALL[:-2], "--epochs", 1, "--out", "told"]):
            result = self.program(*arguments, "--json")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stdout.count("\n"), 1, arguments)
            json.loads(result.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
