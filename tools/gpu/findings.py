"""What was found, as tables for docs/performance.md (results.md) and for programs (results.json)."""

import datetime
import json
import pathlib
import re

from gpu.stage import shortened

# µs of an iteration, as docs/performance.md predicted them for an H200 before anything had run.
PREDICTED = {"plain fp32": "180–240", "graph fp32": "100–170", "graph-pdl fp32": "50–80", "fused fp32": "70", "fused tf32": "65",
             "persistent fp32": "70", "persistent tf32": "65"}
# Nanoseconds that others measured on an H100 SXM (docs/performance.md).
PREDICTED_NS = {"barrier_grid_sync": "1100", "barrier_counter": "1000", "flag": "550–650", "cluster_barrier_8": "200–650",
                "graph_node": "1300–1400", "load_8_kb": "300"}


def table(*rows: list) -> list[str]:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def of_bench(figures: dict) -> list[str]:
    rows = [["engine, precision", "µs an iteration", "predicted", "launches", "share of the peak"]]
    for name, result in figures.items():
        if isinstance(result, dict) and "us_per_iteration" in result:
            rows.append([name, f"{result['us_per_iteration']:.2f} ± {result['us_spread']:.2f}", PREDICTED.get(name, "–"),
                         f"{result['launches_per_iteration']:.3g}", f"{100 * result['share_of_peak']:.1f} %"])
        elif isinstance(result, dict):
            rows.append([name, result["reason"], PREDICTED.get(name, "–"), "–", "–"])
    return table(*rows)


def of_latencies(figures: dict) -> list[str]:
    rows = [["what", "ns", "predicted"]]
    for result in figures.get("results", []):
        measured = f"{result['ns_median']:.0f} ± {result['ns_spread']:.0f}" if result.get("ns_median") else result.get("why_not", "–")
        rows.append([result["name"], measured, PREDICTED_NS.get(result["name"], "–")])
    return table(*rows)


def of_tests(figures: dict) -> list[str]:
    lines = [f"{figures.get('passed', 0)} passed, {len(figures.get('failed', []))} failed, {len(figures.get('skipped', []))} skipped."]
    return lines + [f"- {name}" for name in figures.get("failed", []) + figures.get("skipped", [])]


def of_same_bytes(figures: dict) -> list[str]:
    return table(["after 2000 steps", "same bytes"],
                 *([name, "yes" if same else "**no**"] for name, same in figures.items() if isinstance(same, bool)))


def kernel_name(row: dict) -> str:
    name = row["Kernel Name"]
    phase = re.search(r"cuda::(\w+)>\(", name)
    return phase.group(1) if phase else re.sub(r"<.*|\(.*", "", name).split("::")[-1].removeprefix("void ")


def of_ncu(figures: dict) -> list[str]:
    lines = []
    for name, rows in figures.items():
        if not isinstance(rows, list):
            continue
        shown = [["kernel", "µs", "blocks", "instructions a warp at most", "issue slots used", "bank conflicts"]]
        for row in rows:
            shown.append([kernel_name(row), f"{row['gpu__time_duration.sum'] / 1000:.2f}", f"{row['launch__grid_size']:.0f}",
                          f"{row.get('smsp__inst_executed.max', 0):.0f}",
                          f"{row.get('smsp__issue_active.avg.pct_of_peak_sustained_active', 0):.0f} %",
                          f"{row.get('l1tex__data_bank_conflicts_pipe_lsu.sum', 0):.0f}"])
        lines += [f"{name}:", "", *table(*shown), ""]
    return lines


def of_operations(figures: dict) -> list[str]:
    rows = [["operation", "µs"]]
    for result in figures.get("operations", []):
        rows.append([result["name"], f"{result['real_time'] / {'ns': 1000, 'us': 1}.get(result.get('time_unit'), 1):.2f}"])
    return table(*rows)


def of_sanitizers(figures: dict) -> list[str]:
    return table(["tool and tests", "found", "seconds"],
                 *([name, r["status"], r["seconds"]] for name, r in figures.items() if isinstance(r, dict)))


def of_train(figures: dict) -> list[str]:
    shown = figures.get("last", {}) | {key: value for key, value in figures.get("eval", {}).items() if isinstance(value, (int, float))}
    return [f"Wall time of five epochs: {figures.get('wall_seconds', '–')} s.", "",
            *table(["figure", "value"], *([key, f"{value:.5g}"] for key, value in shown.items()))]


def of_peers(figures: dict) -> list[str]:
    rows = [["precision", "program", "µs an iteration", "times ours"]]
    for precision, comparison in figures.items():
        if isinstance(comparison, dict):
            for r in comparison.get("results", []):
                if not r.get("fastest"):
                    continue
                measured = f"{r['us_median']:.1f} ± {r['us_spread']:.1f}" if "us_median" in r else r.get("reason", "–")
                rows.append([precision, r["program"], measured, f"{r['ratio']:.2f} ± {r['ratio_spread']:.2f}" if "ratio" in r else "–"])
    return table(*rows)


SECTIONS = {"bench": ("Engines", of_bench), "latencies": ("Latencies", of_latencies), "tests": ("Tests", of_tests),
            "same_bytes": ("The same bytes", of_same_bytes), "ncu": ("Kernels, by their counters", of_ncu),
            "operations": ("Operations", of_operations), "sanitizers": ("compute-sanitizer", of_sanitizers),
            "train": ("Five epochs", of_train), "peers": ("Beside others", of_peers)}


def text(content: dict) -> str:
    gpu = content["gpu"]
    lines = [f"{gpu['name']}, driver {gpu['driver_version']}, CUDA {content['cuda'] or 'runtime only'}, commit {content['commit']}, "
             f"{content.get('date', '')}".rstrip(", ") + "."]
    for name, stage in content["stages"].items():
        lines += ["", f"## {name}: {stage['status']}" if name not in SECTIONS else f"## {SECTIONS[name][0]}: {stage['status']}", ""]
        if "reason" in stage:
            lines += [shortened(stage["reason"]), ""]
        if name in SECTIONS:
            lines += SECTIONS[name][1](stage)
    return "\n".join(lines) + "\n"


def write(out: pathlib.Path, content: dict):
    """results.md and results.json: the findings without what only this machine needs."""
    content = {"date": datetime.date.today().isoformat()} | content
    (out / "results.md").write_text(text(content))
    (out / "results.json").write_text(json.dumps(content, indent=1) + "\n")
