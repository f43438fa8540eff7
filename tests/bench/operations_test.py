"""gan_ops_bench, run as briefly as can be. usage: GAN_OPS_BENCH=... operations_test.py (runs all tests)"""

import json
import math
import os
import pathlib
import re
import subprocess
import unittest

OPS = pathlib.Path(__file__).resolve().parents[2] / "kernels/ops.h"


def run(*options: str) -> subprocess.CompletedProcess:
    return subprocess.run([os.environ["GAN_OPS_BENCH"], *options], capture_output=True, text=True, timeout=120)


class OperationsTest(unittest.TestCase):
    def test_every_operation_of_the_contract_is_timed(self):
        done = run("--benchmark_min_time=0.0001", "--benchmark_format=json", "--benchmark_filter=^cpu/")
        self.assertEqual(done.returncode, 0, done.stderr)
        timed = {}
        for result in json.loads(done.stdout)["benchmarks"]:
            timed.setdefault(result["name"].split("/")[1], []).append(result)
        of_every_backend = OPS.read_text().partition("concept ClassifierOperations")[0]
        contract = set(re.findall(r"\{ ops\.(\w+)\(", of_every_backend)) - {"permutation_storage"}
        self.assertEqual(set(timed), contract)
        for results in timed.values():
            for result in results:
                self.assertGreater(result["real_time"], 0, result)
                for counter in ("bytes", "flop"):
                    rate = result[counter] / result["real_time"] * 1e6
                    self.assertTrue(math.isclose(result[f"{counter}/s"], rate, rel_tol=1e-6), result)
                self.assertGreater(result["bytes"], 0, result)
        # By hand: G's last layer on 256 rows.
        forward = next(r for r in timed["gemm"] if "/G3_forward/" in r["name"])
        self.assertEqual(forward["flop"], 2 * 256 * 256 * 784)
        self.assertEqual(forward["bytes"], 4 * (256 * 256 + 256 * 784 + 256 * 784))

    def test_help_and_an_unknown_option(self):
        self.assertIn("--benchmark_filter", run("--help").stdout)
        self.assertEqual(run("--nonsense").returncode, 2)


if __name__ == "__main__":
    unittest.main()
