"""The stages of gpu_check, in their order: what costs least and tells most comes first."""

import csv
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

from gpu import machine
from gpu.stage import Stage, StageFailed

ENGINES = {"persistent": ("fp32", "tf32", "3xtf32"), "fused": ("fp32", "tf32", "3xtf32"), "graph": ("fp32", "tf32"),
           "plain": ("fp32", "tf32"), "graph-pdl": ("fp32", "tf32")}  # and their precisions; the least proven comes last
ENGINE_TESTS = "test_train_gpu"
EMULATED = ("_plain", "_asan", "_checker")  # ends of the names of test programs that need no GPU
SANITIZERS = {"memcheck": 60, "racecheck": 90, "initcheck": 60, "synccheck": 60}  # seconds for one program
SANITIZED = ["*TrainThePublishedNetworks*", "*SameSeedSameBytes/graph", "*SameSeedSameBytes/fused", "*SameSeedSameBytes/persistent"]
METRICS = ("gpu__time_duration.sum", "launch__grid_size", "launch__registers_per_thread", "smsp__inst_executed.sum",
           "smsp__inst_executed.max", "smsp__issue_active.avg.pct_of_peak_sustained_active",
           "l1tex__data_bank_conflicts_pipe_lsu.sum", "l1tex__data_pipe_lsu_wavefronts_mem_shared.sum",
           "lts__t_sectors_op_read.sum", "smsp__average_warps_issue_stalled_no_instruction_per_issue_active.ratio",
           "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio",
           "smsp__average_warps_issue_stalled_barrier_per_issue_active.ratio")
PYTHON = sys.executable or shutil.which("python3")  # without a PATH, Python does not know where it lies
USAGE_ERROR = 2  # of gan_cuda: it cannot do what is asked for here


def build(stage: Stage):
    """Builds for this GPU, where there is no bundle and no build yet."""
    stage.note("was_there", machine.find_build() is not None)
    if not stage.figures["was_there"]:
        folder = pathlib.Path(os.environ.get("GAN_BUILD_DIR", machine.BUILDS[0])).resolve()
        nvcc = machine.find_cuda_tool("nvcc")
        stage.checked_run(["cmake", "-S", machine.ROOT, "--preset", "cuda", "-B", folder, "-D", "CMAKE_CUDA_ARCHITECTURES=native"],
                          limit=120, **({"CUDACXX": nvcc} if nvcc else {}))
        stage.checked_run(["cmake", "--build", folder, "--parallel", os.cpu_count()], limit=580)
        stage.programs = folder
    stage.note("version", machine.answer_of(stage.program("gan_cuda"), "--version"))
    if not stage.figures["version"]:
        stage.checked_run([stage.program("gan_cuda"), "--version"], limit=30)


def latencies(stage: Stage):
    """What a barrier, a flag, a graph's node and a launch cost."""
    stage.figures.update(stage.json_of([stage.program("gan_cuda"), "bench", "--hand-overs", "--json"], limit=60))


def bench(stage: Stage):
    """The time of an iteration, of every engine in every precision."""
    for engine, precisions in ENGINES.items():
        for precision in precisions:
            command = [stage.program("gan_cuda"), "bench", "--device", "cuda", "--engine", engine, "--precision", precision,
                       "--json", "--repeats", 5, *machine.data_options()]
            try:
                stage.note(f"{engine} {precision}", stage.json_of(command, limit=30))
            except StageFailed as error:
                # graph-pdl needs compute capability 9.0.
                if not (engine == "graph-pdl" and f"exit code {USAGE_ERROR}" in str(error)):
                    stage.fail(f"{engine} {precision}: {error}")
                stage.note(f"{engine} {precision}", {"reason": str(error)})


def operations(stage: Stage):
    """The time of every single operation, by Google Benchmark."""
    output = stage.out / "operations.new"
    try:
        stage.checked_run([stage.program("gan_ops_bench"), "--benchmark_filter=^cuda", "--benchmark_min_time=0.02",
                           "--benchmark_out_format=json", f"--benchmark_out={output}"], limit=90)
        if not output.stat().st_size:
            raise StageFailed(f"gan_ops_bench measured nothing: {next(iter(stage.said()), 'no reason given')}")
        stage.note("operations", json.loads(output.read_text())["benchmarks"])
    finally:
        output.unlink(missing_ok=True)


def first_failure(report: pathlib.Path) -> str:
    """What the first test that failed said last, or nothing."""
    try:
        suites = json.loads(report.read_text())["testsuites"]
    except (OSError, ValueError):
        return ""
    said = [failure["failure"].strip().splitlines()[-1:] for suite in suites for test in suite["testsuite"]
            for failure in test.get("failures", [])]
    return next((lines[0].strip() for lines in said if lines), "")


def read_test_report(path: pathlib.Path) -> tuple[int, list[str], list[str]]:
    """Of one GoogleTest report: how many passed, and the names of those that failed and that were skipped."""
    passed, failed, skipped = 0, [], []
    for suite in json.loads(path.read_text())["testsuites"]:
        for test in suite["testsuite"]:
            name = f"{suite['name']}.{test['name']}"
            if "failures" in test:
                failed.append(name)
            elif test["result"] == "SKIPPED":
                skipped.append(name)
            else:
                passed += test["result"] == "COMPLETED"
    return passed, failed, skipped


def filters_of(program: pathlib.Path) -> list[str]:
    """The filters of the processes that a test program is run in: one for each engine, so that none takes another with it."""
    if program.name != ENGINE_TESTS:
        return ["*"]
    alone = [f"*/{engine.replace('-', '')}" for engine in ENGINES]
    return alone + [f"-{':'.join(alone)}"]


def tests(stage: Stage):
    """Every GPU test with GAN_REQUIRE_GPU=1."""
    programs = sorted(p for p in stage.programs.rglob("test_*_gpu") if p.is_file() and os.access(p, os.X_OK))
    if not programs:
        raise StageFailed(f"no test programs in {stage.programs}")
    total = {"passed": 0, "failed": [], "skipped": []}
    why = ""
    with tempfile.TemporaryDirectory() as scratch:
        for program in programs:
            for number, which in enumerate(filters_of(program)):
                report = pathlib.Path(scratch) / f"{program.name}.{number}"
                try:
                    stage.run([program, f"--gtest_output=json:{report}", "--gtest_brief=1", f"--gtest_filter={which}"], limit=60,
                              GAN_REQUIRE_GPU="1")
                    passed, failed, skipped = read_test_report(report)
                except (OSError, ValueError, StageFailed) as error:  # it crashed or took too long
                    passed, failed, skipped = 0, [f"{program.name} {which}: {error}"], []
                why = why or first_failure(report)
                total["passed"] += passed
                total["failed"] += failed
                total["skipped"] += skipped
                stage.figures.update(total)
                stage.summary.write()
    if total["failed"] or total["skipped"] or not total["passed"]:
        stage.fail(f"{len(total['failed'])} tests failed, {len(total['skipped'])} GPU tests skipped" + (f": {why}" if why else ""))


def tensors_of(path: pathlib.Path) -> dict[str, str]:
    """A digest of every tensor of a safetensors file."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {name: hashlib.sha256(content[start + begin:start + end]).hexdigest()
            for name, tensor in header.items() if name != "__metadata__"
            for begin, end in [tensor["data_offsets"]]}


class Trainings:
    """Trainings of the same seed and number of steps, each by what it was made with."""

    def __init__(self, stage: Stage, folder: pathlib.Path, steps: int):
        self.stage, self.folder, self.steps = stage, folder, steps

    def train(self, name: str, engine: str, precision: str, *stops: int) -> dict[str, str]:
        """The digests of the state after all steps; with stops, it is left and resumed there."""
        run = self.folder / name.replace(" ", "_")
        common = [self.stage.program("gan_cuda"), "train", "--quiet"]
        first = ["--device", "cuda", "--engine", engine, "--precision", precision, "--seed", 1, "--sample-every", 0,
                 "--checkpoint-every", 0, "--out", run, *machine.data_options()]
        for number, stop in enumerate([*stops, self.steps]):
            options = first if number == 0 else ["--resume", run]
            self.stage.checked_run([*common, *options, "--max-steps", stop], limit=40)
        return tensors_of(run / "checkpoint.safetensors")


PAIRS = [("persistent {}", "fused {}"), ("persistent {} again", "persistent {}"), ("persistent {} resumed", "persistent {}"),
         ("graph {}", "plain {}"), ("graph-pdl {}", "plain {}")]


def same_bytes(stage: Stage):
    """2000 steps end in the same bytes, whichever way they are launched: the best detector of races there is."""
    steps = 2000
    with tempfile.TemporaryDirectory() as scratch:
        trainings = Trainings(stage, pathlib.Path(scratch), steps)
        digests = {}
        for precision in ("fp32", "tf32"):
            for name, stops in [(name.format(precision), (700,) if "resumed" in name else ())
                                for pair in PAIRS for name in reversed(pair)]:
                if name in digests:
                    continue
                try:
                    digests[name] = trainings.train(name, name.split()[0], precision, *stops)
                except (OSError, ValueError, StageFailed) as error:
                    stage.fail(f"{name}: {error}")
            for pair in PAIRS:
                one, other = (name.format(precision) for name in pair)
                if one in digests and other in digests:
                    different = [t for t in digests[other] if digests[one].get(t) != digests[other][t]]
                    stage.note(f"{one} = {other}", not different)
                    if different:
                        stage.fail(f"{one} and {other} differ in {len(different)} of {len(digests[other])} tensors after {steps} steps")


def read_ncu(text: str) -> list[dict]:
    """The rows of ncu's CSV, numbers as numbers; in front of it stands what the program and ncu print."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith('"ID"')), None)
    if start is None:
        raise StageFailed("ncu printed no table; see gpu_check.log")
    rows = csv.DictReader(lines[start:])
    next(rows)  # the units

    def value(text: str):
        try:
            return float(text.replace(",", ""))
        except ValueError:
            return text

    kept = ("Kernel Name", *METRICS)
    return [{key: value(row[key]) for key in kept if row.get(key)} for row in rows]


def ncu(stage: Stage):
    """The hardware's counters of two fused steps and one recorded one. Clocks and caches are left as they are in training."""
    profiler = machine.find_cuda_tool("ncu")
    if not profiler:
        raise StageFailed("there is no ncu; it comes with the CUDA toolkit")
    with tempfile.TemporaryDirectory() as scratch:
        for name, engine, precision, steps in (("fused tf32", "fused", "tf32", "301:302"), ("fused fp32", "fused", "fp32", "301:301"),
                                               ("graph fp32", "graph", "fp32", "301:301")):
            output = pathlib.Path(scratch) / "csv"
            stage.checked_run([profiler, "--profile-from-start", "off", "--clock-control", "none", "--cache-control", "none",
                               "--csv", "--page", "raw", "--print-units", "base", "--kernel-name-base", "demangled", "--metrics", ",".join(METRICS),
                               stage.program("gan_cuda"), "train", "--quiet", "--device", "cuda", "--engine", engine, "--precision",
                               precision, "--profile-steps", steps, "--max-steps", 310, "--sample-every", 0, "--checkpoint-every", 0,
                               "--out", pathlib.Path(scratch) / name.replace(" ", "_"), *machine.data_options()],
                              limit=75, output=output)
            stage.note(name, read_ncu(output.read_text(errors="replace")))


def sanitized(stage: Stage, command: list, limit: float) -> str:
    """How tests under compute-sanitizer ended, in one line."""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "report"
        try:
            code = stage.run([*command, f"--gtest_output=json:{report}"], limit=limit, GAN_REQUIRE_GPU="1")
        except StageFailed as error:
            return str(error)
        why = first_failure(report)
    return {0: "ok", 86: "found errors"}.get(code, f"exit code {code}" + (f": {why}" if why else ""))


def sanitizers(stage: Stage):
    """compute-sanitizer's four tools on the kernels' tests and on the engines'."""
    sanitizer = machine.find_cuda_tool("compute-sanitizer")
    if not sanitizer:
        raise StageFailed("there is no compute-sanitizer; it comes with the CUDA toolkit")
    for tool, limit in SANITIZERS.items():
        for program, which in ((machine.KERNEL_TESTS, "*"), (ENGINE_TESTS, ":".join(SANITIZED))):
            start = time.monotonic()
            outcome = sanitized(stage, [sanitizer, "--tool", tool, "--error-exitcode", "86", "--print-limit", "20",
                                        stage.program(program), "--gtest_brief=1", f"--gtest_filter={which}"], limit)
            name = f"{tool} {program}"
            stage.note(name, {"status": outcome, "seconds": round(time.monotonic() - start, 1)})
            if outcome != "ok":
                stage.fail(f"{name}: {outcome}")


def train(stage: Stage):
    """Five epochs; every figure must be finite. Then the digits are judged."""
    with tempfile.TemporaryDirectory() as scratch:
        run = pathlib.Path(scratch) / "run"
        program = stage.program("gan_cuda")
        start = time.monotonic()
        stage.checked_run([program, "train", "--quiet", "--device", "cuda", "--seed", 1, "--epochs", 5, "--out", run,
                           *machine.data_options()], limit=60)
        stage.note("wall_seconds", round(time.monotonic() - start, 2))
        with (run / "metrics.csv").open() as file:
            rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
        if not rows or not all(math.isfinite(value) for row in rows for value in row.values()):
            raise StageFailed("metrics.csv has no rows, or figures that are not finite")
        stage.note("last", rows[-1])
        sheets = sorted((run / "samples").glob("*.png"))
        if not sheets:
            raise StageFailed("the run left no sample sheet")
        shutil.copy(sheets[-1], stage.out / "train_samples.png")
        stage.note("eval", stage.json_of([program, "eval", run, "--device", "cuda", "--json", *machine.data_options()], limit=120))


def compare_with_peers(stage: Stage, precision: str, folder: pathlib.Path):
    failure, report = None, folder / "peers.json"
    try:
        stage.checked_run([PYTHON, machine.ROOT / "tools/bench/peers.py", "--device", "cuda", "--precision", precision,
                           "--engines", "fused", "graph", "--repeats", 3, "--seconds", 1,
                           "--gan-cuda", stage.program("gan_cuda"), "--out", folder, *machine.data_options()], limit=150)
    except StageFailed as error:
        failure = error
    comparison = json.loads(report.read_text()) if report.is_file() else {"results": []}
    stage.note(precision, comparison)
    if failure:  # rather by what stopped our own program than by the last peer's reason
        ours = (r["reason"] for r in comparison["results"] if r["program"].startswith("gan_cuda") and "reason" in r)
        stage.fail(f"{precision}: {next(ours, failure)}")


def peers(stage: Stage):
    """The same work in PyTorch and JAX, in turn with ours."""
    for precision in ("fp32", "tf32"):
        folder = stage.out / f"peers_{precision}"
        try:
            compare_with_peers(stage, precision, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


STAGES = {stage.__name__: stage
          for stage in (build, latencies, bench, tests, same_bytes, ncu, operations, sanitizers, train, peers)}
