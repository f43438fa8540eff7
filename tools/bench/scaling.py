#!/usr/bin/env python3
"""What several ranks bring to one run: strong scaling (a batch shared by more ranks) and weak (a batch for each rank).

Times `gan_cuda bench` alone with one thread, and under mpirun with each number of ranks, one thread a rank, batch after batch and
round after round, so that whatever slows the machine down meets them all alike. Writes DIR/scaling.json, DIR/scaling.md and,
where there is matplotlib, DIR/scaling.png. Ranks that have to share cores say nothing: give no more than there are.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys


class CannotRun(Exception):
    """The reason, in one line."""


def say(line: str):
    print(f"scaling: {line}", file=sys.stderr)


def bench(options: argparse.Namespace, batch: int, ranks: int) -> dict:
    """The program's own JSON; 0 ranks: alone, without shards."""
    command = [options.program, "bench", "--device", "cpu", "--threads", 1, "--batch", batch, "--repeats", 3, "--json"]
    command += ["--g-hidden", options.g_hidden, "--d-hidden", options.d_hidden, "--data", options.data, "--reduce", options.reduce]
    if ranks > 0:
        command = [*options.mpirun.split(), "-n", ranks, *command] if ranks > 1 else [*command, "--shards", 8]
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    except OSError as error:
        raise CannotRun(f"{error.filename}: {error.strerror}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if any(map(str.isalpha, line))]  # mpirun draws lines around its own
        lines = [line for line in lines if line.startswith("gan_cuda: ")] or lines
        raise CannotRun(lines[0] if lines else f"{command[0]} ended with exit code {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(options: argparse.Namespace) -> list[dict]:
    """A point for each batch and number of ranks: its times of all rounds, and what it exchanged."""
    points = {(batch, ranks): {"batch": batch, "ranks": ranks, "us": []} for batch in options.batches for ranks in (0, *options.ranks)}
    for turn in range(options.rounds):
        for (batch, ranks), point in points.items():
            result = bench(options, batch, ranks)
            point["us"].append(result["us_per_iteration"])
            for key in ("us_exchange", "bytes_exchanged", "commit", "device"):
                if key in result:
                    point[key] = result[key]
        say(f"round {turn + 1} of {options.rounds} is done")
    return list(points.values())


def ratio(of: dict, to: dict) -> float:
    """The median over the rounds of one time over another's."""
    return statistics.median(a / b for a, b in zip(of["us"], to["us"]))


def judge(points: list[dict]) -> None:
    """Adds to each point of some ranks how many times as fast as one thread alone it is, and its efficiency in weak scaling."""
    find = {(point["batch"], point["ranks"]): point for point in points}
    for (batch, ranks), point in find.items():
        if ranks == 0:
            continue
        point["speedup"] = ratio(find[batch, 0], point)
        if batch % ranks == 0 and (batch // ranks, 0) in find:
            point["weak_efficiency"] = ratio(find[batch // ranks, 0], point)


def table(points: list[dict]) -> str:
    lines = ["| batch | ranks | times as fast as one thread alone | weak efficiency | exchange, share of a step | MB from other ranks |",
             "|---|---|---|---|---|---|"]
    for point in points:
        if point["ranks"] == 0:
            continue
        share = point["us_exchange"] / point["us"][-1] if "us_exchange" in point else 0
        weak = f"{point['weak_efficiency']:.2f}" if "weak_efficiency" in point else "–"
        lines.append(f"| {point['batch']} | {point['ranks']} | {point['speedup']:.2f} | {weak} | {share:.0%} | "
                     f"{point.get('bytes_exchanged', 0) / 1e6:.1f} |")
    return "\n".join(lines) + "\n"


def draw(points: list[dict], path: pathlib.Path):
    try:
        import matplotlib
    except ImportError:
        say("no picture: there is no matplotlib")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, (strong, weak) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for ranks in sorted({point["ranks"] for point in points} - {0}):
        for axes, key, places in ((strong, "speedup", lambda p: p["batch"]), (weak, "weak_efficiency", lambda p: p["batch"] // ranks)):
            shown = [point for point in points if point["ranks"] == ranks and key in point]
            axes.plot([places(point) for point in shown], [point[key] for point in shown], "o-",
                      label=f"{ranks} rank{'s' if ranks > 1 else ''}")
    for axes, name, rows in ((strong, "strong scaling: times as fast as one thread", "batch"),
                             (weak, "weak scaling: efficiency", "rows of a rank")):
        axes.set(title=name, xlabel=rows, xscale="log", ylim=(0, None))
        axes.axhline(1, color="gray", linewidth=0.8)
        axes.legend()
    figure.savefig(path, dpi=120)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="gan_cuda", help="built with MPI (gan_cuda)")
    parser.add_argument("--mpirun", default="mpirun --bind-to core", help="the launcher and its options")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--ranks", type=numbers, default=[1, 2], metavar="N,N,...")
    parser.add_argument("--batches", type=numbers, default=[64, 128, 256, 512, 1024, 2048, 4096, 8192], metavar="N,N,...")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--g-hidden", default="256,256")
    parser.add_argument("--d-hidden", default="64,64")
    parser.add_argument("--reduce", default="exact", choices=("exact", "fast"))
    parser.add_argument("--data", default="built-in")
    return parser.parse_args()


def main() -> int:
    options = parse()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        points = measure(options)
        judge(points)
        result = {"machine": platform.processor() or platform.machine(), "cores": len(os.sched_getaffinity(0)),
                  "g_hidden": options.g_hidden, "d_hidden": options.d_hidden, "reduce": options.reduce, "points": points}
        (options.out / "scaling.json").write_text(json.dumps(result, indent=1) + "\n")
        (options.out / "scaling.md").write_text(table(points))
        print(table(points), end="")
        draw(points, options.out / "scaling.png")
    except (CannotRun, OSError) as error:
        print(f"scaling: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
