"""tools/kernel_report, with a stand-in for nvcc. usage: test_kernel_report.py (runs all tests)"""

import json
import shutil
import unittest

from sandbox import ROOT, ScriptTest

# Answers what the test put there, and notes its arguments.
NVCC = r"""
echo "$PWD: $*" >>"$HOME/nvcc.log"
while (($#)); do [[ $1 != --keep-dir ]] || keep=$2; shift; done
cp -r "$HOME/ptx/." "$keep"
cat "$HOME/log"
exit ${FAIL:-0}
"""


HEADER = ".version 9.0\n"


def entry(name: str, bounds: str = "", architecture: str = "sm_80") -> str:
    return f"{HEADER}.target {architecture}\n.visible .entry {name}(\n.param .u64 {name}_param_0\n)\n{bounds}\n{{\nret;\n}}\n"


def properties(name: str, frame: int = 0, stores: int = 0, loads: int = 0, used: str = "") -> str:
    return (f"ptxas info    : Function properties for {name}\n"
            f"    {frame} bytes stack frame, {stores} bytes spill stores, {loads} bytes spill loads\n"
            + (f"ptxas info    : Used {used}, 376 bytes cmem[0]\nptxas info    : Compile time = 1.1 ms\n" if used else ""))


def kernel(name: str, *numbers: int, used: str = "10 registers, used 0 barriers", architecture: str = "sm_80") -> str:
    return (f"ptxas info    : Compiling entry function '{name}' for '{architecture}'\n"
            + properties(name, *numbers, used=used))


class KernelReportTest(ScriptTest):
    def setUp(self):
        super().setUp()
        for name in ("c++filt", "cp"):
            (self.bin / name).symlink_to(shutil.which(name))
        nvcc = self.stand_in("nvcc", NVCC)
        self.source = self.folder / "a kernel.cu"
        self.source.write_text("")
        self.build = self.folder / "build"
        self.build.mkdir()
        (self.folder / "ptx").mkdir()
        command = f"'{nvcc}' -O3 --generate-code=arch=compute_61,code=[sm_61] --fmad=false -x cu -c '{self.source}' -o x.o"
        self.commands([{"directory": str(self.build), "file": str(self.source), "command": command},
                       {"directory": "/", "file": "host.cu", "command": "c++ -x c++ -c host.cu -o host.o"}])

    def commands(self, entries: list):
        (self.build / "compile_commands.json").write_text(json.dumps(entries))

    def report(self, *arguments, ptx: str = "", log: str = "", **variables):
        for i, module in enumerate(ptx.split(HEADER)[1:]):
            (self.folder / "ptx" / f"{i}.ptx").write_text(module)
        (self.folder / "log").write_text("ptxas info    : 0 bytes gmem\n" + log)
        return self.run_script(ROOT / "tools/kernel_report", "--build", str(self.build), *arguments, **variables)

    def rows(self, ptx: str, log: str) -> list[dict]:
        done = self.report("--json", ptx=ptx, log=log)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_compiles_as_the_build_does_but_for_the_architectures(self):
        self.report()
        call = (self.folder / "nvcc.log").read_text()
        self.assertTrue(call.startswith(f"{self.build}: -O3 --fmad=false --generate-code=arch=compute_75,code=sm_75"), call)
        for wanted in ("code=sm_80", "code=sm_90", "--Werror=all-warnings", f"-x cu {self.source}\n"):
            self.assertIn(wanted, call)
        self.assertNotIn("sm_61", call)

    def test_compiles_other_files_alike(self):
        other = self.folder / "other.cu"
        other.touch()
        self.report(str(other), "--arch", "sm_90")
        call = (self.folder / "nvcc.log").read_text()
        self.assertIn("-O3 --fmad=false --generate-code=arch=compute_90,code=sm_90 --Werror", call)
        self.assertIn(f"-x cu {other}\n", call)

    def test_reads_what_ptxas_says(self):
        name = "_ZN3gan12_GLOBAL__N_15scaleIfEEvPT_"
        rows = self.rows(entry(name, ".maxntid 32, 8, 1"),
                         kernel(name, used="24 registers, used 1 barriers, 1024 bytes smem"))
        self.assertEqual(rows, [{
            "source": str(self.source), "name": "scale<float>", "architecture": "sm_80", "registers": 24, "shared": 1024,
            "stack": 0, "spill_stores": 0, "spill_loads": 0, "block": 256, "block_from": "launch bounds", "occupancy": 1.0,
            "occupancy_limit": "warps"}])

    def test_block_sizes_may_differ_between_architectures(self):
        rows = self.rows(entry("f", ".maxntid 64, 1, 1", "sm_75") + entry("f", ".maxntid 128, 1, 1", "sm_90"),
                         kernel("f", architecture="sm_75") + kernel("f", architecture="sm_90"))
        self.assertEqual([(row["architecture"], row["block"]) for row in rows], [("sm_75", 64), ("sm_90", 128)])

    def test_without_launch_bounds_a_number_in_the_launch_tells_the_block_size(self):
        self.source.write_text("launch(f, 1,\n  96, 0, stream, x); launch(g, 1, kBlock, 0, stream, x);")
        f, g = self.rows(entry("f") + entry("g"), kernel("f") + kernel("g"))
        self.assertEqual((f["block"], f["block_from"]), (96, "launch call"))
        self.assertEqual((g["block"], g["occupancy"]), (None, None))
        table = self.report(ptx=entry("f") + entry("g"), log=kernel("f") + kernel("g")).stdout
        self.assertRegex(table, r"\nf +sm_80 +10 +0 +0 +0 +96\*  +98%, warps\n")
        self.assertRegex(table, r"\ng +sm_80 +10 +0 +0 +0 +\?\n")

    def test_occupancy(self):
        # Resident blocks as the calculator of the CUDA toolkit, cuda_occupancy.h, has them.
        for architecture, registers, shared, block, blocks, limit in (
                ("sm_75", 10, 4, 1, 16, "blocks"), ("sm_80", 10, 0, 32, 32, "blocks"),
                ("sm_75", 24, 1024, 256, 4, "warps"), ("sm_90", 24, 1024, 256, 8, "warps"),
                ("sm_80", 41, 0, 256, 5, "registers"), ("sm_80", 96, 0, 32, 20, "registers"),
                ("sm_90", 128, 0, 256, 2, "registers"), ("sm_90", 255, 0, 288, 0, "registers"),
                ("sm_75", 64, 33000, 128, 1, "shared memory"), ("sm_80", 64, 33000, 128, 4, "shared memory"),
                ("sm_90", 64, 33000, 128, 6, "shared memory")):
            [row] = self.rows(entry("f", f".maxntid {block}, 1, 1", architecture),
                              kernel("f", used=f"{registers} registers, {shared} bytes smem", architecture=architecture))
            possible = 32 if architecture == "sm_75" else 64
            self.assertEqual((row["occupancy"], row["occupancy_limit"]), (round(blocks * -(-block // 32) / possible, 3), limit))

    def test_spills_and_stack_frames_fail_and_are_named(self):
        for numbers in ((8, 0, 0), (0, 4, 0), (0, 0, 4)):
            done = self.report(ptx=entry("f"), log=kernel("f", *numbers))
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"\Akernel_report: .*a kernel.cu: f on sm_80 has a stack frame of .*\n\Z")

    def test_so_do_those_of_a_called_function(self):
        done = self.report(ptx=entry("f"), log=kernel("f") + properties("_Z6calledi", 24))
        self.assertEqual(done.returncode, 1)
        self.assertIn("called on sm_80", done.stderr)

    def test_and_a_stack_that_only_the_sum_shows(self):
        log = kernel("f", used="10 registers, used 0 barriers, 256 bytes cumulative stack size")
        self.assertEqual(self.report(ptx=entry("f"), log=log).returncode, 1)

    def test_kernels_of_cub_are_not_judged(self):
        name = "_ZN3cub4sortEv"
        done = self.report(ptx=entry(name), log=kernel(name, 8, 4, 4))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("cub::sort", done.stdout)

    def test_a_file_that_does_not_compile(self):
        done = self.report(log="a kernel.cu(3): error #177-D: never used", FAIL="2")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("a kernel.cu does not compile", done.stderr)
        self.assertIn("never used", done.stderr)

    def test_a_kernel_that_ptxas_says_nothing_of_fails(self):
        for log in ("", "ptxas info    : Compiling entry function 'f' for 'sm_80'\n",
                    kernel("f").replace("bytes stack frame", "B of stack"), kernel("f", architecture="sm_75")):
            done = self.report(ptx=entry("f"), log=log)
            self.assertEqual(done.returncode, 1, log)
            self.assertIn("format changed", done.stderr)

    def test_a_build_without_cuda(self):
        self.commands([])
        self.assertRegex(self.report().stderr, r"\Akernel_report: nvcc compiles nothing in .*cmake --preset cuda\n\Z")
        (self.build / "compile_commands.json").unlink()
        self.assertRegex(self.report().stderr, r"\Akernel_report: cannot read .*cmake --preset cuda\n\Z")

    def test_a_compiler_that_is_gone(self):
        (self.bin / "nvcc").unlink()
        self.assertRegex(self.report().stderr, r"\Akernel_report: .*No such file.*nvcc'\n\Z")


if __name__ == "__main__":
    unittest.main()
