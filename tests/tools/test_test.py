"""tools/test and .ci/run, with stand-ins for what they call. usage: test_test.py (runs all tests)"""

import shutil
import unittest

from sandbox import ROOT, ScriptTest

CTEST = r"""
echo "ctest $* ${CI:-} ${GAN_MNIST_DIR:-} ${GAN_SEED_MODEL:-} ${GAN_REQUIRE_READERS:-} ${GAN_READERS_PYTHON:-}" >>"$HOME/log"
echo "<testsuite><testcase name='A.B' status='${STATUS:-run}'/></testsuite>" >"${@: -1}"
[[ $2 != "${FAILS:-}" ]]
"""


class TestTest(ScriptTest):
    def setUp(self):
        super().setUp()
        self.checkout = self.folder / "a checkout"
        for path in (".ci/run", "tools/test", "tools/test_summary", "tools/toolchain.sh"):
            (self.checkout / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, self.checkout / path)
        (self.checkout / ".git").mkdir()
        for name in ("setup", "lint"):
            self.script(self.checkout / "tools" / name, f'echo "{name} $*" >>"$HOME/log"; [[ {name} != "${{FAILS:-}}" ]]')
        self.script(self.checkout / "tools/readers", "echo a python")
        self.stand_in("cmake", '[[ $1 != --preset ]] || mkdir -p "build/$2"; '
                      'echo "cmake $*" >>"$HOME/log"; [[ $* != "--build --preset ${FAILS:-none}"* ]]')
        self.stand_in("ctest", CTEST)
        self.stand_in("nvcc", 'echo "Cuda compilation tools, release 13.0, V13"')
        (self.bin / "realpath").symlink_to(shutil.which("realpath"))

    def call(self, script="tools/test", **variables):
        return self.run_script(self.checkout / script, CUDA_HOME="/nowhere", **variables)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def test_builds_and_tests_both_builds(self):
        done = self.call()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "tests: 2 passed, 0 failed, 0 skipped")
        steps = [line.rpartition(" --parallel")[0] or line for line in self.log().splitlines()]
        self.assertEqual(steps, [
            "setup --with-tests", "cmake --preset cuda", "cmake --build --preset cuda", "ctest --preset cuda",
            "lint --minutes 5 --build build/cuda", "cmake --preset asan", "cmake --build --preset asan", "ctest --preset asan"])

    def test_without_a_toolkit_it_tests_the_cpu_and_says_so(self):
        (self.bin / "nvcc").unlink()
        self.assertIn("CPU only", self.call().stderr)
        self.assertIn("ctest --preset cpu", self.log())

    def test_whatever_fails_fails_all_but_stops_nothing_else(self):
        for fails in ("lint", "cuda", "asan"):
            with self.subTest(fails):
                done = self.call(FAILS=fails)
                self.assertEqual(done.returncode, 1)
                self.assertIn("FAILED", done.stdout)
                self.assertIn("cmake --build --preset asan", self.log())
                (self.folder / "log").unlink()

    def test_the_summary_has_the_last_word(self):
        done = self.call(STATUS="fail")
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (1, "tests: 0 passed, 2 failed, 0 skipped"))

    def test_a_failed_set_up_stops(self):
        self.assertEqual(self.call(FAILS="setup").returncode, 1)
        self.assertNotIn("cmake", self.log())

    def test_ci_uses_the_data_beside_the_checkout(self):
        data = self.folder / "shared/data"
        (data / "mnist").mkdir(parents=True)
        (data / "seed").mkdir()
        (data / "seed/model_G.pth").touch()
        self.assertEqual(self.call(".ci/run").returncode, 0)
        self.assertIn("ctest --preset cuda-ci", self.log())
        self.assertIn(f"true {data}/mnist {data}/seed/model_G.pth 1 a python\n", self.log())

    def test_ci_does_without_that_data(self):
        self.assertEqual(self.call(".ci/run").returncode, 0)
        self.assertIn("true   1 a python\n", self.log())


if __name__ == "__main__":
    unittest.main()
