#!/usr/bin/env python3
"""Where the time of a fused step (--engine fused, --engine persistent) should go, phase by phase: a model, not a measurement.

A phase takes as long as its busiest block. A block takes a hand-over, the way of the first operands from the L2 cache and of the
last sums through shared memory, and its multiplications; tiles that are not the first of their block find their way hidden.
Prints a table and, where there is matplotlib, draws PICTURE.
"""

import argparse
import math
import sys

# The tiles of kernels/cuda/fused_phases.h: (tiles, multiplications of a tile).
SMALL, WIDE, LARGE = (16, 32), (16, 64), (32, 64)
SLAB, TAIL = 200, 16

# An NVIDIA H200. The clock and the rates follow from its data sheet; the rest is what others measured on an H100.
MULTIPROCESSORS = 132
RATES = {"fp32": 128 * 1.98e3, "tf32": 512 * 1.98e3}  # multiplications of a multiprocessor in a µs, at best
SHARE = {"fp32": 0.5, "tf32": 0.35}  # of that, in tiles so small: a guess
HAND_OVER = {"persistent": 1.0, "fused": 1.35}  # µs: a barrier over all multiprocessors, a graph's node
WAY = 0.9  # µs: L2 to shared memory, the sums of eight warps, the results back


def tiles(rows: int, columns: int, shape=SMALL) -> int:
    return math.ceil(rows / shape[0]) * math.ceil(columns / shape[1])


def product(rows: int, columns: int, depth: int, shape=SMALL) -> tuple[int, int]:
    return tiles(rows, columns, shape), shape[0] * shape[1] * depth


def phases(batch: int, latent: int, g: tuple, pixels: int, d: tuple) -> list[tuple[str, list[tuple]]]:
    two = 2 * batch
    slab = math.ceil(pixels / SLAB) * tiles(batch, d[0]), SMALL[0] * SMALL[1] * SLAB
    tail = 2 * TAIL * max(32, d[0]) * d[1]
    tails = math.ceil(batch / TAIL), tail
    # Half of the images go on to D's first layer; the model takes the half more of all.
    images = tiles(two, pixels, LARGE), LARGE[0] * LARGE[1] * g[1] + LARGE[0] * LARGE[1] * d[0]

    return [
        ("G's first hidden layer; D's first product, real", [product(two, g[0], latent), slab]),
        ("G's second hidden layer", [product(two, g[1], g[0])]),
        ("G's images; D's first product, G(z₁); D's loss, real", [tails, images]),
        ("D's loss, G(z₁)", [tails]),
        ("D's update", [product(outputs, inputs, two) for outputs, inputs in ((d[0], pixels), (d[1], d[0]), (1, d[1]))]),
        ("D's first product, G(z₂)", [slab]),
        ("G's loss, back to the images; next noise", [(tiles(batch, pixels, WIDE), tail + WIDE[0] * WIDE[1] * d[0]),
                                                      (math.ceil(two * latent / 1024), 0)]),
        ("back to G's second layer", [product(batch, g[1], pixels)]),
        ("back to G's first layer; update of its last", [product(batch, g[0], g[1]), product(pixels, g[1], batch, LARGE)]),
        ("update of G's others", [product(outputs, inputs, batch) for outputs, inputs in ((g[0], latent), (g[1], g[0]))]),
    ]


def busiest_block(sets: list[tuple]) -> int:
    """The multiplications of the block that has most, as blocks take tiles: one after another, all in turn."""
    work = [0] * MULTIPROCESSORS
    place = 0
    for count, multiplications in sets:
        for _ in range(count):
            work[place % MULTIPROCESSORS] += multiplications
            place += 1
    return max(work)


def predict(engine: str, precision: str, batch: int) -> list[tuple[str, int, float]]:
    """(phase, tiles, µs) of the original networks."""
    rate = RATES[precision] * SHARE[precision]
    return [(name, sum(count for count, _ in sets), HAND_OVER[engine] + WAY + busiest_block(sets) / rate)
            for name, sets in phases(batch, 100, (256, 256), 784, (64, 64))]


def table(batch: int) -> str:
    columns = [(engine, precision) for engine in HAND_OVER for precision in RATES]
    predicted = [predict(engine, precision, batch) for engine, precision in columns]
    lines = ["| phase | tiles | " + " | ".join(f"`{engine}`, {precision}" for engine, precision in columns) + " |",
             "|---|---|" + "---|" * len(columns)]
    for rows in zip(*predicted):
        lines.append(f"| {rows[0][0]} | {rows[0][1]} | " + " | ".join(f"{us:.1f}" for _, _, us in rows) + " |")
    lines.append("| all | | " + " | ".join(f"{sum(us for _, _, us in rows):.0f}" for rows in predicted) + " |")
    return "\n".join(lines)


def draw(path: str, batch: int):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(9, 3.4), layout="constrained")
    bars = [(f"{engine}, {precision}", predict(engine, precision, batch)) for engine in HAND_OVER for precision in RATES]
    colours = pyplot.get_cmap("tab20").colors
    for row, (_, times) in enumerate(bars):
        begin = 0.0
        for number, (name, _, us) in enumerate(times):
            axes.barh(row, us, left=begin, color=colours[number], edgecolor="white", label=name if row == 0 else None)
            begin += us
        axes.text(begin + 0.3, row, f"{begin:.0f}", va="center")
    axes.set_yticks(range(len(bars)), [name for name, _ in bars])
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.set_xlabel("µs of a step, predicted for an NVIDIA H200")
    figure.legend(loc="outside right", fontsize="small")
    figure.savefig(path, dpi=120)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", nargs="?", help="PNG file to be drawn")
    parser.add_argument("--batch", type=int, default=128, help="images in a batch (128)")
    options = parser.parse_args(arguments)
    print(table(options.batch))
    if options.picture:
        draw(options.picture, options.batch)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
