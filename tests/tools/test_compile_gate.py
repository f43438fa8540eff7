"""tools/kernel_report with the real nvcc: that it finds what it is there to find.

usage: GAN_BUILD_DIR=FOLDER test_compile_gate.py (runs all tests); FOLDER is a configured build with CUDA.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLEAN = """
__global__ void __launch_bounds__(64) clean(float* y) { y[threadIdx.x] = 2; }
"""
# 64 doubles live across a barrier are 128 registers; 1024 threads leave a thread 64.
SPILLING = """
__global__ void __launch_bounds__(1024) spilling(double* y, const double* x) {
  double held[64];
#pragma unroll
  for (int i = 0; i < 64; ++i) held[i] = x[i * 1024 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 64; ++i) y[i * 1024 + threadIdx.x] = held[63 - i] * held[i];
}
"""
# Registers have no index: an array whose index is known at run time only lies in memory.
STACK_FRAME = """
__global__ void stack_frame(float* y, const int* order) {
  float held[64];
  for (int i = 0; i < 64; ++i) held[order[i]] = y[i];
  for (int i = 0; i < 64; ++i) y[i] = held[order[64 + i]];
}
"""
WARNING = """
__global__ void warned(float* y) { int unused; *y = 1; }
"""


class CompileGateTest(unittest.TestCase):
    def report(self, source: str):
        with tempfile.TemporaryDirectory(prefix="gan compile gate ") as folder:
            path = pathlib.Path(folder) / "a kernel.cu"
            path.write_text(source)
            command = [sys.executable, ROOT / "tools/kernel_report", "--build", os.environ["GAN_BUILD_DIR"],
                       "--arch", "sm_80", "--json", path]
            return subprocess.run(command, capture_output=True, text=True)

    def test_spills_and_stack_frames_are_found(self):
        done = self.report(CLEAN + SPILLING + STACK_FRAME)
        self.assertEqual(done.returncode, 1, done.stderr)
        clean, spilling, stack_frame = json.loads(done.stdout)
        self.assertEqual((clean["name"], clean["block"], clean["stack"], clean["spill_stores"]), ("clean", 64, 0, 0))
        self.assertEqual((spilling["name"], spilling["block"], spilling["registers"]), ("spilling", 1024, 64))
        self.assertGreater(spilling["spill_stores"], 0)
        self.assertEqual((stack_frame["name"], stack_frame["block"], stack_frame["stack"]), ("stack_frame", None, 256))
        self.assertRegex(done.stderr, r"\A.*a kernel.cu: spilling on sm_80.*\n.*a kernel.cu: stack_frame on sm_80.*\n\Z")

    def test_a_warning_is_an_error(self):
        done = self.report(WARNING)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("unused", done.stderr)


if __name__ == "__main__":
    unittest.main()
