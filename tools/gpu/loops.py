"""tools/kernel_report --loops: the kernels of object files and their innermost loops, as a table or as JSON."""

import concurrent.futures
import json
import pathlib
import shlex

from gpu.sass import KINDS, OTHER, Kernel, ReportFailed, demangle, read_object

LEGEND = """
bytes: the kernel's code with the functions that it calls. registers: per thread. Below each kernel: its innermost loops that hold
HMMA or FFMA, by the address of their first instruction, and the instructions of one iteration by kind. Instructions that a
thread may skip are counted."""


def objects_of(build: pathlib.Path) -> list[pathlib.Path]:
    """The object files that nvcc makes of kernels/cuda in a configured build."""
    path = build / "compile_commands.json"
    objects = []
    try:
        for entry in json.loads(path.read_text()):
            words = shlex.split(entry["command"])
            if words[0].endswith("nvcc") and pathlib.Path(entry["file"]).parts[-3:-1] == ("kernels", "cuda"):
                objects.append(pathlib.Path(entry["directory"]) / words[words.index("-o") + 1])
    except (OSError, ValueError, KeyError) as error:
        raise ReportFailed(f"cannot read {path}: {error}; configure a build with CUDA: cmake --preset cuda") from error
    if not objects:
        raise ReportFailed(f"nvcc compiles no kernels in {build}; configure a build with CUDA: cmake --preset cuda")
    return sorted(objects)


def read_all(objects: list[pathlib.Path], jobs: int) -> list[tuple[pathlib.Path, Kernel]]:
    """The kernels with plain names."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        found = [(path, kernel) for path, kernels in zip(objects, pool.map(read_object, objects)) for kernel in kernels]
    names = demangle([kernel.name for _, kernel in found])
    return [(path, kernel._replace(name=names[kernel.name])) for path, kernel in found]


def print_json(kernels: list[tuple[pathlib.Path, Kernel]]):
    print(json.dumps([{"object": str(path)} | kernel._asdict() | {"loops": [loop._asdict() for loop in kernel.loops]}
                      for path, kernel in kernels], indent=1))


def print_table(kernels: list[tuple[pathlib.Path, Kernel]]):
    kinds = (*KINDS, OTHER)
    for path, kernel in kernels:
        print(f"{path.name}: {kernel.name}: {kernel.bytes} bytes, {kernel.registers} registers")
        if kernel.loops:
            print(f"{'loop at':>12}  " + "  ".join(kinds) + "  total")
        for loop in kernel.loops:
            counts = "  ".join(f"{loop.instructions[kind]:{len(kind)}}" for kind in kinds)
            print(f"{loop.first:#12x}  {counts}  {loop.total:5}")
    print(LEGEND)


def report(objects: list[pathlib.Path], jobs: int, as_json: bool):
    kernels = read_all(objects, jobs)
    (print_json if as_json else print_table)(kernels)
