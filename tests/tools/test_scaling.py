#!/usr/bin/env python3
"""tools/bench/scaling.py with stand-ins for gan_cuda and mpirun."""

import json
import sys
import unittest

from sandbox import ROOT, ScriptTest

SCALING = ROOT / "tools/bench/scaling.py"

# A step takes 100 µs and 1 µs a row, shared by the ranks; shards cost 10 µs, and exchanging 50.
OURS = """
import json, os, sys
options = dict(zip(sys.argv[1:], sys.argv[2:]))
ranks, batch = int(os.environ.get("RANKS", 1)), int(options["--batch"])
if batch == 13:
    sys.exit("gan_cuda: --batch 13 brings bad luck")
us = 100 + batch / ranks + (10 if ranks > 1 or "--shards" in options else 0)
result = {"us_per_iteration": us, "commit": "abc", "device": "a CPU"}
if ranks > 1:
    result |= {"us_per_iteration": us + 50, "us_exchange": 50, "bytes_exchanged": 2e6}
print(json.dumps(result))
"""
MPIRUN = 'shift; RANKS=$1; shift; export RANKS; exec "$@"'


class Scaling(ScriptTest):
    def setUp(self):
        super().setUp()
        self.ours = self.script(self.folder / "gan_cuda", OURS, shell=sys.executable)
        self.stand_in("mpirun", MPIRUN)

    def scaling(self, *arguments):
        return self.run_script(SCALING, "--program", self.ours, "--mpirun", "mpirun", "--out", "out", "--rounds", "2", *arguments)

    def test_both_kinds_of_scaling(self):
        done = self.scaling("--batches", "100,200,400", "--ranks", "1,2")
        self.assertEqual(done.returncode, 0, done.stderr)
        points = {(p["batch"], p["ranks"]): p for p in json.loads((self.folder / "out/scaling.json").read_text())["points"]}
        self.assertAlmostEqual(points[400, 1]["speedup"], 500 / 510)
        self.assertAlmostEqual(points[400, 2]["speedup"], 500 / 360)
        self.assertAlmostEqual(points[400, 2]["weak_efficiency"], 300 / 360)
        self.assertNotIn("weak_efficiency", points[100, 2])
        self.assertEqual(len(points[200, 2]["us"]), 2)
        self.assertIn("| 400 | 2 | 1.39 | 0.83 | 14% | 2.0 |", done.stdout)
        self.assertEqual((self.folder / "out/scaling.md").read_text(), done.stdout)

    def test_a_reason_is_told_in_one_line(self):
        done = self.scaling("--batches", "13")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", "scaling: gan_cuda: --batch 13 brings bad luck\n"))
        done = self.run_script(SCALING, "--program", "/nowhere/gan_cuda", "--out", "out", "--ranks", "1")
        self.assertEqual((done.returncode, done.stderr), (1, "scaling: /nowhere/gan_cuda: No such file or directory\n"))


if __name__ == "__main__":
    unittest.main()
