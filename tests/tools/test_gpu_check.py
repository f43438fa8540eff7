"""tools/gpu_check, with stand-ins for the GPU and for what it runs. usage: test_gpu_check.py (runs all tests)"""

import json
import unittest

from sandbox import ROOT, ScriptTest

# Leaves a run as the program does, or with a NaN, or dies; or measures hand-overs.
PROGRAM = r"""
[[ $1 != --version ]] || { echo "gan_cuda 0.1.0 (abc)"; exit; }
[[ ! ${DIES:-} ]] || exit 3
if [[ $1 == bench && $2 == --hand-overs ]]; then
  echo '{"device": "H200", "results": [{"name": "flag", "ns_median": 600.5}]}'
  exit
fi
if [[ $1 == bench ]]; then
  echo "times $5" >&2
  [[ $5 != graph-pdl ]] || exit 2
  echo "{\"engine\": \"$5\", \"precision\": \"$7\", \"us_per_iteration\": 80.5}"
  exit
fi
while [[ $1 != --out ]]; do shift; done
mkdir -p "$2/samples"
echo "png" >"$2/samples/epoch_0005.png"
printf '%s\n' step,loss_g,images_per_s 1,0.9,1000 2,0.8,64000 3,${LOSS:-0.7},128000 4,0.7,128000 >"$2/metrics.csv"
"""
OPERATIONS = r"""
[[ ! ${DIES:-} ]] || exit 3
echo '{"benchmarks": [{"name": "cuda/gemm"}]}' >"${4#--benchmark_out=}"
"""
TESTS = r"""
report=${1#--gtest_output=json:}
echo "GAN_REQUIRE_GPU=$GAN_REQUIRE_GPU"
[[ $report == --* || ! ${RESULT:-} ]] || echo "$RESULT" >"$report"
"""


def report(*results: str) -> str:
    return json.dumps({"testsuites": [{"name": "Gpu", "testsuite": [
        {"name": str(i), "result": "COMPLETED" if r == "FAILED" else r} | ({"failures": []} if r == "FAILED" else {})
        for i, r in enumerate(results)]}]})


class GpuCheckTest(ScriptTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"
        self.build = self.folder / "a build"
        self.script(self.build / "gan_cuda", PROGRAM)
        self.script(self.build / "gan_ops_bench", OPERATIONS)
        self.script(self.build / "tests/test_kernels_gpu", TESTS)
        self.script(self.build / "tests/test_kernels_plain", "exit 1")  # emulated: not run
        self.stand_in("nvidia-smi", "echo 'NVIDIA H200, 580.1, 9.0, 143771 MiB'")
        self.stand_in("nvcc", "echo 'Cuda compilation tools, release 13.0, V13.0.48'")
        self.stand_in("compute-sanitizer", '[[ $2 != "${DIRTY:-}" ]] || exit 86')

    def check(self, *stages, **variables):
        variables = {"GAN_BUILD_DIR": str(self.build), "RESULT": report("COMPLETED", "COMPLETED")} | variables
        return self.run_script(ROOT / "tools/gpu_check", str(self.out), *stages, **variables)

    def summary(self) -> dict:
        return json.loads((self.out / "summary.json").read_text())

    def test_without_a_gpu_it_says_so_in_one_line(self):
        self.stand_in("nvidia-smi", "exit 9")
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Agpu_check: there is no NVIDIA GPU here.*\n\Z")
        self.assertFalse(self.out.exists())

    def test_all_stages(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        summary = self.summary()
        self.assertEqual(summary["gpu"]["name"], "NVIDIA H200")
        self.assertEqual(summary["cuda"], "13.0")
        stages = summary["stages"]
        self.assertEqual({name: stage["status"] for name, stage in stages.items()},
                         dict.fromkeys(("build", "tests", "sanitizers", "train", "loop", "bench", "hand_overs"), "ok"))
        self.assertEqual((stages["build"]["version"], stages["build"]["was_there"]), ("gan_cuda 0.1.0 (abc)", True))
        self.assertEqual(stages["tests"]["passed"], 2)
        self.assertEqual(stages["train"]["last"], {"step": 4, "loss_g": 0.7, "images_per_s": 128000})
        self.assertEqual(stages["loop"]["us_per_iteration"], 1000)  # 128 images at 128,000 a second
        self.assertEqual(stages["hand_overs"]["results"], [{"name": "flag", "ns_median": 600.5}])
        self.assertLessEqual(len(list(self.out.iterdir())), 10)
        self.assertIn("GAN_REQUIRE_GPU=1", (self.out / "tests.log").read_text())

    def test_a_failed_stage_stops_no_other(self):
        done = self.check("train", "hand_overs", "tests", DIES="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("exit code 3", self.summary()["stages"]["train"]["reason"])
        self.assertIn("exit code 3", self.summary()["stages"]["hand_overs"]["reason"])
        self.assertEqual(self.summary()["stages"]["tests"]["status"], "ok")

    def test_every_engine_is_timed_in_every_precision_and_every_operation(self):
        self.assertEqual(self.check("bench").returncode, 0)
        figures = self.summary()["stages"]["bench"]
        self.assertEqual(figures["graph tf32"], {"engine": "graph", "precision": "tf32", "us_per_iteration": 80.5})
        self.assertEqual(figures["plain fp32"]["engine"], "plain")
        self.assertEqual(figures["persistent 3xtf32"]["precision"], "3xtf32")
        self.assertEqual(figures["graph-pdl fp32"], {"exit_code": 2})  # an older GPU: no failure
        self.assertEqual(figures["operations"], [{"name": "cuda/gemm"}])
        self.assertIn("times graph", (self.out / "bench.log").read_text())

    def test_an_engine_that_dies_fails(self):
        self.assertEqual(self.check("bench", DIES="1").returncode, 1)
        self.assertIn("plain fp32, plain tf32, graph fp32", self.summary()["stages"]["bench"]["reason"])

    def test_without_google_benchmark_the_engines_are_timed(self):
        (self.build / "gan_ops_bench").unlink()
        self.assertEqual(self.check("bench").returncode, 0)
        self.assertIn("not built", self.summary()["stages"]["bench"]["operations"])

    def test_stages_of_several_calls_add_up(self):
        self.check("train")
        self.check("loop")
        self.assertEqual(list(self.summary()["stages"]), ["train", "loop"])

    def test_losses_that_are_not_finite_fail(self):
        self.assertEqual(self.check("train", LOSS="nan").returncode, 1)

    def test_failed_skipped_and_crashed_tests_fail(self):
        for result in (report("COMPLETED", "FAILED"), report("COMPLETED", "SKIPPED"), ""):
            self.assertEqual(self.check("tests", RESULT=result).returncode, 1, result)

    def test_a_sanitizer_that_finds_something_fails_and_is_named(self):
        self.assertEqual(self.check("sanitizers", DIRTY="racecheck").returncode, 1)
        stage = self.summary()["stages"]["sanitizers"]
        self.assertEqual((stage["racecheck"]["status"], stage["synccheck"]["status"]), ("found errors", "ok"))
        self.assertEqual(stage["reason"], "not clean: racecheck")

    def test_long_logs_are_cut(self):
        self.script(self.build / "tests/test_kernels_gpu", "printf '%02000000d' 1" + TESTS)
        self.check("tests")
        self.assertLess((self.out / "tests.log").stat().st_size, 1_000_000)

    def test_refuses_an_unknown_stage(self):
        self.assertEqual(self.check("everything").returncode, 2)


if __name__ == "__main__":
    unittest.main()
