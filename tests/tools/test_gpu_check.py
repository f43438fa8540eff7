"""tools/gpu_check, with stand-ins for the GPU and for what it runs. usage: test_gpu_check.py (runs all tests)"""

import json
import unittest

from sandbox import ROOT, ScriptTest

# Leaves a run as the program does, or with a NaN, or dies; or measures. The weights of --engine $DIFFERS are not those of the others.
PROGRAM = r"""
[[ $1 != --version ]] || { echo "gan_cuda 0.1.0 (abc)"; exit; }
[[ ! ${DIES:-} ]] || { echo "gan_cuda: it died of something" >&2; exit 3; }
[[ ! ${HANGS:-} ]] || sleep 100
engine=plain
arguments=("$@")
while (($#)); do
  case $1 in
    --engine) engine=$2 ;;
    --precision) precision=$2 ;;
    --out | --resume) run=$2 ;;
  esac
  shift
done
case ${arguments[0]} in
  bench)
    if [[ ${arguments[1]} == --hand-overs ]]; then
      echo '{"device": "H200", "results": [{"name": "flag", "ns_median": 431.5, "ns_spread": 2}]}'
    else
      [[ $engine != graph-pdl ]] || { echo "gan_cuda: it needs compute capability 9.0" >&2; exit 2; }
      echo "{\"engine\": \"$engine\", \"precision\": \"$precision\", \"us_per_iteration\": 80.5, \"us_spread\": 0.5," \
        "\"launches_per_iteration\": 10, \"share_of_peak\": 0.1}"
    fi ;;
  eval) echo '{"parzen_ll": 155.5, "frechet": 4.5}' ;;
  train)
    mkdir -p "$run/samples"
    echo png >"$run/samples/epoch_0005.png"
    printf '%s\n' step,loss_g,images_per_s 1,0.9,1000 2,${LOSS:-0.7},128000 >"$run/metrics.csv"
    header='{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    weight=same
    [[ ${DIFFERS:-none} != "$engine" ]] || weight=else
    printf "\\x$(printf %x ${#header})\0\0\0\0\0\0\0%s%s" "$header" "$weight" >"$run/checkpoint.safetensors"
    [[ ! ${PROFILED:-} ]] || echo "prints on its own" ;;
esac
"""
OPERATIONS = r"""
[[ ! ${DIES:-} ]] || exit 3
echo '{"benchmarks": [{"name": "cuda/gemm", "real_time": 2500, "time_unit": "ns"}]}' >"${4#--benchmark_out=}"
"""
TESTS = r"""
report=${1#--gtest_output=json:}
echo "GAN_REQUIRE_GPU=$GAN_REQUIRE_GPU $*"
[[ $report == --* || ! ${RESULT:-} ]] || echo "$RESULT" >"$report"
"""
NCU = r"""
while [[ $1 == --* ]]; do
  case $1 in --csv) shift ;; *) shift 2 ;; esac
done
"$@" >/dev/null
cat <<'END'
==PROF== Connected
"ID","Kernel Name","gpu__time_duration.sum","launch__grid_size"
"","","ns",""
"0","void gan::phase_kernel<gan::cuda::Arithmetic<1, 4>, gan::cuda::SecondHidden>(gan::FusedStep)","5,312","128"
END
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
        self.script(self.build / "tests/test_train_gpu", TESTS)
        self.script(self.build / "tests/test_kernels_plain", "exit 1")  # emulated: not run
        self.stand_in("nvidia-smi", "echo 'NVIDIA H200, 580.1, 9.0, 143771 MiB'")
        self.stand_in("nvcc", "echo 'Cuda compilation tools, release 13.0, V13.0.48'")
        self.stand_in("ncu", NCU)
        self.stand_in("compute-sanitizer", '[[ $2 != "${DIRTY:-}" ]] || exit 86')

    def check(self, *stages, **variables):
        variables = {"GAN_BUILD_DIR": str(self.build), "RESULT": report("COMPLETED", "COMPLETED")} | variables
        return self.run_script(ROOT / "tools/gpu_check", str(self.out), *stages, **variables)

    def summary(self) -> dict:
        return json.loads((self.out / "summary.json").read_text())

    def stage(self, name: str) -> dict:
        return self.summary()["stages"][name]

    def test_without_a_gpu_it_says_so_in_one_line(self):
        self.stand_in("nvidia-smi", "exit 9")
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Agpu_check: there is no NVIDIA GPU here.*\n\Z")
        self.assertFalse(self.out.exists())

    def test_all_stages_but_the_peers(self):
        stages = ["build", "latencies", "bench", "tests", "same_bytes", "ncu", "operations", "sanitizers", "train"]
        done = self.check(*stages)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        summary = self.summary()
        self.assertEqual((summary["gpu"]["name"], summary["cuda"]), ("NVIDIA H200", "13.0"))
        self.assertEqual({name: stage["status"] for name, stage in summary["stages"].items()}, dict.fromkeys(stages, "ok"))
        self.assertEqual((self.stage("build")["version"], self.stage("build")["was_there"]), ("gan_cuda 0.1.0 (abc)", True))
        self.assertEqual(self.stage("train")["last"], {"step": 2, "loss_g": 0.7, "images_per_s": 128000})
        self.assertEqual(self.stage("train")["eval"]["parzen_ll"], 155.5)
        self.assertLessEqual(len(list(self.out.iterdir())), 8)
        self.assertLess(sum(file.stat().st_size for file in self.out.iterdir()), 16e6)

    def test_what_was_found_is_a_text_to_commit(self):
        self.check("latencies", "bench", "same_bytes", "ncu", "operations", "sanitizers", "train")
        text = (self.out / "results.md").read_text()
        for row in ("| flag | 432 ± 2 | 550–650 |", "| persistent tf32 | 80.50 ± 0.50 | 65 | 10 | 10.0 % |",
                    "| persistent fp32 = fused fp32 | yes |", "| SecondHidden | 5.31 | 128 |", "| cuda/gemm | 2.50 |",
                    "| memcheck test_kernels_gpu | ok |", "| parzen_ll | 155.5 |"):
            self.assertIn(row, text)
        results = json.loads((self.out / "results.json").read_text())
        self.assertRegex(results["date"], r"\A20\d\d-\d\d-\d\d\Z")

    def test_a_failed_stage_stops_no_other(self):
        done = self.check("train", "latencies", "tests", DIES="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("exit code 3: gan_cuda: it died of something", self.stage("train")["reason"])
        self.assertIn("exit code 3", self.stage("latencies")["reason"])
        self.assertEqual(self.stage("tests")["status"], "ok")

    def test_every_engine_is_timed_in_every_precision(self):
        self.assertEqual(self.check("bench").returncode, 0)
        figures = self.stage("bench")
        self.assertEqual((figures["graph tf32"]["engine"], figures["graph tf32"]["precision"]), ("graph", "tf32"))
        self.assertEqual(figures["persistent 3xtf32"]["precision"], "3xtf32")
        self.assertIn("compute capability 9.0", figures["graph-pdl fp32"]["reason"])  # an older GPU: no failure

    def test_an_engine_that_dies_fails_and_is_named(self):
        self.assertEqual(self.check("bench", DIES="1").returncode, 1)
        self.assertIn("plain fp32: gan_cuda ended with exit code 3", self.stage("bench")["reason"])

    def test_engines_that_end_in_other_bytes_fail_and_are_named(self):
        self.assertEqual(self.check("same_bytes", DIFFERS="persistent").returncode, 1)
        self.assertIs(self.stage("same_bytes")["persistent fp32 = fused fp32"], False)
        self.assertIs(self.stage("same_bytes")["graph fp32 = plain fp32"], True)
        self.assertIn("persistent tf32 and fused tf32 differ in 1 of 1 tensors", self.stage("same_bytes")["reason"])

    def test_without_google_benchmark_the_stage_says_so(self):
        (self.build / "gan_ops_bench").unlink()
        self.assertEqual(self.check("operations").returncode, 1)
        self.assertIn("gan_ops_bench is not among the programs", self.stage("operations")["reason"])

    def test_without_its_tools_a_stage_says_so(self):
        for stage, tool in (("ncu", "ncu"), ("sanitizers", "compute-sanitizer")):
            (self.bin / tool).unlink()
            self.assertEqual(self.check(stage, CUDA_HOME=str(self.folder)).returncode, 1)
            self.assertEqual(self.stage(stage)["reason"], f"there is no {tool}; it comes with the CUDA toolkit")

    def test_stages_of_several_calls_add_up(self):
        self.check("train")
        self.check("latencies")
        self.assertEqual(list(self.summary()["stages"]), ["train", "latencies"])

    def test_losses_that_are_not_finite_fail(self):
        self.assertEqual(self.check("train", LOSS="nan").returncode, 1)

    def test_every_engine_has_a_process_of_its_own_for_its_tests(self):
        self.check("tests")
        log = (self.out / "gpu_check.log").read_text()
        for filter in ("*/persistent", "*/graphpdl", "-*/persistent:*/fused:*/graph:*/plain:*/graphpdl"):
            self.assertIn(f"--gtest_filter={filter}\n", log)
        self.assertIn("GAN_REQUIRE_GPU=1", log)
        self.assertEqual(self.stage("tests")["passed"], 14)  # two of the kernels', two of each of six parts of the engines'

    def test_failed_skipped_and_crashed_tests_fail(self):
        for result in (report("COMPLETED", "FAILED"), report("COMPLETED", "SKIPPED"), ""):
            self.assertEqual(self.check("tests", RESULT=result).returncode, 1, result)

    def test_a_sanitizer_that_finds_something_fails_and_is_named(self):
        self.assertEqual(self.check("sanitizers", DIRTY="racecheck").returncode, 1)
        stage = self.stage("sanitizers")
        self.assertEqual((stage["racecheck test_train_gpu"]["status"], stage["synccheck test_kernels_gpu"]["status"]),
                         ("found errors", "ok"))
        self.assertIn("racecheck test_kernels_gpu: found errors", stage["reason"])

    def test_long_logs_are_cut(self):
        self.script(self.build / "tests/test_kernels_gpu", "printf '%05000000d' 1" + TESTS)
        self.check("tests")
        self.assertLess((self.out / "gpu_check.log").stat().st_size, 4_100_000)

    def test_refuses_an_unknown_stage(self):
        self.assertEqual(self.check("everything").returncode, 2)


if __name__ == "__main__":
    unittest.main()
