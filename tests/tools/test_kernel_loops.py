"""The machine code of the fused step's kernels does not grow: tools/kernel_report --loops on the objects of a build.

usage: GAN_BUILD_DIR=FOLDER test_kernel_loops.py (runs all tests); FOLDER is a build with CUDA and code for sm_90.
Exit code 77 where the disassemblers, or such code, are missing.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRECISIONS = ("fp32", "tf32", "3xtf32")  # in the order of gan::Precision
WIDE = 4  # floats that a copy to shared memory moves at a time; the published networks have such widths

# What CUDA 13.0 makes of the sources; a bound is SLACK times as much. A figure that falls is written down here.
SLACK = 1.1
CODE_BYTES = {
    "FirstHidden": {"fp32": 36352, "tf32": 26880, "3xtf32": 29440},
    "SecondHidden": {"fp32": 12032, "tf32": 7936, "3xtf32": 9216},
    "Generated": {"fp32": 93568, "tf32": 82560, "3xtf32": 84352},
    "LossOfDiscriminator": {"fp32": 54656, "tf32": 49408, "3xtf32": 50048},
    "UpdateDiscriminator": {"fp32": 28288, "tf32": 23680, "3xtf32": 24448},
    "SplitsForGenerator": {"fp32": 15872, "tf32": 9600, "3xtf32": 11136},
    "ImageDeltas": {"fp32": 80128, "tf32": 72832, "3xtf32": 74368},
    "SecondDeltas": {"fp32": 13568, "tf32": 9600, "3xtf32": 11136},
    "FirstDeltas": {"fp32": 45440, "tf32": 40576, "3xtf32": 41728},
    "UpdateGenerator": {"fp32": 34560, "tf32": 32512, "3xtf32": 33280},
    "persistent": {"fp32": 419328, "tf32": 357504, "3xtf32": 374144},
}
SECOND_HIDDEN_CHUNK = {"fp32": 376, "tf32": 107, "3xtf32": 184}  # instructions

# Of the instructions in a chunk loop that multiplies in fp32. Such a loop has at least MULTIPLICATIONS; others, such as the
# one that turns bytes into pixels, have a few.
LEAST_SHARE, MULTIPLICATIONS = 0.6, 128


class Code:
    """Phase or "persistent" → precision → what the tool says of the kernel for wide copies."""

    def __init__(self, build: pathlib.Path):
        folder = build / "kernels/CMakeFiles/gan_kernels_cuda.dir/cuda"
        command = [ROOT / "tools/kernel_report", "--json", "--jobs", "2", "--loops", folder / "fused.cu.o", folder / "persistent.cu.o"]
        done = subprocess.run([sys.executable, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:  # it has said why
            sys.exit(done.returncode)
        self.kernels = {}
        for kernel in json.loads(done.stdout):
            found = re.fullmatch(rf"(phase|persistent)_kernel<cuda::Arithmetic<\(Precision\)(\d), {WIDE}>(?:, cuda::(\w+)| )>",
                                 kernel["name"])
            if found:
                self.kernels.setdefault(found[3] or found[1], {})[PRECISIONS[int(found[2])]] = kernel


class KernelLoopsTest(unittest.TestCase):
    def test_every_kernel_has_a_bound(self):
        named = {name: set(by_precision) for name, by_precision in code.kernels.items()}
        self.assertEqual(named, {name: set(by_precision) for name, by_precision in CODE_BYTES.items()})

    def test_bytes_of_code(self):
        for name, by_precision in CODE_BYTES.items():
            for precision, most in by_precision.items():
                with self.subTest(kernel=name, precision=precision):
                    self.assertLessEqual(code.kernels[name][precision]["bytes"], SLACK * most)

    def test_instructions_of_a_chunk(self):
        for precision, most in SECOND_HIDDEN_CHUNK.items():
            with self.subTest(precision=precision):
                [loop] = code.kernels["SecondHidden"][precision]["loops"]
                self.assertLessEqual(loop["total"], SLACK * most)

    def test_most_of_an_fp32_chunk_multiplies(self):
        for name, by_precision in code.kernels.items():
            loops = [loop for loop in by_precision["fp32"]["loops"] if loop["instructions"]["FFMA"] >= MULTIPLICATIONS]
            with self.subTest(kernel=name):
                self.assertGreater(len(loops), 0)
                for loop in loops:
                    self.assertGreaterEqual(loop["instructions"]["FFMA"] / loop["total"], LEAST_SHARE, f"loop at {loop['first']:#x}")

    def test_tensor_cores_multiply_in_tf32(self):
        for name, by_precision in code.kernels.items():
            for precision in ("tf32", "3xtf32"):
                with self.subTest(kernel=name, precision=precision):
                    self.assertTrue(any(loop["instructions"]["HMMA"] for loop in by_precision[precision]["loops"]))


if __name__ == "__main__":
    code = Code(pathlib.Path(os.environ["GAN_BUILD_DIR"]))
    unittest.main()
