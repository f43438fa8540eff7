#!/usr/bin/env python3
"""tools/bench/peers.py with stand-ins for gan_cuda and the peers, and the real peers where their libraries are."""

import gzip
import importlib.util
import json
import struct
import subprocess
import sys
import unittest

from sandbox import ROOT, ScriptTest

PEERS = ROOT / "tools/bench/peers.py"

OURS = """
import json, pathlib, sys
options = dict(zip(sys.argv[2::2], sys.argv[3::2])) if sys.argv[1] == "train" else dict(zip(sys.argv[3::2], sys.argv[4::2]))
if options["--engine"] == "broken":
    sys.exit("gan_cuda: no such engine")
if sys.argv[1] == "bench":
    us = 1000 / int(options["--threads"]) * int(options["--batch"]) / 128
    print(json.dumps({"us_per_iteration": us, "version": "1.2.3", "commit": "abc", "device": "a CPU"}))
else:
    run = pathlib.Path(options["--out"])
    run.mkdir()
    row = {"step": int(options["--max-steps"]), "loss_d": 1 + 0.01 * int(options["--seed"]), "loss_g": 1.3 + 0.01 * int(options["--seed"])}
    (run / "metrics.jsonl").write_text(json.dumps(row))
"""

# Twice as slow as ours, and slower still with two threads.
TORCH = """
import json, sys
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
kind = options["--kind"]
if kind == "graph":
    print(json.dumps({"error": "RuntimeError: CUDA graphs need a GPU"}))
    sys.exit(1)
if kind == "compile":
    sys.exit("a compiler is missing")
print(json.dumps({"version": "Torch 9", "device": "cpu"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if kind == "compile-graph" and "time" in request:
        sys.exit("out of memory")
    if "time" in request:
        print(json.dumps({"us": 1000 + 200 * int(options["--threads"])}), flush=True)
    else:
        print(json.dumps({"loss_d": 1.02 + 0.01 * request["seed"], "loss_g": 1.28 + 0.01 * request["seed"]}), flush=True)
"""

JAX = TORCH.replace("1.02", "1.5")  # trains something else


class Peers(ScriptTest):
    def setUp(self):
        super().setUp()
        self.ours = self.script(self.folder / "gan_cuda", OURS, shell=sys.executable)
        self.script(self.folder / "peer_torch.py", TORCH, shell=sys.executable)
        self.script(self.folder / "peer_jax.py", JAX, shell=sys.executable)

    def compare(self, *arguments):
        return self.run_script(PEERS, "--gan-cuda", str(self.ours), "--peer-folder", str(self.folder), "--data", str(self.folder),
                               "--out", str(self.folder / "out"), "--threads", "2", "--repeats", "3", *arguments)

    def results(self):
        content = json.loads((self.folder / "out/peers.json").read_text())
        return {r["program"]: r for r in content["results"] if r.get("fastest")}

    def test_takes_the_fastest_number_of_threads_and_gives_ratios(self):
        done = self.compare()
        self.assertEqual(done.returncode, 0, done.stderr)
        results = self.results()
        ours, torch = results["gan_cuda, plain"], results["torch eager"]
        self.assertEqual((ours["threads"], ours["us_median"], ours["ratio"]), (2, 500, 1))
        self.assertEqual((torch["threads"], torch["us"], torch["ratio"]), (1, [1200] * 3, 2.4))
        self.assertEqual(torch["version"], "Torch 9")
        self.assertIn("| torch eager | Torch 9 | 1 | 1200.0 ± 0.0 | 2.40 ± 0.00 |", done.stdout)
        self.assertEqual((self.folder / "out/peers.md").read_text(), done.stdout)

    def test_lists_what_cannot_run_with_its_reason(self):
        self.compare()
        reasons = {name: r.get("reason") for name, r in self.results().items()}
        self.assertEqual(reasons["torch graph"], "RuntimeError: CUDA graphs need a GPU")
        self.assertEqual(reasons["torch compile"], "a compiler is missing")
        self.assertEqual(reasons["torch compile-graph"], "out of memory")
        self.assertIsNone(reasons["torch eager"])

    def test_does_not_compare_another_training(self):
        self.compare()
        jax = self.results()["jax scan"]
        self.assertIn("another training: loss_d 1.535, ours 1.035", jax["reason"])
        self.assertNotIn("ratio", jax)

    def test_compares_with_some_peers_alone(self):
        self.compare("--peers", "torch eager")
        self.assertEqual(set(self.results()), {"gan_cuda, plain", "torch eager"})

    def test_fails_when_ours_does_not_run(self):
        done = self.compare("--engines", "broken")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.results()["gan_cuda, broken"]["reason"], "gan_cuda: no such engine")

    def test_sweeps_over_the_batch(self):
        done = self.compare("--sweep", "batch", "--values", "64", "256")
        self.assertEqual(done.returncode, 0, done.stderr)
        growth = json.loads((self.folder / "out/growth_batch.json").read_text())
        ours = {value: best[0]["us_median"] for value, best in growth["points"]}
        self.assertEqual(ours, {64: 250, 256: 1000})

    def test_sweeps_over_the_width(self):
        done = self.compare("--sweep", "width", "--values", "64")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "out/growth_width.json").is_file())

    def test_refuses_bad_options(self):
        for arguments in (["--repeats", "0"], ["--data", "nowhere"], ["--device", "tpu"]):
            self.assertEqual(self.compare(*arguments).returncode, 2, arguments)


class RealPeers(ScriptTest):
    """Each trains on random images, if its library is there."""

    def answers(self, program, kind, library):
        if not importlib.util.find_spec(library):
            self.skipTest(f"no {library}")
        images = bytes(i * 7 % 256 for i in range(200 * 784))
        (self.folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(struct.pack(">4i", 2051, 200, 28, 28) + images))
        command = [sys.executable, ROOT / "tools/bench" / program, "--kind", kind, "--device", "cpu", "--batch", "16", "--threads", "1",
                   "--data", self.folder]
        requests = '{"time": 0.01}\n{"seed": 1, "steps": 20}\n{"seed": 1, "steps": 20}\n'
        done = subprocess.run(command, input=requests, capture_output=True, text=True, timeout=120)
        ready, timed, *losses = map(json.loads, done.stdout.splitlines())
        self.assertIn("version", ready, ready)
        self.assertGreater(timed["us"], 0)
        self.assertEqual(losses[0], losses[1])
        for value in losses[0].values():
            self.assertTrue(0.1 < value < 3, losses)

    def test_pytorch(self):
        self.answers("peer_torch.py", "eager", "torch")

    def test_jax(self):
        for kind in ("jit", "scan"):
            self.answers("peer_jax.py", kind, "jax")


if __name__ == "__main__":
    unittest.main()
