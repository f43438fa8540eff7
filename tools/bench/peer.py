"""What the peers share: their options, the images, and the conversation with peers.py.

A peer is a program of its own. It prints one line of JSON when it is ready, then answers every line of JSON it reads:
{"time": SECONDS} with {"us": microseconds of an iteration}, {"seed": SEED, "steps": STEPS} with the mean losses of a fresh
training, {"loss_d": …, "loss_g": …}.
"""

import argparse
import gzip
import json
import os
import pathlib
import sys
import time

LATENT, RATE = 100, 2e-4


def parse(kinds: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=kinds, required=True)
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--precision", choices=["fp32", "tf32"], default="fp32")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--g-hidden", type=int, nargs="+", default=[256, 256])
    parser.add_argument("--d-hidden", type=int, nargs="+", default=[64, 64])
    parser.add_argument("--threads", type=int, default=0, help="on a CPU; 0: all")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of the MNIST files")
    options = parser.parse_args()
    if options.threads:
        # The only bound that every library keeps.  Before any of them is imported.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    return options


def load_images(folder: pathlib.Path):
    """The training images: (count, 784) bytes."""
    import numpy
    for name in ("train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "train-images.idx3-ubyte"):
        path = folder / name
        if path.is_file():
            content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
            return numpy.frombuffer(content, numpy.uint8, offset=16).reshape(-1, 784)
    raise FileNotFoundError(f"{folder} has no MNIST training images")


def say(answer: dict):
    print(json.dumps(answer), flush=True)


def serve(start, options: argparse.Namespace):
    """`start` makes a peer of the options: version, device, restart(seed), run(iterations), which
    waits for the device and returns how many it did, and total, the sums of the losses of D and G since the restart."""
    try:
        peer = start(options)
        peer.run(3)  # compiles what is compiled
        say({"version": peer.version, "device": peer.device})
    except Exception as error:  # whatever keeps a peer from running is its answer
        say({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"})
        sys.exit(1)
    iterations = 1
    for line in sys.stdin:
        request = json.loads(line)
        if "seed" in request:
            peer.restart(request["seed"])
            steps = peer.run(request["steps"])
            loss_d, loss_g = (float(sum) / steps for sum in peer.total)
            say({"loss_d": loss_d, "loss_g": loss_g})
            continue
        while True:
            begin = time.perf_counter()
            done = peer.run(iterations)
            seconds = time.perf_counter() - begin
            if seconds >= 0.7 * request["time"]:
                break
            iterations = max(2 * iterations, int(iterations * request["time"] / seconds))
        say({"us": seconds / done * 1e6})
