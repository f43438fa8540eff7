"""tools/mutate_kernels: the mutants of a small source, and how they are judged, with stand-ins for the compiler and Ninja.
usage: test_mutate_kernels.py (runs all tests)"""

import json
import pathlib
import shutil
import sys
import unittest

from sandbox import ROOT, ScriptTest

sys.path.insert(0, str(ROOT / "tools"))
from kernel_mutations import KINDS, mutants  # noqa: E402

KERNEL = """\
#include "kernels/cuda/launch.h"  // 1 + 2
#define TWICE(x) (2 * (x))

namespace gan {
namespace {

constexpr int kRows = 8;
constexpr int kHalf = kRows / 2;

/* one < two */ struct Pair {
  int first, second;
};

__global__ void __launch_bounds__(kRows* 32)
    sum_kernel(float* y, const float* x, std::size_t n) {
  __shared__ float part[kRows][32];
  if (threadIdx.x >= n) return;
  part[threadIdx.y][0] = x[blockIdx.x * 32 + threadIdx.x];  // a - b
  __syncthreads();
  if (threadIdx.y == 0 && n > 1)
    *y = -__shfl_down_sync(0xffffffffu, part[0][1], (kHalf)) / 1.5f;
  puts("a < b");
}

unsigned blocks_for(std::size_t n) {
  return (n + 255) / 256;
}

std::size_t storage(std::size_t n) {
  return n * 4 + 1;
}

}  // namespace

void sum(float* y, const float* x, std::size_t n) {
  if (n == 0) return;
  cuda::launch(sum_kernel, blocks_for(n), 256, 0, stream, y, x, n);
}

}  // namespace gan
"""


class MutantsTest(unittest.TestCase):
    def changed(self, text: str, kind: str, source: str = KERNEL) -> set[str]:
        """The changed lines of the mutants of lines that contain `text`."""
        found = {mutant.changed for mutant in mutants("a.cu", source) if text in mutant.original and mutant.kind == kind}
        self.assertTrue(found, f"no mutant of kind {kind}: {text}")
        return found

    def test_every_kind_is_found(self):
        self.assertEqual({mutant.kind for mutant in mutants("a.cu", KERNEL)}, set(KINDS))

    def test_a_mutant_tells_where_it_is_and_is_the_whole_file(self):
        [mutant] = [mutant for mutant in mutants("a.cu", KERNEL) if mutant.kind == "barrier"]
        self.assertEqual((mutant.file, mutant.line, mutant.original, mutant.changed), ("a.cu", 19, "__syncthreads();", ";"))
        self.assertEqual(mutant.source, KERNEL.replace("__syncthreads();", ";"))

    def test_every_mutant_is_another(self):
        found = mutants("a.cu", KERNEL)
        self.assertEqual(len({mutant.source for mutant in found} | {KERNEL}), len(found) + 1)

    def test_barriers_and_fences(self):
        for call in ("__syncwarp();", "__threadfence();", "__threadfence_block();", "grid.sync();", "cg::sync(tile);"):
            self.assertEqual(self.changed(call, "barrier", KERNEL.replace("__syncthreads();", call)), {";"})

    def test_guards(self):
        self.assertEqual(self.changed("if (threadIdx.x >= n)", "guard"), {"if (false) return;"})
        self.assertEqual(self.changed("if (threadIdx.y == 0", "guard"), {"if (true)"})

    def test_comparisons_and_bounds(self):
        self.assertEqual(self.changed("if (threadIdx.x >= n)", "comparison"), {"if (threadIdx.x > n) return;"})
        self.assertEqual(self.changed("if (threadIdx.x >= n)", "bound"), {"if (threadIdx.x >= -1 + n) return;"})
        self.assertEqual(self.changed("n > 1", "comparison"),
                         {"if (threadIdx.y != 0 && n > 1)", "if (threadIdx.y == 0 && n >= 1)"})
        self.assertEqual(self.changed("n > 1", "bound"), {"if (threadIdx.y == 0 && n > 1 + 1)"})
        self.assertEqual(self.changed("n > 1", "logic"), {"if (threadIdx.y == 0 || n > 1)"})

    def test_sizes_of_shared_arrays(self):
        self.assertEqual(self.changed("__shared__", "bound"),
                         {"__shared__ float part[kRows - 1][32];", "__shared__ float part[kRows][32 - 1];"})

    def test_operators(self):
        self.assertEqual(self.changed("return (n", "sign"), {"return (n - 255) / 256;"})
        self.assertEqual(self.changed("return (n", "arithmetic"), {"return (n * 255) / 256;", "return (n + 255) * 256;"})
        self.assertIn("*y = +__shfl_down_sync(0xffffffffu, part[0][1], (kHalf)) / 1.5f;", self.changed("*y", "sign"))

    def test_indices(self):
        self.assertLessEqual({
            "part[threadIdx.x][0] = x[blockIdx.x * 32 + threadIdx.x];  // a - b",
            "part[blockIdx.y][0] = x[blockIdx.x * 32 + threadIdx.x];  // a - b",
            "part[0][threadIdx.y] = x[blockIdx.x * 32 + threadIdx.x];  // a - b",
        }, {line.replace("; //", ";  //") for line in self.changed("x[blockIdx.x", "index")})
        words = KERNEL.replace("part[0][1]", "words.x + pair.first")
        self.assertEqual({line for line in self.changed("*y", "index", words)},
                         {f"*y = -__shfl_down_sync(0xffffffffu, {changed}, (kHalf)) / 1.5f;"
                          for changed in ("words.y + pair.first", "words.x + pair.second")})

    def test_constants(self):
        self.assertEqual(self.changed("constexpr", "constant"),
                         {f"constexpr int kHalf = {changed};" for changed in
                          ("(1 + kRows) / 2", "(-1 + kRows) / 2", "kRows / (1 + 2)", "kRows / (-1 + 2)")})
        self.assertIn("*y = -__shfl_down_sync(0xffffffffu, part[0][1], (kHalf)) / (1 + 1.5f);",
                      self.changed("*y", "constant"))

    def test_shuffles(self):
        self.assertEqual(self.changed("*y", "shuffle"),
                         {"*y = -__shfl_up_sync(0xffffffffu, part[0][1], (kHalf)) / 1.5f;",
                          "*y = -__shfl_down_sync(0xffffffffu, part[0][1], 1 + (kHalf)) / 1.5f;"})

    def test_the_launch_is_changed_but_for_more_shared_memory(self):
        self.assertEqual(self.changed("cuda::launch", "constant"),
                         {f"cuda::launch(sum_kernel, blocks_for(n), ({changed} + 256), 0, stream, y, x, n);"
                          for changed in (1, -1)})
        self.assertEqual(self.changed("if (n == 0)", "guard"), {"if (false) return;"})

    def test_nothing_else_is(self):
        lines = {mutant.original for mutant in mutants("a.cu", KERNEL)}
        for text in ("#include", "#define", "struct", "kRows = 8", "__launch_bounds__", "sum_kernel(float*", "puts",
                     "n * 4 + 1", "void sum"):
            self.assertFalse([line for line in lines if text in line], text)
        code = [mutant.changed for mutant in mutants("a.cu", KERNEL)]
        self.assertFalse([line for line in code if "a + b" in line], "a comment is changed")


SMALL = """\
#include "half.h"
__global__ void scale(float* y, int n) {
  const int i = threadIdx.x;
  if (i < n) y[i] = half_of(n);
}
"""
HALF = "__device__ int half_of(int n) {\n  return n / 2;\n}\n"

# The object of a file is the file; a program is its objects and fails where they are not as the test wants them. Notes calls.
COMPILER = r"""
echo "$*" >>"$HOME/compiler.log"
out=; inputs=()
while (($#)); do
  case $1 in
    -o) out=$2 && shift ;;
    -c) source=$2 && shift ;;
    -I*) include=${1#-I} ;;
    -*) ;;
    *) inputs+=("$1") ;;
  esac
  shift
done
if [[ ${source:-} ]]; then
  cat "$source" "$include/kernels/cuda/half.h" >"$out" 2>/dev/null || true
  ! grep -q "$(cat "$HOME/does not compile")" "$out"
else
  { echo '#!/bin/bash'; echo 'grep -q "$(cat "$HOME/wants")" "$0" && exit; exit 1'; cat "${inputs[@]}"; } >"$out"
  chmod 755 "$out"
fi
"""
NINJA = r"""
case "$*" in
  *"-t deps") cat "$HOME/deps" ;;
  *"-t commands "*) cat "$HOME/commands" ;;
esac
"""


class MutateKernelsTest(ScriptTest):
    """A checkout with one kernel and one header, and a build of it."""

    def setUp(self):
        super().setUp()
        (self.bin / "chmod").symlink_to(shutil.which("chmod"))
        self.stand_in("ninja", NINJA)
        compiler = self.stand_in("c++", COMPILER)
        self.checkout = self.folder / "a checkout"
        (self.checkout / "tools").mkdir(parents=True)
        for name in ("mutate_kernels", "kernel_mutations.py"):
            shutil.copy(ROOT / "tools" / name, self.checkout / "tools")
        cuda = self.checkout / "kernels/cuda"
        self.write(cuda / "scale.cu", SMALL)
        self.write(cuda / "half.h", HALF)
        self.write(cuda / "plain.cpp", "")
        self.write(cuda / "launch.h", HALF.replace("half_of", "of_the_device"))
        self.write(self.checkout / "tests/emulation/include/kernels/cuda/launch.h", "")
        self.build = self.folder / "build"
        self.write(self.build / "build.ninja", "")
        for program in ("kernels/test_kernels", "kernels/test_kernels_plain", "kernels/test_kernels_checker",
                        "kernels/test_kernels_asan", "model/test_model_plain", "train/test_train_plain"):
            self.script(self.build / "tests" / program, "exit 0")
        self.write(self.folder / "commands", "".join(
            f"'{compiler}' -MD -o {name}.o -c '{cuda / name}'\n" for name in ("scale.cu", "plain.cpp"))
            + f": && '{compiler}' scale.cu.o -o program library.a && :\n")
        self.write(self.folder / "deps", "".join(
            f"{name}.o: #deps 2, deps mtime 1 (VALID)\n    {cuda / name}\n    {cuda / 'half.h'}\n\n"
            for name in ("scale.cu", "plain.cpp")))
        self.write(self.build / "library.a", "")
        self.write(self.folder / "does not compile", "nothing")
        self.write(self.folder / "wants", "if (i < n) y")
        self.equivalents()

    def write(self, path: pathlib.Path, text: str):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def equivalents(self, *entries: dict):
        self.write(self.checkout / "tools/equivalent_mutants.toml", "mutant = []\n" if not entries else "".join(
            "[[mutant]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items()) for entry in entries))

    def mutate(self, *options: str):
        return self.run_script(self.checkout / "tools/mutate_kernels", "--build", str(self.build), *options)

    def refused(self, why: str, *options: str):
        done = self.mutate(*options)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, why)
        self.assertNotIn("Traceback", done.stderr)

    def test_what_survives_is_printed_with_the_score(self):
        done = self.mutate("--kernel", "kernels/cuda/scale.cu")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("kernels/cuda/scale.cu:3 index SURVIVES\n  const int i = threadIdx.x;\n  const int i = blockIdx.x;\n",
                      done.stdout)
        self.assertNotIn(":4 ", done.stdout)  # whatever is changed in that condition is caught
        self.assertRegex(done.stdout, r"\nindex +0 +2 +0 +0\n")
        self.assertRegex(done.stdout, r"\nall +3 +5 +0 +0\nscore: 60.0%\n\Z")

    def test_all_are_caught(self):
        done = self.mutate("--kernel", "kernels/cuda/scale.cu", "--only", "guard", "--only", "bound")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"score: 100.0%\n\Z")
        self.assertIn("scale.cu:4 guard caught test_kernels: exit code 1", done.stderr)

    def test_a_header_is_changed_where_it_is_used(self):
        self.write(self.folder / "wants", "return n / 2;")
        done = self.mutate("--kernel", "kernels/cuda/half.h")
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        calls = (self.folder / "compiler.log").read_text()
        self.assertIn("scale.cu", calls)
        self.assertNotIn("plain.cpp", calls)  # includes the header, and names nothing of it

    def test_an_object_of_a_library_takes_its_place(self):
        text = (self.folder / "commands").read_text()
        self.write(self.folder / "commands", text.replace("scale.cu.o -o program", "-o program"))
        self.assertEqual(self.mutate("--kernel", "kernels/cuda/scale.cu", "--only", "guard").returncode, 0)

    def test_what_does_not_compile_is_not_counted(self):
        self.write(self.folder / "does not compile", "blockIdx")
        done = self.mutate("--kernel", "kernels/cuda/scale.cu", "--only", "index")
        self.assertRegex(done.stdout, r"\nindex +0 +1 +0 +1\n")

    def test_neither_the_sources_nor_the_build_change(self):
        def all_files():
            return {path: path.read_bytes() for folder in (self.checkout, self.build) for path in folder.rglob("*")
                    if path.is_file() and "__pycache__" not in path.parts}
        before = all_files()
        self.mutate()
        self.assertEqual(all_files(), before)

    def test_files_with_a_twin_are_left_out(self):
        listed = self.mutate("--list").stdout
        self.assertIn("kernels/cuda/half.h:2 arithmetic\n  return n / 2;\n  return n * 2;\n", listed)
        self.assertNotIn("launch.h", listed)
        self.refused("launch.h is not one of the files that are changed: kernels/cuda/half.h, kernels/cuda/scale.cu",
                     "--kernel", "kernels/cuda/launch.h")

    def test_list_runs_nothing(self):
        self.assertEqual(self.mutate("--list").returncode, 0)
        self.assertFalse((self.folder / "compiler.log").exists())

    def test_json(self):
        [row] = json.loads(self.mutate("--json", "--kernel", "kernels/cuda/scale.cu", "--only", "guard").stdout)
        self.assertEqual(row, {
            "file": "kernels/cuda/scale.cu", "line": 4, "kind": "guard", "original": "if (i < n) y[i] = half_of(n);",
            "changed": "if (true) y[i] = half_of(n);", "outcome": "caught", "by": "test_kernels: exit code 1"})

    EQUIVALENT = {"file": "kernels/cuda/scale.cu", "line": "const int i = threadIdx.x;", "changed": "const int i = blockIdx.x;",
                  "reason": "one thread a block"}

    def test_equivalent_mutants_are_not_run(self):
        # Twenty more mutants, for at most five of a hundred may be equivalent.
        self.write(self.checkout / "kernels/cuda/half.h", HALF + "".join(
            f"__device__ int f{i}(int n) {{\n  return n < {i};\n}}\n" for i in range(10)))
        self.equivalents(self.EQUIVALENT)
        done = self.mutate("--kernel", "kernels/cuda/scale.cu", "--only", "index")
        self.assertRegex(done.stdout, r"\nindex +0 +1 +1 +0\n")
        self.assertNotIn("blockIdx", done.stdout)

    def test_too_many_equivalents_are_refused(self):
        self.equivalents(self.EQUIVALENT)
        self.refused("equivalent_mutants.toml lists 1 of 8 mutants, more than 5%")

    def test_stale_equivalents_are_refused(self):
        self.equivalents(self.EQUIVALENT | {"changed": "const int i = clusterIdx.x;"})
        self.refused("a mutant that no longer exists: kernels/cuda/scale.cu: const int i = clusterIdx.x;")

    def test_equivalents_need_a_reason(self):
        self.equivalents({key: value for key, value in self.EQUIVALENT.items() if key != "reason"})
        self.refused("cannot read .*equivalent_mutants.toml: 'reason'")

    def test_tests_that_fail_anyway(self):
        self.script(self.build / "tests/model/test_model_plain", "exit 3")
        self.refused("test_model_plain fails without any change: exit code 3")

    def test_a_build_that_is_none(self):
        (self.build / "build.ninja").unlink()
        self.refused("build is not a Ninja build; configure one: cmake --preset cpu")
        self.write(self.build / "build.ninja", "")
        self.stand_in("ninja", "echo FAILED: a.o; exit 1")
        self.refused("ninja -C .* fails: FAILED: a.o")


if __name__ == "__main__":
    unittest.main()
