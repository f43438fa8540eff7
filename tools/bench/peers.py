#!/usr/bin/env python3
"""How fast others train the same GAN, beside gan_cuda, in one session.

Runs gan_cuda and every peer in turn, round after round, so that whatever slows the machine down meets them all alike, and writes
DIR/peers.json, DIR/peers.md (one table: microseconds of an iteration, and how many times as long as ours) and, where there is
matplotlib, DIR/peers.png. Before that, every program trains for real, and one whose mean losses are not ours is not compared.
A peer that cannot run is listed with its reason.

Each program runs with every number of threads up to --threads; the fastest counts. With --sweep, the growth of the time with the
batch (32 … 8192) or with the width of the generator's hidden layers (64 … 2048; the discriminator's are a quarter as wide):
DIR/growth_batch.json and .png, or growth_width.
"""

import argparse
import dataclasses
import json
import math
import os
import pathlib
import platform
import select
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = [("peer_torch.py", kind) for kind in ("eager", "graph", "compile", "compile-graph")] + \
        [("peer_jax.py", kind) for kind in ("jit", "scan")]
PEER_NAMES = [f"{script.removeprefix('peer_').removesuffix('.py')} {kind}" for script, kind in PEERS]
GROWTH = {"batch": [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192], "width": [64, 128, 256, 512, 1024, 2048]}
# The mean losses of the first iterations, of some seeds each, must agree: later trainings of one program differ by factors.
SEEDS, STEPS = range(1, 7), 200
STANDARD_ERRORS = 4  # chance exceeds them about once in 400 comparisons of six and six
OURS = "gan_cuda"
ANSWER_LIMIT = 120  # seconds: what is compiled may take one of them


class CannotRun(Exception):
    """The reason, in one line."""


@dataclasses.dataclass(frozen=True)
class Work:
    device: str
    precision: str
    batch: int
    data: pathlib.Path
    g_hidden: tuple = (256, 256)
    d_hidden: tuple = (64, 64)


class Ours:
    """gan_cuda with one of its engines. A process each time: the program has no other way in."""

    def __init__(self, program: pathlib.Path, engine: str, work: Work, threads: int):
        self.name, self.work, self.threads = f"{OURS}, {engine}", work, threads
        hidden = {"--g-hidden": work.g_hidden, "--d-hidden": work.d_hidden}
        self.options = ["--engine", engine, "--device", work.device, "--precision", work.precision, "--batch", work.batch,
                        "--data", work.data, "--threads", threads]
        self.options += [part for key, widths in hidden.items() for part in (key, ",".join(map(str, widths)))]
        self.program = program

    def run(self, *arguments) -> str:
        # Some machines name a processor of their own to OpenBLAS; the program is measured as it is where nobody does.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
        done = subprocess.run([str(part) for part in (self.program, *arguments)], capture_output=True, text=True, env=environment)
        if done.returncode:
            raise CannotRun((done.stderr.strip().splitlines() or ["no reason given"])[-1])
        return done.stdout

    def start(self):
        answer = self.bench(1, iterations=3)
        self.version, self.device = f"{answer['version']} ({answer['commit']})", answer["device"]

    def bench(self, seconds: float, iterations: int = 0) -> dict:
        repeats = max(1, round(seconds / 0.5))  # of half a second each
        return json.loads(self.run("bench", "--json", "--repeats", repeats, "--iterations", iterations, *self.options))

    def time(self, seconds: float) -> float:
        return self.bench(seconds)["us_per_iteration"]

    def losses(self, seed: int) -> dict:
        with tempfile.TemporaryDirectory() as scratch:
            run = pathlib.Path(scratch) / "run"
            self.run("train", *self.options, "--recipe", "seed", "--seed", seed, "--max-steps", STEPS, "--log-every", STEPS,
                     "--sample-every", 0, "--out", run)
            rows = (run / "metrics.jsonl").read_text().splitlines()
        return {key: json.loads(rows[-1])[key] for key in ("loss_d", "loss_g")}

    def stop(self):
        pass


class Peer:
    """A process that is kept for the session; see peer.py."""

    def __init__(self, program: pathlib.Path, kind: str, work: Work, threads: int):
        self.name, self.work, self.threads = f"{program.stem.removeprefix('peer_')} {kind}", work, threads
        self.command = [sys.executable, program, "--kind", kind, "--device", work.device, "--precision", work.precision,
                        "--batch", work.batch, "--data", work.data, "--threads", threads,
                        "--g-hidden", *work.g_hidden, "--d-hidden", *work.d_hidden]
        self.process = None

    def start(self):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([str(part) for part in self.command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        answer = self.answer()
        self.version, self.device = answer["version"], answer["device"]

    def answer(self) -> dict:
        if not select.select([self.process.stdout], [], [], ANSWER_LIMIT)[0]:
            raise CannotRun(f"no answer within {ANSWER_LIMIT} s")
        line = self.process.stdout.readline()
        try:
            answer = json.loads(line)
        except json.JSONDecodeError:
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()
            raise CannotRun(said[-1] if said else f"it ended with exit code {self.process.returncode}") from None
        if "error" in answer:
            raise CannotRun(answer["error"])
        return answer

    def ask(self, request: dict) -> dict:
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its answer says why
        return self.answer()

    def time(self, seconds: float) -> float:
        return self.ask({"time": seconds})["us"]

    def losses(self, seed: int) -> dict:
        return self.ask({"seed": seed, "steps": STEPS})

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.errors.close()


def say(text: str):
    print(text, file=sys.stderr, flush=True)


def contestants(options, work: Work) -> list:
    on_gpu = work.device != "cpu"
    threads = [0] if on_gpu else range(1, options.threads + 1)
    engines = options.engines or (["plain", "graph"] if on_gpu else ["plain"])
    programs = [Ours(options.gan_cuda, engine, work, n) for engine in engines for n in threads]
    peers = [Peer(options.peer_folder / script, kind, work, n) for script, kind in PEERS for n in threads]
    return programs + [peer for peer in peers if not options.peers or peer.name in options.peers]


def alike(a: list[float], b: list[float]) -> bool:
    error = math.sqrt(statistics.variance(a) / len(a) + statistics.variance(b) / len(b))
    return abs(statistics.fmean(a) - statistics.fmean(b)) <= STANDARD_ERRORS * error


def attempt(results: dict, action):
    """Does `action` with every program that can still run; a failure becomes its reason."""
    for program, result in results.items():
        if "reason" not in result:
            try:
                action(program, result)
            except (CannotRun, OSError, KeyError, ValueError) as error:
                result["reason"] = str(error)


def check_losses(program, result: dict, reference: dict):
    """Trains, and holds the losses to those of the first program, which is ours."""
    trainings = [program.losses(seed) for seed in SEEDS]
    result["losses"] = {key: [training[key] for training in trainings] for key in ("loss_d", "loss_g")}
    reference |= reference or result["losses"]
    for key, ours in reference.items():
        theirs = result["losses"][key]
        if not alike(theirs, ours):
            raise CannotRun(f"another training: {key} {statistics.fmean(theirs):.3f}, ours {statistics.fmean(ours):.3f}")


def compare(options, work: Work, with_losses: bool) -> list[dict]:
    """One result for each program and number of threads."""
    programs = contestants(options, work)
    results = {p: {"program": p.name, "threads": p.threads, "us": []} for p in programs}

    def start(program, result):
        say(f"starting {program.name}{f', {program.threads} threads' if program.threads else ''}")
        program.start()
        result |= {"version": program.version, "device": program.device}

    def measure(program, result):
        result["us"].append(program.time(options.seconds))

    try:
        attempt(results, start)
        if with_losses:
            say("training, for the losses")
            reference = {}
            attempt(results, lambda program, result: check_losses(program, result, reference))
        for turn in range(options.repeats):
            say(f"round {turn + 1} of {options.repeats}")
            attempt(results, measure)
    finally:
        for program in programs:
            program.stop()
    return list(results.values())


def median_and_spread(values: list[float]) -> tuple[float, float]:
    """The median and half the distance of the quartiles."""
    if len(values) < 2:
        return values[0], 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return statistics.median(values), (high - low) / 2


def fastest_of_each(results: list[dict]) -> list[dict]:
    """Of each program the number of threads with the least median, or a reason."""
    best = {}
    for result in results:
        now = best.setdefault(result["program"], result)
        if "reason" not in result and ("reason" in now or result["us_median"] < now["us_median"]):
            best[result["program"]] = result
    return list(best.values())


def judge(results: list[dict]) -> list[dict]:
    """Adds medians, spreads and the ratios to ours, round by round, and marks the fastest number of threads of each."""
    for result in results:
        if "reason" not in result:
            result["us_median"], result["us_spread"] = median_and_spread(result["us"])
    best = fastest_of_each(results)
    ours = min((r for r in best if r["program"].startswith(OURS) and "reason" not in r), key=lambda r: r["us_median"], default=None)
    for result in best:
        result["fastest"] = True
        if ours and "reason" not in result:
            ratios = [other / mine for other, mine in zip(result["us"], ours["us"])]
            result["ratio"], result["ratio_spread"] = median_and_spread(ratios)
    return best


def table(best: list[dict], work: Work) -> str:
    lines = [f"Batch {work.batch}, {work.precision}, {next((r['device'] for r in best if 'device' in r), work.device)}.", "",
             "| program | version | threads | µs an iteration | times ours |", "|---|---|---|---|---|"]
    for result in best:
        threads = result["threads"] or "–"
        if "reason" in result:
            lines.append(f"| {result['program']} | {result.get('version', '–')} | {threads} | – | {result['reason']} |")
        else:
            ratio = f"{result['ratio']:.2f} ± {result['ratio_spread']:.2f}" if "ratio" in result else "–"
            lines.append(f"| {result['program']} | {result['version']} | {threads} | "
                         f"{result['us_median']:.1f} ± {result['us_spread']:.1f} | {ratio} |")
    return "\n".join(lines) + "\n"


def new_figure():
    try:
        import matplotlib
    except ImportError:
        say("no picture: there is no matplotlib")
        return None, None
    matplotlib.use("Agg")
    from matplotlib import pyplot
    return pyplot.subplots(figsize=(8, 4.5), layout="constrained")


def draw_ratios(best: list[dict], path: pathlib.Path):
    shown = [r for r in best if "ratio" in r]
    figure, axes = new_figure()
    if not figure or not shown:
        return
    bars = axes.barh([r["program"] for r in shown], [r["ratio"] for r in shown], xerr=[r["ratio_spread"] for r in shown],
                     color=["tab:blue" if r["program"].startswith(OURS) else "tab:gray" for r in shown])
    axes.bar_label(bars, [f"{r['ratio']:.2f}" for r in shown], padding=6)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("time of an iteration, times gan_cuda's")
    figure.savefig(path, dpi=120)


def draw_growth(growth: dict, path: pathlib.Path):
    figure, axes = new_figure()
    if not figure:
        return
    lines = {}
    for value, best in growth["points"]:
        for result in best:
            if "us_median" in result:
                lines.setdefault(result["program"], []).append((value, result["us_median"]))
    # A GPU's times are figures; a CPU's depend on the machine at hand, and only their ratios are.
    on_gpu = growth["device"] != "cpu"
    unit = 1 if on_gpu else next((points[0][1] for name, points in lines.items() if name.startswith(OURS)), 1)
    for name, points in lines.items():
        axes.loglog([value for value, _ in points], [us / unit for _, us in points], marker="o", label=name, linewidth=2.5 if name.startswith(OURS) else 1.2, base=2)
    axes.set_yscale("log", base=10)
    axes.set_xlabel({"batch": "images in a batch", "width": "width of the generator's hidden layers"}[growth["of"]])
    axes.set_ylabel("µs an iteration" if on_gpu else f"time of an iteration, times {OURS}'s first")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


def describe(work: Work, options) -> dict:
    return {"device": work.device, "precision": work.precision, "processor": processor(), "cores": os.cpu_count(),
            "repeats": options.repeats, "seconds": options.seconds}


def processor() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def write_json(path: pathlib.Path, content: dict):
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2) + "\n")
    new.replace(path)


def at(work: Work, of: str, value: int) -> Work:
    if of == "batch":
        return dataclasses.replace(work, batch=value)
    return dataclasses.replace(work, g_hidden=(value, value), d_hidden=(value // 4, value // 4))


def run_sweep(options, work: Work) -> bool:
    growth = describe(work, options) | {"of": options.sweep, "points": []}
    for value in options.values or GROWTH[options.sweep]:
        say(f"{options.sweep} {value}")
        growth["points"].append([value, judge(compare(options, at(work, options.sweep, value), with_losses=False))])
        write_json(options.out / f"growth_{options.sweep}.json", growth)
    draw_growth(growth, options.out / f"growth_{options.sweep}.png")
    return all(any("ratio" in r for r in best) for _, best in growth["points"])


def run_comparison(options, work: Work) -> bool:
    results = compare(options, work, with_losses=True)
    best = judge(results)
    write_json(options.out / "peers.json", describe(work, options) | {"batch": work.batch, "results": results})
    text = table(best, work)
    (options.out / "peers.md").write_text(text)
    draw_ratios(best, options.out / "peers.png")
    print(text, end="")
    return any("ratio" in r for r in best)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("GAN_MNIST_DIR") or ROOT / "data/mnist"
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "tf32"], default="fp32", help="of the matrix products; tf32 on a GPU")
    parser.add_argument("--batch", type=int, default=128, help="images in a batch (128)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="most threads on a CPU (all cores)")
    parser.add_argument("--engines", nargs="+", help="of gan_cuda (plain, and on a GPU graph)")
    parser.add_argument("--peers", nargs="+", choices=PEER_NAMES, metavar="NAME", help=f"some of {', '.join(PEER_NAMES)} (all)")
    parser.add_argument("--repeats", type=int, default=7, help="rounds (7)")
    parser.add_argument("--seconds", type=float, default=2, help="for each program in a round (2)")
    parser.add_argument("--sweep", choices=list(GROWTH))
    parser.add_argument("--values", type=int, nargs="+", help="of the sweep, instead of those named above")
    parser.add_argument("--data", type=pathlib.Path, default=data, help="folder of the MNIST files ($GAN_MNIST_DIR or data/mnist)")
    parser.add_argument("--gan-cuda", type=pathlib.Path, default=ROOT / "gan_cuda", help="the program")
    parser.add_argument("--peer-folder", type=pathlib.Path, default=HERE, help="where the peers' programs lie")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("peers"), metavar="DIR", help="(peers)")
    options = parser.parse_args(arguments)
    if options.repeats < 1 or options.seconds <= 0 or options.threads < 1 or options.batch < 1:
        parser.error("--repeats, --seconds, --threads and --batch must be above 0")
    if not options.data.is_dir():
        parser.error(f"{options.data} is not a folder; name that of the MNIST files with --data")
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    work = Work(options.device, options.precision, options.batch, options.data.resolve())
    return 0 if (run_sweep if options.sweep else run_comparison)(options, work) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
