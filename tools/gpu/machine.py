"""The machine that gpu_check runs on: its GPU, its tools, and where the programs lie."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "manifest.json"  # of a bundle (tools/gpu_bundle); a checkout has none
BUILDS = [ROOT / "build" / name for name in ("gpu_check", "cuda", "cuda-ci")]
KERNEL_TESTS = "test_kernels_gpu"
FOREIGN = ("libcublas.so.13", "libcublasLt.so.13")  # what a bundle does not bring: 600 MB


def answer_of(*command, limit: float = 60) -> str | None:
    """What a short command prints, or None if it cannot be run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def find_cuda_tool(name: str) -> str | None:
    homes = [os.environ.get("CUDA_HOME"), "/usr/local/cuda"]
    places = [os.environ.get("PATH", os.defpath)] + [f"{home}/bin" for home in homes if home]
    return shutil.which(name, path=os.pathsep.join(places))


def read_gpu() -> dict:
    keys = ("name", "driver_version", "compute_cap", "memory.total")
    line = answer_of("nvidia-smi", f"--query-gpu={','.join(keys)}", "--format=csv,noheader")
    if not line:
        sys.exit("gpu_check: there is no NVIDIA GPU here: nvidia-smi is missing or finds none")
    return dict(zip(keys, line.splitlines()[0].split(", ")))


def manifest() -> dict:
    return json.loads(MANIFEST.read_text()) if MANIFEST.is_file() else {}


def describe() -> dict:
    nvcc = find_cuda_tool("nvcc")
    release = re.search(r"release ([\d.]+)", answer_of(nvcc, "--version") or "") if nvcc else None
    commit = manifest().get("commit") or answer_of("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*")
    return {"gpu": read_gpu(), "cuda": release.group(1) if release else None, "commit": commit}


def is_built(folder: pathlib.Path) -> bool:
    return (folder / "gan_cuda").is_file() and any(folder.rglob(KERNEL_TESTS))


def find_build() -> pathlib.Path | None:
    """The folder that holds the programs, if there is one."""
    if MANIFEST.is_file():
        return ROOT / "bin"
    named = os.environ.get("GAN_BUILD_DIR")
    return next(filter(is_built, [pathlib.Path(named).resolve()] if named else BUILDS), None)


def folders_of_libraries():
    """Where a library of CUDA may lie, the likeliest first: the linker's own places, toolkits, wheels of Python, everywhere."""
    for line in (answer_of("/sbin/ldconfig", "-p") or "").splitlines():
        if "=> " in line:
            yield pathlib.Path(line.rpartition("=> ")[2]).parent
    homes = [os.environ.get("CUDA_HOME"), "/usr/local/cuda", *sorted(map(str, pathlib.Path("/usr/local").glob("cuda-*")), reverse=True)]
    for home in filter(None, homes):
        yield from (pathlib.Path(home) / part for part in ("lib64", "targets/x86_64-linux/lib"))
    yield from (folder for entry in sys.path if entry for folder in pathlib.Path(entry).glob("nvidia/*/lib"))
    everywhere = answer_of("find", "/", "-xdev", "-name", FOREIGN[0], "-not", "-path", "/proc/*", limit=120) or ""
    yield from (pathlib.Path(line).parent for line in everywhere.splitlines())


def link_foreign_libraries():
    """Links cuBLAS into the bundle's lib/, where its programs look (DT_RPATH). Exits with one line if there is none."""
    for name in FOREIGN:
        link = ROOT / "lib" / name
        if link.exists():
            continue
        folder = next((folder for folder in folders_of_libraries() if (folder / name).is_file()), None)
        if not folder:
            sys.exit(f"gpu_check: {name} is missing; it comes with the CUDA toolkit 13, or with `pip install nvidia-cublas`")
        link.unlink(missing_ok=True)  # it may point to nothing
        link.symlink_to(folder / name)


def data_options() -> list[str]:
    """MNIST where it is at hand: the bundle's, or what $GAN_MNIST_DIR names."""
    folder = ROOT / "data/mnist"
    return ["--data", str(folder)] if MANIFEST.is_file() and folder.is_dir() else []
