"""tools/gpu_bundle, rehearsed where there is nothing of ours and no GPU. usage: test_gpu_bundle.py (runs all tests)

Takes the programs of the build $GAN_BUILD_DIR. Exit code 77 if they are not all there, or no other root folder may be entered.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import bare_root
from sandbox import ROOT

BUILD = pathlib.Path(os.environ.get("GAN_BUILD_DIR", ROOT / "build/cuda-ci")).resolve()
BUNDLE = "gan_cuda_bundle"
PROGRAMS = ("gan_cuda", "test_kernels_gpu", "test_model_gpu", "test_train_gpu", "test_eval_gpu", "test_ptx_gpu", "test_sync_latency_gpu",
            "gan_ops_bench")
STAGES = ("build", "latencies", "bench", "tests", "same_bytes", "ncu", "operations", "sanitizers", "train", "peers")
STAND_INS = {
    "nvidia-smi": "echo 'NVIDIA H200, 580.1, 9.0, 143771 MiB'",
    "ncu": """while [[ $1 == --* ]]; do case $1 in --csv) shift ;; *) shift 2 ;; esac; done; exec "$@\"""",
    "compute-sanitizer": """while [[ $1 == --* ]]; do shift 2; done; exec "$@\"""",
}
NO_GPU = "CUDA driver|no CUDA-capable device|no usable GPU|needs a GPU"


def skip(reason: str):
    print(f"test_gpu_bundle: skipped: {reason}")
    sys.exit(77)


def make_bundle(archive: pathlib.Path, build: pathlib.Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "tools/gpu_bundle", archive, "--build", build, "--fast", *options], capture_output=True, text=True)


class Refusals(unittest.TestCase):
    """With small programs of the system in place of ours."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.build = self.folder / "build"
        self.build.mkdir()
        for name in PROGRAMS:
            shutil.copy("/usr/bin/true", self.build / name)
        self.archive = self.folder / "out.tar.xz"

    def assert_refused(self, done: subprocess.CompletedProcess, words: str):
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"gpu_bundle: .*{words}.*\n\Z")
        self.assertEqual([p.name for p in self.folder.iterdir()], ["build"])

    def test_more_than_the_limit_is_not_left_there(self):
        self.assert_refused(make_bundle(self.archive, self.build, "--limit", "0.001"), "more than 0.001")

    def test_a_program_that_is_not_built_is_named(self):
        (self.build / "test_eval_gpu").unlink()
        self.assert_refused(make_bundle(self.archive, self.build), "test_eval_gpu is not in")


class Bundle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="gan bundle ")
        cls.addClassCleanup(scratch.cleanup)
        cls.root = pathlib.Path(scratch.name) / "root"
        bare_root.make(cls.root)
        archive = pathlib.Path(scratch.name) / "bundle.tar.xz"
        done = make_bundle(archive, BUILD, "--limit", "100")
        if done.returncode:
            raise AssertionError(done.stderr)
        subprocess.run(["tar", "xJf", archive, "-C", cls.root / "root"], check=True)
        cls.bundle = cls.root / "root" / BUNDLE
        cls.cublas = []
        for line in bare_root.output_of("ldd", BUILD / "gan_cuda").splitlines():
            if found := re.search(r"(libcublas(?:Lt)?\.so\.\d+) => (/\S+)", line):
                bare_root.link_or_copy(pathlib.Path(found.group(2)), cls.root / "opt/odd" / found.group(1))
                cls.cublas.append(found.group(1))
        for name, text in STAND_INS.items():
            path = cls.root / "usr/bin" / name
            path.write_text(f"#!/bin/bash\n{text}\n")
            path.chmod(0o755)

    def in_bundle(self, command: str, limit: float = 300, **variables: str) -> subprocess.CompletedProcess:
        return bare_root.enter(self.root, "/usr/bin/bash", "-c", f"cd /root/{BUNDLE} && {command}", limit=limit, **variables)

    def link_cublas(self):
        done = self.in_bundle("./gpu_check /tmp/first build")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_manifest_has_every_file(self):
        files = {str(p.relative_to(self.bundle)): p for p in self.bundle.rglob("*")
                 if p.is_file() and not p.is_symlink() and "__pycache__" not in p.parts}
        self.assertTrue(files.pop("manifest.json"))
        manifest = json.loads((self.bundle / "manifest.json").read_text())
        self.assertTrue(manifest["commit"])
        self.assertEqual(manifest["files"], {name: {"bytes": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
                                             for name, p in files.items()})

    def test_programs_look_for_libraries_beside_themselves(self):
        for name in PROGRAMS:
            dynamic = bare_root.output_of("readelf", "-d", self.bundle / "bin" / name)
            self.assertRegex(dynamic, r"\(RPATH\) .*\[\$ORIGIN/\.\./lib\]", name)
            self.assertNotIn("(RUNPATH)", dynamic, name)

    def test_no_path_of_this_checkout_is_in_them(self):
        """But those of sources and their folders, in failed assertions and in line tables, by which compute-sanitizer names lines."""
        checkout = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE).group(1)
        roots = "|".join(re.escape(str(root)) for root in (checkout, f"{BUILD}/../.."))
        source = re.compile(f"({roots})/(kernels|tests|host)[/\\w]*([.](cpp|cu|h))?\0".encode())
        for file in (self.bundle / "bin").iterdir():
            left = source.sub(b"", file.read_bytes())
            found = re.findall(re.escape(checkout).encode() + rb"/[ -~]*", left)
            self.assertEqual(found, [], file.name)

    def test_without_cublas_one_line_says_so(self):
        (self.root / "opt/odd").rename(self.root / "opt/hidden")
        self.addCleanup((self.root / "opt/hidden").rename, self.root / "opt/odd")
        for name in self.cublas:
            (self.bundle / "lib" / name).unlink(missing_ok=True)
            (self.root / "opt/hidden" / name).rename(self.root / "opt/hidden" / f"{name}.away")
            self.addCleanup((self.root / "opt/hidden" / f"{name}.away").rename, self.root / "opt/hidden" / name)
        done = self.in_bundle("./gpu_check /tmp/none")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Agpu_check: libcublas\S* is missing; .*\n\Z")

    def test_it_trains_and_measures_on_the_cpu(self):
        self.link_cublas()
        for command in ("train --device cpu --max-steps 20 --out /tmp/run", "bench --device cpu --iterations 5 --repeats 1"):
            done = self.in_bundle(f"bin/gan_cuda {command}")
            self.assertEqual(done.returncode, 0, command + done.stdout + done.stderr)
        self.assertTrue((self.root / "tmp/run/checkpoint.safetensors").is_file())

    def test_every_stage_ends_in_one_line_without_a_gpu(self):
        done = self.in_bundle("./gpu_check /tmp/results", limit=900)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        stages = json.loads((self.root / "tmp/results/summary.json").read_text())["stages"]
        self.assertEqual(tuple(stages), STAGES)
        self.assertEqual(stages.pop("build")["status"], "ok")
        if not (self.bundle / "data/mnist").is_dir():
            self.assertRegex(stages.pop("peers")["reason"], "data/mnist is not a folder")  # they have no digits of their own
        for name, stage in stages.items():
            with self.subTest(name):
                self.assertEqual(stage["status"], "failed")
                self.assertRegex(stage["reason"], NO_GPU)
                self.assertNotIn("\n", stage["reason"])


if __name__ == "__main__":
    missing = [name for name in PROGRAMS if not any(BUILD.rglob(name))]
    if missing:
        skip(f"{missing[0]} is not in {BUILD}")
    if absent := [tool for tool in ("patchelf", "xz", "readelf", "strip", "dpkg", "unshare") if not shutil.which(tool)]:
        skip(f"{absent[0]} is missing")
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch) / "root"
        bare_root.make(root)
        if bare_root.enter(root, "/usr/bin/true").returncode:
            skip("unshare may not be used here")
    unittest.main()
