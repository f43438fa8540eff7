"""tools/test_summary. usage: test_summary.py (runs all tests)"""

import unittest

from sandbox import ROOT, ScriptTest

PASSED = '<testcase name="Gemm.Works" status="run"><system-out/></testcase>'
FAILED = '<testcase name="Gemm.Tails" status="fail"><failure message=""/><system-out/></testcase>'
DISABLED = '<testcase name="Gemm.Later" status="disabled"><system-out>Disabled</system-out></testcase>'


def skipped(name: str, output: str, message: str = "SKIP_REGULAR_EXPRESSION_MATCHED") -> str:
    return (f'<testcase name="{name}" status="notrun"><skipped message="{message}"/>'
            f"<system-out>{output}</system-out></testcase>")


NO_GPU = skipped("Sort.OnDevice", "t.cpp:3: Skipped\nthere is no GPU\n\n[  SKIPPED ] Sort.OnDevice")
NO_TORCH = skipped("readers", "reading\nneeds PyTorch", "SKIP_RETURN_CODE=77")


class SummaryTest(ScriptTest):
    def summary(self, *cases, **variables):
        report = self.folder / "cpu/tests.xml"
        report.parent.mkdir(exist_ok=True)
        report.write_text(f"<testsuite>{''.join(cases)}</testsuite>")
        return self.run_script(ROOT / "tools/test_summary", str(report), **variables)

    def test_counts_and_names(self):
        done = self.summary(PASSED, NO_GPU, NO_TORCH, DISABLED)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines(), [
            "SKIPPED cpu: Sort.OnDevice (there is no GPU)", "SKIPPED cpu: readers (needs PyTorch)",
            "SKIPPED cpu: Gemm.Later (disabled)", "tests: 1 passed, 0 failed, 3 skipped"])

    def test_a_failure_fails(self):
        done = self.summary(PASSED, FAILED)
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAILED cpu: Gemm.Tails\n", done.stdout)

    def test_a_skip_fails_where_the_test_must_run(self):
        self.assertEqual(self.summary(PASSED, NO_GPU, GAN_REQUIRE_GPU="1").returncode, 1)
        self.assertEqual(self.summary(PASSED, NO_GPU, GAN_REQUIRE_READERS="1").returncode, 0)
        self.assertEqual(self.summary(PASSED, NO_TORCH, GAN_REQUIRE_READERS="1").returncode, 1)

    def test_a_missing_program_is_no_skip(self):
        gone = skipped("Gemm.Works", "Unable to find executable: x", "Unable to find executable")
        self.assertEqual(self.summary(PASSED, gone).returncode, 1)

    def test_no_tests_and_no_report_fail(self):
        self.assertEqual(self.summary().returncode, 1)
        self.assertEqual(self.run_script(ROOT / "tools/test_summary", str(self.folder / "none.xml")).returncode, 1)


if __name__ == "__main__":
    unittest.main()
