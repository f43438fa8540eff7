"""tools/kernel_report --loops, with a stand-in for the disassemblers. usage: test_sass.py (runs all tests)"""

import json
import shutil
import sys
import unittest

from sandbox import ROOT, ScriptTest

sys.path.insert(0, str(ROOT / "tools"))
from gpu import sass

HEADER = """
Fatbin elf code:
================
arch = sm_90

Resource usage:
 Common:
  GLOBAL:0
 Function _Z5firstv:
  REG:26 STACK:0 SHARED:1052 LOCAL:0 CONSTANT[0]:608 TEXTURE:0 SURFACE:0 SAMPLER:0
 Function _Z6secondv:
  REG:255 STACK:0 SHARED:0 LOCAL:0 CONSTANT[0]:608 TEXTURE:0 SURFACE:0 SAMPLER:0

\tcode for sm_90
\t.target\tsm_90
"""


def function(name: str, *lines: str) -> str:
    """As cuobjdump prints it: each instruction with its encoding, in two lines."""
    code = "".join(f"        /*{16 * i:04x}*/ {line:>40};   /* 0x00000a00ff017b82 */\n" + " " * 60 + "/* 0x000fe20000000800 */\n"
                   for i, line in enumerate(lines))
    return f"\n\t\tFunction : {name}\n\t.headerflags\t@\"EF_CUDA_SM90\"\n{code}\t\t..........\n\n\n"


def loops_of(*lines: str) -> list[sass.Loop]:
    [kernel] = sass.parse(HEADER + function("_Z5firstv", *lines))
    return kernel.loops


class ParserTest(unittest.TestCase):
    def test_bytes_and_registers(self):
        first, second = sass.parse(HEADER + function("_Z5firstv", "EXIT ", "NOP") + function("_Z6secondv", "EXIT "))
        self.assertEqual((first.name, first.bytes, first.registers, first.loops), ("_Z5firstv", 32, 26, []))
        self.assertEqual((second.name, second.bytes, second.registers), ("_Z6secondv", 16, 255))

    def test_kinds_of_an_iteration(self):
        [loop] = loops_of(
            "LDC R1, c[0x0][0x28] ",
            "LDSM.16.M88.4 R4, [R1] ", "@!P0 LDS.128 R8, [R1+0x10] ", "@!UPT LDS RZ, [RZ] ", "@!PT LDS RZ, [RZ] ",
            "HMMA.1688.F32.TF32 R4, R8, R2, R4 ", "FFMA R1, R2, R3, R1 ", "LDGSTS.E.BYPASS.128 [R1], desc[UR6][R2.64] ",
            "IMAD.WIDE.U32 R2, R3, 0x4, R2 ", "IMAD.MOV.U32 R2, RZ, RZ, R3 ", "UIADD3 UR4, UR4, 0x1, URZ ", "BSSY B0, 0xc0 ",
            "WARPSYNC.ALL ", "ISETP.NE.AND P0, PT, R4, RZ, PT ", "@P0 BRA 0x10 ", "EXIT ")
        self.assertEqual((loop.first, loop.last, loop.total), (0x10, 0xe0, 14))
        self.assertEqual(loop.instructions, {"HMMA": 1, "FFMA": 1, "shared loads": 3, "asynchronous copies": 1, "integer": 3,
                                             "branches": 2, "other": 3})

    def test_loops_without_a_product_are_left_out(self):
        self.assertEqual(loops_of("FADD R1, R1, R2 ", "@P0 BRA 0x0 ", "FFMA R1, R2, R3, R1 "), [])

    def test_branches_forward_and_calls_back_make_no_loop(self):
        self.assertEqual(loops_of("FFMA R1, R2, R3, R1 ", "@P0 BRA 0x20 ", "CALL.REL.NOINC 0x0 ", "BRA.DIV UR4, 0x50 "), [])

    def test_only_the_innermost_loop_counts(self):
        [loop] = loops_of("FFMA R1, R2, R3, R1 ", "FFMA R1, R2, R3, R1 ", "@!P0 BRA !P1, 0x10 ", "@P2 BRA 0x0 ")
        self.assertEqual((loop.first, loop.total), (0x10, 2))

    def test_an_outer_loop_may_begin_within_the_inner_one(self):
        [loop] = loops_of("FFMA R1, R2, R3, R1 ", "FFMA R1, R2, R3, R1 ", "@P0 BRA 0x0 ", "@P2 BRA 0x10 ")
        self.assertEqual((loop.first, loop.total), (0x0, 3))

    def test_a_loop_of_a_single_instruction_before_another(self):
        first, second = loops_of("HMMA.1688.F32.TF32 R4, R8, R2, R4 ", "@P0 BRA 0x0 ", "FFMA R1, R2, R3, R1 ", "@P0 BRA 0x20 ")
        self.assertEqual((first.instructions["HMMA"], second.instructions["FFMA"], second.first), (1, 1, 0x20))

    def test_another_format_is_an_error(self):
        for text in (HEADER + function("_Z5firstv"), HEADER + function("_Z5thirdv", "EXIT "),
                     (HEADER + function("_Z5firstv", "EXIT ")).replace("REG:", "REGISTERS:")):
            with self.assertRaisesRegex(sass.ReportFailed, "format changed"):
                list(sass.parse(text))


class LoopsTest(ScriptTest):
    def setUp(self):
        super().setUp()
        for name in ("c++filt", "cp"):
            (self.bin / name).symlink_to(shutil.which(name))
        self.object = self.folder / "a kernel.o"
        self.object.touch()

    def report(self, *arguments: str, prints: str = "", code: int = 0, objects: tuple = ()):
        (self.folder / "sass").write_text(prints)
        self.stand_in("nvdisasm", "exit 1")
        self.stand_in("cuobjdump", f'echo "$*" >>"$HOME/calls"; cat "$HOME/sass"; exit {code}')
        return self.run_script(ROOT / "tools/kernel_report", *arguments, "--loops", *objects)

    def test_table_and_json(self):
        prints = HEADER + function("_Z5firstv", "FFMA R1, R2, R3, R1 ", "@P0 BRA 0x0 ")
        done = self.report(prints=prints, objects=(str(self.object),))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("a kernel.o: first: 32 bytes, 26 registers\n", done.stdout)
        self.assertRegex(done.stdout, r"\n +0x0 +0 +1 +0 +0 +0 +1 +0 +2\n")
        self.assertEqual((self.folder / "calls").read_text(), f"-sass -res-usage -arch sm_90 {self.object}\n")
        [kernel] = json.loads(self.report("--json", prints=prints, objects=(str(self.object),)).stdout)
        self.assertEqual((kernel["object"], kernel["name"], kernel["bytes"]), (str(self.object), "first", 32))
        self.assertEqual(kernel["loops"][0]["total"], 2)

    def test_the_objects_of_a_build(self):
        def entry(source, made):
            return {"directory": str(self.folder), "file": str(source), "command": f"nvcc -O3 -x cu -c '{source}' -o '{made}'"}
        entries = [entry(ROOT / "kernels/cuda/adam.cu", self.object.name), entry(ROOT / "tests/x.cu", "x.o"),
                   {"directory": "/", "file": str(ROOT / "kernels/ops.cpp"), "command": "c++ -c ops.cpp -o ops.o"}]
        (self.folder / "compile_commands.json").write_text(json.dumps(entries))
        self.assertEqual(self.report("--build", str(self.folder), prints=HEADER).returncode, 0)
        self.assertEqual((self.folder / "calls").read_text(), f"-sass -res-usage -arch sm_90 {self.object}\n")
        self.object.unlink()
        done = self.report("--build", str(self.folder))
        self.assertRegex(done.stderr, r"\Akernel_report: .*a kernel.o is missing; build it first\n\Z")
        (self.folder / "compile_commands.json").write_text("[]")
        self.assertRegex(self.report("--build", str(self.folder)).stderr, r"\Akernel_report: nvcc compiles no kernels in .*\n\Z")

    def test_code_for_another_gpu_is_a_skip(self):
        done = self.report(prints="\n", objects=(str(self.object),))
        self.assertEqual((done.returncode, done.stdout), (77, ""))
        self.assertRegex(done.stderr, r"\Akernel_report: .*a kernel.o has no code for sm_90\n\Z")

    def test_what_the_disassembler_refuses_is_a_failure(self):
        done = self.report(prints="cuobjdump fatal   : Invalid fatbin header", code=1, objects=(str(self.object),))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Akernel_report: cuobjdump cannot read .*a kernel.o: .*Invalid fatbin header\n\Z")

    def test_sources_are_not_objects(self):
        done = self.run_script(ROOT / "tools/kernel_report", "--arch", "sm_90", "--loops")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--loops takes objects", done.stderr)

    def test_disassemblers_are_found_beside_the_readers(self):
        checkout = self.folder / "checkout"
        shutil.copytree(ROOT / "tools", checkout / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        done = self.run_script(checkout / "tools/kernel_report", "--loops", str(self.object))
        self.assertEqual((done.returncode, done.stdout), (77, ""))
        self.assertRegex(done.stderr, r"\Akernel_report: cuobjdump and nvdisasm are neither .*; tools/readers installs them\n\Z")
        folder = checkout / "build/readers/lib/python3.11/site-packages/nvidia/cu13/bin"
        self.script(folder / "nvdisasm", "exit 1")
        self.script(folder / "cuobjdump", f"type nvdisasm >/dev/null || exit 1\necho '{HEADER}'")
        done = self.run_script(checkout / "tools/kernel_report", "--loops", str(self.object))
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
