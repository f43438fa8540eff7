"""tools/profile, with stand-ins for the profilers and the program. usage: test_profile.py (runs all tests)"""

import pathlib
import shutil
import unittest

from sandbox import ROOT, ScriptTest

# Notes its arguments, one a line, and runs the program that it is given; to read a report it is given none.
PROFILER = r"""
printf '%s\n' "${0##*/}" "$@" >>"$HOME/calls"
while (($#)) && [[ $1 != */gan_cuda ]]; do shift; done
"$@"
"""
PROGRAM = r"""
while [[ $1 != --out ]]; do shift; done
mkdir -p "$2" && echo "$2" >"$HOME/run"
exit "${CODE:-0}"
"""


class ProfileTest(ScriptTest):
    def setUp(self):
        super().setUp()
        (self.bin / "mktemp").symlink_to(shutil.which("mktemp"))
        self.program = self.script(self.folder / "a build/gan_cuda", PROGRAM)
        for name in ("nsys", "ncu"):
            self.stand_in(name, PROFILER)

    def profile(self, *arguments, **variables):
        variables = {"GAN_BUILD_DIR": str(self.program.parent), "CUDA_HOME": "/nowhere"} | variables
        return self.run_script(ROOT / "tools/profile", *arguments, **variables)

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def test_records_the_steps_and_says_where_the_report_is(self):
        for profiler, ending in (("nsys", "nsys-rep"), ("ncu", "ncu-rep")):
            with self.subTest(profiler):
                done = self.profile(profiler, "--steps", "30:40", "--out", "my steps", "--", "--engine", "graph")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"my steps.{ending}", done.stdout)
                calls = self.calls()
                self.assertEqual(calls[0], profiler)
                run = calls[calls.index(str(self.program)):]
                for option, value in (("--profile-steps", "30:40"), ("--max-steps", "40"), ("--device", "cuda")):
                    self.assertEqual(run[run.index(option) + 1], value)
                self.assertLess(run.index("plain"), run.index("graph"), "the user's option must be the last")
                self.assertFalse(pathlib.Path((self.folder / "run").read_text().strip()).exists(), "the run was left behind")
                (self.folder / "calls").unlink()

    def test_listens_for_the_range_that_the_program_marks(self):
        self.profile("nsys", "--steps", "1:1")
        self.assertIn("--capture-range=cudaProfilerApi", self.calls())
        self.profile("ncu", "--steps", "1:1")
        self.assertIn("--profile-from-start", self.calls())

    def test_numbers_are_decimal(self):
        done = self.profile("nsys", "--steps", "010:012")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("12", self.calls())

    def test_a_run_that_fails_fails(self):
        self.assertEqual(self.profile("nsys", "--steps", "1:2", CODE="3").returncode, 3)

    def test_refuses_what_it_cannot_do(self):
        for arguments in ([], ["perf", "--steps", "1:2"], ["nsys"], ["nsys", "--steps"], ["nsys", "--steps", "2"],
                          ["nsys", "--steps", "0:2"], ["nsys", "--steps", "3:2"], ["ncu", "--steps", "1:2", "--what"]):
            done = self.profile(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"\Atools/profile: .*\n\Z")
        self.assertFalse((self.folder / "calls").exists())

    def test_says_what_is_missing(self):
        (self.bin / "ncu").unlink()
        done = self.profile("ncu", "--steps", "1:2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no ncu", done.stderr)


if __name__ == "__main__":
    unittest.main()
